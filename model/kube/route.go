package kube

import (
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/stratus-sre/stratus/model"
)

// backend is a Service that an Ingress or HTTPRoute sends users to.
type backend struct {
	service model.Ref
	port    int32  // 0 if named or not given
	name    string // of the port
}

// backends lists where a route leads, in its order.
// Source: k8s.io/api/networking/v1; Gateway API v1 HTTPRoute, backendRefs.
func backends(o *model.Object) []backend {
	var out []backend
	add := func(b *networkingv1.IngressBackend) {
		if b != nil && b.Service != nil {
			out = append(out, backend{
				service: model.Ref{Kind: "Service", Namespace: o.Ref().Namespace, Name: b.Service.Name},
				port:    b.Service.Port.Number, name: b.Service.Port.Name,
			})
		}
	}
	if in := model.As[networkingv1.Ingress](o); in != nil {
		add(in.Spec.DefaultBackend)
		for _, r := range in.Spec.Rules {
			if r.HTTP == nil {
				continue
			}
			for i := range r.HTTP.Paths {
				add(&r.HTTP.Paths[i].Backend)
			}
		}
		return out
	}
	spec, _ := o.Fields()["spec"].(map[string]any)
	rules, _ := spec["rules"].([]any)
	for _, r := range rules {
		rule, _ := r.(map[string]any)
		refs, _ := rule["backendRefs"].([]any)
		for _, b := range refs {
			ref, _ := b.(map[string]any)
			name, _ := ref["name"].(string)
			kind, _ := ref["kind"].(string)
			namespace, _ := ref["namespace"].(string)
			if name == "" || kind != "" && kind != "Service" {
				continue
			}
			if namespace == "" {
				namespace = o.Ref().Namespace
			}
			port, _ := ref["port"].(int64)
			out = append(out, backend{service: model.Ref{Kind: "Service", Namespace: namespace, Name: name}, port: int32(port)})
		}
	}
	return out
}
