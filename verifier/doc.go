// Package verifier proves or refutes a plan: it puts every execution of the
// plan, within stated bounds, through a model of the cluster and judges it by
// the properties of Transactional No-Regression and by policies.
//
// One front door:
//
//	verdict, err := verifier.Verify(ctx, verifier.Request{Plan: p, World: w, …})
//
// A verdict is verified, refuted with a shortest counterexample, or undecided
// with what would decide it. Undecided is never safe. An error means that
// stratus could not tell: the plan names objects that are not there, a policy
// does not finish, the context ended.
//
// What it refuses to do: change anything, search for a better plan, read
// files, know of CUE. It is pure but for the context; the same request gives
// the same verdict.
//
// # Reading order
//
//	verify.go          Request, Verify
//	valuations.go      one exploration for each choice of the unknown facts
//	combine.go         many explorations, one verdict
//	counterexample.go  a path in words
//	policies.go        Rego rules over the plan and over reached states
//	verdict.go         Verdict
//
// The model checker is verifier/explore, the properties are verifier/tnr, OPA
// is behind verifier/policy.
package verifier
