package tnr

import (
	"fmt"
	"slices"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/model/txn"
)

// TNR007: at least one execution commits, and every one without faults commits
// and reaches the goal. A plan whose intent is to repair must also leave the
// cluster strictly better and heal the obligations that it names as evidence.
//
// Source: ours; TNR alone is satisfied by doing nothing.
var progress = Property{
	ID: Progress, Name: "Progress",
	Formula: "when nothing fails the plan commits and reaches its goal; a repair makes things strictly better",
	holds: func(y *System, n Node, _ int) bool {
		if !y.Faultless(n) || !n.M.Phase.Ended() {
			return true
		}
		if n.M.Phase != txn.Committed {
			return false
		}
		if int(n.Tx) < len(y.txs)-1 {
			return true
		}
		reason, _ := y.missed(n)
		return reason == ""
	},
	explain: func(y *System, p Path) Violation {
		n := end(p)
		if n.M.Phase == txn.Committed {
			reason, pos := y.missed(n)
			return Violation{Pos: pos, Summary: reason, Witness: y.evidence()}
		}
		return y.explainAbort(p)
	},
}

// missed says what a committed plan did not reach, "" if it reached all.
func (y *System) missed(n Node) (string, diag.Position) {
	s := y.state(y.settle(n.Content))
	for _, g := range y.Plan.Goal {
		if !y.physics.Holds(s, y.valuation, g.Condition, model.Settled) {
			return fmt.Sprintf("The plan does not reach its goal: that %s is false at its end%s.", g.Condition, y.because(n.Content, g.Condition.On)), g.Pos
		}
	}
	if y.Plan.Intent != plan.Repair {
		return "", diag.Position{}
	}
	for _, e := range y.Plan.Evidence {
		if e.Obligation.IsZero() {
			continue
		}
		c := Obligation(e.Obligation)
		if !y.physics.Holds(s, y.valuation, c, model.Settled) {
			return fmt.Sprintf("The plan does not heal what it names as evidence: that %s is still false%s.", c, y.because(n.Content, e.Obligation)), e.Pos
		}
	}
	if y.OnlyOracle() {
		return "", diag.Position{} // Verify says undecided, naming the oracle
	}
	post, pre := y.severityAt(n.Content, model.Settled).Without(y.waived), y.severityAt(y.start, model.Settled).Without(y.waived)
	if !post.Improves(pre) && post.NoWorse(pre) {
		return "The plan repairs nothing: the cluster is no better at its end than before.", y.Plan.Pos
	}
	return "", diag.Position{}
}

// Obligation is what an evidence entry about an object demands of it.
func Obligation(on model.Ref) model.Condition {
	switch on.Kind {
	case "Service":
		return model.Condition{On: on, Measure: model.ReadyEndpoints, Value: 1}
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet":
		return model.Condition{On: on, Measure: model.Available}
	case "Pod", "Node":
		return model.Condition{On: on, Measure: model.Ready}
	}
	return model.Condition{On: on, Measure: model.Exists, Value: 1}
}

// OnlyOracle reports that all of the plan's evidence is symptoms that only an
// oracle can see: whether it heals those cannot be told from objects.
func (y *System) OnlyOracle() bool { return len(y.Oracles()) > 0 && len(y.evidence()) == 0 }

// Oracles returns the symptoms among the plan's evidence.
func (y *System) Oracles() []string {
	var out []string
	for _, e := range y.Plan.Evidence {
		if e.Oracle != "" {
			out = append(out, e.Oracle)
		}
	}
	return out
}

func (y *System) evidence() []model.Ref {
	var out []model.Ref
	for _, e := range y.Plan.Evidence {
		if !e.Obligation.IsZero() {
			out = append(out, e.Obligation)
		}
	}
	return out
}

// because adds what the settled state says about an object.
func (y *System) because(id contentID, on model.Ref) string {
	sev := y.severityAt(id, model.Settled)
	for _, t := range []model.Tier{model.T1, model.T2, model.T5} {
		// Of faults the last says most: pods that do not run, and why.
		for _, f := range slices.Backward(sev.Sets[t]) {
			if f.Entity == on && f.Why != "" {
				return " (" + f.Why + ")" // the worst tier explains the others
			}
		}
	}
	return ""
}

// explainAbort says which step keeps a faultless execution from committing.
func (y *System) explainAbort(p Path) Violation {
	for k, s := range slices.Backward(p.Steps) {
		if s.Label.Action < 0 {
			continue
		}
		before := p.Start
		if k > 0 {
			before = p.Steps[k-1].To
		}
		a := y.txs[before.Tx].Actions[s.Label.Action]
		v := Violation{Pos: a.Pos, Witness: []model.Ref{a.Op.On}}
		switch s.Label.Event.Kind {
		case txn.Refused:
			_, refusal := y.land(before, int(s.Label.Action))
			v.Summary = fmt.Sprintf("%s cannot run: the API server refuses %s on %s (%s).", a.ID, a.Do, a.Op.On, refusal)
			return v
		case txn.Fails:
			if a.Op.Verb == model.Check {
				v.Summary = fmt.Sprintf("%s may fail: %s%s.", a.ID, y.uncertain(before.Content, a.Op.Condition), y.because(before.Content, a.Op.On))
				v.Hint = "put a wait before the check"
			} else {
				v.Summary = fmt.Sprintf("%s cannot succeed: that %s stays false%s.", a.ID, a.Op.Condition, y.because(before.Content, a.Op.On))
			}
			return v
		}
	}
	return Violation{Pos: y.Plan.Pos, Summary: "No execution commits."}
}

func (y *System) uncertain(id contentID, c model.Condition) string {
	if y.physics.Holds(y.state(y.settle(id)), y.valuation, c, model.Settled) {
		return fmt.Sprintf("that %s is true in the end, and not yet while the change is in flight", c)
	}
	return fmt.Sprintf("that %s is false", c)
}
