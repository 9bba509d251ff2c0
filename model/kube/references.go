package kube

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/stratus-sre/stratus/model"
)

// reference is a ConfigMap or Secret that a pod cannot start without, or a key
// in it. Optional references are left out: they never block.
type reference struct {
	kind, name string
	key        string // "" for the whole object
	container  string // "" for a volume
}

// references lists what a pod spec refers to: volumes, then containers.
// Source: k8s.io/api/core/v1 types.go; a pod with a missing reference stays in
// ContainerCreating (volumes) or CreateContainerConfigError (environment).
func references(spec *corev1.PodSpec) []reference {
	var out []reference
	add := func(kind, name, container string, optional *bool, keys ...string) {
		if optional != nil && *optional || name == "" || name == "kube-root-ca.crt" {
			return // kube-root-ca.crt is in every namespace
		}
		if len(keys) == 0 {
			keys = []string{""}
		}
		for _, k := range keys {
			if r := (reference{kind, name, k, container}); !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	items := func(list []corev1.KeyToPath) []string {
		var keys []string
		for _, i := range list {
			keys = append(keys, i.Key)
		}
		return keys
	}
	for i := range spec.Volumes {
		v := &spec.Volumes[i]
		if s := v.ConfigMap; s != nil {
			add("ConfigMap", s.Name, "", s.Optional, items(s.Items)...)
		}
		if s := v.Secret; s != nil {
			add("Secret", s.SecretName, "", s.Optional, items(s.Items)...)
		}
		if v.Projected == nil {
			continue
		}
		for _, s := range v.Projected.Sources {
			if s.ConfigMap != nil {
				add("ConfigMap", s.ConfigMap.Name, "", s.ConfigMap.Optional, items(s.ConfigMap.Items)...)
			}
			if s.Secret != nil {
				add("Secret", s.Secret.Name, "", s.Secret.Optional, items(s.Secret.Items)...)
			}
		}
	}
	for _, list := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for i := range list {
			c := &list[i]
			for _, e := range c.EnvFrom {
				if s := e.ConfigMapRef; s != nil {
					add("ConfigMap", s.Name, c.Name, s.Optional)
				}
				if s := e.SecretRef; s != nil {
					add("Secret", s.Name, c.Name, s.Optional)
				}
			}
			for _, e := range c.Env {
				if e.ValueFrom == nil {
					continue
				}
				if s := e.ValueFrom.ConfigMapKeyRef; s != nil {
					add("ConfigMap", s.Name, c.Name, s.Optional, s.Key)
				}
				if s := e.ValueFrom.SecretKeyRef; s != nil {
					add("Secret", s.Name, c.Name, s.Optional, s.Key)
				}
			}
		}
	}
	return out
}

func (r reference) ref(namespace string) model.Ref {
	return model.Ref{Kind: r.kind, Namespace: namespace, Name: r.name}
}

// missing says what is not there, "" if the reference resolves.
func (c *cluster) missing(r reference, namespace string) string {
	o := c.named[r.ref(namespace)]
	switch {
	case o == nil && c.world.presumed[r.ref(namespace)]:
		return ""
	case o == nil:
		return fmt.Sprintf("%s %q not found", lower(r.kind), r.name)
	case r.key != "" && !hasKey(o, r.key):
		return fmt.Sprintf("key %q not found in %s %q", r.key, lower(r.kind), r.name)
	}
	return ""
}

func hasKey(o *model.Object, key string) bool {
	if m := model.As[corev1.ConfigMap](o); m != nil {
		_, text := m.Data[key]
		_, binary := m.BinaryData[key]
		return text || binary
	}
	if s := model.As[corev1.Secret](o); s != nil {
		_, data := s.Data[key]
		_, text := s.StringData[key]
		return data || text
	}
	return false
}

// valueOf returns the value of an environment variable, as far as objects tell:
// ok is false if it is not set. Values of fields and resources are taken as set.
func (c *cluster) valueOf(ctr *corev1.Container, name, namespace string) (value string, ok bool) {
	for i := len(ctr.Env) - 1; i >= 0; i-- { // the last one wins
		e := &ctr.Env[i]
		if e.Name != name {
			continue
		}
		switch from := e.ValueFrom; {
		case from == nil:
			return e.Value, true
		case from.ConfigMapKeyRef != nil:
			return c.dataAt("ConfigMap", from.ConfigMapKeyRef.Name, from.ConfigMapKeyRef.Key, namespace)
		case from.SecretKeyRef != nil:
			return c.dataAt("Secret", from.SecretKeyRef.Name, from.SecretKeyRef.Key, namespace)
		}
		return "set by the kubelet", true
	}
	for i := len(ctr.EnvFrom) - 1; i >= 0; i-- {
		e := &ctr.EnvFrom[i]
		key := name
		if len(e.Prefix) > 0 {
			if len(name) <= len(e.Prefix) || name[:len(e.Prefix)] != e.Prefix {
				continue
			}
			key = name[len(e.Prefix):]
		}
		if s := e.ConfigMapRef; s != nil {
			if v, ok := c.dataAt("ConfigMap", s.Name, key, namespace); ok {
				return v, true
			}
		}
		if s := e.SecretRef; s != nil {
			if v, ok := c.dataAt("Secret", s.Name, key, namespace); ok {
				return v, true
			}
		}
	}
	return "", false
}

func (c *cluster) dataAt(kind, name, key, namespace string) (string, bool) {
	o := c.named[model.Ref{Kind: kind, Namespace: namespace, Name: name}]
	if m := model.As[corev1.ConfigMap](o); m != nil {
		v, ok := m.Data[key]
		return v, ok
	}
	if s := model.As[corev1.Secret](o); s != nil {
		if v, ok := s.StringData[key]; ok {
			return v, true
		}
		v, ok := s.Data[key]
		return string(v), ok
	}
	return "", false
}
