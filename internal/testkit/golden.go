package testkit

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the tests produce to their golden files")

// Updating reports whether the run was asked to refresh stored output (-update).
// Tests with stored output of another form, such as testscript, ask it.
func Updating() bool { return *update }

// Golden compares got with the file at path, which is relative to the tested
// package, usually below testdata. With -update it writes the file instead: read
// the difference before you commit it. A missing file is a failure, so that new
// output is never accepted unseen.
func Golden(t testing.TB, path, got string) {
	t.Helper()
	if Updating() {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v\nrun the test with -update to write it, then read it", err)
	}
	if line, w, g := firstDifference(string(want), got); line > 0 {
		t.Errorf("%s:%d: output differs\n want %q\n  got %q\nthe whole output:\n%s", path, line, w, g, got)
	}
}

// firstDifference returns the number of the first line that differs, counted
// from one, and both lines; 0 if the texts are equal. A text that ends early
// has "<end>" there.
func firstDifference(want, got string) (line int, w, g string) {
	if want == got {
		return 0, "", ""
	}
	ws, gs := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	at := func(lines []string, i int) string {
		if i >= len(lines) {
			return "<end>"
		}
		return lines[i]
	}
	for i := 0; ; i++ {
		// Terminates: the texts differ, so some line does, the end included.
		if w, g = at(ws, i), at(gs, i); w != g {
			return i + 1, w, g
		}
	}
}
