package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stratus-sre/stratus/model"
)

// patchText renders a write as something a person can do in the source of the
// object: in the shape of a unified diff, with fields in place of lines.
//
//	--- deployment/shop/cart
//	+++ deployment/shop/cart
//	@@ spec.replicas @@
//	-3
//	+5
//
// A created object has "--- absent", a deleted one "+++ absent".
func patchText(ref model.Ref, before, after bool, changes []model.Change) string {
	var b strings.Builder
	side := func(mark string, there bool) {
		name := "absent"
		if there {
			name = ref.String()
		}
		fmt.Fprintf(&b, "%s %s\n", mark, name)
	}
	side("---", before)
	side("+++", after)
	if !after {
		return b.String() // the fields of what goes away are of no use
	}
	for _, c := range changes {
		fmt.Fprintf(&b, "@@ %s @@\n", c.Path)
		lines(&b, "-", c.Before)
		lines(&b, "+", c.After)
	}
	return b.String()
}

// lines writes a value as indented JSON, which is YAML, each line marked.
func lines(b *strings.Builder, mark string, v any) {
	if v == nil {
		return
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		// Fields of objects hold only JSON values.
		panic(fmt.Sprintf("policy: a field does not marshal: %v", err))
	}
	for line := range strings.Lines(text.String()) {
		b.WriteString(mark + line)
	}
}
