package tnr

import (
	"fmt"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/model/txn"
)

// TNR004: a transaction has at most K actions, and in every intermediate
// state, of doing, undoing and recovering, T0 to T2 at the worst moment gain
// no entity that the pre-state did not have, unless the plan accepts that
// outage.
//
// Source: the paper's assumption A3 (K = 20) bounds the number of actions;
// bounding what may be down meanwhile is ours.
var boundedRisk = Property{
	ID: BoundedRisk, Name: "BoundedRisk",
	Formula: "at no moment, of doing or undoing, does anybody lose a service that worked before",
	holds: func(y *System, n Node, _ int) bool {
		return n.M.Phase == txn.Idle || len(y.transient(n)) == 0
	},
	explain: func(y *System, p Path) Violation {
		n := end(p)
		rs := y.transient(n)
		text, witness := describe(rs)
		v := Violation{Pos: y.lastAction(p), Witness: witness, Watch: firstService(witness)}
		who := "Users lose"
		if rs[0].Tier == model.T2 {
			who = "Other services lose"
		}
		switch {
		case rs[0].Tier == model.T0:
			v.Summary = fmt.Sprintf("Mid-plan, %s.", text)
		case !v.Watch.IsZero():
			before, after := y.endpoints(n.Pre, v.Watch, model.Settled), y.endpoints(n.Content, v.Watch, model.Worst)
			v.Summary = fmt.Sprintf("%s %s: %d -> %d ready endpoints mid-plan.", who, v.Watch, before, after)
		default:
			v.Summary = fmt.Sprintf("%s %s mid-plan.", who, text)
		}
		v.Hint = "accept the outage by name in `accepts` if it is meant"
		if writes(p) > 1 {
			v.Hint = "put a waitAvailable between the steps, or " + v.Hint
		}
		return v
	},
}

// writes counts the writes that took effect on a path.
func writes(p Path) (n int) {
	for _, s := range p.Steps {
		if s.Label.Event.Kind == txn.Applied {
			n++
		}
	}
	return n
}

// transient returns what T0 to T2 gained at the worst moment of n.
func (y *System) transient(n Node) []model.Regression {
	k := [2]contentID{n.Pre, n.Content}
	if out, known := y.risks[k]; known {
		return out
	}
	worst := y.severityAt(n.Content, model.Worst)
	settled, before := y.severityAt(n.Pre, model.Settled), y.severityAt(n.Pre, model.Worst)
	var out []model.Regression
	for _, r := range worst.Worse(*settled) {
		old := r.Tier > model.T2 || before.Contains(r.Tier, r.Finding)
		if !old && (r.Tier == model.T0 || !y.accepted(plan.LossTransient, r.Finding.Entity)) {
			out = append(out, r)
		}
	}
	y.risks[k] = out
	return out
}

// maxCounted caps the counting of endpoints in explanations.
const maxCounted = 1000

// endpoints counts the usable endpoints of a service at a moment.
func (y *System) endpoints(id contentID, service model.Ref, m model.Moment) int64 {
	if m == model.Settled {
		id = y.settle(id)
	}
	s := y.state(id)
	var n int64
	for n < maxCounted && y.physics.Holds(s, y.valuation, model.Condition{On: service, Measure: model.ReadyEndpoints, Op: ">", Value: n}, m) {
		n++
	}
	return n
}
