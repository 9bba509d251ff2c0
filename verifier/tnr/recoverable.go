package tnr

import (
	"fmt"

	"github.com/stratus-sre/stratus/model/txn"
)

// TNR005: from a crash after any protocol step, of doing, undoing or
// recovering, recovery ends, and ends in the pre-state or in the committed
// state. Blocked is an end only after a foreign write on the footprint.
//
// Source: write-ahead logging with presumed abort, see model/txn.
var recoverable = Property{
	ID: Recoverable, Name: "Recoverable",
	Formula: "after a crash at any point, recovery ends in the state before or in the committed one",
	holds: func(y *System, n Node, out int) bool {
		if out == 0 && !n.M.Phase.Ended() {
			return false // stuck
		}
		if int(n.Crashes) == y.Bounds.Crashes {
			return true // TNR002 judges executions without a crash
		}
		return n.M.Phase != txn.Blocked && (n.M.Phase != txn.Aborted || y.restored(n) == "")
	},
	explain: func(y *System, p Path) Violation {
		n := end(p)
		v := Violation{Pos: y.lastAction(p), Witness: y.txs[n.Tx].writes}
		if !n.M.Phase.Ended() {
			v.Summary = fmt.Sprintf("The execution is stuck in phase %s.", n.M.Phase)
		} else {
			v.Summary = "After a crash, recovery does not restore the cluster: " + y.notRestored(p) + "."
		}
		return v
	},
}
