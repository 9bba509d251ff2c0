package tnr

import (
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/txn"
	"github.com/stratus-sre/stratus/verifier/explore"
)

// Node is one state of an execution: which transaction runs, where its protocol
// stands, what the cluster is, and which faults are still to come.
type Node struct {
	M        txn.Machine
	Content  contentID // the cluster
	Pre      contentID // the cluster when the transaction began
	Tx       uint16
	Landed   bool // of the request in doubt: it took effect, though nobody knows yet
	Failures uint8
	Crashes  uint8
}

// Label says what happened between two nodes.
type Label struct {
	Event  txn.Event
	Action int8 // what was in flight; -1 if nothing was
	Fault  bool // the world misbehaved: a failure, a lost answer, a crash
	Landed bool // Ambiguous, Crash: the request took effect all the same
	Next   bool // the next transaction begins
}

type edge = explore.Edge[Node, Label]

// Init returns the node before the first transaction.
func (y *System) Init() []Node {
	if len(y.txs) == 0 {
		return nil
	}
	return []Node{y.begin(0, y.start)}
}

func (y *System) begin(tx uint16, at contentID) Node {
	return Node{Tx: tx, Content: at, Pre: at, Failures: uint8(y.Bounds.Failures), Crashes: uint8(y.Bounds.Crashes)}
}

// Faultless reports that nothing went wrong in this transaction so far.
func (y *System) Faultless(n Node) bool {
	return int(n.Failures) == y.Bounds.Failures && int(n.Crashes) == y.Bounds.Crashes
}

// Next appends every step that the executor may choose and every answer that
// the world may give.
func (y *System) Next(n Node, buf []edge) []edge {
	g := &y.txs[n.Tx].graph
	b := builder{y: y, from: n, g: g, out: buf}
	switch n.M.Phase {
	case txn.Idle:
		b.to(txn.Begin, n)
	case txn.Open:
		for i := range n.M.MayStart(g).All() {
			b.start(txn.Start, i)
		}
		if n.M.MayFinish(g) {
			b.to(txn.Finish, n)
		}
		b.crash(false)
	case txn.Asked:
		b.asked()
	case txn.Looking:
		b.looking()
	case txn.Unsure, txn.UndoUnsure:
		b.unsure()
	case txn.Gate:
		// What is judged at run time is judged here by TNR001 on this very
		// node; the gate may still refuse, for a reason the model cannot see.
		pass := n
		pass.Content = y.settle(n.Content)
		b.to(txn.Pass, pass)
		b.fault(txn.Reject, n, false)
		b.crash(false)
	case txn.Undoing:
		for i := range n.M.MayUndo(g).All() {
			b.start(txn.StartUndo, i)
		}
		if n.M.ToUndo(g) == 0 {
			b.to(txn.Close, n)
		}
		b.crash(false)
	case txn.UndoAsked:
		b.undoAsked()
	case txn.Closing:
		b.to(txn.Close, n)
		b.crash(false)
	case txn.Down:
		b.to(txn.Recover, n)
	case txn.Fencing:
		b.to(txn.Fenced, n)
		b.crash(false)
	case txn.Committed:
		if int(n.Tx)+1 < len(y.txs) {
			at := y.settle(n.Content)
			b.out = append(b.out, edge{Label: Label{Action: -1, Next: true}, To: y.begin(n.Tx+1, at)})
		}
	}
	return b.out
}

// builder collects the successors of one node.
type builder struct {
	y    *System
	from Node
	g    *txn.Graph
	out  []edge
}

// to adds the step of an event; n carries what else changed.
func (b *builder) to(k txn.Kind, n Node) { b.add(txn.Event{Kind: k}, n, false) }

func (b *builder) start(k txn.Kind, i int) {
	b.add(txn.Event{Kind: k, Action: int8(i)}, b.from, false)
}

// fault adds a step that costs one of the failures, if one is left.
func (b *builder) fault(k txn.Kind, n Node, landed bool) {
	if n.Failures == 0 {
		return
	}
	n.Failures--
	n.Landed = landed
	b.add(txn.Event{Kind: k}, n, true)
}

// crash adds the death of the executor, if one is left. landed says that what
// was in flight took effect.
func (b *builder) crash(landed bool) {
	n := b.from
	n.Landed = n.Landed || landed
	b.crashAt(n)
}

