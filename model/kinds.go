package model

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
)

// Kind is a kind of object that the model can name.
type Kind struct {
	Group, Version, Kind string
	Namespaced           bool
	short                string     // kubectl's short name
	plural               string     // only where it is not kind + "s"
	new                  func() any // the typed object, nil for kinds without a Go type here
}

// APIVersion returns "apps/v1", or "v1" for the core group.
func (k Kind) APIVersion() string {
	if k.Group == "" {
		return k.Version
	}
	return k.Group + "/" + k.Version
}

// New returns a new zero value of the kind's Go type, nil if it has none here.
func (k Kind) New() any {
	if k.new == nil {
		return nil
	}
	return k.new()
}

// FindKind looks a kind up by group and kind.
func FindKind(group, kind string) (Kind, bool) {
	k, ok := kindByGroupKind[[2]string{group, kind}]
	return k, ok
}

// kinds lists what has a short form in plans. A Go type means that fields are
// decoded strictly (k8s.io/api v0.36.3); it does not mean that a controller is
// modelled, see model/kube for that.
var kinds = []Kind{
	{"", "v1", "Pod", true, "po", "", func() any { return new(corev1.Pod) }},
	{"", "v1", "Service", true, "svc", "", func() any { return new(corev1.Service) }},
	{"", "v1", "Endpoints", true, "ep", "endpoints", nil},
	{"", "v1", "ConfigMap", true, "cm", "", func() any { return new(corev1.ConfigMap) }},
	{"", "v1", "Secret", true, "", "", func() any { return new(corev1.Secret) }},
	{"", "v1", "ServiceAccount", true, "sa", "", func() any { return new(corev1.ServiceAccount) }},
	{"", "v1", "Namespace", false, "ns", "", func() any { return new(corev1.Namespace) }},
	{"", "v1", "Node", false, "no", "", func() any { return new(corev1.Node) }},
	{"", "v1", "PersistentVolume", false, "pv", "", func() any { return new(corev1.PersistentVolume) }},
	{"", "v1", "PersistentVolumeClaim", true, "pvc", "", func() any { return new(corev1.PersistentVolumeClaim) }},
	{"", "v1", "ResourceQuota", true, "quota", "", func() any { return new(corev1.ResourceQuota) }},
	{"", "v1", "LimitRange", true, "limits", "", func() any { return new(corev1.LimitRange) }},
	{"apps", "v1", "Deployment", true, "deploy", "", func() any { return new(appsv1.Deployment) }},
	{"apps", "v1", "ReplicaSet", true, "rs", "", func() any { return new(appsv1.ReplicaSet) }},
	{"apps", "v1", "StatefulSet", true, "sts", "", func() any { return new(appsv1.StatefulSet) }},
	{"apps", "v1", "DaemonSet", true, "ds", "", func() any { return new(appsv1.DaemonSet) }},
	{"batch", "v1", "Job", true, "", "", func() any { return new(batchv1.Job) }},
	{"batch", "v1", "CronJob", true, "cj", "", func() any { return new(batchv1.CronJob) }},
	{"autoscaling", "v2", "HorizontalPodAutoscaler", true, "hpa", "", func() any { return new(autoscalingv2.HorizontalPodAutoscaler) }},
	{"policy", "v1", "PodDisruptionBudget", true, "pdb", "", func() any { return new(policyv1.PodDisruptionBudget) }},
	{"networking.k8s.io", "v1", "Ingress", true, "ing", "ingresses", func() any { return new(networkingv1.Ingress) }},
	{"networking.k8s.io", "v1", "IngressClass", false, "", "ingressclasses", func() any { return new(networkingv1.IngressClass) }},
	{"networking.k8s.io", "v1", "NetworkPolicy", true, "netpol", "networkpolicies", func() any { return new(networkingv1.NetworkPolicy) }},
	{"discovery.k8s.io", "v1", "EndpointSlice", true, "", "", func() any { return new(discoveryv1.EndpointSlice) }},
	{"rbac.authorization.k8s.io", "v1", "Role", true, "", "", func() any { return new(rbacv1.Role) }},
	{"rbac.authorization.k8s.io", "v1", "RoleBinding", true, "", "", func() any { return new(rbacv1.RoleBinding) }},
	{"rbac.authorization.k8s.io", "v1", "ClusterRole", false, "", "", func() any { return new(rbacv1.ClusterRole) }},
	{"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", false, "", "", func() any { return new(rbacv1.ClusterRoleBinding) }},
	{"storage.k8s.io", "v1", "StorageClass", false, "sc", "storageclasses", func() any { return new(storagev1.StorageClass) }},
	{"scheduling.k8s.io", "v1", "PriorityClass", false, "pc", "priorityclasses", func() any { return new(schedulingv1.PriorityClass) }},
	{"apiextensions.k8s.io", "v1", "CustomResourceDefinition", false, "crd", "", nil},
	{"admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", false, "", "", nil},
	{"admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", false, "", "", nil},
	{"gateway.networking.k8s.io", "v1", "Gateway", true, "gtw", "", nil},
	{"gateway.networking.k8s.io", "v1", "HTTPRoute", true, "", "", nil},
	{"coordination.k8s.io", "v1", "Lease", true, "", "", nil},
}

var (
	kindByName      = map[string]Kind{}
	kindByGroupKind = map[[2]string]Kind{}
)

func init() {
	for _, k := range kinds {
		kindByGroupKind[[2]string{k.Group, k.Kind}] = k
		low := strings.ToLower(k.Kind)
		plural := k.plural
		if plural == "" {
			plural = low + "s"
		}
		for _, n := range []string{low, plural, k.short} {
			if n != "" {
				kindByName[n] = k
			}
		}
	}
}
