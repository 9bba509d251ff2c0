package policy

import (
	"maps"

	"github.com/stratus-sre/stratus/model"
)

// redacted stands for every value of a Secret in an input. Denials end up in
// reports and logs of CI systems, so rules see the keys of a Secret and whether
// a key is written, never what is in it.
const redacted = "<redacted>"

// lastApplied holds a whole earlier version of the object, values included.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// redact returns the fields of the object ref without Secret values. The
// argument is not changed; what has nothing to hide is returned as it is.
func redact(ref model.Ref, fields map[string]any) map[string]any {
	if ref.Group != "" || ref.Kind != "Secret" || fields == nil {
		return fields
	}
	out := maps.Clone(fields)
	for _, key := range []string{"data", "stringData"} {
		if v, ok := out[key]; ok && v != nil {
			out[key] = redactValues(v)
		}
	}
	meta, _ := out["metadata"].(map[string]any)
	if annotations, ok := meta["annotations"].(map[string]any); ok && annotations[lastApplied] != nil {
		meta, annotations = maps.Clone(meta), maps.Clone(annotations)
		annotations[lastApplied] = redacted
		meta["annotations"] = annotations
		out["metadata"] = meta
	}
	return out
}

func redactValues(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return redacted
	}
	out := make(map[string]any, len(m))
	for k := range m {
		out[k] = redacted
	}
	return out
}

// redactAt redacts one value of the object, found at path: the value is put
// into the object it came from, and taken out again.
func redactAt(ref model.Ref, path model.Path, v any) any {
	doc := v
	for i := len(path) - 1; i >= 0; i-- {
		doc = map[string]any{path[i]: doc}
	}
	whole, ok := doc.(map[string]any)
	if !ok || v == nil {
		return v
	}
	doc = redact(ref, whole)
	for _, p := range path {
		m, ok := doc.(map[string]any)
		if !ok {
			return doc // redacted above the end of the path
		}
		doc = m[p]
	}
	return doc
}
