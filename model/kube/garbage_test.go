package kube

import (
	"testing"

	"github.com/stratus-sre/stratus/model"
)

// What becomes of pods when what they depend on goes. Each line: what is
// removed, where the cluster comes to rest, how many endpoints are sure
// meanwhile.
func TestGarbage(t *testing.T) {
	const text = "service cart\ndeployment cart replicas=2\n"
	w := world(t, text)
	set := "replicaset/shop/cart-" + hashOf(t, w, "cart")
	pod := "pod/shop/cart-" + hashOf(t, w, "cart") + "-0"
	for _, tt := range []struct {
		gone  string
		want  string
		worst int64
	}{
		{"deployment/shop/cart", "", 0},
		{set, "2 cart:v1 ready", 0}, // its pods go, and new ones come
		{pod, "2 cart:v1 ready", 1},
		{"service/shop/cart", "2 cart:v1 ready", 0},
		{"node/node-1", "2 cart:v1 ready", 1}, // one pod was there
	} {
		s := remove(t, w.Start(), tt.gone)
		if got := pods(settle(t, w, s)); got != tt.want {
			t.Errorf("%s: pods %q, want %q", tt.gone, got, tt.want)
		}
		if tt.want == "" && settle(t, w, s).Get(ref(t, set)) != nil {
			t.Errorf("%s: its ReplicaSet stays", tt.gone)
		}
		holds := func(n int64) bool {
			return w.Holds(s, model.NewValuation(nil), model.Condition{On: ref(t, "service/shop/cart"), Measure: model.ReadyEndpoints, Value: n}, model.Worst)
		}
		if tt.worst > 0 && !holds(tt.worst) || holds(tt.worst+1) {
			t.Errorf("%s: not exactly %d endpoints at the worst moment", tt.gone, tt.worst)
		}
	}
}

// A NoExecute taint drives away who does not tolerate it for ever. The pod of
// a controller that nobody models is not replaced.
func TestTaintEviction(t *testing.T) {
	taint := func(effect string) string {
		return nodeYAML("a", "spec: {taints: [{key: broken, effect: "+effect+"}]}")
	}
	tolerate := func(seconds string) string {
		return podYAML("cart", "tolerations: [{key: broken, operator: Exists"+seconds+"}], ")
	}
	for _, tt := range []struct{ name, pod, node, want string }{
		{"driven away", podYAML("cart", ""), taint("NoExecute"), ""},
		{"not by NoSchedule", podYAML("cart", ""), taint("NoSchedule"), "1 cart:v1 ready"},
		{"tolerated", tolerate(""), taint("NoExecute"), "1 cart:v1 ready"},
		{"tolerated for a while", tolerate(", tolerationSeconds: 300"), taint("NoExecute"), ""},
		{"not ready", podYAML("cart", ""), nodeYAML("a", "status: {conditions: [{type: Ready, status: \"Unknown\"}]}"), ""},
	} {
		w := world(t, nodeYAML("a", "")+tt.pod)
		start := settle(t, w, w.Start())
		s := apply(t, start, tt.node)
		if got := pods(settle(t, w, s)); got != tt.want {
			t.Errorf("%s: pods %q, want %q", tt.name, got, tt.want)
		}
		ready := w.Holds(s, model.NewValuation(nil), model.Condition{On: ref(t, "pod/shop/cart"), Measure: model.Ready}, model.Worst)
		if ready != (tt.want != "") {
			t.Errorf("%s: ready at the worst moment: %v", tt.name, ready)
		}
	}
}

// Deleting a Deployment with Orphan keeps its pods; creating it again adopts them.
func TestOrphansAreAdopted(t *testing.T) {
	w := world(t, "deployment cart replicas=2\n")
	on := ref(t, "deployment/shop/cart")
	s, _, refusal := model.Step(w.Start(), model.Action{Verb: model.Delete, On: on, Orphan: true})
	if refusal != nil {
		t.Fatal(refusal)
	}
	s = settle(t, w, s)
	if got, want := pods(s), "2 cart:v1 ready"; got != want {
		t.Fatalf("orphaned: pods %q, want %q", got, want)
	}
	s, _, refusal = model.Step(s, model.Action{Verb: model.Create, On: on, Object: w.Start().Get(on).Fields()})
	if refusal != nil {
		t.Fatal(refusal)
	}
	s = settle(t, w, s)
	if got, want := pods(s), "2 cart:v1 ready"; got != want {
		t.Errorf("adopted: pods %q, want %q", got, want)
	}
	if set := s.Get(ref(t, "replicaset/shop/cart-"+hashOf(t, w, "cart"))); set == nil || set.Owner() != on {
		t.Error("the ReplicaSet was not adopted")
	}
}
