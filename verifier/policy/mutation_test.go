package policy

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// Every condition of every built-in rule is needed by a unit test: with its
// line taken out, a test of the same folder fails. Lines that only say what a
// variable ranges over ("some … in …") are left alone; a rule that no longer
// compiles proves nothing and does not count.
func TestUnitTestsPinEveryCondition(t *testing.T) {
	src, err := read(Options{}, true)
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for _, f := range src.modules {
		if strings.HasSuffix(f.name, "_test.rego") {
			continue
		}
		lines := strings.SplitAfter(string(f.content), "\n")
		for i, line := range lines {
			if !isCondition(line) {
				continue
			}
			mutant := f
			mutant.content = []byte(strings.Join(slices.Delete(slices.Clone(lines), i, i+1), ""))
			report, err := folder(src, mutant).test(t.Context(), DefaultLimit)
			switch {
			case err != nil:
			case len(report.Failed()) > 0:
				killed++
			default:
				t.Errorf("%s:%d: no test needs %q", f.name, i+1, strings.TrimSpace(line))
			}
		}
	}
	if killed < 60 {
		t.Errorf("only %d conditions were tried: isCondition does not find them", killed)
	}
}

// isCondition finds the lines of rule bodies that stand for themselves.
func isCondition(line string) bool {
	s := strings.TrimSpace(line)
	return strings.HasPrefix(line, "\t") && s != "" && s != "}" &&
		!strings.HasPrefix(s, "#") && !strings.HasPrefix(s, `"`) && !strings.HasPrefix(s, "some ") &&
		!strings.HasSuffix(s, "{") && !strings.HasSuffix(s, ",")
}

// folder returns the mutant with the tests beside it, and the library.
func folder(src *sources, mutant file) *sources {
	dir := path.Dir(mutant.name)
	out := &sources{modules: []file{mutant}}
	for _, f := range src.modules {
		tests := path.Dir(f.name) == dir && strings.HasSuffix(f.name, "_test.rego")
		library := f.name == builtinRoot+"/lib/lib.rego" && f.name != mutant.name
		if tests || library {
			out.modules = append(out.modules, f)
		}
	}
	return out
}
