package kube

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// selectedBy returns the workloads whose pods a Service selects: their present
// template carries the labels, or one of their pods does.
func (c *cluster) selectedBy(service *model.Object) []*workload {
	svc := model.As[corev1.Service](service)
	if svc == nil || len(svc.Spec.Selector) == 0 {
		return nil
	}
	var out []*workload
	for _, w := range c.workloads {
		if w.ref().Namespace != service.Ref().Namespace {
			continue
		}
		selects := model.Selects(svc.Spec.Selector, w.tmpl.labels)
		for p := range w.podsOf {
			selects = selects || model.Selects(svc.Spec.Selector, p.typed.Labels)
		}
		if selects {
			out = append(out, w)
		}
	}
	return out
}

// podsBehind returns the active pods that a Service selects, in order.
func (c *cluster) podsBehind(service *model.Object) []*pod {
	if pods, done := c.behind[service.Ref()]; done {
		return pods
	}
	if len(c.labelled) == 0 {
		for _, p := range c.pods {
			for k, v := range p.typed.Labels { // each label has a list of its own
				if l := (label{p.ref.Namespace, k, v}); p.active {
					c.labelled[l] = append(c.labelled[l], p)
				}
			}
		}
	}
	var pods []*pod
	if svc := model.As[corev1.Service](service); svc != nil && len(svc.Spec.Selector) > 0 {
		var candidates []*pod
		for k, v := range svc.Spec.Selector { // any one will do: all are checked
			candidates = c.labelled[label{service.Ref().Namespace, k, v}]
			break
		}
		for _, p := range candidates {
			if model.Selects(svc.Spec.Selector, p.typed.Labels) {
				pods = append(pods, p)
			}
		}
	}
	c.behind[service.Ref()] = pods
	return pods
}

// endpoints counts the usable endpoints of one port of a Service at a moment:
// pods that it selects, that are ready and that serve the port. port 0 stands
// for a headless Service without ports. why says what is missing if none is
// usable; unknown, that it selects a workload whose pods the state does not tell.
//
// Source: k8s.io/endpointslice v0.36 (selection, readiness, FindPort); that a
// numeric targetPort is served is checked against what containers declare,
// which Kubernetes does not do.
func (c *cluster) endpoints(service *model.Object, port int32, v *model.Valuation, m model.Moment) (n int, why string, unknown bool) {
	svc := model.As[corev1.Service](service)
	if svc == nil {
		return 0, "the service is gone", false
	}
	sp, ok := servicePort(svc, port)
	if !ok {
		return 0, fmt.Sprintf("the service has no port %d", port), false
	}
	selected, ready, unserved, notReady := c.podsBehind(service), 0, "", ""
	other := 0
	good := map[*workload]int{}
	for _, p := range selected {
		switch {
		case !p.health.ready:
			notReady = p.health.words()
			continue
		case m == model.Worst && (c.driven(p) || c.adrift(p)):
			notReady = "its node or its owner takes it away"
			continue
		}
		ready++
		if ok, reason := c.serves(c.templateFor(p), sp, v); !ok {
			unserved = reason
			continue
		}
		if p.workload == nil {
			other++
		} else {
			good[p.workload]++
		}
	}
	n = other
	for _, w := range c.workloads { // in order, so that facts are asked in order
		if k := good[w]; k > 0 {
			fresh := true
			if m == model.Worst && w.inFlight() {
				fresh = model.Selects(svc.Spec.Selector, w.tmpl.labels)
				if fresh {
					fresh, _ = c.serves(w.tmpl, sp, v)
				}
			}
			n += w.atLeast(k, fresh, m)
		}
	}
	switch {
	case n > 0:
		return n, "", false
	case unserved != "":
		return 0, unserved, false
	case ready > 0:
		return 0, "its pods are being replaced and none is sure to stay", false
	case len(selected) > 0:
		return 0, fmt.Sprintf("%s selected, none ready, %s", plural(len(selected), "pod", "pods"), notReady), false
	}
	if ws := c.selectedBy(service); len(ws) > 0 {
		w := ws[0] // the first one tells the story
		if c.world.booted && !w.modelled() {
			if ok, reason := c.serves(w.tmpl, sp, v); !ok {
				return 0, reason, false
			}
			return 0, fmt.Sprintf("the pods of %s are not in the state", w.ref()), true
		}
		if w.want == 0 {
			return 0, fmt.Sprintf("%s is scaled to 0", w.ref()), false
		}
		return 0, fmt.Sprintf("%s has no pods", w.ref()), false
	}
	if len(svc.Spec.Selector) == 0 {
		return 0, "it has no selector", false
	}
	return 0, fmt.Sprintf("the selector %s matches no pod and no workload", pairs(svc.Spec.Selector)), false
}

