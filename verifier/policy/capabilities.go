package policy

import (
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/stratus-sre/stratus/internal/diag"
)

// capabilities returns the built-ins that policies may use: functions of their
// arguments, and no others. Shared, read-only.
var capabilities = sync.OnceValue(func() *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion()
	c.Builtins = slices.DeleteFunc(c.Builtins, impure)
	c.AllowNet = []string{}
	return c
})

// impure reports whether a built-in depends on more than its arguments. The
// engine marks most of them. Not marked are those that verify a certificate
// against the clock; trace is an effect. (The compiler drops calls of print.)
func impure(b *ast.Builtin) bool {
	return b.Nondeterministic ||
		strings.HasPrefix(b.Name, "http.") ||
		strings.HasPrefix(b.Name, "crypto.x509.parse_and_verify_certificates") ||
		b.Name == "trace" || b.Name == "print" || b.Name == "internal.print"
}

// refused names the built-ins that were taken away.
var refused = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, b := range ast.CapabilitiesForThisVersion().Builtins {
		if impure(b) {
			names[b.Name] = true
		}
	}
	return names
})

// diagnostics turns the engine's errors into ours.
func diagnostics(errs ast.Errors) diag.List {
	var out diag.List
	for _, e := range errs {
		d := diag.Diagnostic{Pos: position(e.Location), Message: firstLine(e.Message)}
		if name, ok := strings.CutPrefix(e.Message, "undefined function "); ok && refused()[name] {
			d.Message = name + " is not available to policies: its result depends on more than its arguments"
			d.Hint = "put what it would fetch into data.yaml beside the policy; input.now is the time of the request"
		}
		out = append(out, d)
	}
	out.Sort()
	return out
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
