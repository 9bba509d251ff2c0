package model

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
)

// immutable lists fields that an update may not change, by kind. A path that
// is absent before may be set.
//
// Source: k8s.io/kubernetes v1.36 pkg/apis/*/validation/validation.go.
var immutable = map[string][]Path{
	"Deployment":         {{"spec", "selector"}},
	"ReplicaSet":         {{"spec", "selector"}},
	"DaemonSet":          {{"spec", "selector"}},
	"StatefulSet":        {{"spec", "selector"}, {"spec", "serviceName"}, {"spec", "volumeClaimTemplates"}, {"spec", "podManagementPolicy"}},
	"Job":                {{"spec", "selector"}, {"spec", "completionMode"}, {"spec", "template"}},
	"Service":            {{"spec", "clusterIP"}},
	"PersistentVolume":   {{"spec", "persistentVolumeSource"}},
	"StorageClass":       {{"provisioner"}, {"parameters"}, {"reclaimPolicy"}, {"volumeBindingMode"}},
	"PriorityClass":      {{"value"}, {"preemptionPolicy"}},
	"RoleBinding":        {{"roleRef"}},
	"ClusterRoleBinding": {{"roleRef"}},
	"Secret":             {{"type"}},
}

// admit checks an after-image the way the API server's validation does; before
// is nil for a create.
func admit(s *State, before, after *Object) *Refusal {
	if unknown := UnknownFields(after.apiVersion, after.ref.Kind, after.Fields()); len(unknown) > 0 {
		return refuse(422, "%s: unknown field %s", after.ref, unknown[0])
	}
	if before != nil {
		if r := admitUpdate(before, after); r != nil {
			return r
		}
	} else if r := admitCreate(s, after); r != nil {
		return r
	}
	return admitContent(after)
}

func admitCreate(s *State, o *Object) *Refusal {
	if errs := validation.IsDNS1123Subdomain(o.ref.Name); len(errs) > 0 && o.ref.Group != "rbac.authorization.k8s.io" {
		return refuse(422, "metadata.name %q: %s", o.ref.Name, errs[0])
	}
	if o.ref.Namespace == "" {
		return nil
	}
	// States made of manifests often leave Namespace objects out; a namespace
	// that holds something exists.
	ns := Ref{Kind: "Namespace", Name: o.ref.Namespace}
	if s.Get(ns) == nil {
		for range s.In(o.ref.Namespace) {
			return nil
		}
		return refuse(404, "namespace %q not found", o.ref.Namespace)
	}
	return nil
}

func admitUpdate(before, after *Object) *Refusal {
	kind := after.ref.Kind
	for _, p := range immutable[kind] {
		was, is := at(before.Fields(), p), at(after.Fields(), p)
		if was != nil && !equalValue("", was, is) {
			return refuse(422, "%s: %s is immutable", after.ref, p)
		}
	}
	if (kind == "ConfigMap" || kind == "Secret") && at(before.Fields(), Path{"immutable"}) == true {
		for _, p := range []Path{{"data"}, {"binaryData"}, {"immutable"}} {
			if !equalValue("", at(before.Fields(), p), at(after.Fields(), p)) {
				return refuse(422, "%s: %s cannot change, it is marked immutable", after.ref, p)
			}
		}
	}
	switch kind {
	case "Pod":
		return admitPodUpdate(before, after)
	case "PersistentVolumeClaim":
		return admitClaimUpdate(before, after)
	}
	return nil
}

// podMutable are the only fields of a pod's spec that an update may change.
var podMutable = []string{"image", "activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations"}

func admitPodUpdate(before, after *Object) *Refusal {
	for _, c := range Diff(before.Fields(), after.Fields()) {
		if c.Path[0] == "spec" && !slices.Contains(podMutable, c.Path[len(c.Path)-1]) {
			return refuse(422, "%s: %s cannot change; only images, tolerations and deadlines of a pod can", after.ref, c.Path)
		}
	}
	return nil
}

