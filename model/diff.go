package model

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

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
