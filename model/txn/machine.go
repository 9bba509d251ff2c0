package txn

import (
	"fmt"

	"github.com/stratus-sre/stratus/model/plan"
)

// Graph is what the protocol knows of a transaction: how many actions, in
// which order, and which of them write. It does not change while it runs.
type Graph struct {
	Order  plan.Order
	Writes plan.Set // actions that send a request; the others look
	Pivot  int      // the accepted irreversible last action, -1 if there is none
}

// All returns the set of all actions.
func (g *Graph) All() plan.Set {
	if g.Order.N == plan.MaxActions {
		return ^plan.Set(0)
	}
	return 1<<uint(g.Order.N) - 1
}

// beforeGate is what must be done when the gate is judged: everything but the
// pivot.
func (g *Graph) beforeGate() plan.Set {
	if g.Pivot < 0 {
		return g.All()
	}
	return g.All().Without(g.Pivot)
}

// Phase says what the machine waits for.
type Phase uint8

// Phases. See the picture in the package comment for what may follow.
const (
	Idle       Phase = iota // nothing is durable; only Begin
	Open                    // between actions; the driver chooses
	Asked                   // INTENT is durable, the request is out
	Unsure                  // the answer was lost; looking
	Looking                 // a wait or check is being evaluated
	Gate                    // everything is done; severity is being judged
	Closing                 // COMMIT is durable
	Undoing                 // ABORT is durable; between compensations
	UndoAsked               // CLR-INTENT is durable, the compensation is out
	UndoUnsure              // its answer was lost; looking
	Down                    // the process is gone; only the journal is left
	Fencing                 // a new process keeps the old one's requests out
	Committed               // ended: the change stands
	Aborted                 // ended: the pre-state is back
	Blocked                 // stopped: a foreign change is in the way of an undo; the journal stays open
)

var phaseNames = [...]string{
	"idle", "open", "asked", "unsure", "looking", "gate", "closing", "undoing", "undo-asked", "undo-unsure",
	"down", "fencing", "committed", "aborted", "blocked",
}

// String returns the name that transcripts use.
func (p Phase) String() string { return phaseNames[p] }

// Ended reports whether no event may follow.
func (p Phase) Ended() bool { return p >= Committed }

// Decision is the outcome that the journal holds, if any.
type Decision uint8

// Decisions. No decision means abort to whoever recovers (presumed abort).
const (
	None Decision = iota
	ToAbort
	ToCommit
)

// Machine is the state of one transaction. The zero value is a transaction
// that has not begun. It is a value: Step returns the next one. What survives
// a crash is exactly what the journal holds: Done, Undone, Stuck, Gated (CHECK
// without an action), Decision, and while InDoubt which action is and whether it
// is being undone. Epoch counts the recoveries of this journal.
type Machine struct {
	Phase    Phase
	Decision Decision
	Gated    bool     // the gate has passed and the pivot may run
	InDoubt  bool     // Current has an INTENT (or CLR-INTENT) without its DONE
	Undo     bool     // what is in flight or in doubt is a compensation
	Current  int8     // what is in flight, looked at or in doubt; 0 if nothing is
	Epoch    uint8    // how often the journal was taken over
	Done     plan.Set // DONE or CHECK is durable
	Undone   plan.Set // CLR-DONE is durable
	Stuck    plan.Set // UNDO_BLOCKED is durable
}

// ToUndo returns the writes that took effect and were not taken back yet.
func (m Machine) ToUndo(g *Graph) plan.Set { return m.Done & g.Writes &^ m.Undone &^ m.Stuck }

// check holds the invariants of a reachable machine. It is called on the way
// into and out of every step.
func (m Machine) check(g *Graph) error {
	switch {
	case !g.All().Contains(m.Done):
		return fmt.Errorf("txn: done %b names actions that the graph does not have", m.Done)
	case !m.Done.Contains(m.Undone | m.Stuck):
		return fmt.Errorf("txn: %b was undone but never done %b", m.Undone|m.Stuck, m.Done)
	case m.Undone&m.Stuck != 0:
		return fmt.Errorf("txn: %b is both undone and stuck", m.Undone&m.Stuck)
	case m.Decision == ToCommit && m.Undone|m.Stuck != 0:
		return fmt.Errorf("txn: committed after undoing %b", m.Undone|m.Stuck)
	case m.Phase == Committed && m.Done != g.All():
		return fmt.Errorf("txn: committed with only %b done", m.Done)
	case m.Phase == Aborted && (m.ToUndo(g) != 0 || m.Stuck != 0):
		return fmt.Errorf("txn: aborted with %b still in effect", m.ToUndo(g)|m.Stuck)
	case m.Undone != 0 && g.Pivot >= 0 && m.Done.Has(g.Pivot):
		return fmt.Errorf("txn: undoing after the irreversible action was done")
	}
	for i := range m.Done.All() {
		if !m.Done.Contains(g.Order.Before[i]) {
			return fmt.Errorf("txn: action %d was done before what it waits for", i)
		}
	}
	return nil
}
