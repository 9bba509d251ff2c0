package cueplan

import (
	"strconv"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"

	"github.com/stratus-sre/stratus/internal/diag"
)

// place says where a field was written. It is kept beside the data, since the
// data has been through CUE's evaluator and knows positions no more.
type place struct {
	label token.Pos // of the field's name
	value token.Pos // of its value
	kids  map[string]*place
}

// at walks down; where a field was not written out (it came by a reference),
// the nearest one around it is the answer.
func (p *place) at(path ...string) *place {
	for _, name := range path {
		k, ok := p.kids[name]
		if !ok {
			return p
		}
		p = k
	}
	return p
}

// index is at for an element of a list.
func (p *place) index(i int) *place { return p.at(strconv.Itoa(i)) }

func (p *place) nameAt(file string) diag.Position  { return position(file, p.label) }
func (p *place) valueAt(file string) diag.Position { return position(file, p.value) }

// position leaves CUE's position out of everything but the numbers.
func position(file string, pos token.Pos) diag.Position {
	if !pos.IsValid() {
		return diag.Position{File: file}
	}
	return diag.Position{File: file, Line: pos.Line(), Column: pos.Column()}
}

// record adds what e and everything below it says about places.
func (p *place) record(e ast.Expr) {
	switch x := e.(type) {
	case *ast.StructLit:
		for _, d := range x.Elts {
			if f, ok := d.(*ast.Field); ok {
				name, _ := labelName(f.Label)
				p.kid(name, f.Label.Pos(), f.Value)
			}
		}
	case *ast.ListLit:
		for i, v := range x.Elts {
			p.kid(strconv.Itoa(i), v.Pos(), v)
		}
	}
}

func (p *place) kid(name string, label token.Pos, value ast.Expr) {
	k := p.kids[name]
	if k == nil { // the first of several declarations counts
		k = &place{label: label, value: value.Pos()}
		if p.kids == nil {
			p.kids = map[string]*place{}
		}
		p.kids[name] = k
	}
	k.record(value)
}

// labelName returns the name of a plain field; ok is false for computed ones.
func labelName(l ast.Label) (name string, ok bool) {
	switch x := l.(type) {
	case *ast.Ident:
		return x.Name, true
	case *ast.BasicLit:
		if x.Kind == token.STRING {
			if s, err := literal.Unquote(x.Value); err == nil {
				return s, true
			}
		}
	}
	return "", false
}
