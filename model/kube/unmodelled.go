package kube

import (
	"fmt"

	"github.com/stratus-sre/stratus/model"
)

// predicted: what follows from writing an object of this kind is modelled.
func predicted(r model.Ref) bool {
	switch r.Group {
	case "":
		switch r.Kind {
		case "ConfigMap", "Secret", "Service", "Node", "Pod":
			return true
		}
	case "apps":
		return r.Kind == "Deployment" || r.Kind == "ReplicaSet"
	case "autoscaling":
		return r.Kind == "HorizontalPodAutoscaler"
	case "policy":
		return r.Kind == "PodDisruptionBudget"
	case "networking.k8s.io":
		return r.Kind == "Ingress"
	}
	return false
}

// inert: the object is read where it matters, or nothing follows from its
// being there, although writing it is not modelled.
func inert(r model.Ref) bool {
	switch r.Kind {
	case "Namespace", "ServiceAccount", "PersistentVolume", "PersistentVolumeClaim", "StorageClass",
		"Endpoints", "EndpointSlice", "Lease", "Event", "ReplicaSet", "IngressClass", "PriorityClass",
		"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "HTTPRoute",
		"PrometheusRule", "ServiceMonitor", "PodMonitor":
		return true
	}
	return false
}

// Unmodelled returns "" if the model predicts what follows from an action,
// else what it does not model.
func (w *World) Unmodelled(s *model.State, a model.Action) string {
	if !a.Verb.Writes() {
		return ""
	}
	r := a.On
	switch {
	case r.Kind == "Pod" && r.Group == "":
		return w.unmodelledPod(s, a)
	case r.Kind == "Node" && r.Group == "":
		if why := w.blindSpot(s, a); why != "" {
			return why
		}
		return w.unmodelledNode(s, a)
	case predicted(r):
		if k, ok := model.FindKind(r.Group, r.Kind); ok {
			if o := s.Get(r); o != nil && o.APIVersion() != k.APIVersion() {
				return fmt.Sprintf("%s of %s is not modelled, only %s", r.Kind, o.APIVersion(), k.APIVersion())
			}
		}
		if why := special(s.Get(r)); why != "" {
			return why
		}
		if a.Verb == model.Delete {
			return ownsOthers(s, r)
		}
		return w.blindSpot(s, a)
	case a.Verb == model.Create && r.Group == "" && (r.Kind == "ServiceAccount" || r.Kind == "PersistentVolumeClaim" || r.Kind == "PersistentVolume" || r.Kind == "Namespace"):
		return ""
	case a.Verb == model.Delete && r.Group == "" && (r.Kind == "PersistentVolumeClaim" || r.Kind == "PersistentVolume" || r.Kind == "Namespace"):
		return "" // what is lost is lost at once: T0
	}
	return fmt.Sprintf("%s is not modelled", r.Kind)
}

// unmodelledPod: pods may be evicted and deleted if their controller is
// modelled, and created on their own. Changing one would release it from its
// controller, which is not modelled.
func (w *World) unmodelledPod(s *model.State, a model.Action) string {
	switch a.Verb {
	case model.Create:
		return ""
	case model.Evict, model.Delete:
		o := s.Get(a.On)
		if o == nil || o.Owner().IsZero() || o.Owner().Kind == "ReplicaSet" {
			return ""
		}
		return fmt.Sprintf("%s is not modelled: nothing replaces %s", o.Owner().Kind, a.On)
	}
	return "changing a Pod is not modelled"
}

// unmodelledNode: a taint, or the node's removal, may take pods away whose
// controller is not modelled.
func (w *World) unmodelledNode(s *model.State, a model.Action) string {
	next, _, refusal := model.Step(s, a)
	if refusal != nil {
		return ""
	}
	c := w.load(next)
	for _, p := range c.pods {
		if p.health.node == a.On.Name && (c.driven(p) || c.adrift(p)) && !p.owner.IsZero() && p.owner.Kind != "ReplicaSet" {
			return fmt.Sprintf("%s is not modelled: nothing replaces %s", p.owner.Kind, p.ref)
		}
	}
	return ""
}
