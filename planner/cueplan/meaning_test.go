package cueplan

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/model/plan"
)

const sampleYAML = `# The same plan in YAML.
plan:
  apiVersion: stratus.dev/v1alpha1
  kind: Plan
  metadata: {name: restore-user-service}
  intent: repair
  summary: user-service was scaled to zero and its Service targets a port nobody serves
  evidence:
  - obligation: service/social-network/user-service
  bounds: {failures: 1, actions: 20, crashes: 1}
  transactions:
  - name: scale-and-route
    actions:
      ready: {do: waitAvailable, on: deploy/social-network/user-service, after: [route, scale], timeout: 2m}
      scale: {do: scale, on: deployment/social-network/user-service, replicas: 1}
      route:
        do: setTargetPort
        on: {apiVersion: v1, kind: Service, namespace: social-network, name: user-service}
        port: 9090
        targetPort: 9090
  goal:
  - {on: svc/social-network/user-service, readyEndpoints: ">=1"}
`

const sampleJSON = `{"plan": {"kind": "Plan", "apiVersion": "stratus.dev/v1alpha1", "metadata": {"name": "restore-user-service"},
"intent": "repair", "summary": "user-service was scaled to zero and its Service targets a port nobody serves",
"evidence": [{"obligation": "service/social-network/user-service"}], "accepts": [],
"bounds": {"actions": 20, "failures": 1, "crashes": 1},
"transactions": [{"name": "scale-and-route", "actions": {
  "scale": {"do": "scale", "on": "deployment/social-network/user-service", "replicas": 1},
  "route": {"do": "setTargetPort", "on": "service/social-network/user-service", "port": 9090, "targetPort": 9090},
  "ready": {"do": "waitAvailable", "on": "deployment/social-network/user-service", "after": ["scale", "route"], "timeout": "2m"}}}],
"goal": [{"on": "service/social-network/user-service", "readyEndpoints": ">=1"}]}}`

