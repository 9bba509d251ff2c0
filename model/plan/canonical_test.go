package plan

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
)

// example is a plan with something of everything, and names made to break
// out of whatever they are written into.
func example() *Plan {
	cart := model.Ref{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: "cart"}
	svc := model.Ref{Kind: "Service", Namespace: "shop", Name: "cart"}
	return &Plan{
		Name: "restore-cart", Intent: Repair, Summary: "a <b> & c",
		Evidence: []Evidence{{Obligation: svc}, {Oracle: "CartDown"}},
		Bounds:   Bounds{Actions: 4},
		Accepts:  []Accept{{Loss: LossTransient, On: svc, Reason: "night", Owner: "me", Expires: time.Date(2027, 1, 31, 1, 0, 0, 0, time.FixedZone("", 3600))}},
		Transactions: []Transaction{{
			Name: "one",
			Actions: []Action{
				{ID: "up", Do: "scale", Args: `{"replicas":0}`, Op: model.Action{Verb: model.Scale, On: cart}, Kubectl: "kubectl -n shop scale deployment/cart --replicas=0"},
				{ID: "fix", Do: "patch", After: []int{0}, Op: model.Action{Verb: model.Patch, On: cart, Patch: map[string]any{"spec": map[string]any{"paused": nil}}}},
				{ID: "wait", Do: "waitAvailable", After: []int{0, 1}, Op: model.Action{Verb: model.Wait, On: cart, Timeout: "2m", Condition: model.Condition{On: cart, Measure: model.Available, Op: "==", Value: 1}}},
			},
		}, {
			Name:    `"]; end <script>`,
			Actions: []Action{{ID: "check", Do: "check", Op: model.Action{Verb: model.Check, On: svc, Condition: model.Condition{On: svc, Measure: model.FieldValue, Op: "==", Field: model.Path{"spec", "type"}, Equals: false}}, Kubectl: "kubectl '\"]\n\\end'"}},
		}},
		Goal: []Goal{{Condition: model.Condition{On: svc, Measure: model.Exists, Op: "==", Value: 0}}},
	}
}

const canonicalExample = `{"accepts":[{"expires":"2027-01-31T00:00:00Z","loss":"outage","on":{"kind":"Service","name":"cart","namespace":"shop"},"owner":"me","reason":"night"}],` +
	`"bounds":{"actions":4},"canonical":"stratus.dev/v1alpha1",` +
	`"evidence":[{"obligation":{"kind":"Service","name":"cart","namespace":"shop"}},{"oracle":"CartDown"}],` +
	`"goal":[{"measure":"exists","on":{"kind":"Service","name":"cart","namespace":"shop"},"op":"=="}],` +
	`"intent":"repair","name":"restore-cart","summary":"a <b> & c","transactions":[{"actions":{` +
	`"fix":{"after":["up"],"do":"patch","op":{"on":{"group":"apps","kind":"Deployment","name":"cart","namespace":"shop"},"patch":{"spec":{"paused":null}},"verb":"patch"}},` +
	`"up":{"args":{"replicas":0},"do":"scale","op":{"on":{"group":"apps","kind":"Deployment","name":"cart","namespace":"shop"},"verb":"scale"}},` +
	`"wait":{"after":["fix","up"],"do":"waitAvailable","op":{"condition":{"measure":"available","on":{"group":"apps","kind":"Deployment","name":"cart","namespace":"shop"},"op":"==","value":1},"on":{"group":"apps","kind":"Deployment","name":"cart","namespace":"shop"},"timeout":"2m","verb":"wait"}}},"name":"one"},` +
	`{"actions":{"check":{"do":"check","op":{"condition":{"equals":false,"field":["spec","type"],"measure":"field","on":{"kind":"Service","name":"cart","namespace":"shop"},"op":"=="},"on":{"kind":"Service","name":"cart","namespace":"shop"},"verb":"check"}}},"name":"\"]; end <script>"}]}`

func TestCanonical(t *testing.T) {
	got := string(example().Canonical())
	if got != canonicalExample {
		t.Errorf("have %s\nwant %s", got, canonicalExample)
	}
	if !json.Valid([]byte(got)) || strings.ContainsAny(got, "\n") {
		t.Error("not one line of JSON")
	}
}

// TestDigest: what means nothing does not move the digest, what means
// something does.
func TestDigest(t *testing.T) {
	want := example().Digest()
	if !strings.HasPrefix(want, "sha256:") || len(want) != len("sha256:")+64 {
		t.Errorf("digest %q", want)
	}
	for name, change := range map[string]func(*Plan){
		"positions":   func(p *Plan) { p.Pos = diag.Position{Line: 3}; p.Transactions[0].Actions[0].Pos.Line = 9 },
		"kubectl":     func(p *Plan) { p.Transactions[0].Actions[0].Kubectl = "" },
		"empty lists": func(p *Plan) { p.Transactions[0].Actions[0].After = []int{} },
		"order": func(p *Plan) {
			a := p.Transactions[0].Actions
			a[0], a[1] = a[1], a[0]
			a[0].After, a[2].After = []int{1}, []int{0, 1}
		},
	} {
		p := example()
		if change(p); p.Digest() != want {
			t.Errorf("%s change the digest", name)
		}
	}
	for name, change := range map[string]func(*Plan){
		"name":         func(p *Plan) { p.Name = "x" },
		"cluster":      func(p *Plan) { p.Cluster = "x" },
		"intent":       func(p *Plan) { p.Intent = Change },
		"bounds":       func(p *Plan) { p.Bounds.Failures = 2 },
		"accepts":      func(p *Plan) { p.Accepts = nil },
		"expiry":       func(p *Plan) { p.Accepts[0].Expires = p.Accepts[0].Expires.Add(time.Second) },
		"evidence":     func(p *Plan) { p.Evidence[1].Oracle = "y" },
		"after":        func(p *Plan) { p.Transactions[0].Actions[2].After = []int{0} },
		"object":       func(p *Plan) { p.Transactions[0].Actions[0].Op.On.Name = "x" },
		"replicas":     func(p *Plan) { p.Transactions[0].Actions[0].Op.Replicas = 1 },
		"lowering":     func(p *Plan) { p.Transactions[0].Actions[1].Op.Patch = map[string]any{} },
		"orphan":       func(p *Plan) { p.Transactions[0].Actions[0].Op.Orphan = true },
		"timeout":      func(p *Plan) { p.Transactions[0].Actions[2].Op.Timeout = "3m" },
		"equals":       func(p *Plan) { p.Transactions[1].Actions[0].Op.Condition.Equals = nil },
		"goal":         func(p *Plan) { p.Goal[0].Condition.Value = 1 },
		"transactions": func(p *Plan) { p.Transactions[0], p.Transactions[1] = p.Transactions[1], p.Transactions[0] },
	} {
		p := example()
		if change(p); p.Digest() == want {
			t.Errorf("%s does not change the digest", name)
		}
	}
}
