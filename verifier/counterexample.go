package verifier

import (
	"fmt"
	"strings"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/txn"
	"github.com/stratus-sre/stratus/verifier/tnr"
)

// tell turns a path into the steps that a reader needs: writes, waits, faults
// and the end. The protocol's bookkeeping between them is left out.
func tell(y *tnr.System, p tnr.Path, watch model.Ref) *Counterexample {
	c := &Counterexample{}
	before := p.Start
	for _, e := range p.Steps {
		if e.Label.Fault {
			c.Faults++
		}
		if s, visible := step(y, before, e.To, e.Label, watch); visible {
			c.Steps = append(c.Steps, s)
		}
		before = e.To
	}
	if before.AboutToCommit() {
		s := Step{Do: "about to commit", Worst: y.Severity(before, model.Settled), Note: "once everything has settled"}
		if !watch.IsZero() {
			s.Watch = fmt.Sprint(y.Endpoints(before, watch, model.Settled))
		}
		c.Steps = append(c.Steps, s)
	}
	return c
}

// step words one edge; visible is false for bookkeeping.
func step(y *tnr.System, from, to tnr.Node, l tnr.Label, watch model.Ref) (s Step, visible bool) {
	s.Fault = l.Fault
	if l.Action >= 0 {
		a := y.Action(from.Tx, l.Action)
		s.Action, s.Do, s.On, s.Pos = a.ID, a.Do, a.Op.On.String(), a.Pos
		if from.M.Undo {
			s.Do = "undo " + s.Do
		}
	}
	doing := s.Do
	switch l.Event.Kind {
	case txn.Applied:
	case txn.Holds:
		if y.Action(from.Tx, l.Action).Op.Verb == model.Wait && from.ContentOf() == to.ContentOf() {
			s.Note = "ends at once: it held already"
		}
	case txn.Refused:
		s.Note = "fails, with no effect"
		if !l.Fault {
			s.Note = "refused by the API server"
		}
	case txn.Ambiguous:
		s.Note = "no answer; " + tookEffect(l.Landed)
	case txn.Fails:
		s.Note = "times out"
		if y.Action(from.Tx, l.Action).Op.Verb == model.Check {
			s.Note = "is false"
		}
	case txn.Conflict:
		s.Note = "refused: a field it wrote holds another value by now"
	case txn.Crash:
		if doing != "" && from.M.InDoubt {
			s.Note = fmt.Sprintf("while %s %s was out; %s", doing, s.Action, tookEffect(l.Landed))
		}
		s.Action, s.Do, s.On = "", "crash", ""
	case txn.Recover:
		s.Do = "recover"
	case txn.Reject:
		s.Do, s.Note = "gate refuses", "an oracle sees what the model cannot"
	case txn.Close:
		s.Do = map[txn.Phase]string{txn.Committed: "commit", txn.Aborted: "undone", txn.Blocked: "blocked"}[to.M.Phase]
	default:
		return s, false
	}
	s.Worst = y.Severity(to, model.Worst)
	if from.ContentOf() != to.ContentOf() && l.Action >= 0 {
		s.Changes = changes(y, from, to, y.Action(from.Tx, l.Action).Op.On)
	}
	if !watch.IsZero() {
		s.Watch = fmt.Sprint(y.Endpoints(to, watch, model.Worst))
	}
	return s, true
}

func tookEffect(landed bool) string {
	if landed {
		return "it took effect"
	}
	return "it took no effect"
}

// changes lists the fields of one object that differ between two nodes,
// without status and bookkeeping.
func changes(y *tnr.System, from, to tnr.Node, on model.Ref) []FieldChange {
	before, after := y.State(from, model.Worst).Get(on), y.State(to, model.Worst).Get(on)
	if before == nil || after == nil {
		c := FieldChange{Object: on.String(), Before: "present", After: "absent"}
		if before == nil {
			c.Before, c.After = "absent", "present"
		}
		if before == nil && after == nil {
			return nil
		}
		return []FieldChange{c}
	}
	var out []FieldChange
	for _, c := range model.Diff(before.Fields(), after.Fields()) {
		path := c.Path.String()
		if strings.HasPrefix(path, "status") || path == "metadata.resourceVersion" || path == "metadata.generation" {
			continue
		}
		out = append(out, FieldChange{Object: on.String(), Path: path, Before: tnr.Show(on, c.Path, c.Before), After: tnr.Show(on, c.Path, c.After)})
	}
	return out
}