func admitClaimUpdate(before, after *Object) *Refusal {
	for _, c := range Diff(before.Fields(), after.Fields()) {
		p := c.Path.String()
		if c.Path[0] != "spec" || strings.HasPrefix(p, "spec.volumeAttributesClassName") || c.Before == nil && p == "spec.volumeName" {
			continue
		}
		if p != "spec.resources.requests.storage" {
			return refuse(422, "%s: %s is immutable after creation", after.ref, p)
		}
		was, err1 := resource.ParseQuantity(fmt.Sprint(c.Before))
		is, err2 := resource.ParseQuantity(fmt.Sprint(c.After))
		if err1 != nil || err2 != nil || is.Cmp(was) < 0 {
			return refuse(422, "%s: storage cannot shrink from %v to %v", after.ref, c.Before, c.After)
		}
	}
	return nil
}

// admitContent checks what must hold of an object whatever it was before.
func admitContent(o *Object) *Refusal {
	for k, v := range sorted(o.Labels()) {
		if errs := validation.IsQualifiedName(k); len(errs) > 0 {
			return refuse(422, "label %q: %s", k, errs[0])
		}
		if errs := validation.IsValidLabelValue(v); len(errs) > 0 {
			return refuse(422, "label %s=%q: %s", k, v, errs[0])
		}
	}
	switch t := o.typed.(type) {
	case *appsv1.Deployment:
		if r := admitStrategy(t.Spec.Strategy); r != nil {
			return r
		}
		return admitWorkload(t.Spec.Replicas, t.Spec.Selector, t.Spec.Template)
	case *appsv1.ReplicaSet:
		return admitWorkload(t.Spec.Replicas, t.Spec.Selector, t.Spec.Template)
	case *appsv1.StatefulSet:
		return admitWorkload(t.Spec.Replicas, t.Spec.Selector, t.Spec.Template)
	case *appsv1.DaemonSet:
		return admitWorkload(nil, t.Spec.Selector, t.Spec.Template)
	case *corev1.Pod:
		return admitPod(t.Spec)
	case *corev1.Service:
		return admitService(t.Spec)
	case *autoscalingv2.HorizontalPodAutoscaler:
		if low := t.Spec.MinReplicas; low != nil && *low < 1 || t.Spec.MaxReplicas < 1 {
			return refuse(422, "minReplicas and maxReplicas must be at least 1")
		} else if low != nil && *low > t.Spec.MaxReplicas {
			return refuse(422, "maxReplicas %d is below minReplicas %d", t.Spec.MaxReplicas, *low)
		}
	}
	return nil
}

func admitStrategy(s appsv1.DeploymentStrategy) *Refusal {
	switch s.Type {
	case appsv1.RecreateDeploymentStrategyType:
		if s.RollingUpdate != nil {
			return refuse(422, "spec.strategy.rollingUpdate may not be set when the type is Recreate")
		}
	case appsv1.RollingUpdateDeploymentStrategyType:
		if r := s.RollingUpdate; r != nil && isZero(r.MaxSurge) && isZero(r.MaxUnavailable) {
			return refuse(422, "spec.strategy.rollingUpdate: maxSurge and maxUnavailable may not both be 0")
		}
	default:
		return refuse(422, "spec.strategy.type %q is not Recreate or RollingUpdate", s.Type)
	}
	return nil
}

func isZero(v *intstr.IntOrString) bool {
	return v != nil && (v.Type == intstr.Int && v.IntVal == 0 || v.Type == intstr.String && v.StrVal == "0%")
}

func admitWorkload(replicas *int32, selector *metav1.LabelSelector, template corev1.PodTemplateSpec) *Refusal {
	if replicas != nil && *replicas < 0 {
		return refuse(422, "spec.replicas must be 0 or more, is %d", *replicas)
	}
	sel, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return refuse(422, "spec.selector: %v", err)
	}
	if selector == nil || sel.Empty() || !sel.Matches(labels.Set(template.Labels)) {
		return refuse(422, "spec.selector does not match spec.template.metadata.labels")
	}
	return admitPod(template.Spec)
}

