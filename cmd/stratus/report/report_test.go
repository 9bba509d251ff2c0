package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/stratus-sre/stratus/cmd/stratus/report"
	"github.com/stratus-sre/stratus/internal/testkit"
)

func write(t *testing.T, format string, opts report.Options, results ...report.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(format, &b, results, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGolden shows each format whole. The text has one file a case, to be read
// as a person would see it.
func TestGolden(t *testing.T) {
	opts := report.Options{Version: "v0.0.0-test", Root: "/srv"}
	for name, results := range map[string][]report.Result{
		"refuted":   {refuted()},
		"verified":  {verified()},
		"undecided": {undecided()},
		"broken":    {broken()},
	} {
		testkit.Golden(t, filepath.Join("testdata", name+".txt"), write(t, "text", opts, results...))
	}
	all := []report.Result{refuted(), verified(), undecided(), broken()}
	for format, file := range map[string]string{
		"json": "all.json", "sarif": "all.sarif", "junit": "all.junit.xml", "github": "all.github.txt", "itf": "all.itf.json",
	} {
		testkit.Golden(t, filepath.Join("testdata", file), write(t, format, opts, all...))
	}
	quiet := opts
	quiet.Quiet = true
	testkit.Golden(t, "testdata/quiet.txt", write(t, "text", quiet, all...))
	west := verified()
	west.Cluster = "snapshots/prod-us1.yaml"
	testkit.Golden(t, "testdata/matrix.txt", write(t, "text", quiet, refuted(), verified(), west))
}

// TestTimings: what differs from run to run is shown on request only.
func TestTimings(t *testing.T) {
	plain := write(t, "text", report.Options{}, refuted())
	if strings.Contains(plain, "0.2 s") || strings.Contains(plain, " old") {
		t.Errorf("timings were not asked for:\n%s", plain)
	}
	now := time.Date(2026, 1, 2, 3, 18, 5, 0, time.UTC)
	timed := write(t, "text", report.Options{Timings: true, Now: now}, refuted())
	for _, want := range []string{", 0.2 s", "14m0s old"} {
		if !strings.Contains(timed, want) {
			t.Errorf("no %q in:\n%s", want, timed)
		}
	}
}

// TestColor: colour is the only difference that it makes.
func TestColor(t *testing.T) {
	results := []report.Result{refuted(), verified(), undecided(), broken()}
	colored := write(t, "text", report.Options{Color: true}, results...)
	if strings.Count(colored, "\x1b[1;") != 4 {
		t.Errorf("want one coloured word a result:\n%q", colored)
	}
	if got := regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(colored, ""); got != write(t, "text", report.Options{}, results...) {
		t.Error("colour changes more than the colour")
	}
}

// TestExitCode: several plans: refuted beats could-not-run beats undecided.
func TestExitCode(t *testing.T) {
	for _, tt := range []struct {
		name        string
		results     []report.Result
		undecidedOK bool
		want        int
	}{
		{"nothing", nil, false, 2},
		{"nothing, undecided is fine", nil, true, 2},
		{"verified", []report.Result{verified(), verified()}, false, 0},
		{"refuted", []report.Result{verified(), refuted()}, false, 1},
		{"could not run", []report.Result{verified(), broken()}, false, 2},
		{"undecided", []report.Result{verified(), undecided()}, false, 3},
		{"undecided is fine", []report.Result{verified(), undecided()}, true, 0},
		{"all", []report.Result{undecided(), broken(), refuted(), verified()}, false, 1},
		{"all but refuted", []report.Result{undecided(), broken(), verified()}, true, 2},
	} {
		if got := report.ExitCode(tt.results, report.Options{UndecidedOK: tt.undecidedOK}); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestSchema: the JSON is what docs/report.schema.json says, hostile or not,
// and the schema does not accept just anything.
func TestSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(testkit.Root(t), "docs", "report.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text string) error {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(doc)
	}
	text := write(t, "json", report.Options{}, refuted(), verified(), undecided(), broken(), forged())
	if err := validate(text); err != nil {
		t.Errorf("%v", err)
	}
	if err := validate(write(t, "json", report.Options{})); err != nil {
		t.Errorf("no results: %v", err)
	}
	for _, wrong := range [][2]string{
		{`"outcome": "refuted"`, `"outcome": "fine"`},
		{`"stratus.dev/report/v1"`, `"stratus.dev/report/v2"`},
		{`"counterexample"`, `"counterExample"`},
		{`"exhaustive": true`, `"exhaustive": 1`},
	} {
		if err := validate(strings.Replace(text, wrong[0], wrong[1], 1)); err == nil {
			t.Errorf("the schema accepts %s", wrong[1])
		}
	}
}

// TestSARIF: what code scanning relies on.
func TestSARIF(t *testing.T) {
	abs := refuted()
	abs.PlanFile = "/srv/plans/drain node.cue"
	for i := range abs.Verdict.Properties {
		abs.Verdict.Properties[i].Pos.File = abs.PlanFile
	}
	abs.Verdict.Pos.File = abs.PlanFile
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Invocations []struct {
				ExitCode            int
				ExecutionSuccessful bool
			}
			Results []struct {
				RuleID    string
				Level     string
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
				CodeFlows []struct {
					ThreadFlows []struct {
						Locations []struct{ ExecutionOrder int }
					}
				}
				PartialFingerprints map[string]string
			}
		}
	}
	text := write(t, "sarif", report.Options{Root: "/srv"}, abs)
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	rules := map[string]bool{}
	for _, r := range run.Tool.Driver.Rules {
		if rules[r.ID] {
			t.Errorf("rule %s is declared twice", r.ID)
		}
		rules[r.ID] = true
	}
	if len(run.Results) != 3 || run.Invocations[0].ExitCode != 1 || !run.Invocations[0].ExecutionSuccessful {
		t.Fatalf("results or invocation: %s", text)
	}
	for _, r := range run.Results {
		if !rules[r.RuleID] || r.PartialFingerprints["stratusVerdict/v1"] == "" {
			t.Errorf("%s has no rule or fingerprint", r.RuleID)
		}
		if uri := r.Locations[0].PhysicalLocation.ArtifactLocation.URI; uri != "plans/drain%20node.cue" {
			t.Errorf("%s: %q is not the plan, relative to the root", r.RuleID, uri)
		}
	}
	risk := run.Results[0]
	if risk.RuleID != "TNR004" || risk.Locations[0].PhysicalLocation.Region.StartLine != 13 || len(risk.CodeFlows[0].ThreadFlows[0].Locations) != 3 {
		t.Errorf("the counterexample is not a code flow: %+v", risk)
	}
	if moved := write(t, "sarif", report.Options{Root: "/srv"}, abs); moved != text {
		t.Error("the same results give different bytes")
	}
}

// TestHostileNames: no name of a plan can speak for stratus in any format.
func TestHostileNames(t *testing.T) {
	forgedCommand := regexp.MustCompile(`(?m)^\s*::(error|add-mask)::|##\[`)
	for _, format := range report.Formats() {
		text := write(t, format, report.Options{}, forged())
		for _, r := range text {
			if unicode.IsControl(r) && r != '\n' || r == '\u202e' && (format == "text" || format == "github") {
				t.Errorf("%s: %q gets through:\n%q", format, r, text)
				break
			}
		}
		if m := forgedCommand.FindString(text); m != "" && (format == "text" || format == "github") {
			t.Errorf("%s: a workflow command gets through: %q", format, m)
		}
		switch format {
		case "json", "sarif", "itf":
			if !json.Valid([]byte(text)) {
				t.Errorf("%s is not JSON:\n%s", format, text)
			}
		case "junit":
			for dec := xml.NewDecoder(strings.NewReader(text)); ; {
				if _, err := dec.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("junit is not XML: %v\n%s", err, text)
				}
			}
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	err := report.Write("yaml", io.Discard, nil, report.Options{})
	if err == nil || err.Error() != `unknown format "yaml": write one of github, itf, json, junit, sarif, text` {
		t.Errorf("got %v", err)
	}
}
