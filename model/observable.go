package model

import (
	"maps"
	"strings"
)

// ignoredMetadata is bookkeeping of the API server that ≡obs does not compare:
// two objects that differ only here are the same to every user.
var ignoredMetadata = map[string]bool{
	"resourceVersion": true, "generation": true, "creationTimestamp": true,
	"selfLink": true, "deletionTimestamp": true, "deletionGracePeriodSeconds": true,
	"managedFields": true, "uid": true,
}

// ignoredAnnotations are written by controllers for themselves. A name that
// ends in "/" stands for all that begins so. kubectl's last-applied
// configuration is not among them: it is the base of the next apply.
var ignoredAnnotations = []string{
	"deployment.kubernetes.io/",
	restartedAt,
	"pv.kubernetes.io/",
	"volume.kubernetes.io/selected-node",
	"endpoints.kubernetes.io/",
	"control-plane.alpha.kubernetes.io/leader",
	"stratus.dev/txn",
	"stratus.dev/step",
	"stratus.dev/epoch",
}

// restartedAt on a pod template restarts its pods. Taking it away again would
// restart them once more, so a restart has nothing to undo.
const restartedAt = "kubectl.kubernetes.io/restartedAt"

func ignoredAnnotation(name string) bool {
	for _, a := range ignoredAnnotations {
		if name == a || strings.HasSuffix(a, "/") && strings.HasPrefix(name, a) {
			return true
		}
	}
	return false
}

// observable returns a shallow copy of an object's fields without what ≡obs
// ignores: status, the API server's bookkeeping, controllers' annotations.
func observable(fields map[string]any) map[string]any {
	out := make(map[string]any, len(fields))
	for k, v := range fields {
		if k != "status" {
			out[k] = v
		}
	}
	if stringAt(fields, "spec", "template", "metadata", "annotations", restartedAt) != "" {
		out["spec"] = withoutRestart(fields["spec"].(map[string]any))
	}
	meta, ok := fields["metadata"].(map[string]any)
	if !ok {
		return out
	}
	m := make(map[string]any, len(meta))
	for k, v := range meta {
		if !ignoredMetadata[k] && v != nil {
			m[k] = v
		}
	}
	if meta["deletionTimestamp"] != nil {
		m["deletionTimestamp"] = true // when does not matter, that it is going does
	}
	if ann, ok := m["annotations"].(map[string]any); ok {
		kept := make(map[string]any, len(ann))
		for k, v := range ann {
			if !ignoredAnnotation(k) {
				kept[k] = v
			}
		}
		if len(kept) == 0 {
			delete(m, "annotations")
		} else {
			m["annotations"] = kept
		}
	}
	out["metadata"] = m
	return out
}

// Observable returns the fields that ≡obs compares: everything but status, the
// API server's bookkeeping and what controllers annotate for themselves. The
// map is the caller's, what is in it is read-only. Equal SpecDigest, equal
// Observable.
func (o *Object) Observable() map[string]any { return observable(o.Fields()) }

// withoutRestart copies the path to spec.template.metadata.annotations and
// leaves the restart stamp out. The path is known to exist.
func withoutRestart(spec map[string]any) map[string]any {
	path := []string{"template", "metadata", "annotations"}
	top := maps.Clone(spec)
	m := top
	for _, p := range path {
		child := maps.Clone(m[p].(map[string]any))
		m[p] = child
		m = child
	}
	delete(m, restartedAt)
	if len(m) == 0 {
		delete(top["template"].(map[string]any)["metadata"].(map[string]any), "annotations")
	}
	return top
}

// Differs returns the fields in which two objects differ under ≡obs; either
// may be nil for an absent object. Nil means that they are the same to every
// user, identity aside.
func Differs(a, b *Object) []Change {
	var before, after map[string]any
	if a != nil {
		before = observable(a.Fields())
	}
	if b != nil {
		after = observable(b.Fields())
	}
	return Diff(before, after)
}
