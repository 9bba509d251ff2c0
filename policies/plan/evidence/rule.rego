# METADATA
# title: A repair names its evidence
# description: >-
#   A plan with intent repair should name the obligation that is violated, or the oracle
#   that saw the symptom.
# custom:
#   id: POL-plan-evidence
#   level: warn
#   scope: plan
package stratus.plan.evidence

warn contains {
	"msg": "this repair does not say what is broken",
	"hint": "name a violated obligation or an oracle under evidence",
} if {
	input.plan.intent == "repair"
	count(input.plan.evidence) == 0
}
