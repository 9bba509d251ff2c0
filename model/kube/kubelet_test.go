package kube

import (
	"testing"

	"github.com/stratus-sre/stratus/model"
)

// What a pod refers to must be there before it starts; what it finds missing
// it says, and when it comes the pod runs.
func TestReferences(t *testing.T) {
	const config = "\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}, data: {mode: fast}}\n"
	const secret = "\n---\n{apiVersion: v1, kind: Secret, metadata: {name: token, namespace: shop}, data: {key: eA==}}\n"
	env := func(from string) string { return "env: [{name: MODE, valueFrom: {" + from + "}}]" }
	for _, tt := range []struct{ name, container, volumes, reason, message string }{
		{"nothing", "", "", "", ""},
		{"envFrom", "envFrom: [{configMapRef: {name: settings}}]", "", configError, `configmap "settings" not found`},
		{"envFrom optional", "envFrom: [{configMapRef: {name: settings, optional: true}}]", "", "", ""},
		{"envFrom secret", "envFrom: [{secretRef: {name: token}}]", "", configError, `secret "token" not found`},
		{"env", env("configMapKeyRef: {name: settings, key: mode}"), "", configError, `configmap "settings" not found`},
		{"env secret", env("secretKeyRef: {name: token, key: key}"), "", configError, `secret "token" not found`},
		{"env optional", env("secretKeyRef: {name: token, key: key, optional: true}"), "", "", ""},
		{"volume", "", "{configMap: {name: settings}}", creating, `volume cannot be mounted: configmap "settings" not found`},
		{"volume optional", "", "{configMap: {name: settings, optional: true}}", "", ""},
		{"volume secret", "", "{secret: {secretName: token}}", creating, `volume cannot be mounted: secret "token" not found`},
		{"volume projected", "", "{projected: {sources: [{secret: {name: token}}, {configMap: {name: kube-root-ca.crt}}]}}", creating, `volume cannot be mounted: secret "token" not found`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			container := "name: main, image: cart:v1"
			if tt.container != "" {
				container += ", " + tt.container
			}
			spec := "containers: [{" + container + "}]"
			if tt.volumes != "" {
				spec += ", volumes: [{name: v, " + tt.volumes[1:len(tt.volumes)-1] + "}]"
			}
			w := world(t, "{apiVersion: v1, kind: Pod, metadata: {name: cart, namespace: shop}, spec: {"+spec+"}}\n")
			h := healthOf(t, settle(t, w, w.Start()), "pod/shop/cart")
			if h.reason != tt.reason || h.message != tt.message {
				t.Errorf("got  %q: %q\nwant %q: %q", h.reason, h.message, tt.reason, tt.message)
			}
			there := healthOf(t, settle(t, w, apply(t, w.Start(), config+secret)), "pod/shop/cart")
			if !there.ready {
				t.Errorf("with both there: %s: %s", there.reason, there.message)
			}
		})
	}
}

// A missing key is as bad as a missing ConfigMap, and says so.
func TestMissingKey(t *testing.T) {
	w := world(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}, data: {mood: fast}}
---
{apiVersion: v1, kind: Pod, metadata: {name: cart, namespace: shop}, spec: {containers: [
 {name: main, image: cart:v1, env: [{name: MODE, valueFrom: {configMapKeyRef: {name: settings, key: mode}}}]}]}}
`)
	h := healthOf(t, settle(t, w, w.Start()), "pod/shop/cart")
	if h.reason != configError || h.message != `key "mode" not found in configmap "settings"` {
		t.Errorf("%s: %s", h.reason, h.message)
	}
}

// Removing what a running pod refers to does not stop it; its replacement does
// not start.
func TestRunningPodsKeepTheirConfiguration(t *testing.T) {
	const config = "\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}, data: {}}\n"
	w := world(t, "deployment cart env=settings\n"+config)
	s := settle(t, w, remove(t, w.Start(), "configmap/shop/settings"))
	if got, want := pods(s), "1 cart:v1 ready"; got != want {
		t.Fatalf("pods %q, want %q", got, want)
	}
	s = settle(t, w, remove(t, s, "pod/shop/cart-"+hashOf(t, w, "cart")+"-0"))
	if got, want := pods(s), "1 cart:v1 CreateContainerConfigError"; got != want {
		t.Errorf("pods %q, want %q", got, want)
	}
}

// Probes are served by declared ports. Each line: the container's port, its
// probes, and what becomes of it when everything may be assumed to work.
func TestProbePorts(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"port=8080 ready=8080", "1 cart:v1 ready"},
		{"port=8080 ready=9090", "1 cart:v1 ContainersNotReady"},
		{"port=8080 live=9090", "1 cart:v1 CrashLoopBackOff"},
		{"port=8080 live=9090 ready=9090", "1 cart:v1 CrashLoopBackOff"},
		{"port=8080 ready=web", "1 cart:v1 ContainersNotReady"}, // a name that nobody declares
		{"port=none ready=9090", "1 cart:v1 ready"},             // nothing declared: assumed
	} {
		if got := pods(world(t, "deployment cart "+tt.args+"\n").Start()); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.args, got, tt.want)
		}
	}
}

// Init containers run first, one after the other, and the first that fails is
// the one to blame.
func TestInitContainers(t *testing.T) {
	facts, diags := ParseFacts("facts", []byte(catalogueHead+"- {image: migrate:v1, commands: [[up]]}"))
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	pod := func(command string) string {
		return `{apiVersion: v1, kind: Pod, metadata: {name: cart, namespace: shop}, spec: {
 initContainers: [{name: wait, image: wait:v1}, {name: migrate, image: migrate:v1, args: [` + command + `]}],
 containers: [{name: main, image: cart:v1}]}}
`
	}
	for command, want := range map[string]health{
		"up":   {ready: true},
		"down": {reason: crashLoop, container: "migrate", message: "image migrate:v1 has no command [down]"},
	} {
		w := worldOf(t, Options{State: stateOf(t, pod(command)), Facts: facts})
		h := healthOf(t, settle(t, w, w.Start()), "pod/shop/cart")
		h.node = ""
		if h != want {
			t.Errorf("%s: %+v, want %+v", command, h, want)
		}
	}
}

// New images: the facts that a rollout depends on, in the order they matter.
func TestUnknownImage(t *testing.T) {
	w := world(t, "deployment cart strategy=Recreate ready=8080 live=8080 memory=64Mi\n")
	s := apply(t, w.Start(), "deployment cart strategy=Recreate ready=8080 live=8080 memory=64Mi image=cart:v2\n")
	choice := map[model.Fact]bool{}
	for _, tt := range []struct {
		fact model.Fact
		want string
	}{
		{"image cart:v2 starts", "1 cart:v2 ImagePullBackOff"},
		{"GET :8080/livez of image cart:v2 answers", "1 cart:v2 CrashLoopBackOff"},
		{"GET :8080/healthz of image cart:v2 answers", "1 cart:v2 ContainersNotReady"},
		{"", "1 cart:v2 ready"},
	} {
		choice[tt.fact] = false
		v := model.NewValuation(choice)
		if got := pods(settleWith(t, w, s, v)); got != tt.want {
			t.Errorf("%q false: %q, want %q", tt.fact, got, tt.want)
		}
		if tt.fact == "" && len(v.Asked()) != 3 {
			t.Errorf("asked %v, want 3", v.Asked())
		}
		choice[tt.fact] = true
	}
}
