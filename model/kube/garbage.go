package kube

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/stratus-sre/stratus/model"
)

// collectGarbage takes away what has lost its owner, its node or its reason
// to be: ReplicaSets of deleted Deployments, pods of deleted owners and nodes,
// terminating pods. Orphans that a selector claims are adopted first.
//
// Source: k8s.io/kubernetes v1.36 pkg/controller/{garbagecollector,podgc},
// controller_ref_manager.go.
func (c *cluster) collectGarbage() {
	c.adopt()
	for _, s := range c.sets {
		if !s.gone && c.ownerGone(s.owner) {
			s.gone, c.dirty = true, true
		}
	}
	for _, p := range c.pods {
		if !p.gone && (c.adrift(p) || p.terminating()) {
			c.dropPod(p)
		}
	}
}

// adrift: the pod's owner or node is gone, so the pod will go.
func (c *cluster) adrift(p *pod) bool {
	if p.set != nil {
		if p.set.gone || !p.set.owner.IsZero() && p.workload == nil && c.ownerGone(p.set.owner) {
			return true
		}
	} else if c.ownerGone(p.owner) {
		return true
	}
	return p.health.node != "" && c.nodeNamed[p.health.node] == nil
}

// terminating pods go; finalizers hold them.
func (p *pod) terminating() bool {
	return p.typed.DeletionTimestamp != nil && len(p.typed.Finalizers) == 0
}

// adopt gives ReplicaSets and pods without an owner to the Deployment or
// ReplicaSet whose selector claims them.
func (c *cluster) adopt() {
	for _, s := range c.sets {
		if !s.owner.IsZero() || s.obj == nil || s.gone {
			continue
		}
		for _, w := range c.workloads {
			if d := w.deployment(); d != nil && w.ref().Namespace == s.ref.Namespace && claims(d.Spec.Selector, s.tmpl.labels) {
				c.disown(s.ref)
				s.owner, s.changed, c.dirty = w.ref(), true, true
				w.sets = append(w.sets, s)
				for _, p := range s.pods {
					p.workload = w
				}
				break
			}
		}
	}
	for _, p := range c.pods {
		if !p.owner.IsZero() || p.gone || !p.active {
			continue
		}
		for _, s := range c.sets {
			if !s.gone && s.ref.Namespace == p.ref.Namespace && claims(s.selector(), p.typed.Labels) {
				c.disown(p.ref)
				p.owner, p.set, p.workload = s.ref, s, c.byRef[s.owner]
				if s.owner.IsZero() {
					p.workload = c.byRef[s.ref]
				}
				p.changed, c.dirty = true, true
				s.pods = append(s.pods, p)
				break
			}
		}
	}
}

// disown removes the workload that an object was for itself.
func (c *cluster) disown(r model.Ref) {
	delete(c.byRef, r)
	kept := c.workloads[:0]
	for _, w := range c.workloads {
		if w.ref() != r {
			kept = append(kept, w)
		}
	}
	c.workloads = kept
}

// claims: a controller with an empty selector claims nothing.
func claims(sel *metav1.LabelSelector, l map[string]string) bool {
	if sel == nil || len(sel.MatchLabels)+len(sel.MatchExpressions) == 0 {
		return false
	}
	if len(sel.MatchExpressions) == 0 {
		return model.Selects(sel.MatchLabels, l)
	}
	s, err := metav1.LabelSelectorAsSelector(sel)
	return err == nil && s.Matches(labels.Set(l))
}

// evictTainted takes pods off nodes that have a NoExecute taint which they do
// not tolerate, or not for ever. DaemonSets tolerate the taints of unhealthy
// nodes; pods that a node made itself tolerate all.
// Source: k8s.io/kubernetes v1.36 pkg/controller/tainteviction.
func (c *cluster) evictTainted() {
	for _, p := range c.pods {
		if !p.gone && c.driven(p) {
			c.dropPod(p)
		}
	}
}

// driven: the pod's node drives it away.
func (c *cluster) driven(p *pod) bool {
	n := c.nodeNamed[p.health.node]
	if n == nil || !n.drives || p.owner.Kind == "Node" {
		return false
	}
	return untolerated(n.taints, p.typed.Spec.Tolerations, corev1.TaintEffectNoExecute) != nil
}
