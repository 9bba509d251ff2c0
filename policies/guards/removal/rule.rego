# METADATA
# title: Guards are not removed
# description: >-
#   Plans do not delete or empty NetworkPolicies, ResourceQuotas, LimitRanges or admission
#   webhooks and policies.
# custom:
#   id: POL-guards-removal
#   level: deny
#   scope: action
package stratus.guards.removal

import data.stratus.lib

guards := {
	"NetworkPolicy", "ResourceQuota", "LimitRange",
	"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration",
	"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
}

deny contains {
	"msg": sprintf("%s is deleted, and with it everything that it refuses", [input.action.on]),
	"hint": "change the part that is in the way: a rule, one amount, the failurePolicy of one webhook",
} if {
	input.action.verb == "delete"
	input.action.ref.kind in guards
}

# content is where a guard keeps what it refuses.
content := {
	"ResourceQuota": ["spec", "hard"],
	"LimitRange": ["spec", "limits"],
	"ValidatingWebhookConfiguration": ["webhooks"],
	"MutatingWebhookConfiguration": ["webhooks"],
}

deny contains {
	"msg": sprintf("%s is emptied: %s has nothing left", [input.action.on, concat(".", at)]),
	"hint": "change the part that is in the way: one amount, the failurePolicy of one webhook",
} if {
	at := content[input.action.ref.kind]
	lib.after != {}
	count(object.get(lib.before, at, [])) > 0
	count(object.get(lib.after, at, [])) == 0
}
