// Package plan holds the action graph that agents propose and stratus proves:
// transactions in order, each a graph of actions, with goal, bounds and the
// losses that somebody accepts in writing.
//
// The package is the shared value between planner (which decodes it), verifier
// (which judges it) and executor (which runs it). It knows nothing of CUE: a
// plan's actions are already lowered to the primitives of model.Action. Plans
// are immutable once built. Pure.
//
//	plan.go       the types
//	order.go      dependencies: closure, topological order, what is unordered
//	canonical.go  canonical JSON and digest
//	graph.go      Mermaid and DOT
package plan

import (
	"time"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
)

// Plan is one proposed remediation or change.
type Plan struct {
	Name         string
	Cluster      string // metadata.cluster: uid of the kube-system namespace it was made for; "" for any
	Intent       Intent
	Summary      string
	Evidence     []Evidence
	Bounds       Bounds
	Accepts      []Accept
	Transactions []Transaction
	Goal         []Goal
	Pos          diag.Position // where the plan begins
}

// Intent says what a plan must reach to be worth running.
type Intent string

// Intents.
const (
	Repair Intent = "repair" // must strictly improve severity
	Change Intent = "change" // planned work: must reach its goal and be no worse
)

// Evidence is one reason for the plan: an obligation that is violated, or a
// symptom that only an oracle can see.
type Evidence struct {
	Obligation model.Ref // zero for an oracle's symptom
	Oracle     string    // name of an alert or probe; "" for an obligation
	Pos        diag.Position
}

// Bounds limit the plan and the exploration. Zero means the default.
type Bounds struct {
	Actions  int // K: actions a transaction; default 20
	Failures int // how many actions may fail or answer ambiguously; default 1
	Crashes  int // how many times the executor may crash; default 1
}

// Loss is what an Accept allows.
type Loss string

// Losses.
const (
	LossCapacity  Loss = "capacity"     // T4 worsens by the workload
	LossFault     Loss = "fault"        // T5 gains a failing predicate of the entity
	LossLatent    Loss = "latent"       // T6 gains a finding about the entity
	LossCoverage  Loss = "coverage"     // a check held by the entity goes away
	LossTransient Loss = "outage"       // a T1 or T2 outage of the entity while the plan runs, gone at its end
	LossUndo      Loss = "irreversible" // the last action cannot be taken back
	LossDesired   Loss = "desired"      // the workload's desired count is lower from now on
)

// Accept is the only waiver: one loss of one entity, with a reason, an owner
// and an expiry.
type Accept struct {
	Loss    Loss
	On      model.Ref
	Reason  string
	Owner   string
	Expires time.Time
	Pos     diag.Position
}

// Transaction is a graph of actions that commits or is undone as a whole.
type Transaction struct {
	Name    string
	Actions []Action // in the order of the file
	Pos     diag.Position
}

// Action is one node: what the author wrote (Do) and what it lowers to.
type Action struct {
	ID      string
	Do      string // the action kind of specs/plan: "setImage"
	After   []int  // indexes into Transaction.Actions, sorted
	Args    string // canonical JSON of the author's fields, for the digest and for people
	Op      model.Action
	Kubectl string // the kubectl command that does the same; "" where there is none
	Pos     diag.Position
}

// Goal is one condition that the settled end state must meet.
type Goal struct {
	Condition model.Condition
	Pos       diag.Position
}

// Defaults and hard limits. Source: the paper's K = 20 (assumption A3); the
// limits keep hostile plans cheap to refuse.
const (
	DefaultActions = 20
	MaxActions     = 64   // a transaction: the protocol keeps one bit an action
	MaxPlanActions = 1000 // a plan
)

// WithDefaults returns the bounds with zeroes replaced by the defaults.
func (b Bounds) WithDefaults() Bounds {
	if b.Actions == 0 {
		b.Actions = DefaultActions
	}
	if b.Failures == 0 {
		b.Failures = 1
	}
	if b.Crashes == 0 {
		b.Crashes = 1
	}
	return b
}
