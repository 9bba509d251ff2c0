package kube

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// isManifests tells a state of plain manifests from an observed one: no
// controller has made anything of it yet, no kubelet has spoken.
func isManifests(s *model.State) bool {
	for o := range s.List("", "Pod") {
		if p := model.As[corev1.Pod](o); p != nil && (p.Status.Phase != "" || p.Spec.NodeName != "" || !o.Owner().IsZero()) {
			return false
		}
	}
	for range s.List("apps", "ReplicaSet") {
		return false
	}
	return true
}

// withoutNodes tells an observed state that was exported without its nodes.
func withoutNodes(s *model.State) bool {
	for range s.List("", "Node") {
		return false
	}
	for o := range s.List("", "Pod") {
		if p := model.As[corev1.Pod](o); p != nil && p.Spec.NodeName != "" {
			return true
		}
	}
	return false
}

// presume finds what an export left out: ConfigMaps and Secrets that ready pods
// refer to, in namespaces where the state has no object of that kind at all.
// Every real namespace has some, so they were not exported; that they are
// missing would be a rash conclusion from pods that run.
func (c *cluster) presume() map[model.Ref]bool {
	type place struct{ kind, namespace string }
	exported := map[place]bool{}
	for r := range c.named {
		exported[place{r.Kind, r.Namespace}] = true
	}
	out := map[model.Ref]bool{}
	for _, p := range c.pods {
		if !p.health.ready || p.set == nil || p.set.tmpl == nil {
			continue
		}
		for _, r := range p.set.tmpl.refs {
			ref := r.ref(p.ref.Namespace)
			if (ref.Kind == "ConfigMap" || ref.Kind == "Secret") && !exported[place{ref.Kind, ref.Namespace}] {
				out[ref] = true
			}
		}
	}
	return out
}

// guards are kinds whose absence from a state makes plans look safer than they
// are, if they were only left out of the export.
var guards = []model.Ref{
	{Group: "policy", Kind: "PodDisruptionBudget"}, {Group: "autoscaling", Kind: "HorizontalPodAutoscaler"},
	{Group: "networking.k8s.io", Kind: "Ingress"}, {Group: "networking.k8s.io", Kind: "NetworkPolicy"}, {Kind: "ResourceQuota"},
}

// absent lists the guards of which an observed state has none.
func (w *World) absent() []string {
	var out []string
	for _, g := range guards {
		found := w.booted
		for range w.start.List(g.Group, g.Kind) {
			found = true
			break
		}
		if !found {
			out = append(out, g.Kind)
		}
	}
	return out
}

const addedNodes = 3

// withNodes adds nodes to a state that has none: those that its pods are said
// to run on, else three. Without nodes nothing could run.
func (w *World) withNodes(s *model.State) *model.State {
	for range s.List("", "Node") {
		return s
	}
	var names []string
	for o := range s.List("", "Pod") {
		if p := model.As[corev1.Pod](o); p != nil && p.Spec.NodeName != "" && !slices.Contains(names, p.Spec.NodeName) {
			names = append(names, p.Spec.NodeName)
		}
	}
	slices.Sort(names)
	for i := len(names); i < addedNodes; i++ {
		if name := fmt.Sprintf("node-%d", i+1); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	d := s.Draft()
	for _, name := range names {
		o, err := model.NewObject(map[string]any{
			"apiVersion": "v1", "kind": "Node", "metadata": map[string]any{"name": name},
			"status": map[string]any{
				"allocatable": map[string]any{"cpu": "16", "memory": "64Gi", "pods": "110"},
				"conditions":  []any{map[string]any{"type": "Ready", "status": "True"}},
			},
		})
		if err != nil {
			// The fields are constants but for the name, which is not empty.
			panic("kube: " + err.Error())
		}
		d.Put(o)
	}
	w.notes = append(w.notes, fmt.Sprintf("no nodes in the state: %s of 16 CPU, 64 GiB were added", plural(len(names), "node", "nodes")))
	return d.State()
}
