package cueplan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	cueerrors "cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"
	cuejson "cuelang.org/go/encoding/json"
	cueyaml "cuelang.org/go/encoding/yaml"

	"github.com/stratus-sre/stratus/internal/diag"
)

// language is how a plan is written.
type language uint8

const (
	inCUE language = iota + 1
	inJSON
	inYAML
)

// looksLikeCUE finds what YAML cannot begin with.
var looksLikeCUE = regexp.MustCompile(`(?m)^(package[ \t]+\w+|plan:[ \t]*(\{[ \t]*$|[A-Za-z]+:[ \t]))`)

// languageOf tells by the extension; standard input is sniffed.
func languageOf(name string, data []byte) (language, diag.List) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".cue":
		return inCUE, nil
	case ".json":
		return inJSON, nil
	case ".yaml", ".yml":
		return inYAML, nil
	}
	if name != "-" {
		var out diag.List
		out.Errorf(diag.Position{File: name}, "a plan is a .cue, .json, .yaml or .yml file")
		return 0, out
	}
	switch {
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")):
		return inJSON, nil
	case looksLikeCUE.Match(data):
		return inCUE, nil
	}
	return inYAML, nil
}

// parse returns the value of the one field "plan" as syntax that holds nothing
// but data and references, and the syntax of the whole file.
func parse(name string, data []byte) (*ast.File, ast.Expr, diag.List) {
	if out := scanText(name, data); out != nil {
		return nil, nil, out
	}
	lang, out := languageOf(name, data)
	if out != nil {
		return nil, nil, out
	}
	var file *ast.File
	switch lang {
	case inCUE:
		if out := scanTokens(name, data); out != nil {
			return nil, nil, out
		}
		f, err := parser.ParseFile(name, data, parser.ParseComments)
		if err != nil {
			return nil, nil, syntaxErrors(name, err)
		}
		file = f
	case inJSON:
		if out := checkJSON(name, data); out != nil {
			return nil, nil, out
		}
		e, err := cuejson.Extract(name, data)
		if err != nil {
			return nil, nil, syntaxErrors(name, err)
		}
		file = asFile(e)
	case inYAML:
		f, err := cueyaml.Extract(name, data)
		if err != nil {
			return nil, nil, syntaxErrors(name, err)
		}
		file = f
		if len(f.Decls) == 1 {
			if d, ok := f.Decls[0].(*ast.EmbedDecl); ok {
				file = asFile(d.Expr)
			}
		}
	}
	c := checkData{file: name, merge: lang == inCUE}
	value := c.top(file)
	c.out.Sort()
	if c.out.HasErrors() {
		return nil, nil, c.out
	}
	return file, value, nil
}

// asFile makes the fields of a JSON object the fields of a file.
func asFile(e ast.Expr) *ast.File {
	if s, ok := e.(*ast.StructLit); ok {
		return &ast.File{Decls: s.Elts}
	}
	return &ast.File{Decls: []ast.Decl{&ast.EmbedDecl{Expr: e}}}
}

// checkJSON reports what encoding/json finds wrong, with line and column.
func checkJSON(name string, data []byte) (out diag.List) {
	var v json.RawMessage // only the syntax counts here
	err := json.Unmarshal(data, &v)
	if err == nil {
		return nil
	}
	pos := diag.Position{File: name}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		before := data[:max(0, int(syntax.Offset)-1)]
		pos.Line = 1 + bytes.Count(before, []byte("\n"))
		pos.Column = len(before) - bytes.LastIndexByte(before, '\n')
	}
	out.Errorf(pos, "not JSON: %v", err)
	return out
}

// syntaxErrors turns what CUE's readers say into diagnostics.
func syntaxErrors(name string, err error) (out diag.List) {
	for _, e := range cueerrors.Errors(err) {
		format, args := e.Msg()
		pos, msg := position(name, e.Position()), fmt.Sprintf(format, args...)
		if msg == "" { // the YAML reader puts name and line into the text
			msg = strings.TrimPrefix(e.Error(), name+":")
			if line, rest, ok := strings.Cut(msg, ": "); ok {
				if n, err := strconv.Atoi(line); err == nil {
					pos.Line, msg = n, rest
				}
			}
		}
		out.Errorf(pos, "%s", strings.TrimSpace(msg))
	}
	out.Sort()
	return out
}
