package policy_test

import (
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier/policy"
)

// canary is valid base64, as data of a Secret must be.
const canary = "CANARYcanary7f3a"

// A Secret with the canary wherever a value of it can be. The goal and the
// write bring it in by other ways.
func canaryInput(t *testing.T) policy.PlanInput {
	t.Helper()
	object := func(value string) *model.Object {
		o, err := model.NewObject(map[string]any{
			"apiVersion": "v1", "kind": "Secret",
			"metadata": map[string]any{
				"name": "db", "namespace": "shop",
				"annotations": map[string]any{
					"kubectl.kubernetes.io/last-applied-configuration": `{"data":{"password":"` + value + `"}}`,
					"team": "shop",
				},
			},
			"data":       map[string]any{"password": value},
			"stringData": map[string]any{"token": value},
		})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	before, after := object(canary), object(canary+"newX")
	start, err := model.NewState([]*model.Object{before})
	if err != nil {
		t.Fatal(err)
	}
	ref := before.Ref()
	return policy.PlanInput{
		Plan: &plan.Plan{
			Goal: []plan.Goal{{Condition: model.Condition{On: ref, Measure: model.FieldValue, Field: model.Path{"data", "password"}, Equals: canary}}},
			Transactions: []plan.Transaction{{Name: "t", Actions: []plan.Action{
				{ID: "rotate", Args: canary, Kubectl: canary, Op: model.Action{Verb: model.Patch, On: ref, Patch: map[string]any{"data": map[string]any{"password": canary}}}},
				{ID: "make", Args: canary, Op: model.Action{Verb: model.Create, On: ref, Object: map[string]any{"data": map[string]any{"password": canary}}}},
			}}},
		},
		Start: start,
		Now:   now,
		Effects: []policy.Effect{
			{Before: before, After: after, Changes: model.Diff(before.Fields(), after.Fields())},
			{After: after, Changes: append(model.Diff(nil, after.Fields()),
				model.Change{After: after.Fields()}, // the whole object as one change
				model.Change{Path: model.Path{"data"}, After: map[string]any{"password": canary}},
				model.Change{Path: model.Path{"data", "a", "b"}, After: canary},
				model.Change{Path: model.Path{"metadata"}, After: after.Fields()["metadata"]},
			)},
		},
	}
}

func TestNoSecretValueInAnInput(t *testing.T) {
	set := load(t, policy.Options{})
	in := canaryInput(t)
	docs, err := set.Inputs(in)
	if err != nil {
		t.Fatal(err)
	}
	reached := in.Start.Draft()
	reached.Put(in.Effects[0].After)
	docs = append(docs, set.StateInputDocument(policy.StateInput{Plan: in.Plan, Start: in.Start, State: reached.State()}))
	if n := len(docs); n != 4 {
		t.Fatalf("%d documents", n)
	}
	redacted := 0
	for _, doc := range docs {
		ast.WalkTerms(ast.NewTerm(doc), func(term *ast.Term) bool {
			if s, ok := term.Value.(ast.String); ok {
				if strings.Contains(string(s), canary) {
					t.Errorf("a Secret's value in an input: %s", s)
				}
				if s == "<redacted>" {
					redacted++
				}
			}
			return false
		})
	}
	if redacted < 20 {
		t.Errorf("only %d redacted values: the Secret was not in the documents", redacted)
	}
	denials, err := set.Plan(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range denials {
		if strings.Contains(d.Message+d.Hint+d.Patch, canary) {
			t.Errorf("a Secret's value in a denial: %v", d)
		}
	}
	if v := in.Start.Get(model.Ref{Kind: "Secret", Namespace: "shop", Name: "db"}).Fields()["data"].(map[string]any)["password"]; v != canary {
		t.Errorf("the object itself was changed: %v", v)
	}
}
