package tnr

import (
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/model/txn"
)

// State returns the cluster of a node, settled or as it is in flight.
func (y *System) State(n Node, m model.Moment) *model.State {
	if m == model.Settled {
		return y.state(y.settle(n.Content))
	}
	return y.state(n.Content)
}

// Severity returns μ of a node's cluster at a moment.
func (y *System) Severity(n Node, m model.Moment) model.Severity { return *y.severityAt(n.Content, m) }

// Coverage returns the (check, subject) pairs of a node's cluster.
func (y *System) Coverage(n Node) []model.Coverage { return y.coverageOf(n.Content) }

// Endpoints counts the usable endpoints of a service at a node.
func (y *System) Endpoints(n Node, service model.Ref, m model.Moment) int64 {
	return y.endpoints(n.Content, service, m)
}

// Holds evaluates a condition on the settled cluster of a node.
func (y *System) Holds(n Node, c model.Condition) bool {
	return y.physics.Holds(y.state(y.settle(n.Content)), y.valuation, c, model.Settled)
}

// First returns the node in which the plan begins.
func (y *System) First() Node { return y.begin(0, y.start) }

// Action returns an action as compiled: Rollback resolved to a patch.
func (y *System) Action(tx uint16, i int8) plan.Action { return y.txs[tx].Actions[i] }

// Transaction returns the name of a transaction.
func (y *System) Transaction(tx uint16) string { return y.txs[tx].Name }

// Effects returns what each action wrote when the plan was probed once in a
// topological order, by transaction and action; zero for waits and checks.
func (y *System) Effects() [][]model.Effect {
	out := make([][]model.Effect, len(y.txs))
	for i, t := range y.txs {
		out[i] = t.probe
	}
	return out
}

// Contents returns the number of distinct cluster states seen so far.
func (y *System) Contents() int { return len(y.contents.list) }

// ContentOf identifies the cluster of a node: equal clusters, equal numbers.
func (n Node) ContentOf() int { return int(n.Content) }

// AboutToCommit reports that the node's cluster is what would be committed.
func (n Node) AboutToCommit() bool { return aboutToCommit(n) }

// Done reports that the plan's last transaction is committed.
func (y *System) Done(n Node) bool {
	return n.M.Phase == txn.Committed && int(n.Tx) == len(y.txs)-1
}
