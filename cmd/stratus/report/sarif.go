package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/verifier"
)

// The parts of SARIF 2.1.0 that a verdict needs. Numbers in comments are
// sections of the specification.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	ColumnKind  string            `json:"columnKind"`
	Results     []sarifResult     `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string       `json:"id"` // stable: TNR001, POL-…
	Name             string       `json:"name,omitempty"`
	ShortDescription sarifMessage `json:"shortDescription"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifInvocation struct { // 3.20
	ExecutionSuccessful        bool                `json:"executionSuccessful"`
	ExitCode                   int                 `json:"exitCode"`
	ExitCodeDescription        string              `json:"exitCodeDescription"`
	ToolExecutionNotifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifMessage    `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifResult struct { // 3.27
	RuleID              string            `json:"ruleId"`
	Kind                string            `json:"kind"`
	Level               string            `json:"level"`
	Message             sarifMessage      `json:"message"`
	Locations           []sarifLocation   `json:"locations"`
	CodeFlows           []sarifCodeFlow   `json:"codeFlows,omitempty"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
}

type sarifLocation struct {
	PhysicalLocation *sarifPhysical `json:"physicalLocation,omitempty"`
	Message          *sarifMessage  `json:"message,omitempty"`
}

type sarifPhysical struct {
	ArtifactLocation sarifArtifact `json:"artifactLocation"`
	Region           *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
}

type sarifCodeFlow struct { // 3.36
	ThreadFlows []sarifThreadFlow `json:"threadFlows"`
}

type sarifThreadFlow struct {
	Locations []sarifFlowLocation `json:"locations"`
}

type sarifFlowLocation struct { // 3.38
	Location       sarifLocation `json:"location"`
	ExecutionOrder int           `json:"executionOrder"`
	Importance     string        `json:"importance"`
}

// home is where the tool is described.
const home = "https://github.com/stratus-sre/stratus"

func writeSARIF(w io.Writer, results []Result, opts Options) error {
	code := ExitCode(results, opts)
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "stratus", Version: opts.Version, InformationURI: home, Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
	}
	inv := sarifInvocation{ExecutionSuccessful: code != ExitCouldNotRun, ExitCode: code, ExitCodeDescription: exitDescription(code)}
	known := map[string]bool{}
	for _, r := range results {
		for _, d := range r.problems() {
			inv.ExecutionSuccessful = false
			inv.ToolExecutionNotifications = append(inv.ToolExecutionNotifications, sarifNotification{
				Level: d.Level.String(), Message: sarifMessage{plain(d)}, Locations: []sarifLocation{sarifAt(d.Pos, r.PlanFile, "", opts)},
			})
		}
		if r.Verdict == nil {
			continue
		}
		for _, p := range r.Verdict.Properties {
			if !known[p.ID] {
				known[p.ID] = true
				run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{p.ID, p.Name, sarifMessage{p.Name}})
			}
			if p.Outcome != verifier.Verified {
				run.Results = append(run.Results, sarifResultOf(r, p, opts))
			}
		}
	}
	run.Invocations = []sarifInvocation{inv}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifResultOf(r Result, p verifier.Property, opts Options) sarifResult {
	out := sarifResult{
		RuleID: p.ID, Kind: "fail", Level: "error",
		Message:   sarifMessage{message(r, p)},
		Locations: []sarifLocation{sarifAt(r.position(p), r.PlanFile, "", opts)},
		PartialFingerprints: map[string]string{
			"stratusVerdict/v1": fingerprint(relative(r.PlanFile, opts.Root), p.ID, r.Cluster, strings.Join(p.Witness, "\n")),
		},
	}
	switch {
	case p.Outcome == verifier.Undecided:
		out.Kind, out.Level = "open", "none" // 3.27.10: a kind other than fail has no level
	case p.Level == levelWarning:
		out.Level = "warning"
	}
	if c := p.Counterexample; c != nil && len(c.Steps) > 0 {
		var flow sarifThreadFlow
		for i, s := range c.Steps {
			importance := "important"
			if i == len(c.Steps)-1 {
				importance = "essential"
			}
			flow.Locations = append(flow.Locations, sarifFlowLocation{sarifAt(s.Pos, r.PlanFile, stepLine(i, s), opts), i + 1, importance})
		}
		out.CodeFlows = []sarifCodeFlow{{[]sarifThreadFlow{flow}}}
	}
	return out
}

// sarifAt is a location; a position without a file is in the plan's.
func sarifAt(pos diag.Position, planFile, text string, opts Options) sarifLocation {
	file := pos.File
	if file == "" {
		file = planFile
	}
	if file == "-" {
		file = "stdin"
	}
	loc := sarifLocation{PhysicalLocation: &sarifPhysical{
		ArtifactLocation: sarifArtifact{(&url.URL{Path: relative(file, opts.Root)}).String()},
	}}
	if pos.Line > 0 {
		loc.PhysicalLocation.Region = &sarifRegion{pos.Line, pos.Column}
	}
	if text != "" {
		loc.Message = &sarifMessage{text}
	}
	return loc
}

func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// message is the whole finding as lines of text, for readers that show no
// code flows.
func message(r Result, p verifier.Property) string {
	lines := []string{clean(p.Summary)}
	if p.Summary == "" {
		lines[0] = fmt.Sprintf("%s is %s", p.Name, p.Outcome)
	}
	if p.Counterexample != nil {
		for i, s := range p.Counterexample.Steps {
			lines = append(lines, stepLine(i, s))
		}
	}
	for _, f := range p.Facts {
		lines = append(lines, "would be decided by: "+clean(f))
	}
	if p.Hint != "" {
		lines = append(lines, clean(p.Hint))
	}
	if r.Cluster != "" {
		lines = append(lines, "checked against "+clean(r.Cluster))
	}
	return strings.Join(lines, "\n")
}

// stepLine is one step of a counterexample in words.
func stepLine(i int, s verifier.Step) string {
	text := fmt.Sprintf("%d. %s", i+1, strings.TrimSpace(s.Action+" "+strings.TrimSpace(s.Do+" "+s.On)))
	for _, c := range changes(s) {
		text += "; " + c
	}
	if s.Note != "" {
		text += ": " + s.Note
	}
	return clean(text)
}

// plain is a diagnostic without its position, which formats give apart.
func plain(d diag.Diagnostic) string {
	text := d.Message
	if d.Hint != "" {
		text += " (" + d.Hint + ")"
	}
	return clean(text)
}
