package report

import (
	"encoding/xml"
	"io"

	"github.com/stratus-sre/stratus/verifier"
)

// JUnit's XML as CI systems read it: one suite per plan and cluster, one case
// per property. A refuted property fails; so does an undecided one, unless
// undecided was said to be fine, when it is skipped with the reason. A plan
// that could not be checked is an error.

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	ClassName string        `xml:"classname,attr"`
	Name      string        `xml:"name,attr"`
	File      string        `xml:"file,attr,omitempty"`
	Line      int           `xml:"line,attr,omitempty"`
	Failure   *junitProblem `xml:"failure"`
	Error     *junitProblem `xml:"error"`
	Skipped   *junitProblem `xml:"skipped"`
	Out       string        `xml:"system-out,omitempty"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func writeJUnit(w io.Writer, results []Result, opts Options) error {
	out := junitSuites{Name: "stratus"}
	for _, r := range results {
		s := junitSuiteOf(r, opts)
		out.Tests += s.Tests
		out.Failures += s.Failures
		out.Errors += s.Errors
		out.Skipped += s.Skipped
		out.Suites = append(out.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitSuiteOf(r Result, opts Options) junitSuite {
	s := junitSuite{Name: clean(r.PlanFile)}
	if r.Cluster != "" {
		s.Name += " on " + clean(r.Cluster)
	}
	if r.Verdict == nil {
		c := junitCase{ClassName: clean(r.PlanFile), Name: "can be checked", File: relative(r.PlanFile, opts.Root), Error: &junitProblem{Type: couldNotRun}}
		for i, d := range r.problems() {
			if i == 0 {
				c.Error.Message = plain(d)
			}
			c.Error.Text += clean(d.String()) + "\n"
		}
		s.Cases = append(s.Cases, c)
		s.Tests, s.Errors = 1, 1
		return s
	}
	for _, p := range r.Verdict.Properties {
		s.Tests++
		c := junitCase{ClassName: clean(r.PlanFile), Name: clean(p.ID + " " + p.Name), File: relative(r.PlanFile, opts.Root), Line: r.position(p).Line}
		problem := &junitProblem{Message: clean(p.Summary), Type: p.Outcome.String(), Text: message(r, p)}
		switch {
		case p.Outcome == verifier.Verified:
		case p.Outcome == verifier.Refuted && p.Level == levelWarning:
			c.Out = "warning: " + problem.Text
		case p.Outcome == verifier.Undecided && opts.UndecidedOK:
			s.Skipped++
			c.Skipped = problem
		default:
			s.Failures++
			c.Failure = problem
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}
