// Package cueplan reads plans: CUE, JSON or YAML text in, a plan.Plan whose
// actions are lowered to primitives out, or diagnostics that say what is wrong,
// where, and what to write instead. It is the only importer of CUE.
//
// A plan is untrusted: it may come from a language model or a pull request, and
// 400 bytes of CUE can keep an evaluator busy for minutes. So Decode never
// evaluates in the caller's process. It starts the same binary again as a child
// with limits on time and memory, hands it the text, and reads the answer as
// JSON. Every program that calls Decode calls Main first, in main and in
// TestMain:
//
//	func main() {
//		cueplan.Main() // does not return in the child
//		…
//	}
//
// Before CUE sees the text, the child refuses everything that is not data:
// imports, expressions, comprehensions, deep nesting. What is left of CUE is
// fields, literals, references (on: scale.on) and interpolations of them. The
// evaluated data, not the CUE value, is then held against the schema, so that
// nothing an author writes can reach the schema's own definitions.
//
// It refuses to: import, run expressions, read a second file, guess a kind of
// action, or drop a field it does not know.
//
//	cueplan.go   Decode, the front door
//	child.go     the child process and its limits
//	format.go    Format: the canonical text of a plan
//	evaluate.go  the way through: source → data → plan
//	source.go    text → syntax; scan.go: what is refused before it is parsed;
//	             data.go: what is refused after
//	place.go     where each field was written
//	schema.go    specs/plan, compiled; explain.go: its errors in plain words;
//	             suggest.go: "did you mean"
//	envelope.go  everything of a plan but its actions
//	lower.go     one action → one primitive; kubectl.go: the same for people
//	condition.go what goals, waits and checks ask
//	strict.go    fields that Kubernetes does not have
//
// Sources: the CUE language specification; specs/plan for the plan language.
package cueplan
