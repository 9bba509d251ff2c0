package kube

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// latent is T6: what hurts nobody yet. Findings of the start state whose
// entity is gone stay, see World.Severity.
//
// Source: checks of Popeye (407, 508, 600, 900, 1109, 1400) and kube-linter
// (dangling-*), as facts about objects.
func (c *cluster) latent(sev *model.Severity) {
	for _, d := range c.world.duties.services {
		if o := c.named[d.ref]; o == nil {
			sev.Add(model.T6, model.Finding{Entity: d.ref, What: noWorkload, Why: "the service is gone"})
		}
	}
	for _, o := range c.services {
		svc := model.As[corev1.Service](o)
		if svc != nil && len(svc.Spec.Selector) > 0 && len(c.podsBehind(o)) == 0 && len(c.selectedBy(o)) == 0 {
			sev.Add(model.T6, model.Finding{Entity: o.Ref(), What: noWorkload, Why: fmt.Sprintf("nothing has the labels %s", pairs(svc.Spec.Selector))})
		}
	}
	for _, w := range c.workloads {
		for _, r := range w.tmpl.refs {
			if why := c.missing(r, w.ref().Namespace); why != "" {
				sev.Add(model.T6, model.Finding{Entity: w.ref(), What: "refers to a missing " + r.kind + " " + r.name, Why: why})
			}
		}
	}
	served := map[*workload]bool{}
	for _, o := range c.services {
		for _, w := range c.selectedBy(o) {
			served[w] = true
		}
	}
	for _, r := range c.world.duties.served {
		if w := c.byRef[r]; w != nil && w.want > 0 && !served[w] {
			sev.Add(model.T6, model.Finding{Entity: r, What: unserved, Why: "a service selected it before"})
		}
	}
	if !slices.ContainsFunc(c.nodes, func(n *node) bool { return n.open() }) && len(c.nodes) > 0 {
		sev.Add(model.T6, model.Finding{Entity: nodeRef(c.nodes[0].name), What: noNode, Why: "all are cordoned, tainted or not ready"})
	}
	for _, o := range c.autoscalers {
		if target := targetOf(o); !target.IsZero() && c.state.Get(target) == nil {
			sev.Add(model.T6, model.Finding{Entity: o.Ref(), What: noTarget, Why: fmt.Sprintf("%s does not exist", target)})
		}
	}
	for _, o := range c.budgets {
		if o.Meta() == nil {
			continue // of a version that has no Go type
		}
		if allowed, healthy, desired := model.Disruptions(c.state, o); allowed < 1 {
			sev.Add(model.T6, model.Finding{Entity: o.Ref(), What: noDisruptions, Why: fmt.Sprintf("%s healthy, %d must stay", plural(healthy, "pod", "pods"), desired)})
		}
	}
	for _, o := range c.routes {
		if why := c.broken(o.Ref()); why != "" {
			sev.Add(model.T6, model.Finding{Entity: o.Ref(), What: leadsNowhere, Why: why})
		}
	}
}
