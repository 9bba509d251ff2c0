package plan

import (
	"math/bits"
	"slices"
)

// Set is a set of actions of one transaction, by index. A transaction has at
// most MaxActions (64) actions.
type Set uint64

// Has reports whether i is in the set.
func (s Set) Has(i int) bool { return s>>uint(i)&1 == 1 }

// With returns the set with i added.
func (s Set) With(i int) Set { return s | 1<<uint(i) }

// Without returns the set with i removed.
func (s Set) Without(i int) Set { return s &^ (1 << uint(i)) }

// Contains reports whether every member of o is in s.
func (s Set) Contains(o Set) bool { return s&o == o }

// Len returns the number of members.
func (s Set) Len() int { return bits.OnesCount64(uint64(s)) }

// All yields the members in increasing order.
func (s Set) All() func(func(int) bool) {
	return func(yield func(int) bool) {
		for r := s; r != 0; r &= r - 1 {
			if !yield(bits.TrailingZeros64(uint64(r))) {
				return
			}
		}
	}
}

// Order is the partial order of one transaction's actions.
type Order struct {
	N      int
	Before []Set // Before[i]: what must be done before i, directly or not
	After  []Set // After[i]: what may only start once i is done
}

// NewOrder closes the `after` edges of a transaction. Cycle is nil, or the
// indexes of a cycle in order, each waiting for the next; the order is then
// not usable. Edges must be valid indexes. Pure.
func NewOrder(actions []Action) (o Order, cycle []int) {
	n := len(actions)
	o = Order{N: n, Before: make([]Set, n), After: make([]Set, n)}
	const fresh, open, closed = 0, 1, 2
	mark := make([]uint8, n)
	var stack []int
	var visit func(int) bool
	visit = func(i int) bool {
		switch mark[i] {
		case closed:
			return true
		case open:
			cycle = slices.Clone(stack[slices.Index(stack, i):])
			return false
		}
		mark[i] = open
		stack = append(stack, i)
		for _, j := range actions[i].After {
			if !visit(j) {
				return false
			}
			o.Before[i] |= o.Before[j].With(j)
		}
		stack = stack[:len(stack)-1]
		mark[i] = closed
		return true
	}
	for i := range n {
		if !visit(i) {
			return Order{}, cycle
		}
	}
	for i := range n {
		for j := range o.Before[i].All() {
			o.After[j] = o.After[j].With(i)
		}
	}
	return o, nil
}

// Ordered reports whether i and j can never run in both orders.
func (o Order) Ordered(i, j int) bool { return o.Before[i].Has(j) || o.Before[j].Has(i) }

// Enabled returns the actions that may start once done has been done.
func (o Order) Enabled(done Set) Set {
	var s Set
	for i := range o.N {
		if !done.Has(i) && done.Contains(o.Before[i]) {
			s = s.With(i)
		}
	}
	return s
}

// Latest returns the members of done that nothing else in done waits for: what
// an undo may take next. Taking any of them, again and again, reverses the
// dependencies; the last one started is always among them (LIFO is one choice).
func (o Order) Latest(done Set) Set {
	var s Set
	for i := range done.All() {
		if o.After[i]&done == 0 {
			s = s.With(i)
		}
	}
	return s
}

// Topological returns one order that respects the edges: always the smallest
// enabled index next.
func (o Order) Topological() []int {
	var done Set
	out := make([]int, 0, o.N)
	for len(out) < o.N {
		for i := range o.Enabled(done).All() {
			out = append(out, i)
			done = done.With(i)
			break
		}
	}
	return out
}
