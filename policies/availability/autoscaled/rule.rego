# METADATA
# title: Autoscaled workloads are not scaled by hand
# description: >-
#   Plans do not set the replicas of a workload that a HorizontalPodAutoscaler scales.
#   Waking one up from zero is allowed, within its bounds.
# custom:
#   id: POL-availability-autoscaled
#   level: deny
#   scope: action
package stratus.availability.autoscaled

import data.stratus.lib

replicas(o) := object.get(o, ["spec", "replicas"], 1)

deny contains {
	"msg": sprintf("%s is scaled by horizontalpodautoscaler/%s/%s, which will set its replicas back", [input.action.on, ref.namespace, name]),
	"hint": "change minReplicas or maxReplicas of the autoscaler instead",
} if {
	ref := input.action.ref
	some name, hpa in data.cluster.HorizontalPodAutoscaler[ref.namespace]
	hpa.spec.scaleTargetRef.kind == ref.kind
	hpa.spec.scaleTargetRef.name == ref.name
	replicas(lib.before) != replicas(lib.after)
	input.action.verb != "delete"
	input.action.before
	not wakes(hpa)
}

# An autoscaler leaves a workload of zero replicas alone, so only a write can
# wake it. Source: horizontal.go of Kubernetes ("ScalingDisabled").
wakes(hpa) if {
	replicas(lib.before) == 0
	replicas(lib.after) >= object.get(hpa.spec, "minReplicas", 1)
	replicas(lib.after) <= hpa.spec.maxReplicas
}
