package kube

import (
	"testing"

	"github.com/stratus-sre/stratus/model"
)

// Each line: a Service in front of a ready pod that declares 8080 as "web",
// and the reason why users do not reach it, "" if they do.
func TestEndpoints(t *testing.T) {
	for _, tt := range []struct{ name, spec, why string }{
		{"number", "selector: {app: cart}, ports: [{port: 80, targetPort: 8080}]", ""},
		{"name", "selector: {app: cart}, ports: [{port: 80, targetPort: web}]", ""},
		{"target is the port", "selector: {app: cart}, ports: [{port: 8080}]", ""},
		{"wrong number", "selector: {app: cart}, ports: [{port: 80, targetPort: 9999}]", "targetPort 9999 is served by no container"},
		{"wrong name", "selector: {app: cart}, ports: [{port: 80, targetPort: api}]", `no container declares a port named "api", which targetPort asks for`},
		{"right name, wrong protocol", "selector: {app: cart}, ports: [{port: 80, targetPort: web, protocol: UDP}]", `no container declares a port named "web", which targetPort asks for`},
		{"selects nothing", "selector: {app: card}, ports: [{port: 80, targetPort: 8080}]", "the selector app=card matches no pod and no workload"},
		{"selects too narrowly", "selector: {app: cart, tier: x}, ports: [{port: 80}]", "the selector app=cart,tier=x matches no pod and no workload"},
		{"one of two ports", "selector: {app: cart}, ports: [{name: a, port: 80, targetPort: 8080}, {name: b, port: 81, targetPort: 9999}]", "targetPort 9999 is served by no container"},
		{"headless without ports", "clusterIP: None, selector: {app: cart}", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := world(t, `{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {`+tt.spec+`}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: cart, namespace: shop}, spec: {selector: {matchLabels: {app: cart}},
 template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: main, image: cart:v1, ports: [{name: web, containerPort: 8080}]}]}}}}
`)
			v := model.NewValuation(nil)
			if got := why(w.Severity(w.Start(), v, model.Settled), model.T2, ref(t, "service/shop/cart")); got != tt.why {
				t.Errorf("got  %q\nwant %q", got, tt.why)
			}
			ready := w.Holds(w.Start(), v, model.Condition{On: ref(t, "service/shop/cart"), Measure: model.Ready}, model.Settled)
			if ready != (tt.why == "") {
				t.Errorf("ready: %v", ready)
			}
			if len(v.Asked()) > 0 {
				t.Errorf("asked %v", v.Asked())
			}
		})
	}
}

// Where no container declares a port, whether the Service's is served is a
// fact; in manifests the present one is assumed.
func TestUndeclaredPort(t *testing.T) {
	w := world(t, "service cart target=8080\ndeployment cart port=none\n")
	for _, tt := range []struct {
		target string
		asked  int
	}{{"8080", 0}, {"9999", 1}} {
		v := model.NewValuation(map[model.Fact]bool{"image cart:v1 listens on port 9999": false})
		sev := w.Severity(apply(t, w.Start(), "service cart target="+tt.target+"\n"), v, model.Settled)
		if len(v.Asked()) != tt.asked || sev.Has(model.T2, ref(t, "service/shop/cart")) != (tt.asked > 0) {
			t.Errorf("%s: asked %v, T2 %v", tt.target, v.Asked(), findings(sev, model.T2))
		}
	}
}

// A rollout whose new pods the Service will not reach leaves it nothing at the
// worst moment, although the old pods are there still.
func TestWorstMomentOfAServiceLosingItsPods(t *testing.T) {
	w := world(t, "service cart target=8080\ndeployment cart replicas=4\n")
	for args, want := range map[string]int64{
		"replicas=4 image=cart:v2":           3,
		"replicas=4 port=9090":               0,
		"replicas=4 image=cart:v2 port=none": 3, // whether v2 listens is a fact, and it may
	} {
		s := apply(t, w.Start(), "deployment cart "+args+"\n")
		for n := int64(1); n <= 4; n++ {
			cond := model.Condition{On: ref(t, "service/shop/cart"), Measure: model.ReadyEndpoints, Value: n}
			if got := w.Holds(s, model.NewValuation(nil), cond, model.Worst); got != (n <= want) {
				t.Errorf("%s: at least %d endpoints: %v, want %d", args, n, got, want)
			}
		}
	}
}

// Who users reach directly, and is T1 without endpoints; the others are T2.
func TestEntryServices(t *testing.T) {
	const (
		ingress = `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop},
 spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}]}}]}}
`
		route = `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: web, namespace: shop},
 spec: {rules: [{backendRefs: [{name: cart, port: 80}]}]}}
`
		critical = `{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop, labels: {stratus.dev/critical: "true", tier: front}},
 spec: {selector: {app: cart}, ports: [{port: 80, targetPort: 8080}]}}
`
	)
	front := []map[string]string{{"tier": "front"}}
	for _, tt := range []struct {
		name, text string
		entry      []map[string]string
		tier       model.Tier
	}{
		{"ClusterIP", "service cart\n", nil, model.T2},
		{"LoadBalancer", "service cart type=LoadBalancer\n", nil, model.T1},
		{"NodePort", "service cart type=NodePort\n", nil, model.T1},
		{"Ingress", "service cart\n" + ingress, nil, model.T1},
		{"HTTPRoute", "service cart\n" + route, nil, model.T1},
		{"label", critical, nil, model.T1},
		{"configured", critical, front, model.T1},
		{"configured, does not match", "service cart\n", front, model.T2},
	} {
		w := worldOf(t, Options{State: stateOf(t, tt.text+"\n---\ndeployment cart\n"), Entry: tt.entry})
		s := remove(t, w.Start(), "deployment/shop/cart")
		sev := severity(w, settle(t, w, s), model.Settled)
		for _, tier := range []model.Tier{model.T1, model.T2} {
			if sev.Has(tier, ref(t, "service/shop/cart")) != (tier == tt.tier) {
				t.Errorf("%s: %s has %v", tt.name, tier, findings(sev, tier))
			}
		}
	}
}

// Why a Service without a port mistake has no endpoint.
func TestNoEndpointBecause(t *testing.T) {
	for _, tt := range []struct{ cart, why string }{
		{"replicas=0", "deployment/shop/cart is scaled to 0"},
		{"cpu=99", "1 pod selected, none ready, Unschedulable: 0/3 nodes are available: 3 Insufficient cpu"},
		{"env=settings", `1 pod selected, none ready, CreateContainerConfigError in container main: configmap "settings" not found`},
		{"paused=true", "deployment/shop/cart has no pods"}, // never rolled out
	} {
		w := world(t, "service cart\ndeployment cart "+tt.cart+"\n")
		if got := why(severity(w, w.Start(), model.Settled), model.T2, ref(t, "service/shop/cart")); got != tt.why {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.cart, got, tt.why)
		}
	}
}
