# METADATA
# title: BoundedRisk, in Rego
# description: >-
#   A transaction has at most K actions, and no state on the way has a T0 to T2 entity, at
#   its worst moment, that the start has not, unless an outage is accepted.
# custom:
#   id: TNR004
#   level: deny
#   scope: check
package stratus.tnr.bounded_risk

import data.stratus.lib

deny contains {"msg": sprintf("transaction %s has %d actions, more than %d", [t.name, count(t.actions), input.plan.bounds.actions])} if {
	some t in input.plan.transactions
	count(t.actions) > input.plan.bounds.actions
}

deny contains {"msg": sprintf("%s gains %s: %s", [tier, f.entity, f.what])} if {
	some tier in ["T0", "T1", "T2"]
	some f in input.worst[tier]
	not f in input.start[tier]
	not f in object.get(input, ["start_worst", tier], [])
	not outage_accepted(tier, f.entity)
}

# An outage of users or services may be accepted, lost data may not.
outage_accepted(tier, entity) if {
	tier in {"T1", "T2"}
	lib.accepted("outage", entity)
}
