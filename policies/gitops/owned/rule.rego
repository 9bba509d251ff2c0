# METADATA
# title: Objects that Git owns are changed in Git
# description: >-
#   Plans do not write objects that Argo CD or Flux applies from a repository. The denial
#   carries the change as a patch.
# custom:
#   id: POL-gitops-owned
#   level: deny
#   scope: action
package stratus.gitops.owned

import data.stratus.lib

metadata := object.get(lib.before, "metadata", {})

# owners are those who apply the object, by the marks that their tools leave.
# Source: argo-cd, resource tracking; Flux, labels of kustomize-controller and
# helm-controller.
owners contains sprintf("Argo CD (%s)", [split(id, ":")[0]]) if {
	id := metadata.annotations["argocd.argoproj.io/tracking-id"]
}

owners contains sprintf("Argo CD (%s)", [metadata.labels["argocd.argoproj.io/instance"]])

# Helm sets this label as well, so it counts only if it names an Application.
owners contains sprintf("Argo CD (%s)", [name]) if {
	name := metadata.labels["app.kubernetes.io/instance"]
	data.cluster["Application.argoproj.io"][_][name]
}

owners contains sprintf("Flux (kustomization %s)", [name]) if {
	name := metadata.labels["kustomize.toolkit.fluxcd.io/name"]
	not metadata.annotations["kustomize.toolkit.fluxcd.io/reconcile"] == "disabled"
}

owners contains sprintf("Flux (helm release %s)", [metadata.labels["helm.toolkit.fluxcd.io/name"]])

# A restart stamp is not in Git, and is gone with the pods that it replaced.
restart_only if {
	count(input.action.changes) > 0
	every c in input.action.changes {
		c.path == "spec.template.metadata.annotations.kubectl.kubernetes.io/restartedAt"
	}
}

deny contains {
	"msg": sprintf("%s is applied from Git by %s, which will take this change back", [input.action.on, concat(" and ", sort(owners))]),
	"hint": "make the change in the repository; it is printed as a patch",
	"patch": input.action.patch,
} if {
	count(owners) > 0
	not of_a_controller
	not restart_only
}

# Pods carry the labels of their workload; evicting one changes nothing in Git.
of_a_controller if {
	some r in metadata.ownerReferences
	r.controller
}
