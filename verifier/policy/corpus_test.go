package policy_test

import (
	"fmt"
	"os"
	"testing"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/stratus-sre/stratus/internal/testkit"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/manifest"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier/policy"
)

// corpus returns both applications of the corpus as one state.
func corpus(t testing.TB) *model.State {
	t.Helper()
	draft := model.Empty().Draft()
	for _, name := range []string{"hotel-reservation.yaml", "online-boutique.yaml"} {
		text, err := os.ReadFile(testkit.Corpus(t, name))
		if err != nil {
			t.Fatal(err)
		}
		objects, diags := manifest.Decode(name, text)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for _, o := range objects {
			draft.Put(o)
		}
	}
	return draft.State()
}

// restartAndScale is a plan of n harmless actions on Deployments of the state,
// and the state that it reaches.
func restartAndScale(t testing.TB, start *model.State, n int) (policy.PlanInput, *model.State) {
	t.Helper()
	in := policy.PlanInput{Plan: &plan.Plan{Name: "bench", Intent: plan.Change}, Start: start, Now: now}
	tx := plan.Transaction{Name: "t"}
	s := start
	for o := range start.List("apps", "Deployment") {
		if len(tx.Actions) == n {
			break
		}
		container := model.As[appsv1.Deployment](o).Spec.Template.Spec.Containers[0].Name
		op := model.Action{Verb: model.Patch, On: o.Ref(), Patch: map[string]any{"spec": map[string]any{
			"replicas": int64(3),
			"template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{
				"name": container, "env": []any{map[string]any{"name": "LOG_LEVEL", "value": "debug"}},
			}}}},
		}}}
		next, effect, refusal := model.Step(s, op)
		if refusal != nil {
			t.Fatal(refusal)
		}
		s = next
		tx.Actions = append(tx.Actions, plan.Action{ID: fmt.Sprintf("a%d", len(tx.Actions)), Do: "patch", Op: op})
		in.Effects = append(in.Effects, policy.Effect{Before: effect.Before, After: effect.After, Changes: effect.Changes(), Class: model.R1})
	}
	if len(tx.Actions) != n {
		t.Fatalf("the corpus has only %d Deployments", len(tx.Actions))
	}
	in.Plan.Transactions = []plan.Transaction{tx}
	return in, s
}

// Real manifests draw no denial of a plan that does nothing wrong, whatever
// they look like themselves.
func TestCorpus(t *testing.T) {
	set := load(t, policy.Options{})
	in, reached := restartAndScale(t, corpus(t), 20)
	if got := judge(t, set, in); got != "" {
		t.Errorf("denied:\n%s", got)
	}
	denials, err := set.State(t.Context(), policy.StateInput{Plan: in.Plan, Start: in.Start, State: reached})
	if err != nil || len(denials) != 0 {
		t.Errorf("state denied: %v, %v", denials, err)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		load(b, policy.Options{})
	}
}

// The first plan of a Set converts the objects that rules read.
func BenchmarkPlan(b *testing.B) {
	in, _ := restartAndScale(b, corpus(b), 10)
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			set := load(b, policy.Options{})
			b.StartTimer()
			if _, err := set.Plan(b.Context(), in); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("warm", func(b *testing.B) {
		set := load(b, policy.Options{})
		for b.Loop() {
			if _, err := set.Plan(b.Context(), in); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkState(b *testing.B) {
	in, reached := restartAndScale(b, corpus(b), 10)
	set := load(b, policy.Options{})
	state := policy.StateInput{Plan: in.Plan, Start: in.Start, State: reached}
	for b.Loop() {
		if _, err := set.State(b.Context(), state); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCrossCheck(b *testing.B) {
	in, reached := restartAndScale(b, corpus(b), 10)
	set := load(b, policy.Options{})
	state := policy.StateInput{Plan: in.Plan, Start: in.Start, State: reached, AtEnd: true}
	for b.Loop() {
		if _, _, err := set.CrossCheck(b.Context(), state); err != nil {
			b.Fatal(err)
		}
	}
}
