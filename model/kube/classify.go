package kube

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// Classify says how faithfully an action can be taken back in a state, and
// why. It follows the reversibility table of docs/lifecycle.md; what the table
// does not know is R2 to change or delete. Pure.
func (w *World) Classify(s *model.State, a model.Action) (model.Class, string) {
	switch a.Verb {
	case model.Create:
		return classifyCreate(a.On)
	case model.Patch:
		return classifyPatch(s, a)
	case model.Delete:
		return classifyDelete(s, a)
	case model.Scale:
		return model.R1, "replicas return, with other pods"
	case model.Rollback:
		return model.R1, "the template returns, with other pods"
	case model.Evict:
		if o := s.Get(a.On); o != nil && o.Owner().IsZero() {
			return model.R3, "nothing re-creates a pod without a controller"
		}
		return model.R1, "the controller makes another pod; there is nothing to undo"
	}
	return model.R0, "it only looks"
}

func classifyCreate(r model.Ref) (model.Class, string) {
	switch r.Kind {
	case "Job", "CronJob":
		return model.R3, "what it runs cannot be taken back"
	case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Pod":
		return model.R1, "deleting it ends its pods"
	case "Service":
		return model.R0, "deleting it leaves nothing behind"
	case "Namespace", "CustomResourceDefinition":
		return model.R3, "deleting it takes everything in it along"
	case "PersistentVolumeClaim", "PersistentVolume":
		return model.R3, "deleting it may delete data"
	}
	return model.R0, "deleting it leaves nothing behind"
}

func classifyPatch(s *model.State, a model.Action) (model.Class, string) {
	if removesFinalizers(s, a) {
		return model.R3, "a finalizer that is gone has not done its work"
	}
	if immutable, _ := a.Patch["immutable"].(bool); immutable {
		return model.R3, "immutable cannot be unset"
	}
	spec, _ := a.Patch["spec"].(map[string]any)
	switch a.On.Kind {
	case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet":
		if spec["template"] != nil || spec["replicas"] != nil {
			return model.R1, "the spec returns, with other pods"
		}
		return model.R0, "no pod changes"
	case "PersistentVolumeClaim":
		if valueAt(spec, model.Path{"resources", "requests"}) != nil {
			return model.R3, "a claim can only grow"
		}
		return model.R0, "fields return"
	case "Job":
		return model.R3, "what it ran cannot be taken back"
	case "CronJob":
		if spec["suspend"] == false {
			return model.R3, "a missed run may start at once"
		}
		return model.R0, "fields return"
	case "Node":
		if drives(spec) {
			return model.R1, "the taint goes; pods that it drove away run elsewhere"
		}
		return model.R0, "fields return"
	case "Pod":
		return model.R1, "a pod's labels decide about its controller"
	case "ConfigMap", "Secret":
		return model.R0, "data return; containers that read them at start must be restarted"
	}
	return model.R0, "fields return"
}

func classifyDelete(s *model.State, a model.Action) (model.Class, string) {
	o := s.Get(a.On)
	if o != nil && o.Meta() != nil && len(o.Meta().GetFinalizers()) > 0 {
		return model.R3, "deletion cannot be called off once begun"
	}
	switch a.On.Kind {
	case "Namespace", "CustomResourceDefinition":
		return model.R3, "everything in it goes with it"
	case "PersistentVolumeClaim", "PersistentVolume":
		return model.R3, "data may be destroyed"
	case "ServiceAccount":
		return model.R3, "tokens that were issued die with it"
	case "Node":
		return model.R3, "the node registers itself, or does not"
	case "Job":
		return model.R3, "what it ran cannot be taken back"
	case "Pod":
		if o != nil && !o.Owner().IsZero() {
			return model.R1, "the controller makes another pod; there is nothing to undo"
		}
		return model.R3, "nothing re-creates a pod without a controller"
	case "Service":
		if svc := model.As[corev1.Service](o); svc != nil && svc.Spec.Type == corev1.ServiceTypeLoadBalancer {
			return model.R3, "the external address is released"
		}
		return model.R2, "its cluster IP and ports may be taken meanwhile"
	case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet":
		if a.Orphan {
			return model.R2, "pods stay and are adopted again; the uid is lost"
		}
		return model.R2, "its pods die; the uid and the revision history are lost"
	}
	return model.R2, "re-created with another uid"
}

// removesFinalizers: the patch leaves out a finalizer that the object has.
func removesFinalizers(s *model.State, a model.Action) bool {
	meta, _ := a.Patch["metadata"].(map[string]any)
	if _, touched := meta["finalizers"]; !touched {
		return false
	}
	o := s.Get(a.On)
	if o == nil {
		return false
	}
	merged, err := model.Merge(o.Fields(), a.Patch)
	if err != nil {
		return false // Step refuses it
	}
	left, _ := valueAt(merged, model.Path{"metadata", "finalizers"}).([]any)
	had, _ := valueAt(o.Fields(), model.Path{"metadata", "finalizers"}).([]any)
	return slices.ContainsFunc(had, func(f any) bool { return !slices.Contains(left, f) })
}

// drives: the patch sets a NoExecute taint.
func drives(spec map[string]any) bool {
	taints, _ := spec["taints"].([]any)
	return slices.ContainsFunc(taints, func(t any) bool {
		m, _ := t.(map[string]any)
		return m["effect"] == string(corev1.TaintEffectNoExecute)
	})
}
