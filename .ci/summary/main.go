// Command summary reads "go test -json" from standard input and prints what a
// person wants to know: a line for each package, the output of what failed,
// each skipped test with its reason, and the counts. It fails if a test or a
// package failed, if a test was skipped without a reason, and if none ran.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	counts, ok := summarise(os.Stdin, os.Stdout)
	fmt.Println(counts)
	// The gate repeats the counts at its end.
	if file := os.Getenv("GATE_COUNTS"); file != "" {
		if err := os.WriteFile(file, []byte(counts+"\n"), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			ok = false
		}
	}
	if !ok {
		os.Exit(1)
	}
}

// event is what "go doc test2json" describes.
type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

// summarise copies to w what matters and returns the closing line. Tests are
// counted with their subtests; a package that fails without a failing test (it
// does not build, it panics, it hangs) counts as one failure.
func summarise(r io.Reader, w io.Writer) (counts string, ok bool) {
	passed, failed := 0, 0
	var skipped []string
	output := map[string]*strings.Builder{} // of a test or package under way
	failing := map[string]int{}             // failed tests of a package
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20) // a line holds a line of a test's output
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(w, lines.Text()) // not from the tests: a tool's own words
			continue
		}
		name := strings.TrimSpace(e.Package + " " + e.Test)
		switch e.Action {
		case "build-output":
			fmt.Fprint(w, e.Output)
		case "output":
			if output[name] == nil {
				output[name] = &strings.Builder{}
			}
			output[name].WriteString(e.Output)
			continue
		case "pass":
			if e.Test != "" {
				passed++
			} else {
				fmt.Fprintf(w, "ok    %-60s %6.1f s\n", e.Package, e.Elapsed)
			}
		case "skip":
			if e.Test == "" {
				break // no test files
			}
			if why := reason(output[name]); why != "" {
				skipped = append(skipped, name+": "+why)
			} else {
				failed++
				failing[e.Package]++
				fmt.Fprintf(w, "FAIL  %s was skipped without a reason: give one to t.Skip\n", name)
			}
		case "fail":
			if e.Test == "" && failing[e.Package] > 0 {
				fmt.Fprintf(w, "FAIL  %-60s %6.1f s\n", e.Package, e.Elapsed)
				break
			}
			failed++
			failing[e.Package]++
			fmt.Fprintf(w, "FAIL  %s\n", name)
			if output[name] != nil {
				fmt.Fprint(w, output[name])
			}
		default:
			continue // start, run, pause, cont, bench
		}
		delete(output, name)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(w, "reading the test output:", err)
		failed++
	}
	for _, s := range skipped {
		fmt.Fprintln(w, "SKIP ", s)
	}
	if passed+failed == 0 {
		fmt.Fprintln(w, "no test ran")
	}
	return fmt.Sprintf("%d passed, %d failed, %d skipped", passed, failed, len(skipped)), passed > 0 && failed == 0
}

// reason returns what a skipped test said: the lines that testing indents and
// begins with a file, without those.
func reason(output *strings.Builder) string {
	if output == nil {
		return ""
	}
	var said []string
	for line := range strings.Lines(output.String()) {
		if text, indented := strings.CutPrefix(line, "    "); indented {
			if _, after, found := strings.Cut(text, ".go:"); found {
				_, text, _ = strings.Cut(after, ": ")
			}
			said = append(said, strings.TrimSpace(text))
		}
	}
	return strings.TrimSpace(strings.Join(said, " "))
}
