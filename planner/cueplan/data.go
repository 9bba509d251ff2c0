package cueplan

import (
	"errors"
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model/plan"
)

// checkData walks syntax and refuses everything but fields, literals,
// references and interpolations of them, and names that are written twice.
type checkData struct {
	file  string
	merge bool // CUE may say a: b: 1, a: c: 2
	out   diag.List

	values, actions int // how many there are
}

func (c *checkData) errorf(pos token.Pos, format string, args ...any) {
	c.out.Errorf(position(c.file, pos), format, args...)
}

// top returns the value of "plan".
func (c *checkData) top(f *ast.File) (value ast.Expr) {
	const one = "a plan file is one field, plan: {…}"
	for _, d := range f.Decls {
		switch x := d.(type) {
		case *ast.Package, *ast.CommentGroup:
		case *ast.ImportDecl:
			c.errorf(x.Pos(), "a plan is data: imports are not allowed")
		case *ast.Field:
			name, _ := labelName(x.Label)
			switch {
			case name != "plan":
				c.errorf(x.Pos(), "%s, and nothing beside it", one)
			case value != nil:
				c.errorf(x.Pos(), "plan is written twice")
			default:
				value = x.Value
				c.value(x.Value, 1, "plan")
			}
		default:
			c.errorf(x.Pos(), "%s", one)
		}
	}
	if value == nil && len(c.out) == 0 {
		c.out.Errorf(diag.Position{File: c.file}, "no plan: %s", one)
	}
	return value
}

func (c *checkData) value(e ast.Expr, depth int, field string) {
	if c.values++; c.values > maxValues {
		if c.values == maxValues+1 {
			c.errorf(e.Pos(), "more than %d values", maxValues)
		}
		return
	}
	if depth > maxDepth {
		c.errorf(e.Pos(), "more than %d fields and lists inside each other", maxDepth)
		return
	}
	switch x := e.(type) {
	case *ast.StructLit:
		c.fields(x, depth, field)
	case *ast.ListLit:
		for _, v := range x.Elts {
			c.value(v, depth+1, "")
		}
	case *ast.BasicLit:
		if x.Kind == token.STRING && strings.HasPrefix(strings.TrimLeft(x.Value, "#"), "'") {
			c.errorf(x.Pos(), "a plan is data: write text in double quotes")
		}
		if x.Kind == token.INT || x.Kind == token.FLOAT {
			if _, err := strconv.ParseFloat(x.Value, 64); errors.Is(err, strconv.ErrRange) {
				c.errorf(x.Pos(), "the number is too large")
			}
		}
	case *ast.Interpolation:
		for _, v := range x.Elts {
			c.value(v, depth+1, "")
		}
	case *ast.SelectorExpr:
		c.value(x.X, depth, "")
	case *ast.IndexExpr:
		c.value(x.X, depth, "")
		c.value(x.Index, depth, "")
	case *ast.UnaryExpr:
		c.value(x.X, depth, "")
	case *ast.ParenExpr: // the parentheses of an interpolation
		c.value(x.X, depth, "")
	case *ast.Ident:
	default:
		c.errorf(e.Pos(), "a plan is data: write the value out")
	}
}

// actionsDepth is where plan.transactions[0].actions is, plan being at 1.
const actionsDepth = 4

// tooMany refuses many actions before each of them costs time.
func (c *checkData) tooMany(s *ast.StructLit) bool {
	n := len(s.Elts)
	c.actions += n
	switch {
	case n > plan.MaxActions:
		c.errorf(s.Pos(), "%d actions in one transaction; at most %d are allowed, split it", n, plan.MaxActions)
	case c.actions > plan.MaxPlanActions:
		c.errorf(s.Pos(), "more than %d actions", plan.MaxPlanActions)
	default:
		return false
	}
	return true
}

func (c *checkData) fields(s *ast.StructLit, depth int, within string) {
	actions := within == "actions" && depth == actionsDepth
	if actions && c.tooMany(s) {
		return
	}
	first := map[string]*ast.Field{}
	for _, d := range s.Elts {
		f, ok := d.(*ast.Field)
		if !ok {
			if _, comment := d.(*ast.CommentGroup); !comment {
				c.errorf(d.Pos(), "a plan is data: only fields, name: value, are allowed here")
			}
			continue
		}
		name, ok := labelName(f.Label)
		if !ok || f.Constraint != token.ILLEGAL {
			c.errorf(f.Pos(), "a plan is data: the name of a field is written out")
			continue
		}
		if _, plain := f.Label.(*ast.Ident); plain && (name[0] == '_' || name[0] == '#') {
			c.errorf(f.Pos(), "a plan is data: names that begin with _ or # are not allowed")
		}
		if was, twice := first[name]; twice {
			_, a := was.Value.(*ast.StructLit)
			_, b := f.Value.(*ast.StructLit)
			at := position("", was.Label.Pos())
			switch {
			case actions:
				c.errorf(f.Pos(), "action id %q is used twice (first at %s); ids are unique in a transaction", name, at)
			case !c.merge || !a || !b:
				c.errorf(f.Pos(), "field %q is written twice (first at %s)", name, at)
			}
		} else {
			first[name] = f
		}
		c.value(f.Value, depth+1, name)
	}
}
