package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/internal/testkit"
)

// Every mutant must still apply: a list that names old code proves nothing.
// Running them is the work of the command, which the gate calls.
func TestMutantsApply(t *testing.T) {
	mutants, err := parse(list)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, m := range mutants {
		if _, err := m.broken(testkit.Root(t)); err != nil {
			t.Error(err)
		}
		if seen[m.name] {
			t.Errorf("%s is there twice", m.name)
		}
		seen[m.name] = true
	}
	for i := 1; i <= 8; i++ {
		id := fmt.Sprintf("TNR%03d", i)
		if !strings.Contains(list, "mutant: "+id) {
			t.Errorf("no mutant breaks %s", id)
		}
	}
}

const begin, end = "<!-- mutants: written by go test ./internal/mutants -update -->\n", "<!-- end of mutants -->\n"

// The table in the track record is this list.
func TestTrackRecordShowsTheList(t *testing.T) {
	mutants, err := parse(list)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| broken on purpose | in | killed by |\n|---|---|---|\n")
	for _, m := range mutants {
		fmt.Fprintf(&b, "| %s | `%s` | `go test %s` |\n", m.name, m.file, strings.ReplaceAll(m.test, "|", "\\|"))
	}
	page := filepath.Join(testkit.Root(t), "docs/track-record.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("docs/track-record.md lacks %q … %q", begin, end)
	}
	testkit.Golden(t, page, head+begin+b.String()+end+tail)
}

func TestParseRefusesNonsense(t *testing.T) {
	for _, bad := range []string{
		"mutant: x",
		"mutant: x\nfile: f\nold: a\nnew: a\ntest: t",
		"nonsense",
		"colour: red",
	} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
