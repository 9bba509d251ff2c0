package kube

import (
	"fmt"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// Each line: a Deployment as it started, as it is changed to, where it comes
// to rest, and how many ready pods are sure at the worst moment between. v2 is
// an image that the valuation says does not start, where broken is set.
func TestRollOut(t *testing.T) {
	for _, tt := range []struct {
		name, from, to string
		broken         bool
		settled        string
		worst          int64
	}{
		{"new image", "replicas=4", "replicas=4 image=cart:v2", false, "4 cart:v2 ready", 3},
		{"new image, stuck: a quarter is gone", "replicas=4", "replicas=4 image=cart:v2", true, "2 cart:v2 ImagePullBackOff, 3 cart:v1 ready", 3},
		{"one replica, stuck: the old one stays", "replicas=1", "replicas=1 image=cart:v2", true, "1 cart:v1 ready, 1 cart:v2 ImagePullBackOff", 1},
		{"rounding: surge up, unavailable down", "replicas=3", "replicas=3 image=cart:v2", true, "1 cart:v2 ImagePullBackOff, 3 cart:v1 ready", 3},
		{"no surge", "replicas=2 strategy=0/1", "replicas=2 strategy=0/1 image=cart:v2", true, "1 cart:v1 ready, 1 cart:v2 ImagePullBackOff", 1},
		{"both zero counts as one unavailable", "replicas=2 strategy=0/0", "replicas=2 strategy=0/0 image=cart:v2", true, "1 cart:v1 ready, 1 cart:v2 ImagePullBackOff", 1},
		{"all unavailable", "replicas=2 strategy=0/100%", "replicas=2 strategy=0/100% image=cart:v2", true, "2 cart:v2 ImagePullBackOff", 0},
		{"recreate", "replicas=2 strategy=Recreate", "replicas=2 strategy=Recreate image=cart:v2", false, "2 cart:v2 ready", 0},
		{"recreate, stuck", "replicas=2 strategy=Recreate", "replicas=2 strategy=Recreate image=cart:v2", true, "2 cart:v2 ImagePullBackOff", 0},
		{"paused", "replicas=2 strategy=0/1", "replicas=2 strategy=0/1 image=cart:v2 paused=true", false, "2 cart:v1 ready", 2},
		{"paused still scales", "replicas=2", "replicas=3 image=cart:v2 paused=true", false, "3 cart:v1 ready", 2},
		{"scale up", "replicas=1", "replicas=3", false, "3 cart:v1 ready", 1},
		{"scale down ends no pod that is wanted", "replicas=3 strategy=1/1", "replicas=1 strategy=1/1", false, "1 cart:v1 ready", 1},
		{"scale to zero", "replicas=2", "replicas=0", false, "", 0},
		{"scale and new image", "replicas=2", "replicas=4 image=cart:v2", false, "4 cart:v2 ready", 2},
		{"many at a time of one", "replicas=20 strategy=1/0", "replicas=20 strategy=1/0 image=cart:v2", false, "20 cart:v2 ready", 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := world(t, "deployment cart "+tt.from)
			v := model.NewValuation(map[model.Fact]bool{"image cart:v2 starts": !tt.broken})
			changed := apply(t, w.Start(), "deployment cart "+tt.to)
			if got := pods(settleWith(t, w, changed, v)); got != tt.settled {
				t.Errorf("settles to %q, want %q", got, tt.settled)
			}
			for _, n := range []int64{tt.worst, tt.worst + 1} {
				cond := model.Condition{On: ref(t, "deployment/shop/cart"), Measure: model.AvailableReplicas, Value: n}
				if got := w.Holds(changed, v, cond, model.Worst); got != (n == tt.worst) {
					t.Errorf("at the worst moment, at least %d available: %v", n, got)
				}
			}
		})
	}
}

// A stuck rollout can be undone, scaled and repaired, and every way back to
// the first template gives the state it began with.
func TestStuckRollOut(t *testing.T) {
	const from = "deployment cart replicas=4"
	broken := model.NewValuation(map[model.Fact]bool{"image cart:v2 starts": false})
	w := world(t, from)
	stuck := settleWith(t, w, apply(t, w.Start(), "deployment cart replicas=4 image=cart:v2"), broken)

	t.Run("undo", func(t *testing.T) {
		back := settleWith(t, w, apply(t, stuck, from), broken)
		if back.Fingerprint() != w.Start().Fingerprint() {
			t.Errorf("pods %q, and not the state it began with", pods(back))
		}
	})
	t.Run("scale in proportion", func(t *testing.T) {
		scaled := settleWith(t, w, apply(t, stuck, "deployment cart replicas=8 image=cart:v2"), broken)
		if got, want := pods(scaled), "4 cart:v2 ImagePullBackOff, 6 cart:v1 ready"; got != want {
			t.Errorf("pods %q, want %q", got, want)
		}
	})
	t.Run("a third image", func(t *testing.T) {
		fixed := settleWith(t, w, apply(t, stuck, "deployment cart replicas=4 image=cart:v3"), broken)
		if got, want := pods(fixed), "4 cart:v3 ready"; got != want {
			t.Errorf("pods %q, want %q", got, want)
		}
	})
	t.Run("not available meanwhile", func(t *testing.T) {
		cond := model.Condition{On: ref(t, "deployment/shop/cart"), Measure: model.Available}
		for _, m := range []model.Moment{model.Settled, model.Worst} {
			if w.Holds(stuck, broken, cond, m) {
				t.Error("a stuck rollout is available")
			}
		}
		if !w.Holds(w.Start(), broken, cond, model.Worst) {
			t.Error("the start is not")
		}
		// Not even if the old template has as many ready pods as are wanted.
		one := world(t, "deployment cart\n")
		stuck := settleWith(t, one, apply(t, one.Start(), "deployment cart image=cart:v2\n"), broken)
		if got, want := pods(stuck), "1 cart:v1 ready, 1 cart:v2 ImagePullBackOff"; got != want || one.Holds(stuck, broken, cond, model.Settled) {
			t.Errorf("pods %q, and it is available", got)
		}
	})
}

