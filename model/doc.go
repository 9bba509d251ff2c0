// Package model is stratus's vocabulary and physics: what a cluster is, what
// can be done to it, what follows, and how bad the result is. It is pure: no
// clock, no I/O, no randomness, no goroutine, no map order reaches a result.
//
// # Words
//
// One dictionary for spec, code, journal, output and docs.
//
//	State        an immutable snapshot of a cluster: its objects and what the controllers derive from them
//	Action       one typed change (or wait, or check) of one object
//	Transaction  a graph of at most K actions that commits or is undone as a whole
//	Plan         transactions in order, with goal and bounds; written in CUE, JSON or YAML
//	Step         the step function: State × Action → State, or a refusal
//	Settle       what the controllers make of a state when nobody writes any more
//	Severity     how bad a state is (μ); an order, not a number
//	Obligation   one thing that should hold ("Service geo has a ready endpoint"), fixed from the baseline
//	Fact         something the model cannot know from objects ("image x starts"); true, false or unknown
//	Valuation    a choice for every unknown fact (ν), made once per execution
//	Moment       the worst moment of a change in flight, or the settled end of it
//	Execution    one run of the plan through the model, also called a path; what a counterexample is
//	Verdict      verified, refuted, undecided
//	Certificate  proof that a verdict exists for exactly this plan, policy, model and state
//	Journal      the durable record of intents and results
//	Oracle       a read-only check of the live system: alerts, user requests, cluster health
//	Scenario     an incident as data: cluster, fault, plan(s), expected outcome
//
// # Reading order
//
//	ref.go, kinds.go      names of objects
//	object.go             one immutable object; observable.go: what ≡obs compares
//	state.go, index.go    all of them, in go-memdb
//	path.go, diff.go      fields and how two versions differ
//	merge.go, revert.go   strategic merge; taking one write back, three-way
//	action.go             the verbs; condition.go: what waits, checks and goals ask
//	step.go, admission.go one API write, or its refusal
//	fact.go               what cannot be known, and how a valuation fixes it
//	severity.go           the order ⊑
//	physics.go            what the controllers in model/kube offer to the verifier
//
// What it refuses to do: act, read files, know of CUE or OPA, or guess. The
// rules are those of Kubernetes 1.36; each names its source.
package model
