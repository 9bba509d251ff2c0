package tnr

import (
	"fmt"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/model/txn"
)

// TNR003: one writer at a time. Within the plan, two actions that write the
// same field are ordered by `after`: commuting is no excuse. Outside it, no
// other writer that the state shows (an autoscaler, another open transaction)
// owns a field of the write set. And in every execution at most one request is
// out, and none before its intent.
//
// Source: the paper's assumption A1, checked instead of assumed.
var writerExclusivity = Property{
	ID: WriterExclusivity, Name: "WriterExclusivity",
	Formula: "no field has two writers at a time",
	holds: func(y *System, n Node, _ int) bool {
		if n.M.Phase == txn.Asked || n.M.Phase == txn.UndoAsked {
			return n.M.InDoubt && !y.races[[2]int{int(n.Tx), int(n.M.Current)}]
		}
		return true
	},
	explain: func(y *System, p Path) Violation {
		n := end(p)
		a := y.txs[n.Tx].Actions[n.M.Current]
		return Violation{
			Pos: a.Pos, Witness: []model.Ref{a.Op.On},
			Summary: fmt.Sprintf("What %s writes to %s depends on which unordered action runs first.", a.ID, a.Op.On),
			Hint:    "order them with `after`",
		}
	},
}

// checkRaces refutes unordered actions with overlapping footprints.
func (y *System) checkRaces(t transaction) {
	for i := range t.Actions {
		for j := range i {
			a, b := t.Actions[j], t.Actions[i]
			if t.graph.Order.Ordered(i, j) || a.Op.On != b.Op.On && !contains(a.Op, b.Op) && !contains(b.Op, a.Op) {
				continue
			}
			if path, overlap := overlaps(t.footprint[i], t.footprint[j]); overlap {
				y.Static = append(y.Static, Violation{
					Property: WriterExclusivity, Pos: b.Pos, Witness: []model.Ref{b.Op.On},
					Summary: fmt.Sprintf("%s and %s both write %s of %s and may run in either order.", a.ID, b.ID, path, b.Op.On),
					Hint:    fmt.Sprintf("give %s: after: [%q]", b.ID, a.ID),
				})
			}
		}
	}
}

// contains reports that a takes b's object along.
func contains(a, b model.Action) bool {
	return a.Verb == model.Delete && a.On.Kind == "Namespace" && a.On.Group == "" && b.Verb.Writes() && b.On.Namespace == a.On.Name
}

func overlaps(a, b []model.Path) (string, bool) {
	for _, p := range a {
		for _, q := range b {
			if p.Overlaps(q) {
				longer := p
				if len(q) > len(p) {
					longer = q
				}
				if len(longer) == 0 {
					return "all", true
				}
				return longer.String(), true
			}
		}
	}
	return "", false
}

// checkOtherWriters refutes a write to a field that somebody else owns.
func (y *System) checkOtherWriters(tx int, a plan.Action, s *model.State, e model.Effect) {
	if e.Before == nil {
		return
	}
	if other := e.Before.Annotations()["stratus.dev/txn"]; other != "" {
		y.Static = append(y.Static, Violation{
			Property: WriterExclusivity, Pos: a.Pos, Witness: []model.Ref{a.Op.On},
			Summary: fmt.Sprintf("%s is part of the open transaction %s.", a.Op.On, other),
			Hint:    "wait until it has ended, or recover it",
		})
	}
	if owner := e.Before.Owner(); !owner.IsZero() && a.Op.On.Kind != "Pod" && s.Get(owner) != nil {
		y.Static = append(y.Static, Violation{
			Property: WriterExclusivity, Pos: a.Pos, Witness: []model.Ref{a.Op.On, owner},
			Summary: fmt.Sprintf("%s writes %s, which belongs to %s, and its controller writes it too.", a.ID, a.Op.On, owner),
			Hint:    "change " + owner.String() + " instead",
		})
	}
	if hpa := autoscaler(s, a.Op.On); hpa != nil && e.After != nil {
		for _, c := range e.Changes() {
			if c.Path.String() != "spec.replicas" {
				continue
			}
			y.Static = append(y.Static, Violation{
				Property: WriterExclusivity, Pos: a.Pos, Witness: []model.Ref{a.Op.On, hpa.Ref()},
				Summary: fmt.Sprintf("%s writes spec.replicas of %s, which %s writes too.", a.ID, a.Op.On, hpa.Ref()),
				Hint:    "change the autoscaler's bounds instead (setReplicasBounds)",
			})
		}
	}
}
