package model_test

import (
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/manifest"
)

// state reads a state from YAML.
func state(t *testing.T, yaml string) *model.State {
	t.Helper()
	objects, diags := manifest.Decode("test.yaml", []byte(yaml))
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	s, err := model.NewState(objects)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ref(t *testing.T, s string) model.Ref {
	t.Helper()
	r, err := model.ParseRef(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const shop = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop, labels: {app: cart}}
spec:
  replicas: 2
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      containers: [{name: main, image: "shop/cart:1", env: [{name: A, value: "1"}], resources: {limits: {memory: 64Mi}}}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, clusterIP: 10.0.0.1, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: frozen, namespace: shop}
immutable: true
data: {a: "1"}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: cart, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: cart}, minReplicas: 2, maxReplicas: 4}
---
apiVersion: v1
kind: Secret
metadata: {name: held, namespace: shop, finalizers: [example.com/hold]}
`

func TestStepRefusesWhatTheAPIServerRefuses(t *testing.T) {
	tests := []struct {
		name, on, patch string
		want            string // part of the refusal; "" for accepted
	}{
		{"a new image", "deployment/shop/cart", `{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"shop/cart:2"}]}}}}`, ""},
		{"the selector", "deployment/shop/cart", `{"spec":{"selector":{"matchLabels":{"x":"y"}}}}`, "422: deployment/shop/cart: spec.selector is immutable"},
		{"labels that leave the selector", "deployment/shop/cart", `{"spec":{"template":{"metadata":{"labels":{"app":"other"}}}}}`, "does not match"},
		{"a negative count", "deployment/shop/cart", `{"spec":{"replicas":-1}}`, "must be 0 or more"},
		{"a misspelt field", "deployment/shop/cart", `{"spec":{"replica":1}}`, "unknown field spec.replica"},
		{"a wrong type", "deployment/shop/cart", `{"spec":{"replicas":"two"}}`, "422"},
		{"a container without image", "deployment/shop/cart", `{"spec":{"template":{"spec":{"containers":[{"name":"x"}]}}}}`, "no image"},
		{"a request over its limit", "deployment/shop/cart", `{"spec":{"template":{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"1Gi"}}}]}}}}`, "more than its limit 64Mi"},
		{"value and valueFrom", "deployment/shop/cart", `{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]}]}}}}`, "both value and valueFrom"},
		{"a mount without its volume", "deployment/shop/cart", `{"spec":{"template":{"spec":{"containers":[{"name":"main","volumeMounts":[{"name":"nope","mountPath":"/x"}]}]}}}}`, `mounts volume "nope"`},
		{"a probe with two handlers", "deployment/shop/cart", `{"spec":{"template":{"spec":{"containers":[{"name":"main","readinessProbe":{"tcpSocket":{"port":1},"exec":{"command":["a"]}}}]}}}}`, "exactly one of"},
		{"neither surge nor unavailable", "deployment/shop/cart", `{"spec":{"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":0}}}}`, "may not both be 0"},
		{"Recreate with rollingUpdate left over", "deployment/shop/cart", `{"spec":{"strategy":{"type":"Recreate"}}}`, "may not be set"},
		{"Recreate", "deployment/shop/cart", `{"spec":{"strategy":{"$patch":"replace","type":"Recreate"}}}`, ""},
		{"a target port", "service/shop/cart", `{"spec":{"ports":[{"port":80,"targetPort":8080}]}}`, ""},
		{"a port out of range", "service/shop/cart", `{"spec":{"ports":[{"port":80,"targetPort":70000}]}}`, "targetPort 70000"},
		{"the cluster IP", "service/shop/cart", `{"spec":{"clusterIP":"10.0.0.2"}}`, "spec.clusterIP is immutable"},
		{"an immutable ConfigMap", "configmap/shop/frozen", `{"data":{"a":"2"}}`, "marked immutable"},
		{"thawing it", "configmap/shop/frozen", `{"immutable":false}`, "marked immutable"},
		{"a larger claim", "pvc/shop/data", `{"spec":{"resources":{"requests":{"storage":"3Gi"}}}}`, ""},
		{"a smaller claim", "pvc/shop/data", `{"spec":{"resources":{"requests":{"storage":"1Gi"}}}}`, "cannot shrink"},
		{"another class", "pvc/shop/data", `{"spec":{"storageClassName":"fast"}}`, "immutable after creation"},
		{"bounds the wrong way round", "hpa/shop/cart", `{"spec":{"minReplicas":9}}`, "below minReplicas"},
		{"a label that is none", "deployment/shop/cart", `{"metadata":{"labels":{"a b":"c"}}}`, `label "a b"`},
		{"what is not there", "deployment/shop/nope", `{}`, "404"},
		{"a directive it does not know", "deployment/shop/cart", `{"spec":{"$retainKeys":["a"]}}`, "not supported"},
	}
	s := state(t, shop)
	for _, tt := range tests {
		_, _, refusal := model.Step(s, model.Action{Verb: model.Patch, On: ref(t, tt.on), Patch: object(t, tt.patch)})
		got := ""
		if refusal != nil {
			got = refusal.String()
		}
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestCreate(t *testing.T) {
	s := state(t, shop)
	service := func(name, ns string) map[string]any {
		return object(t, `{"apiVersion":"v1","kind":"Service","metadata":{"name":"`+name+`","namespace":"`+ns+`"},"spec":{"selector":{"a":"b"},"ports":[{"port":80}]}}`)
	}
	tests := []struct {
		name, on string
		object   map[string]any
		want     string
	}{
		{"a new one", "service/shop/new", service("new", "shop"), ""},
		{"one that is there", "service/shop/cart", service("cart", "shop"), "409"},
		{"in no namespace that exists", "service/nowhere/new", service("new", "nowhere"), "404: namespace"},
		{"under a name that is none", "service/shop/New_1", service("New_1", "shop"), "metadata.name"},
		{"another than it says", "service/shop/a", service("b", "shop"), "the object says service/shop/b"},
	}
	for _, tt := range tests {
		after, e, refusal := model.Step(s, model.Action{Verb: model.Create, On: ref(t, tt.on), Object: tt.object})
		got := ""
		if refusal != nil {
			got = refusal.String()
		}
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if tt.want != "" {
			continue
		}
		if p := model.Diff(nil, after.Get(e.On).Fields()); !strings.Contains(text(t, p), `"targetPort":80`) {
			t.Errorf("%s: targetPort was not defaulted: %s", tt.name, text(t, p))
		}
		back, _, refusal := model.Undo(after, model.Action{Verb: model.Create, On: e.On}, e)
		if refusal != nil || back.Fingerprint() != s.Fingerprint() {
			t.Errorf("%s: undo does not give back the state (%v)", tt.name, refusal)
		}
	}
}

func TestDeleteAndUndo(t *testing.T) {
	s := state(t, shop)
	on := ref(t, "service/shop/cart")
	gone, e, refusal := model.Step(s, model.Action{Verb: model.Delete, On: on})
	if refusal != nil || gone.Get(on) != nil {
		t.Fatalf("the Service is still there (%v)", refusal)
	}
	if s.Get(on) == nil {
		t.Fatal("the state itself changed")
	}
	back, _, refusal := model.Undo(gone, model.Action{Verb: model.Delete, On: on}, e)
	if refusal != nil || back.Fingerprint() != s.Fingerprint() {
		t.Errorf("undo does not give back the state (%v)", refusal)
	}
	// Somebody was faster: their object is kept.
	other, _, _ := model.Step(gone, model.Action{Verb: model.Create, On: on, Object: object(t, `{"apiVersion":"v1","kind":"Service","metadata":{"name":"cart","namespace":"shop"},"spec":{"ports":[{"port":1}]}}`)})
	if _, _, refusal := model.Undo(other, model.Action{Verb: model.Delete, On: on}, e); refusal == nil || refusal.Code != 409 {
		t.Errorf("undo over a foreign object: %v, want 409", refusal)
	}
}

func TestFinalizersHoldADeletionBack(t *testing.T) {
	s := state(t, shop)
	on := ref(t, "secret/shop/held")
	after, _, _ := model.Step(s, model.Action{Verb: model.Delete, On: on})
	o := after.Get(on)
	if o == nil || o.Meta().GetDeletionTimestamp() == nil {
		t.Fatal("an object with a finalizer must stay, terminating")
	}
	if after.Written() == s.Written() {
		t.Error("a terminating object counts as unchanged")
	}
}

func TestDeletingANamespaceTakesItsContents(t *testing.T) {
	s := state(t, shop+"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n")
	after, _, _ := model.Step(s, model.Action{Verb: model.Delete, On: model.Ref{Kind: "Namespace", Name: "shop"}})
	if after.Len() != 1 {
		t.Errorf("%d objects are left, want the other namespace only", after.Len())
	}
}

const budget = `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: cart, namespace: shop}
spec: {minAvailable: 1, selector: {matchLabels: {app: cart}}}
`

func pod(name, ready string) string {
	return `
