package policy

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/stratus-sre/stratus/internal/diag"
)

// DefaultLimit is how long one evaluation of one rule may take.
const DefaultLimit = time.Second

// Options say what to load. The zero value is the built-in set.
type Options struct {
	Dirs      []Dir         // folders of the user's
	NoBuiltin bool          // leave the built-in rules out; stratus.lib stays
	Limit     time.Duration // of one evaluation of one rule; 0 is DefaultLimit
}

// Dir is a folder of policies: *.rego and data.yaml, data.yml, data.json, at any
// depth. Name is how the user calls it; FS is usually os.DirFS(Name). It is
// read by Load and not kept.
type Dir struct {
	Name string
	FS   fs.FS
}

// Set is a compiled set of policies. Safe for concurrent use.
type Set struct {
	rules  []Rule
	digest string
	limit  time.Duration

	prepared map[string]rego.PreparedEvalQuery // by Rule.query
	checks   []Rule                            // tnr: on request only
	store    *store
	values   *values
	reads    reads             // of input, by state rules
	eval     []rego.EvalOption // tests switch optimisations off
}

// Load reads, checks and compiles the policies. What is wrong with them comes
// back as a diag.List with positions in the files; any other error means that
// a file could not be read.
func Load(ctx context.Context, opts Options) (*Set, error) {
	src, err := read(opts, false)
	if err != nil {
		return nil, err
	}
	modules, err := src.parse()
	if err != nil {
		return nil, err
	}
	rules, problems := describe(src, modules)
	problems = append(problems, src.conflicts(modules)...)
	if problems.Sort(); problems.HasErrors() {
		return nil, problems
	}
	compiler := ast.NewCompiler().WithCapabilities(capabilities())
	if compiler.Compile(modules); compiler.Failed() {
		return nil, diagnostics(compiler.Errors)
	}

	s := &Set{
		digest:   src.digest(),
		limit:    opts.Limit,
		prepared: make(map[string]rego.PreparedEvalQuery, len(rules)),
		store:    &store{data: src.data},
		values:   newValues(),
	}
	if s.limit == 0 {
		s.limit = DefaultLimit
	}
	for _, r := range rules {
		p, err := rego.New(
			rego.Query(r.query), rego.Compiler(compiler), rego.Store(s.store),
			rego.StrictBuiltinErrors(true),
		).PrepareForEval(ctx)
		if err != nil {
			return nil, fmt.Errorf("preparing policy %s (%s): %w", r.ID, r.File, err)
		}
		s.prepared[r.query] = p
		if r.Scope == scopeCheck {
			s.checks = append(s.checks, r)
		} else {
			s.rules = append(s.rules, r)
		}
	}
	s.reads = readsOf(s.rules, compiler)
	return s, nil
}

// Rules returns the rules of the set, ordered by id.
func (s *Set) Rules() []Rule { return slices.Clone(s.rules) }

// Digest identifies the policies: SHA-256 over the sorted (path, content) pairs
// of all files that can influence a decision. Paths are relative to their
// folder, so a check-out elsewhere has the same digest.
func (s *Set) Digest() string { return s.digest }

// position turns a place in a policy into the common form.
func position(l *ast.Location) diag.Position {
	if l == nil {
		return diag.Position{}
	}
	return diag.Position{File: l.File, Line: l.Row, Column: l.Col}
}
