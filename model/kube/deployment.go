package kube

import (
	"cmp"
	"math"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/stratus-sre/stratus/model"
)

// The Deployment controller, one reconciliation at a time. A rollout whose
// new pods never become ready ends as in a cluster: stuck, with the old pods
// that maxUnavailable protects. minReadySeconds and progressDeadlineSeconds
// need a clock; in the model a ready pod is available, and a stuck rollout is
// stuck for ever.
//
// Source: k8s.io/kubernetes v1.36 pkg/controller/deployment/{deployment_controller,
// sync,rolling,recreate}.go and util/deployment_util.go.

// rollOut moves the ReplicaSets of one Deployment one step towards its spec.
func (c *cluster) rollOut(w *workload) {
	d := w.deployment()
	if d.DeletionTimestamp != nil || w.rolledOut() {
		return
	}
	if d.Spec.Paused {
		c.rescale(w)
		return
	}
	if w.scaling() && c.rescale(w) {
		return
	}
	if d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
		c.recreate(w)
		return
	}
	fresh := w.current()
	if fresh == nil {
		fresh = c.newSet(w)
	}
	if want := w.newReplicas(fresh); want != fresh.want {
		c.scale(fresh, want, w.want)
		return
	}
	c.shrinkOld(w, fresh)
}

// rolledOut is the common case, told apart quickly: one set has all pods.
func (w *workload) rolledOut() bool {
	fresh := w.current()
	if fresh == nil || fresh.want != w.want || fresh.desired >= 0 && fresh.desired != w.want {
		return false
	}
	for _, s := range w.sets {
		if s != fresh && !s.gone && (s.want > 0 || len(s.pods) > 0) {
			return false
		}
	}
	return true
}

// newReplicas is NewRSNewReplicas for a rolling update: as many as the surge
// leaves room for.
func (w *workload) newReplicas(fresh *podSet) int {
	if fresh.want >= w.want {
		return w.want
	}
	surge, _ := w.fenceposts()
	room := w.want + surge - w.total()
	if room <= 0 {
		return fresh.want
	}
	return fresh.want + min(room, w.want-fresh.want)
}

// shrinkOld takes old pods away: first those that are not ready, then ready
// ones as far as enough stay available.
func (c *cluster) shrinkOld(w *workload, fresh *podSet) {
	_, maxUnavailable := w.fenceposts()
	least := w.want - maxUnavailable
	budget := w.total() - least - (fresh.want - fresh.ready())
	if budget <= 0 {
		return
	}
	old := w.old(fresh)
	for _, s := range old {
		unhealthy := min(s.want-s.ready(), budget)
		if unhealthy > 0 {
			c.scale(s, s.want-unhealthy, w.want)
			budget -= unhealthy
		}
	}
	available := fresh.ready()
	for _, s := range old {
		available += min(s.ready(), s.want)
	}
	spare := available - least
	for _, s := range old {
		if n := min(s.want, spare); n > 0 {
			c.scale(s, s.want-n, w.want)
			spare -= n
		}
	}
}

// recreate takes all old pods away before it makes the first new one.
func (c *cluster) recreate(w *workload) {
	fresh := w.current()
	busy := false
	for _, s := range w.old(fresh) {
		if s.want > 0 {
			c.scale(s, 0, w.want)
		}
		busy = busy || len(s.pods) > 0
	}
	if busy {
		return
	}
	if fresh == nil {
		fresh = c.newSet(w)
	}
	c.scale(fresh, w.want, w.want)
}

// scaling reports whether spec.replicas changed since the ReplicaSets were
// last scaled, which they record in an annotation.
func (w *workload) scaling() bool {
	return slices.ContainsFunc(w.sets, func(s *podSet) bool {
		return !s.gone && s.want > 0 && s.desired >= 0 && s.desired != w.want
	})
}

// rescale brings the total to the wanted number without touching the mixture
// of templates: the one set that there is, or all in proportion. It reports
// whether there was anything to do.
func (c *cluster) rescale(w *workload) bool {
	before := c.dirty
	c.dirty = false
	defer func() { c.dirty = c.dirty || before }()
	fresh := w.current()
	var live []*podSet
	for _, s := range w.sets {
		if s.want > 0 && !s.gone {
			live = append(live, s)
		}
	}
	switch {
	case len(live) == 0 && fresh != nil:
		c.scale(fresh, w.want, w.want)
		return c.dirty
	case len(live) == 1:
		c.scale(live[0], w.want, w.want)
		return c.dirty
	case len(live) == 0, w.recreates():
		return false
	}
	if fresh != nil && fresh.want == w.want && fresh.desired == w.want && fresh.ready() == w.want {
		for _, s := range w.old(fresh) {
			c.scale(s, 0, w.want)
		}
		return c.dirty
	}
	c.rescaleInProportion(w, live)
	return c.dirty
}

