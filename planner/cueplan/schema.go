package cueplan

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/parser"

	spec "github.com/stratus-sre/stratus/specs/plan"
)

// schema is specs/plan, compiled. One serves one plan: CUE's contexts grow.
type schema struct {
	ctx   *cue.Context
	root  cue.Value
	kinds map[string]kind
	names []string // of kinds, sorted
}

// kind is one kind of action.
type kind struct {
	def  cue.Value
	asks map[string]bool // which of #kind, #name, #target and #stamp it wants
	on   bool            // whether it has an object beside its own fields
}

// loadSchema compiles specs/plan. It fails only if the schema itself is wrong,
// which a test excludes.
func loadSchema() (*schema, error) {
	inst := build.NewContext().NewInstance("", nil)
	entries, err := spec.Files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		src, err := spec.Files.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(e.Name(), src, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		if err := inst.AddSyntax(file); err != nil {
			return nil, err
		}
	}
	if err := inst.Complete(); err != nil {
		return nil, err
	}
	s := &schema{ctx: cuecontext.New(), kinds: map[string]kind{}}
	s.root = s.ctx.BuildInstance(inst)
	it, err := s.root.Fields(cue.Definitions(true))
	if err != nil {
		return nil, fmt.Errorf("specs/plan: %w", err)
	}
	for it.Next() {
		name := strings.TrimPrefix(it.Selector().String(), "#")
		if !unicode.IsLower(rune(name[0])) {
			continue
		}
		k := kind{def: it.Value(), asks: map[string]bool{}}
		for _, hidden := range []string{"kind", "name", "target", "stamp"} {
			k.asks[hidden] = k.def.LookupPath(cue.MakePath(cue.Def(hidden))).Exists()
		}
		k.on = k.def.LookupPath(cue.MakePath(cue.Str("on").Required())).Exists()
		s.kinds[name] = k
		s.names = append(s.names, name)
	}
	slices.Sort(s.names)
	return s, nil
}

// definition returns #name.
func (s *schema) definition(name string) cue.Value {
	return s.root.LookupPath(cue.MakePath(cue.Def(name)))
}

// words says what a value must be: the comment above its type.
func (s *schema) words(def cue.Value) string {
	if _, path := def.ReferencePath(); len(path.Selectors()) > 0 {
		if doc := s.root.LookupPath(path).Doc(); len(doc) > 0 {
			return strings.Join(strings.Fields(doc[len(doc)-1].Text()), " ")
		}
	}
	switch def.IncompleteKind() {
	case cue.StringKind:
		if v, err := def.String(); err == nil {
			return fmt.Sprintf("%q", v)
		}
		return "text"
	case cue.StructKind:
		return "a group of fields"
	case cue.ListKind:
		return "a list"
	}
	return strings.ReplaceAll(def.IncompleteKind().String(), "|", " or ")
}

// stringList returns the list #name of a definition, nil where it is absent.
func stringList(def cue.Value, name string) (out []string) {
	v := def.LookupPath(cue.MakePath(cue.Def(name)))
	if !v.Exists() {
		return nil
	}
	_ = v.Decode(&out) // a list of literals in our own schema
	return out
}
