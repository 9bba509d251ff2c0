package model

import (
	"fmt"
	"slices"
	"strings"
)

// Path names a field inside an object. Elements of keyed lists are written
// "[name=main]"; lists without keys are one value.
type Path []string

// String joins the path: spec.template.spec.containers[name=main].image.
func (p Path) String() string {
	var b strings.Builder
	for i, e := range p {
		if i > 0 && !strings.HasPrefix(e, "[") {
			b.WriteByte('.')
		}
		b.WriteString(e)
	}
	return b.String()
}

// Overlaps reports whether one of the two paths is a prefix of the other, that
// is, whether writing both can write the same field.
func (p Path) Overlaps(o Path) bool {
	n := min(len(p), len(o))
	return slices.Equal(p[:n], o[:n])
}

// Change is one field that differs. Before or After is nil where absent; a
// null field and an absent one are the same.
type Change struct {
	Path          Path
	Before, After any
}

// mergeKeys gives, for lists whose elements have an identity, the fields that
// make it. They are the patchMergeKey tags of k8s.io/api (a test holds the
// table against them), but for ports, where the protocol belongs to the
// identity as listType=map says, and taints, which kubectl tells apart by key
// and effect. Lists that are not here are one value.
func mergeKeys(field string, element map[string]any) []string {
	switch field {
	case "containers", "initContainers", "ephemeralContainers", "volumes", "env", "imagePullSecrets", "secrets", "schedulingGates", "resourceClaims":
		return []string{"name"}
	case "ports":
		if _, ok := element["containerPort"]; ok {
			return []string{"containerPort", "protocol"}
		}
		if _, ok := element["port"]; ok {
			return []string{"port", "protocol"}
		}
	case "volumeMounts":
		return []string{"mountPath"}
	case "volumeDevices":
		return []string{"devicePath"}
	case "hostAliases":
		return []string{"ip"}
	case "topologySpreadConstraints":
		return []string{"topologyKey", "whenUnsatisfiable"}
	case "taints":
		return []string{"key", "effect"}
	case "ownerReferences":
		return []string{"uid"}
	case "conditions":
		return []string{"type"}
	case "webhooks":
		return []string{"name"}
	}
	return nil
}

// elementKey returns "[k=v,…]" for an element of a keyed list, "" otherwise.
func elementKey(field string, v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	keys := mergeKeys(field, m)
	parts := make([]string, len(keys))
	for i, k := range keys {
		x, ok := m[k]
		switch {
		case ok:
			parts[i] = fmt.Sprintf("%s=%v", k, x)
		case k == "protocol": // the API server's default
			parts[i] = "protocol=TCP"
		default:
			return ""
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// keyed returns the elements of a list by their keys, in order; ok is false if
// an element has no key or two share one. An absent list is an empty one.
func keyed(field string, v any) (order []string, byKey map[string]any, ok bool) {
	list, isList := v.([]any)
	if v != nil && !isList {
		return nil, nil, false
	}
	byKey = make(map[string]any, len(list))
	for _, e := range list {
		k := elementKey(field, e)
		if _, twice := byKey[k]; k == "" || twice {
			return nil, nil, false
		}
		order = append(order, k)
		byKey[k] = e
	}
	return order, byKey, true
}

// Elements returns the keys of the elements of the keyed list at a path, in
// order: "[name=main]". Nil if there is no such list. Pure.
func Elements(fields map[string]any, path Path) []string {
	var v any = fields
	for i, p := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			_, byKey, _ := keyed(path[max(i-1, 0)], x)
			v = byKey[p]
		default:
			return nil
		}
	}
	order, _, _ := keyed(path[len(path)-1], v)
	return order
}
