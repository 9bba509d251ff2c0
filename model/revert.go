package model

import (
	"maps"
	"slices"
)

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
