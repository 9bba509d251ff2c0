package kube

import (
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/model"
)

func patch(t *testing.T, on string, fields map[string]any) model.Action {
	return model.Action{Verb: model.Patch, On: ref(t, on), Patch: fields}
}

func spec(fields map[string]any) map[string]any { return map[string]any{"spec": fields} }

// The reversibility of actions, and whether the model predicts what follows.
// One line is one action; the wording of the reason is not tested.
func TestClassifyAndUnmodelled(t *testing.T) {
	const text = `service cart
service web type=LoadBalancer
deployment cart
{apiVersion: v1, kind: Pod, metadata: {name: lone, namespace: shop}, spec: {containers: [{name: main, image: x}]}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop, finalizers: [a, b]}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: plain, namespace: shop}}
`
	w := world(t, text)
	s := w.Start()
	pod := "pod/shop/cart-" + hashOf(t, w, "cart") + "-0"
	do := func(v model.Verb, on string) model.Action { return model.Action{Verb: v, On: ref(t, on)} }
	for _, tt := range []struct {
		a          model.Action
		class      model.Class
		unmodelled string
	}{
		{patch(t, "deployment/shop/cart", spec(map[string]any{"template": map[string]any{}})), model.R1, ""},
		{patch(t, "deployment/shop/cart", spec(map[string]any{"paused": true})), model.R0, ""},
		{patch(t, "deployment/shop/cart", map[string]any{"metadata": map[string]any{"labels": map[string]any{"a": "b"}}}), model.R0, ""},
		{do(model.Scale, "deployment/shop/cart"), model.R1, ""},
		{do(model.Rollback, "deployment/shop/cart"), model.R1, ""},
		{patch(t, "service/shop/cart", spec(map[string]any{})), model.R0, ""},
		{patch(t, "configmap/shop/plain", map[string]any{"data": map[string]any{}}), model.R0, ""},
		{patch(t, "configmap/shop/plain", map[string]any{"immutable": true}), model.R3, ""},
		{patch(t, "configmap/shop/settings", map[string]any{"metadata": map[string]any{"finalizers": []any{"a"}}}), model.R3, ""},
		{patch(t, "configmap/shop/settings", map[string]any{"metadata": map[string]any{"finalizers": []any{"a", "b"}}}), model.R0, ""},
		{patch(t, "node/node-1", spec(map[string]any{"unschedulable": true})), model.R0, ""},
		{patch(t, "node/node-1", spec(map[string]any{"taints": []any{map[string]any{"key": "k", "effect": "NoExecute"}}})), model.R1, ""},
		{patch(t, "horizontalpodautoscaler/shop/cart", spec(map[string]any{"minReplicas": int64(2)})), model.R0, ""},
		{patch(t, "persistentvolumeclaim/shop/data", spec(map[string]any{"resources": map[string]any{"requests": map[string]any{"storage": "2Gi"}}})), model.R3, "PersistentVolumeClaim is not modelled"},
		{patch(t, "statefulset/shop/db", spec(map[string]any{"replicas": int64(2)})), model.R1, "StatefulSet is not modelled"},
		{do(model.Evict, pod), model.R1, ""},
		{do(model.Evict, "pod/shop/lone"), model.R3, ""},
		{do(model.Delete, pod), model.R1, ""},
		{do(model.Delete, "pod/shop/lone"), model.R3, ""},
		{do(model.Delete, "deployment/shop/cart"), model.R2, ""},
		{model.Action{Verb: model.Delete, On: ref(t, "deployment/shop/cart"), Orphan: true}, model.R2, ""},
		{do(model.Delete, "service/shop/cart"), model.R2, ""},
		{do(model.Delete, "service/shop/web"), model.R3, ""},
		{do(model.Delete, "configmap/shop/plain"), model.R2, ""},
		{do(model.Delete, "configmap/shop/settings"), model.R3, ""},
		{do(model.Delete, "namespace/shop"), model.R3, ""},
		{do(model.Delete, "persistentvolumeclaim/shop/data"), model.R3, ""},
		{do(model.Delete, "persistentvolume/pv"), model.R3, ""},
		{do(model.Delete, "serviceaccount/shop/cart"), model.R3, "ServiceAccount is not modelled"},
		{do(model.Delete, "crd/widgets.example.com"), model.R3, "CustomResourceDefinition is not modelled"},
		{do(model.Delete, "networkpolicy/shop/deny"), model.R2, "NetworkPolicy is not modelled"},
		{do(model.Create, "configmap/shop/new"), model.R0, ""},
		{do(model.Create, "serviceaccount/shop/new"), model.R0, ""},
		{do(model.Create, "deployment/shop/new"), model.R1, ""},
		{do(model.Create, "job/shop/new"), model.R3, "Job is not modelled"},
		{do(model.Create, "resourcequota/shop/new"), model.R0, "ResourceQuota is not modelled"},
		{do(model.Wait, "deployment/shop/cart"), model.R0, ""},
		{do(model.Check, "statefulset/shop/db"), model.R0, ""},
	} {
		class, why := w.Classify(s, tt.a)
		if class != tt.class || why == "" {
			t.Errorf("%s %s: %s (%s), want %s", tt.a.Verb, tt.a.On, class, why, tt.class)
		}
		if got := w.Unmodelled(s, tt.a); got != tt.unmodelled {
			t.Errorf("%s %s: unmodelled %q, want %q", tt.a.Verb, tt.a.On, got, tt.unmodelled)
		}
	}
}

