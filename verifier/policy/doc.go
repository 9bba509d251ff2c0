// Package policy evaluates policies, written in Rego v1, on a plan, its
// actions and the cluster states that it reaches. It is the only importer of
// the policy engine (OPA).
//
// A Set is loaded once and used for many plans:
//
//	set, err := policy.Load(ctx, policy.Options{Dirs: []policy.Dir{{Name: dir, FS: os.DirFS(dir)}}})
//	denials, err := set.Plan(ctx, policy.PlanInput{…})   // once a plan
//	denials, err := set.State(ctx, policy.StateInput{…}) // once a distinct reached state
//
// A denial is an answer; an error means that a policy could not be evaluated
// and is never an answer. Hence four rules of the engine:
//
//   - The same input gives the same denials: built-ins that read the clock, the
//     network, the environment or a random source do not exist here; time and
//     seed are pinned.
//   - A built-in that fails is an error. The engine's default, undefined, would
//     let a deny rule silently not fire.
//   - An undefined decision is an error, not a pass.
//   - An evaluation that does not end within the limit is cancelled and names
//     its rule.
//
// What it refuses: rule text in Go (that lives in policies/), Secret values in
// an input (see redact.go), and rules that do not say what they are.
//
// Reading order:
//
//	policy.go       Load, Set: the front door
//	source.go       files of the built-in set and of the user's folders
//	rule.go         what a rule must say about itself
//	capabilities.go the built-ins that rules may use; diagnostics of the engine
//	input.go        PlanInput, StateInput and the documents made of them
//	value.go        objects as engine values, each converted once
//	redact.go       what never enters an input
//	patch.go        a write as text, for the owner of the object's source
//	store.go        data.cluster: the start state, read on demand
//	evaluate.go     one evaluation, and the order of denials
//	crosscheck.go   TNR004 and TNR008 in Rego, for tests of the Go
//	unittest.go     the unit tests of policies, with coverage
//
// Sources: the OPA documentation of annotations and capabilities; measured
// figures are in the benchmarks of this package.
package policy
