package stratus.workloads.privileged_test

import data.stratus.workloads.privileged

deployment(spec) := {"kind": "Deployment", "spec": {"template": {"spec": spec}}}

plain := {"containers": [{"name": "main", "securityContext": {"privileged": false}}], "volumes": [{"name": "tmp", "emptyDir": {}}]}

root := {"containers": [{"name": "main", "securityContext": {"privileged": true}}]}

mount := {"volumes": [{"name": "node", "hostPath": {"path": "/"}}]}

judge(old, new) := found if {
	found := privileged.deny with input.action as {
		"on": "deployment/shop/cart",
		"before": deployment(old), "after": deployment(new),
	}
}

test_privileged_container if {
	some d in judge(plain, root)
	d.msg == "deployment/shop/cart gets the privileged container main"
}

test_host_path if {
	some d in judge(plain, mount)
	d.msg == "deployment/shop/cart gets the hostPath volume node (/)"
}

test_host_network if {
	some d in judge(plain, {"hostNetwork": true})
	d.msg == "deployment/shop/cart gets hostNetwork"
}

test_created_pod if {
	found := privileged.deny with input.action as {"on": "pod/shop/debug", "after": {"kind": "Pod", "spec": {"hostPID": true}}}
	count(found) == 1
}

test_plain if count(judge({}, plain)) == 0

test_from_the_start if count(judge(object.union(root, mount), object.union(root, mount))) == 0

test_taken_away if count(judge(root, plain)) == 0

test_deleted if {
	found := privileged.deny with input.action as {"on": "deployment/shop/cart", "before": deployment(root)}
	count(found) == 0
}
