// Package report prints verdicts: for people, for programs and for CI systems.
//
// It decides nothing. A Result is one plan checked against one cluster, or the
// reason why it could not be checked; every format shows the same results, and
// ExitCode says in one number what they come to.
//
// Names in a result come from plans and manifests, which may be hostile. Every
// format escapes them for whoever reads it: a terminal, a workflow runner, an
// XML or JSON parser. Values of Secrets are not in verdicts in the first place.
//
// What it refuses to do: read files, look at the clock, or show timings
// unless asked to, so that the same results give the same bytes.
//
// Reading order:
//
//	report.go   Result, Options, Write; exit codes
//	text.go     for people; explain.go: counterexamples; page.go: layout and escaping
//	json.go     stratus.dev/report/v1, described by docs/report.schema.json
//	sarif.go    SARIF 2.1.0, for code scanning
//	junit.go    one test case per plan and property
//	github.go   annotations of GitHub workflows
//	itf.go      the Informal Trace Format, for trace viewers
//
// Sources: SARIF 2.1.0 (OASIS, 2020-03); Apalache ADR 015 for ITF; GitHub's
// "Workflow commands" page and the runner's ActionCommand parser.
package report
