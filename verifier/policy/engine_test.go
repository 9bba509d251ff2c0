package policy_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier/policy"
)

// user returns a set of one rule of the user's, whose body is given.
func user(t testing.TB, scope, body string) *policy.Set {
	t.Helper()
	rule := "# METADATA\n# title: T\n# description: D\n# custom:\n#   id: POL-acme-a\n#   level: deny\n#   scope: " + scope +
		"\npackage acme.a\n\n" + body + "\n"
	return load(t, policy.Options{
		NoBuiltin: true,
		Limit:     50 * time.Millisecond,
		Dirs:      []policy.Dir{{Name: "mine", FS: fstest.MapFS{"a.rego": {Data: []byte(rule)}}}},
	})
}

var onePlan = policy.PlanInput{
	Plan: &plan.Plan{Name: "test", Transactions: []plan.Transaction{{Name: "t", Actions: []plan.Action{
		{ID: "up", Do: "scale", Op: model.Action{Verb: model.Scale, On: model.Ref{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: "cart"}}},
	}}}},
	Start:   model.Empty(),
	Effects: make([]policy.Effect, 1),
}

// What cannot be evaluated is an error that names the rule, never a pass.
func TestErrorsAreNotAnswers(t *testing.T) {
	for _, c := range []struct{ name, scope, body, want string }{
		{
			"runaway", "plan",
			`deny contains {"msg": "x"} if { some i in numbers.range(1, 3000); some j in numbers.range(1, 3000); some k in numbers.range(1, 3000); i + j + k == -1 }`,
			"policy POL-acme-a (mine/a.rego) did not end within 50ms and was cancelled",
		},
		{
			"nested comprehensions", "plan",
			`deny contains {"msg": "x"} if count([1 | some i in numbers.range(1, 9000); count([j | some j in numbers.range(1, 9000); i == -j]) > 0]) > 0`,
			"policy POL-acme-a (mine/a.rego) did not end within 50ms and was cancelled",
		},
		{
			"built-in that fails", "action",
			`deny contains {"msg": "x"} if to_number(input.action.on) > 1`,
			"action up: policy POL-acme-a (mine/a.rego) could not be evaluated: mine/a.rego:10: eval_builtin_error: to_number",
		},
		{
			"two values of one name", "plan",
			"deny contains {\"msg\": \"x\"} if v > 0\n\nv := 1 if true\n\nv := 2 if true",
			"eval_conflict_error",
		},
		{
			"no message", "plan",
			`deny contains {"hint": "x"}`,
			"policy POL-acme-a (mine/a.rego): a deny has no msg",
		},
		{
			"a string", "plan",
			`deny contains "x"`,
			"policy POL-acme-a (mine/a.rego): a deny has no msg",
		},
		{
			"a misspelt field", "plan",
			`deny contains {"msg": "x", "hnit": "y"}`,
			`policy POL-acme-a (mine/a.rego): a deny has "hnit": y; it may have the strings msg, on, action, hint and patch`,
		},
		{
			"a field that is no string", "plan",
			`deny contains {"msg": "x", "on": 7}`,
			`a deny has "on": 7`,
		},
		{
			"an action that is not there", "plan",
			`deny contains {"msg": "x", "action": "down"}`,
			`speaks of action "down", which the plan does not have`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			denials, err := user(t, c.scope, c.body).Plan(t.Context(), onePlan)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v\nwant %s", err, c.want)
			}
			if denials != nil {
				t.Errorf("denials %v beside an error", denials)
			}
		})
	}
}

