package stratus.availability.disruption_budget_test

import data.stratus.availability.disruption_budget

pdb(spec) := {"kind": "PodDisruptionBudget", "spec": object.union({"selector": {"matchLabels": {"app": "web"}}}, spec)}

change(old, new) := {
	"verb": "patch", "on": "poddisruptionbudget/shop/web",
	"ref": {"kind": "PodDisruptionBudget"},
	"before": pdb(old), "after": pdb(new),
}

judge(action) := found if {
	found := disruption_budget.deny with input.action as action
}

test_pod_deleted if count(judge({"verb": "delete", "on": "pod/shop/web-1", "ref": {"kind": "Pod"}})) == 1

test_pod_evicted if count(judge({"verb": "evict", "on": "pod/shop/web-1", "ref": {"kind": "Pod"}})) == 0

test_budget_deleted if {
	count(judge({"verb": "delete", "on": "b", "ref": {"kind": "PodDisruptionBudget"}, "before": pdb({"minAvailable": 1})})) == 1
}

test_min_available_lowered if {
	some d in judge(change({"minAvailable": 2}, {"minAvailable": 1}))
	d.msg == "poddisruptionbudget/shop/web is loosened: minAvailable 2 -> 1"
}

test_max_unavailable_raised if count(judge(change({"maxUnavailable": "25%"}, {"maxUnavailable": "50%"}))) == 1

test_number_to_per_cent if count(judge(change({"minAvailable": 2}, {"minAvailable": "50%"}))) == 1

test_field_changed if count(judge(change({"minAvailable": 2}, {"maxUnavailable": 1}))) == 1

test_selector_changed if {
	count(judge(change({"minAvailable": 2}, {"minAvailable": 2, "selector": {"matchLabels": {"tier": "web"}}}))) == 1
}

test_tightened if {
	count(judge(change({"minAvailable": 1}, {"minAvailable": 2}))) == 0
	count(judge(change({"maxUnavailable": "50%"}, {"maxUnavailable": "25%"}))) == 0
}

test_loose_from_the_start if count(judge(change({"minAvailable": 0}, {"minAvailable": 0}))) == 0

test_created if {
	count(judge({"verb": "create", "on": "b", "ref": {"kind": "PodDisruptionBudget"}, "after": pdb({"minAvailable": 1})})) == 0
}

test_selector_of_a_service if {
	action := object.union(change({"minAvailable": 2}, {"selector": {"app": "x"}}), {"ref": {"kind": "Service"}})
	count(judge(action)) == 0
}
