package kube

import (
	"encoding/json"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// obligations are what should hold, fixed once: what a plan deletes or scales
// down stays an obligation, so that neither is ever a cure.
type obligations struct {
	services  []serviceDuty // by ref
	desired   map[model.Ref]int
	workloads []model.Ref // the keys of desired, sorted
	routes    []routeDuty // Ingresses and HTTPRoutes that led somewhere
	served    []model.Ref // workloads that a Service selected
	kept      []model.Ref // claims, volumes, namespaces, and what the caller asks to keep
	nodes     []model.Ref
}

// serviceDuty: the Service has a usable endpoint on each of these ports.
type serviceDuty struct {
	ref   model.Ref
	ports []int32
	entry bool // users reach it directly: T1, else T2
	outer bool // it is an entry by its type: LoadBalancer or NodePort
	idle  bool // nothing behind it is wanted
}

// routeDuty: users who ask for one of these addresses are led to a Service.
type routeDuty struct {
	ref   model.Ref
	doors []string
}

// Annotations and labels that people set.
const (
	desiredAnnotation = "stratus.dev/desired"  // "0": a Service does not make the workload wanted
	criticalLabel     = "stratus.dev/critical" // "true": an entry service; label or annotation
	lastApplied       = "kubectl.kubernetes.io/last-applied-configuration"
)

// oblige fixes the obligations: of the baseline where it has the object, else
// of the start state.
func oblige(start, baseline *cluster, opts Options) obligations {
	ob := obligations{desired: map[model.Ref]int{}}
	sources := []*cluster{start}
	if baseline != nil {
		sources = []*cluster{baseline, start}
	}
	for _, c := range sources {
		for _, w := range c.workloads {
			if _, fixed := ob.desired[w.ref()]; !fixed && w.obliges(c) {
				ob.desired[w.ref()] = c.desiredOf(w, c == baseline)
			}
		}
	}
	services := map[model.Ref]*serviceDuty{}
	duty := func(r model.Ref) *serviceDuty {
		if services[r] == nil {
			services[r] = &serviceDuty{ref: r, ports: []int32{0}}
		}
		return services[r]
	}
	kept, nodes, served := map[model.Ref]bool{}, map[model.Ref]bool{}, map[model.Ref]bool{}
	routes := map[model.Ref]routeDuty{}
	for _, c := range sources {
		entries := c.entries(opts.Entry)
		for _, o := range c.services {
			svc := model.As[corev1.Service](o)
			if svc == nil || len(svc.Spec.Selector) == 0 {
				continue
			}
			if services[o.Ref()] == nil {
				d := duty(o.Ref())
				d.ports, d.idle = portsOf(o), ob.idle(c.selectedBy(o))
			}
			d := duty(o.Ref())
			d.entry = d.entry || entries[o.Ref()]
			d.outer = d.outer || outer(svc)
			for _, w := range c.selectedBy(o) {
				served[w.ref()] = true
			}
		}
		for _, o := range c.routes {
			if _, fixed := routes[o.Ref()]; !fixed && len(backends(o)) > 0 {
				routes[o.Ref()] = routeDuty{o.Ref(), doors(o)}
			}
		}
		for r := range c.named {
			switch r.Kind {
			case "PersistentVolumeClaim", "PersistentVolume", "Namespace":
				kept[r] = true
			}
		}
	}
	for _, n := range start.nodes {
		nodes[nodeRef(n.name)] = true
	}
	for _, r := range opts.Obligations {
		switch {
		case r.Kind == "Service":
			duty(r).idle = false
		case isWorkload(r.Kind):
			ob.desired[r] = max(1, ob.desired[r])
		default:
			kept[r] = true
		}
	}
	for _, r := range sortedRefs(services) {
		ob.services = append(ob.services, *services[r])
	}
	for _, r := range sortedRefs(routes) {
		ob.routes = append(ob.routes, routes[r])
	}
	ob.workloads, ob.served, ob.kept, ob.nodes = sortedRefs(ob.desired), sortedRefs(served), sortedRefs(kept), sortedRefs(nodes)
	return ob
}

// obliges: of a workload whose pods the model does not derive, an unbooted
// state tells how many there are; manifests do not.
func (w *workload) obliges(c *cluster) bool {
	return w.modelled() || !c.world.booted && w.ref().Kind != "DaemonSet" || len(w.sets[0].pods) > 0
}

// desiredOf is how many replicas a workload should have, see DESIGN section 6.
func (c *cluster) desiredOf(w *workload, known bool) int {
	if known {
		return w.want
	}
	if n, ok := lastAppliedReplicas(w.obj); ok {
		return n
	}
	if w.want == 0 && w.obj.Annotations()[desiredAnnotation] != "0" {
		for _, o := range c.services {
			if slices.Contains(c.selectedBy(o), w) {
				return 1
			}
		}
	}
	return w.want
}

func lastAppliedReplicas(o *model.Object) (int, bool) {
	text := o.Annotations()[lastApplied]
	if text == "" {
		return 0, false
	}
	var applied struct {
		Spec struct{ Replicas *int }
	}
	if json.Unmarshal([]byte(text), &applied) != nil || applied.Spec.Replicas == nil {
		return 0, false
	}
	return *applied.Spec.Replicas, true
}

// idle: there are workloads, and none is wanted.
func (ob *obligations) idle(selected []*workload) bool {
	return len(selected) > 0 && !slices.ContainsFunc(selected, func(w *workload) bool {
		n, known := ob.desired[w.ref()]
		return !known || n > 0
	})
}

// entries are the Services that users reach directly.
func (c *cluster) entries(selectors []map[string]string) map[model.Ref]bool {
	out := map[model.Ref]bool{}
	for _, o := range c.services {
		svc := model.As[corev1.Service](o)
		if svc == nil {
			continue
		}
		switch {
		case outer(svc), svc.Labels[criticalLabel] == "true", svc.Annotations[criticalLabel] == "true":
			out[o.Ref()] = true
		}
		for _, sel := range selectors {
			if len(sel) > 0 && model.Selects(sel, svc.Labels) {
				out[o.Ref()] = true
			}
		}
	}
	for _, o := range c.routes {
		for _, b := range backends(o) {
			out[b.service] = true
		}
	}
	return out
}

func isWorkload(kind string) bool {
	switch kind {
	case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Pod":
		return true
	}
	return false
}

func nodeRef(name string) model.Ref { return model.Ref{Kind: "Node", Name: name} }

func sortedRefs[V any](m map[model.Ref]V) []model.Ref {
	return slices.SortedFunc(maps.Keys(m), model.Ref.Compare)
}

// outer reports that a Service is reachable from outside by its type.
func outer(svc *corev1.Service) bool {
	return svc.Spec.Type == corev1.ServiceTypeLoadBalancer || svc.Spec.Type == corev1.ServiceTypeNodePort
}