---
apiVersion: v1
kind: Pod
metadata: {name: ` + name + `, namespace: shop, labels: {app: cart}}
spec: {containers: [{name: main, image: i}]}
status: {conditions: [{type: Ready, status: "` + ready + `"}]}
`
}

func TestEvictionAsksTheBudgets(t *testing.T) {
	tests := []struct {
		name, yaml string
		want       string
	}{
		{"none covers it", pod("a", "True"), ""},
		{"one may go", budget + pod("a", "True") + pod("b", "True"), ""},
		{"the last healthy one", budget + pod("a", "True") + pod("b", "False"), "429: poddisruptionbudget/shop/cart needs 1 healthy pods and has 1"},
		{"a sick one, with enough healthy", budget + pod("a", "False") + pod("b", "True"), ""},
		{"a sick one, with too few", budget + pod("a", "False") + pod("b", "False"), "429"},
		{"two budgets", budget + "---" + strings.Replace(budget, "name: cart", "name: more", 1) + pod("a", "True"), "500"},
		{"maxUnavailable", strings.Replace(budget, "minAvailable: 1", "maxUnavailable: 50%", 1) + pod("a", "True") + pod("b", "True"), ""},
		{"maxUnavailable used up", strings.Replace(budget, "minAvailable: 1", "maxUnavailable: 0", 1) + pod("a", "True") + pod("b", "True"), "429"},
	}
	for _, tt := range tests {
		after, _, refusal := model.Step(state(t, tt.yaml), model.Action{Verb: model.Evict, On: ref(t, "pod/shop/a")})
		got := ""
		if refusal != nil {
			got = refusal.String()
		}
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if gone := after.Get(ref(t, "pod/shop/a")) == nil; gone != (tt.want == "") {
			t.Errorf("%s: pod gone is %v", tt.name, gone)
		}
	}
}

func TestARestartHasNothingToUndo(t *testing.T) {
	s := state(t, shop)
	on := ref(t, "deployment/shop/cart")
	patch := model.Action{Verb: model.Patch, On: on, Patch: object(t, `{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"plan/one"}}}}}`)}
	after, _, refusal := model.Step(s, patch)
	if refusal != nil {
		t.Fatal(refusal)
	}
	if after.Fingerprint() == s.Fingerprint() {
		t.Error("a restart must change the state, or no pod would be replaced")
	}
	if after.Written() != s.Written() {
		t.Error("a restart changes nothing that a user wrote")
	}
}

func TestLooksChangeNothing(t *testing.T) {
	s := state(t, shop)
	for _, v := range []model.Verb{model.Wait, model.Check} {
		if after, _, refusal := model.Step(s, model.Action{Verb: v, On: ref(t, "deployment/shop/cart")}); after != s || refusal != nil {
			t.Errorf("%s: the state changed or was refused (%v)", v, refusal)
		}
	}
	if _, _, refusal := model.Step(s, model.Action{Verb: model.Rollback, On: ref(t, "deployment/shop/cart")}); refusal == nil {
		t.Error("an unresolved roll-back was applied")
	}
}

// Orphans lose their owner for good: a later write to one must not bring the
// dead owner back. Undoing the deletion makes them its children again.
func TestOrphans(t *testing.T) {
	s := state(t, shop+`
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: cart-1, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: cart, uid: u, controller: true}]}
spec:
  replicas: 2
  selector: {matchLabels: {app: cart}}
  template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: main, image: "shop/cart:1"}]}}
