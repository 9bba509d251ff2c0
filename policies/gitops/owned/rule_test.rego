package stratus.gitops.owned_test

import data.stratus.gitops.owned

action(metadata) := {
	"on": "deployment/shop/cart", "verb": "patch",
	"before": {"kind": "Deployment", "metadata": metadata},
	"changes": [{"path": "spec.replicas", "before": 1, "after": 2}],
	"patch": "@@ spec.replicas @@",
}

application := {"Application.argoproj.io": {"argocd": {"shop": {}}}}

judge(metadata) := found if {
	found := owned.deny with input.action as action(metadata) with data.cluster as application
}

test_argo_tracking_id if {
	id := "shop:apps/Deployment:shop/cart"
	found := judge({"annotations": {"argocd.argoproj.io/tracking-id": id}})
	found == {{
		"msg": "deployment/shop/cart is applied from Git by Argo CD (shop), which will take this change back",
		"hint": "make the change in the repository; it is printed as a patch",
		"patch": "@@ spec.replicas @@",
	}}
}

test_argo_tracking_id_and_label if {
	count(judge({
		"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/cart"},
		"labels": {"argocd.argoproj.io/instance": "shop"},
	})) == 1
}

test_argo_label if count(judge({"labels": {"argocd.argoproj.io/instance": "shop"}})) == 1

test_instance_of_an_application if count(judge({"labels": {"app.kubernetes.io/instance": "shop"}})) == 1

test_instance_of_a_helm_release if count(judge({"labels": {"app.kubernetes.io/instance": "other"}})) == 0

test_flux_kustomization if count(judge({"labels": {"kustomize.toolkit.fluxcd.io/name": "shop"}})) == 1

test_flux_helm_release if count(judge({"labels": {"helm.toolkit.fluxcd.io/name": "shop"}})) == 1

test_two_owners if {
	some d in judge({"labels": {"argocd.argoproj.io/instance": "shop", "helm.toolkit.fluxcd.io/name": "cart"}})
	d.msg == "deployment/shop/cart is applied from Git by Argo CD (shop) and Flux (helm release cart), which will take this change back"
}

test_created if {
	found := owned.deny with input.action as {"on": "deployment/shop/cart", "after": {"metadata": {"labels": {"argocd.argoproj.io/instance": "shop"}}}}
	count(found) == 0
}

test_flux_paused if {
	count(judge({
		"labels": {"kustomize.toolkit.fluxcd.io/name": "shop"},
		"annotations": {"kustomize.toolkit.fluxcd.io/reconcile": "disabled"},
	})) == 0
}

test_pod_of_a_controller if {
	count(judge({
		"labels": {"argocd.argoproj.io/instance": "shop"},
		"ownerReferences": [{"kind": "ReplicaSet", "controller": true}],
	})) == 0
}

test_restart if {
	stamp := {"changes": [{"path": "spec.template.metadata.annotations.kubectl.kubernetes.io/restartedAt", "after": "t1"}]}
	found := owned.deny with input.action as object.union(action({"labels": {"argocd.argoproj.io/instance": "shop"}}), stamp)
	count(found) == 0
}

test_nobody if count(judge({"labels": {"app": "cart"}})) == 0

test_no_changes_given if {
	found := owned.deny with input.action as object.union(action({"labels": {"argocd.argoproj.io/instance": "shop"}}), {"changes": []})
	count(found) == 1
}

test_owned_by_no_controller if {
	count(judge({
		"labels": {"argocd.argoproj.io/instance": "shop"},
		"ownerReferences": [{"kind": "ConfigMap", "controller": false}],
	})) == 1
}
