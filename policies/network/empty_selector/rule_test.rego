package stratus.network.empty_selector_test

import data.stratus.network.empty_selector

judge(kind, old, new) := found if {
	found := empty_selector.deny with input.action as {
		"on": "object", "ref": {"kind": kind},
		"before": {"spec": old}, "after": {"spec": new},
	}
}

test_service_emptied if count(judge("Service", {"selector": {"app": "web"}}, {"selector": {}})) == 1

test_service_selector_removed if count(judge("Service", {"selector": {"app": "web"}}, {})) == 1

test_service_selector_changed if count(judge("Service", {"selector": {"app": "wbe"}}, {"selector": {"app": "web"}})) == 0

test_service_without_selector_from_the_start if count(judge("Service", {}, {})) == 0

test_policy_emptied if {
	count(judge("NetworkPolicy", {"podSelector": {"matchLabels": {"app": "web"}}}, {"podSelector": {"matchLabels": {}}})) == 1
}

test_policy_created_for_everything if {
	found := empty_selector.deny with input.action as {
		"on": "object", "ref": {"kind": "NetworkPolicy"}, "after": {"spec": {"podSelector": {}}},
	}
	count(found) == 1
}

test_policy_for_everything_from_the_start if count(judge("NetworkPolicy", {"podSelector": {}}, {"podSelector": {}})) == 0

test_policy_narrowed if {
	count(judge("NetworkPolicy", {"podSelector": {}}, {"podSelector": {"matchLabels": {"app": "web"}}})) == 0
}

test_deleted if {
	found := empty_selector.deny with input.action as {
		"on": "object", "ref": {"kind": "Service"}, "before": {"spec": {"selector": {"app": "web"}}},
	}
	count(found) == 0
}

test_policy_changed if {
	count(judge("NetworkPolicy", {"podSelector": {"matchLabels": {"app": "a"}}}, {"podSelector": {"matchLabels": {"app": "b"}}})) == 0
}

test_policy_deleted if {
	found := empty_selector.deny with input.action as {
		"on": "object", "ref": {"kind": "NetworkPolicy"}, "before": {"spec": {"podSelector": {"matchLabels": {"app": "web"}}}},
	}
	count(found) == 0
}

test_other_kinds if {
	count(judge("Widget", {"selector": {"app": "web"}}, {"selector": {}})) == 0
	found := empty_selector.deny with input.action as {"on": "object", "ref": {"kind": "ConfigMap"}, "after": {"data": {}}}
	count(found) == 0
}
