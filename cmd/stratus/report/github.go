package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/verifier"
)

// writeGitHub prints the text of each result in a folded group, and an
// annotation for each finding. Only lines that this file writes begin with
// "::"; the page of the text format escapes all others.
// Source: GitHub Docs, "Workflow commands for GitHub Actions".
func writeGitHub(w io.Writer, results []Result, opts Options) error {
	opts.Color = false
	var b strings.Builder
	for _, r := range results {
		var text page
		text.result(r, opts)
		fmt.Fprintf(&b, "::group::%s\n%s::endgroup::\n", commandData(strings.ToUpper(r.outcome())+" "+clean(r.PlanFile)), text.b.String())
		for _, d := range r.problems() {
			annotate(&b, d.Level.String(), d.Pos, r, "stratus: "+couldNotRun, plain(d), opts)
		}
		if r.Verdict == nil {
			continue
		}
		for _, p := range r.Verdict.Properties {
			level := "error"
			switch {
			case p.Outcome == verifier.Verified:
				continue
			case p.Level == levelWarning, p.Outcome == verifier.Undecided && opts.UndecidedOK:
				level = levelWarning
			}
			annotate(&b, level, r.position(p), r, p.ID+" "+p.Name+" "+p.Outcome.String(), message(r, p), opts)
		}
	}
	var last page
	last.summary(results)
	b.WriteString(last.b.String())
	_, err := io.WriteString(w, b.String())
	return err
}

func annotate(b *strings.Builder, level string, pos diag.Position, r Result, title, text string, opts Options) {
	file := pos.File
	if file == "" {
		file = r.PlanFile
	}
	fmt.Fprintf(b, "::%s file=%s", level, commandProperty(relative(file, opts.Root)))
	if pos.Line > 0 {
		fmt.Fprintf(b, ",line=%d", pos.Line)
		if pos.Column > 0 {
			fmt.Fprintf(b, ",col=%d", pos.Column)
		}
	}
	fmt.Fprintf(b, ",title=%s::%s\n", commandProperty(title), commandData(text))
}

var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// commandData escapes the text of a command, which may have several lines, each
// of them clean. "##[" begins a command of the runner's older syntax.
func commandData(s string) string {
	return dataEscapes.Replace(strings.ReplaceAll(s, "##[", "## ["))
}

func commandProperty(s string) string {
	return propertyEscapes.Replace(strings.ReplaceAll(clean(s), "##[", "## ["))
}
