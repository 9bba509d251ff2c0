package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

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
