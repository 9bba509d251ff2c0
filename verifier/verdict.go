package verifier

import (
	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
)

// Outcome is what is known about a plan or about one property of it.
type Outcome uint8

// Outcomes. Undecided is never safe.
const (
	Verified  Outcome = iota + 1 // holds in every execution within the bounds
	Refuted                      // fails, and here is the execution
	Undecided                    // a bound was hit, or a fact is unknown
)

// String returns "verified", "refuted" or "undecided".
func (o Outcome) String() string {
	switch o {
	case Verified:
		return "verified"
	case Refuted:
		return "refuted"
	case Undecided:
		return "undecided"
	}
	return "unknown"
}

// Verdict is the answer of Verify, with its evidence.
type Verdict struct {
	Outcome    Outcome
	Plan       string        // metadata.name
	PlanDigest string        // of the canonical plan
	Pos        diag.Position // of the plan
	State      StateInfo
	Properties []Property // TNR001 to TNR008, then policies, in a fixed order
	Before     model.Severity
	After      *model.Severity // settled end of the fault-free execution; nil if none commits
	Bounds     Bounds
	Stats      Stats
	Actions    []ActionInfo // every action in plan order, with its reversibility class
	Accepted   []string     // the waivers in force, in words
	Assumed    []string     // what was taken for granted, in words
	Unknown    []string     // facts that would decide what is undecided, in words
	NotCovered []string     // kinds and fields in the state that the model does not know
	Notes      []string     // what a reader should know: synthetic nodes, vacuous properties, E1 losses
}

// StateInfo says what was verified against.
type StateInfo struct {
	Source      string // file name(s) as the user gave them
	Cluster     string // uid of kube-system, "" if unknown
	Taken       string // RFC 3339 time of the snapshot, "" if unknown
	Baseline    string // file name(s), "" if none
	Objects     int
	Fingerprint string
}

// Property is one rule's result.
type Property struct {
	ID             string // "TNR004", or a policy's id "POL-workloads-privileged"
	Name           string // "BoundedRisk", or the policy's title
	Outcome        Outcome
	Summary        string          // one sentence for people; "" if verified
	Counterexample *Counterexample // of a refuted property that has an execution; nil for static ones
	Pos            diag.Position   // the plan line to blame; zero if none
	Witness        []string        // the entities that show it
	Facts          []string        // undecided: what would decide it
	Hint           string          // what to do about it; may be empty
	Level          string          // "error"; policies: "error" (deny) or "warning" (warn)
}

// Counterexample is one execution, shortest first found.
type Counterexample struct {
	Steps  []Step
	Faults int // failures and crashes that it needs
}

// Step is one visible step of an execution.
type Step struct {
	Action  string // action id; "" for steps of the protocol (crash, recover, gate)
	Do      string // "evict", "undo setImage", "crash", "commit"
	On      string // short form of the object; "" for protocol steps
	Pos     diag.Position
	Fault   bool
	Changes []FieldChange  // fields that the step changed
	Worst   model.Severity // worst moment after the step
	Note    string         // "users lose service/hotel/frontend: 2 -> 0 ready endpoints"
	Watch   string         // the witness's value after the step, e.g. "2"; "" if the property watches none
}

// FieldChange is one field that a step changed. Values are rendered, and
// values of Secrets never appear.
type FieldChange struct {
	Object, Path, Before, After string
}

// Bounds are what the exploration was limited to.
type Bounds struct {
	Actions, Failures, Crashes int
	States                     int  // limit on protocol states
	Exhaustive                 bool // no limit was hit
}

// Stats say how much was explored.
type Stats struct {
	States, Transitions, Depth int
	Contents                   int // distinct cluster states
	Valuations                 int // choices of unknown facts that were explored
}

// ActionInfo is what is known of one action before anything runs.
type ActionInfo struct {
	Transaction, ID, Do, On string
	Pos                     diag.Position
	Class                   model.Class
	ClassWhy                string
	Kubectl                 string
}
