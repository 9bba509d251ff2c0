package txn

import (
	"fmt"

	"github.com/stratus-sre/stratus/model/plan"
)

// Step takes one event and returns the next machine and what follows. It fails,
// and leaves m unchanged, if the event cannot happen in m's phase or names an
// action that may not start. Pure.
func (m Machine) Step(g *Graph, e Event) (Machine, Ready, error) {
	if err := m.check(g); err != nil {
		return m, Ready{}, err
	}
	next, ready, err := m.step(g, e)
	if err != nil {
		return m, Ready{}, err
	}
	if err := next.check(g); err != nil {
		return m, Ready{}, err
	}
	return next, ready, nil
}

func (m Machine) step(g *Graph, e Event) (Machine, Ready, error) {
	if e.Kind == Crash && m.Phase != Idle && m.Phase != Down && !m.Phase.Ended() {
		return m.crash(), idle(), nil
	}
	switch m.Phase {
	case Idle:
		if e.Kind == Begin {
			m.Phase = Open
			return m, wrote(BEGIN, -1), nil
		}
	case Open:
		return m.open(g, e)
	case Asked:
		switch e.Kind {
		case Applied:
			return m.done(g)
		case Refused:
			return m.abort()
		case Ambiguous:
			m.Phase = Unsure
			return m, Ready{Effect: Look, Action: m.Current}, nil
		}
	case Unsure:
		switch e.Kind {
		case Landed:
			return m.done(g)
		case NotLanded:
			if int(m.Current) == g.Pivot && m.Gated {
				// Recovery rolls forward: the intent of the pivot is a promise.
				m.Phase = Asked
				return m, Ready{Effect: Send, Action: m.Current}, nil
			}
			return m.abort()
		}
	case Looking:
		switch e.Kind {
		case Holds:
			i := m.Current
			m.Done = m.Done.With(int(i))
			m.Phase, m.Current = Open, 0
			return m, wrote(CHECK, i), nil
		case Fails:
			return m.abort()
		}
	case Gate:
		switch e.Kind {
		case Pass:
			if g.Pivot >= 0 {
				m.Phase, m.Gated = Open, true
				return m, wrote(CHECK, -1), nil // of the whole, not of an action
			}
			return m.commit()
		case Reject:
			return m.abort()
		}
	case Closing:
		if e.Kind == Close {
			m.Phase = Committed
			return m, wrote(END, -1), nil
		}
	case Undoing:
		return m.undoing(g, e)
	case UndoAsked, UndoUnsure:
		return m.undoAnswer(e)
	case Down:
		if e.Kind == Recover {
			m.Phase = Fencing
			m.Epoch++
			return m, Ready{Effect: Fence, Action: -1}, nil
		}
	case Fencing:
		if e.Kind == Fenced {
			return m.resume(g)
		}
	}
	return m, Ready{}, fmt.Errorf("txn: %s cannot happen in phase %s", e, m.Phase)
}

func (m Machine) open(g *Graph, e Event) (Machine, Ready, error) {
	switch e.Kind {
	case Start:
		i := int(e.Action)
		if i < 0 || i >= g.Order.N || !m.MayStart(g).Has(i) {
			return m, Ready{}, fmt.Errorf("txn: action %d may not start: done %b", i, m.Done)
		}
		m.Current = e.Action
		if !g.Writes.Has(i) {
			m.Phase = Looking
			return m, Ready{Effect: Observe, Action: e.Action}, nil
		}
		m.Phase, m.InDoubt = Asked, true
		return m, Ready{Records: []Record{{INTENT, e.Action}}, Effect: Send, Action: e.Action}, nil
	case Finish:
		if m.MayFinish(g) {
			m.Phase = Gate
			return m, Ready{Effect: Judge, Action: -1}, nil
		}
		return m, Ready{}, fmt.Errorf("txn: not everything is done: %b of %b", m.Done, g.beforeGate())
	}
	return m, Ready{}, fmt.Errorf("txn: %s cannot happen in phase %s", e, m.Phase)
}

// MayStart returns the actions that the driver may start now.
func (m Machine) MayStart(g *Graph) plan.Set {
	if m.Phase != Open {
		return 0
	}
	enabled := g.Order.Enabled(m.Done)
	if g.Pivot >= 0 && !m.Gated {
		enabled = enabled.Without(g.Pivot)
	}
	return enabled
}

// MayFinish reports whether the driver may ask for the gate now.
func (m Machine) MayFinish(g *Graph) bool {
	return m.Phase == Open && !m.Gated && m.Done == g.beforeGate()
}

// MayUndo returns the actions whose compensation the driver may start now.
func (m Machine) MayUndo(g *Graph) plan.Set {
	if m.Phase != Undoing {
		return 0
	}
	// A write that is stuck keeps what it depends on, which was done before
	// it and on other fields, undoable: only what is still to undo orders.
	return g.Order.Latest(m.ToUndo(g))
}

