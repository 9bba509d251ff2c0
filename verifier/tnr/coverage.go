package tnr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
)

// TNR008: the set of (check, subject) pairs does not shrink. No probe,
// disruption budget, autoscaler, alert rule or monitored object is lost unless
// the plan accepts it. A changed threshold or selector that still binds its
// subject is no loss, so that repairing a probe passes.
//
// Source: ours, against the cheat of silencing what complains.
var coverage = Property{
	ID: Coverage, Name: "Coverage",
	Formula: "nothing that was watched or guarded before goes unwatched",
	holds: func(y *System, n Node, _ int) bool {
		return !aboutToCommit(n) || len(y.uncovered(n)) == 0
	},
	explain: func(y *System, p Path) Violation {
		var lost []string
		var witness []model.Ref
		for _, c := range y.uncovered(end(p)) {
			lost = append(lost, fmt.Sprintf("%s of %s", c.Check, c.Subject))
			if !slices.Contains(witness, c.By) {
				witness = append(witness, c.By)
			}
		}
		return Violation{
			Pos: y.lastAction(p), Summary: "The plan takes away " + strings.Join(lost, ", ") + ".",
			Hint: "correct the check instead of removing it, or accept the loss: accepts: [{loss: \"coverage\", …}]", Witness: witness,
		}
	},
}

// uncovered returns the pairs that the end of n lost and nobody accepted.
func (y *System) uncovered(n Node) []model.Coverage {
	type pair struct{ check, subject string }
	have := map[pair]bool{}
	for _, c := range y.coverageOf(n.Content) {
		have[pair{c.Check, c.Subject}] = true
	}
	var out []model.Coverage
	for _, c := range y.coverageOf(n.Pre) {
		if !have[pair{c.Check, c.Subject}] && !y.accepted(plan.LossCoverage, c.By) {
			out = append(out, c)
		}
	}
	return out
}
