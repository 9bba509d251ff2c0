package kube

import (
	"fmt"
	"maps"
	"slices"

	"github.com/stratus-sre/stratus/model"
)

// Resolve turns a Rollback into the Patch that puts the template of an earlier
// revision back. Other actions come back as they are. It fails if the object
// is no Deployment of the state, is paused, or has no such revision.
//
// Source: k8s.io/kubectl v0.36 pkg/polymorphichelpers/rollback.go. Unlike it,
// annotations of the Deployment stay as they are.
func (w *World) Resolve(s *model.State, a model.Action) (model.Action, error) {
	if a.Verb != model.Rollback {
		return a, nil
	}
	wl := w.load(s).byRef[a.On]
	if wl == nil || wl.deployment() == nil {
		return a, fmt.Errorf("%s: only a Deployment that exists can be rolled back", a.On)
	}
	if wl.deployment().Spec.Paused {
		return a, fmt.Errorf("%s is paused; resume it before rolling back", a.On)
	}
	current := wl.current()
	var target *podSet
	for _, set := range wl.sets {
		switch {
		case set.obj == nil || set == current && a.Revision == 0:
		case a.Revision != 0 && set.revision == a.Revision:
			target = set
		case a.Revision == 0 && set.revision > 0 && (target == nil || set.revision > target.revision):
			target = set
		}
	}
	if target == nil {
		if a.Revision == 0 {
			return a, fmt.Errorf("%s has no earlier revision to return to", a.On)
		}
		return a, fmt.Errorf("%s has no revision %d; the state has %v", a.On, a.Revision, revisions(wl))
	}
	spec, _ := target.obj.Fields()["spec"].(map[string]any)
	template, _ := spec["template"].(map[string]any)
	if len(template) == 0 {
		return a, fmt.Errorf("%s: %s has no template to return to", a.On, target.ref)
	}
	template = maps.Clone(template)
	if meta, ok := template["metadata"].(map[string]any); ok {
		meta = maps.Clone(meta)
		if labels, ok := meta["labels"].(map[string]any); ok {
			labels = maps.Clone(labels)
			delete(labels, "pod-template-hash")
			meta["labels"] = labels
		}
		template["metadata"] = meta
	}
	template["$patch"] = "replace"
	return model.Action{
		Verb: model.Patch, On: a.On,
		Patch: map[string]any{"spec": map[string]any{"template": template}},
	}, nil
}

func revisions(w *workload) []int64 {
	var out []int64
	for _, s := range w.sets {
		if s.revision > 0 {
			out = append(out, s.revision)
		}
	}
	slices.Sort(out)
	return out
}