func (b *builder) crashAt(n Node) {
	if n.Crashes == 0 {
		return
	}
	n.Crashes--
	b.add(txn.Event{Kind: txn.Crash}, n, true)
}

func (b *builder) add(e txn.Event, n Node, fault bool) {
	m, _, err := b.from.M.Step(b.g, e)
	if err != nil {
		// The system offers only what the machine allows in its phase.
		panic(err)
	}
	label := Label{Event: e, Action: -1, Fault: fault, Landed: n.Landed}
	switch {
	case e.Kind == txn.Start || e.Kind == txn.StartUndo:
		label.Action = e.Action
	case inFlight(b.from.M):
		label.Action = b.from.M.Current
	}
	n.M = m
	b.out = append(b.out, edge{Label: label, To: n})
}

func inFlight(m txn.Machine) bool {
	switch m.Phase {
	case txn.Asked, txn.Unsure, txn.Looking, txn.UndoAsked, txn.UndoUnsure:
		return true
	}
	return m.InDoubt
}

// asked: the request of a write is out.
func (b *builder) asked() {
	to, refusal := b.y.land(b.from, int(b.from.M.Current))
	if refusal != nil {
		b.to(txn.Refused, b.from)
		b.crash(false)
		return
	}
	b.fault(txn.Refused, b.from, false)
	b.answered(to)
}

// undoAsked: a compensation is out. One that is refused restores what it can.
func (b *builder) undoAsked() {
	n := b.from
	to, refusal := b.y.revert(n, int(n.M.Current))
	if refusal != nil {
		n.Content = to
		b.to(txn.Conflict, n)
		b.crash(false)
		return
	}
	b.answered(to)
}

// answered: a request that the API server takes. The answer may be lost, and so
// may the executor; either way the request took effect or did not.
func (b *builder) answered(to contentID) {
	n, landed := b.from, b.from
	landed.Content = to
	b.to(txn.Applied, landed)
	b.fault(txn.Ambiguous, landed, true)
	b.fault(txn.Ambiguous, n, false)
	b.crash(false)
	landed.Landed = true
	b.crashAt(landed)
}

// unsure: the answer was lost; looking tells the truth.
func (b *builder) unsure() {
	n := b.from
	n.Landed = false
	if b.from.Landed {
		b.to(txn.Landed, n)
	} else {
		b.to(txn.NotLanded, n)
	}
	b.crash(false)
}

// looking: a wait ends well if the settled state meets it; otherwise it times
// out. A wait for what holds already at the worst moment ends at once, with
// everything still in flight. A check sees some moment of what is in flight: where the two ends
// disagree, it may go either way.
func (b *builder) looking() {
	n := b.from
	op := b.y.txs[n.Tx].Actions[n.M.Current].Op
	settled := b.y.settle(n.Content)
	atEnd := b.y.physics.Holds(b.y.state(settled), b.y.valuation, op.Condition, model.Settled)
	holds := n
	if op.Verb == model.Wait {
		if atEnd {
			holds.Content = b.y.waited(n.Content, op.Condition.On)
			b.to(txn.Holds, holds)
			if holds.Content != n.Content && b.y.physics.Holds(b.y.state(n.Content), b.y.valuation, op.Condition, model.Worst) {
				b.to(txn.Holds, n) // it held already: nobody waited for anything
			}
			b.fault(txn.Fails, n, false)
		} else {
			b.to(txn.Fails, n)
		}
		b.crash(false)
		return
	}
	now := b.y.physics.Holds(b.y.state(n.Content), b.y.valuation, op.Condition, model.Worst)
	if atEnd || now {
		b.to(txn.Holds, holds)
	}
	if !atEnd || !now {
		b.to(txn.Fails, n)
	} else {
		b.fault(txn.Fails, n, false)
	}
	b.crash(false)
}

// waited returns what a successful wait on an object leaves behind.
func (y *System) waited(id contentID, on model.Ref) contentID {
	k := waitKey{id, on}
	to, ok := y.waits[k]
	if !ok {
		to = y.settleFor(id, on)
		y.waits[k] = to
	}
	return to
}

type waitKey struct {
	from contentID
	on   model.Ref
}

func (y *System) settleFor(id contentID, on model.Ref) contentID {
	s, err := y.physics.SettleFor(y.state(id), y.valuation, on)
	if err != nil {
		y.unknown(err.Error())
		return id
	}
	return y.contents.intern(s)
}
