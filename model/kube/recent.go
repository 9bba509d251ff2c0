package kube

import (
	"sync"

	"github.com/stratus-sre/stratus/model"
)

// recent remembers the last state that was settled: a verifier asks for what a
// state settles to, and then what a wait in it guarantees, which is a part of
// the same. The answers are those of Settle; the valuation has been asked its
// questions the first time.
type recent struct {
	mu        sync.Mutex
	from, to  *model.State
	valuation *model.Valuation
}

func (r *recent) settled(s *model.State, v *model.Valuation) *model.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.from == s && r.valuation == v {
		return r.to
	}
	return nil
}

func (r *recent) keep(s *model.State, v *model.Valuation, settled *model.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.from, r.valuation, r.to = s, v, settled
}
