package policy

import (
	"fmt"
	"maps"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
)

// PlanInput is what plan and action rules judge. policies/README.md describes
// the document that becomes of it.
type PlanInput struct {
	Plan    *plan.Plan
	Start   *model.State // data.cluster
	Now     time.Time    // of the request: accepts that have expired are left out
	Effects []Effect     // one for each action, in the order of the plan
}

// Effect is what one action does when everything before it succeeded.
type Effect struct {
	Before, After *model.Object // of the action's object; nil where absent
	Changes       []model.Change
	Class         model.Class
	ClassWhy      string
}

// StateInput is what state rules judge: one reached state.
type StateInput struct {
	Plan          *plan.Plan // may be nil; for CrossCheck: its transactions and bounds
	Start, State  *model.State
	StartSeverity model.Severity // settled
	StartWorst    model.Severity // at the worst moment: what was in flight when it was observed
	Worst         model.Severity // of State
	Settled       model.Severity // of a State that is about to commit; empty otherwise
	StartCoverage []model.Coverage
	Coverage      []model.Coverage
	Accepts       []plan.Accept // those in force
	AtEnd         bool          // the transaction is about to commit
}

// actionDoc is one action of a plan, ready to be judged.
type actionDoc struct {
	id, transaction, on string
	writes              bool
	value               ast.Value
}

// planDocs builds input.plan, input.accepts and each input.action.
func (s *Set) planDocs(in PlanInput) (head map[string]any, actions []actionDoc, err error) {
	for _, t := range in.Plan.Transactions {
		for i, a := range t.Actions {
			if len(actions) >= len(in.Effects) {
				return nil, nil, fmt.Errorf("judging plan %s: it has more actions than the %d effects given", in.Plan.Name, len(in.Effects))
			}
			doc := s.actionDoc(t, i, in.Effects[len(actions)])
			actions = append(actions, actionDoc{a.ID, t.Name, a.Op.On.String(), a.Op.Verb.Writes(), toValue(doc)})
		}
	}
	if len(actions) != len(in.Effects) {
		return nil, nil, fmt.Errorf("judging plan %s: %d effects given for %d actions", in.Plan.Name, len(in.Effects), len(actions))
	}
	all := make([]any, len(actions))
	for i, a := range actions {
		all[i] = a.value
	}
	head = map[string]any{
		"plan":    toValue(planDoc(in.Plan)),
		"accepts": toValue(acceptDocs(inForce(in.Plan.Accepts, in.Now))),
		"actions": toValue(all),
		"now":     in.Now.UTC().Format(time.RFC3339),
	}
	return head, actions, nil
}

func (s *Set) actionDoc(t plan.Transaction, i int, e Effect) map[string]any {
	a := t.Actions[i]
	ref := a.Op.On
	needs := make([]string, len(a.After))
	for j, n := range a.After {
		needs[j] = t.Actions[n].ID
	}
	changes := make([]model.Change, len(e.Changes))
	docs := make([]any, len(e.Changes))
	for j, c := range e.Changes {
		c.Before, c.After = redactAt(ref, c.Path, c.Before), redactAt(ref, c.Path, c.After)
		changes[j] = c
		d := map[string]any{"path": c.Path.String()}
		setIf(d, "before", c.Before)
		setIf(d, "after", c.After)
		docs[j] = d
	}
	doc := map[string]any{
		"id": a.ID, "transaction": t.Name, "do": a.Do, "verb": a.Op.Verb.String(), "needs": needs,
		"on": ref.String(), "ref": refDoc(ref),
		"changes": docs, "class": e.Class.String(), "why": e.ClassWhy,
		"patch": patchText(ref, e.Before != nil, e.After != nil, changes),
	}
	s.setObject(doc, "before", e.Before)
	s.setObject(doc, "after", e.After)
	return doc
}

// stateDoc builds the input of a state rule. Only what people wrote is
// compared: what controllers derive from it differs in every state.
func (s *Set) stateDoc(in StateInput) ast.Value {
	nodes := []any{}
	for n := range in.State.List("", "Node") {
		nodes = append(nodes, s.values.of(n))
	}
	doc := map[string]any{
		"start":          severityDoc(in.StartSeverity),
		"start_worst":    severityDoc(in.StartWorst),
		"worst":          severityDoc(in.Worst),
		"settled":        severityDoc(in.Settled),
		"start_coverage": coverageDocs(in.StartCoverage),
		"coverage":       coverageDocs(in.Coverage),
		"accepts":        acceptDocs(in.Accepts),
		"written":        s.written(in.Start, in.State),
		"nodes":          nodes,
		"at_end":         in.AtEnd,
	}
	if in.Plan != nil {
		doc["plan"] = planDoc(in.Plan)
	}
	return toValue(doc)
}