func admitPod(spec corev1.PodSpec) *Refusal {
	if len(spec.Containers) == 0 {
		return refuse(422, "a pod needs at least one container")
	}
	names := map[string]bool{}
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		if names[c.Name] {
			return refuse(422, "container name %q is there twice", c.Name)
		}
		names[c.Name] = true
		if r := admitContainer(c); r != nil {
			return r
		}
	}
	volumes := map[string]bool{}
	for _, v := range spec.Volumes {
		volumes[v.Name] = true
	}
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] {
				return refuse(422, "container %s mounts volume %q, which the pod does not have", c.Name, m.Name)
			}
		}
	}
	return nil
}

func admitContainer(c corev1.Container) *Refusal {
	if errs := validation.IsDNS1123Label(c.Name); len(errs) > 0 {
		return refuse(422, "container name %q: %s", c.Name, errs[0])
	}
	if strings.TrimSpace(c.Image) == "" {
		return refuse(422, "container %s has no image", c.Name)
	}
	for _, name := range slices.SortedFunc(maps.Keys(c.Resources.Requests), func(a, b corev1.ResourceName) int { return cmp.Compare(a, b) }) {
		request := c.Resources.Requests[name]
		limit, limited := c.Resources.Limits[name]
		if limited && request.Cmp(limit) > 0 {
			return refuse(422, "container %s requests %s of %s, more than its limit %s", c.Name, request.String(), name, limit.String())
		}
	}
	for _, e := range c.Env {
		if e.Name == "" {
			return refuse(422, "container %s has an environment variable without a name", c.Name)
		}
		if e.Value != "" && e.ValueFrom != nil {
			return refuse(422, "container %s: variable %s has both value and valueFrom", c.Name, e.Name)
		}
	}
	for _, p := range c.Ports {
		if errs := validation.IsValidPortNum(int(p.ContainerPort)); len(errs) > 0 {
			return refuse(422, "container %s: containerPort %d: %s", c.Name, p.ContainerPort, errs[0])
		}
	}
	for _, p := range []struct {
		name  string
		probe *corev1.Probe
	}{{"livenessProbe", c.LivenessProbe}, {"readinessProbe", c.ReadinessProbe}, {"startupProbe", c.StartupProbe}} {
		if p.probe == nil {
			continue
		}
		handlers := 0
		for _, set := range []bool{p.probe.Exec != nil, p.probe.HTTPGet != nil, p.probe.TCPSocket != nil, p.probe.GRPC != nil} {
			if set {
				handlers++
			}
		}
		if handlers != 1 {
			return refuse(422, "container %s: %s needs exactly one of exec, httpGet, tcpSocket, grpc", c.Name, p.name)
		}
	}
	return nil
}

func admitService(spec corev1.ServiceSpec) *Refusal {
	if len(spec.Ports) == 0 && spec.Type != corev1.ServiceTypeExternalName && spec.ClusterIP != "None" {
		return refuse(422, "a Service needs at least one port")
	}
	for _, p := range spec.Ports {
		if errs := validation.IsValidPortNum(int(p.Port)); len(errs) > 0 {
			return refuse(422, "port %d: %s", p.Port, errs[0])
		}
		if p.TargetPort.Type == intstr.Int && p.TargetPort.IntVal != 0 {
			if errs := validation.IsValidPortNum(int(p.TargetPort.IntVal)); len(errs) > 0 {
				return refuse(422, "targetPort %d: %s", p.TargetPort.IntVal, errs[0])
			}
		}
		if p.Name == "" && len(spec.Ports) > 1 {
			return refuse(422, "every port of a Service with several ports needs a name")
		}
	}
	return nil
}

// at returns the value at a path of plain map keys.
func at(fields map[string]any, p Path) any {
	var v any = fields
	for _, k := range p {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

func sorted(m map[string]string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
