package kube

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/stratus-sre/stratus/model"
)

const doubles = nodeN + `deployment cart replicas=2
deployment other replicas=2
service cart
service other
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: front, namespace: shop}, spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}]}}]}}
---
{apiVersion: v1, kind: Secret, metadata: {name: tls, namespace: shop}, type: kubernetes.io/tls, data: {tls.crt: eA==, tls.key: eA==}}
`

// fields reads a patch.
func fields(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return widen(m).(map[string]any)
}

// What a write sets in motion is either modelled or said not to be: a template
// field that the model never looks at must not be called harmless.
func TestBlindSpots(t *testing.T) {
	w := world(t, doubles)
	pod := func(spec string) string { return `{"spec":{"template":{"spec":` + spec + `}}}` }
	main := func(fields string) string { return pod(`{"containers":[{"name":"main",` + fields + `}]}`) }
	for _, tt := range []struct{ on, patch, want string }{
		{"deployment/shop/cart", `{"spec":{"replicas":3}}`, ""},
		{"deployment/shop/cart", main(`"image":"cart:v2"`), ""},
		{"deployment/shop/cart", main(`"env":[{"name":"A","value":"1"}]`), ""},
		{"deployment/shop/cart", main(`"resources":{"limits":{"memory":"1Gi"}}`), ""},
		{"deployment/shop/cart", pod(`{"nodeSelector":{"a":"b"}}`), ""},
		{"deployment/shop/cart", pod(`{"serviceAccountName":"nobody"}`), "serviceAccountName"},
		{"deployment/shop/cart", pod(`{"hostNetwork":true}`), "hostNetwork"},
		{"deployment/shop/cart", pod(`{"runtimeClassName":"x"}`), "runtimeClassName"},
		{"deployment/shop/cart", main(`"resources":{"limits":{"nvidia.com/gpu":"1"}}`), "nvidia.com/gpu"},
		{"deployment/shop/cart", main(`"lifecycle":{"postStart":{"exec":{"command":["false"]}}}`), "lifecycle"},
		{"deployment/shop/cart", main(`"securityContext":{"runAsNonRoot":true}`), "securityContext"},
		{"deployment/shop/cart", main(`"image":"other:v1"`), "whether image other:v1 does the work of container main"},
		{"deployment/shop/cart", `{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"x","uid":"u"}]}}`, "ownerReferences"},
		{"service/shop/cart", `{"spec":{"ports":[{"port":80,"targetPort":8080}]}}`, ""},
		{"service/shop/cart", `{"spec":{"selector":{"$patch":"replace","app":"other"}}}`, "whether the pods of deployment/shop/other do the work of service/shop/cart"},
		{"service/shop/cart", `{"spec":{"externalTrafficPolicy":"Local"}}`, "externalTrafficPolicy"},
		{"ingress/shop/front", `{"spec":{"ingressClassName":"nope"}}`, "ingressClassName"},
		{"ingress/shop/front", `{"metadata":{"annotations":{"nginx.ingress.kubernetes.io/rewrite-target":"/x"}}}`, "annotations"},
		{"secret/shop/tls", `{"data":{"tls.crt":null}}`, "type kubernetes.io/tls"},
	} {
		got := w.Unmodelled(w.Start(), model.Action{Verb: model.Patch, On: ref(t, tt.on), Patch: fields(t, tt.patch)})
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s %s: %q, want %q", tt.on, tt.patch, got, tt.want)
		}
	}
}

func TestBlindSpotsOfNewWorkloads(t *testing.T) {
	w := world(t, doubles)
	for add, want := range map[string]string{"": "", "priorityClassName: system-cluster-critical, ": "priority", "schedulerName: mine, ": "schedulerName", "hostNetwork: true, ": "hostNetwork"} {
		object := fields(t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: new, namespace: shop}, spec: {replicas: 1, selector: {matchLabels: {app: new}}, template: {metadata: {labels: {app: new}}, spec: {`+add+`containers: [{name: main, image: "cart:v1"}]}}}}`)
		got := w.Unmodelled(w.Start(), model.Action{Verb: model.Create, On: ref(t, "deployment/shop/new"), Object: object})
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", add, got, want)
		}
	}
}

// What a plan takes away comes on top of what a controller may have taken.
func TestWorstMomentsAddUp(t *testing.T) {
	for _, tt := range []struct {
		name, strategy, patch string
		want                  int // endpoints at the worst moment, after one of two pods was evicted
	}{
		{"an eviction alone", "0/1", `{}`, 1},
		{"during a rollout that may take one", "0/1", `{"spec":{"template":{"metadata":{"annotations":{"a":"b"}}}}}`, 0},
		{"during a rollout that may take none", "1/0", `{"spec":{"template":{"metadata":{"annotations":{"a":"b"}}}}}`, 1},
		{"while one too many is going", "1/0", `{"spec":{"replicas":1}}`, 0},
		{"while more are coming", "1/0", `{"spec":{"replicas":4}}`, 1},
	} {
		w := world(t, nodeN+"service cart\ndeployment cart replicas=2 strategy="+tt.strategy+"\n")
		on := ref(t, "deployment/shop/cart")
		s, _, refusal := model.Step(w.Start(), model.Action{Verb: model.Patch, On: on, Patch: fields(t, tt.patch)})
		if refusal != nil {
			t.Fatalf("%s: %s", tt.name, refusal)
		}
		for o := range s.List("", "Pod") {
			s, _, _ = model.Step(s, model.Action{Verb: model.Evict, On: o.Ref()})
			break
		}
		got := 0
		for w.Holds(s, model.NewValuation(nil), model.Condition{On: ref(t, "service/shop/cart"), Measure: model.ReadyEndpoints, Op: ">", Value: int64(got)}, model.Worst) {
			got++
		}
		if got != tt.want {
			t.Errorf("%s: %d endpoints at the worst moment, want %d", tt.name, got, tt.want)
		}
	}
}
