package policy

import (
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/stratus-sre/stratus/model"
)

// reads says which fields of input the state rules look at, so that states
// which do not differ in them need no second evaluation.
type reads struct {
	fields map[string]bool
	all    bool // a rule looks at input as a whole, or by a computed name
}

func (r reads) has(field string) bool { return r.all || r.fields[field] }

// readsOf follows the state rules through everything they call.
func readsOf(rules []Rule, compiler *ast.Compiler) reads {
	out := reads{fields: map[string]bool{}}
	seen := map[any]bool{}
	var follow func(r *ast.Rule)
	follow = func(r *ast.Rule) {
		if seen[r] {
			return
		}
		seen[r] = true
		ast.WalkRefs(r, func(ref ast.Ref) bool {
			if !ref.HasPrefix(ast.InputRootRef) {
				return false
			}
			name, constant := ast.String(""), false
			if len(ref) > 1 {
				name, constant = ref[1].Value.(ast.String)
			}
			if constant {
				out.fields[string(name)] = true
			} else {
				out.all = true
			}
			return false
		})
		for dep := range compiler.Graph.Dependencies(r) {
			if rule, ok := dep.(*ast.Rule); ok {
				follow(rule)
			}
		}
	}
	for _, rule := range rules {
		if rule.Scope != scopeState {
			continue
		}
		if m := compiler.Modules[rule.File]; m != nil {
			for _, r := range m.Rules {
				follow(r)
			}
			continue
		}
		out.all = true // a rule that cannot be followed may read anything
	}
	return out
}

// StateKey identifies what the state rules see of in: two inputs of one plan
// and one start with equal keys get equal answers from State. Pure.
func (s *Set) StateKey(in StateInput) model.Digest {
	var parts []string
	if s.reads.has("nodes") {
		var nodes model.Digest
		for n := range in.State.List("", "Node") {
			nodes = nodes.Xor(n.Digest())
		}
		parts = append(parts, "nodes", nodes.String())
	}
	if s.reads.has("written") || s.reads.has("coverage") {
		parts = append(parts, "written", in.State.Written().String())
	}
	if s.reads.has("worst") {
		parts = append(parts, "worst", in.Worst.Digest().String())
	}
	if s.reads.has("settled") {
		parts = append(parts, "settled", in.Settled.Digest().String())
	}
	if s.reads.has("at_end") || s.reads.has("settled") {
		parts = append(parts, "end", strconv.FormatBool(in.AtEnd))
	}
	return model.DigestOf(parts...)
}
