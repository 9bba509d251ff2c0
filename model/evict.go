package model

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// mayEvict answers an eviction as the API server does from the disruption
// budgets that cover the pod: 429 if none may be disrupted, 500 if more than
// one budget covers it.
//
// Source: k8s.io/kubernetes v1.36 pkg/registry/core/pod/storage/eviction.go.
func mayEvict(s *State, pod *Object) *Refusal {
	p := As[corev1.Pod](pod)
	if p == nil {
		return refuse(422, "only pods can be evicted, %s is none", pod.Ref())
	}
	var covering []*Object
	for o := range s.List("policy", "PodDisruptionBudget") {
		b := As[policyv1.PodDisruptionBudget](o)
		if o.ref.Namespace == pod.ref.Namespace && b != nil && selectorMatches(b.Spec.Selector, p.Labels) {
			covering = append(covering, o)
		}
	}
	switch len(covering) {
	case 0:
		return nil
	case 1:
	default:
		return refuse(500, "%s is covered by more than one disruption budget: %s and %s", pod.ref, covering[0].ref, covering[1].ref)
	}
	budget := As[policyv1.PodDisruptionBudget](covering[0])
	allowed, healthy, desired := Disruptions(s, covering[0])
	if !podReady(p) {
		always := budget.Spec.UnhealthyPodEvictionPolicy != nil && *budget.Spec.UnhealthyPodEvictionPolicy == policyv1.AlwaysAllow
		if always || healthy >= desired {
			return nil
		}
	}
	if allowed < 1 {
		return refuse(429, "%s needs %d healthy pods and has %d", covering[0].ref, desired, healthy)
	}
	return nil
}

// Disruptions counts what a disruption budget allows in a state: how many pods
// may go, how many are healthy, how many must stay. The expected number of
// pods is the sum of their controllers' wanted replicas.
//
// Source: k8s.io/kubernetes v1.36 pkg/controller/disruption/disruption.go.
func Disruptions(s *State, budget *Object) (allowed, healthy, desired int) {
	b := As[policyv1.PodDisruptionBudget](budget)
	if b == nil {
		return 0, 0, 0
	}
	expected := 0
	owners := map[Ref]bool{}
	for o := range s.List("", "Pod") {
		p := As[corev1.Pod](o)
		if o.ref.Namespace != budget.ref.Namespace || p == nil || !selectorMatches(b.Spec.Selector, p.Labels) {
			continue
		}
		if podReady(p) {
			healthy++
		}
		if o.owner.IsZero() {
			expected++
		} else {
			owners[root(s, o.owner)] = true
		}
	}
	for owner := range owners { // a sum does not depend on the order
		expected += wantedReplicas(s.Get(owner))
	}
	switch {
	case b.Spec.MaxUnavailable != nil:
		n, err := intstr.GetScaledValueFromIntOrPercent(b.Spec.MaxUnavailable, expected, true)
		if err != nil {
			return 0, healthy, expected
		}
		desired = max(0, expected-n)
	case b.Spec.MinAvailable != nil:
		n, err := intstr.GetScaledValueFromIntOrPercent(b.Spec.MinAvailable, expected, true)
		if err != nil {
			return 0, healthy, expected
		}
		desired = n
	}
	return max(0, healthy-desired), healthy, desired
}

// root returns the Deployment behind a ReplicaSet, else the owner itself.
func root(s *State, owner Ref) Ref {
	if o := s.Get(owner); o != nil && !o.owner.IsZero() {
		return o.owner
	}
	return owner
}

func wantedReplicas(o *Object) int {
	var n *int32
	if d := As[appsv1.Deployment](o); d != nil {
		n = d.Spec.Replicas
	} else if rs := As[appsv1.ReplicaSet](o); rs != nil {
		n = rs.Spec.Replicas
	} else if sts := As[appsv1.StatefulSet](o); sts != nil {
		n = sts.Spec.Replicas
	}
	if n == nil {
		return 1
	}
	return int(*n)
}

func podReady(p *corev1.Pod) bool {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue && p.DeletionTimestamp == nil
		}
	}
	return false
}

// selectorMatches: a nil selector matches nothing, an empty one everything.
func selectorMatches(sel *metav1.LabelSelector, l map[string]string) bool {
	s, err := metav1.LabelSelectorAsSelector(sel)
	return err == nil && s.Matches(labels.Set(l))
}
