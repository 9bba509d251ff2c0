# METADATA
# title: System objects are not written
# description: >-
#   Plans do not write in namespaces that the cluster itself lives in, nor cluster-scoped
#   objects that belong to Kubernetes.
# custom:
#   id: POL-cluster-system-objects
#   level: deny
#   scope: action
package stratus.cluster.system_objects

# The prefix kube- is reserved; the others are where usual add-ons that guard or
# carry every workload live.
# Source: kubernetes.io, Namespaces ("avoid creating namespaces with the prefix kube-").
system_namespace(name) if startswith(name, "kube-")

system_namespace(name) if {
	name in {
		"argocd", "calico-system", "cert-manager", "flux-system", "gatekeeper-system",
		"istio-system", "kyverno", "linkerd", "tigera-operator",
	}
}

# Source: kubernetes.io, RBAC ("system:" is reserved) and PriorityClass ("system-" is reserved).
system_object(ref) if startswith(ref.name, "system:")

system_object(ref) if {
	ref.kind == "PriorityClass"
	startswith(ref.name, "system-")
}

system_object(ref) if {
	ref.kind == "Namespace"
	system_namespace(ref.name)
}

system_object(ref) if ref.kind in {"APIService", "FlowSchema", "PriorityLevelConfiguration"}

deny contains {
	"msg": sprintf("%s is in the system namespace %s", [input.action.on, ref.namespace]),
	"hint": "repair the workload that suffers, or hand this to the people who run the cluster",
} if {
	ref := input.action.ref
	system_namespace(ref.namespace)
}

deny contains {
	"msg": sprintf("%s belongs to Kubernetes itself", [input.action.on]),
	"hint": "hand this to the people who run the cluster",
} if system_object(input.action.ref)
