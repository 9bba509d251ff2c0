package cueplan

import (
	"strings"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
)

// strictObject checks an object that is to be created against its Go type: a
// field that Kubernetes does not have would be dropped by the API server
// without a word. Kinds without a Go type pass.
func (d *decoder) strictObject(a *plan.Action, at *place) {
	version, _ := a.Op.Object["apiVersion"].(string)
	d.unknownPaths(a, version, a.Op.Object, at.at("object"))
	d.wrongTypes(a, version, a.Op.Object, at.at("object"))
}

// strictPatch does the same for a patch, which is part of an object.
func (d *decoder) strictPatch(a *plan.Action, at *place) {
	from := at.at("patch")
	merged, err := model.Merge(nil, a.Op.Patch)
	if err != nil {
		d.errorf(from.valueAt(d.file), "%s: %s", a.Do, strings.TrimPrefix(err.Error(), ": "))
		return
	}
	k, known := model.FindKind(a.Op.On.Group, a.Op.On.Kind)
	if !known {
		return
	}
	fields, _ := withoutDirectives(a.Op.Patch).(map[string]any)
	d.unknownPaths(a, k.APIVersion(), fields, from)
	d.wrongTypes(a, k.APIVersion(), merged, from)
}

func (d *decoder) unknownPaths(a *plan.Action, version string, fields map[string]any, at *place) {
	for _, path := range model.UnknownFields(version, a.Op.On.Kind, fields) {
		steps := strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".[]", r) })
		name := steps[len(steps)-1]
		near := model.FieldNames(version, a.Op.On.Kind, steps[:len(steps)-1])
		d.hint(at.at(steps...).nameAt(d.file), didYouMean(name, near), "%s: a %s has no field %q", a.Do, a.Op.On.Kind, path)
	}
}

func (d *decoder) wrongTypes(a *plan.Action, version string, fields map[string]any, at *place) {
	path, err := model.WrongType(version, a.Op.On.Kind, fields)
	if err == nil {
		return
	}
	if path != "" {
		at = at.at(strings.Split(path, ".")...)
	}
	d.errorf(at.valueAt(d.file), "%s: %v", a.Do, err)
}

// withoutDirectives drops "$patch" and keeps the nulls, so that a misspelt name
// that is to be removed is found too.
func withoutDirectives(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			if !strings.HasPrefix(k, "$") {
				out[k] = withoutDirectives(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = withoutDirectives(e)
		}
		return out
	}
	return v
}
