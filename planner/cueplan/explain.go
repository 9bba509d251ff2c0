package cueplan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cuelang.org/go/cue"
)

// explain says in plain words why data does not fit def. CUE's own errors name
// schema positions and stop at the first bound that is violated; this walks
// data and definition side by side and reports every field once. who is the
// kind of action, or "plan"; label is the field walked to, "" for data itself.
func (d *decoder) explain(who, label string, def cue.Value, data any, at *place) {
	if def.IncompleteKind() == cue.TopKind || len(d.out) > most {
		return // anything is allowed, or more would not help
	}
	op, _ := cue.Dereference(def).Expr()
	switch v := data.(type) {
	case map[string]any:
		if def.IncompleteKind()&cue.StructKind == 0 || op == cue.OrOp {
			break
		}
		fields := fieldsOf(def)
		if len(fields) == 0 { // names are free, or follow a pattern
			element := def.LookupPath(cue.MakePath(cue.AnyString))
			for _, name := range slices.Sorted(maps.Keys(v)) {
				switch {
				case !def.Allows(cue.Str(name)):
					d.errorf(at.at(name).nameAt(d.file), "%s: %s must be %s, have %q", who, cmp.Or(label, "this"), d.schema.words(def), name)
				case element.Exists():
					d.explain(who, join(label, name), element, v[name], at.at(name))
				}
			}
			return
		}
		misspelt := d.unknownFields(who, label, def, fields, v, at)
		d.groups(who, label, def, v, at)
		for _, f := range fields {
			value, given := v[f.name]
			switch {
			case given:
				d.explain(who, join(label, f.name), f.def, value, at.at(f.name))
			case f.required && !slices.Contains(misspelt, f.name):
				d.errorf(at.nameAt(d.file), "%s: %s is missing; it must be %s", who, join(label, f.name), d.schema.words(f.def))
			}
		}
		return
	case []any:
		if def.IncompleteKind()&cue.ListKind == 0 || op == cue.OrOp {
			break
		}
		element := def.LookupPath(cue.MakePath(cue.AnyIndex))
		for i, x := range v {
			d.explain(who, fmt.Sprintf("%s[%d]", label, i), element, x, at.index(i))
		}
		return
	}
	if d.fits(def, data) {
		return
	}
	what := "must be"
	if label != "" {
		what = label + " must be"
	}
	d.errorf(at.valueAt(d.file), "%s: %s %s, have %s", who, what, d.schema.words(def), show(data))
}

// fits reports whether one value satisfies one definition.
func (d *decoder) fits(def cue.Value, data any) bool {
	return def.Unify(d.schema.ctx.Encode(data)).Validate(cue.Concrete(true)) == nil
}

// field is one field of a definition.
type field struct {
	name     string
	def      cue.Value
	required bool
}

func fieldsOf(def cue.Value) (out []field) {
	it, err := def.Fields(cue.Optional(true))
	if err != nil {
		return nil
	}
	for it.Next() {
		sel := it.Selector()
		if sel.LabelType() != cue.StringLabel || sel.Type().ConstraintType() == cue.PatternConstraint {
			continue
		}
		out = append(out, field{
			name:     sel.Unquoted(),
			def:      it.Value(),
			required: sel.ConstraintType() == cue.RequiredConstraint,
		})
	}
	return out
}

// unknownFields is done in Go, since CUE hides an unknown field behind a
// violated bound of another. It returns the fields that were probably meant.
func (d *decoder) unknownFields(who, label string, def cue.Value, fields []field, data map[string]any, at *place) (meant []string) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	for _, name := range slices.Sorted(maps.Keys(data)) {
		if def.Allows(cue.Str(name)) {
			continue
		}
		d.hint(at.at(name).nameAt(d.file), didYouMean(name, names), "%s: unknown field %q", who, join(label, name))
		meant = append(meant, nearest(name, names))
	}
	return meant
}

// groups checks #oneOf, #atLeastOne and #atMostOne of a definition.
func (d *decoder) groups(who, label string, def cue.Value, data map[string]any, at *place) {
	for _, g := range []struct {
		name, words string
		min, max    int
	}{
		{"oneOf", "exactly one of", 1, 1},
		{"atLeastOne", "at least one of", 1, 1 << 30},
		{"atMostOne", "at most one of", 0, 1},
	} {
		names := stringList(def, g.name)
		if names == nil {
			continue
		}
		n := 0
		for _, f := range names {
			if _, given := data[f]; given {
				n++
			}
		}
		if n < g.min || n > g.max {
			d.errorf(at.nameAt(d.file), "%s: %sgive %s %s", who, prefix(label), g.words, strings.Join(names, ", "))
		}
	}
}

func prefix(label string) string {
	if label == "" {
		return ""
	}
	return label + ": "
}

func join(label, name string) string {
	if label == "" {
		return name
	}
	return label + "." + name
}

// show renders data the way an author would write it, shortened.
func show(data any) string {
	text := compactJSON(data)
	const width = 60
	if r := []rune(text); len(r) > width {
		return string(r[:width]) + "…"
	}
	return text
}

// compactJSON is JSON on one line, with <, > and & as they are. Data has been
// through JSON before, so it marshals.
func compactJSON(data any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(data); err != nil {
		panic("cueplan: plan data does not marshal: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}
