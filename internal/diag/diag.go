// Package diag holds diagnostics: what is wrong with an input, and where.
//
// A diagnostic is one of stratus's three kinds of bad news. It says that the
// *input* is wrong and points at it; a verdict says that a plan is unsafe; an
// error says that stratus could not tell. Plans (CUE, JSON, YAML), manifests,
// policies and configuration all report through this package, so that every
// front end prints and sorts them the same way.
//
// The package imports nothing but the standard library and is pure.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Position is a place in an input. Line and Column count from one; zero means
// unknown. File is the name the user gave, or "-" for standard input.
type Position struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// IsValid reports whether the position names at least a file or a line.
func (p Position) IsValid() bool { return p.File != "" || p.Line > 0 }

// String returns file:line:column, leaving out what is unknown.
func (p Position) String() string {
	s := p.File
	if p.Line > 0 {
		if s != "" {
			s += ":"
		}
		s += fmt.Sprint(p.Line)
		if p.Column > 0 {
			s += fmt.Sprintf(":%d", p.Column)
		}
	}
	return s
}

// Level says whether a diagnostic stops the work.
type Level uint8

// Levels, worst first.
const (
	Error Level = iota
	Warning
)

// String returns "error" or "warning".
func (l Level) String() string {
	if l == Warning {
		return "warning"
	}
	return "error"
}

// MarshalText and UnmarshalText spell a level as String does.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText refuses any other word.
func (l *Level) UnmarshalText(text []byte) error {
	switch string(text) {
	case "error":
		*l = Error
	case "warning":
		*l = Warning
	default:
		return fmt.Errorf("%q is no level: error or warning", text)
	}
	return nil
}

// Diagnostic says what is wrong, where, and what to do next.
type Diagnostic struct {
	Pos     Position `json:"position"`
	Level   Level    `json:"level,omitempty"`
	Message string   `json:"message"`        // one line, without position or final full stop
	Hint    string   `json:"hint,omitempty"` // what to do next; may be empty
}

// String returns "file:line:column: message (hint)".
func (d Diagnostic) String() string {
	var b strings.Builder
	if p := d.Pos.String(); p != "" {
		b.WriteString(p + ": ")
	}
	if d.Level == Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(d.Message)
	if d.Hint != "" {
		b.WriteString(" (" + d.Hint + ")")
	}
	return b.String()
}

// List is any number of diagnostics. A non-empty list of which at least one is
// an Error is an error; use Err to turn a list into one.
type List []Diagnostic

// Errorf appends an Error at pos.
func (l *List) Errorf(pos Position, format string, args ...any) {
	*l = append(*l, Diagnostic{Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// Warnf appends a Warning at pos.
func (l *List) Warnf(pos Position, format string, args ...any) {
	*l = append(*l, Diagnostic{Pos: pos, Level: Warning, Message: fmt.Sprintf(format, args...)})
}

// Sort orders by level, file, line, column and message, and drops repetitions.
func (l *List) Sort() {
	slices.SortStableFunc(*l, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Level, b.Level),
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.Message, b.Message),
		)
	})
	*l = slices.Compact(*l)
}

// HasErrors reports whether at least one diagnostic is an Error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Level == Error })
}

// Err returns the list as an error if it has errors, else nil.
func (l List) Err() error {
	if l.HasErrors() {
		return l
	}
	return nil
}

// Error joins the diagnostics, one a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.String()
	}
	return strings.Join(lines, "\n")
}
