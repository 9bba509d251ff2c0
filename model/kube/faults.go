package kube

import (
	"fmt"

	"github.com/stratus-sre/stratus/model"
)

// faults is T5: predicates over objects that alerts are made of, without the
// time that alerts wait. The entity is the workload, not the pod, whose name
// means nothing. A workload that is gone, or short of replicas, fails all
// three, so that taking broken pods away never makes a state look better.
//
// Source: kubernetes-mixin, alerts/apps_alerts.libsonnet (KubePodNotReady,
// KubePodCrashLooping, KubeContainerWaiting, KubeDeploymentReplicasMismatch),
// KubeNodeNotReady, KubeHpaReplicasMismatch.
func (c *cluster) faults(sev *model.Severity) {
	duties := &c.world.duties
	for _, r := range duties.workloads {
		if c.byRef[r] == nil && duties.desired[r] > 0 {
			c.short(sev, r, "it is gone")
		}
	}
	for _, w := range c.workloads {
		if !w.obliges(c) {
			continue
		}
		c.faultsOf(sev, w, max(duties.desired[w.ref()], w.want))
	}
	for _, r := range duties.nodes {
		if n := c.nodeNamed[r.Name]; n == nil {
			sev.Add(model.T5, model.Finding{Entity: r, What: nodeNotReady, Why: "it is gone"})
		} else if !n.ready {
			sev.Add(model.T5, model.Finding{Entity: r, What: nodeNotReady, Why: "its condition Ready is not True"})
		}
	}
	for _, o := range c.autoscalers {
		if why := c.unmeasured(o); why != "" {
			sev.Add(model.T5, model.Finding{Entity: o.Ref(), What: cannotScale, Why: why})
		}
	}
}

func (c *cluster) faultsOf(sev *model.Severity, w *workload, wanted int) {
	pods, ready, blocked := 0, 0, 0
	var whyNotReady, whyBlocked string
	for p := range w.podsOf {
		pods++
		switch {
		case p.health.ready:
			ready++
		case p.health.blocked():
			blocked++
			whyBlocked = p.health.words()
			fallthrough
		default:
			whyNotReady = p.health.words()
		}
	}
	if pods < wanted {
		c.short(sev, w.ref(), fmt.Sprintf("it has %d of %s", pods, plural(wanted, "replica", "replicas")))
		return
	}
	if ready < wanted {
		sev.Add(model.T5, model.Finding{Entity: w.ref(), What: fewReplicas, Why: fmt.Sprintf("%d of %d are available", ready, wanted)})
	}
	if ready < pods {
		sev.Add(model.T5, model.Finding{Entity: w.ref(), What: podsNotReady, Why: fmt.Sprintf("%d of %d are not ready: %s", pods-ready, pods, whyNotReady)})
	}
	if blocked > 0 {
		sev.Add(model.T5, model.Finding{Entity: w.ref(), What: podsNotRun, Why: fmt.Sprintf("%d of %d: %s", blocked, pods, whyBlocked)})
	}
}

// short adds all that can be wrong with a workload.
func (c *cluster) short(sev *model.Severity, r model.Ref, why string) {
	for _, what := range []string{fewReplicas, podsNotReady, podsNotRun} {
		sev.Add(model.T5, model.Finding{Entity: r, What: what, Why: why})
	}
}
