package kube

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// node is one node of the working copy.
type node struct {
	name                  string
	typed                 *corev1.Node
	ready                 bool
	taints                []corev1.Taint // spec.taints and those that its conditions imply
	drives                bool           // a taint is NoExecute
	cpu, memory, pods     int64          // allocatable
	usedCPU, usedMem, has int64          // counted when scheduling begins
}

// open reports that a pod without tolerations may be placed on the node.
func (n *node) open() bool {
	return !slices.ContainsFunc(n.taints, func(t corev1.Taint) bool { return t.Effect != corev1.TaintEffectPreferNoSchedule })
}

// A node without status.allocatable, as in manifests, is given this much.
const (
	assumedCPU    = 16_000   // milli-CPU
	assumedMemory = 64 << 30 // bytes
	assumedPods   = 110      // the kubelet's default
)

// addNode reads a node. Being not ready, unreachable or cordoned works through
// taints, which the node controller adds; a snapshot may be older than they.
// Source: k8s.io/kubernetes v1.36 pkg/controller/nodelifecycle.
func (c *cluster) addNode(o *model.Object) {
	t := model.As[corev1.Node](o)
	if t == nil {
		return
	}
	n := &node{name: t.Name, typed: t, ready: true, taints: slices.Clone(t.Spec.Taints)}
	n.cpu, n.memory, n.pods = assumedCPU, assumedMemory, assumedPods
	if a := t.Status.Allocatable; len(a) > 0 {
		n.cpu, n.memory = a.Cpu().MilliValue(), a.Memory().Value()
		if _, ok := a[corev1.ResourcePods]; ok {
			n.pods = a.Pods().Value()
		}
	}
	// The controller also takes this taint away: after an uncordon it is stale.
	n.taints = slices.DeleteFunc(n.taints, func(t corev1.Taint) bool { return t.Key == corev1.TaintNodeUnschedulable })
	if t.Spec.Unschedulable {
		n.taint(corev1.TaintNodeUnschedulable, corev1.TaintEffectNoSchedule)
	}
	for _, cond := range t.Status.Conditions {
		if cond.Type == corev1.NodeReady && cond.Status != corev1.ConditionTrue {
			n.ready = false
			key := corev1.TaintNodeNotReady
			if cond.Status == corev1.ConditionUnknown {
				key = corev1.TaintNodeUnreachable
			}
			n.taint(key, corev1.TaintEffectNoSchedule)
			n.taint(key, corev1.TaintEffectNoExecute)
		}
	}
	n.drives = slices.ContainsFunc(n.taints, func(t corev1.Taint) bool { return t.Effect == corev1.TaintEffectNoExecute })
	c.nodes = append(c.nodes, n)
	c.nodeNamed[n.name] = n
}

func (n *node) taint(key string, effect corev1.TaintEffect) {
	if !slices.ContainsFunc(n.taints, func(t corev1.Taint) bool { return t.Key == key && t.Effect == effect }) {
		n.taints = append(n.taints, corev1.Taint{Key: key, Effect: effect})
	}
}

// untolerated returns the first taint of the effect that no toleration covers.
// A toleration for some seconds covers NoExecute only that long, which is not
// in the end.
func untolerated(taints []corev1.Taint, tolerations []corev1.Toleration, effect corev1.TaintEffect) *corev1.Taint {
	for i := range taints {
		t := &taints[i]
		if t.Effect == effect && !slices.ContainsFunc(tolerations, func(tol corev1.Toleration) bool {
			return tolerates(&tol, t) && (effect != corev1.TaintEffectNoExecute || tol.TolerationSeconds == nil)
		}) {
			return t
		}
	}
	return nil
}

// tolerates is Toleration.ToleratesTaint for the operators Equal and Exists.
// Source: k8s.io/api/core/v1 toleration.go.
func tolerates(tol *corev1.Toleration, t *corev1.Taint) bool {
	if tol.Effect != "" && tol.Effect != t.Effect || tol.Key != "" && tol.Key != t.Key {
		return false
	}
	if tol.Operator == corev1.TolerationOpExists {
		return true
	}
	return tol.Key != "" && tol.Value == t.Value
}

// schedule binds pending pods to nodes, in the order of the state: to the node
// with the most free CPU, then by name. The model's own pods and those whose
// workload it knows; others are constant.
//
// Predicates: taints, nodeSelector and required node affinity, CPU, memory,
// number of pods, claims. Whether a pod that must keep apart from others, or
// near them, finds a place among them is a fact. Not modelled: volume limits
// and preemption.
// Source: k8s.io/kubernetes v1.36 pkg/scheduler/framework/plugins.
func (c *cluster) schedule(v *model.Valuation) {
	counted := false
	for _, p := range c.pods {
		if p.gone || !p.active || p.health.node != "" || p.set == nil || p.workload == nil || !p.workload.modelled() {
			continue
		}
		if !counted {
			c.countUsage()
			counted = true
		}
		t := p.set.tmpl
		n, why := c.place(t, p.ref.Namespace, v)
		if n != nil && t.choosy {
			if f := model.Fact(fmt.Sprintf("a new pod of %s finds a node that its affinity, spread and host port rules allow", p.workload.ref())); !v.Choose(f) {
				n, why = nil, "unless "+string(f)
			}
		}
		if n == nil {
			c.setHealth(p, health{reason: unschedulable, message: why})
			continue
		}
		n.use(t)
		// What becomes of it on the node is the kubelet's to say, in this round.
		c.setHealth(p, health{node: n.name, reason: creating})
	}
}

