# METADATA
# title: No selector is emptied
# description: >-
#   Plans do not empty the selector of a Service, nor give a NetworkPolicy one that
#   selects every pod.
# custom:
#   id: POL-network-empty-selector
#   level: deny
#   scope: action
package stratus.network.empty_selector

import data.stratus.lib

deny contains {
	"msg": sprintf("%s loses its selector: no pod is behind it any more", [input.action.on]),
	"hint": "set the labels of the pods that should serve it",
} if {
	input.action.ref.kind == "Service"
	count(lib.before.spec.selector) > 0
	lib.after != {}
	empty(lib.after, "selector")
}

deny contains {
	"msg": sprintf("%s selects every pod of the namespace", [input.action.on]),
	"hint": "select the pods that the policy is for",
} if {
	input.action.ref.kind == "NetworkPolicy"
	lib.after != {}
	empty(lib.after, "podSelector")
	not everything_before
}

everything_before if {
	lib.before != {}
	empty(lib.before, "podSelector")
}

# empty holds for a selector without a condition, and for none.
empty(o, field) if {
	s := object.get(o, ["spec", field], {})
	every _, condition in s {
		condition in [{}, []]
	}
}
