// Package explore is an explicit-state model checker: it visits every state
// that a model can reach, breadth first, and finds a shortest path to each
// property that fails. It knows nothing of Kubernetes or of plans.
//
// This is the plain reference engine: one map, one queue, no reduction. It
// stays in the tree for ever, since every cleverer engine must give its
// verdicts. It is tested on toy models with pinned state counts.
//
// What it does not do: liveness, fairness, symmetry, partial orders. A path is
// a finite execution; a property is a predicate on states. Pure and
// single-threaded: the same model gives the same result, states in the same
// order.
package explore

import (
	"context"
	"fmt"
)

// Edge is one step to a successor; L says what happened.
type Edge[S comparable, L any] struct {
	Label L
	To    S
}

// Model is a finite transition system. Both methods must be deterministic:
// equal arguments, equal results in equal order.
type Model[S comparable, L any] interface {
	// Init returns the initial states.
	Init() []S
	// Next appends the successors of s to buf and returns it.
	Next(s S, buf []Edge[S, L]) []Edge[S, L]
}

// Property is a predicate on states, evaluated once on every distinct state in
// the order of discovery; out is the number of its successors, 0 for a state
// where the model stops.
type Property[S comparable] struct {
	Name  string
	Holds func(s S, out int) bool
}

// Limits bound a search. Zero means no limit.
type Limits struct {
	States   int              // distinct states
	Progress func(states int) // called now and then; may be nil
}

// Result is what a search found.
type Result[S comparable, L any] struct {
	States      int // distinct states
	Transitions int
	Depth       int  // length of the longest shortest path
	Exhaustive  bool // every reachable state was visited
	// Violations gives, by property index, the first state in which it fails;
	// properties that held everywhere are absent.
	Violations map[int]S

	index  map[S]int32
	nodes  []S
	parent []int32
	label  []L
}

// Path is one execution from an initial state.
type Path[S comparable, L any] struct {
	Start S
	Steps []Edge[S, L]
}

// progressEvery is how many states pass between calls of Limits.Progress and
// looks at the context.
const progressEvery = 4096

// Run visits all states of m. It stops early, with Exhaustive false, at the
// limit on states; a cancelled context is an error. A successor that the model
// returns for a state is never dropped: a violated property does not end the
// search, so that each property gets its own shortest path.
func Run[S comparable, L any](ctx context.Context, m Model[S, L], props []Property[S], lim Limits) (*Result[S, L], error) {
	r := &Result[S, L]{Violations: map[int]S{}, index: map[S]int32{}, Exhaustive: true}
	var none L
	for _, s := range m.Init() {
		r.add(s, -1, none)
	}
	depth := make([]int32, len(r.nodes), 1024)
	var buf []Edge[S, L]
	for i := 0; i < len(r.nodes); i++ {
		if i%progressEvery == 0 {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("explore: stopped after %d states: %w", i, err)
			}
			if lim.Progress != nil {
				lim.Progress(i)
			}
		}
		s := r.nodes[i]
		buf = m.Next(s, buf[:0])
		for j, p := range props {
			if _, failed := r.Violations[j]; !failed && !p.Holds(s, len(buf)) {
				r.Violations[j] = s
			}
		}
		r.Transitions += len(buf)
		for _, e := range buf {
			if lim.States > 0 && len(r.nodes) >= lim.States {
				if _, seen := r.index[e.To]; !seen {
					r.Exhaustive = false
					continue
				}
			}
			if r.add(e.To, int32(i), e.Label) {
				depth = append(depth, depth[i]+1)
				r.Depth = max(r.Depth, int(depth[i]+1))
			}
		}
	}
	r.States = len(r.nodes)
	return r, nil
}

func (r *Result[S, L]) add(s S, parent int32, label L) bool {
	if _, seen := r.index[s]; seen {
		return false
	}
	r.index[s] = int32(len(r.nodes))
	r.nodes = append(r.nodes, s)
	r.parent = append(r.parent, parent)
	r.label = append(r.label, label)
	return true
}

// PathTo returns a shortest path to a visited state, ok false if s was never
// visited.
func (r *Result[S, L]) PathTo(s S) (p Path[S, L], ok bool) {
	i, ok := r.index[s]
	if !ok {
		return p, false
	}
	for ; r.parent[i] >= 0; i = r.parent[i] {
		p.Steps = append(p.Steps, Edge[S, L]{r.label[i], r.nodes[i]})
	}
	for a, b := 0, len(p.Steps)-1; a < b; a, b = a+1, b-1 {
		p.Steps[a], p.Steps[b] = p.Steps[b], p.Steps[a]
	}
	p.Start = r.nodes[i]
	return p, true
}

// All yields every visited state in the order of discovery.
func (r *Result[S, L]) All() func(func(S) bool) {
	return func(yield func(S) bool) {
		for _, s := range r.nodes {
			if !yield(s) {
				return
			}
		}
	}
}
