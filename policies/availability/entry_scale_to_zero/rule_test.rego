package stratus.availability.entry_scale_to_zero_test

import data.stratus.availability.entry_scale_to_zero

workload(replicas) := {
	"kind": "Deployment",
	"spec": {"replicas": replicas, "template": {"metadata": {"labels": {"app": "web"}}}},
}

scale(from, to) := {
	"verb": "scale", "on": "deployment/shop/web",
	"ref": {"kind": "Deployment", "namespace": "shop", "name": "web"},
	"before": workload(from), "after": workload(to),
}

cluster(type) := {"Service": {"shop": {"web": {"spec": {"type": type, "selector": {"app": "web"}}}}}}

judge(action, type) := found if {
	found := entry_scale_to_zero.deny with input.action as action with data.cluster as cluster(type)
}

test_scale_to_zero if count(judge(scale(2, 0), "LoadBalancer")) == 1

test_delete if {
	action := object.union(object.remove(scale(2, 0), ["after"]), {"verb": "delete"})
	count(judge(action, "NodePort")) == 1
}

test_delete_of_a_daemon_set if {
	action := {
		"verb": "delete", "on": "daemonset/shop/web",
		"ref": {"kind": "DaemonSet", "namespace": "shop", "name": "web"},
		"before": object.union(object.remove(workload(1), ["kind"]), {"kind": "DaemonSet"}),
	}
	count(judge(action, "NodePort")) == 1
}

test_scale_down_but_not_to_zero if count(judge(scale(3, 1), "LoadBalancer")) == 0

test_internal_service if count(judge(scale(2, 0), "ClusterIP")) == 0

test_zero_at_the_start if count(judge(scale(0, 0), "LoadBalancer")) == 0

test_other_namespace if {
	action := object.union(scale(2, 0), {"ref": {"kind": "Deployment", "namespace": "test", "name": "web"}})
	count(judge(action, "LoadBalancer")) == 0
}

test_delete_of_a_workload_of_zero if {
	action := object.union(object.remove(scale(0, 0), ["after"]), {"verb": "delete"})
	count(judge(action, "NodePort")) == 0
}

test_delete_of_a_job if {
	action := object.union(object.remove(scale(1, 0), ["after"]), {"verb": "delete", "ref": {"kind": "Job"}})
	count(judge(action, "NodePort")) == 0
}
