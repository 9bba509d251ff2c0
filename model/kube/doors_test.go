package kube

import (
	"testing"

	"github.com/stratus-sre/stratus/model"
)

const front = shop + `---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: front, namespace: shop}, spec: {rules: [{host: shop.example, http: {paths: [
  {path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}},
  {path: /admin, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}]}}]}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: route, namespace: shop}, spec: {hostnames: [m.example], rules: [{matches: [{path: {value: /db}}], backendRefs: [{name: db, port: 80}]}]}}
`

// Ways to leave users outside with every pod ready: each costs a user outage,
// or at least a latent finding, that the start did not have.
func TestShutDoors(t *testing.T) {
	ingress := func(rules string) string {
		return "---\n{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: front, namespace: shop}, spec: {rules: [" + rules + "]}}\n"
	}
	paths := `{path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}, {path: /admin, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}`
	for _, tt := range []struct {
		name, change, entity, what string
		tier                       model.Tier
	}{
		{"the entry is made internal", "service cart\n", "service/shop/cart", notOutside, model.T1},
		{"another host", ingress(`{host: other.example, http: {paths: [` + paths + `]}}`), "ingress/shop/front", doorShut + "shop.example/", model.T1},
		{"a path is dropped", ingress(`{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}]}}`), "ingress/shop/front", doorShut + "shop.example/admin", model.T1},
		{"a route of the gateway takes another path", "---\n{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: route, namespace: shop}, spec: {hostnames: [m.example], rules: [{matches: [{path: {value: /x}}], backendRefs: [{name: db, port: 80}]}]}}\n", "httproute/shop/route", doorShut + "m.example/db", model.T1},
		{"a service takes another's pods", "---\n{apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}, spec: {selector: {app: cart}, ports: [{port: 80, targetPort: 8080}]}}\n", "deployment/shop/db", unserved, model.T6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := world(t, front)
			before := severity(w, w.Start(), model.Settled)
			after := severity(w, settle(t, w, apply(t, w.Start(), tt.change)), model.Settled)
			found := false
			for _, f := range after.Sets[tt.tier] {
				found = found || f.Entity.String() == tt.entity && f.What == tt.what
			}
			if !found || after.NoWorse(before) {
				t.Errorf("%s lacks %q of %s: %+v", tt.tier, tt.what, tt.entity, after.Sets[tt.tier])
			}
		})
	}
}
