package kube

import (
	"fmt"

	"github.com/stratus-sre/stratus/model"
)

// Settle runs the controllers to their fixpoint, in one fixed order and with
// fixed tie-breaking. It returns s itself if there is nothing to do. An error
// means that no fixpoint was reached. Pure but for the facts that it asks v.
func (w *World) Settle(s *model.State, v *model.Valuation) (*model.State, error) {
	if out := w.recent.settled(s, v); out != nil {
		return out, nil
	}
	c := w.load(s)
	if err := c.settle(v); err != nil {
		return nil, err
	}
	out := c.flush()
	w.recent.keep(s, v, out)
	return out, nil
}

// maxPods bounds what Settle makes: a plan may ask for two thousand million.
const maxPods = 5000

// settle repeats rounds until one changes nothing. Each round of a rollout
// moves at least one pod, so the bound grows with the replicas.
func (c *cluster) settle(v *model.Valuation) error {
	limit, wanted := 32, 0
	for _, w := range c.workloads {
		limit += 4 * w.want
		wanted += w.want
	}
	if wanted > maxPods {
		return fmt.Errorf("%d pods are wanted, the model goes up to %d", wanted, maxPods)
	}
	for range limit {
		c.dirty = false
		c.collectGarbage()
		c.evictTainted()
		for _, w := range c.workloads {
			if w.deployment() != nil {
				c.rollOut(w)
			}
			if w.modelled() && w.ref().Kind != "Pod" {
				for _, s := range w.sets {
					c.replicate(w, s)
				}
			}
		}
		c.schedule(v)
		c.runPods(v)
		if !c.dirty {
			return nil
		}
	}
	return fmt.Errorf("the controllers did not come to rest in %d rounds", limit)
}

// flush writes the difference to a draft of the state.
func (c *cluster) flush() *model.State {
	d := c.state.Draft()
	for _, p := range c.pods {
		if p.gone && p.obj != nil {
			d.Delete(p.ref)
		}
	}
	start := c.world.start
	for _, s := range c.sets {
		switch {
		case s.gone || s.shrunk(start):
			d.Delete(s.ref)
		case s.changed:
			d.Put(s.object(start))
		}
	}
	for _, p := range c.pods {
		if p.changed && !p.gone {
			d.Put(p.object())
		}
	}
	return d.State()
}

// SettleFor returns what a successful wait on an object guarantees: what
// derives from it has settled (a workload's ReplicaSets and pods; a Service's
// workloads; a pod itself), everything else is as it was, still in flight.
func (w *World) SettleFor(s *model.State, v *model.Valuation, on model.Ref) (*model.State, error) {
	settled, err := w.Settle(s, v)
	if err != nil || settled == s {
		return settled, err
	}
	d := s.Draft()
	take := func(r model.Ref) {
		if o := settled.Get(r); o != nil {
			d.Put(o)
		} else {
			d.Delete(r)
		}
	}
	takeAll := func(owner model.Ref) {
		for _, in := range []*model.State{s, settled} {
			for set := range in.OwnedBy(owner) {
				take(set.Ref())
				for _, in := range []*model.State{s, settled} {
					for p := range in.OwnedBy(set.Ref()) {
						take(p.Ref())
					}
				}
			}
		}
	}
	switch on.Kind {
	case "Pod":
		take(on)
	case "Service":
		for _, wl := range w.load(s).selectedBy(s.Get(on)) {
			takeAll(wl.ref())
		}
	default:
		takeAll(on)
	}
	return d.State(), nil
}
