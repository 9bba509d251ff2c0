package kube

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stratus-sre/stratus/model"
)

// replicate makes a set have as many pods as it wants: it adds pods, or takes
// those away that are missed least.
func (c *cluster) replicate(w *workload, s *podSet) {
	for len(s.pods) < s.want {
		c.newPod(w, s)
	}
	if len(s.pods) == s.want {
		return
	}
	victims := slices.Clone(s.pods)
	slices.SortFunc(victims, leastMissed)
	for _, p := range victims[:len(victims)-s.want] {
		c.dropPod(p)
	}
}

// leastMissed orders pods by who goes first when a set shrinks: unscheduled,
// not running, not ready, low deletion cost; then by name from the end, so
// that the oldest ordinals stay.
// Source: k8s.io/kubernetes v1.36 pkg/controller/controller_utils.go,
// ActivePodsWithRanks; its ranks by age have no meaning without a clock.
func leastMissed(a, b *pod) int {
	return cmp.Or(
		first(a.health.node == "", b.health.node == ""),
		first(a.health.blocked(), b.health.blocked()),
		first(!a.health.ready, !b.health.ready),
		cmp.Compare(intAnnotation(a.typed, deletionCost, 0), intAnnotation(b.typed, deletionCost, 0)),
		cmp.Compare(b.ref.Name, a.ref.Name),
	)
}

const deletionCost = "controller.kubernetes.io/pod-deletion-cost"

// first orders true before false.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// scale sets the wanted replicas of a set, and the Deployment's that they
// were derived from (−1 if it has none).
func (c *cluster) scale(s *podSet, want, desired int) {
	if s.want == want && s.desired == desired {
		return
	}
	s.want, s.desired = want, desired
	s.changed, c.dirty = true, true
}

// newSet starts a ReplicaSet of the Deployment's present template, with no pods yet.
func (c *cluster) newSet(w *workload) *podSet {
	t := *w.tmpl
	t.labels = maps.Clone(t.labels)
	if t.labels == nil {
		t.labels = map[string]string{}
	}
	t.labels[appsv1.DefaultDeploymentUniqueLabelKey] = t.hash()
	var last int64
	for _, s := range w.sets {
		last = max(last, s.revision)
	}
	s := &podSet{
		ref:   model.Ref{Group: "apps", Kind: "ReplicaSet", Namespace: w.ref().Namespace, Name: w.ref().Name + "-" + t.hash()},
		owner: w.ref(), tmpl: &t, desired: w.want, revision: last + 1, changed: true,
	}
	w.sets = append(w.sets, s)
	c.sets = append(c.sets, s)
	c.dirty = true
	return s
}

// object makes the set's object. Its digest covers what decides about pods;
// the revision is bookkeeping, as in ≡obs.
func (s *podSet) object(start *model.State) *model.Object {
	if o := start.Get(s.ref); o != nil && o.Owner() == s.owner {
		if rs := model.As[appsv1.ReplicaSet](o); rs != nil && replicas(rs.Spec.Replicas) == s.want && intAnnotation(rs, desiredReplicas, -1) == s.desired {
			return o // back to what was observed
		}
	}
	n := int32(s.want)
	var rs appsv1.ReplicaSet
	if old := model.As[appsv1.ReplicaSet](s.obj); old != nil {
		rs = *old
		rs.Annotations = maps.Clone(rs.Annotations)
	} else {
		rs.TypeMeta = metav1.TypeMeta{APIVersion: "apps/v1", Kind: "ReplicaSet"}
		rs.ObjectMeta = metav1.ObjectMeta{Name: s.ref.Name, Namespace: s.ref.Namespace, Labels: s.tmpl.labels}
		rs.Spec.Selector = &metav1.LabelSelector{MatchLabels: s.tmpl.labels}
		rs.Spec.Template.Labels, rs.Spec.Template.Annotations = s.tmpl.labels, s.tmpl.annotations
		rs.Spec.Template.Spec = *s.tmpl.spec
	}
	if !s.owner.IsZero() {
		yes := true
		rs.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "Deployment", Name: s.owner.Name, Controller: &yes}}
		if rs.Annotations == nil {
			rs.Annotations = map[string]string{}
		}
		rs.Annotations[desiredReplicas] = strconv.Itoa(s.desired)
		rs.Annotations[revisionAnnotation] = strconv.FormatInt(s.revision, 10)
	}
	rs.Spec.Replicas = &n
	rs.Status = appsv1.ReplicaSetStatus{}
	spec := s.tmpl.digest.Xor(model.DigestOf("replicas", strconv.Itoa(s.want), strconv.Itoa(s.desired)))
	return model.NewDerived(s.ref, &rs, s.owner, spec, model.Digest{})
}

// shrunk reports whether the set is a leftover of a finished rollout that the
// model made itself. Those are dropped, so that a roll-out taken back leaves
// the state it came from; observed ones stay, since they are the history that
// a rollback returns to.
func (s *podSet) shrunk(start *model.State) bool {
	return s.want == 0 && len(s.pods) == 0 && start.Get(s.ref) == nil
}

// selector claims pods without an owner; nil for sets that are no ReplicaSet.
func (s *podSet) selector() *metav1.LabelSelector {
	if rs := model.As[appsv1.ReplicaSet](s.obj); rs != nil {
		return rs.Spec.Selector
	}
	return nil
}
