package model

import (
	"fmt"
	"maps"
	"reflect"
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

// Diff returns the fields in which two unstructured values differ, ordered by
// path. Pure.
func Diff(before, after map[string]any) []Change {
	var out []Change
	diff(nil, "", before, after, &out)
	slices.SortFunc(out, func(a, b Change) int { return slices.Compare(a.Path, b.Path) })
	return out
}

func diff(at Path, field string, a, b any, out *[]Change) {
	if equalValue(field, a, b) {
		return
	}
	am, aok := a.(map[string]any)
	bm, bok := b.(map[string]any)
	if (aok || a == nil) && (bok || b == nil) && len(am)+len(bm) > 0 && len(at) < maxDiffDepth {
		for _, k := range unionKeys(am, bm) {
			diff(append(slices.Clip(at), k), k, am[k], bm[k], out)
		}
		return
	}
	if ao, av, ok := keyed(field, a); ok {
		if bo, bv, ok := keyed(field, b); ok {
			if b, a := common(ao, bo), common(bo, ao); ordered[field] && !slices.Equal(a, b) {
				*out = append(*out, Change{append(slices.Clip(at), "[order]"), strings.Join(b, " "), strings.Join(a, " ")})
			}
			for _, k := range union(ao, bo) {
				if av[k] == nil || bv[k] == nil {
					// An element that came or went is one change, not one a field.
					*out = append(*out, Change{append(slices.Clip(at), k), av[k], bv[k]})
					continue
				}
				diff(append(slices.Clip(at), k), "", av[k], bv[k], out)
			}
			return
		}
	}
	*out = append(*out, Change{slices.Clone(at), a, b})
}

// ordered lists the keyed lists whose order means something: init containers
// run one after the other, a variable refers to those before it.
var ordered = map[string]bool{"initContainers": true, "env": true}

// common returns the members of a that are in b, in a's order.
func common(a, b []string) []string {
	var out []string
	for _, k := range a {
		if slices.Contains(b, k) {
			out = append(out, k)
		}
	}
	return out
}

// maxDiffDepth bounds recursion on hostile objects; deeper values are one value.
const maxDiffDepth = 64

func unionKeys(a, b map[string]any) []string {
	return union(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b)))
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, k := range b {
		if !slices.Contains(a, k) {
			out = append(out, k)
		}
	}
	return out
}

// telling lists the fields in which an empty object says something that an
// absent one does not: everything is selected, a volume is there.
var telling = map[string]bool{
	"selector": true, "podSelector": true, "namespaceSelector": true, "labelSelector": true,
	"objectSelector": true, "emptyDir": true, "ingress": true, "egress": true,
}

// equalValue compares two unstructured values of a field; empty maps and lists
// equal absent ones, as apiequality.Semantic has it, but where being there
// tells something.
func equalValue(field string, a, b any) bool {
	if isEmpty(a) && isEmpty(b) && (!telling[field] || (a == nil) == (b == nil)) {
		return true
	}
	return reflect.DeepEqual(a, b)
}

func isEmpty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case map[string]any:
		return len(x) == 0
	case []any:
		return len(x) == 0
	}
	return false
}

// Merge applies a strategic merge patch: maps merge, null removes, keyed lists
// merge by key, other lists replace. The directives "$patch": "replace" (in a
// map, or as an element of a list) and "$patch": "delete" (in an element of a
// keyed list) are understood; no other directive is. base is not changed; the
// result shares what did not change. Pure.
//
// Source: Kubernetes community, contributors/devel/sig-api-machinery,
// strategic-merge-patch.md; compared with apimachinery's implementation in a test.
func Merge(base, patch map[string]any) (map[string]any, error) {
	v, err := merge(nil, "", base, patch)
	if err != nil {
		return nil, err
	}
	m, _ := v.(map[string]any)
	return m, nil
}

func merge(at Path, field string, base, patch any) (any, error) {
	switch p := patch.(type) {
	case map[string]any:
		return mergeMap(at, base, p)
	case []any:
		return mergeList(at, field, base, p)
	}
	return patch, nil
}

const directive = "$patch"

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

// Touched returns the fields that a strategic merge patch writes, ordered,
// whether or not it changes their values: a patch that repeats a value is a
// writer of the field all the same. Pure.
func Touched(patch map[string]any) []Path {
	var out []Path
	touched(nil, "", patch, &out)
	slices.SortFunc(out, func(a, b Path) int { return slices.Compare(a, b) })
	return out
}

