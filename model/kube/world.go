package kube

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stratus-sre/stratus/model"
)

// Options are what a World is made of. Only State is needed.
type Options struct {
	State       *model.State        // as loaded, with or without status and pods
	Baseline    *model.State        // a known-good snapshot or rendered manifests; nil if none
	Facts       []FactEntry         // of a catalogue, see ParseFacts
	Entry       []map[string]string // label selectors: Services that match are entry services
	Obligations []model.Ref         // what should hold although neither state says so
}

// World is the physics of one cluster: what is known of it and what should
// hold in it. Immutable but for memory of what it computed; safe for
// concurrent use, as long as each call has a Valuation of its own.
type World struct {
	start         *model.State
	booted        bool
	known         *knowledge
	duties        obligations
	lasting       []tiered
	presumed      map[model.Ref]bool // refers: not in the state, and running pods need them
	foreignOwners map[model.Ref]bool // owners that the start state does not have
	templates     memo[*template]
	recent        recent

	assumptions, notes []string
}

var _ model.Physics = (*World)(nil)

// tiered is a finding of the start state.
type tiered struct {
	tier model.Tier
	model.Finding
}

// New learns facts, fixes obligations from the baseline (else from the start)
// and boots the state if it has neither pods nor ReplicaSets. It fails if
// there is no state or if booting does not come to rest.
func New(opts Options) (*World, error) {
	if opts.State == nil {
		return nil, errors.New("there is no cluster state to start from")
	}
	w := &World{known: newKnowledge(opts.Facts), foreignOwners: map[model.Ref]bool{}}
	w.booted = isManifests(opts.State)
	if !w.booted && withoutNodes(opts.State) {
		return nil, errors.New("the state has pods on nodes and no Node: export the nodes as well (kubectl get nodes -o yaml), or what can be scheduled cannot be told")
	}
	w.start = w.withNodes(opts.State)
	for o := range w.start.All() {
		if owner := o.Owner(); !owner.IsZero() && w.start.Get(owner) == nil {
			w.foreignOwners[owner] = true
		}
	}
	var baseline *cluster
	if opts.Baseline != nil {
		baseline = w.load(opts.Baseline)
		baseline.assume(true)
		baseline.learn()
	}
	w.learn(opts)
	if w.booted {
		started, err := w.Settle(w.start, model.NewValuation(nil))
		if err != nil {
			return nil, fmt.Errorf("the state has no pods and cannot be started: %w", err)
		}
		w.start = started
	}
	start := w.load(w.start)
	w.duties = oblige(start, baseline, opts)
	sev := w.Severity(w.start, model.NewValuation(nil), model.Settled)
	for _, t := range []model.Tier{model.T5, model.T6} {
		for _, f := range sev.Sets[t] {
			w.lasting = append(w.lasting, tiered{t, f})
		}
	}
	return w, nil
}

// learn learns from the start state, and says what is assumed.
func (w *World) learn(opts Options) {
	start := w.load(w.start)
	if w.booted {
		if images := start.assume(false); len(images) > 0 {
			w.assume("%s of the start state %s assumed to start, and %s probes to answer",
				plural(len(images), "image", "images"), isAre(len(images)), itsTheir(len(images)))
		}
	} else {
		start.learn()
		if w.presumed = start.presume(); len(w.presumed) > 0 {
			w.assume("%s that running pods refer to and of whose kind the state has none in their namespace: taken to be there",
				plural(len(w.presumed), "ConfigMap or Secret", "ConfigMaps and Secrets"))
		}
	}
	if absent := w.absent(); len(absent) > 0 && len(start.workloads) > 0 {
		w.assume("the state holds no %s: there are none", strings.Join(absent, ", "))
	}
	if opts.Baseline != nil {
		w.assume("the baseline is known to work: what it contains starts and answers")
	}
	if len(start.workloads) > 0 {
		w.assume("a container that ran keeps running with other environment values")
		w.assume("containers serve the ports they declare and no others, and any of those answers its service")
		w.assume("a running pod stays ready until it is removed")
	}
	if n := len(opts.Facts); n > 0 {
		w.assume("%s as the facts file says", plural(n, "image is", "images are"))
	}
	if len(start.autoscalers) > 0 {
		w.assume("autoscalers keep replicas within their bounds; what metrics do between them is not predicted")
	}
}

func (w *World) assume(format string, args ...any) {
	w.assumptions = append(w.assumptions, fmt.Sprintf(format, args...))
}

// Start returns the start state: booted if it came without pods, otherwise as
// observed, with nodes added if it had none.
func (w *World) Start() *model.State { return w.start }

// Assumptions says in words what is taken for granted, sorted.
func (w *World) Assumptions() []string { return slices.Sorted(slices.Values(w.assumptions)) }

// Notes says what a reader should know about the start state.
func (w *World) Notes() []string { return slices.Clone(w.notes) }

// NotCovered lists what is in the start state and not predicted, with counts:
// "NetworkPolicy (2)", sorted.
func (w *World) NotCovered() []string {
	count := map[string]int{}
	for o := range w.start.All() {
		r := o.Ref()
		if predicted(r) || inert(r) {
			continue
		}
		name := r.Kind
		if _, known := model.FindKind(r.Group, r.Kind); !known && r.Group != "" {
			name += "." + r.Group
		}
		count[name]++
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(count)) {
		out = append(out, fmt.Sprintf("%s (%d)", k, count[k]))
	}
	return out
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func itsTheir(n int) string {
	if n == 1 {
		return "its"
	}
	return "their"
}
