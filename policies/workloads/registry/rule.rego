# METADATA
# title: Images come from registries that the cluster already uses
# description: >-
#   A new image must come from a registry and first path that some workload of the start
#   state uses.
# custom:
#   id: POL-workloads-registry
#   level: deny
#   scope: action
package stratus.workloads.registry

import data.stratus.lib

# known are the registries of the start state. A kind that is not there adds none.
known contains lib.registry(image) if {
	some kind in ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"]
	some o in data.cluster[kind][_]
	some image in lib.images(o)
}

deny contains {
	"msg": sprintf("%s runs %s, and nothing in the cluster comes from %s", [input.action.on, image, lib.registry(image)]),
	"hint": sprintf("use an image of: %s", [concat(", ", sort(known))]),
} if {
	some image in lib.new_images
	not lib.registry(image) in known
}
