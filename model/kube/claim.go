package kube

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// unbound says which claim of a pod keeps it from being scheduled, "" if none.
// Source: k8s.io/kubernetes v1.36 pkg/scheduler/framework/plugins/volumebinding.
func (c *cluster) unbound(t *template, namespace string, v *model.Valuation) string {
	for i := range t.spec.Volumes {
		s := t.spec.Volumes[i].PersistentVolumeClaim
		if s == nil {
			continue
		}
		o := c.named[model.Ref{Kind: "PersistentVolumeClaim", Namespace: namespace, Name: s.ClaimName}]
		claim := model.As[corev1.PersistentVolumeClaim](o)
		switch {
		case claim == nil:
			return fmt.Sprintf("persistentvolumeclaim %q not found", s.ClaimName)
		case claim.DeletionTimestamp != nil:
			return fmt.Sprintf("persistentvolumeclaim %q is being deleted", s.ClaimName)
		case claim.Status.Phase == corev1.ClaimLost:
			return fmt.Sprintf("persistentvolumeclaim %q bound to non-existent persistentvolume %q", s.ClaimName, claim.Spec.VolumeName)
		case !c.binds(claim, v):
			return fmt.Sprintf("pod has unbound PersistentVolumeClaim %q", s.ClaimName)
		}
	}
	return ""
}

// binds: a claim is bound, or a volume of its class is there for it, or its
// class can make one. Whether an unnamed default class exists is a fact.
func (c *cluster) binds(claim *corev1.PersistentVolumeClaim, v *model.Valuation) bool {
	if claim.Status.Phase == corev1.ClaimBound {
		return true
	}
	class := ""
	if claim.Spec.StorageClassName != nil {
		class = *claim.Spec.StorageClassName
	}
	want := claim.Spec.Resources.Requests[corev1.ResourceStorage]
	classes := 0
	for _, o := range c.named { // any will do: the answer is a disjunction
		if o.Ref().Kind == "StorageClass" {
			classes++
			if o.Ref().Name == class {
				return true
			}
		}
		pv := model.As[corev1.PersistentVolume](o)
		if pv == nil || pv.Spec.StorageClassName != class || pv.Status.Phase == corev1.VolumeReleased || pv.Status.Phase == corev1.VolumeFailed {
			continue
		}
		if r := pv.Spec.ClaimRef; r != nil && (r.Namespace != claim.Namespace || r.Name != claim.Name) {
			continue
		}
		if size := pv.Spec.Capacity[corev1.ResourceStorage]; size.Cmp(want) >= 0 {
			return true
		}
	}
	if class != "" && classes > 0 {
		return false // the classes are known, and this is none of them
	}
	return c.world.known.ask(v, bindsFact(claim))
}

func bindsFact(claim *corev1.PersistentVolumeClaim) model.Fact {
	return model.Fact(fmt.Sprintf("claim %s/%s binds", claim.Namespace, claim.Name))
}
