# METADATA
# title: What cannot be taken back is accepted by somebody
# description: >-
#   An action of class R3 needs an accept of irreversible for its object, in force.
# custom:
#   id: POL-plan-irreversible
#   level: deny
#   scope: action
package stratus.plan.irreversible

import data.stratus.lib

deny contains {
	"msg": sprintf("%s of %s cannot be taken back: %s", [input.action.do, input.action.on, input.action.why]),
	"hint": sprintf("choose an action that can, or add accepts: [{loss: \"irreversible\", on: \"%s\", …}]", [input.action.on]),
} if {
	input.action.class == "R3"
	not lib.accepted("irreversible", input.action.on)
}
