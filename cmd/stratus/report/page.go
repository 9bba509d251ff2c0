package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// page collects the lines of the text format. Nothing gets onto it but through
// line and its kin, which escape their arguments: what a plan calls itself
// cannot move the cursor, forge a line, or speak to a workflow runner.
type page struct {
	b     strings.Builder
	color bool
}

// line writes one line; string-like arguments are cleaned, the format is ours.
func (p *page) line(format string, args ...any) {
	p.raw(fmt.Sprintf(format, cleanAll(args)...))
}

// raw writes a line whose parts are clean.
func (p *page) raw(s string) {
	p.b.WriteString(commandless(strings.TrimRight(s, " ")))
	p.b.WriteByte('\n')
}

// commandless makes a line that no workflow runner takes for a command. A
// GitHub runner does so for a line that begins with "::" after spaces, and for
// "##[" anywhere.
func commandless(s string) string {
	if rest := strings.TrimLeft(s, " "); strings.HasPrefix(rest, "::") {
		s = s[:len(s)-len(rest)] + `\` + rest
	}
	return strings.ReplaceAll(s, "##[", `##\[`)
}

// Clean returns s as one line that is safe to show on a terminal and in the
// log of a workflow, for what commands print beside the report. Pure.
func Clean(s string) string { return commandless(clean(s)) }

func (p *page) blank() { p.b.WriteByte('\n') }

// heading writes a line that begins with a word in colour.
func (p *page) heading(color, word, format string, args ...any) {
	rest := fmt.Sprintf(format, cleanAll(args)...)
	if p.color {
		word = color + word + reset
	}
	p.raw(word + "  " + rest)
}

// field writes "  Label    text", and further texts aligned below it.
func (p *page) field(label string, texts ...string) {
	for _, t := range texts {
		p.line("  %-9s %s", label, t)
		label = ""
	}
}

const (
	red    = "\x1b[1;31m"
	green  = "\x1b[1;32m"
	yellow = "\x1b[1;33m"
	reset  = "\x1b[0m"
)

func cleanAll(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch x := a.(type) {
		case string:
			out[i] = clean(x)
		case error:
			out[i] = clean(x.Error())
		case fmt.Stringer:
			out[i] = clean(x.String())
		default:
			out[i] = a
		}
	}
	return out
}

// clean makes a string safe to show on one line of a terminal: what is not
// printable (control characters, line ends, bidirectional and zero-width
// marks, bytes that are not UTF-8) is written as an escape.
func clean(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) && r != utf8.RuneError {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
	}
	return b.String()
}

// shorten cuts what is longer than a table should show.
func shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}

// table is rows of cells with aligned columns; lines may stand between rows.
type table struct {
	right map[int]bool // columns aligned to the right
	rows  []tableRow
}

type tableRow struct {
	cells []string
	below []string // lines of their own under the row, indented by the caller
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, tableRow{cells: cells}) }

func (t *table) note(line string) {
	last := &t.rows[len(t.rows)-1]
	last.below = append(last.below, line)
}

func (t *table) print(p *page, indent string) {
	var width []int
	for i, row := range t.rows {
		for j, c := range row.cells {
			c = clean(c)
			t.rows[i].cells[j] = c
			if j == len(width) {
				width = append(width, 0)
			}
			width[j] = max(width[j], utf8.RuneCountInString(c))
		}
	}
	for _, row := range t.rows {
		var b strings.Builder
		b.WriteString(indent)
		for j, c := range row.cells {
			pad := strings.Repeat(" ", width[j]-utf8.RuneCountInString(c))
			if j > 0 {
				b.WriteString("  ")
			}
			if t.right[j] {
				b.WriteString(pad + c)
			} else {
				b.WriteString(c + pad)
			}
		}
		p.raw(b.String())
		for _, l := range row.below {
			p.raw(indent + clean(l))
		}
	}
}

// count writes a number with its noun: "1 failure", "2 failures", "no crash".
func count(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun
	case 1:
		return "1 " + noun
	}
	if y, ok := strings.CutSuffix(noun, "y"); ok {
		return fmt.Sprintf("%d %sies", n, y)
	}
	if strings.HasSuffix(noun, "sh") {
		noun += "e"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
