package report

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/verifier"
)

// jsonVersion names the format. Fields may be added to it; a change of meaning
// gets a new name. docs/report.schema.json describes it.
const jsonVersion = "stratus.dev/report/v1"

type jsonReport struct {
	Version  string       `json:"version"`
	Tool     jsonTool     `json:"tool"`
	ExitCode int          `json:"exitCode"`
	Summary  jsonSummary  `json:"summary"`
	Results  []jsonResult `json:"results"`
}

type jsonTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type jsonSummary struct {
	Plans       int `json:"plans"`
	Verified    int `json:"verified"`
	Refuted     int `json:"refuted"`
	Undecided   int `json:"undecided"`
	CouldNotRun int `json:"couldNotRun"`
}

type jsonResult struct {
	Outcome     string           `json:"outcome"` // as verifier.Outcome, or "couldNotRun"
	Plan        jsonPlan         `json:"plan"`
	Cluster     jsonCluster      `json:"cluster"`
	Diagnostics []jsonDiagnostic `json:"diagnostics"`
	*jsonVerdict
}

type jsonPlan struct {
	File   string `json:"file"`
	Name   string `json:"name,omitempty"`
	Digest string `json:"digest,omitempty"`
}

type jsonCluster struct {
	Source      string `json:"source"`
	UID         string `json:"uid,omitempty"`
	Taken       string `json:"taken,omitempty"`
	Baseline    string `json:"baseline,omitempty"`
	Objects     int    `json:"objects"`
	Fingerprint string `json:"fingerprint,omitempty"`
}

type jsonDiagnostic struct {
	Position diag.Position `json:"position"`
	Level    string        `json:"level"`
	Message  string        `json:"message"`
	Hint     string        `json:"hint,omitempty"`
}

// jsonVerdict is what a result has only if the plan could be checked.
type jsonVerdict struct {
	Properties []jsonProperty `json:"properties"`
	Before     jsonSeverity   `json:"before"`
	After      *jsonSeverity  `json:"after"` // null: no execution commits
	Bounds     jsonBounds     `json:"bounds"`
	Stats      jsonStats      `json:"stats"`
	Actions    []jsonAction   `json:"actions"`
	Accepted   []string       `json:"accepted"`
	Assumed    []string       `json:"assumed"`
	Unknown    []string       `json:"unknown"`
	NotCovered []string       `json:"notCovered"`
	Notes      []string       `json:"notes"`
}

type jsonProperty struct {
	ID             string              `json:"id"`
	Name           string              `json:"name"`
	Outcome        string              `json:"outcome"`
	Level          string              `json:"level"`
	Summary        string              `json:"summary,omitempty"`
	Position       *diag.Position      `json:"position,omitempty"`
	Witness        []string            `json:"witness"`
	Facts          []string            `json:"facts"`
	Hint           string              `json:"hint,omitempty"`
	Counterexample *jsonCounterexample `json:"counterexample,omitempty"`
}

type jsonCounterexample struct {
	Faults int        `json:"faults"`
	Steps  []jsonStep `json:"steps"`
}

type jsonStep struct {
	Action   string         `json:"action,omitempty"`
	Do       string         `json:"do"`
	On       string         `json:"on,omitempty"`
	Position *diag.Position `json:"position,omitempty"`
	Fault    bool           `json:"fault"`
	Note     string         `json:"note,omitempty"`
	Watch    string         `json:"watch,omitempty"`
	Changes  []jsonChange   `json:"changes"`
	Worst    jsonSeverity   `json:"worst"`
}

type jsonChange struct {
	Object string `json:"object"`
	Path   string `json:"path"`
	Before string `json:"before"`
	After  string `json:"after"`
}

type jsonBounds struct {
	Actions    int  `json:"actions"`
	Failures   int  `json:"failures"`
	Crashes    int  `json:"crashes"`
	States     int  `json:"states"`
	Exhaustive bool `json:"exhaustive"`
}

type jsonStats struct {
	States      int `json:"states"`
	Transitions int `json:"transitions"`
	Depth       int `json:"depth"`
	Contents    int `json:"contents"`
	Valuations  int `json:"valuations"`
}

type jsonAction struct {
	Transaction string         `json:"transaction"`
	ID          string         `json:"id"`
	Do          string         `json:"do"`
	On          string         `json:"on"`
	Position    *diag.Position `json:"position,omitempty"`
	Class       string         `json:"class"`
	ClassWhy    string         `json:"classWhy,omitempty"`
	Kubectl     string         `json:"kubectl,omitempty"`
}

// jsonSeverity has one key a tier; capacity is in millionths.
type jsonSeverity struct {
	T0 []jsonFinding `json:"T0"`
	T1 []jsonFinding `json:"T1"`
	T2 []jsonFinding `json:"T2"`
	T4 int64         `json:"T4"`
	T5 []jsonFinding `json:"T5"`
	T6 []jsonFinding `json:"T6"`
}

