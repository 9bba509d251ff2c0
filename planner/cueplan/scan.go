package cueplan

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"cuelang.org/go/cue/scanner"
	"cuelang.org/go/cue/token"

	"github.com/stratus-sre/stratus/internal/diag"
)

// Caps on the text of a plan. They are far above what people write, and low
// enough that nothing after them takes long.
const (
	maxFile   = 1 << 20 // bytes
	maxDepth  = 32      // structs, lists and fields inside each other
	maxString = 4 << 10 // bytes of one string
	maxValues = 50_000  // literals, structs, lists and references
	maxSteps  = 16      // of one reference: a.b.c has two
)

// scanText refuses text that is no text.
func scanText(file string, data []byte) (out diag.List) {
	at := func(offset int) diag.Position {
		before := data[:offset]
		line := 1 + bytes.Count(before, []byte("\n"))
		return diag.Position{File: file, Line: line, Column: offset - bytes.LastIndexByte(before, '\n')}
	}
	if len(data) > maxFile {
		out.Errorf(diag.Position{File: file}, "the file has %d bytes; a plan has at most %d", len(data), maxFile)
		return out
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		out.Errorf(at(i), "the file has a NUL byte; a plan is UTF-8 text")
		return out
	}
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			out.Errorf(at(i), "the file is not UTF-8: byte 0x%02x", data[i])
			return out
		}
		i += n
	}
	return nil
}

// scanTokens refuses CUE that is not data, before it is parsed: for some files
// of a megabyte, CUE's parser needs minutes or a gigabyte of stack.
func scanTokens(file string, data []byte) (out diag.List) {
	var s scanner.Scanner
	s.Init(token.NewFile(file, -1, len(data)), data, func(pos token.Pos, msg string, args []any) {
		out.Errorf(position(file, pos), msg, args...)
	}, 0)
	refuse := func(pos token.Pos, why string) diag.List {
		out.Errorf(position(file, pos), "a plan is data: %s", why)
		return out
	}
	var (
		open    []frame // around the innermost bracket
		here    frame   // the innermost bracket
		nested  int     // fields and brackets inside each other
		steps   int     // of the reference at hand
		resumed bool    // inside a string, about to enter the next interpolation
		last    = token.COMMA
		lastPos token.Pos
	)
	enter := func(t token.Token) {
		open, here = append(open, here), frame{bracket: t}
		nested++
	}
	leave := func() {
		nested -= here.fields
		here.fields = 0
		if n := len(open); n > 0 {
			open, here = open[:n-1], open[n-1]
			nested--
		}
	}
	for {
		pos, tok, lit := s.Scan()
		if len(out) > 0 || tok == token.EOF {
			return out
		}
		if last.IsKeyword() && !isConstant(last) && tok != token.COLON {
			return refuse(lastPos, "for, if and let are not allowed; write the fields out")
		}
		switch {
		case tok == token.LBRACE, tok == token.LBRACK:
			switch last {
			case token.COLON: // "a: {" is one level, not two
				here.fields--
				nested--
			case token.IDENT, token.RBRACK:
				steps++ // an index
			}
			enter(tok)
		case tok == token.RBRACE, tok == token.RBRACK:
			leave()
		case tok == token.INTERPOLATION:
			enter(tok)
		case tok == token.LPAREN && (last == token.INTERPOLATION || resumed):
			resumed = false
		case tok == token.RPAREN && here.bracket == token.INTERPOLATION:
			rest := s.ResumeInterpolation() // the rest of the string, or up to the next "\("
			if resumed = strings.HasSuffix(rest, "("); !resumed {
				leave()
			}
			tok = token.STRING
		case tok == token.COLON:
			here.fields++
			nested++
			steps = 0
		case tok == token.COMMA:
			nested -= here.fields
			here.fields, steps = 0, 0
		case tok == token.PERIOD:
			steps++
		case tok == token.IDENT && lit == "import" && len(open) == 0 && last == token.COMMA:
			return refuse(pos, "imports are not allowed")
		case tok == token.ATTRIBUTE:
			return refuse(pos, "attributes are not allowed")
		case tok == token.ADD, tok == token.SUB:
			if last != token.COLON && last != token.COMMA && last != token.LBRACK {
				return refuse(pos, "expressions are not allowed; write the value out")
			}
		case tok.IsKeyword(), tok == token.IDENT, tok == token.INT, tok == token.FLOAT, tok == token.STRING:
		default:
			return refuse(pos, fmt.Sprintf("%q is not allowed; write the value out", tok))
		}
		if nested > maxDepth {
			out.Errorf(position(file, pos), "more than %d fields and lists inside each other", maxDepth)
			return out
		}
		if steps > maxSteps {
			return refuse(pos, fmt.Sprintf("a reference has at most %d steps", maxSteps))
		}
		last, lastPos = tok, pos
	}
}

// frame is one open bracket and the fields begun in it that have no comma yet.
type frame struct {
	bracket token.Token
	fields  int
}

func isConstant(t token.Token) bool {
	return t == token.TRUE || t == token.FALSE || t == token.NULL
}
