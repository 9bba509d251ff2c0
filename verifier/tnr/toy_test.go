package tnr_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier/explore"
	"github.com/stratus-sre/stratus/verifier/tnr"
)

// toy is a world of lamps, small enough to see through. A lamp is a custom
// resource: data.on says what is wanted ("1" or "0"), status.shines what is; its
// controller copies the one to the other. A dark lamp is an outage (T2). While
// the two differ the lamp is dark at the worst moment, and so it is while
// status.rev has not followed data.rev (a restart). data.bulb: "new" makes it a fact whether
// the lamp can shine at all. A lamp with data.guard is watched by a guard.
// The controller of a lamp with data.leaks writes data.leaked, and nothing takes
// that away. data.final: "1" cannot be taken back. data.odd: "1" is not modelled.
type toy struct{ noFixpoint bool }

func lampRef(name string) model.Ref {
	return model.Ref{Group: "toy.dev", Kind: "Lamp", Namespace: "room", Name: name}
}

func lamp(name string, data map[string]any) *model.Object {
	o, err := model.NewObject(lampFields(name, data))
	if err != nil {
		panic(err)
	}
	return o
}

func lampFields(name string, data map[string]any) map[string]any {
	spec, status := map[string]any{}, map[string]any{}
	for k, v := range data {
		if k == "shines" || k == "is" {
			status[k] = v
		} else {
			spec[k] = v
		}
	}
	return map[string]any{
		"apiVersion": "toy.dev/v1", "kind": "Lamp",
		"metadata": map[string]any{"name": name, "namespace": "room"}, "data": spec, "status": status,
	}
}

func room(lamps ...*model.Object) *model.State {
	s, err := model.NewState(lamps)
	if err != nil {
		panic(err)
	}
	return s
}

func value(o *model.Object, key string) string {
	part := "data"
	if key == "shines" || key == "is" {
		part = "status"
	}
	m, _ := o.Fields()[part].(map[string]any)
	s, _ := m[key].(string)
	return s
}

func (w toy) canShine(o *model.Object, v *model.Valuation) bool {
	return value(o, "bulb") != "new" || v.Choose(model.Fact("the new bulb of "+o.Ref().Name+" works"))
}

func (w toy) settleOne(d *model.Draft, o *model.Object, v *model.Valuation) {
	shines := "0"
	if value(o, "on") == "1" && w.canShine(o, v) {
		shines = "1"
	}
	if value(o, "leaks") == "1" && value(o, "leaked") == "" {
		fields, err := model.Merge(o.Fields(), map[string]any{"data": map[string]any{"leaked": "1"}})
		if err != nil {
			panic(err)
		}
		if o, err = model.NewObject(fields); err != nil {
			panic(err)
		}
		d.Put(o)
	}
	if value(o, "shines") == shines && value(o, "is") == value(o, "rev") {
		return
	}
	fields, err := model.Merge(o.Fields(), map[string]any{"status": map[string]any{"shines": shines, "is": value(o, "rev")}})
	if err != nil {
		panic(err)
	}
	next, err := model.NewObject(fields)
	if err != nil {
		panic(err)
	}
	d.Put(next)
}

func (w toy) Settle(s *model.State, v *model.Valuation) (*model.State, error) {
	if w.noFixpoint {
		return nil, fmt.Errorf("the lamps flicker")
	}
	d := s.Draft()
	for o := range d.List("toy.dev", "Lamp") {
		w.settleOne(d, o, v)
	}
	return d.State(), nil
}

func (w toy) SettleFor(s *model.State, v *model.Valuation, r model.Ref) (*model.State, error) {
	d := s.Draft()
	if o := d.Get(r); o != nil {
		w.settleOne(d, o, v)
	}
	return d.State(), nil
}

func (w toy) shines(o *model.Object, v *model.Valuation, m model.Moment) bool {
	if m == model.Worst && (value(o, "shines") != value(o, "on") || value(o, "is") != value(o, "rev")) {
		return false
	}
	return value(o, "on") == "1" && w.canShine(o, v)
}

var obligations = []string{"a", "b", "c"}

func (w toy) Severity(s *model.State, v *model.Valuation, m model.Moment) model.Severity {
	var out model.Severity
	for _, name := range obligations {
		if o := s.Get(lampRef(name)); o == nil || !w.shines(o, v, m) {
			out.Add(model.T2, model.Finding{Entity: lampRef(name), What: "is dark"})
		}
	}
	return out
}