func (c *cluster) rescaleInProportion(w *workload, live []*podSet) {
	surge, _ := w.fenceposts()
	allowed := 0
	if w.want > 0 {
		allowed = w.want + surge
	}
	add := allowed - w.total()
	slices.SortFunc(live, func(a, b *podSet) int {
		newer := a.compareAge(b)
		if add > 0 {
			newer = -newer
		}
		return cmp.Or(cmp.Compare(b.want, a.want), newer)
	})
	size := make([]int, len(live))
	left := add
	for i, s := range live {
		share := 0
		if add != 0 && left != 0 {
			share = s.share(w)
			if add > 0 {
				share = min(share, left)
			} else {
				share = max(share, left)
			}
		}
		size[i] = s.want + share
		left -= share
	}
	size[0] = max(0, size[0]+left)
	for i, s := range live {
		c.scale(s, size[i], w.want)
	}
}

// share is getReplicaSetFraction: what the set grows or shrinks by if it keeps
// its part of all pods. The controller relates it to the number it meant to
// have; in a rollout that has come to rest that is the number it has.
func (s *podSet) share(w *workload) int {
	if w.want == 0 {
		return -s.want
	}
	surge, _ := w.fenceposts()
	return int(math.Round(float64(s.want*(w.want+surge))/float64(w.total()))) - s.want
}

// old returns the sets of other templates than the present one, oldest first.
func (w *workload) old(fresh *podSet) []*podSet {
	var out []*podSet
	for _, s := range w.sets {
		if s != fresh && !s.gone {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, (*podSet).compareAge)
	return out
}

// compareAge orders the older first: by revision, then by name.
func (s *podSet) compareAge(o *podSet) int {
	return cmp.Or(cmp.Compare(s.revision, o.revision), s.ref.Compare(o.ref))
}

func (w *workload) total() int {
	n := 0
	for _, s := range w.sets {
		if !s.gone {
			n += s.want
		}
	}
	return n
}

func (w *workload) recreates() bool {
	return w.deployment().Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType
}

func (w *workload) fenceposts() (surge, unavailable int) { return fenceposts(w.deployment(), w.want) }

// fenceposts is ResolveFenceposts: the surge rounds up, the unavailable round
// down; if both are zero, one may be unavailable, or nothing would ever move.
// Values that do not parse are refused by admission and count as zero here.
func fenceposts(d *appsv1.Deployment, want int) (surge, unavailable int) {
	r := d.Spec.Strategy.RollingUpdate
	quarter := intstr.FromString("25%")
	maxSurge, maxUnavailable := &quarter, &quarter
	if r != nil && r.MaxSurge != nil {
		maxSurge = r.MaxSurge
	}
	if r != nil && r.MaxUnavailable != nil {
		maxUnavailable = r.MaxUnavailable
	}
	surge, _ = intstr.GetScaledValueFromIntOrPercent(maxSurge, want, true)
	unavailable, _ = intstr.GetScaledValueFromIntOrPercent(maxUnavailable, want, false)
	if surge == 0 && unavailable == 0 {
		unavailable = 1
	}
	return surge, min(unavailable, want)
}

// inFlight reports whether pods of another template than the present one are
// still there, so that the rollout may yet take pods away. A paused
// Deployment does not roll.
func (w *workload) inFlight() bool {
	d := w.deployment()
	if d == nil || d.Spec.Paused {
		return false
	}
	fresh := w.current()
	for _, s := range w.sets {
		if s != fresh && len(s.pods) > 0 {
			return true
		}
	}
	return false
}

// atLeast bounds what stays of n good pods while the controllers work. In a
// rollout maxUnavailable may go, or everything if pods of the new template can
// never be good. Without one only surplus pods go, bad ones before good ones.
// What a plan takes away itself comes on top: the controller may have taken its
// share before.
func (w *workload) atLeast(n int, newAreGood bool, m model.Moment) int {
	if m == model.Settled || !w.modelled() {
		return n
	}
	total, kept := 0, 0
	for _, s := range w.sets {
		total += len(s.pods)
		kept += s.want
	}
	if w.inFlight() {
		if !newAreGood || w.recreates() {
			return 0
		}
		_, unavailable := w.fenceposts()
		missing := max(0, kept-total)
		return max(0, min(n, w.want-unavailable-missing))
	}
	if w.deployment() == nil {
		return min(n, w.want)
	}
	// The ReplicaSets say how many pods there were to be before the Deployment
	// changed its mind.
	surplus := max(0, kept-w.want)
	return max(0, min(n-max(0, surplus-(total-n)), kept))
}
