package tnr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/txn"
	"github.com/stratus-sre/stratus/verifier/explore"
)

// ID is the stable name of a property: a rule id in reports, a heading of
// docs/properties.md, the file that holds it here.
type ID string

// The properties.
const (
	NoRegression      ID = "TNR001"
	FaithfulUndo      ID = "TNR002"
	WriterExclusivity ID = "TNR003"
	BoundedRisk       ID = "TNR004"
	Recoverable       ID = "TNR005"
	Confluence        ID = "TNR006"
	Progress          ID = "TNR007"
	Coverage          ID = "TNR008"
)

// Path is an execution.
type Path = explore.Path[Node, Label]

// Property is one invariant of executions.
type Property struct {
	ID      ID
	Name    string
	Formula string // in words, for people

	// holds judges one node; out is the number of its successors.
	holds func(y *System, n Node, out int) bool
	// explain says what is wrong at the end of a path that violates it.
	explain func(y *System, p Path) Violation
}

// Violation says which property fails and why, in words for the engineer who
// has to act on it.
type Violation struct {
	Property ID
	Pos      diag.Position // the plan line to blame; zero if none
	Summary  string        // one sentence
	Hint     string        // what to do about it; may be empty
	Witness  []model.Ref   // the entities that show it
	Watch    model.Ref     // the service whose usable endpoints tell the story; zero if none
}

// All returns the properties in the order of their ids.
func All() []Property {
	return []Property{noRegression, faithfulUndo, writerExclusivity, boundedRisk, recoverable, confluence, progress, coverage}
}

// Check adapts a property to the checker.
func (p Property) Check(y *System) explore.Property[Node] {
	return explore.Property[Node]{Name: string(p.ID), Holds: func(n Node, out int) bool { return p.holds(y, n, out) }}
}

// Explain says what is wrong at the end of a path on which the property failed.
func (p Property) Explain(y *System, path Path) Violation {
	v := p.explain(y, path)
	v.Property = p.ID
	return v
}

// end returns the last node of a path.
func end(p Path) Node {
	if len(p.Steps) == 0 {
		return p.Start
	}
	return p.Steps[len(p.Steps)-1].To
}

// aboutToCommit reports that the node's state is what would be committed:
// before the gate, and after the irreversible action that follows it.
func aboutToCommit(n Node) bool { return n.M.Phase == txn.Gate || n.M.Phase == txn.Closing }

// lastWrite returns the position of the last write on a path to one of the
// objects, else of the last write at all: waits are not to blame.
func (y *System) lastWrite(p Path, to []model.Ref) diag.Position {
	var last diag.Position
	for _, s := range slices.Backward(p.Steps) {
		if s.Label.Event.Kind != txn.Applied || s.Label.Action < 0 {
			continue
		}
		a := y.txs[s.To.Tx].Actions[s.Label.Action]
		if slices.Contains(to, a.Op.On) {
			return a.Pos
		}
		if last.Line == 0 {
			last = a.Pos
		}
	}
	if last.Line == 0 {
		return y.lastAction(p)
	}
	return last
}

// lastAction returns the position of the last action that the path began.
func (y *System) lastAction(p Path) diag.Position {
	for _, s := range slices.Backward(p.Steps) {
		if s.Label.Action >= 0 {
			return y.txs[s.To.Tx].Actions[s.Label.Action].Pos
		}
	}
	return y.Plan.Pos
}

// describe says in words why a state is worse: outages if there are any, since
// the rest follows from them, otherwise everything.
func describe(rs []model.Regression) (summary string, witness []model.Ref) {
	outages := slices.ContainsFunc(rs, func(r model.Regression) bool { return r.Tier <= model.T2 })
	var parts []string
	for _, r := range rs {
		if outages && r.Tier > model.T2 {
			continue
		}
		f := r.Finding
		told := func(o model.Regression) bool { return o.Tier == model.T5 && o.Finding.Entity == f.Entity }
		if slices.Contains(witness, f.Entity) || r.Tier == model.T4 && slices.ContainsFunc(rs, told) {
			continue // a failing predicate says which replicas are missing, T4 only that some are
		}
		witness = append(witness, f.Entity)
		text := fmt.Sprintf("%s %s", f.Entity, f.What)
		if r.Tier == model.T4 {
			text = fmt.Sprintf("%s has less capacity than before", f.Entity)
		}
		if f.Why != "" {
			text += " (" + f.Why + ")"
		}
		parts = append(parts, text)
	}
	if more := len(parts) - maxDescribed; more > 0 {
		parts = append(parts[:maxDescribed], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "; "), witness
}

// maxDescribed is how many entities a sentence names.
const maxDescribed = 3

// firstService returns the first Service among the witnesses: its endpoints
// are what a reader wants to watch.
func firstService(refs []model.Ref) model.Ref {
	for _, r := range refs {
		if r.Kind == "Service" && r.Group == "" {
			return r
		}
	}
	return model.Ref{}
}
