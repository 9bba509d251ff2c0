package kube

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stratus-sre/stratus/model"
)

// template is a pod template (or a lone pod's spec) with what the controllers
// need of it worked out once. Immutable.
type template struct {
	digest      model.Digest // without pod-template-hash, as EqualIgnoreHash compares
	labels      map[string]string
	annotations map[string]string
	spec        *corev1.PodSpec
	containers  []container // init containers first
	cpu, memory int64       // requests: milli-CPU, bytes
	refs        []reference // ConfigMaps and Secrets, in order
	choosy      bool        // where it may run depends on where other pods run
}

// container is one container of a template.
type container struct {
	*corev1.Container
	init   bool
	digest model.Digest // of every field
}

// hash is the short hash that names the template's ReplicaSet.
func (t *template) hash() string { return t.digest.String()[:8] }

// memo remembers what was computed of a content. Pure: the digest determines
// the value. Safe for concurrent use.
type memo[V any] struct{ m sync.Map }

func (m *memo[V]) of(d model.Digest, make func() V) V {
	if v, ok := m.m.Load(d); ok {
		return v.(V)
	}
	v := make()
	m.m.Store(d, v)
	return v
}

// templateOf returns the template of a workload, nil for other objects.
func (w *World) templateOf(o *model.Object) *template {
	return w.templates.of(o.Digest(), func() *template { return newTemplate(o) })
}

func newTemplate(o *model.Object) *template {
	var in *corev1.PodTemplateSpec
	if d := model.As[appsv1.Deployment](o); d != nil {
		in = &d.Spec.Template
	} else if d := model.As[appsv1.ReplicaSet](o); d != nil {
		in = &d.Spec.Template
	} else if d := model.As[appsv1.StatefulSet](o); d != nil {
		in = &d.Spec.Template
	} else if d := model.As[appsv1.DaemonSet](o); d != nil {
		in = &d.Spec.Template
	} else if p := model.As[corev1.Pod](o); p != nil {
		in = &corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: p.Labels}, Spec: p.Spec}
	}
	if in == nil {
		return nil
	}
	bare := *in
	if _, ok := bare.Labels[appsv1.DefaultDeploymentUniqueLabelKey]; ok {
		bare.Labels = maps.Clone(bare.Labels)
		delete(bare.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	}
	t := &template{digest: digestJSON(bare), labels: in.Labels, annotations: in.Annotations, spec: &in.Spec}
	for i := range in.Spec.InitContainers {
		c := &in.Spec.InitContainers[i]
		t.containers = append(t.containers, container{c, true, digestJSON(c)})
	}
	for i := range in.Spec.Containers {
		c := &in.Spec.Containers[i]
		t.containers = append(t.containers, container{c, false, digestJSON(c)})
	}
	t.cpu, t.memory = requests(&in.Spec)
	t.refs = references(&in.Spec)
	t.choosy = choosy(&in.Spec)
	return t
}

// choosy: the pod must keep apart from other pods, or near them.
func choosy(spec *corev1.PodSpec) bool {
	if a := spec.Affinity; a != nil {
		if a.PodAffinity != nil && len(a.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution) > 0 ||
			a.PodAntiAffinity != nil && len(a.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution) > 0 {
			return true
		}
	}
	for _, t := range spec.TopologySpreadConstraints {
		if t.WhenUnsatisfiable == corev1.DoNotSchedule {
			return true
		}
	}
	return slices.ContainsFunc(spec.Containers, func(c corev1.Container) bool {
		return spec.HostNetwork && len(c.Ports) > 0 || slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.HostPort > 0 })
	})
}

// requests sums what a pod asks for: its containers and sidecars together, or
// its largest init container if that is more.
// Source: KEP-753; k8s.io/component-helpers resource.PodRequests.
func requests(spec *corev1.PodSpec) (cpu, memory int64) {
	of := func(c *corev1.Container) (int64, int64) {
		return c.Resources.Requests.Cpu().MilliValue(), c.Resources.Requests.Memory().Value()
	}
	for i := range spec.Containers {
		a, b := of(&spec.Containers[i])
		cpu, memory = cpu+a, memory+b
	}
	var sideCPU, sideMemory, initCPU, initMemory int64
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		a, b := of(c)
		if sidecar(c) {
			sideCPU, sideMemory = sideCPU+a, sideMemory+b
			continue
		}
		initCPU, initMemory = max(initCPU, a+sideCPU), max(initMemory, b+sideMemory)
	}
	cpu, memory = max(cpu+sideCPU, initCPU), max(memory+sideMemory, initMemory)
	return cpu + spec.Overhead.Cpu().MilliValue(), memory + spec.Overhead.Memory().Value()
}

func sidecar(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// digestJSON hashes a value of k8s.io/api, whose JSON is canonical: fields in
// order, map keys sorted, quantities normalised.
func digestJSON(v any) model.Digest {
	b, err := json.Marshal(v)
	if err != nil {
		// Types of k8s.io/api marshal by construction.
		panic(fmt.Sprintf("kube: %T does not marshal: %v", v, err))
	}
	return model.DigestOf(string(b))
}

// Annotations in which the Deployment controller keeps its books.
// Source: k8s.io/kubernetes v1.36 pkg/controller/deployment/util.
const (
	desiredReplicas    = "deployment.kubernetes.io/desired-replicas"
	revisionAnnotation = "deployment.kubernetes.io/revision"
)

func intAnnotation(o metav1.Object, name string, otherwise int) int {
	if n, err := strconv.Atoi(o.GetAnnotations()[name]); err == nil {
		return n
	}
	return otherwise
}