type jsonFinding struct {
	Entity string `json:"entity"`
	What   string `json:"what"`
	Why    string `json:"why,omitempty"`
}

func writeJSON(w io.Writer, results []Result, opts Options) error {
	n := countOutcomes(results)
	out := jsonReport{
		Version: jsonVersion, Tool: jsonTool{"stratus", opts.Version}, ExitCode: ExitCode(results, opts),
		Summary: jsonSummary{
			Plans: len(results), Verified: n[verifier.Verified.String()], Refuted: n[verifier.Refuted.String()],
			Undecided: n[verifier.Undecided.String()], CouldNotRun: n[couldNotRun],
		},
		Results: each(results, toJSON),
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func toJSON(r Result) jsonResult {
	out := jsonResult{
		Outcome: r.outcome(), Plan: jsonPlan{File: r.PlanFile}, Cluster: jsonCluster{Source: r.Cluster},
		Diagnostics: each(append(r.problems(), verdictDiagnostics(r)...), func(d diag.Diagnostic) jsonDiagnostic {
			return jsonDiagnostic{d.Pos, d.Level.String(), d.Message, d.Hint}
		}),
	}
	v := r.Verdict
	if v == nil {
		out.Outcome = "couldNotRun"
		return out
	}
	s := v.State
	out.Plan.Name, out.Plan.Digest = v.Plan, v.PlanDigest
	out.Cluster = jsonCluster{s.Source, s.Cluster, s.Taken, s.Baseline, s.Objects, s.Fingerprint}
	out.jsonVerdict = &jsonVerdict{
		Properties: each(v.Properties, jsonPropertyOf),
		Before:     jsonSeverityOf(v.Before),
		Bounds:     jsonBounds{v.Bounds.Actions, v.Bounds.Failures, v.Bounds.Crashes, v.Bounds.States, v.Bounds.Exhaustive},
		Stats:      jsonStats{v.Stats.States, v.Stats.Transitions, v.Stats.Depth, v.Stats.Contents, v.Stats.Valuations},
		Actions: each(v.Actions, func(a verifier.ActionInfo) jsonAction {
			return jsonAction{a.Transaction, a.ID, a.Do, a.On, place(a.Pos), a.Class.String(), a.ClassWhy, kubectl(a)}
		}),
		Accepted: list(v.Accepted), Assumed: list(v.Assumed), Unknown: list(v.Unknown),
		NotCovered: list(v.NotCovered), Notes: list(v.Notes),
	}
	if v.After != nil {
		after := jsonSeverityOf(*v.After)
		out.After = &after
	}
	return out
}

// kubectl returns the command that does the same as an action, but for Secrets,
// where it would carry their values.
func kubectl(a verifier.ActionInfo) string {
	if strings.HasPrefix(a.On, "secret/") {
		return ""
	}
	return a.Kubectl
}

// verdictDiagnostics are the warnings of a plan that could be checked.
func verdictDiagnostics(r Result) diag.List {
	if r.Verdict == nil {
		return nil
	}
	return r.Diagnostics
}

func jsonPropertyOf(p verifier.Property) jsonProperty {
	out := jsonProperty{
		ID: p.ID, Name: p.Name, Outcome: p.Outcome.String(), Level: p.Level, Summary: p.Summary,
		Position: place(p.Pos), Witness: list(p.Witness), Facts: list(p.Facts), Hint: p.Hint,
	}
	if out.Level == "" {
		out.Level = "error"
	}
	if c := p.Counterexample; c != nil {
		out.Counterexample = &jsonCounterexample{Faults: c.Faults, Steps: each(c.Steps, func(s verifier.Step) jsonStep {
			return jsonStep{
				Action: s.Action, Do: s.Do, On: s.On, Position: place(s.Pos), Fault: s.Fault, Note: s.Note, Watch: s.Watch,
				Changes: each(s.Changes, func(c verifier.FieldChange) jsonChange { return jsonChange(c) }),
				Worst:   jsonSeverityOf(s.Worst),
			}
		})}
	}
	return out
}

func jsonSeverityOf(s model.Severity) jsonSeverity {
	tier := func(t model.Tier) []jsonFinding {
		return each(s.Sets[t], func(f model.Finding) jsonFinding { return jsonFinding{f.Entity.String(), f.What, f.Why} })
	}
	return jsonSeverity{tier(model.T0), tier(model.T1), tier(model.T2), s.Capacity, tier(model.T5), tier(model.T6)}
}

// place returns nil for the zero position, so that it is left out.
func place(p diag.Position) *diag.Position {
	if !p.IsValid() {
		return nil
	}
	return &p
}

// each maps a slice and never returns nil: readers see [], not null.
func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}

func list(in []string) []string { return each(in, func(s string) string { return s }) }
