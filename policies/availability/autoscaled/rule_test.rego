package stratus.availability.autoscaled_test

import data.stratus.availability.autoscaled

hpa := {"spec": {"minReplicas": 2, "maxReplicas": 5, "scaleTargetRef": {"kind": "Deployment", "name": "web"}}}

scale(from, to) := {
	"verb": "scale", "on": "deployment/shop/web",
	"ref": {"kind": "Deployment", "namespace": "shop", "name": "web"},
	"before": {"spec": {"replicas": from}}, "after": {"spec": {"replicas": to}},
}

judge(action) := found if {
	found := autoscaled.deny with input.action as action with data.cluster as {"HorizontalPodAutoscaler": {"shop": {"web": hpa}}}
}

test_scaled if {
	some d in judge(scale(2, 4))
	d.msg == "deployment/shop/web is scaled by horizontalpodautoscaler/shop/web, which will set its replicas back"
}

test_replicas_in_a_patch if count(judge(object.union(scale(2, 4), {"verb": "patch"}))) == 1

test_woken_up if count(judge(scale(0, 2))) == 0

test_woken_up_past_the_bounds if count(judge(scale(0, 9))) == 1

test_patch_of_another_field if count(judge(object.union(scale(2, 2), {"verb": "patch"}))) == 0

test_other_workload if {
	action := object.union(scale(2, 4), {"ref": {"name": "cart"}})
	count(judge(action)) == 0
}

test_deleted if count(judge(object.union(object.remove(scale(2, 0), ["after"]), {"verb": "delete"}))) == 0

test_woken_up_below_the_bounds if count(judge(scale(0, 1))) == 1

test_workload_of_another_kind if {
	action := object.union(scale(2, 4), {"ref": {"kind": "StatefulSet"}})
	count(judge(action)) == 0
}

test_created if count(judge(object.remove(scale(1, 3), ["before"]))) == 0