// done makes the write in flight durable as done.
func (m Machine) done(g *Graph) (Machine, Ready, error) {
	i := m.Current
	m.Done = m.Done.With(int(i))
	m.Phase, m.Current, m.InDoubt = Open, 0, false
	ready := wrote(DONE, i)
	if m.Epoch > 0 && int(i) != g.Pivot {
		// A recovery never goes on with a plan that a crash interrupted.
		m.Phase, m.Decision = Undoing, ToAbort
		ready.Records = append(ready.Records, Record{ABORT, -1})
		return m, ready, nil
	}
	if int(i) == g.Pivot {
		next, commit, err := m.commit()
		ready.Records = append(ready.Records, commit.Records...)
		return next, ready, err
	}
	return m, ready, nil
}

func (m Machine) commit() (Machine, Ready, error) {
	m.Phase, m.Decision, m.Current = Closing, ToCommit, 0
	return m, wrote(COMMIT, -1), nil
}

// abort decides to take everything back. What was in flight did not take
// effect, or only looked.
func (m Machine) abort() (Machine, Ready, error) {
	m.Phase, m.Decision, m.Current, m.InDoubt = Undoing, ToAbort, 0, false
	return m, wrote(ABORT, -1), nil
}

func (m Machine) undoing(g *Graph, e Event) (Machine, Ready, error) {
	switch e.Kind {
	case StartUndo:
		i := int(e.Action)
		if i < 0 || i >= g.Order.N || !m.MayUndo(g).Has(i) {
			return m, Ready{}, fmt.Errorf("txn: action %d may not be undone now: to undo %b", i, m.ToUndo(g))
		}
		m.Phase, m.Current, m.Undo, m.InDoubt = UndoAsked, e.Action, true, true
		return m, Ready{Records: []Record{{CLRINTENT, e.Action}}, Effect: SendUndo, Action: e.Action}, nil
	case Close:
		if left := m.ToUndo(g); left != 0 {
			return m, Ready{}, fmt.Errorf("txn: %b is still in effect", left)
		}
		if m.Stuck != 0 {
			// No END: the journal stays open until a person has looked.
			m.Phase = Blocked
			return m, idle(), nil
		}
		m.Phase = Aborted
		return m, wrote(END, -1), nil
	}
	return m, Ready{}, fmt.Errorf("txn: %s cannot happen in phase %s", e, m.Phase)
}

func (m Machine) undoAnswer(e Event) (Machine, Ready, error) {
	i := m.Current
	switch {
	case m.Phase == UndoAsked && e.Kind == Applied, m.Phase == UndoUnsure && e.Kind == Landed:
		m.Undone = m.Undone.With(int(i))
		m.Phase, m.Current, m.Undo, m.InDoubt = Undoing, 0, false, false
		return m, wrote(CLRDONE, i), nil
	case m.Phase == UndoAsked && e.Kind == Conflict:
		m.Stuck = m.Stuck.With(int(i))
		m.Phase, m.Current, m.Undo, m.InDoubt = Undoing, 0, false, false
		return m, wrote(UNDOBLOCKED, i), nil
	case m.Phase == UndoAsked && e.Kind == Ambiguous:
		m.Phase = UndoUnsure
		return m, Ready{Effect: LookUndo, Action: i}, nil
	case m.Phase == UndoUnsure && e.Kind == NotLanded:
		m.Phase = UndoAsked
		return m, Ready{Effect: SendUndo, Action: i}, nil
	}
	return m, Ready{}, fmt.Errorf("txn: %s cannot happen in phase %s", e, m.Phase)
}

// crash forgets what the journal does not hold.
func (m Machine) crash() Machine {
	if !m.InDoubt {
		m.Current, m.Undo = 0, false
	}
	m.Phase = Down
	return m
}

// resume decides what a recovery does once the old process is fenced off.
func (m Machine) resume(g *Graph) (Machine, Ready, error) {
	switch {
	case m.Decision == ToCommit:
		m.Phase = Closing
		return m, idle(), nil
	case m.InDoubt && m.Undo:
		m.Phase = UndoUnsure
		return m, Ready{Effect: LookUndo, Action: m.Current}, nil
	case m.InDoubt:
		m.Phase = Unsure
		return m, Ready{Effect: Look, Action: m.Current}, nil
	case m.Decision == ToAbort:
		m.Phase = Undoing
		return m, idle(), nil
	}
	return m.abort()
}

func wrote(k RecordKind, action int8) Ready {
	return Ready{Records: []Record{{k, action}}, Action: -1}
}

func idle() Ready { return Ready{Action: -1} }