func TestCallerCancels(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	set := load(t, policy.Options{})
	if _, err := set.Plan(ctx, onePlan); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestEffectsMatchActions(t *testing.T) {
	set := load(t, policy.Options{})
	for _, n := range []int{0, 2} {
		in := onePlan
		in.Effects = make([]policy.Effect, n)
		if _, err := set.Plan(t.Context(), in); err == nil {
			t.Errorf("%d effects for one action: no error", n)
		}
	}
}

// Checks and waits change nothing: action rules are not asked about them.
func TestWaitsAreNotJudged(t *testing.T) {
	set := user(t, "action", `deny contains {"msg": input.action.id}`)
	in := onePlan
	in.Plan = &plan.Plan{Transactions: []plan.Transaction{{Actions: []plan.Action{
		{ID: "up", Op: model.Action{Verb: model.Scale}},
		{ID: "ready", Op: model.Action{Verb: model.Wait}, After: []int{0}},
		{ID: "look", Op: model.Action{Verb: model.Check}},
	}}}}
	in.Effects = make([]policy.Effect, 3)
	denials, err := set.Plan(t.Context(), in)
	if err != nil || len(denials) != 1 || denials[0].Message != "up" {
		t.Errorf("denials %v, error %v; want one, of up", denials, err)
	}
}

// A waiver counts until it expires; one without expiry never does.
func TestAcceptsInForce(t *testing.T) {
	set := user(t, "plan", `deny contains {"msg": a.reason} if some a in input.accepts`)
	in := onePlan
	in.Now = now
	in.Plan = &plan.Plan{Accepts: []plan.Accept{
		{Reason: "later", Expires: now.Add(time.Second)},
		{Reason: "just now", Expires: now},
		{Reason: "before", Expires: now.Add(-time.Hour)},
		{Reason: "never said"},
	}}
	in.Effects = nil
	denials, err := set.Plan(t.Context(), in)
	if err != nil || len(denials) != 1 || denials[0].Message != "later" {
		t.Errorf("denials %v, error %v; want one, of later", denials, err)
	}
}

// The kinds of data.cluster, and the look-ups that do not convert a whole kind.
func TestCluster(t *testing.T) {
	start := state(t, []byte(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop, resourceVersion: "7", managedFields: []}
spec: {replicas: 3, paused: null, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: cart, namespace: shop}
---
apiVersion: v1
kind: Node
metadata: {name: node-1}
`))
	for _, c := range []struct {
		name, body string
		want       bool
	}{
		{"field of an object", `data.cluster.Deployment.shop.cart.spec.replicas == 3`, true},
		{"look-up by input", `data.cluster[input.actions[0].ref.kind].shop.cart`, true},
		{"scan of a kind", `some ns, name; data.cluster.Deployment[ns][name].spec.replicas == 3; ns == "shop"`, true},
		{"names of a namespace", `object.keys(data.cluster.Deployment.shop) == {"cart"}`, true},
		{"kind with its group", `data.cluster["Rollout.argoproj.io"].shop.cart`, true},
		{"cluster-scoped", `data.cluster.Node[""]["node-1"]`, true},
		{"all kinds", `object.keys(data.cluster) == {"Deployment", "Node", "Rollout.argoproj.io"}`, true},
		{"kind that is not there", `data.cluster.StatefulSet`, false},
		{"object that is not there", `data.cluster.Deployment.shop.web`, false},
		{"field that is not there", `data.cluster.Deployment.shop.cart.spec.replica`, false},
		{"null field", `data.cluster.Deployment.shop.cart.spec.paused == null`, false},
		{"bookkeeping", `data.cluster.Deployment.shop.cart.metadata.resourceVersion`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := onePlan
			in.Start = start
			denials, err := user(t, "plan", `deny contains {"msg": "x"} if { `+c.body+` }`).Plan(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(denials) == 1; got != c.want {
				t.Errorf("holds: %v, want %v", got, c.want)
			}
		})
	}
}

// One Set serves many plans at once, and answers as it does one by one.
func TestConcurrentUse(t *testing.T) {
	set := load(t, policy.Options{})
	a := archives(t, "testdata/plan/*.txtar")["cheats"]
	in := planInput(t, state(t, a.file(t, "cluster.yaml")), a.file(t, "plan.yaml"))
	want := string(a.file(t, "want"))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got := judge(t, set, in); got != want {
				t.Errorf("have\n%s\nwant\n%s", got, want)
			}
		})
	}
	wg.Wait()
}
