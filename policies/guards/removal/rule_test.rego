package stratus.guards.removal_test

import data.stratus.guards.removal

judge(verb, kind, old, new) := found if {
	found := removal.deny with input.action as {
		"on": "object", "verb": verb, "ref": {"kind": kind}, "before": old, "after": new,
	}
}

test_policy_deleted if {
	found := removal.deny with input.action as {
		"on": "networkpolicy/shop/cart", "verb": "delete", "ref": {"kind": "NetworkPolicy"}, "before": {"spec": {}},
	}
	{d.msg | some d in found} == {"networkpolicy/shop/cart is deleted, and with it everything that it refuses"}
}

test_quota_deleted if count(judge("delete", "ResourceQuota", {}, {})) == 1

test_webhook_deleted if count(judge("delete", "ValidatingWebhookConfiguration", {}, {})) == 1

test_quota_emptied if {
	some d in judge("patch", "ResourceQuota", {"spec": {"hard": {"pods": "10"}}}, {"spec": {}})
	d.msg == "object is emptied: spec.hard has nothing left"
}

test_webhooks_emptied if {
	count(judge("patch", "MutatingWebhookConfiguration", {"webhooks": [{"name": "a"}]}, {"webhooks": []})) == 1
}

test_quota_raised if {
	count(judge("patch", "ResourceQuota", {"spec": {"hard": {"pods": "10"}}}, {"spec": {"hard": {"pods": "20"}}})) == 0
}

test_policy_changed if count(judge("patch", "NetworkPolicy", {"spec": {"ingress": []}}, {"spec": {"ingress": [{}]}})) == 0

test_other_kind_deleted if count(judge("delete", "ConfigMap", {}, {})) == 0

test_empty_from_the_start if count(judge("patch", "ResourceQuota", {"spec": {}}, {"spec": {}})) == 0

test_deleted_is_not_emptied_too if {
	found := removal.deny with input.action as {
		"on": "object", "verb": "delete", "ref": {"kind": "ResourceQuota"}, "before": {"spec": {"hard": {"pods": "10"}}},
	}
	count(found) == 1
}