// Roll-backs become patches; where they cannot, the error says what to do.
func TestResolveRollback(t *testing.T) {
	w0 := world(t, "deployment cart image=cart:v1\n")
	// An observed cluster with a history: v1 is kept as an empty ReplicaSet.
	// v2 also has a probe, which a return to v1 must take away.
	two := settle(t, w0, apply(t, w0.Start(), "deployment cart image=cart:v2 ready=8080\n"))
	w := worldOf(t, Options{State: two})
	on := ref(t, "deployment/shop/cart")
	for _, revision := range []int64{0, 1} {
		a, err := w.Resolve(two, model.Action{Verb: model.Rollback, On: on, Revision: revision})
		if err != nil {
			t.Fatal(err)
		}
		s, _, refusal := model.Step(two, a)
		if refusal != nil {
			t.Fatal(refusal)
		}
		if got, want := pods(settle(t, w, s)), "1 cart:v1 ready"; got != want {
			t.Errorf("revision %d: pods %q, want %q", revision, got, want)
		}
		if got, want := s.Get(on).SpecDigest(), w0.Start().Get(on).SpecDigest(); got != want {
			t.Errorf("revision %d: the Deployment is not what it was: %v", revision, s.Get(on).Fields())
		}
	}
	for _, tt := range []struct {
		s        *model.State
		on       string
		revision int64
		want     string
	}{
		{two, "deployment/shop/cart", 7, "deployment/shop/cart has no revision 7; the state has [1 2]"},
		{w0.Start(), "deployment/shop/cart", 0, "deployment/shop/cart has no earlier revision to return to"},
		{apply(t, two, "deployment cart image=cart:v2 ready=8080 paused=true\n"), "deployment/shop/cart", 0, "deployment/shop/cart is paused; resume it before rolling back"},
		{two, "deployment/shop/web", 0, "deployment/shop/web: only a Deployment that exists can be rolled back"},
	} {
		_, err := w.Resolve(tt.s, model.Action{Verb: model.Rollback, On: ref(t, tt.on), Revision: tt.revision})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got  %v\nwant %s", err, tt.want)
		}
	}
	other := model.Action{Verb: model.Scale, On: on, Replicas: 3}
	if got, err := w.Resolve(two, other); err != nil || got.Replicas != 3 || got.Verb != model.Scale {
		t.Errorf("a Scale became %v, %v", got, err)
	}
}