func sampleCUE(t testing.TB) string {
	t.Helper()
	page, err := os.ReadFile("../../specs/plan/README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(regexp.MustCompile("(?ms)^```cue\n(.*?)^```").FindSubmatch(page)[1])
}

// TestOneMeaning: the same plan in CUE, JSON and YAML, with other spellings of
// objects and another order of actions, has one digest; another plan has another.
func TestOneMeaning(t *testing.T) {
	want := mustDecode(t, "p.cue", sampleCUE(t))
	for name, text := range map[string]string{"p.yaml": sampleYAML, "p.json": sampleJSON, "-": sampleYAML} {
		if got := mustDecode(t, name, text); got.Digest() != want.Digest() {
			t.Errorf("%s differs:\n%s\n%s", name, want.Canonical(), got.Canonical())
		}
	}
	other := mustDecode(t, "p.json", strings.Replace(sampleJSON, `"replicas": 1`, `"replicas": 2`, 1))
	if other.Digest() == want.Digest() {
		t.Error("another count of replicas has the same digest")
	}
}

// TestSniff tells the language of standard input.
func TestSniff(t *testing.T) {
	for text, want := range map[string]language{
		sampleCUE(t):            inCUE,
		"plan: {\n":             inCUE,
		"plan: kind: \"Plan\"":  inCUE,
		" \n" + sampleJSON:      inJSON,
		sampleYAML:              inYAML,
		"plan:\n  kind: Plan\n": inYAML,
		"":                      inYAML,
	} {
		if got, out := languageOf("-", []byte(text)); got != want || out != nil {
			t.Errorf("%.30q: language %d, want %d (%v)", text, got, want, out)
		}
	}
	if _, out := languageOf("plan.toml", nil); !strings.Contains(out.Error(), ".cue, .json, .yaml or .yml") {
		t.Error(out)
	}
}

// TestDecode goes through the child and gets what the evaluation gives.
func TestDecode(t *testing.T) {
	text := sampleCUE(t)
	p, out := Decode(context.Background(), "plan.cue", []byte(text))
	if p == nil {
		t.Fatal(out)
	}
	if want := mustDecode(t, "plan.cue", text); p.Digest() != want.Digest() {
		t.Errorf("through the child:\n%s\nin this process:\n%s", p.Canonical(), want.Canonical())
	}
	a := p.Transactions[0].Actions
	var order []string
	for _, x := range a {
		order = append(order, fmt.Sprintf("%s %s", x.ID, x.Pos))
	}
	if got, want := strings.Join(order, ", "), "scale plan.cue:15:4, route plan.cue:16:4, ready plan.cue:17:4"; got != want {
		t.Errorf("actions %s, want %s", got, want)
	}
	if a[1].Args != `{"port":9090,"targetPort":9090}` || a[2].Op.On != a[0].Op.On || fmt.Sprint(a[2].After) != "[0 1]" {
		t.Errorf("%+v", a)
	}
	ports, _ := a[1].Op.Patch["spec"].(map[string]any)["ports"].([]any)
	if port := ports[0].(map[string]any)["port"]; port != int64(9090) {
		t.Errorf("port is a %T, want the int64 of unstructured objects", port)
	}

	_, out = Decode(context.Background(), "", []byte("plan: {kind: 1}"))
	if !strings.Contains(out.Error(), `-:1:14: plan: kind must be "Plan", have 1`) {
		t.Error(out)
	}
}

// TestReferences: values may be taken from other fields, alone or inside text.
func TestReferences(t *testing.T) {
	p := mustDecode(t, "p.cue", around(`actions: {
		a: {do: "setImage", on: "deployment/\(metadata.name)/cart", container: "main", image: "cart:\(metadata.name)-\(b.replicas)"}
		b: {do: "scale", on: a.on, replicas: 2}
	}`))
	a := p.Transactions[0].Actions
	if a[1].Op.On != a[0].Op.On || a[0].Op.On.Namespace != "p" || a[0].Args != `{"container":"main","image":"cart:p-2"}` {
		t.Errorf("%+v", a)
	}
}

// TestFormat: formatting keeps the meaning, is final, and is what it was.
func TestFormat(t *testing.T) {
	for name, text := range map[string]string{
		"p.cue":  strings.NewReplacer("\t", "", "// or", "//or", "{do", "{  do").Replace(sampleCUE(t)),
		"p.json": sampleJSON,
		"p.yaml": sampleYAML,
	} {
		once, out := Format(name, []byte(text))
		if out != nil {
			t.Fatal(out)
		}
		again, _ := Format(name, once)
		if !bytes.Equal(once, again) {
			t.Errorf("%s: formatting twice differs:\n%s\n%s", name, once, again)
		}
		if string(once) == text {
			t.Errorf("%s: nothing was formatted", name)
		}
		if mustDecode(t, name, text).Digest() != mustDecode(t, name, string(once)).Digest() {
			t.Errorf("%s: formatting changes the plan:\n%s", name, once)
		}
	}
	if got, _ := Format("p.cue", []byte("plan:   {\na:1 // why\n b :\"x\"}")); string(got) != "plan: {\n\ta: 1 // why\n\tb: \"x\"\n}\n" {
		t.Errorf("%q", got)
	}
	if got, _ := Format("p.json", []byte(`{"plan":{"b":1,"a":1.0}}`)); string(got) != "{\n  \"plan\": {\n    \"b\": 1,\n    \"a\": 1.0\n  }\n}\n" {
		t.Errorf("%s", got)
	}
	if got, _ := Format("p.yaml", []byte("plan:   {a: 1} # why\n")); string(got) != "plan: {a: 1} # why\n" {
		t.Errorf("%q", got)
	}
	if _, out := Format("p.cue", []byte("plan: for")); !out.HasErrors() {
		t.Error("formats what is no plan")
	}
}

// FuzzDecode: no input makes the evaluation panic; what decodes is within its
// limits, has one canonical form, and means the same once formatted.
// Run it with -fuzzminimizetime 20x: a minute spent on making one input smaller
// finds nothing.
func FuzzDecode(f *testing.F) {
	f.Add("p.cue", sampleCUE(f))
	f.Add("p.json", sampleJSON)
	f.Add("p.yaml", sampleYAML)
	f.Add("p.cue", around(`actions: {a: {do: "patch", on: "pod/a/b", patch: {"x.y": null, z: [1, 2.5, "\(metadata)"]}}}`))
	f.Add("p.cue", bomb(2))
	f.Add("p.yaml", yamlBomb(1))
	f.Fuzz(func(t *testing.T, name, text string) {
		if len(text) > 4<<10 || strings.Count(text, "a") > 2000 {
			t.Skip("long inputs are for TestHostile: here they would only be slow")
		}
		p, out := evaluate(name, []byte(text))
		if p == nil {
			if !out.HasErrors() {
				t.Fatal("neither a plan nor an error")
			}
			return
		}
		n := 0
		for _, txn := range p.Transactions {
			n += len(txn.Actions)
			if _, cycle := plan.NewOrder(txn.Actions); cycle != nil || len(txn.Actions) > plan.MaxActions {
				t.Fatalf("transaction %q: cycle %v, %d actions", txn.Name, cycle, len(txn.Actions))
			}
		}
		if n == 0 || n > plan.MaxPlanActions {
			t.Fatalf("%d actions", n)
		}
		formatted, out := Format(name, []byte(text))
		if out != nil {
			t.Fatalf("it decodes and does not format: %v", out)
		}
		q, out := evaluate(name, formatted)
		if q == nil {
			t.Fatalf("formatted, it does not decode: %v\n%s", out, formatted)
		}
		if p.Digest() != q.Digest() {
			t.Fatalf("formatting changes the plan:\n%s\n%s", p.Canonical(), q.Canonical())
		}
	})
}
