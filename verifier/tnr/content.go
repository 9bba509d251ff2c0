package tnr

import (
	"fmt"

	"github.com/stratus-sre/stratus/model"
)

// contentID is the index of a distinct cluster state.
type contentID int32

// content is a distinct cluster state and what is derived from it, each once.
type content struct {
	state    *model.State
	settled  contentID // valid once isSettled
	severity [2]*model.Severity
	coverage []model.Coverage
	covered  bool

	isSettled bool
}

// contents interns cluster states by fingerprint.
type contents struct {
	list    []*content
	byPrint map[model.Digest]contentID
}

func (c *contents) intern(s *model.State) contentID {
	if id, ok := c.byPrint[s.Fingerprint()]; ok {
		return id
	}
	id := contentID(len(c.list))
	c.list = append(c.list, &content{state: s})
	c.byPrint[s.Fingerprint()] = id
	return id
}

// state returns the cluster state of a content.
func (y *System) state(id contentID) *model.State { return y.contents.list[id].state }

// settle returns the content that the controllers make of id. If they reach
// no fixpoint the result is unknown: that is remembered, and id itself
// returned.
func (y *System) settle(id contentID) contentID {
	c := y.contents.list[id]
	if c.isSettled {
		return c.settled
	}
	c.isSettled, c.settled = true, id
	s, err := y.physics.Settle(c.state, y.valuation)
	if err != nil {
		y.unknown(fmt.Sprintf("what the controllers make of the cluster: %v", err))
		return id
	}
	c.settled = y.contents.intern(s)
	// Settling is idempotent; a second pass would find the same.
	t := y.contents.list[c.settled]
	t.isSettled, t.settled = true, c.settled
	return c.settled
}

// severityAt returns μ of a content at a moment. Settled means: of what the
// content settles to.
func (y *System) severityAt(id contentID, m model.Moment) *model.Severity {
	if m == model.Settled {
		id = y.settle(id)
	}
	c := y.contents.list[id]
	if c.severity[m] == nil {
		s := y.physics.Severity(c.state, y.valuation, m)
		c.severity[m] = &s
	}
	return c.severity[m]
}

func (y *System) coverageOf(id contentID) []model.Coverage {
	c := y.contents.list[id]
	if !c.covered {
		c.covered, c.coverage = true, y.physics.Coverage(c.state)
	}
	return c.coverage
}

// memoKey names one computed write: action of a transaction on a content,
// forward or back. pre tells apart the same transaction begun in another state.
type memoKey struct {
	from, pre contentID
	tx        uint16
	action    int8
	undo      bool
}

type memoValue struct {
	to      contentID
	refusal *model.Refusal
}

// land computes what an action's request does to a content. The first time an
// action of a transaction lands its pre- and after-image are kept: they are
// what the journal would hold.
func (y *System) land(n Node, i int) (contentID, *model.Refusal) {
	op := y.txs[n.Tx].Actions[i].Op
	return y.write(memoKey{n.Content, n.Pre, n.Tx, int8(i), false}, op, func(s *model.State) (*model.State, model.Effect, *model.Refusal) {
		next, effect, refusal := model.Step(s, op)
		if refusal == nil {
			y.remember(n, i, effect)
		}
		return next, effect, refusal
	})
}

// revert computes what an action's compensation does to a content.
func (y *System) revert(n Node, i int) (contentID, *model.Refusal) {
	op := y.txs[n.Tx].Actions[i].Op
	return y.write(memoKey{n.Content, n.Pre, n.Tx, int8(i), true}, op, func(s *model.State) (*model.State, model.Effect, *model.Refusal) {
		return model.Undo(s, op, y.effects[effectKey{n.Pre, n.Tx, int8(i)}])
	})
}

// write computes one write, once for each content. An update depends on
// nothing but its object, so that its result is also remembered by object:
// contents are many, versions of one object are few.
func (y *System) write(k memoKey, op model.Action, do func(*model.State) (*model.State, model.Effect, *model.Refusal)) (contentID, *model.Refusal) {
	if v, ok := y.memo[k]; ok {
		return v.to, v.refusal
	}
	s := y.state(k.from)
	v := memoValue{to: k.from}
	live := s.Get(op.On)
	update := objectKey{pre: k.pre, tx: k.tx, action: k.action, undo: k.undo}
	if live != nil {
		update.live = live.Digest()
	}
	if after, ok := y.objects[update]; ok {
		d := s.Draft()
		d.Put(after)
		v.to = y.contents.intern(d.State())
		y.memo[k] = v
		return v.to, nil
	}
	next, effect, refusal := do(s)
	v.refusal = refusal
	if next != s {
		v.to = y.contents.intern(next) // a blocked undo restores what it can
	}
	if refusal == nil {
		if isUpdate(op) && live != nil && effect.After != nil {
			y.objects[update] = effect.After
		}
	}
	y.memo[k] = v
	return v.to, v.refusal
}

func isUpdate(a model.Action) bool { return a.Verb == model.Patch || a.Verb == model.Scale }

// objectKey names one update of one version of an object.
type objectKey struct {
	live   model.Digest
	pre    contentID
	tx     uint16
	action int8
	undo   bool
}

type effectKey struct {
	pre    contentID
	tx     uint16
	action int8
}

// remember keeps an action's effect. What it writes must not depend on which
// unordered actions came first; if it does, the actions race.
func (y *System) remember(n Node, i int, e model.Effect) {
	k := effectKey{n.Pre, n.Tx, int8(i)}
	first, seen := y.effects[k]
	if !seen {
		y.effects[k] = e
		return
	}
	if first.Before == nil || first.After == nil {
		return // whole objects: their status may differ, the static check covers them
	}
	if !sameChanges(first.Changes(), e.Changes()) {
		y.races[[2]int{int(n.Tx), i}] = true
	}
}

func sameChanges(a, b []model.Change) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Path.String() != b[i].Path.String() || fmt.Sprint(a[i].After) != fmt.Sprint(b[i].After) || fmt.Sprint(a[i].Before) != fmt.Sprint(b[i].Before) {
			return false
		}
	}
	return true
}
