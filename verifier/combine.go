package verifier

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier/tnr"
)

// into puts what the explorations found into the verdict: the properties in
// the order of their ids, and the figures.
func (rs *runs) into(v *Verdict) {
	first := rs.list[0]
	v.Before = first.system.Severity(first.system.First(), model.Settled)
	for n := range first.result.All() {
		if first.system.Faultless(n) && first.system.Done(n) {
			after := first.system.Severity(n, model.Settled)
			v.After = &after
			break
		}
	}
	for _, r := range rs.list {
		v.Stats.States += r.result.States
		v.Stats.Transitions += r.result.Transitions
		v.Stats.Contents += r.system.Contents()
		v.Stats.Depth = max(v.Stats.Depth, r.result.Depth)
	}
	v.Stats.Valuations = len(rs.list)
	for _, p := range tnr.All() {
		v.Properties = append(v.Properties, rs.property(p))
	}
	for _, e := range first.system.Plan.Evidence {
		if s := first.system.First(); !e.Obligation.IsZero() && first.system.Holds(s, tnr.Obligation(e.Obligation)) {
			v.Notes = append(v.Notes, fmt.Sprintf("the evidence does not show in this state: %s already", tnr.Obligation(e.Obligation)))
		}
	}
	if rs.exhaustive() && !slices.ContainsFunc(rs.list, func(r run) bool { return r.commits }) {
		v.Notes = append(v.Notes, "no execution comes to the point of committing: TNR001, TNR006 and TNR008 hold for lack of anything to judge")
	}
	v.Unknown = rs.unknown(v.Properties)
	for tx, classes := range first.system.Classes {
		for i, c := range classes {
			a := first.system.Action(uint16(tx), int8(i))
			info := ActionInfo{
				Transaction: first.system.Transaction(uint16(tx)), ID: a.ID, Do: a.Do, On: a.Op.On.String(), Pos: a.Pos,
				Class: c.Class, ClassWhy: c.Why, Kubectl: tnr.Command(a.Kubectl),
			}
			v.Actions = append(v.Actions, info)
			if c.Class == model.R2 {
				v.Notes = append(v.Notes, fmt.Sprintf("taking back %s restores %s with a new identity (uid): %s", a.ID, a.Op.On, c.Why))
			}
		}
	}
}

// property combines the runs of one property: refuted if it fails whatever the
// unknown facts are, undecided if it depends on them, verified if it holds
// throughout.
func (rs *runs) property(p tnr.Property) Property {
	out := Property{ID: string(p.ID), Name: p.Name, Level: "error", Outcome: Verified}
	var failing, judging []run
	for _, r := range rs.list {
		if r.commits || !r.result.Exhaustive || !slices.Contains(atCommit, p.ID) {
			judging = append(judging, r)
		}
		if _, failed := r.violations[p.ID]; failed {
			failing = append(failing, r)
		}
	}
	switch {
	case len(failing) > 0 && len(failing) == len(judging) && (rs.complete || isStatic(failing, p.ID)):
		rs.refuted(p, failing[0], &out)
		if unmodelled := rs.unmodelled(); p.ID == tnr.Progress && len(unmodelled) > 0 {
			// What the model cannot predict may be just what reaches the goal.
			out.Outcome, out.Facts = Undecided, unmodelled
		}
	case len(failing) > 0:
		rs.refuted(p, failing[0], &out)
		out.Outcome = Undecided
		out.Summary = "If what is unknown turns out badly: " + out.Summary
		out.Facts = deciding(failing)
	case !rs.complete:
		out.Outcome = Undecided
		out.Summary = fmt.Sprintf("More than %d combinations of unknown facts would have to be explored.", maxValuations)
	case !rs.exhaustive():
		out.Outcome = Undecided
		out.Summary = "The limit on states was reached before every execution was explored."
		out.Hint = "raise --max-states, or split the plan"
	default:
		rs.doubt(p, &out)
	}
	return out
}

// atCommit lists the properties of what is about to commit. A choice of facts
// under which nothing commits says nothing about them.
var atCommit = []tnr.ID{tnr.NoRegression, tnr.Confluence, tnr.Coverage}

func (rs *runs) refuted(p tnr.Property, r run, out *Property) {
	f := r.violations[p.ID]
	out.Outcome, out.Summary, out.Hint, out.Pos = Refuted, f.violation.Summary, f.violation.Hint, f.violation.Pos
	for _, w := range f.violation.Witness {
		out.Witness = append(out.Witness, w.String())
	}
	if f.path != nil {
		out.Counterexample = tell(r.system, *f.path, f.violation.Watch)
	}
}

// predicts lists the properties that rest on what the model predicts of the
// controllers; the others rest on the protocol and on fields alone.
var predicts = []tnr.ID{tnr.NoRegression, tnr.FaithfulUndo, tnr.BoundedRisk, tnr.Recoverable, tnr.Confluence, tnr.Progress}

// unmodelled collects what the model does not predict, over all runs.
func (rs *runs) unmodelled() []string {
	var out []string
	for _, r := range rs.list {
		out = append(out, r.system.Unknowns()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// isStatic reports that a property fails without an execution: no fact that was
// not explored can change that.
func isStatic(failing []run, id tnr.ID) bool {
	return !slices.ContainsFunc(failing, func(r run) bool { return r.violations[id].path != nil })
}

// doubt turns verified into undecided where the model itself is in doubt, or
// where only an oracle could tell.
func (rs *runs) doubt(p tnr.Property, out *Property) {
	system := rs.list[0].system
	if unmodelled := rs.unmodelled(); len(unmodelled) > 0 && slices.Contains(predicts, p.ID) {
		out.Outcome, out.Facts = Undecided, unmodelled
		out.Summary = "The model does not predict everything that this plan sets in motion."
		return
	}
	if p.ID == tnr.Progress && system.Plan.Intent == plan.Repair && system.OnlyOracle() {
		out.Outcome, out.Facts = Undecided, nil
		out.Pos = system.Plan.Pos
		out.Summary = "Whether the plan repairs anything cannot be seen in objects, only by " + strings.Join(system.Oracles(), ", ") + "."
		for _, o := range system.Oracles() {
			out.Facts = append(out.Facts, "oracle "+o+" is quiet after the plan")
		}
	}
}

// deciding returns the facts that are false in some failing run, or all that
// were asked if none is: what to find out first.
func deciding(failing []run) []string {
	facts := map[string]bool{}
	for _, r := range failing {
		for f, v := range r.choice {
			if !v {
				facts[string(f)] = true
			}
		}
	}
	if len(facts) == 0 {
		for f := range failing[0].choice {
			facts[string(f)] = true
		}
	}
	return slices.Sorted(maps.Keys(facts))
}

// unknown collects what would decide the undecided properties.
func (rs *runs) unknown(ps []Property) []string {
	var out []string
	for _, p := range ps {
		if p.Outcome == Undecided {
			out = append(out, p.Facts...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
