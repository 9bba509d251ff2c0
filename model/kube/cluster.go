package kube

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// cluster is one state, sorted out by what controllers look for. It is read
// once, in one pass, because look-ups in the store cost more than controllers
// do. Settle changes the copy and writes the difference back in the end.
type cluster struct {
	world *World
	state *model.State

	workloads []*workload
	byRef     map[model.Ref]*workload
	sets      []*podSet // in the order of the state; new ones at the end
	pods      []*pod    // likewise
	nodes     []*node
	nodeNamed map[string]*node

	services, autoscalers, budgets, routes []*model.Object
	named                                  map[model.Ref]*model.Object // what pods refer to by name

	behind   map[model.Ref][]*pod // what Services select; only for reading a state
	labelled map[label][]*pod     // active pods by label, filled when first asked for; likewise

	dirty bool // since the round began
}

// label is one label of the pods of a namespace.
type label struct{ namespace, key, value string }

// workload is what people write to have pods: a Deployment, or a ReplicaSet,
// StatefulSet, DaemonSet or Pod that no controller owns.
type workload struct {
	obj  *model.Object
	tmpl *template
	want int       // spec.replicas within the bounds of an autoscaler
	sets []*podSet // Deployment: its ReplicaSets; others: exactly one
}

func (w *workload) ref() model.Ref { return w.obj.Ref() }

func (w *workload) deployment() *appsv1.Deployment { return model.As[appsv1.Deployment](w.obj) }

// modelled: its pods come and go in the model; those of others are constant.
func (w *workload) modelled() bool {
	k := w.ref().Kind
	return k == "Deployment" || k == "ReplicaSet" || k == "Pod"
}

// podSet is the pods of one template: a ReplicaSet's, or all those of a
// workload that keeps no ReplicaSets.
type podSet struct {
	ref   model.Ref     // the owner of the pods
	obj   *model.Object // nil for a ReplicaSet that the model is about to make
	owner model.Ref     // the Deployment, zero if none
	tmpl  *template
	want  int
	pods  []*pod // active ones, by name

	desired  int   // wanted replicas of the Deployment at the last scaling, −1 if not recorded
	revision int64 // 0 if not recorded
	changed  bool
	gone     bool
}

func (s *podSet) ready() int {
	n := 0
	for _, p := range s.pods {
		if p.health.ready {
			n++
		}
	}
	return n
}

// load sorts a state out. The lists keep the state's order.
func (w *World) load(s *model.State) *cluster {
	size := s.Len() / 2 // growing maps costs more than reading a state
	c := &cluster{
		world: w, state: s,
		byRef: make(map[model.Ref]*workload, size/2), nodeNamed: map[string]*node{}, named: make(map[model.Ref]*model.Object, size),
		behind: make(map[model.Ref][]*pod, size/2), labelled: make(map[label][]*pod, size/2),
	}
	podObjects, setObjects := make([]*model.Object, 0, size/2), make([]*model.Object, 0, size/2)
	for o := range s.All() {
		switch r := o.Ref(); r.Kind {
		case "Pod":
			podObjects = append(podObjects, o)
		case "ReplicaSet":
			setObjects = append(setObjects, o)
		case "Deployment", "StatefulSet", "DaemonSet":
			c.addWorkload(o)
		case "Service":
			if r.Group == "" {
				c.services = append(c.services, o)
				c.named[r] = o
			}
		case "HorizontalPodAutoscaler":
			c.autoscalers = append(c.autoscalers, o)
		case "PodDisruptionBudget":
			c.budgets = append(c.budgets, o)
		case "Ingress", "HTTPRoute":
			c.routes = append(c.routes, o)
		case "Node":
			c.addNode(o)
		case "ConfigMap", "Secret", "PersistentVolumeClaim", "PersistentVolume", "StorageClass", "Namespace":
			c.named[r] = o
		}
	}
	sets := make(map[model.Ref]*podSet, len(setObjects)+len(c.workloads))
	for _, o := range setObjects {
		if set := c.addReplicaSet(o); set != nil {
			sets[set.ref] = set
		}
	}
	for _, wl := range c.workloads {
		if wl.deployment() == nil && wl.ref().Kind != "ReplicaSet" {
			set := &podSet{ref: wl.ref(), obj: wl.obj, tmpl: wl.tmpl, want: wl.want}
			wl.sets = []*podSet{set}
			sets[set.ref] = set
		}
	}
	for _, o := range podObjects {
		c.addPod(o, sets)
	}
	for _, o := range c.autoscalers {
		c.bound(o)
	}
	return c
}

