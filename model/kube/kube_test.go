package kube

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"go.yaml.in/yaml/v3"

	"github.com/stratus-sre/stratus/model"
)

// Clusters in these tests are YAML. Two words stand for the usual objects, so
// that a test shows only what it is about:
//
//	deployment NAME [key=value…]   image, replicas, port, ready (a readiness probe's port), cpu, memory, env (a ConfigMap)
//	service NAME [key=value…]      port, target, type; it selects app: NAME
func stateOf(t testing.TB, text string) *model.State {
	t.Helper()
	var objects []*model.Object
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(expand(text))))
	for {
		var doc map[string]any
		if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, expand(text))
		}
		if doc == nil {
			continue
		}
		fields := widen(doc).(map[string]any)
		model.Default(fields)
		o, err := model.NewObject(fields)
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	s, err := model.NewState(objects)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func widen(v any) any {
	switch x := v.(type) {
	case int:
		return int64(x)
	case map[string]any:
		for k := range x {
			x[k] = widen(x[k])
		}
	case []any:
		for i := range x {
			x[i] = widen(x[i])
		}
	}
	return v
}

// expand replaces the two words by manifests; other lines are YAML already.
func expand(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "deployment" && words[0] != "service" {
			b.WriteString(line)
			continue
		}
		args := map[string]string{}
		for _, w := range words[2:] {
			k, v, _ := strings.Cut(w, "=")
			args[k] = v
		}
		b.WriteString("\n---\n")
		if words[0] == "service" {
			b.WriteString(serviceYAML(words[1], args))
		} else {
			b.WriteString(deploymentYAML(words[1], args))
		}
		b.WriteString("\n---\n")
	}
	return b.String()
}

func or(v, otherwise string) string {
	if v == "" {
		return otherwise
	}
	return v
}

func serviceYAML(name string, a map[string]string) string {
	return fmt.Sprintf(`{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: shop},
 spec: {type: %s, selector: {app: %s}, ports: [{port: 80, targetPort: %s}]}}`, name, or(a["type"], "ClusterIP"), name, or(a["target"], "8080"))
}

func deploymentYAML(name string, a map[string]string) string {
	var c strings.Builder
	fmt.Fprintf(&c, "name: main, image: %s", or(a["image"], name+":v1"))
	if p := or(a["port"], "8080"); p != "none" {
		fmt.Fprintf(&c, ", ports: [{containerPort: %s}]", p)
	}
	if p := a["ready"]; p != "" {
		fmt.Fprintf(&c, ", readinessProbe: {httpGet: {path: /healthz, port: %s}}", p)
	}
	if p := a["live"]; p != "" {
		fmt.Fprintf(&c, ", livenessProbe: {httpGet: {path: /livez, port: %s}}", p)
	}
	if m := a["env"]; m != "" {
		fmt.Fprintf(&c, ", envFrom: [{configMapRef: {name: %s}}]", m)
	}
	if v := a["var"]; v != "" {
		fmt.Fprintf(&c, ", env: [{name: MODE, value: %s}]", v)
	}
	if x := a["command"]; x != "" {
		fmt.Fprintf(&c, ", command: [%s]", x)
	}
	fmt.Fprintf(&c, ", resources: {requests: {cpu: %s}", or(a["cpu"], "100m"))
	if m := a["memory"]; m != "" {
		fmt.Fprintf(&c, ", limits: {memory: %s}", m)
	}
	c.WriteString("}")
	strategy := "{}"
	if s := a["strategy"]; s == "Recreate" {
		strategy = "{type: Recreate}"
	} else if s != "" { // surge/unavailable
		surge, unavailable, _ := strings.Cut(s, "/")
		strategy = fmt.Sprintf("{rollingUpdate: {maxSurge: %s, maxUnavailable: %s}}", surge, unavailable)
	}
	return fmt.Sprintf(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: %[1]s, namespace: shop, annotations: {%[4]s}},
 spec: {replicas: %[2]s, selector: {matchLabels: {app: %[1]s}}, strategy: %[5]s, paused: %[6]s,
  template: {metadata: {labels: {app: %[1]s}}, spec: {containers: [{%[3]s}]}}}}`,
		name, or(a["replicas"], "1"), c.String(), strings.ReplaceAll(a["annotation"], ":", ": "), strategy, or(a["paused"], "false"))
}

// world makes the World of a state, without baseline or catalogue.
func world(t testing.TB, text string) *World {
	t.Helper()
	return worldOf(t, Options{State: stateOf(t, text)})
}

func worldOf(t testing.TB, o Options) *World {
	t.Helper()
	w, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func ref(t testing.TB, s string) model.Ref {
	t.Helper()
	r, err := model.ParseRef(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// apply puts the objects of text in place of those with the same names.
func apply(t testing.TB, s *model.State, text string) *model.State {
	t.Helper()
	d := s.Draft()
	for o := range stateOf(t, text).All() {
		d.Put(o)
	}
	return d.State()
}

func remove(t testing.TB, s *model.State, names ...string) *model.State {
	t.Helper()
	d := s.Draft()
	for _, n := range names {
		if s.Get(ref(t, n)) == nil {
			t.Fatalf("%s is not there to be removed", n)
		}
		d.Delete(ref(t, n))
	}
	return d.State()
}

func settle(t testing.TB, w *World, s *model.State) *model.State {
	t.Helper()
	return settleWith(t, w, s, model.NewValuation(nil))
}

func settleWith(t testing.TB, w *World, s *model.State, v *model.Valuation) *model.State {
	t.Helper()
	out, err := w.Settle(s, v)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Settle(out, v)
	if err != nil || again != out {
		t.Fatalf("a settled state settles to another one: %v", err)
	}
	return out
}

// pods lists the pods of shop: "cart v1 ready", "cart v2 CrashLoopBackOff",
// sorted, with counts.
func pods(s *model.State) string {
	count := map[string]int{}
	for o := range s.List("", "Pod") {
		p := model.As[corev1.Pod](o)
		h := readHealth(p)
		state := h.reason
		if h.ready {
			state = "ready"
		}
		count[strings.Join([]string{p.Spec.Containers[0].Image, state}, " ")]++
	}
	var out []string
	for k, n := range count {
		out = append(out, fmt.Sprintf("%d %s", n, k))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// findings lists a tier: "service/shop/cart has no usable endpoint".
func findings(sev model.Severity, tier model.Tier) []string {
	var out []string
	for _, f := range sev.Sets[tier] {
		out = append(out, fmt.Sprintf("%s %s", f.Entity, f.What))
	}
	return out
}

func why(sev model.Severity, tier model.Tier, entity model.Ref) string {
	for _, f := range sev.Sets[tier] {
		if f.Entity == entity {
			return f.Why
		}
	}
	return ""
}

func severity(w *World, s *model.State, m model.Moment) model.Severity {
	return w.Severity(s, model.NewValuation(nil), m)
}

// corpus returns the text of a public application's manifests, and skips the
// test where they are not there.
func corpus(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../../shared/corpus/" + name)
	if err != nil {
		t.Skipf("public manifests are not beside the project: %v", err)
	}
	return string(data)
}
