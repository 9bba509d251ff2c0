// Package policies holds the built-in policies: rules of a site reliability
// engineer, in Rego v1, one folder a rule.
//
//	<area>/<rule>/rule.rego       the rule, with its metadata
//	<area>/<rule>/rule_test.rego  its unit tests
//	<area>/<rule>/README.md       one page: summary, avoid, prefer, why
//	lib/                          what rules share (data.stratus.lib)
//	tnr/                          TNR004 and TNR008 once more, to cross-check the Go
//
// Reading order: README.md (what a rule sees and returns), lib/lib.rego, then
// any rule. The package holds text only and evaluates nothing: verifier/policy
// does, and is the only importer of the engine. Sources of the Kubernetes facts
// stand on the page of each rule.
package policies

import "embed"

// FS holds the built-in policies with their tests and pages, rooted at this
// folder: "workloads/privileged/rule.rego". Read-only.
//
//go:embed README.md */*.rego */*/*.rego */*/README.md
var FS embed.FS
