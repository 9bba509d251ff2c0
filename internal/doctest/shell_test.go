package doctest

import (
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/internal/testkit"
)

// TestShell shows what a page may do, on a page's own terms.
func TestShell(t *testing.T) {
	s := &shell{root: testkit.Root(t), dir: t.TempDir(), bin: t.TempDir()}
	for _, c := range []struct {
		line, out string
		ran       bool
		exit      int
		err       string // part of it; "" for none
	}{
		{"echo one; echo two >&2", "one\ntwo\n", true, 0, ""},
		{"exit 3", "", true, 3, ""},
		{"echo $?", "3\n", true, 0, ""},
		{"kubectl delete namespace shop", "", true, 127, "tag the block as text"},
		{"go test ./internal/doctest", "", false, 127, ""}, // the code is the last one run
		{"STRATUS_SEED=7 go test -run 'TestShell/x' ./internal/doctest", "", false, 127, ""},
		{"go test -run=TestNoSuchTest ./internal/doctest", "", false, 127, "is called TestNoSuchTest"},
		{"go test ./no/such/package", "", false, 127, "no/such/package"},
		{"go test", "", false, 127, "name the packages"},
		{".ci/run", "", false, 127, ""},
		{".ci/no-such-script", "", false, 127, "no-such-script"},
	} {
		out, ran, err := s.run(c.line)
		if c.err == "" && (err != nil || out != c.out) || ran != c.ran || s.exit != c.exit {
			t.Errorf("%s: printed %q, ran %v, exit %d, error %v; want %q, %v, %d", c.line, out, ran, s.exit, err, c.out, c.ran, c.exit)
		}
		if c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: error %v, want one with %q", c.line, err, c.err)
		}
	}
}
