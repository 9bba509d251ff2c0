package kube

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// seen lists the fields of a kind from which the model draws conclusions, or
// from which nothing follows. A write to any other field sets something in
// motion that is not modelled. "*" stands for one element of a path, a path for
// all below it.
var seen = map[string][]string{
	"Deployment": {
		"metadata.labels", "metadata.annotations", "spec.replicas", "spec.paused", "spec.strategy", "spec.selector", "spec.progressDeadlineSeconds",
		"spec.template.metadata", "spec.template.spec.nodeSelector", "spec.template.spec.tolerations", "spec.template.spec.affinity.nodeAffinity",
		"spec.template.spec.volumes.*.configMap", "spec.template.spec.volumes.*.secret", "spec.template.spec.terminationGracePeriodSeconds",
	},
	"Service": {
		"metadata.labels", "spec.selector", "spec.type", "spec.ports.*.port", "spec.ports.*.targetPort", "spec.ports.*.name", "spec.publishNotReadyAddresses",
	},
	"Ingress":                 {"metadata.labels", "spec.rules", "spec.defaultBackend"},
	"HorizontalPodAutoscaler": {"metadata.labels", "metadata.annotations", "spec.minReplicas", "spec.maxReplicas", "spec.scaleTargetRef"},
	"PodDisruptionBudget":     {"metadata.labels", "metadata.annotations", "spec"},
	"ConfigMap":               {"metadata.labels", "metadata.annotations", "data", "binaryData", "immutable"},
	"Secret":                  {"metadata.labels", "metadata.annotations", "data", "stringData", "immutable", "type"},
	"Node":                    {"metadata.labels", "metadata.annotations", "spec.unschedulable", "spec.taints"},
}

// containerSeen is the same for a container, below the containers and init
// containers of a pod template.
var containerSeen = []string{
	"name", "image", "command", "args", "env", "envFrom", "ports",
	"resources.requests.cpu", "resources.requests.memory", "resources.limits.cpu", "resources.limits.memory",
	"readinessProbe", "livenessProbe", "startupProbe", "volumeMounts",
}

// blindSpot says what an update writes that the model does not look at, ""
// if there is nothing. A pod template that is known to have run is known
// whatever is in it.
func (w *World) blindSpot(s *model.State, a model.Action) string {
	next, effect, refusal := model.Step(s, a)
	if refusal != nil || effect.After == nil {
		return ""
	}
	if effect.Before == nil {
		return w.unusual(effect.After)
	}
	kind := a.On.Kind
	fields := seen[kind]
	if kind == "ReplicaSet" {
		fields = seen["Deployment"]
	}
	known := w.ranBefore(s, effect.After)
	for _, c := range effect.Changes() {
		path := plain(c.Path)
		switch {
		case matchesAny(path, fields), path == "metadata.finalizers": // taking those away is class R3
			continue
		case strings.HasPrefix(path, "spec.template.") && (known || inContainer(c)):
			continue
		}
		return fmt.Sprintf("what %s of a %s does is not modelled", c.Path, kind)
	}
	if kind == "Service" {
		return w.otherPods(next, s, a.On)
	}
	return w.otherImage(s, effect, known)
}

// unusual says what of a new workload's pods bears on others, or on whether they
// start, and is not modelled.
func (w *World) unusual(o *model.Object) string {
	t := w.templateOf(o)
	if t == nil {
		return ""
	}
	s := t.spec
	for _, u := range []struct {
		set  bool
		what string
	}{
		{s.PriorityClassName != "" || s.Priority != nil, "priority: it may preempt other pods"},
		{s.SchedulerName != "" && s.SchedulerName != corev1.DefaultSchedulerName, "schedulerName"},
		{s.RuntimeClassName != nil, "runtimeClassName"},
		{len(s.SchedulingGates)+len(s.ReadinessGates) > 0, "schedulingGates and readinessGates"},
		{s.HostNetwork, "hostNetwork"},
	} {
		if u.set {
			return fmt.Sprintf("what %s of a %s does is not modelled", u.what, o.Ref().Kind)
		}
	}
	return ""
}

// ranBefore reports that the pod template of a workload is one whose pods were
// seen ready in the start state: going back to it is no experiment.
func (w *World) ranBefore(s *model.State, o *model.Object) bool {
	tmpl := w.templateOf(o)
	if tmpl == nil {
		return false
	}
	for set := range s.OwnedBy(o.Ref()) {
		if t := w.templateOf(set); t != nil && t.digest == tmpl.digest {
			return true
		}
	}
	return false
}

