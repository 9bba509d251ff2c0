package kube

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stratus-sre/stratus/model"
)

// pod is one pod of the working copy.
type pod struct {
	ref      model.Ref
	obj      *model.Object // nil for a pod that the model is about to make
	typed    *corev1.Pod   // read-only
	owner    model.Ref
	set      *podSet   // nil for pods of controllers that the model does not know
	workload *workload // likewise
	health   health
	active   bool // neither finished nor terminating
	gone     bool
	changed  bool
}

// health is what the model knows of a pod's status. It is all that a pod's
// status digest covers, so that two ways to one health give one state.
type health struct {
	ready     bool
	node      string // "" while unscheduled
	reason    string // why it is not ready, one of the reasons below; "" if ready
	container string // which container is to blame, if one is
	message   string
}

// Reasons for a pod not to be ready, as kubelet and scheduler spell them.
// Source: k8s.io/kubernetes v1.36 pkg/kubelet/{images,kuberuntime,container}.
const (
	unschedulable  = "Unschedulable"
	creating       = "ContainerCreating" // a volume cannot be mounted
	configError    = "CreateContainerConfigError"
	imagePull      = "ImagePullBackOff"
	crashLoop      = "CrashLoopBackOff"
	oomKilled      = "OOMKilled"
	probeNotServed = "ContainersNotReady" // it runs, the readiness probe fails
)

// blocked: the pod's containers do not even run.
func (h health) blocked() bool { return !h.ready && h.reason != probeNotServed }

// active leaves finished and terminating pods out; nobody counts on those.
func active(p *corev1.Pod) bool {
	return p.DeletionTimestamp == nil && p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed
}

func readHealth(p *corev1.Pod) health {
	h := health{node: p.Spec.NodeName}
	for _, c := range p.Status.Conditions {
		switch {
		case c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue:
			h.ready = active(p)
		case c.Type == corev1.PodReady:
			h.message = c.Message
		case c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse:
			return health{reason: unschedulable, message: c.Message}
		}
	}
	if h.ready {
		return health{ready: true, node: h.node}
	}
	h.reason = creating
	for _, list := range [][]corev1.ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses} {
		for i := range list {
			reason, message := blame(&list[i])
			switch {
			case reason != "" && reason != creating:
				return health{node: h.node, reason: reason, container: list[i].Name, message: message}
			case reason == creating:
				h = health{node: h.node, reason: creating, container: list[i].Name, message: message}
			case list[i].State.Running != nil:
				h.reason = probeNotServed
			}
		}
	}
	return h
}

// blame folds the kubelet's many reasons for a container not to run into the
// model's few; "" if it runs or is done. One that just exited will be in
// CrashLoopBackOff soon.
func blame(s *corev1.ContainerStatus) (reason, message string) {
	if t := s.State.Terminated; t != nil && t.ExitCode != 0 {
		if t.Reason == oomKilled {
			return oomKilled, t.Message
		}
		return crashLoop, t.Message
	}
	w := s.State.Waiting
	if w == nil {
		return "", ""
	}
	switch w.Reason {
	case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError":
		return imagePull, w.Message
	case "CreateContainerConfigError":
		return configError, w.Message
	case "CrashLoopBackOff", "RunContainerError", "CreateContainerError", "PostStartHookError":
		if t := s.LastTerminationState.Terminated; t != nil && t.Reason == oomKilled {
			return oomKilled, w.Message
		}
		return crashLoop, w.Message
	case oomKilled:
		return oomKilled, w.Message
	}
	return creating, w.Message
}

// setHealth changes the pod's health. An observed status that says the same is kept
// as it was observed.
func (c *cluster) setHealth(p *pod, h health) {
	same := p.health.ready == h.ready && p.health.node == h.node && p.health.reason == h.reason
	if same && (h.message == "" || h == p.health) {
		return
	}
	p.health, p.changed, c.dirty = h, true, true
}