// written lists the objects without controller owner that differ from start.
func (s *Set) written(start, state *model.State) []any {
	out := []any{}
	if start.Written() == state.Written() {
		return out
	}
	add := func(before, after *model.Object) {
		o := after
		if o == nil {
			o = before
		}
		d := map[string]any{"on": o.Ref().String(), "ref": refDoc(o.Ref())}
		s.setObject(d, "before", before)
		s.setObject(d, "after", after)
		out = append(out, d)
	}
	for o := range state.All() {
		if !o.Owner().IsZero() {
			continue
		}
		if old := start.Get(o.Ref()); old == nil || old.SpecDigest() != o.SpecDigest() {
			add(old, o)
		}
	}
	for o := range start.All() {
		if o.Owner().IsZero() && state.Get(o.Ref()) == nil {
			add(o, nil)
		}
	}
	return out
}

func planDoc(p *plan.Plan) map[string]any {
	evidence := make([]any, len(p.Evidence))
	for i, e := range p.Evidence {
		d := map[string]any{}
		if !e.Obligation.IsZero() {
			d["obligation"] = e.Obligation.String()
		}
		if e.Oracle != "" {
			d["oracle"] = e.Oracle
		}
		evidence[i] = d
	}
	transactions := make([]any, len(p.Transactions))
	for i, t := range p.Transactions {
		ids := make([]string, len(t.Actions))
		for j, a := range t.Actions {
			ids[j] = a.ID
		}
		transactions[i] = map[string]any{"name": t.Name, "actions": ids}
	}
	goal := make([]any, len(p.Goal))
	for i, g := range p.Goal {
		// Not the value: a goal may name a field of a Secret.
		goal[i] = map[string]any{"on": g.Condition.On.String(), "measure": string(g.Condition.Measure)}
	}
	b := p.Bounds.WithDefaults()
	return map[string]any{
		"name": p.Name, "cluster": p.Cluster, "intent": string(p.Intent), "summary": p.Summary,
		"evidence": evidence, "transactions": transactions, "goal": goal,
		"bounds": map[string]any{"actions": b.Actions, "failures": b.Failures, "crashes": b.Crashes},
	}
}

// inForce drops the accepts that have expired. One without expiry never was.
func inForce(accepts []plan.Accept, now time.Time) []plan.Accept {
	var out []plan.Accept
	for _, a := range accepts {
		if now.Before(a.Expires) {
			out = append(out, a)
		}
	}
	return out
}

func acceptDocs(accepts []plan.Accept) []any {
	out := make([]any, len(accepts))
	for i, a := range accepts {
		out[i] = map[string]any{"loss": string(a.Loss), "on": a.On.String(), "reason": a.Reason, "owner": a.Owner}
	}
	return out
}

// severityDoc gives the tiers by name: sets of {entity, what}; T4 is a number.
func severityDoc(s model.Severity) map[string]any {
	out := map[string]any{"T4": s.Capacity}
	for _, t := range []model.Tier{model.T0, model.T1, model.T2, model.T5, model.T6} {
		set := make([]any, len(s.Sets[t]))
		for i, f := range s.Sets[t] {
			set[i] = map[string]any{"entity": f.Entity.String(), "what": f.What}
		}
		out[t.String()] = set
	}
	return out
}

func coverageDocs(coverage []model.Coverage) []any {
	out := make([]any, len(coverage))
	for i, c := range coverage {
		out[i] = map[string]any{"check": c.Check, "subject": c.Subject, "by": c.By.String(), "detail": c.Detail}
	}
	return out
}

func refDoc(r model.Ref) map[string]any {
	return map[string]any{"group": r.Group, "kind": r.Kind, "namespace": r.Namespace, "name": r.Name}
}

// setObject leaves an absent object out, so that a rule that reads one is
// undefined and does not match.
func (s *Set) setObject(doc map[string]any, key string, o *model.Object) {
	if o != nil {
		doc[key] = s.values.of(o)
	}
}

func setIf(doc map[string]any, key string, v any) {
	if v != nil {
		doc[key] = v
	}
}

// withAction returns the document of an action rule.
func withAction(head map[string]any, action ast.Value) ast.Value {
	doc := maps.Clone(head)
	doc["action"] = action
	return toValue(doc)
}
