// Package doctest checks that the documents tell the truth: every fenced block
// of README.md, ARCHITECTURE.md, CONTRIBUTING.md, docs/ and the pages beside
// policies and specs is run, decoded, compiled or parsed, by its language tag.
//
//	console         "$ command" with the output below it: run, and compared
//	sh              commands without output: run; each must succeed
//	cue             a plan, or actions of one: decoded; other CUE: parsed
//	rego            a module or some rules: parsed
//	go, json, yaml  parsed
//	text            not checked, and so are diff and mermaid, which have no engine here
//
// A block without a tag, or with another, fails: whoever writes it decides.
// The commands run at the root of a copy of the project, one copy a document,
// with stratus built once and a short list of plain tools, so that no page can
// reach a cluster, the network or the work tree. "go run ./cmd/stratus" means
// the built stratus. "go test" lines are not run, for this test is itself run
// by one: their packages and the tests they name must exist. The same goes for
// the scripts of .ci and bench.
//
// In expected output "..." stands for anything, and alone on a line for any
// lines; durations compare equal. With -update the output is written into the
// page instead.
//
//	markdown_test.go  a page -> its blocks
//	console_test.go   commands, their surroundings and their output
//	blocks_test.go    what each language means
//	doc_test.go       the test of the pages; shell_test.go: of the commands themselves
//	gate_test.go      CONTRIBUTING.md lists what .ci/run runs
package doctest
