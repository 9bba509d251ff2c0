package verifier

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier/policy"
)

// DefaultMaxStates is the limit on protocol states of one exploration: some ten
// seconds and a few hundred megabytes.
const DefaultMaxStates = 500_000

// World is a cluster to verify against: a start state and the physics that say
// what follows from it. *kube.World is one.
type World interface {
	model.Physics
	Start() *model.State
	Assumptions() []string // what was taken for granted
	Notes() []string       // what was added, such as nodes
	NotCovered() []string  // kinds in the state that are not modelled
}

// Request is one question: does this plan hold in this world?
type Request struct {
	Plan      *plan.Plan
	World     World
	Policies  *policy.Set // nil for none
	Now       time.Time   // decides which accepts have expired
	MaxStates int         // 0 means DefaultMaxStates
	Info      StateInfo   // copied into the verdict
	Progress  func(states int)
}

// Verify explores every execution of the plan and returns the verdict. The
// error is a diag.List if the plan does not fit the state (targets that are
// not there, a revision that does not exist), else it says why stratus could
// not tell. Several calls may share a World that is safe for concurrent use.
func Verify(ctx context.Context, r Request) (*Verdict, error) {
	switch {
	case r.Plan == nil || r.World == nil:
		return nil, fmt.Errorf("verify: a request needs a plan and a world")
	case len(r.Plan.Transactions) == 0:
		return nil, diag.List{{Pos: r.Plan.Pos, Message: "the plan has no transactions, so there is nothing to verify"}}
	}
	if r.MaxStates == 0 {
		r.MaxStates = DefaultMaxStates
	}
	accepts, notes := inForce(r.Plan.Accepts, r.Now)
	runs, err := exploreAll(ctx, r, accepts)
	if err != nil {
		return nil, err
	}
	v := &Verdict{
		Plan: r.Plan.Name, PlanDigest: r.Plan.Digest(), Pos: r.Plan.Pos, State: r.Info,
		Bounds: Bounds{
			Actions: runs.list[0].system.Bounds.Actions, Failures: runs.list[0].system.Bounds.Failures,
			Crashes: runs.list[0].system.Bounds.Crashes, States: r.MaxStates, Exhaustive: runs.exhaustive(),
		},
		Assumed: append(slices.Clone(r.World.Assumptions()), "nobody else writes what the plan writes while it runs"), NotCovered: r.World.NotCovered(),
		Notes: append(slices.Clone(r.World.Notes()), notes...),
	}
	if len(r.Plan.Transactions) > 1 {
		v.Assumed = append(v.Assumed, "a transaction commits once the cluster has settled, and only then the next one begins")
	}
	v.State.Objects = r.World.Start().Len()
	v.State.Fingerprint = r.World.Start().Fingerprint().String()
	for _, a := range accepts {
		v.Accepted = append(v.Accepted, fmt.Sprintf("%s of %s: %s (%s, until %s)", a.Loss, a.On, a.Reason, a.Owner, a.Expires.Format(time.DateOnly)))
	}
	runs.into(v)
	denials, err := runs.policies(ctx, r, accepts)
	if err != nil {
		return nil, err
	}
	v.Properties = append(v.Properties, denials...)
	v.conclude()
	return v, nil
}

// inForce returns the accepts that have not expired, and a note for each that
// has.
func inForce(accepts []plan.Accept, now time.Time) (in []plan.Accept, notes []string) {
	for _, a := range accepts {
		if !a.Expires.After(now) {
			notes = append(notes, fmt.Sprintf("the accept of %s of %s has expired on %s and does not count", a.Loss, a.On, a.Expires.Format(time.DateOnly)))
			continue
		}
		in = append(in, a)
	}
	return in, notes
}

// conclude sets the outcome from the properties: refuted beats undecided beats
// verified. Warnings do not count.
func (v *Verdict) conclude() {
	v.Outcome = Verified
	for _, p := range v.Properties {
		switch {
		case p.Level == "warning":
		case p.Outcome == Refuted:
			v.Outcome = Refuted
			return
		case p.Outcome == Undecided:
			v.Outcome = Undecided
		}
	}
}
