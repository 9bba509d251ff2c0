package report

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/verifier"
)

// Exit codes of every command that checks. They are an interface.
const (
	ExitVerified    = 0 // every plan is verified
	ExitRefuted     = 1 // at least one plan is refuted
	ExitCouldNotRun = 2 // usage, parse, policy compilation, I/O; or nothing to check
	ExitUndecided   = 3 // at least one plan is undecided
)

// Result is one plan checked against one cluster.
type Result struct {
	PlanFile    string            // as the user gave it
	Cluster     string            // the state's file or directory, as the user gave it
	Verdict     *verifier.Verdict // nil if the plan could not be checked
	Diagnostics diag.List         // what is wrong with the plan or the state
	Err         error             // why it could not be checked, beside Diagnostics
	Elapsed     time.Duration
}

// Outcome words of a result: those of verifier.Outcome, and this one.
const couldNotRun = "could not run"

func (r Result) outcome() string {
	if r.Verdict == nil {
		return couldNotRun
	}
	return r.Verdict.Outcome.String()
}

// problems returns what kept the plan from being checked.
func (r Result) problems() diag.List {
	if r.Verdict != nil {
		return nil
	}
	out := slices.Clone(r.Diagnostics)
	if r.Err != nil {
		out = append(out, diag.Diagnostic{Pos: diag.Position{File: r.PlanFile}, Message: r.Err.Error()})
	}
	return out
}

// Options say how to print.
type Options struct {
	Color       bool      // text: ANSI colours
	Quiet       bool      // text: one line per result
	Timings     bool      // text: durations and ages, which differ from run to run
	Now         time.Time // text: for ages; used with Timings only
	Root        string    // sarif, github: file names are made relative to this directory
	Version     string    // of the tool
	UndecidedOK bool      // undecided counts as 0
}

var formats = map[string]func(io.Writer, []Result, Options) error{
	"text":   writeText,
	"json":   writeJSON,
	"sarif":  writeSARIF,
	"junit":  writeJUnit,
	"github": writeGitHub,
	"itf":    writeITF,
}

// Formats returns the names that Write knows, sorted.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// Write prints the results in a format. Errors are those of w, or an unknown
// format. The same arguments give the same bytes.
func Write(format string, w io.Writer, results []Result, opts Options) error {
	write, ok := formats[format]
	if !ok {
		return fmt.Errorf("unknown format %q: write one of %s", format, strings.Join(Formats(), ", "))
	}
	return write(w, results, opts)
}

// ExitCode returns what the results come to: refuted beats could-not-run, which
// beats undecided. No result is could-not-run: nothing was shown to be safe.
func ExitCode(results []Result, opts Options) int {
	count := countOutcomes(results)
	switch {
	case count[verifier.Refuted.String()] > 0:
		return ExitRefuted
	case count[couldNotRun] > 0 || len(results) == 0:
		return ExitCouldNotRun
	case count[verifier.Undecided.String()] > 0 && !opts.UndecidedOK:
		return ExitUndecided
	}
	return ExitVerified
}

func countOutcomes(results []Result) map[string]int {
	count := map[string]int{}
	for _, r := range results {
		count[r.outcome()]++
	}
	return count
}

// exitDescription says an exit code in words, for formats that carry both.
func exitDescription(code int) string {
	switch code {
	case ExitVerified:
		return "verified"
	case ExitRefuted:
		return "refuted"
	case ExitUndecided:
		return "undecided"
	}
	return couldNotRun
}

// relative makes a file name relative to root, with forward slashes. Names
// outside of root and standard input stay as they are.
func relative(file, root string) string {
	if file == "-" || file == "" {
		return file
	}
	if filepath.IsAbs(file) && root != "" {
		if rel, err := filepath.Rel(root, file); err == nil && filepath.IsLocal(rel) {
			file = rel
		}
	}
	return filepath.ToSlash(filepath.Clean(file))
}

// failing returns the properties that are not verified and count.
func failing(v *verifier.Verdict, o verifier.Outcome) []verifier.Property {
	var out []verifier.Property
	for _, p := range v.Properties {
		if p.Outcome == o && p.Level != levelWarning {
			out = append(out, p)
		}
	}
	return out
}

// warnings returns the policies of level warning that match.
func warnings(v *verifier.Verdict) []verifier.Property {
	var out []verifier.Property
	for _, p := range v.Properties {
		if p.Outcome == verifier.Refuted && p.Level == levelWarning {
			out = append(out, p)
		}
	}
	return out
}

const levelWarning = "warning"

// position returns where to show a property: its own place, the plan's, or the
// file at least.
func (r Result) position(p verifier.Property) diag.Position {
	for _, pos := range []diag.Position{p.Pos, r.Verdict.Pos} {
		if pos.Line > 0 {
			return pos
		}
	}
	return diag.Position{File: r.PlanFile}
}
