package tnr

import (
	"slices"

	"github.com/stratus-sre/stratus/model"
)

// TNR001: in every execution whose waits and checks succeed, the state about
// to commit, judged before the run-time gate, settles to one that is no worse
// than the state in which the transaction began: Settle(post) ⊑ pre. The gate
// at run time is defence, never evidence.
//
// Source: the paper's commit rule, μ(post) ≤ μ(pre), made a prediction.
var noRegression = Property{
	ID: NoRegression, Name: "NoRegression",
	Formula: "what would be committed is no worse than what was before, for every user and service",
	holds: func(y *System, n Node, _ int) bool {
		return !aboutToCommit(n) || len(y.worse(n)) == 0
	},
	explain: func(y *System, p Path) Violation {
		rs := y.worse(end(p))
		text, witness := describe(rs)
		v := Violation{
			Pos: y.lastWrite(p, witness), Witness: witness, Watch: firstService(witness),
			Summary: "The plan would leave the cluster worse: " + text + ".",
		}
		if rs[0].Tier > model.T2 {
			v.Hint = "accept the loss by name in `accepts` if it is meant"
		}
		return v
	},
}

// worse returns why the settled end of n is not ⊑ the start of its
// transaction, waivers applied. What is latent is compared with the start of
// the plan: scaffolding that one transaction puts up, such as a spare replica,
// the next may take down.
func (y *System) worse(n Node) []model.Regression {
	post := y.severityAt(n.Content, model.Settled).Without(y.waived)
	// What is waived counts on neither side: an old loss of the waived entity
	// must not pay for a new one of another.
	pre := y.severityAt(n.Pre, model.Settled).Without(y.waived)
	first := y.severityAt(y.start, model.Settled)
	return slices.DeleteFunc(post.Worse(pre), func(r model.Regression) bool {
		return r.Tier == model.T6 && first.Contains(model.T6, r.Finding)
	})
}
