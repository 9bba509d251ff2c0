# METADATA
# title: At most one node is cordoned at once
# description: >-
#   No reached state has a second node unschedulable because of the plan.
# custom:
#   id: POL-availability-cordon
#   level: deny
#   scope: state
package stratus.availability.cordon

cordoned contains n.metadata.name if {
	some n in input.nodes
	n.spec.unschedulable
}

deny contains {
	"msg": sprintf("%s is cordoned while %d of %d nodes are: %s", [w.on, count(cordoned), count(input.nodes), concat(", ", sort(cordoned))]),
	"on": w.on,
	"hint": "finish one node, uncordon it, and only then begin with the next",
} if {
	count(cordoned) > 1
	some w in input.written
	w.after.spec.unschedulable
	not w.before.spec.unschedulable
}