func (w toy) Holds(s *model.State, v *model.Valuation, c model.Condition, m model.Moment) bool {
	o := s.Get(c.On)
	switch {
	case c.Measure == model.Exists:
		return (o != nil) == (c.Value == 1)
	case o == nil:
		return false
	case w.shines(o, v, m):
		return c.Measure != model.ReadyEndpoints || c.Compare(1)
	}
	return c.Measure == model.ReadyEndpoints && c.Compare(0)
}

func (w toy) Coverage(s *model.State) (out []model.Coverage) {
	for o := range s.List("toy.dev", "Lamp") {
		if g := value(o, "guard"); g != "" {
			out = append(out, model.Coverage{Check: "guard", Subject: o.Ref().Name, By: o.Ref(), Detail: g})
		}
	}
	return out
}

func (w toy) Resolve(_ *model.State, a model.Action) (model.Action, error) { return a, nil }

func (w toy) Classify(_ *model.State, a model.Action) (model.Class, string) {
	if data, _ := a.Patch["data"].(map[string]any); data["final"] == "1" {
		return model.R3, "it is final"
	}
	return model.R0, ""
}

func (w toy) Unmodelled(_ *model.State, a model.Action) string {
	if data, _ := a.Patch["data"].(map[string]any); data["odd"] == "1" {
		return "oddity is not modelled"
	}
	return ""
}

// act is one action of a toy plan; id doubles as the plan line.
type act struct {
	id    string
	op    model.Action
	after []string
}

func set(id, name, key, val string, after ...string) act {
	return act{id, model.Action{Verb: model.Patch, On: lampRef(name), Patch: map[string]any{"data": map[string]any{key: val}}}, after}
}

func wait(id, name string, after ...string) act {
	return act{id, model.Action{Verb: model.Wait, On: lampRef(name), Condition: model.Condition{On: lampRef(name), Measure: model.Ready}}, after}
}

func check(id, name string, after ...string) act {
	a := wait(id, name, after...)
	a.op.Verb = model.Check
	return a
}

func remove(id, name string, after ...string) act {
	return act{id, model.Action{Verb: model.Delete, On: lampRef(name)}, after}
}

func create(id, name string, data map[string]any, after ...string) act {
	return act{id, model.Action{Verb: model.Create, On: lampRef(name), Object: lampFields(name, data)}, after}
}

func transaction(name string, acts ...act) plan.Transaction {
	t := plan.Transaction{Name: name}
	for i, a := range acts {
		p := plan.Action{ID: a.id, Do: a.op.Verb.String(), Op: a.op, Pos: diag.Position{File: "toy", Line: i + 1}}
		for _, w := range a.after {
			p.After = append(p.After, slices.IndexFunc(acts, func(x act) bool { return x.id == w }))
		}
		t.Actions = append(t.Actions, p)
	}
	return t
}

func change(ts ...plan.Transaction) *plan.Plan {
	return &plan.Plan{Name: "toy", Intent: plan.Change, Transactions: ts, Pos: diag.Position{File: "toy", Line: 1}}
}

// exploration is everything that one check of a plan gives.
type exploration struct {
	system *tnr.System
	result *explore.Result[tnr.Node, tnr.Label]
	failed map[tnr.ID]tnr.Violation
}

func verify(t testing.TB, s *model.State, p *plan.Plan, accepts ...plan.Accept) exploration {
	return verifyIn(t, toy{}, s, p, model.NewValuation(nil), accepts...)
}

func verifyIn(t testing.TB, w model.Physics, s *model.State, p *plan.Plan, v *model.Valuation, accepts ...plan.Accept) exploration {
	t.Helper()
	y, err := tnr.Compile(p, s, w, v, accepts)
	if err != nil {
		t.Fatal(err)
	}
	if err := y.Missing.Err(); err != nil {
		t.Fatal(err)
	}
	var checks []explore.Property[tnr.Node]
	for _, p := range tnr.All() {
		checks = append(checks, p.Check(y))
	}
	r, err := explore.Run(context.Background(), y, checks, explore.Limits{States: 500_000})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Exhaustive {
		t.Fatal("the toy plan is too large")
	}
	e := exploration{y, r, map[tnr.ID]tnr.Violation{}}
	for i, p := range tnr.All() {
		if n, bad := r.Violations[i]; bad {
			path, _ := r.PathTo(n)
			e.failed[p.ID] = p.Explain(y, path)
		}
	}
	for _, s := range y.Static {
		e.failed[s.Property] = s
	}
	return e
}