`)
	owner, child := ref(t, "deployment/shop/cart"), ref(t, "replicaset/shop/cart-1")
	orphan := model.Action{Verb: model.Delete, On: owner, Orphan: true}
	gone, deleted, _ := model.Step(s, orphan)
	if o := gone.Get(child); !o.Owner().IsZero() || len(o.Meta().GetOwnerReferences()) > 0 {
		t.Errorf("the orphan still has an owner: %v", o.Meta().GetOwnerReferences())
	}
	if back, _, refusal := model.Undo(gone, orphan, deleted); refusal != nil || back.Fingerprint() != s.Fingerprint() {
		t.Errorf("undo does not give back the state (%v)", refusal)
	}
	label := model.Action{Verb: model.Patch, On: child, Patch: object(t, `{"metadata":{"labels":{"a":"b"}}}`)}
	labelled, written, refusal := model.Step(gone, label)
	if refusal != nil || !labelled.Get(child).Owner().IsZero() {
		t.Fatalf("a label brings the dead owner back (%v)", refusal)
	}
	unlabelled, _, _ := model.Undo(labelled, label, written)
	back, _, refusal := model.Undo(unlabelled, orphan, deleted)
	if refusal != nil || back.Get(child).Owner() != owner {
		t.Errorf("the orphan was not adopted again (%v)", refusal)
	}
}
