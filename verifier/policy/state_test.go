package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier/policy"
)

// nodes returns a state of three nodes, of which some are cordoned.
func nodes(t *testing.T, cordoned ...string) *model.State {
	var text strings.Builder
	for _, n := range []string{"a", "b", "c"} {
		fmt.Fprintf(&text, "---\napiVersion: v1\nkind: Node\nmetadata: {name: %s}\nspec: {unschedulable: %t}\n", n, slices.Contains(cordoned, n))
	}
	return state(t, []byte(text.String()))
}

func TestState(t *testing.T) {
	set := load(t, policy.Options{})
	for _, c := range []struct {
		name         string
		start, state []string
		want         []string
	}{
		{"nothing", nil, nil, nil},
		{"one", nil, []string{"a"}, nil},
		{"two", nil, []string{"a", "b"}, []string{"node/a", "node/b"}},
		{"a second one", []string{"a"}, []string{"a", "c"}, []string{"node/c"}},
		{"two from the start", []string{"a", "b"}, []string{"a", "b"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := policy.StateInput{Start: nodes(t, c.start...), State: nodes(t, c.state...)}
			if got := on(t, set, in); !slices.Equal(got, c.want) {
				t.Errorf("denied %v, want %v", got, c.want)
			}
			if got := on(t, set.Plain(), in); !slices.Equal(got, c.want) {
				t.Errorf("without optimisations: denied %v, want %v", got, c.want)
			}
		})
	}
}

// A rule that knows nothing of the start is not held against the plan for what
// was there already; where it names no object, the message tells.
func TestStartDoesNotCount(t *testing.T) {
	in := policy.StateInput{Start: nodes(t, "a"), State: nodes(t, "a", "b")}
	set := user(t, "state", `deny contains {"msg": "cordoned", "on": n.metadata.name} if { some n in input.nodes; n.spec.unschedulable }`)
	if got := on(t, set, in); !slices.Equal(got, []string{"b"}) {
		t.Errorf("denied %v, want b only", got)
	}
	set = user(t, "state", `deny contains {"msg": "some node is cordoned"} if { some n in input.nodes; n.spec.unschedulable }`)
	if got := on(t, set, in); len(got) != 0 {
		t.Errorf("denied %v, want nothing", got)
	}
	set = user(t, "state", `deny contains {"msg": sprintf("%d cordoned", [count([n | some n in input.nodes; n.spec.unschedulable])])}`)
	if got := on(t, set, in); len(got) != 1 {
		t.Errorf("denied %v, want the new number", got)
	}
}

// input.written is what people wrote: not what controllers made of it.
func TestWritten(t *testing.T) {
	const kept = `
apiVersion: v1
kind: ConfigMap
metadata: {name: kept, namespace: shop}
---
`
	start := state(t, []byte(kept+`
apiVersion: v1
kind: ConfigMap
metadata: {name: changed, namespace: shop}
data: {a: "1"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: gone, namespace: shop}
`))
	reached := state(t, []byte(kept+`
apiVersion: v1
kind: ConfigMap
metadata: {name: changed, namespace: shop, resourceVersion: "9"}
data: {a: "2"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: new, namespace: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: derived, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: x, uid: u1, controller: true}]}
spec: {containers: [{name: c, image: i}]}
`))
	set := user(t, "state", `deny contains {"msg": sprintf("%v -> %v", [b, a]), "on": w.on} if {
		some w in input.written
		b := object.get(w, ["before", "data"], "no data")
		a := object.get(w, ["after", "data"], "no data")
	}`)
	denials, err := set.State(t.Context(), policy.StateInput{Start: start, State: reached})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range denials {
		got = append(got, d.On+" "+d.Message)
	}
	want := []string{
		`configmap/shop/changed {"a": "1"} -> {"a": "2"}`,
		`configmap/shop/gone no data -> no data`,
		`configmap/shop/new no data -> no data`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("have %q\nwant %q", got, want)
	}
}

func TestCrossCheck(t *testing.T) {
	set := load(t, policy.Options{NoBuiltin: true})
	cart := model.Ref{Kind: "Service", Namespace: "shop", Name: "cart"}
	deployment := model.Ref{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: "cart"}
	var down model.Severity
	down.Add(model.T2, model.Finding{Entity: cart, What: "has no usable endpoint"})
	probe := []model.Coverage{{Check: "readinessProbe", Subject: "deployment/shop/cart container main", By: deployment}}
	four := &plan.Plan{Bounds: plan.Bounds{Actions: 3}, Transactions: []plan.Transaction{{Name: "t", Actions: make([]plan.Action, 4)}}}
	for _, c := range []struct {
		name           string
		in             policy.StateInput
		tnr004, tnr008 []string
	}{
		{"healthy", policy.StateInput{}, nil, nil},
		{"outage", policy.StateInput{Worst: down}, []string{"T2 gains service/shop/cart: has no usable endpoint"}, nil},
		{"outage of the start", policy.StateInput{Worst: down, StartSeverity: down}, nil, nil},
		{"outage settled only", policy.StateInput{Settled: down}, nil, nil},
		{"outage accepted", policy.StateInput{Worst: down, Accepts: []plan.Accept{{Loss: plan.LossTransient, On: cart}}}, nil, nil},
		{"too many actions", policy.StateInput{Plan: four}, []string{"transaction t has 4 actions, more than 3"}, nil},
		{"probe lost", policy.StateInput{StartCoverage: probe, AtEnd: true}, nil, []string{"readinessProbe of deployment/shop/cart container main is lost"}},
		{"probe lost on the way", policy.StateInput{StartCoverage: probe}, nil, nil},
		{"probe kept", policy.StateInput{StartCoverage: probe, Coverage: probe, AtEnd: true}, nil, nil},
		{"loss accepted", policy.StateInput{StartCoverage: probe, AtEnd: true, Accepts: []plan.Accept{{Loss: plan.LossCoverage, On: deployment}}}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.Start, c.in.State = model.Empty(), model.Empty()
			tnr004, tnr008, err := set.CrossCheck(t.Context(), c.in)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(tnr004, c.tnr004) || !slices.Equal(tnr008, c.tnr008) {
				t.Errorf("TNR004 %q, TNR008 %q; want %q, %q", tnr004, tnr008, c.tnr004, c.tnr008)
			}
		})
	}
}

// on returns the objects of the denials, "" where there is none.
func on(t *testing.T, set *policy.Set, in policy.StateInput) []string {
	t.Helper()
	denials, err := set.State(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range denials {
		out = append(out, d.On)
	}
	return out
}