func (c *cluster) addWorkload(o *model.Object) {
	w := &workload{obj: o, tmpl: c.world.templateOf(o), want: 1}
	if w.tmpl == nil {
		return // of a version that has no Go type: listed as not covered
	}
	switch {
	case w.deployment() != nil:
		w.want = replicas(w.deployment().Spec.Replicas)
	case o.Ref().Kind == "StatefulSet":
		w.want = replicas(model.As[appsv1.StatefulSet](o).Spec.Replicas)
	case o.Ref().Kind == "DaemonSet":
		w.want = int(model.As[appsv1.DaemonSet](o).Status.DesiredNumberScheduled)
	}
	c.workloads = append(c.workloads, w)
	c.byRef[o.Ref()] = w
}

func (c *cluster) addReplicaSet(o *model.Object) *podSet {
	rs := model.As[appsv1.ReplicaSet](o)
	if rs == nil {
		return nil
	}
	set := &podSet{
		ref: o.Ref(), obj: o, owner: o.Owner(), tmpl: c.world.templateOf(o), want: replicas(rs.Spec.Replicas),
		desired: intAnnotation(rs, desiredReplicas, -1), revision: int64(intAnnotation(rs, revisionAnnotation, 0)),
	}
	c.sets = append(c.sets, set)
	switch owner := c.byRef[o.Owner()]; {
	case owner != nil:
		owner.sets = append(owner.sets, set)
	case o.Owner().IsZero():
		w := &workload{obj: o, tmpl: set.tmpl, want: set.want, sets: []*podSet{set}}
		c.workloads = append(c.workloads, w)
		c.byRef[o.Ref()] = w
	}
	return set
}

func (c *cluster) addPod(o *model.Object, sets map[model.Ref]*podSet) {
	typed := model.As[corev1.Pod](o)
	if typed == nil {
		return
	}
	p := &pod{ref: o.Ref(), obj: o, typed: typed, owner: o.Owner(), health: readHealth(typed), active: active(typed)}
	c.pods = append(c.pods, p)
	if p.owner.IsZero() {
		if !p.active {
			return
		}
		w := &workload{obj: o, tmpl: c.world.templateOf(o), want: 1}
		set := &podSet{ref: o.Ref(), obj: o, tmpl: w.tmpl, want: 1}
		w.sets = []*podSet{set}
		c.workloads = append(c.workloads, w)
		c.byRef[o.Ref()] = w
		p.set, p.workload = set, w
		set.pods = append(set.pods, p)
		return
	}
	if set := sets[p.owner]; set != nil {
		p.set = set
		p.workload = c.byRef[set.ref]
		if p.workload == nil {
			p.workload = c.byRef[set.owner]
		}
		if p.active {
			set.pods = append(set.pods, p)
		}
	}
}

// ownerGone reports whether an object's controller owner was deleted. An owner
// that the start state did not have either is of a kind that was not read:
// what it owns is left alone.
func (c *cluster) ownerGone(owner model.Ref) bool {
	if owner.IsZero() || c.world.foreignOwners[owner] {
		return false
	}
	if c.byRef[owner] != nil {
		return false
	}
	for _, s := range c.sets {
		if s.ref == owner {
			return s.gone
		}
	}
	return c.state.Get(owner) == nil
}

// podsOf yields the active pods of a workload, of all its templates.
func (w *workload) podsOf(yield func(*pod) bool) {
	for _, s := range w.sets {
		for _, p := range s.pods {
			if !yield(p) {
				return
			}
		}
	}
}

// current returns the set of the workload's present template, nil if none.
func (w *workload) current() *podSet {
	if w.deployment() == nil {
		return w.sets[0]
	}
	for _, s := range w.sets {
		if s.tmpl != nil && s.tmpl.digest == w.tmpl.digest && !s.gone {
			return s
		}
	}
	return nil
}

// dropPod takes a pod away.
func (c *cluster) dropPod(p *pod) {
	p.gone = true
	if p.set != nil {
		p.set.pods = slices.DeleteFunc(p.set.pods, func(q *pod) bool { return q == p })
	}
	c.dirty = true
}

func replicas(n *int32) int {
	if n == nil {
		return 1
	}
	return int(*n)
}
