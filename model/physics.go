package model

// Moment says which end of a change in flight is looked at.
type Moment uint8

// Moments. Between a write and a wait, derived values are intervals from the
// one to the other.
const (
	// Settled: nothing is in flight; the controllers have done what they do.
	Settled Moment = iota
	// Worst: the controllers have taken away all that they may take away and
	// have not yet brought up what they will: min(ready, desired −
	// maxUnavailable) for a rolling update, 0 for Recreate.
	Worst
)

// Physics is what follows from a state when nobody writes: the controllers,
// the kubelets, the network. model/kube implements it; tests of the verifier
// may bring a smaller world. All methods are pure but for the questions that
// they leave in the Valuation; the same arguments give the same results.
type Physics interface {
	// Settle runs the controllers to their fixpoint. An error means that none
	// was reached: the result is unknown, and so is whatever depends on it.
	Settle(*State, *Valuation) (*State, error)

	// SettleFor returns what a successful wait on an object guarantees: that
	// object and what derives from it have settled, everything else is as it
	// was, still in flight.
	SettleFor(*State, *Valuation, Ref) (*State, error)

	// Severity reads μ off a state, at a moment. At the worst one T5 and T6 are
	// left out: they are about what stays.
	Severity(*State, *Valuation, Moment) Severity

	// Holds evaluates a condition at a moment, without settling first.
	Holds(*State, *Valuation, Condition, Moment) bool

	// Coverage lists the (check, subject) pairs of a state: probes, disruption
	// budgets, autoscalers, alert rules, monitors.
	Coverage(*State) []Coverage

	// Resolve turns an action that depends on the state (Rollback) into one
	// that does not. Other actions come back as they are.
	Resolve(*State, Action) (Action, error)

	// Classify says how faithfully an action can be taken back in a state, and
	// why in a few words.
	Classify(*State, Action) (Class, string)

	// Unmodelled returns "" if the model predicts what follows from writing
	// this object, else what it does not model: "StatefulSet is not modelled".
	Unmodelled(*State, Action) string
}

// Coverage is one check of one subject: a readiness probe of a container, a
// disruption budget of a workload. Detail (a threshold, a selector) may change
// without the pair being lost.
type Coverage struct {
	Check   string // "readinessProbe", "disruptionBudget", "autoscaler", "alertRule", "monitor"
	Subject string // "deployment/shop/cart container main"
	By      Ref    // the object that holds the check
	Detail  string // not compared; a difference is reported
}
