package tnr

import (
	"fmt"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/txn"
)

// TNR006: without faults, all interleavings of a transaction settle to the
// same state, up to the names and places of pods.
//
// Source: ours; the paper's undo of a stack assumes one order.
var confluence = Property{
	ID: Confluence, Name: "Confluence",
	Formula: "the order in which unordered actions run does not change the result",
	holds: func(y *System, n Node, _ int) bool {
		if !aboutToCommit(n) || !y.Faultless(n) {
			return true
		}
		k := moment{n.Tx, n.Pre, n.M.Phase}
		first, seen := y.settled[k]
		if !seen {
			y.settled[k] = y.settle(n.Content)
			return true
		}
		return y.difference(first, y.settle(n.Content)) == ""
	},
	explain: func(y *System, p Path) Violation {
		n := end(p)
		return Violation{
			Pos:     y.txs[n.Tx].Pos,
			Summary: "The result depends on the order of actions: " + y.difference(y.settled[moment{n.Tx, n.Pre, n.M.Phase}], y.settle(n.Content)) + ".",
			Hint:    "order them with `after`", Witness: y.txs[n.Tx].writes,
		}
	},
}

// moment is a point at which all orders have come together: the gate of a
// transaction that began in one content, or what follows its irreversible last
// action.
type moment struct {
	tx    uint16
	pre   contentID
	phase txn.Phase
}

// difference says how two settled contents differ, "" if they do not: in what
// was written, or in how bad they are.
func (y *System) difference(a, b contentID) string {
	if a == b {
		return ""
	}
	s, t := y.state(a), y.state(b)
	if s.Written() != t.Written() {
		for o := range s.All() {
			if !o.Owner().IsZero() {
				continue
			}
			for _, c := range model.Differs(o, t.Get(o.Ref())) {
				return fmt.Sprintf("%s: %s is %s in one order and %s in another", o.Ref(), c.Path, Show(o.Ref(), c.Path, c.Before), Show(o.Ref(), c.Path, c.After))
			}
		}
		return "an object is there in one order and not in another"
	}
	x, z := y.severityAt(a, model.Settled), y.severityAt(b, model.Settled)
	if !x.Equal(*z) {
		text, _ := describe(append(x.Worse(*z), z.Worse(*x)...))
		return text
	}
	return ""
}
