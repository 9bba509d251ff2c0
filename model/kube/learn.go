package kube

import (
	"math"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// learn reads facts off a cluster that was observed: containers that are
// ready show that they run and that their probes answer; images that cannot
// be pulled, containers that were killed for memory, probes that fail and
// crashes that no rule of the model explains show the opposite. What failed
// is learnt last, since it takes the rest to say what is unexplained.
func (c *cluster) learn() {
	known, running := c.world.known, map[string]bool{}
	for _, p := range c.pods {
		c.eachContainer(p, func(ctr *container, s *corev1.ContainerStatus) {
			done := ctr.init && s.State.Terminated != nil && s.State.Terminated.ExitCode == 0
			switch {
			case s.Ready && s.State.Running != nil, p.health.ready, done:
				running[ctr.Image] = true
				known.good(ctr, c.settings(c.templateFor(p), ctr, p.ref.Namespace), true)
			case s.State.Running != nil:
				running[ctr.Image] = true
				known.images[ctr.Image] = true
			}
		})
	}
	for _, p := range c.pods {
		c.eachContainer(p, func(ctr *container, s *corev1.ContainerStatus) {
			if reason, _ := blame(s); reason == imagePull && !running[ctr.Image] {
				known.images[ctr.Image] = false
			}
			c.learnFailure(p, ctr, s)
		})
	}
}

// eachContainer pairs the containers of a pod, as its template has them, with
// their statuses.
func (c *cluster) eachContainer(p *pod, f func(*container, *corev1.ContainerStatus)) {
	t := c.templateFor(p)
	for i := range t.containers {
		ctr := &t.containers[i]
		statuses := p.typed.Status.ContainerStatuses
		if ctr.init {
			statuses = p.typed.Status.InitContainerStatuses
		}
		for j := range statuses {
			if statuses[j].Name == ctr.Name {
				f(ctr, &statuses[j])
			}
		}
	}
}

func (c *cluster) learnFailure(p *pod, ctr *container, s *corev1.ContainerStatus) {
	known, namespace := c.world.known, p.ref.Namespace
	switch reason, _ := blame(s); reason {
	case oomKilled:
		known.images[ctr.Image] = true
		known.facts[runFact(ctr.Container)] = true
		seen, ok := known.memory[runFact(ctr.Container)]
		if !ok {
			seen.works = math.MaxInt64
		}
		seen.killed = max(seen.killed, memoryLimit(ctr.Container))
		known.memory[runFact(ctr.Container)] = seen
		return
	case crashLoop:
		known.images[ctr.Image] = true
		t := c.templateFor(p)
		if h := c.start(t, ctr, namespace, model.NewValuation(nil)); h.reason == "" {
			known.exact[c.settings(t, ctr, namespace)] = false
			known.varied[runFact(ctr.Container)] = true
		}
		return
	}
	if s.State.Running == nil || s.Ready || p.health.ready || ctr.ReadinessProbe == nil {
		return
	}
	known.facts[runFact(ctr.Container)] = true
	if ok, _ := c.answers(ctr, ctr.ReadinessProbe, model.NewValuation(nil)); ok {
		if _, _, fact := probeFact(ctr.Container, ctr.ReadinessProbe); fact != "" {
			known.facts[fact] = false
		}
	}
}

// settings identifies a container with all that it is configured by: its
// fields and the ConfigMaps and Secrets that its pod refers to.
func (c *cluster) settings(t *template, ctr *container, namespace string) model.Digest {
	d := ctr.digest
	for i, r := range t.refs {
		if i > 0 && t.refs[i-1].kind == r.kind && t.refs[i-1].name == r.name {
			continue
		}
		if o := c.named[r.ref(namespace)]; o != nil {
			content := o.SpecDigest()
			d = model.DigestOf(string(d[:]), string(content[:]))
		}
	}
	return d
}

// good records that a container runs, within its limit, and that its probes
// answer. Evidence of one's own eyes (seen) also overrules what the container
// declares; an assumption does not.
func (k *knowledge) good(c *container, settings model.Digest, seen bool) {
	fact := runFact(c.Container)
	k.images[c.Image] = true
	k.facts[fact] = true
	k.exact[settings] = true
	was, ok := k.memory[fact]
	if !ok {
		was.works = math.MaxInt64
	}
	was.works = min(was.works, memoryLimit(c.Container))
	k.memory[fact] = was
	for _, p := range []*corev1.Probe{c.StartupProbe, c.LivenessProbe, c.ReadinessProbe} {
		if p == nil {
			continue
		}
		port, _, f := probeFact(c.Container, p)
		if f != "" && (seen || port == 0 || declares(c.Container, port)) {
			k.facts[f] = true
		}
	}
}

// declares: the container declares the port, or none at all.
func declares(c *corev1.Container, port int32) bool {
	for _, p := range c.Ports {
		if p.ContainerPort == port {
			return true
		}
	}
	return len(c.Ports) == 0
}

// assume takes for granted that everything in the cluster starts and answers.
// known-good (a baseline) also overrules what containers declare. It returns
// how many images that concerns.
func (c *cluster) assume(knownGood bool) map[string]bool {
	images := map[string]bool{}
	for _, w := range c.workloads {
		for _, s := range w.templates() {
			for i := range s.containers {
				c.world.known.good(&s.containers[i], c.settings(s, &s.containers[i], w.ref().Namespace), knownGood)
				images[s.containers[i].Image] = true
			}
		}
	}
	for _, o := range c.services {
		svc := model.As[corev1.Service](o)
		for _, w := range c.selectedBy(o) {
			for _, p := range svc.Spec.Ports {
				for i := range w.tmpl.spec.Containers {
					ctr := &w.tmpl.spec.Containers[i]
					port, ok := resolvePort(ctr, p.TargetPort)
					if ok && (declaresNothing(w.tmpl) || knownGood) {
						c.world.known.facts[servesFact(ctr, port)] = true
						break
					}
				}
			}
		}
	}
	for _, o := range c.named {
		if claim := model.As[corev1.PersistentVolumeClaim](o); claim != nil {
			c.world.known.facts[bindsFact(claim)] = true
		}
	}
	return images
}

// templates of a workload: the present one, and those of its ReplicaSets that
// have pods.
func (w *workload) templates() []*template {
	out := []*template{w.tmpl}
	for _, s := range w.sets {
		if s.tmpl != nil && s.tmpl != w.tmpl && len(s.pods) > 0 {
			out = append(out, s.tmpl)
		}
	}
	return out
}