// otherImage says that a container gets an image of another repository than any
// it ran so far: that the image starts elsewhere does not make it do this
// workload's work.
func (w *World) otherImage(s *model.State, e model.Effect, known bool) string {
	after := w.templateOf(e.After)
	if known || after == nil {
		return ""
	}
	ran := map[string][]string{} // container → repositories
	note := func(t *template) {
		if t == nil {
			return
		}
		for i := range t.spec.Containers {
			c := &t.spec.Containers[i]
			ran[c.Name] = append(ran[c.Name], repository(c.Image))
		}
	}
	note(w.templateOf(e.Before))
	for set := range s.OwnedBy(e.On) {
		note(w.templateOf(set))
	}
	for i := range after.spec.Containers {
		c := &after.spec.Containers[i]
		if repos := ran[c.Name]; len(repos) > 0 && !slices.Contains(repos, repository(c.Image)) {
			return fmt.Sprintf("whether image %s does the work of container %s is not known: it never ran there", c.Image, c.Name)
		}
	}
	return ""
}

// repository is an image without tag and digest.
func repository(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		image = image[:i]
	}
	return image
}

// otherPods says that a Service begins to select a workload that another
// Service was already for.
func (w *World) otherPods(next, s *model.State, service model.Ref) string {
	before, after := w.load(s), w.load(next)
	was := before.selectedBy(s.Get(service))
	for _, now := range after.selectedBy(next.Get(service)) {
		if slices.ContainsFunc(was, func(o *workload) bool { return o.ref() == now.ref() }) {
			continue
		}
		for _, other := range before.services {
			if other.Ref() != service && slices.ContainsFunc(before.selectedBy(other), func(o *workload) bool { return o.ref() == now.ref() }) {
				return fmt.Sprintf("whether the pods of %s do the work of %s is not known: they are behind %s", now.ref(), service, other.Ref())
			}
		}
	}
	return ""
}

// plain joins a path without the keys of list elements.
func plain(p model.Path) string {
	out := make([]string, len(p))
	for i, e := range p {
		out[i] = e
		if strings.HasPrefix(e, "[") {
			out[i] = "*"
		}
	}
	return strings.Join(out, ".")
}

// matchesAny reports that a path is at or below one of the prefixes. A change
// above a prefix, such as an element that came, is matched by the element.
func matchesAny(path string, prefixes []string) bool {
	for _, p := range prefixes {
		if path == p || strings.HasPrefix(path, p+".") {
			return true
		}
	}
	return path == "spec.ports.*"
}

// inContainer reports that a change of a template is to a field of a container
// that the model looks at, or a container that comes or goes with only such.
func inContainer(c model.Change) bool {
	path := plain(c.Path)
	for _, list := range []string{"spec.template.spec.containers.", "spec.template.spec.initContainers."} {
		rest, ok := strings.CutPrefix(path, list+"*")
		if !ok {
			continue
		}
		if rest != "" {
			return matchesAny(strings.TrimPrefix(rest, "."), containerSeen)
		}
		for _, side := range []any{c.Before, c.After} {
			m, _ := side.(map[string]any)
			for k := range m {
				if !slices.ContainsFunc(containerSeen, func(f string) bool { return f == k || strings.HasPrefix(f, k+".") }) &&
					k != "imagePullPolicy" && k != "terminationMessagePath" && k != "terminationMessagePolicy" {
					return false
				}
			}
		}
		return true
	}
	return false
}

// ownsOthers says that deleting an object takes objects along whose loss is not
// modelled.
func ownsOthers(s *model.State, r model.Ref) string {
	for o := range s.OwnedBy(r) {
		if k := o.Ref().Kind; k != "ReplicaSet" && k != "Pod" {
			return fmt.Sprintf("the garbage collector takes %s along, which is not modelled", o.Ref())
		}
	}
	return ""
}

// special says that a Secret is read by others than pods.
func special(o *model.Object) string {
	if s := model.As[corev1.Secret](o); s != nil && s.Type != "" && s.Type != corev1.SecretTypeOpaque {
		return fmt.Sprintf("who reads a Secret of type %s is not modelled", s.Type)
	}
	return ""
}