func touched(at Path, field string, v any, out *[]Path) {
	switch p := v.(type) {
	case map[string]any:
		if _, ok := p[directive]; !ok && len(p) > 0 {
			for k, e := range p {
				touched(append(slices.Clip(at), k), k, e, out)
			}
			return
		}
	case []any:
		if order, byKey, ok := keyed(field, p); ok && len(order) > 0 {
			for _, k := range order {
				element := maps.Clone(byKey[k].(map[string]any))
				for _, key := range mergeKeys(field, element) {
					delete(element, key) // the key says which element, it is not written
				}
				touched(append(slices.Clip(at), k), "", element, out)
			}
			return
		}
	}
	*out = append(*out, slices.Clone(at))
}

func mergeMap(at Path, base any, patch map[string]any) (any, error) {
	b, _ := base.(map[string]any)
	out := maps.Clone(b)
	if d, ok := patch[directive]; ok {
		if d != "replace" {
			return nil, fmt.Errorf("%s: %s: %v is not understood here; use \"replace\", or null to remove a field", at, directive, d)
		}
		out = nil
	}
	if out == nil {
		out = make(map[string]any, len(patch))
	}
	for _, k := range slices.Sorted(maps.Keys(patch)) {
		v := patch[k]
		if k == directive {
			continue
		}
		if strings.HasPrefix(k, "$") {
			return nil, fmt.Errorf("%s: directive %q is not supported", at, k)
		}
		if v == nil {
			delete(out, k)
			continue
		}
		merged, err := merge(append(slices.Clip(at), k), k, out[k], v)
		if err != nil {
			return nil, err
		}
		out[k] = merged
	}
	return out, nil
}

func mergeList(at Path, field string, base any, patch []any) (any, error) {
	var elements []any
	replace := false
	for _, e := range patch {
		if m, ok := e.(map[string]any); ok && m[directive] == "replace" && len(m) == 1 {
			replace = true
			continue
		}
		elements = append(elements, e)
	}
	order, have, baseKeyed := keyed(field, base)
	patchKeyed := len(elements) > 0
	for _, e := range elements {
		patchKeyed = patchKeyed && elementKey(field, e) != ""
	}
	if patchKeyed && !baseKeyed && !replace {
		// Replacing the whole list would lose elements that nobody spoke of.
		return nil, fmt.Errorf("%s: elements cannot be told apart: two have the same key, or one has none", at)
	}
	if replace || !patchKeyed {
		out := make([]any, 0, len(elements))
		for _, e := range elements {
			v, err := merge(at, "", nil, e)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	}
	for _, e := range elements {
		k, m := elementKey(field, e), e.(map[string]any)
		if m[directive] == "delete" {
			order = slices.DeleteFunc(order, func(o string) bool { return o == k })
			delete(have, k)
			continue
		}
		v, err := merge(append(slices.Clip(at), k), "", have[k], m)
		if err != nil {
			return nil, err
		}
		if _, there := have[k]; !there {
			order = append(order, k)
		}
		have[k] = v
	}
	out := make([]any, len(order))
	for i, k := range order {
		out[i] = have[k]
	}
	return out, nil
}

// Revert takes one write back on an object that may have changed since: pre
// and post are the object before and after the write, live is what it is now.
// Fields that the write did not touch keep their live value; fields that it
// touched and that still hold post return to pre. Fields that somebody else
// changed since are left alone and returned as conflicts. Pure.
func Revert(pre, post, live map[string]any) (map[string]any, []Path) {
	var conflicts []Path
	v := revert(nil, "", pre, post, live, &conflicts)
	m, _ := v.(map[string]any)
	return m, conflicts
}

func revert(at Path, field string, pre, post, live any, conflicts *[]Path) any {
	switch {
	case equalValue(field, pre, post):
		return live
	case equalValue(field, live, post):
		return pre
	case equalValue(field, live, pre):
		return live
	}
	pm, ok1 := pre.(map[string]any)
	qm, ok2 := post.(map[string]any)
	lm, ok3 := live.(map[string]any)
	if (ok1 || pre == nil) && (ok2 || post == nil) && ok3 {
		out := make(map[string]any, len(lm))
		for _, k := range union(unionKeys(pm, qm), slices.Sorted(maps.Keys(lm))) {
			if v := revert(append(slices.Clip(at), k), k, pm[k], qm[k], lm[k], conflicts); v != nil {
				out[k] = v
			}
		}
		return out
	}
	po, pv, ok1 := keyed(field, pre)
	qo, qv, ok2 := keyed(field, post)
	lo, lv, ok3 := keyed(field, live)
	if ok1 && ok2 && ok3 {
		var out []any
		// What was there before keeps its place, what others added comes last.
		for _, k := range union(union(po, qo), lo) {
			if v := revert(append(slices.Clip(at), k), "", pv[k], qv[k], lv[k], conflicts); v != nil {
				out = append(out, v)
			}
		}
		if out == nil {
			return nil
		}
		return out
	}
	*conflicts = append(*conflicts, slices.Clone(at))
	return live
}