func (c *cluster) countUsage() {
	for _, n := range c.nodes {
		n.usedCPU, n.usedMem, n.has = 0, 0, 0
	}
	for _, p := range c.pods {
		n := c.nodeNamed[p.health.node]
		if n == nil || p.gone || p.typed.Status.Phase == corev1.PodSucceeded || p.typed.Status.Phase == corev1.PodFailed {
			continue
		}
		n.use(c.templateFor(p))
	}
}

func (n *node) use(t *template) {
	n.usedCPU += t.cpu
	n.usedMem += t.memory
	n.has++
}

// place returns the node for a pod, or why there is none, in the words of the
// scheduler's events.
func (c *cluster) place(t *template, namespace string, v *model.Valuation) (*node, string) {
	if why := c.unbound(t, namespace, v); why != "" {
		return nil, why
	}
	var best *node
	reasons := map[string]int{}
	for _, n := range c.nodes {
		why := n.refuses(t)
		if why != "" {
			reasons[why]++
			continue
		}
		if best == nil || n.cpu-n.usedCPU > best.cpu-best.usedCPU {
			best = n
		}
	}
	if best != nil {
		return best, ""
	}
	words := make([]string, 0, len(reasons))
	for why, n := range reasons {
		words = append(words, fmt.Sprintf("%d %s", n, why))
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Compare(a, b) })
	return nil, fmt.Sprintf("0/%d nodes are available: %s", len(c.nodes), strings.Join(words, ", "))
}

// refuses says why the pod does not fit, "" if it does.
func (n *node) refuses(t *template) string {
	for _, effect := range []corev1.TaintEffect{corev1.TaintEffectNoSchedule, corev1.TaintEffectNoExecute} {
		if taint := untolerated(n.taints, t.spec.Tolerations, effect); taint != nil {
			if taint.Key == corev1.TaintNodeUnschedulable {
				return "node(s) were unschedulable"
			}
			return fmt.Sprintf("node(s) had untolerated taint {%s: %s}", taint.Key, taint.Value)
		}
	}
	if t.spec.NodeName != "" && t.spec.NodeName != n.name || !model.Selects(t.spec.NodeSelector, n.typed.Labels) || !n.matchesAffinity(t.spec.Affinity) {
		return "node(s) didn't match Pod's node affinity/selector"
	}
	switch {
	case n.has+1 > n.pods:
		return "Too many pods"
	case t.cpu > 0 && n.usedCPU+t.cpu > n.cpu:
		return "Insufficient cpu"
	case t.memory > 0 && n.usedMem+t.memory > n.memory:
		return "Insufficient memory"
	}
	return ""
}

// matchesAffinity: one of the required terms must match; all requirements of
// a term must. A term without requirements matches nothing.
// Source: k8s.io/component-helpers scheduling/corev1/nodeaffinity.
func (n *node) matchesAffinity(a *corev1.Affinity) bool {
	if a == nil || a.NodeAffinity == nil || a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return true
	}
	return slices.ContainsFunc(a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms, func(t corev1.NodeSelectorTerm) bool {
		if len(t.MatchExpressions)+len(t.MatchFields) == 0 {
			return false
		}
		for _, r := range t.MatchExpressions {
			if !requires(r, n.typed.Labels) {
				return false
			}
		}
		for _, r := range t.MatchFields { // metadata.name is the only field
			if !requires(r, map[string]string{"metadata.name": n.name}) {
				return false
			}
		}
		return true
	})
}

func requires(r corev1.NodeSelectorRequirement, labels map[string]string) bool {
	have, ok := labels[r.Key]
	switch r.Operator {
	case corev1.NodeSelectorOpIn:
		return ok && slices.Contains(r.Values, have)
	case corev1.NodeSelectorOpNotIn:
		return !ok || !slices.Contains(r.Values, have)
	case corev1.NodeSelectorOpExists:
		return ok
	case corev1.NodeSelectorOpDoesNotExist:
		return !ok
	case corev1.NodeSelectorOpGt, corev1.NodeSelectorOpLt:
		a, err1 := strconv.ParseInt(have, 10, 64)
		if !ok || err1 != nil || len(r.Values) != 1 {
			return false
		}
		b, err2 := strconv.ParseInt(r.Values[0], 10, 64)
		if err2 != nil {
			return false
		}
		return r.Operator == corev1.NodeSelectorOpGt && a > b || r.Operator == corev1.NodeSelectorOpLt && a < b
	}
	return false
}
