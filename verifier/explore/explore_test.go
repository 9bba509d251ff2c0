package explore_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stratus-sre/stratus/verifier/explore"
)

type edges[S comparable] = []explore.Edge[S, string]

// model is a toy: an initial state and a successor function.
type model[S comparable] struct {
	init S
	next func(S, func(label string, to S))
}

func (m model[S]) Init() []S { return []S{m.init} }
func (m model[S]) Next(s S, buf edges[S]) edges[S] {
	m.next(s, func(l string, to S) { buf = append(buf, explore.Edge[S, string]{Label: l, To: to}) })
	return buf
}

func run[S comparable](t *testing.T, m model[S], lim explore.Limits, props ...explore.Property[S]) *explore.Result[S, string] {
	t.Helper()
	r, err := explore.Run(context.Background(), m, props, lim)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// twoPhase is Lamport's two-phase commit: n resource managers, one transaction
// manager, messages in a set. The counts are those that TLC and Stateright
// publish for the same model.
type twoPhase struct {
	rm       [5]byte // w(orking), p(repared), c(ommitted), a(borted)
	tm       byte    // i(nit), c(ommitted), a(borted)
	prepared uint8   // what the transaction manager has heard
	sent     uint8   // "prepared" messages
	commit   bool
	abort    bool
}

func twoPhaseModel(n int) model[twoPhase] {
	var init twoPhase
	for i := range n {
		init.rm[i] = 'w'
	}
	init.tm = 'i'
	all := uint8(1)<<n - 1
	return model[twoPhase]{init, func(s twoPhase, to func(string, twoPhase)) {
		if s.tm == 'i' && s.prepared == all {
			x := s
			x.tm, x.commit = 'c', true
			to("TMCommit", x)
		}
		if s.tm == 'i' {
			x := s
			x.tm, x.abort = 'a', true
			to("TMAbort", x)
		}
		for i := range n {
			bit := uint8(1) << i
			if s.tm == 'i' && s.sent&bit != 0 {
				x := s
				x.prepared |= bit
				to("TMRcvPrepared", x)
			}
			if s.rm[i] == 'w' {
				x := s
				x.rm[i], x.sent = 'p', s.sent|bit
				to("RMPrepare", x)
				y := s
				y.rm[i] = 'a'
				to("RMChooseToAbort", y)
			}
			if s.commit {
				x := s
				x.rm[i] = 'c'
				to("RMRcvCommit", x)
			}
			if s.abort {
				x := s
				x.rm[i] = 'a'
				to("RMRcvAbort", x)
			}
		}
	}}
}

func TestTwoPhaseCommit(t *testing.T) {
	consistent := explore.Property[twoPhase]{Name: "consistent", Holds: func(s twoPhase, _ int) bool {
		var a, c bool
		for _, r := range s.rm {
			a, c = a || r == 'a', c || r == 'c'
		}
		return !a || !c
	}}
	for n, want := range map[int]int{3: 288, 5: 8832} {
		r := run(t, twoPhaseModel(n), explore.Limits{}, consistent)
		if r.States != want || !r.Exhaustive || len(r.Violations) != 0 {
			t.Errorf("%d resource managers: %d states (exhaustive %v, %d violations), want %d, exhaustive, none", n, r.States, r.Exhaustive, len(r.Violations), want)
		}
	}
}

// undoLog is n transactions of k actions on objects of their own: each action
// takes an object, saves what it held and writes; it can fail, the executor
// can crash once, aborts restore in reverse, and one outsider changes object 0
// while nobody owns it. SPIN finds the same states and transitions.
type undoLog struct {
	val, owner [9]uint8
	saved      [9]uint8
	phase, pc  [3]uint8
	crashes    uint8
	ext        bool
}

func undoLogModel(n, k int) model[undoLog] {
	const doing, undoing, down, done, aborted = 0, 1, 2, 3, 4
	release := func(s *undoLog, me int) {
		for o := range s.owner {
			if int(s.owner[o]) == me+1 {
				s.owner[o] = 0
			}
		}
	}
	return model[undoLog]{undoLog{crashes: 1}, func(s undoLog, to func(string, undoLog)) {
		for i := range n {
			o := i*k + int(s.pc[i])
			if s.phase[i] == doing && int(s.pc[i]) < k {
				if s.owner[o] == 0 || int(s.owner[o]) == i+1 {
					x := s
					x.saved[o], x.val[o], x.owner[o] = s.val[o], (s.val[o]+uint8(i)+1)%4, uint8(i+1)
					x.pc[i]++
					to("do", x)
				}
				x := s
				x.phase[i] = undoing
				to("fail", x)
			}
			if s.phase[i] <= undoing && s.crashes > 0 {
				x := s
				x.crashes--
				x.phase[i] = down
				to("crash", x)
			}
			if s.phase[i] == down {
				x := s
				x.phase[i] = undoing
				to("recover", x)
			}
			if s.phase[i] == doing && int(s.pc[i]) == k {
				x := s
				x.phase[i], x.pc[i] = done, 0
				for j := range k {
					x.saved[i*k+j] = 0
				}
				release(&x, i)
				to("commit", x)
			}
			if s.phase[i] == undoing && s.pc[i] > 0 {
				x := s
				x.pc[i]--
				o := i*k + int(x.pc[i])
				x.val[o], x.saved[o] = s.saved[o], 0
				to("undo", x)
			}
			if s.phase[i] == undoing && s.pc[i] == 0 {
				x := s
				x.phase[i] = aborted
				release(&x, i)
				to("aborted", x)
			}
		}
		if !s.ext && s.owner[0] == 0 {
			x := s
			x.val[0], x.ext = (s.val[0]+1)%4, true
			to("outsider", x)
		}
	}}
}

func TestUndoLogHasSpinsStateCount(t *testing.T) {
	r := run(t, undoLogModel(3, 3), explore.Limits{})
	if r.States != 16166 || r.Transitions != 62452 {
		t.Errorf("%d states, %d transitions; want 16166, 62452", r.States, r.Transitions)
	}
}

// grid is two counters up to 9: 100 states, every path to (a,b) has a+b steps.
var grid = model[[2]int]{[2]int{}, func(s [2]int, to func(string, [2]int)) {
	for i := range s {
		if s[i] < 9 {
			x := s
			x[i]++
			to(fmt.Sprint("inc ", i), x)
		}
	}
}}

func TestPathsAreShortest(t *testing.T) {
	never := explore.Property[[2]int]{Name: "never 3,4", Holds: func(s [2]int, _ int) bool { return s != [2]int{3, 4} }}
	fine := explore.Property[[2]int]{Name: "small", Holds: func(s [2]int, _ int) bool { return s[0] < 10 }}
	stops := explore.Property[[2]int]{Name: "goes on", Holds: func(_ [2]int, out int) bool { return out > 0 }}
	r := run(t, grid, explore.Limits{}, never, fine, stops)
	if r.States != 100 || r.Transitions != 180 || r.Depth != 18 {
		t.Errorf("%d states, %d transitions, depth %d; want 100, 180, 18", r.States, r.Transitions, r.Depth)
	}
	bad, failed := r.Violations[0]
	p, ok := r.PathTo(bad)
	if !failed || !ok || len(p.Steps) != 7 || p.Start != [2]int{} {
		t.Errorf("path to %v from %v has %d steps, want 7 from the origin", bad, p.Start, len(p.Steps))
	}
	if _, failed := r.Violations[1]; failed {
		t.Error("a property that holds was reported")
	}
	if r.Violations[2] != [2]int{9, 9} {
		t.Errorf("the state without successors is %v, want [9 9]", r.Violations[2])
	}
	if _, ok := r.PathTo([2]int{10, 0}); ok {
		t.Error("a path to a state that was never visited")
	}
}

func TestLimitIsNeverCalledExhaustive(t *testing.T) {
	r := run(t, grid, explore.Limits{States: 50})
	if r.Exhaustive || r.States != 50 {
		t.Errorf("exhaustive %v with %d states; want a bounded search of 50", r.Exhaustive, r.States)
	}
	if r := run(t, grid, explore.Limits{States: 100}); !r.Exhaustive {
		t.Error("a limit that was not hit made the search bounded")
	}
}

func TestCancelledSearchIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := explore.Run(ctx, grid, nil, explore.Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestSameModelSameOrder(t *testing.T) {
	order := func() (out []undoLog) {
		for s := range run(t, undoLogModel(2, 2), explore.Limits{}).All() {
			out = append(out, s)
		}
		return out
	}
	a, b := order(), order()
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("state %d differs between two runs", i)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	for b.Loop() {
		r, err := explore.Run(context.Background(), undoLogModel(3, 3), nil, explore.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(r.States), "states")
	}
}
