# METADATA
# title: Data and everything that holds it is not deleted
# description: >-
#   Plans do not delete PersistentVolumeClaims, PersistentVolumes, Namespaces or
#   CustomResourceDefinitions.
# custom:
#   id: POL-data-deletion
#   level: deny
#   scope: action
package stratus.data.deletion

# What goes with the object, in words. Source: pv_controller.go of Kubernetes
# (reclaim policy Delete), namespace and CRD finalization.
holds := {
	"PersistentVolumeClaim": "its volume and the data on it",
	"PersistentVolume": "the data on it",
	"Namespace": "every object inside",
	"CustomResourceDefinition": "every object of its kind",
}

deny contains {
	"msg": sprintf("%s is deleted, and %s with it", [input.action.on, what]),
	"hint": "leave it; what is no longer used can be removed by a person after the incident",
} if {
	input.action.verb == "delete"
	what := holds[input.action.ref.kind]
}
