package tnr

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/model/txn"
)

// TNR002: from every prefix of every interleaving, taking back what was done,
// in any order that reverses the dependencies, makes the fields that the
// transaction wrote ≡obs equal to what they were, added fields included, and
// the settled result is no worse than the settled pre-state (docs/adr/0007). Pods
// are outside the footprint: their names may differ. An action that has no faithful
// inverse refutes the plan, unless it is the accepted last one.
//
// Source: the paper's assumption A2, checked instead of assumed.
var faithfulUndo = Property{
	ID: FaithfulUndo, Name: "FaithfulUndo",
	Formula: "whatever fails and whenever, taking the changes back restores every field they touched",
	holds: func(y *System, n Node, _ int) bool {
		if int(n.Crashes) < y.Bounds.Crashes {
			return true // TNR005 judges executions with a crash
		}
		return n.M.Phase != txn.Blocked && (n.M.Phase != txn.Aborted || y.restored(n) == "")
	},
	explain: func(y *System, p Path) Violation {
		return Violation{
			Pos: y.lastAction(p), Witness: y.txs[end(p).Tx].writes,
			Summary: "Undo does not restore the cluster: " + y.notRestored(p) + ".",
		}
	},
}

// notRestored says why the end of a path is not the pre-state: an undo on the
// way was refused, or something is left over.
func (y *System) notRestored(p Path) string {
	before := p.Start
	for _, s := range p.Steps {
		if s.Label.Event.Kind == txn.Conflict {
			a := y.txs[before.Tx].Actions[s.Label.Action]
			_, refusal := y.revert(before, int(s.Label.Action))
			return fmt.Sprintf("taking back %s on %s is refused (%s)", a.ID, a.Op.On, refusal)
		}
		before = s.To
	}
	return y.restored(end(p))
}

// restored says what of the transaction's footprint differs from the
// pre-state, "" if nothing does.
func (y *System) restored(n Node) string {
	k := leftoverKey{n.Pre, n.Content, n.Tx}
	text, known := y.leftovers[k]
	if !known {
		text = y.leftover(n)
		y.leftovers[k] = text
	}
	return text
}

type leftoverKey struct {
	pre, content contentID
	tx           uint16
}

func (y *System) leftover(n Node) string {
	pre, now := y.state(n.Pre), y.state(n.Content)
	for _, ref := range y.txs[n.Tx].writes {
		if o := pre.Get(ref); o != nil && ref.Kind == "Pod" && ref.Group == "" && !o.Owner().IsZero() {
			continue // a controller's pod: its replacement is another one
		}
		for _, c := range model.Differs(pre.Get(ref), now.Get(ref)) {
			if c.Path.String() == "spec.replicas" && autoscaled(now, ref) {
				continue // the autoscaler's field, not ours
			}
			return fmt.Sprintf("%s: %s was %s and is %s", ref, c.Path, Show(ref, c.Path, c.Before), Show(ref, c.Path, c.After))
		}
	}
	// The effect may be better than before: a roll-back into a template that
	// never worked keeps the pods that do.
	if lost := y.severityAt(n.Content, model.Settled).Worse(*y.severityAt(n.Pre, model.Settled)); len(lost) > 0 {
		text, _ := describe(lost)
		return "the fields are back, the effect is not: " + text
	}
	return ""
}

// autoscaled reports that a HorizontalPodAutoscaler owns the object's replicas.
func autoscaled(s *model.State, ref model.Ref) bool { return autoscaler(s, ref) != nil }

func autoscaler(s *model.State, ref model.Ref) *model.Object {
	for o := range s.List("autoscaling", "HorizontalPodAutoscaler") {
		h := model.As[autoscalingv2.HorizontalPodAutoscaler](o)
		if h == nil || o.Ref().Namespace != ref.Namespace {
			continue
		}
		t := h.Spec.ScaleTargetRef
		if t.Kind == ref.Kind && t.Name == ref.Name {
			// Zero replicas switch the autoscaler off.
			if d := model.As[appsv1.Deployment](s.Get(ref)); d != nil && d.Spec.Replicas != nil && *d.Spec.Replicas == 0 {
				return nil
			}
			return o
		}
	}
	return nil
}

// checkPivots refutes irreversible actions, but for an accepted one that is
// the last of the plan: that one becomes the pivot of its transaction.
func (y *System) checkPivots() {
	for t := range y.txs {
		tx := &y.txs[t]
		for i, a := range tx.Actions {
			c := y.Classes[t][i]
			if c.Class != model.R3 || !tx.graph.Writes.Has(i) {
				continue
			}
			last := t == len(y.txs)-1 && tx.graph.Order.Before[i] == tx.graph.All().Without(i)
			if last && y.accepted(plan.LossUndo, a.Op.On) {
				tx.graph.Pivot = i
				continue
			}
			hint := "use a reversible action instead"
			if !last {
				hint += ", or make it the last action of the plan and accept it"
			} else {
				hint += ", or accept it: accepts: [{loss: \"irreversible\", on: \"" + a.Op.On.String() + "\", …}]"
			}
			y.Static = append(y.Static, Violation{
				Property: FaithfulUndo, Pos: a.Pos, Witness: []model.Ref{a.Op.On}, Hint: hint,
				Summary: fmt.Sprintf("%s (%s on %s) cannot be taken back: %s.", a.ID, a.Do, a.Op.On, c.Why),
			})
		}
	}
}
