package testkit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
)

func TestFirstDifference(t *testing.T) {
	for _, c := range []struct {
		name, want, got string
		line            int
		w, g            string
	}{
		{"equal", "a\nb\n", "a\nb\n", 0, "", ""},
		{"a changed line", "a\nb\nc\n", "a\nx\nc\n", 2, "b\n", "x\n"},
		{"output ends early", "a\nb\n", "a\n", 2, "b\n", ""},
		{"output goes on", "a\n", "a\nb\n", 2, "", "b\n"},
		{"only the last newline", "a\n", "a", 1, "a\n", "a"},
		{"nothing expected", "", "a", 1, "", "a"},
	} {
		line, w, g := firstDifference(c.want, c.got)
		if line != c.line || w != c.w || g != c.g {
			t.Errorf("%s: line %d, want %q, got %q; expected line %d, %q, %q", c.name, line, w, g, c.line, c.w, c.g)
		}
	}
}

// recorder is a test that notes what it was told instead of failing.
type recorder struct {
	testing.TB
	said    string
	skipped bool
}

type stopped struct{}

func (r *recorder) Helper()                   {}
func (r *recorder) Name() string              { return "TestRecorded" }
func (r *recorder) Logf(f string, a ...any)   { r.said += fmt.Sprintf(f, a...) }
func (r *recorder) Errorf(f string, a ...any) { r.Logf(f, a...) }
func (r *recorder) Fatalf(f string, a ...any) { r.Logf(f, a...); panic(stopped{}) }
func (r *recorder) Skipf(f string, a ...any)  { r.skipped = true; r.Fatalf(f, a...) }

// record runs f as a test and returns what it said and whether it was skipped.
func record(t *testing.T, f func(testing.TB)) (said string, skipped bool) {
	t.Helper()
	r := &recorder{TB: t}
	defer func() {
		if v := recover(); v != nil && v != (stopped{}) {
			panic(v)
		}
		said, skipped = r.said, r.skipped
	}()
	f(r)
	return
}

func TestGolden(t *testing.T) {
	if Updating() {
		t.Skip("-update: golden files are written, not compared")
	}
	path := filepath.Join(t.TempDir(), "out.txt")
	if err := os.WriteFile(path, []byte("one\ntwo\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	Golden(t, path, "one\ntwo\n")

	said, _ := record(t, func(t testing.TB) { Golden(t, path, "one\nthree\n") })
	if !strings.Contains(said, `out.txt:2: output differs`) {
		t.Errorf("a difference is not reported with its line: %q", said)
	}
	said, _ = record(t, func(t testing.TB) { Golden(t, path+".none", "") })
	if !strings.Contains(said, "-update") {
		t.Errorf("a missing file must fail and name the switch, even for empty output: %q", said)
	}
}

func TestParametersRepeat(t *testing.T) {
	t.Setenv("STRATUS_SEED", "42")
	t.Setenv("STRATUS_RUNS", "3")
	draw := func() (drawn []int) {
		p := Parameters(t, 5)
		property := prop.ForAll(func(n int) bool { drawn = append(drawn, n); return true }, gen.Int())
		if r := property.Check(p); r.Status != gopter.TestPassed {
			t.Fatal(r)
		}
		return drawn
	}
	first, second := draw(), draw()
	if len(first) != 15 {
		t.Errorf("5 runs times 3 made %d", len(first))
	}
	if fmt.Sprint(first) != fmt.Sprint(second) {
		t.Errorf("the same seed made two runs:\n%v\n%v", first, second)
	}

	t.Setenv("STRATUS_SEED", "43")
	if fmt.Sprint(draw()) == fmt.Sprint(first) {
		t.Errorf("another seed made the same run: %v", first)
	}

	said, _ := record(t, func(t testing.TB) { Parameters(t, 5) })
	if !strings.Contains(said, "STRATUS_SEED=43 STRATUS_RUNS=3 go test -run '^TestRecorded$'") {
		t.Errorf("the log does not say how to repeat the run: %q", said)
	}
	for _, bad := range []string{"0", "-1", "many"} {
		t.Setenv("STRATUS_RUNS", bad)
		if said, _ := record(t, func(t testing.TB) { Parameters(t, 5) }); !strings.Contains(said, "STRATUS_RUNS") {
			t.Errorf("STRATUS_RUNS=%s was taken: %q", bad, said)
		}
	}
}

func TestCorpusIsNeverSilent(t *testing.T) {
	said, skipped := record(t, func(t testing.TB) { Corpus(t, "no-such-file.yaml") })
	if !skipped || !strings.Contains(said, "../shared/corpus/no-such-file.yaml") {
		t.Errorf("an absent corpus must skip and name the file; skipped %v, said %q", skipped, said)
	}
}
