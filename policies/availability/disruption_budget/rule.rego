# METADATA
# title: Disruption budgets are honoured
# description: >-
#   Plans evict pods instead of deleting them, and neither delete nor loosen a
#   PodDisruptionBudget.
# custom:
#   id: POL-availability-disruption-budget
#   level: deny
#   scope: action
package stratus.availability.disruption_budget

import data.stratus.lib

budget if input.action.ref.kind == "PodDisruptionBudget"

deny contains {
	"msg": sprintf("%s is deleted, which no disruption budget can refuse", [input.action.on]),
	"hint": "use evict: it does the same, and waits for the budget",
} if {
	input.action.verb == "delete"
	input.action.ref.kind == "Pod"
}

deny contains {
	"msg": sprintf("%s is deleted: nothing limits evictions any more", [input.action.on]),
	"hint": "keep the budget; add a replica if it blocks a drain",
} if {
	input.action.verb == "delete"
	budget
}

deny contains {
	"msg": sprintf("%s is loosened: %s", [input.action.on, why]),
	"hint": "keep the budget; add a replica if it blocks a drain",
} if {
	budget
	some why in loosened
}

loosened contains sprintf("%s %v -> %v", [field, old, new]) if {
	some field, sign in {"minAvailable": 1, "maxUnavailable": -1}
	old := lib.before.spec[field]
	new := lib.after.spec[field]
	amount(new) * sign < amount(old) * sign
}

# A number cannot be compared with a percentage, nor one field with the other,
# without the number of pods, so the change counts as loosening.
loosened contains sprintf("%s %v -> %v", [field, old, new]) if {
	some field in ["minAvailable", "maxUnavailable"]
	old := lib.before.spec[field]
	new := object.get(lib.after, ["spec", field], "unset")
	lib.after != {}
	unit(new) != unit(old)
}

loosened contains "the selector changes" if {
	lib.before.spec.selector != lib.after.spec.selector
}

unit(v) := "pods" if is_number(v)

unit(v) := "per cent" if {
	is_string(v)
	endswith(v, "%")
}

unit("unset") := "none"

amount(v) := v if unit(v) == "pods"

amount(v) := to_number(trim_suffix(v, "%")) if unit(v) == "per cent"
