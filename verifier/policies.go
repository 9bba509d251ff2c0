package verifier

import (
	"context"
	"fmt"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier/policy"
	"github.com/stratus-sre/stratus/verifier/tnr"
)

// policies evaluates the Rego rules: those over the plan and its actions once,
// those over states on every distinct cluster that an execution reaches. A
// state that already matched at the start does not count. Every rule appears
// in the result, in the set's order.
func (rs *runs) policies(ctx context.Context, r Request, accepts []plan.Accept) ([]Property, error) {
	if r.Policies == nil {
		return nil, nil
	}
	first := rs.list[0]
	hits := map[string]Property{}
	denials, err := r.Policies.Plan(ctx, planInput(r, first.system))
	if err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	for _, d := range denials {
		record(hits, d, r.Plan, nil)
	}
	matched := map[string][]run{} // state rules: the runs in which they match
	for _, one := range rs.list {
		mine := map[string]Property{}
		if err := one.states(ctx, r, accepts, mine); err != nil {
			return nil, fmt.Errorf("policies: %w", err)
		}
		for id, p := range mine {
			if _, hit := hits[id]; !hit {
				hits[id] = p
			}
			matched[id] = append(matched[id], one)
		}
	}
	for id, in := range matched {
		if len(in) < len(rs.list) || !rs.complete {
			p := hits[id]
			p.Outcome, p.Facts = Undecided, deciding(in)
			hits[id] = p
		}
	}
	var out []Property
	for _, rule := range r.Policies.Rules() {
		p, hit := hits[rule.ID]
		if !hit {
			p = Property{ID: rule.ID, Name: rule.Title, Outcome: Verified, Level: level(rule)}
			if rule.Scope == "state" && !rs.exhaustive() {
				p.Outcome, p.Summary = Undecided, "Not every state was explored."
			}
		}
		out = append(out, p)
	}
	return out, nil
}

func level(r policy.Rule) string {
	if r.Level == "warn" {
		return "warning"
	}
	return "error"
}

func planInput(r Request, y *tnr.System) policy.PlanInput {
	in := policy.PlanInput{Plan: r.Plan, Start: r.World.Start(), Now: r.Now}
	for tx, effects := range y.Effects() {
		for i, e := range effects {
			c := y.Classes[tx][i]
			in.Effects = append(in.Effects, policy.Effect{
				Before: e.Before, After: e.After, Changes: e.Changes(), Class: c.Class, ClassWhy: c.Why,
			})
		}
	}
	return in
}

// states evaluates the state rules of one run.
func (r run) states(ctx context.Context, req Request, accepts []plan.Accept, hits map[string]Property) error {
	y, start := r.system, r.system.First()
	in := policy.StateInput{
		Plan: req.Plan, Start: req.World.Start(), Accepts: accepts,
		StartSeverity: y.Severity(start, model.Settled), StartWorst: y.Severity(start, model.Worst), StartCoverage: y.Coverage(start),
	}
	type place struct {
		content int
		atEnd   bool
	}
	looked, judged := map[place]bool{}, map[model.Digest]bool{}
	for n := range r.result.All() {
		at := place{n.ContentOf(), n.AboutToCommit()}
		if looked[at] {
			continue
		}
		looked[at] = true
		in.State, in.Worst, in.AtEnd = y.State(n, model.Worst), y.Severity(n, model.Worst), at.atEnd
		in.Settled = model.Severity{}
		if in.AtEnd {
			in.Settled = y.Severity(n, model.Settled)
		}
		k := req.Policies.StateKey(in)
		if judged[k] {
			continue
		}
		judged[k] = true
		in.Coverage = y.Coverage(n)
		denials, err := req.Policies.State(ctx, in)
		if err != nil {
			return err
		}
		for _, d := range denials {
			path, _ := r.result.PathTo(n)
			record(hits, d, req.Plan, tell(y, path, model.Ref{}))
		}
	}
	return nil
}

// record keeps the first denial of a rule in full and counts the others.
func record(hits map[string]Property, d policy.Denial, p *plan.Plan, path *Counterexample) {
	if have, hit := hits[d.Rule.ID]; hit {
		if path == nil && have.Counterexample == nil {
			have.Summary += "; " + d.Message
			hits[d.Rule.ID] = have
		}
		return
	}
	prop := Property{
		ID: d.Rule.ID, Name: d.Rule.Title, Outcome: Refuted, Level: level(d.Rule),
		Summary: d.Message, Hint: d.Hint, Pos: positionOf(p, d), Counterexample: path,
	}
	if d.Patch != "" {
		prop.Hint += "\n" + d.Patch
	}
	if path != nil {
		for _, s := range path.Steps {
			if s.Pos.Line > 0 {
				prop.Pos = s.Pos // the last action before the state
			}
		}
	}
	if d.On != "" {
		prop.Witness = []string{d.On}
	}
	hits[d.Rule.ID] = prop
}

// positionOf finds the plan line that a denial speaks of.
func positionOf(p *plan.Plan, d policy.Denial) diag.Position {
	for _, t := range p.Transactions {
		for _, a := range t.Actions {
			if a.ID == d.Action && (d.Transaction == "" || d.Transaction == t.Name) {
				return a.Pos
			}
		}
	}
	return p.Pos
}
