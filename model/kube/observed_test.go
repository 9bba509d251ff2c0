package kube

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/stratus-sre/stratus/model"
)

// observed makes a snapshot of a cluster: manifests as they run, read back as
// plain objects, with other container statuses for the pods of some
// Deployments. A status is a waiting reason ("CrashLoopBackOff"), "OOMKilled",
// "exited", "starting" or "unready" (it runs, and is not ready).
func observed(t testing.TB, text string, statuses map[string]string) *model.State {
	t.Helper()
	var objects []*model.Object
	for o := range world(t, text).Start().All() {
		fields := runtime.DeepCopyJSON(o.Fields())
		if o.Ref().Kind == "Pod" {
			for app, status := range statuses {
				if name := o.Ref().Name; name == app || strings.HasPrefix(name, app+"-") {
					fields["status"] = podStatus(status)
				}
			}
		}
		copied, err := model.NewObject(fields)
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, copied)
	}
	s, err := model.NewState(objects)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func podStatus(status string) map[string]any {
	c := map[string]any{"name": "main", "ready": false}
	waiting := func(reason string) map[string]any {
		return map[string]any{"waiting": map[string]any{"reason": reason, "message": "as observed"}}
	}
	switch status {
	case "unready":
		c["state"] = map[string]any{"running": map[string]any{}}
	case "starting":
		c["state"] = waiting("ContainerCreating")
	case "exited":
		c["state"] = map[string]any{"terminated": map[string]any{"reason": "Error", "exitCode": int64(1)}}
	case "OOMKilled":
		c["state"] = waiting("CrashLoopBackOff")
		c["lastState"] = map[string]any{"terminated": map[string]any{"reason": "OOMKilled", "exitCode": int64(137)}}
	default:
		c["state"] = waiting(status)
	}
	return map[string]any{
		"phase":             "Running",
		"conditions":        []any{map[string]any{"type": "Ready", "status": "False"}},
		"containerStatuses": []any{c},
	}
}

// What a snapshot teaches. Each line: a Deployment, what its pods were seen
// doing, how it is changed, what comes of it, and which facts that depends on.
func TestFactsFromASnapshot(t *testing.T) {
	for _, tt := range []struct {
		name, from, status, to string
		settled                string
		asked                  string
	}{
		{"what runs goes on running", "", "", "", "1 cart:v1 ready", ""},
		{"an image never seen", "", "", "image=cart:v2", "1 cart:v2 ready", "image cart:v2 starts"},
		{"an image that cannot be pulled", "", "ImagePullBackOff", "", "1 cart:v1 ImagePullBackOff", ""},
		{"ErrImagePull is the same", "", "ErrImagePull", "", "1 cart:v1 ImagePullBackOff", ""},
		{"a crash nobody explains", "", "CrashLoopBackOff", "", "1 cart:v1 CrashLoopBackOff", ""},
		{"between two crashes", "", "exited", "", "1 cart:v1 CrashLoopBackOff", ""},
		{"the same, changed, is unknown", "", "CrashLoopBackOff", "var=fast", "1 cart:v1 ready", "container main of image cart:v1 runs as changed"},
		{"the same with another image", "", "CrashLoopBackOff", "image=cart:v2", "1 cart:v2 ready", "image cart:v2 starts"},
		{"other values of the environment do not matter to what ran", "", "", "var=fast", "1 cart:v1 ready", ""},
		{"another command does", "", "", "command=/app", "1 cart:v1 ready", "command [/app] of image cart:v1 runs"},
		{"killed for memory", "memory=64Mi", "OOMKilled", "", "1 cart:v1 OOMKilled", ""},
		{"still too little", "memory=64Mi", "OOMKilled", "memory=32Mi", "1 cart:v1 OOMKilled", ""},
		{"more memory may do", "memory=64Mi", "OOMKilled", "memory=128Mi", "1 cart:v1 ready", "image cart:v1 works within 128Mi"},
		{"less memory than was seen working", "memory=64Mi", "", "memory=32Mi", "1 cart:v1 ready", "image cart:v1 works within 32Mi"},
		{"more memory than that does", "memory=64Mi", "", "memory=128Mi", "1 cart:v1 ready", ""},
		{"a probe that was seen failing", "ready=8080", "unready", "", "1 cart:v1 ContainersNotReady", ""},
		{"without it the pod is ready", "ready=8080", "unready", "port=8080", "1 cart:v1 ready", ""},
		{"another probe is unknown", "ready=8080", "", "live=8080", "1 cart:v1 ready", "GET :8080/livez of image cart:v1 answers"},
		{"a pod that was just starting", "", "starting", "", "1 cart:v1 ready", "image cart:v1 starts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			statuses := map[string]string{}
			if tt.status != "" {
				statuses["cart"] = tt.status
			}
			w := worldOf(t, Options{State: observed(t, "deployment cart strategy=Recreate "+tt.from, statuses)})
			s := w.Start()
			if tt.to != "" {
				s = apply(t, s, "deployment cart strategy=Recreate "+tt.to)
			}
			v := model.NewValuation(nil)
			if got := pods(settleWith(t, w, s, v)); got != tt.settled {
				t.Errorf("settles to %q, want %q", got, tt.settled)
			}
			var asked []string
			for _, f := range v.Asked() {
				words, _, _ := strings.Cut(string(f), " (settings")
				asked = append(asked, words)
			}
			if got := strings.Join(asked, ", "); got != tt.asked {
				t.Errorf("asked %q, want %q", got, tt.asked)
			}
			for _, f := range v.Asked() { // and the answer matters
				no := model.NewValuation(map[model.Fact]bool{f: false})
				if got := pods(settleWith(t, w, s, no)); strings.Contains(got, "ready") {
					t.Errorf("%q is false, and still %q", f, got)
				}
			}
		})
	}
}

