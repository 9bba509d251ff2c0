package kube

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// Phrases of findings. They identify a finding together with its entity, so
// they must not change with the state; Why says what is special about it.
const (
	isLost        = "is lost"
	noEndpoint    = "has no usable endpoint"
	leadsNowhere  = "does not lead to a service"
	notOutside    = "is not reachable from outside"
	doorShut      = "no longer answers for "
	unserved      = "is behind no service"
	fewReplicas   = "has fewer available replicas than wanted"
	podsNotReady  = "has pods that are not ready"
	podsNotRun    = "has pods that do not run"
	nodeNotReady  = "is not ready"
	cannotScale   = "cannot scale its target"
	fewEndpoints  = "has fewer than two usable endpoints"
	noWorkload    = "selects no workload"
	noTarget      = "has no target"
	noDisruptions = "allows no disruption"
	isMissing     = "is missing"
	noNode        = "takes no new pods, and no other node does"
)

// Severity reads μ off a state at a moment. Everything is judged against the
// obligations that New fixed, so that an object that is gone counts as one
// that fails.
func (w *World) Severity(s *model.State, v *model.Valuation, m model.Moment) model.Severity {
	c := w.load(s)
	var sev model.Severity
	c.integrity(&sev)
	c.outages(&sev, v, m)
	c.capacity(&sev, m)
	if m == model.Worst {
		return sev // a moment passes; faults and latent findings are about what stays
	}
	c.faults(&sev)
	c.latent(&sev)
	for _, f := range w.lasting {
		if s.Get(f.Entity) == nil {
			f.Why = "it is gone, which is no cure"
			sev.Add(f.tier, f.Finding)
		}
	}
	return sev
}

// integrity is T0: claims, volumes and namespaces that are lost, gone or going.
func (c *cluster) integrity(sev *model.Severity) {
	for _, r := range c.world.duties.kept {
		o := c.named[r]
		if o == nil {
			o = c.state.Get(r)
		}
		switch {
		case o == nil:
			sev.Add(model.T0, model.Finding{Entity: r, What: isLost, Why: "it is gone"})
		case o.Meta() != nil && o.Meta().GetDeletionTimestamp() != nil:
			sev.Add(model.T0, model.Finding{Entity: r, What: isLost, Why: "it is being deleted"})
		}
	}
	for r, o := range c.named { // Add sorts
		why := ""
		if claim := model.As[corev1.PersistentVolumeClaim](o); claim != nil && claim.Status.Phase == corev1.ClaimLost {
			why = fmt.Sprintf("its volume %s does not exist", claim.Spec.VolumeName)
		} else if pv := model.As[corev1.PersistentVolume](o); pv != nil && pv.Status.Phase == corev1.VolumeFailed {
			why = pv.Status.Message
		} else {
			continue
		}
		sev.Add(model.T0, model.Finding{Entity: r, What: isLost, Why: why})
	}
}

// outages is T1 and T2, and the part of T6 that counts endpoints.
func (c *cluster) outages(sev *model.Severity, v *model.Valuation, m model.Moment) {
	for _, d := range c.world.duties.services {
		if d.idle {
			continue
		}
		o := c.named[d.ref]
		if svc := model.As[corev1.Service](o); d.outer && svc != nil && !outer(svc) {
			sev.Add(model.T1, model.Finding{Entity: d.ref, What: notOutside, Why: fmt.Sprintf("its type is %s", svc.Spec.Type)})
		}
		tier := model.T2
		if d.entry {
			tier = model.T1
		}
		least, unknown := -1, false
		for _, port := range d.ports {
			n, why, u := c.endpoints(o, port, v, m)
			unknown = unknown || u
			if least < 0 || n < least {
				least = n
			}
			if n > 0 || u {
				continue
			}
			what := noEndpoint
			if len(d.ports) > 1 {
				what = fmt.Sprintf("%s on port %d", noEndpoint, port)
			}
			sev.Add(tier, model.Finding{Entity: d.ref, What: what, Why: why})
		}
		if least < 2 && !unknown && m == model.Settled {
			sev.Add(model.T6, model.Finding{Entity: d.ref, What: fewEndpoints, Why: fmt.Sprintf("it has %d", least)})
		}
	}
	for _, r := range c.world.duties.routes {
		if why := c.broken(r.ref); why != "" {
			sev.Add(model.T1, model.Finding{Entity: r.ref, What: leadsNowhere, Why: why})
		}
		o := c.state.Get(r.ref)
		if o == nil {
			continue
		}
		open := doors(o)
		for _, door := range r.doors {
			if !slices.Contains(open, door) {
				sev.Add(model.T1, model.Finding{Entity: r.ref, What: doorShut + door})
			}
		}
	}
}

// broken says why a route does not lead users to a Service, "" if it does.
func (c *cluster) broken(route model.Ref) string {
	o := c.state.Get(route)
	if o == nil {
		return "it is gone"
	}
	to := backends(o)
	if len(to) == 0 {
		return "it has no backend"
	}
	for _, b := range to {
		svc := model.As[corev1.Service](c.named[b.service])
		if svc == nil {
			return fmt.Sprintf("%s does not exist", b.service)
		}
		has := b.port == 0 && b.name == ""
		for _, p := range svc.Spec.Ports {
			has = has || b.port == p.Port || b.name != "" && b.name == p.Name
		}
		if !has {
			return fmt.Sprintf("%s has no port %s%s", b.service, b.name, portWord(b.port))
		}
	}
	return ""
}

func portWord(port int32) string {
	if port == 0 {
		return ""
	}
	return fmt.Sprint(port)
}

// capacity is T4: the missing share of every wanted workload, in millionths.
func (c *cluster) capacity(sev *model.Severity, m model.Moment) {
	for _, r := range c.world.duties.workloads {
		desired := c.world.duties.desired[r]
		if desired == 0 {
			continue
		}
		ready := min(c.available(c.byRef[r], m), desired)
		sev.AddMissing(r, int64(1_000_000*(desired-ready)/desired))
	}
}

// available counts a workload's ready pods at a moment; nil has none.
func (c *cluster) available(w *workload, m model.Moment) int {
	if w == nil {
		return 0
	}
	n := 0
	for p := range w.podsOf {
		if p.health.ready && (m == model.Settled || !c.driven(p) && !c.adrift(p)) {
			n++
		}
	}
	return w.atLeast(n, true, m)
}