// object makes the pod's object out of its health.
func (p *pod) object() *model.Object {
	t := *p.typed // the parts that change are replaced, the rest is shared
	h := p.health
	t.Spec.NodeName = h.node
	t.Status = h.status(&t.Spec)
	status := model.DigestOf(fmt.Sprint(h.ready), h.node, h.reason, h.container, h.message)
	if p.obj != nil {
		return p.obj.WithStatus(&t, status)
	}
	spec := model.DigestOf("pod", p.ref.Name)
	if p.set != nil {
		spec = p.set.tmpl.digest
	}
	return model.NewDerived(p.ref, &t, p.owner, spec, status)
}

func (h health) status(spec *corev1.PodSpec) corev1.PodStatus {
	condition := func(t corev1.PodConditionType, ok bool, reason, message string) corev1.PodCondition {
		if ok {
			return corev1.PodCondition{Type: t, Status: corev1.ConditionTrue}
		}
		return corev1.PodCondition{Type: t, Status: corev1.ConditionFalse, Reason: reason, Message: message}
	}
	if h.reason == unschedulable {
		return corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{
			condition(corev1.PodScheduled, false, h.reason, h.message),
			condition(corev1.PodReady, false, h.reason, ""),
		}}
	}
	st := corev1.PodStatus{Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{
		condition(corev1.PodScheduled, true, "", ""),
		condition(corev1.PodReady, h.ready, h.reason, h.message),
	}}
	for i := range spec.Containers {
		s := corev1.ContainerStatus{Name: spec.Containers[i].Name, Image: spec.Containers[i].Image, Ready: h.ready}
		if !h.blocked() {
			s.State.Running = &corev1.ContainerStateRunning{}
		} else if s.Name == h.container || h.container == "" {
			s.State.Waiting = &corev1.ContainerStateWaiting{Reason: h.reason, Message: h.message}
		}
		st.ContainerStatuses = append(st.ContainerStatuses, s)
	}
	for i := range spec.InitContainers {
		if c := &spec.InitContainers[i]; c.Name == h.container {
			st.InitContainerStatuses = []corev1.ContainerStatus{{Name: c.Name, Image: c.Image, State: corev1.ContainerState{
				Waiting: &corev1.ContainerStateWaiting{Reason: h.reason, Message: h.message}}}}
		}
	}
	if h.blocked() && (h.reason == creating || h.reason == configError || h.reason == imagePull) {
		st.Phase = corev1.PodPending
	}
	return st
}

// newPod makes a pod of a set. Its ordinal is the first that is free.
func (c *cluster) newPod(w *workload, s *podSet) {
	taken := make(map[string]bool, len(s.pods))
	for _, p := range s.pods {
		taken[p.ref.Name] = true
	}
	ref := model.Ref{Kind: "Pod", Namespace: s.ref.Namespace}
	for i := 0; ; i++ {
		ref.Name = fmt.Sprintf("%s-%d", s.ref.Name, i)
		if !taken[ref.Name] && c.free(ref) {
			break
		}
	}
	yes := true
	p := &pod{
		ref: ref, owner: s.ref, set: s, workload: w, active: true, changed: true,
		typed: &corev1.Pod{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
			ObjectMeta: metav1.ObjectMeta{
				Name: ref.Name, Namespace: ref.Namespace, Labels: s.tmpl.labels, Annotations: s.tmpl.annotations,
				OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: s.ref.Name, Controller: &yes}},
			},
			Spec: *s.tmpl.spec,
		},
		health: health{reason: unschedulable},
	}
	s.pods = append(s.pods, p)
	c.pods = append(c.pods, p)
	c.dirty = true
}

// free reports whether no pod of that name is left over, not even a finished one.
func (c *cluster) free(r model.Ref) bool {
	for _, p := range c.pods {
		if p.ref == r && !p.gone {
			return false
		}
	}
	return true
}

// templateFor returns what a pod was made from. A ReplicaSet's template is
// preferred to the pod's own spec, into which admission adds volumes and
// tolerations that are not the author's.
func (c *cluster) templateFor(p *pod) *template {
	if p.set != nil && p.set.tmpl != nil {
		return p.set.tmpl
	}
	return c.world.templateOf(p.obj)
}
