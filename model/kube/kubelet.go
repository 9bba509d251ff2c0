package kube

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// runPods says what becomes of every scheduled pod that is not ready. A ready
// pod stays ready: nothing in the model takes that from it but its removal.
// Configuration that changes under a running process is not seen by it.
func (c *cluster) runPods(v *model.Valuation) {
	for _, p := range c.pods {
		if p.gone || !p.active || p.health.ready || p.health.node == "" || p.set == nil || p.workload == nil || !p.workload.modelled() {
			continue
		}
		h := c.run(p.set.tmpl, p.ref.Namespace, v)
		h.node = p.health.node
		c.setHealth(p, h)
	}
}

// run starts a pod of a template: volumes, init containers in order, then
// containers. The first obstacle is the answer.
// Source: k8s.io/kubernetes v1.36 pkg/kubelet/kuberuntime/kuberuntime_manager.go.
func (c *cluster) run(t *template, namespace string, v *model.Valuation) health {
	for _, r := range t.refs {
		if r.container != "" {
			continue
		}
		if why := c.missing(r, namespace); why != "" {
			return health{reason: creating, message: "volume cannot be mounted: " + why}
		}
	}
	for i := range t.containers {
		if h := c.start(t, &t.containers[i], namespace, v); h.reason != "" {
			h.container = t.containers[i].Name
			return h
		}
	}
	for i := range t.containers {
		ctr := &t.containers[i]
		if ctr.ReadinessProbe == nil || ctr.init && !sidecar(ctr.Container) {
			continue
		}
		if ok, why := c.answers(ctr, ctr.ReadinessProbe, v); !ok {
			return health{reason: probeNotServed, container: ctr.Name, message: "readiness probe fails: " + why}
		}
	}
	return health{ready: true}
}

// start brings one container up and past its startup and liveness probes. The
// zero health means that it runs.
func (c *cluster) start(t *template, ctr *container, namespace string, v *model.Valuation) health {
	known := c.world.known
	if known.absent(ctr.Image) {
		return health{reason: imagePull, message: fmt.Sprintf("image %s cannot be pulled", ctr.Image)}
	}
	for _, r := range t.refs {
		if r.container == ctr.Name {
			if why := c.missing(r, namespace); why != "" {
				return health{reason: configError, message: why}
			}
		}
	}
	for _, name := range known.catalogue[ctr.Image].RequiresEnv {
		if value, _ := c.valueOf(ctr.Container, name, namespace); value == "" {
			return health{reason: crashLoop, message: fmt.Sprintf("image %s exits without environment variable %s", ctr.Image, name)}
		}
	}
	if ok, reason, why := known.runs(ctr, c.settings(t, ctr, namespace), v); !ok {
		return health{reason: reason, message: why}
	}
	if ok, why := known.fits(ctr, v); !ok {
		return health{reason: oomKilled, message: why}
	}
	for _, p := range []*corev1.Probe{ctr.StartupProbe, ctr.LivenessProbe} {
		if p == nil {
			continue
		}
		if ok, why := c.answers(ctr, p, v); !ok {
			return health{reason: crashLoop, message: "liveness probe fails: " + why}
		}
	}
	return health{}
}
