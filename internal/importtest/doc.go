// Package importtest holds who may import whom, as text (policy_test.go), and
// the test that the tree keeps to it.
//
// The text is a statement of policy. Do not change it to make a build pass: the
// folders are the argument of this project, and an edge between two of them is
// a claim. Argue the claim in docs/adr, then write the edge down here. The form
// follows go/build's own test of its dependencies in the Go tree.
//
//	policy_test.go  the policy, three texts: packages, modules, and what is never used
//	parse_test.go   text -> rules, refusing contradictions
//	check_test.go   rules against the imports and calls that the source has
//	import_test.go  the tests: the tree itself, and fixtures that must fail
//
// Source is parsed, not built: files behind build tags count too, and every
// complaint has a file and a line. What cannot be seen this way is that a map's
// order reaches a result; tests that run everything twice look for that.
package importtest