// A crash that a rule explains teaches nothing about the image.
func TestExplainedCrash(t *testing.T) {
	const text = "deployment cart live=9090\n" // declares 8080 only
	w := worldOf(t, Options{State: observed(t, text, map[string]string{"cart": "CrashLoopBackOff"})})
	if got, want := pods(settle(t, w, w.Start())), "1 cart:v1 CrashLoopBackOff"; got != want {
		t.Fatalf("pods %q, want %q", got, want)
	}
	v := model.NewValuation(nil)
	fixed := settleWith(t, w, apply(t, w.Start(), "deployment cart live=8080\n"), v)
	if got, want := pods(fixed), "1 cart:v1 ready"; got != want {
		t.Errorf("pods %q, want %q", got, want)
	}
	for _, f := range v.Asked() {
		if strings.Contains(string(f), "as changed") {
			t.Errorf("asked %q: the probe explained the crash", f)
		}
	}
}

// A crash with one ConfigMap says nothing about another content of it.
func TestCrashBelongsToItsConfiguration(t *testing.T) {
	config := func(v string) string {
		return "\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}, data: {mode: " + v + "}}\n"
	}
	text := "deployment cart env=settings\n" + config("broken")
	w := worldOf(t, Options{
		State:    observed(t, text, map[string]string{"cart": "CrashLoopBackOff"}),
		Baseline: stateOf(t, "deployment cart env=settings\n"+config("good")),
	})
	for _, tt := range []struct{ config, pods, asked string }{
		{"broken", "1 cart:v1 CrashLoopBackOff", ""},
		{"good", "1 cart:v1 ready", ""}, // as in the baseline, which is known to work
		{"other", "1 cart:v1 ready", "asked"},
	} {
		v := model.NewValuation(nil)
		got := settleWith(t, w, apply(t, w.Start(), config(tt.config)), v)
		if pods(got) != tt.pods || (len(v.Asked()) > 0) != (tt.asked != "") {
			t.Errorf("%s: pods %q, asked %v; want %q, %q", tt.config, pods(got), v.Asked(), tt.pods, tt.asked)
		}
	}
}

// An observed state is the start state, as it is.
func TestObservedStartIsKept(t *testing.T) {
	s := observed(t, "deployment cart replicas=2\n", map[string]string{"cart": "CrashLoopBackOff"})
	w := worldOf(t, Options{State: s})
	if w.Start() != s {
		t.Error("the start state is another one")
	}
	if settle(t, w, s) != s {
		t.Error("a crash that was observed is settled; settling must change nothing")
	}
}
