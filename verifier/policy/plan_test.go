package policy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/manifest"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier/policy"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Each archive in testdata/plan is a cluster, a plan, perhaps a folder of the
// user's, and in "want" every denial. Each is judged twice, the second time
// with the engine's optimisations off: the same must come out.
func TestPlan(t *testing.T) {
	builtin := load(t, policy.Options{})
	for name, a := range archives(t, "testdata/plan/*.txtar") {
		t.Run(name, func(t *testing.T) {
			set := builtin
			if strings.HasPrefix(name, "user_") {
				set = load(t, policy.Options{Dirs: []policy.Dir{a.dir("mine")}})
			}
			in := planInput(t, state(t, a.file(t, "cluster.yaml")), a.file(t, "plan.yaml"))
			got := judge(t, set, in)
			if again := judge(t, set.Plain(), in); again != got {
				t.Errorf("without optimisations:\n%s\nwith:\n%s", again, got)
			}
			a.want(t, got)
		})
	}
}

func judge(t *testing.T, set *policy.Set, in policy.PlanInput) string {
	t.Helper()
	denials, err := set.Plan(t.Context(), in)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	for _, d := range denials {
		fmt.Fprintf(&b, "%s %s %s/%s %s\n  %s\n  -> %s\n", d.Rule.Level, d.Rule.ID, d.Transaction, d.Action, d.On, d.Message, d.Hint)
		for line := range strings.Lines(d.Patch) {
			b.WriteString("  | " + line)
		}
	}
	return b.String()
}

// state decodes manifests.
func state(t testing.TB, text []byte) *model.State {
	t.Helper()
	objects, diags := manifest.Decode("cluster.yaml", text)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	s, err := model.NewState(objects)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// planText is a plan as the archives write it: primitives, and the class that
// the model would find.
type planText struct {
	Intent   string
	Evidence []string
	Accepts  []struct {
		Loss, On string
		Expires  time.Time
	}
	Actions []struct {
		ID, Verb, On, Class string
		Replicas            int32
		Object, Patch       map[string]any
	}
}

// planInput builds what the verifier would: every action runs once on the
// state that the earlier ones left.
func planInput(t testing.TB, start *model.State, text []byte) policy.PlanInput {
	t.Helper()
	var from planText
	if err := yaml.Unmarshal(text, &from); err != nil {
		t.Fatal(err)
	}
	p := &plan.Plan{Name: "test", Intent: plan.Intent(from.Intent)}
	for _, e := range from.Evidence {
		p.Evidence = append(p.Evidence, plan.Evidence{Obligation: ref(t, e)})
	}
	for _, a := range from.Accepts {
		p.Accepts = append(p.Accepts, plan.Accept{Loss: plan.Loss(a.Loss), On: ref(t, a.On), Expires: a.Expires})
	}
	in := policy.PlanInput{Plan: p, Start: start, Now: now}
	tx := plan.Transaction{Name: "t"}
	s := start
	for _, a := range from.Actions {
		verb, ok := model.ParseVerb(a.Verb)
		if !ok {
			t.Fatalf("verb %q", a.Verb)
		}
		op := model.Action{Verb: verb, On: ref(t, a.On), Replicas: a.Replicas, Object: unstructured(t, a.Object), Patch: unstructured(t, a.Patch)}
		tx.Actions = append(tx.Actions, plan.Action{ID: a.ID, Do: a.Verb, Op: op})
		next, effect, refusal := model.Step(s, op)
		if refusal != nil {
			t.Fatalf("%s: %s", a.ID, refusal)
		}
		s = next
		e := policy.Effect{Before: effect.Before, After: effect.After, Changes: effect.Changes(), ClassWhy: "its pre-image is not enough"}
		for _, c := range []model.Class{model.R0, model.R1, model.R2, model.R3} {
			if c.String() == a.Class {
				e.Class = c
			}
		}
		in.Effects = append(in.Effects, e)
	}
	p.Transactions = []plan.Transaction{tx}
	return in
}

func ref(t testing.TB, s string) model.Ref {
	t.Helper()
	r, err := model.ParseRef(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// unstructured turns decoded YAML into the model's values (int64, float64).
func unstructured(t testing.TB, in map[string]any) map[string]any {
	t.Helper()
	if in == nil {
		return nil
	}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	if err := dec.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return numbers(out).(map[string]any)
}

func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	}
	return v
}
