package policy_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/verifier/policy"
)

// What a state rule reads decides which states are the same to it. A rule that
// reads a field through a helper, or input as a whole, reads it all the same.
func TestStateKeyFollowsWhatRulesRead(t *testing.T) {
	rule := func(body string) string {
		return fmt.Sprintf("# METADATA\n# title: t\n# description: d\n# custom:\n#   id: POL-user-x\n#   level: deny\n#   scope: state\npackage user.x\n\n%s\n", body)
	}
	var sick model.Severity
	sick.Add(model.T2, model.Finding{Entity: model.Ref{Kind: "Service", Namespace: "shop", Name: "cart"}, What: "is down"})
	healthy := policy.StateInput{Start: model.Empty(), State: model.Empty()}
	inputs := map[string]policy.StateInput{
		"worst":  {Start: model.Empty(), State: model.Empty(), Worst: sick},
		"at_end": {Start: model.Empty(), State: model.Empty(), AtEnd: true},
		"nodes":  {Start: model.Empty(), State: nodes(t, "a")},
	}
	tests := []struct {
		name, body string
		differs    map[string]bool // from the healthy input
	}{
		{"nodes only", `deny contains {"msg": "m"} if count(input.nodes) > 9`, map[string]bool{"nodes": true}},
		{"severity", `deny contains {"msg": "m"} if count(input.worst.T2) > 9`, map[string]bool{"worst": true}},
		{"through a helper", "far := input.at_end\n\ndeny contains {\"msg\": \"m\"} if far == 7", map[string]bool{"at_end": true}},
		{"by a computed name", `deny contains {"msg": "m"} if { some k; input[k] == 7 }`, map[string]bool{"worst": true, "at_end": true, "nodes": true}},
	}
	for _, tt := range tests {
		dir := policy.Dir{Name: "user", FS: fstest.MapFS{"x.rego": {Data: []byte(rule(tt.body))}}}
		set, err := policy.Load(t.Context(), policy.Options{Dirs: []policy.Dir{dir}, NoBuiltin: true})
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		for field, in := range inputs {
			if got := set.StateKey(in) != set.StateKey(healthy); got != tt.differs[field] {
				t.Errorf("%s: a state with another %s has another key: %v, want %v", tt.name, field, got, tt.differs[field])
			}
		}
	}
}
