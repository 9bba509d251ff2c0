package verifier_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/planner/cueplan"
	"github.com/stratus-sre/stratus/verifier"
	"github.com/stratus-sre/stratus/verifier/policy"
)

// small is a shop of two services: web, with two replicas, is what users see.
const small = `
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {allocatable: {cpu: "4", memory: 8Gi, pods: "20"}, conditions: [{type: Ready, status: "True"}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: "reg/web:1", ports: [{containerPort: 8080}], readinessProbe: {httpGet: {path: /, port: 8080}}}]}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, namespace: shop}, spec: {replicas: 0, selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: main, image: "reg/api:1", ports: [{containerPort: 9090}]}]}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: api, namespace: shop}, spec: {selector: {app: api}, ports: [{port: 80, targetPort: 9090}]}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: shop}, spec: {replicas: 1, serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: main, image: "reg/db:1"}]}}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: key, namespace: shop}, data: {blob: Y2FuYXJ5LW9sZA==}}
`

// ask decodes a plan, given without its head, and verifies it on small.
func ask(t *testing.T, intent, body string, change ...func(*verifier.Request)) (*verifier.Verdict, error) {
	t.Helper()
	text := fmt.Sprintf("plan: {\n\tapiVersion: \"stratus.dev/v1alpha1\"\n\tkind: \"Plan\"\n\tmetadata: name: \"p\"\n\tintent: %q\n\tsummary: \"s\"\n\t%s\n}\n", intent, body)
	p, diags := cueplan.Decode(context.Background(), "plan.cue", []byte(text))
	if err := diags.Err(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	r := verifier.Request{Plan: p, World: worldOf(t, small), Now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, c := range change {
		c(&r)
	}
	return verifier.Verify(context.Background(), r)
}

func actions(body string) string { return `transactions: [{name: "t", actions: {` + body + `}}]` }

const healApi = `
	up:    {do: "scale", on: "deployment/shop/api", replicas: 1}
	ready: {do: "waitAvailable", on: up.on, after: ["up"]}`

const apiEvidence = `
	evidence: [{obligation: "service/shop/api"}]
	goal: [{on: "service/shop/api", readyEndpoints: ">=1"}]`

const goal = `
	goal: [{on: "service/shop/web", readyEndpoints: ">=1"}]`

func property(v *verifier.Verdict, id string) verifier.Property {
	for _, p := range v.Properties {
		if p.ID == id {
			return p
		}
	}
	return verifier.Property{}
}

func TestVerify(t *testing.T) {
	accept := func(expires string) string {
		return fmt.Sprintf(`
	accepts: [
		{loss: "desired", on: "deployment/shop/web", reason: "r", owner: "o", expires: %q},
		{loss: "latent", on: "service/shop/web", reason: "one endpoint is enough", owner: "o", expires: "2031-01-01"},
	]`, expires)
	}
	tests := []struct {
		name, intent, body string
		outcome            verifier.Outcome
		id                 string // the property to look at
		says               string // part of its summary, facts or hint
	}{
		{"a repair", "repair", actions(healApi) + apiEvidence, verifier.Verified, "TNR007", ""},
		{"the cheat of deleting what is broken", "repair", actions(`del: {do: "delete", on: "service/shop/api"}`) + goal,
			verifier.Refuted, "TNR001", "service/shop/api"},
		{"an outage of users", "change", actions(`zero: {do: "scale", on: "deployment/shop/web", replicas: 0}`) + goal,
			verifier.Refuted, "TNR004", "Users lose service/shop/web: 2 -> 0 ready endpoints mid-plan."},
		{"a new image behind a wait: safe, and nobody knows whether it starts", "change",
			actions(`img: {do: "setImage", on: "deployment/shop/web", container: "main", image: "reg/web:2"}, w: {do: "waitAvailable", on: img.on, after: ["img"]}`) + goal,
			verifier.Undecided, "TNR007", "reg/web:2"},
		{"what is not modelled", "change", actions(`db: {do: "scale", on: "statefulset/shop/db", replicas: 2}`) + goal,
			verifier.Undecided, "TNR001", "StatefulSet"},
		{"a symptom that only an oracle sees", "repair", actions(`env: {do: "setEnv", on: "deployment/shop/web", container: "main", name: "A", value: "1"}`) + goal + "\n\tevidence: [{alert: \"TooSlow\"}]",
			verifier.Undecided, "TNR007", "TooSlow"},
		{"an accepted loss of capacity", "change", actions(`less: {do: "scale", on: "deployment/shop/web", replicas: 1}`) + goal + accept("2031-01-01"),
			verifier.Verified, "TNR001", ""},
		{"an accept that has expired", "change", actions(`less: {do: "scale", on: "deployment/shop/web", replicas: 1}`) + goal + accept("2029-01-01"),
			verifier.Refuted, "TNR001", "1 of 2 replicas"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := ask(t, tt.intent, tt.body)
			if err != nil {
				t.Fatal(err)
			}
			p := property(v, tt.id)
			text := strings.Join(append([]string{p.Summary, p.Hint}, p.Facts...), " ")
			if v.Outcome != tt.outcome || !strings.Contains(text, tt.says) {
				t.Errorf("%s, %s %s: %q; want %s and %q", v.Outcome, tt.id, p.Outcome, text, tt.outcome, tt.says)
			}
		})
	}
}

func TestABoundIsNeverVerified(t *testing.T) {
	v, err := ask(t, "repair", actions(healApi)+apiEvidence, func(r *verifier.Request) { r.MaxStates = 20 })
	if err != nil {
		t.Fatal(err)
	}
	if v.Outcome != verifier.Undecided || v.Bounds.Exhaustive || v.Stats.States != 20 {
		t.Errorf("%s after %d states, exhaustive %v", v.Outcome, v.Stats.States, v.Bounds.Exhaustive)
	}
}

func TestATargetThatIsNotThereIsADiagnostic(t *testing.T) {
	_, err := ask(t, "change", actions(`up: {do: "scale", on: "deployment/shop/apj", replicas: 1}`)+goal)
	var diags diag.List
	if !errors.As(err, &diags) {
		t.Fatalf("error %v", err)
	}
	want := "plan.cue:7:39: scale: deployment/shop/apj is not in the cluster state (did you mean deployment/shop/api?)"
	if diags[0].String() != want {
		t.Errorf("%q, want %q", diags[0], want)
	}
}

// A container that is not there would be added by the merge, and run.
func TestAContainerOrPortThatIsNotThereIsADiagnostic(t *testing.T) {
	for body, want := range map[string]string{
		`img: {do: "setImage", on: "deployment/shop/web", container: "mian", image: "reg/web:1"}`:      "setImage: deployment/shop/web has no container mian (it has main)",
		`port: {do: "setTargetPort", on: "service/shop/web", port: 81, targetPort: 8080}`:              "setTargetPort: service/shop/web has no port 81 (it has 80)",
		`probe: {do: "removeProbe", on: "deployment/shop/web", container: "side", probe: "readiness"}`: "removeProbe: deployment/shop/web has no container side (it has main)",
		`env: {do: "unsetEnv", on: "deployment/shop/web", container: "mein", name: "A"}`:               "unsetEnv: deployment/shop/web has no container mein (it has main)",
	} {
		_, err := ask(t, "change", actions(body)+goal)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", body, err, want)
		}
	}
	if _, err := ask(t, "change", actions(`add: {do: "patch", on: "deployment/shop/web", patch: {spec: template: spec: containers: [{name: "side", image: "reg/web:1"}]}}`)+goal); err != nil {
		t.Errorf("a patch may add a container: %v", err)
	}
}

