package policy_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/verifier/policy"
)

// The built-in policies are tested in Rego, beside each rule; here they are run.
func TestBuiltinPoliciesPassTheirUnitTests(t *testing.T) {
	report, err := policy.Test(t.Context(), policy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Failed() {
		t.Errorf("%s: %s: %s", f.Pos, f.Name, f.Problem)
	}
	if report.Coverage < 90 {
		t.Errorf("coverage is %.1f %%, want 90; not evaluated: %v", report.Coverage, report.Missed)
	}
	t.Logf("%d tests, coverage %.1f %%", len(report.Tests), report.Coverage)
}

const acme = `package acme.lib

double(x) := x * 2

half(x) := x / 2
`

func TestReportOfUnitTests(t *testing.T) {
	opts := policy.Options{NoBuiltin: true, Dirs: []policy.Dir{{Name: "mine", FS: fstest.MapFS{
		"lib.rego": {Data: []byte(acme)},
		"lib_test.rego": {Data: []byte(`package acme.lib_test

import data.acme.lib

test_double if lib.double(2) == 4

test_wrong if lib.double(2) == 5

test_fails if lib.double(to_number("x")) == 4

todo_test_later if lib.double(2) == 4
`)},
	}}}}
	report, err := policy.Test(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range report.Tests {
		if r.Pos.File == "mine/lib_test.rego" {
			got = append(got, r.Pos.String()+" "+r.Name+" "+firstWords(r.Problem))
		}
	}
	want := []string{
		"mine/lib_test.rego:5:1 acme.lib_test.test_double ",
		"mine/lib_test.rego:7:1 acme.lib_test.test_wrong not true",
		"mine/lib_test.rego:9:1 acme.lib_test.test_fails mine/lib_test.rego:9: eval_builtin_error: to_number",
		"mine/lib_test.rego:11:1 acme.lib_test.todo_test_later marked todo",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("have\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := len(report.Failed()); n != 3 {
		t.Errorf("%d tests failed, want 3", n)
	}
	if !containsMiss(report.Missed, diag.Position{File: "mine/lib.rego", Line: 5}) || report.Coverage == 100 {
		t.Errorf("coverage %.1f, missed %v: half is not tested", report.Coverage, report.Missed)
	}
}

// Policies are compiled strictly for a test run.
func TestUnusedVariableIsADiagnosticOfATestRun(t *testing.T) {
	dirs := []policy.Dir{{Name: "mine", FS: fstest.MapFS{"lib.rego": {Data: []byte("package acme.lib\n\nx := 1 if y := 2\n")}}}}
	if _, err := policy.Load(t.Context(), policy.Options{Dirs: dirs}); err != nil {
		t.Errorf("Load refuses it: %v", err)
	}
	_, err := policy.Test(t.Context(), policy.Options{Dirs: dirs})
	if list, ok := err.(diag.List); !ok || !strings.Contains(list.Error(), "mine/lib.rego:3:11: assigned var y unused") {
		t.Errorf("Test: %v", err)
	}
}

func firstWords(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	words := strings.SplitAfter(line, ": ")
	if len(words) > 3 {
		words = words[:3]
	}
	return strings.TrimSuffix(strings.Join(words, ""), ": ")
}

func containsMiss(missed []diag.Position, p diag.Position) bool {
	for _, m := range missed {
		if m == p {
			return true
		}
	}
	return false
}
