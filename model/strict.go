package model

import (
	"encoding/json"
	"strings"

	kjson "sigs.k8s.io/json"
)

// UnknownFields returns the fields that the Go type of a kind does not have,
// as paths: "spec.template.spec.containers[0].imagee". Nil for kinds without a
// Go type: nothing is known of them. The API server refuses such fields when
// asked to validate strictly, and drops them silently otherwise.
func UnknownFields(apiVersion, kind string, fields map[string]any) []string {
	group, _ := splitAPIVersion(apiVersion)
	k, ok := FindKind(group, kind)
	if !ok || k.new == nil || k.APIVersion() != apiVersion {
		return nil
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return []string{err.Error()}
	}
	strict, err := kjson.UnmarshalStrict(data, k.new())
	if err != nil {
		return nil // a wrong type, which decoding reports
	}
	var out []string
	for _, e := range strict {
		msg := e.Error()
		if name, found := strings.CutPrefix(msg, "unknown field "); found {
			out = append(out, strings.Trim(name, `"`))
		}
	}
	return out
}