func TestPoliciesBlameTheirLine(t *testing.T) {
	rules, err := policy.Load(context.Background(), policy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	with := func(r *verifier.Request) { r.Policies = rules }
	v, err := ask(t, "change", actions(`env: {do: "setEnv", on: "deployment/shop/web", container: "main", name: "API_TOKEN", value: "canary-new"}`)+goal, with)
	if err != nil {
		t.Fatal(err)
	}
	p := property(v, "POL-secrets-inline")
	if v.Outcome != verifier.Refuted || p.Outcome != verifier.Refuted || p.Pos.Line != 7 {
		t.Errorf("%s, rule %s at %s", v.Outcome, p.Outcome, p.Pos)
	}
	if got, want := len(v.Properties), 8+len(rules.Rules()); got != want {
		t.Errorf("%d properties, want every one of the %d", got, want)
	}
}

// A Secret's values, old and new, appear nowhere in a verdict.
func TestSecretsStayOut(t *testing.T) {
	v, err := ask(t, "change", actions(`
		rot:  {do: "patch", on: "secret/shop/key", patch: {data: {blob: "Y2FuYXJ5LW5ldw=="}}}
		zero: {do: "scale", on: "deployment/shop/web", replicas: 0, after: ["rot"]}`)+goal)
	if err != nil {
		t.Fatal(err)
	}
	told, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	v, err = ask(t, "change", actions(`
		pass: {do: "setEnv", on: "deployment/shop/web", container: "main", name: "DB_PASSWORD", value: "canary-env"}
		dsn:  {do: "setEnv", on: "deployment/shop/web", container: "main", name: "DB", value: "postgres://u:canary-dsn@db/x", after: ["pass"]}
		zero: {do: "scale", on: "deployment/shop/web", replicas: 0, after: ["dsn"]}`)+goal)
	if err != nil {
		t.Fatal(err)
	}
	more, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	told = append(told, more...)
	if !strings.Contains(string(told), "DB_PASSWORD") {
		t.Error("the variable's change is not in the counterexample, so nothing was tested")
	}
	if !strings.Contains(string(told), "secret/shop/key") {
		t.Error("the Secret's change is not in the counterexample, so nothing was tested")
	}
	for _, canary := range []string{"Y2FuYXJ5", "canary"} {
		if strings.Contains(string(told), canary) {
			t.Errorf("%q is in the verdict", canary)
		}
	}
}

func TestNothingToVerifyIsAnError(t *testing.T) {
	if _, err := verifier.Verify(context.Background(), verifier.Request{}); err == nil {
		t.Error("an empty request was answered")
	}
}

// An accept waives a loss of its entity, on both sides: what is broken already
// and waived must not pay for something else, nor make a repair out of nothing.
func TestAcceptsDoNotPayForOthers(t *testing.T) {
	const accept = `
	accepts: [
		{loss: "capacity", on: "deployment/shop/api", reason: "r", owner: "o", expires: "2031-01-01"},
		{loss: "latent", on: "service/shop/web", reason: "one endpoint is enough", owner: "o", expires: "2031-01-01"},
	]`
	v, err := ask(t, "change", actions(`less: {do: "scale", on: "deployment/shop/web", replicas: 1}`)+goal+accept)
	if err != nil {
		t.Fatal(err)
	}
	if p := property(v, "TNR001"); p.Outcome != verifier.Refuted {
		t.Errorf("a waived loss of api pays for a loss of web: TNR001 %s", p.Outcome)
	}
	v, err = ask(t, "repair", actions(`again: {do: "rolloutRestart", on: "deployment/shop/web"}`)+goal+accept)
	if err != nil {
		t.Fatal(err)
	}
	if p := property(v, "TNR007"); p.Outcome != verifier.Refuted {
		t.Errorf("an accept makes a repair out of a restart: TNR007 %s", p.Outcome)
	}
}
