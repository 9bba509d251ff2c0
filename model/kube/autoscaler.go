package kube

import (
	"fmt"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// bound applies an autoscaler's bounds to its target: the wanted replicas are
// those of the spec, lifted to minReplicas and cut to maxReplicas; 0 disables
// it. What metrics would make of it between the bounds is not modelled.
//
// A cluster writes the result into spec.replicas. The model keeps it beside
// the spec, so that widening the bounds and taking that back are inverse.
//
// Source: k8s.io/kubernetes v1.36 pkg/controller/podautoscaler/horizontal.go,
// reconcileAutoscaler.
func (c *cluster) bound(o *model.Object) {
	h := model.As[autoscalingv2.HorizontalPodAutoscaler](o)
	w := c.byRef[targetOf(o)]
	if h == nil || w == nil || w.want == 0 || !w.modelled() {
		return
	}
	w.want = min(max(w.want, minReplicas(h)), max(int(h.Spec.MaxReplicas), minReplicas(h)))
	if w.ref().Kind == "ReplicaSet" {
		w.sets[0].want = w.want
	}
}

func minReplicas(h *autoscalingv2.HorizontalPodAutoscaler) int {
	return replicas(h.Spec.MinReplicas)
}

// targetOf returns what an autoscaler scales, zero if the object is none that
// the model can read.
func targetOf(o *model.Object) model.Ref {
	h := model.As[autoscalingv2.HorizontalPodAutoscaler](o)
	if h == nil {
		return model.Ref{}
	}
	t := h.Spec.ScaleTargetRef
	return model.MakeRef(t.APIVersion, t.Kind, h.Namespace, t.Name)
}

// unmeasured says why an autoscaler on CPU utilisation cannot scale, "" if it
// can: utilisation is a share of the request, and a container has none.
func (c *cluster) unmeasured(o *model.Object) string {
	h, w := model.As[autoscalingv2.HorizontalPodAutoscaler](o), c.byRef[targetOf(o)]
	if h == nil || w == nil {
		return ""
	}
	for _, metric := range h.Spec.Metrics {
		r := metric.Resource
		if r == nil || r.Name != corev1.ResourceCPU || r.Target.Type != autoscalingv2.UtilizationMetricType {
			continue
		}
		for i := range w.tmpl.spec.Containers {
			if ctr := &w.tmpl.spec.Containers[i]; ctr.Resources.Requests.Cpu().IsZero() {
				return fmt.Sprintf("cannot scale %s: container %s has no CPU request", w.ref(), ctr.Name)
			}
		}
	}
	return ""
}
