# METADATA
# title: Workloads behind an entry service are not scaled to zero
# description: >-
#   Plans do not scale to zero, or delete, a workload that a Service selects which users
#   come in through.
# custom:
#   id: POL-availability-entry-scale-to-zero
#   level: deny
#   scope: action
package stratus.availability.entry_scale_to_zero

import data.stratus.lib

workload if input.action.ref.kind in {"Deployment", "StatefulSet", "ReplicaSet", "DaemonSet"}

# replicas of a workload; the API server's default is 1.
replicas(o) := 1 if o.kind == "DaemonSet"

replicas(o) := object.get(o, ["spec", "replicas"], 1) if o.kind != "DaemonSet"

stops if {
	input.action.verb == "delete"
	replicas(lib.before) > 0
}

stops if {
	replicas(lib.after) == 0
	replicas(lib.before) > 0
}

deny contains {
	"msg": sprintf("%s stops, and users come in through service/%s/%s, which selects its pods", [input.action.on, ns, name]),
	"hint": "keep at least one replica; to take a broken version out, roll it back or correct it",
} if {
	workload
	stops
	some [ns, name] in lib.entry_services
	ns == input.action.ref.namespace
	selector := data.cluster.Service[ns][name].spec.selector
	lib.selects(selector, lib.before.spec.template.metadata.labels)
}
