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

// doors lists what users ask for to be led somewhere: "shop.example/cart", with
// "*" for any host. A rule that goes away shuts its door.
func doors(o *model.Object) []string {
	var out []string
	add := func(host, path string) {
		if host == "" {
			host = "*"
		}
		out = append(out, host+path)
	}
	if in := model.As[networkingv1.Ingress](o); in != nil {
		if in.Spec.DefaultBackend != nil {
			add("", "")
		}
		for _, r := range in.Spec.Rules {
			if r.HTTP == nil {
				continue
			}
			for _, p := range r.HTTP.Paths {
				add(r.Host, p.Path)
			}
		}
		return out
	}
	spec, _ := o.Fields()["spec"].(map[string]any)
	hosts := texts(spec["hostnames"])
	if len(hosts) == 0 {
		hosts = []string{""}
	}
	rules, _ := spec["rules"].([]any)
	for _, r := range rules {
		rule, _ := r.(map[string]any)
		matches, _ := rule["matches"].([]any)
		if len(matches) == 0 {
			matches = []any{nil} // a rule without matches takes everything
		}
		for _, m := range matches {
			match, _ := m.(map[string]any)
			path, _ := match["path"].(map[string]any)
			value, _ := path["value"].(string)
			for _, h := range hosts {
				add(h, value)
			}
		}
	}
	return out
}

func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