// usable counts the endpoints that are usable on every port of a Service.
func (c *cluster) usable(service *model.Object, v *model.Valuation, m model.Moment) (n int, why string, unknown bool) {
	ports := portsOf(service)
	n, why, unknown = c.endpoints(service, ports[0], v, m)
	for _, p := range ports[1:] {
		k, w, u := c.endpoints(service, p, v, m)
		if k < n {
			n, why = k, w
		}
		unknown = unknown && u
	}
	return n, why, unknown
}

// portsOf lists a Service's ports, {0} if it has none.
func portsOf(service *model.Object) []int32 {
	svc := model.As[corev1.Service](service)
	if svc == nil || len(svc.Spec.Ports) == 0 {
		return []int32{0}
	}
	var out []int32
	for _, p := range svc.Spec.Ports {
		if !slices.Contains(out, p.Port) {
			out = append(out, p.Port)
		}
	}
	return out
}

func servicePort(svc *corev1.Service, port int32) (corev1.ServicePort, bool) {
	if port == 0 {
		return corev1.ServicePort{}, true
	}
	for _, p := range svc.Spec.Ports {
		if p.Port == port {
			return p, true
		}
	}
	return corev1.ServicePort{}, false
}

// serves says whether a pod serves a Service's port. A name must be declared
// by a container; a number by one, if any of them declares ports at all.
func (c *cluster) serves(t *template, p corev1.ServicePort, v *model.Valuation) (ok bool, why string) {
	if p.Port == 0 {
		return true, ""
	}
	target := p.TargetPort.IntVal
	if name := p.TargetPort.StrVal; name != "" {
		for i := range t.spec.Containers {
			for _, cp := range t.spec.Containers[i].Ports {
				if cp.Name == name && sameProtocol(cp.Protocol, p.Protocol) {
					return true, ""
				}
			}
		}
		return false, fmt.Sprintf("no container declares a port named %q, which targetPort asks for", name)
	}
	if target == 0 {
		target = p.Port // as the API server defaults it
	}
	known := c.world.known
	listed := false
	for i := range t.spec.Containers {
		ctr := &t.spec.Containers[i]
		if entry := known.catalogue[ctr.Image]; entry.Ports != nil {
			listed = true
			if slices.Contains(entry.Ports, target) {
				return true, ""
			}
			continue
		}
		if slices.Contains(declaredPorts(ctr), target) || known.facts[servesFact(ctr, target)] {
			return true, ""
		}
	}
	if listed || !declaresNothing(t) || len(t.spec.Containers) == 0 {
		return false, fmt.Sprintf("targetPort %d is served by no container", target)
	}
	fact := servesFact(&t.spec.Containers[0], target)
	return v.Choose(fact), "unless " + string(fact)
}

func servesFact(c *corev1.Container, port int32) model.Fact {
	return model.Fact(fmt.Sprintf("image %s listens on port %d", c.Image, port))
}

func declaresNothing(t *template) bool {
	return !slices.ContainsFunc(t.spec.Containers, func(c corev1.Container) bool { return len(c.Ports) > 0 })
}

func sameProtocol(a, b corev1.Protocol) bool {
	or := func(p corev1.Protocol) corev1.Protocol {
		if p == "" {
			return corev1.ProtocolTCP
		}
		return p
	}
	return or(a) == or(b)
}

// words says why a pod is not ready.
func (h health) words() string {
	s := h.reason
	if h.container != "" {
		s += " in container " + h.container
	}
	if h.message != "" {
		s += ": " + h.message
	}
	return s
}
