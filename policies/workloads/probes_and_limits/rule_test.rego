package stratus.workloads.probes_and_limits_test

import data.stratus.workloads.probes_and_limits

full := {
	"name": "main",
	"readinessProbe": {"httpGet": {"port": 8080}},
	"resources": {"limits": {"memory": "64Mi"}},
}

deployment(container) := {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [container]}}}}

judge(old, new, accepts) := found if {
	found := probes_and_limits.warn with input.accepts as accepts with input.action as {
		"on": "deployment/shop/cart",
		"before": deployment(old), "after": deployment(new),
	}
}

test_probe_removed if {
	some d in judge(full, object.remove(full, ["readinessProbe"]), [])
	d.msg == "container main of deployment/shop/cart loses its readinessProbe"
}

test_limit_removed if {
	some d in judge(full, object.remove(full, ["resources"]), [])
	d.msg == "container main of deployment/shop/cart loses its limit of memory"
}

test_probe_corrected if {
	count(judge(full, object.union(full, {"readinessProbe": {"httpGet": {"port": 9090}}}), [])) == 0
}

test_limit_raised if {
	count(judge(full, object.union(full, {"resources": {"limits": {"memory": "128Mi"}}}), [])) == 0
}

test_accepted if {
	accepts := [{"loss": "coverage", "on": "deployment/shop/cart"}]
	count(judge(full, object.remove(full, ["readinessProbe"]), accepts)) == 0
}

test_accepted_for_another if {
	accepts := [{"loss": "coverage", "on": "deployment/shop/web"}]
	count(judge(full, object.remove(full, ["readinessProbe"]), accepts)) == 1
}

test_none_from_the_start if count(judge({"name": "main"}, {"name": "main"}, [])) == 0

test_container_replaced if count(judge(full, {"name": "other"}, [])) == 0

test_other_field_removed if {
	count(judge(object.union(full, {"command": ["run"]}), full, [])) == 0
}
