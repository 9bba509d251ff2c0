package cueplan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	cueerrors "cuelang.org/go/cue/errors"
	kjson "sigs.k8s.io/json"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model/plan"
)

// evaluate is the whole of Decode but for the child process: it may take long
// and much memory on hostile input. It is a function of its arguments.
func evaluate(name string, data []byte) (*plan.Plan, diag.List) {
	p, out := evaluateAll(name, data)
	out.Sort()
	if out.HasErrors() {
		return nil, cut(out)
	}
	return p, out
}

func evaluateAll(name string, data []byte) (*plan.Plan, diag.List) {
	file, value, out := parse(name, data)
	if out != nil {
		return nil, out
	}
	s, err := loadSchema()
	if err != nil {
		out.Errorf(diag.Position{File: name}, "the plan schema does not compile: %v", err)
		return nil, out
	}
	d := decoder{file: name, schema: s}
	root := &place{}
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.Field); ok {
			root.kid("plan", f.Label.Pos(), value)
		}
	}
	at := root.at("plan")
	built := s.ctx.BuildFile(file)
	author := built.LookupPath(cue.ParsePath("plan"))
	if d.evaluationErrors(built.Err(), at); len(d.out) > 0 {
		return nil, d.out // a reference to nothing; then nothing has a value
	}
	if d.evaluationErrors(author.Validate(cue.Concrete(true), cue.All()), at); len(d.out) > 0 {
		return nil, d.out
	}
	raw, err := author.MarshalJSON()
	if d.evaluationErrors(err, at); len(d.out) > 0 {
		return nil, d.out
	}
	var fields any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &fields); err != nil {
		d.errorf(at.valueAt(name), "plan: %v", err)
		return nil, d.out
	}
	if d.caps(fields, at, 1); len(d.out) > 0 {
		return nil, d.out
	}
	p := d.plan(fields, at)
	return p, d.out
}

// decoder turns the data of one plan into a Plan and collects what is wrong.
type decoder struct {
	file   string
	schema *schema
	out    diag.List
}

func (d *decoder) errorf(pos diag.Position, format string, args ...any) {
	d.out.Errorf(pos, format, args...)
}

// hint is errorf with what to do next, which may be empty.
func (d *decoder) hint(pos diag.Position, hint, format string, args ...any) {
	d.out = append(d.out, diag.Diagnostic{Pos: pos, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// caps refuses what references made too deep or too long. The text itself has
// passed scanText.
func (d *decoder) caps(data any, at *place, depth int) {
	if depth > maxDepth {
		d.errorf(at.valueAt(d.file), "more than %d fields and lists inside each other", maxDepth)
		return
	}
	switch x := data.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			if len(k) > maxString {
				d.errorf(at.at(k).nameAt(d.file), "a name of %d bytes; at most %d are allowed", len(k), maxString)
			}
			d.caps(x[k], at.at(k), depth+1)
		}
	case []any:
		for i, v := range x {
			d.caps(v, at.index(i), depth+1)
		}
	case string:
		if len(x) > maxString {
			d.errorf(at.valueAt(d.file), "text of %d bytes; at most %d are allowed", len(x), maxString)
		}
	}
}

// evaluationErrors turns what CUE says of the author's own text into
// diagnostics: references to nothing, conflicting values, cycles.
func (d *decoder) evaluationErrors(err error, at *place) {
	for _, e := range cueerrors.Errors(err) {
		path := e.Path()
		if len(path) > 0 && path[0] == "plan" {
			path = path[1:]
		}
		pos := position(d.file, e.Position())
		if pos.Line == 0 {
			pos = at.at(path...).valueAt(d.file)
		}
		format, args := e.Msg()
		msg := fmt.Sprintf(format, args...)
		if strings.HasPrefix(msg, "incomplete value") || strings.HasPrefix(msg, "non-concrete value") {
			d.hint(pos, "it refers to itself, or to something that is no value", "%s has no value", lastOf(path))
			continue
		}
		if plain, known := plainWords[msg]; known {
			msg = plain
		}
		d.errorf(pos, "%s", msg)
	}
}

// plainWords replaces what CUE says to people who know CUE.
var plainWords = map[string]string{
	"structural cycle":      "the value contains itself",
	"invalid interpolation": "the text takes in a value that is neither text nor a number",
}

func lastOf(path []string) string {
	if len(path) == 0 {
		return "the plan"
	}
	return path[len(path)-1]
}

// most is how many diagnostics are shown: more help nobody.
const most = 50

func cut(out diag.List) diag.List {
	if len(out) <= most {
		return out
	}
	return append(slices.Clone(out[:most]), diag.Diagnostic{Pos: diag.Position{File: out[0].Pos.File}, Message: "and more; repair these first"})
}
