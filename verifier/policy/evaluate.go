package policy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/stratus-sre/stratus/model"
)

// Denial is one match of one rule. The name says what it mostly is; a match of
// a rule of level "warn" is reported and denies nothing.
type Denial struct {
	Rule        Rule
	Message     string // one sentence for people
	Transaction string // of Action
	Action      string // action id; "" for the plan or a state
	On          string // short form of the object; may be ""
	Hint        string // what to do instead; may be ""
	Patch       string // the write as text, where it belongs elsewhere; may be ""
}

// Plan evaluates the rules of scope plan, once, and of scope action, once for
// each action that writes. Denials are ordered by rule, then as in the plan. An
// error means that a rule could not be evaluated, never that it did not match.
// Safe for concurrent use; the input is not kept.
func (s *Set) Plan(ctx context.Context, in PlanInput) ([]Denial, error) {
	head, actions, err := s.planDocs(in)
	if err != nil {
		return nil, err
	}
	v := s.view(in.Start)
	out, err := s.evaluate(ctx, scopePlan, toValue(head), v)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := out[i].locate(actions); err != nil {
			return nil, err
		}
	}
	for _, a := range actions {
		if !a.writes {
			continue
		}
		found, err := s.evaluate(ctx, scopeAction, withAction(head, a.value), v)
		if err != nil {
			return nil, fmt.Errorf("action %s: %w", a.id, err)
		}
		for _, d := range found {
			d.Transaction, d.Action, d.On = a.transaction, a.id, cmp.Or(d.On, a.on)
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b Denial) int { return cmp.Compare(a.Rule.ID, b.Rule.ID) })
	return out, nil
}

// locate completes what a plan rule says of one action.
func (d *Denial) locate(actions []actionDoc) error {
	if d.Action == "" {
		return nil
	}
	i := slices.IndexFunc(actions, func(a actionDoc) bool { return a.id == d.Action })
	if i < 0 {
		return fmt.Errorf("policy %s (%s) speaks of action %q, which the plan does not have", d.Rule.ID, d.Rule.File, d.Action)
	}
	d.Transaction, d.On = actions[i].transaction, cmp.Or(d.On, actions[i].on)
	return nil
}

// State evaluates the rules of scope state on one reached state. What a rule
// says of the start already does not count: the plan has not caused it. As for
// Plan, an error is not an answer. Safe for concurrent use.
func (s *Set) State(ctx context.Context, in StateInput) ([]Denial, error) {
	v := s.view(in.Start)
	out, err := s.evaluate(ctx, scopeState, s.stateDoc(in), v)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	start := in
	start.State, start.Worst, start.Settled, start.Coverage = in.Start, in.StartWorst, in.StartSeverity, in.StartCoverage
	before, err := s.evaluate(ctx, scopeState, s.stateDoc(start), v)
	if err != nil {
		return nil, fmt.Errorf("start state: %w", err)
	}
	return slices.DeleteFunc(out, func(d Denial) bool {
		return slices.ContainsFunc(before, d.same)
	}), nil
}

// same reports whether two denials of two states are about one thing. Messages
// may hold numbers that move; they count only where there is no object.
func (d Denial) same(o Denial) bool {
	return d.Rule.ID == o.Rule.ID && d.On == o.On && (d.On != "" || d.Message == o.Message)
}

// view returns data.cluster of a state.
func (s *Set) view(state *model.State) *view { return &view{state: state, values: s.values} }

// evaluate runs the rules of a scope on one input.
func (s *Set) evaluate(ctx context.Context, scope string, input ast.Value, v *view) ([]Denial, error) {
	var out []Denial
	for _, r := range s.rules {
		if r.Scope != scope {
			continue
		}
		found, err := s.one(ctx, r, input, v)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// one evaluates one rule.
func (s *Set) one(ctx context.Context, r Rule, input ast.Value, v *view) ([]Denial, error) {
	limited, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	opts := append([]rego.EvalOption{
		rego.EvalParsedInput(input), rego.EvalTransaction(v),
		rego.EvalTime(time.Unix(0, 0)), rego.EvalSeed(zeros{}),
	}, s.eval...)
	results, err := s.prepared[r.query].Eval(limited, opts...)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("policy %s (%s): %w", r.ID, r.File, ctx.Err())
	case topdown.IsCancel(err) || errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("policy %s (%s) did not end within %s and was cancelled; look for a loop over a loop", r.ID, r.File, s.limit)
	case err != nil:
		return nil, fmt.Errorf("policy %s (%s) could not be evaluated: %w", r.ID, r.File, err)
	// Not reached while Load asks for a set, which is at least empty. Kept,
	// since no decision must never look like a pass.
	case len(results) != 1 || len(results[0].Expressions) != 1:
		return nil, fmt.Errorf("policy %s (%s): %s is undefined, which decides nothing", r.ID, r.File, r.query)
	}
	return decode(r, results[0].Expressions[0].Value)
}

// decode reads the set that a rule returned.
func decode(r Rule, value any) ([]Denial, error) {
	set, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("policy %s (%s): %s is not a set", r.ID, r.File, r.query)
	}
	var out []Denial
	for _, e := range set {
		m, _ := e.(map[string]any)
		d := Denial{Rule: r}
		known := map[string]*string{"msg": &d.Message, "on": &d.On, "action": &d.Action, "hint": &d.Hint, "patch": &d.Patch}
		for k, x := range m {
			field, s := known[k], ""
			if s, ok = x.(string); field == nil || !ok {
				return nil, fmt.Errorf("policy %s (%s): a %s has %q: %v; it may have the strings msg, on, action, hint and patch", r.ID, r.File, r.Level, k, x)
			}
			*field = s
		}
		if d.Message == "" {
			return nil, fmt.Errorf("policy %s (%s): a %s has no msg; write: %s contains {\"msg\": …} if …", r.ID, r.File, r.Level, r.Level)
		}
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Denial) int {
		return cmp.Or(strings.Compare(a.Action, b.Action), strings.Compare(a.On, b.On), strings.Compare(a.Message, b.Message))
	})
	return out, nil
}

// zeros is the seed of every evaluation. No built-in that is left uses one.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
