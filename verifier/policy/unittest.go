package policy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/stratus-sre/stratus/internal/diag"
)

// TestReport is what the unit tests of policies came to.
type TestReport struct {
	Tests    []TestResult
	Coverage float64         // per cent of the lines that can be evaluated; tests do not count
	Missed   []diag.Position // lines that no test evaluates
}

// TestResult is one unit test.
type TestResult struct {
	Pos     diag.Position
	Name    string // "stratus.plan.evidence_test.test_repair_without_evidence"
	Failed  bool
	Problem string // what went wrong, "" if it passed
}

// Failed returns the tests that failed.
func (r TestReport) Failed() []TestResult {
	return slices.DeleteFunc(slices.Clone(r.Tests), func(t TestResult) bool { return !t.Failed })
}

// Test runs the unit tests (*_test.rego) beside the policies that opts name.
// Policies are compiled strictly here: unused variables and imports are
// diagnostics, as a test run is where one wants to hear of them. A skipped
// test (todo_test_) counts as failed, and so does one that errs. Order and
// result do not depend on time; only Limit does.
func Test(ctx context.Context, opts Options) (TestReport, error) {
	src, err := read(opts, true)
	if err != nil {
		return TestReport{}, err
	}
	return src.test(ctx, cmp.Or(opts.Limit, DefaultLimit))
}

func (s *sources) test(ctx context.Context, limit time.Duration) (TestReport, error) {
	modules, err := s.parse()
	if err != nil {
		return TestReport{}, err
	}
	coverage := cover.New()
	runner := tester.NewRunner().
		SetCompiler(ast.NewCompiler().WithCapabilities(capabilities()).WithStrict(true)).
		SetStore(&store{data: s.data}).
		SetModules(modules).
		SetTimeout(limit).
		SetCoverageQueryTracer(coverage).
		RaiseBuiltinErrors(true)
	results, err := runner.RunTests(ctx, &view{})
	var errs ast.Errors
	switch {
	case errors.As(err, &errs):
		return TestReport{}, diagnostics(errs)
	case err != nil:
		return TestReport{}, fmt.Errorf("running the unit tests of policies: %w", err)
	}

	var report TestReport
	for r := range results {
		t := TestResult{Pos: position(r.Location), Name: strings.TrimPrefix(r.Package, "data.") + "." + r.Name}
		switch {
		case r.Error != nil:
			t.Failed, t.Problem = true, r.Error.Error()
		case r.Fail:
			t.Failed, t.Problem = true, "not true"
		case r.Skip:
			t.Failed, t.Problem = true, "marked todo"
		}
		report.Tests = append(report.Tests, t)
	}
	slices.SortFunc(report.Tests, func(a, b TestResult) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line))
	})
	report.count(coverage.Report(modules))
	return report, ctx.Err()
}

// count adds up the coverage of the files that are not tests.
func (r *TestReport) count(c cover.Report) {
	covered, all := 0, 0
	for _, name := range slices.Sorted(maps.Keys(c.Files)) {
		if strings.HasSuffix(name, "_test.rego") {
			continue
		}
		f := c.Files[name]
		covered += f.CoveredLines
		all += f.CoveredLines + f.NotCoveredLines
		for _, missed := range f.NotCovered {
			r.Missed = append(r.Missed, diag.Position{File: name, Line: missed.Start.Row})
		}
	}
	if all > 0 {
		r.Coverage = 100 * float64(covered) / float64(all)
	}
}