// A rollout on top of sick pods takes those first, but no more than the new
// pods' absence allows.
func TestRollOutOverSickPods(t *testing.T) {
	const text = "deployment cart replicas=4\n"
	name := "cart-" + hashOf(t, world(t, text), "cart")
	w := worldOf(t, Options{State: observed(t, text, map[string]string{name + "-2": "CrashLoopBackOff", name + "-3": "CrashLoopBackOff"})})
	v := model.NewValuation(map[model.Fact]bool{"image cart:v2 starts": false})
	s := settleWith(t, w, apply(t, w.Start(), "deployment cart replicas=4 image=cart:v2\n"), v)
	if got, want := pods(s), "1 cart:v1 CrashLoopBackOff, 2 cart:v1 ready, 2 cart:v2 ImagePullBackOff"; got != want {
		t.Errorf("pods %q, want %q", got, want)
	}
}

// The observed ReplicaSet is what a rollout taken back leaves, to the last field.
func TestObservedReplicaSetsComeBack(t *testing.T) {
	const text = "deployment cart replicas=2\n"
	w := worldOf(t, Options{State: observed(t, text, nil)})
	set := ref(t, "replicaset/shop/cart-"+hashOf(t, w, "cart"))
	out := settle(t, w, apply(t, w.Start(), "deployment cart replicas=2 image=cart:v2\n"))
	if o := out.Get(set); o == nil || o == w.Start().Get(set) {
		t.Fatal("an observed ReplicaSet must stay, scaled to 0: it is the history")
	}
	if back := settle(t, w, apply(t, out, text)); back.Get(set) != w.Start().Get(set) || back.Len() != w.Start().Len() {
		t.Error("it did not come back as it was")
	}
}

// Who goes first when a set shrinks.
func TestLeastMissed(t *testing.T) {
	mk := func(name string, h health, cost string) *pod {
		typed := &corev1.Pod{}
		typed.Annotations = map[string]string{deletionCost: cost}
		return &pod{ref: model.Ref{Kind: "Pod", Name: name}, typed: typed, health: h}
	}
	ready := health{node: "n", ready: true}
	want := []*pod{
		mk("a", health{reason: unschedulable}, ""),
		mk("b", health{node: "n", reason: crashLoop}, ""),
		mk("c", health{node: "n", reason: probeNotServed}, ""),
		mk("d", ready, "-5"),
		mk("f", ready, ""),
		mk("e", ready, ""),
	}
	got := []*pod{want[5], want[2], want[0], want[4], want[3], want[1]}
	slices.SortFunc(got, leastMissed)
	if !slices.Equal(got, want) {
		for _, p := range got {
			t.Log(p.ref.Name)
		}
		t.Error("the order should be a b c d f e")
	}
}

// Settle depends on nothing but its arguments.
func TestSettleIsAFunction(t *testing.T) {
	text := "service cart\ndeployment cart replicas=5 ready=8080\ndeployment web replicas=3\n"
	var prints []string
	for range 3 {
		w := world(t, text)
		s := apply(t, w.Start(), "deployment cart replicas=5 image=cart:v2\n")
		s = remove(t, s, "pod/shop/web-"+hashOf(t, w, "web")+"-1")
		prints = append(prints, fmt.Sprint(settle(t, w, s).Fingerprint(), w.Severity(s, model.NewValuation(nil), model.Worst)))
	}
	if prints[0] != prints[1] || prints[1] != prints[2] {
		t.Errorf("three runs, different results:\n%q", prints)
	}
}

func hashOf(t *testing.T, w *World, name string) string {
	t.Helper()
	return w.templateOf(w.Start().Get(ref(t, "deployment/shop/"+name))).hash()
}

// SettleFor takes over what derives from one object and leaves the rest in flight.
func TestSettleFor(t *testing.T) {
	w := world(t, "service cart\ndeployment cart replicas=2\ndeployment web replicas=2\n")
	s := apply(t, w.Start(), "deployment cart replicas=2 image=cart:v2\ndeployment web replicas=2 image=web:v2\n")
	v := model.NewValuation(nil)
	for _, tt := range []struct{ on, want string }{
		{"deployment/shop/cart", "2 cart:v2 ready, 2 web:v1 ready"},
		{"deployment/shop/web", "2 cart:v1 ready, 2 web:v2 ready"},
		{"service/shop/cart", "2 cart:v2 ready, 2 web:v1 ready"},
		{"node/node-1", "2 cart:v1 ready, 2 web:v1 ready"},
	} {
		got, err := w.SettleFor(s, v, ref(t, tt.on))
		if err != nil {
			t.Fatal(err)
		}
		if pods(got) != tt.want {
			t.Errorf("%s: pods %q, want %q", tt.on, pods(got), tt.want)
		}
	}
}
