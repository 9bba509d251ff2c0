package tnr_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"

	"github.com/stratus-sre/stratus/internal/testkit"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/model/txn"
	"github.com/stratus-sre/stratus/verifier/tnr"
)

// twin runs a transaction the obvious way: it recurses over everything that
// may happen, without a protocol machine, without interning, without memory of
// what it saw. It records every cluster on the way and every end.
type twin struct {
	world    toy
	actions  []plan.Action
	order    plan.Order
	clusters map[model.Digest]bool
	ends     map[string]bool
	fair     map[string]bool // ends without faults
	steps    int
}

const maxTwinSteps = 300_000

func (w *twin) run(s *model.State, done plan.Set, pre map[int]model.Effect, failures, crashes int, faultless bool) {
	if w.steps++; w.steps > maxTwinSteps {
		return
	}
	w.clusters[s.Fingerprint()] = true
	if crashes > 0 {
		w.undo(s, done, pre, false)
	}
	enabled := w.order.Enabled(done)
	if enabled == 0 {
		settled, _ := w.world.Settle(s, model.NewValuation(nil))
		w.clusters[settled.Fingerprint()] = true
		w.end("committed", settled, faultless)
		if failures > 0 {
			w.undo(s, done, pre, false)
		}
		return
	}
	for i := range enabled.All() {
		op := w.actions[i].Op
		if !op.Verb.Writes() {
			w.look(s, done, pre, failures, crashes, faultless, i)
			continue
		}
		next, effect, refusal := model.Step(s, op)
		if refusal != nil {
			w.undo(s, done, pre, faultless)
			continue
		}
		with := maps.Clone(pre)
		with[i] = effect
		w.run(next, done.With(i), with, failures, crashes, faultless)
		if failures > 0 {
			w.undo(s, done, pre, false)                                 // it fails; or no answer, not landed
			w.run(next, done.With(i), with, failures-1, crashes, false) // no answer, landed
		}
		if crashes > 0 {
			w.clusters[next.Fingerprint()] = true
			w.undo(next, done.With(i), with, false) // crash, landed
		}
	}
}

func (w *twin) look(s *model.State, done plan.Set, pre map[int]model.Effect, failures, crashes int, faultless bool, i int) {
	op := w.actions[i].Op
	v := model.NewValuation(nil)
	settled, _ := w.world.Settle(s, v)
	w.clusters[settled.Fingerprint()] = true
	atEnd := w.world.Holds(settled, v, op.Condition, model.Settled)
	if op.Verb == model.Wait {
		if atEnd {
			next, _ := w.world.SettleFor(s, v, op.On)
			w.run(next, done.With(i), pre, failures, crashes, faultless)
			if w.world.Holds(s, v, op.Condition, model.Worst) {
				w.run(s, done.With(i), pre, failures, crashes, faultless)
			}
		}
		if !atEnd || failures > 0 {
			w.undo(s, done, pre, faultless && !atEnd)
		}
		return
	}
	now := w.world.Holds(s, v, op.Condition, model.Worst)
	if atEnd || now {
		w.run(s, done.With(i), pre, failures, crashes, faultless)
	}
	if !atEnd || !now {
		w.undo(s, done, pre, faultless)
	} else if failures > 0 {
		w.undo(s, done, pre, false)
	}
}

// undo takes what was written back in every order that reverses dependencies.
// Faults while undoing are resolved by looking, so that they change no end.
func (w *twin) undo(s *model.State, done plan.Set, pre map[int]model.Effect, faultless bool) {
	if w.steps++; w.steps > maxTwinSteps {
		return
	}
	w.clusters[s.Fingerprint()] = true
	var left plan.Set
	for i := range done.All() {
		if w.actions[i].Op.Verb.Writes() {
			left = left.With(i)
		}
	}
	if left == 0 {
		w.end("aborted", s, faultless)
		return
	}
	for i := range w.order.Latest(left).All() {
		next, _, refusal := model.Undo(s, w.actions[i].Op, pre[i])
		if refusal != nil {
			panic("plans without races have no conflicts: " + refusal.String())
		}
		w.undo(next, left.Without(i), pre, faultless)
	}
}

func (w *twin) end(how string, s *model.State, faultless bool) {
	e := how + " " + s.Fingerprint().String()
	w.ends[e] = true
	if faultless {
		w.fair[e] = true
	}
}

// explored reads the same off the checker's run.
func explored(e exploration) (ends, fair map[string]bool, clusters map[model.Digest]bool) {
	ends, fair, clusters = map[string]bool{}, map[string]bool{}, map[model.Digest]bool{}
	for n := range e.result.All() {
		s := e.system.State(n, model.Worst)
		if n.M.Phase != txn.Idle {
			clusters[s.Fingerprint()] = true
		}
		if !n.M.Phase.Ended() {
			continue
		}
		end := n.M.Phase.String() + " " + s.Fingerprint().String()
		ends[end] = true
		if e.system.Faultless(n) {
			fair[end] = true
		}
	}
	return ends, fair, clusters
}

// randomPlan makes a plan of up to n actions on three lamps out of random
// numbers: six numbers an action. Only plans whose actions do not race (the
// static check of TNR003) are of use here.
func randomPlan(numbers []int) *plan.Plan {
	var acts []act
	for k := 0; k+6 <= len(numbers); k += 6 {
		x := numbers[k : k+6]
		id := string(rune('p' + k/6))
		name := obligations[x[1]%3]
		if x[1]%7 == 6 {
			name = "new"
		}
		var after []string
		for j, a := range acts {
			if x[2]>>j&1 == 1 {
				after = append(after, a.id)
			}
		}
		var a act
		switch x[0] % 8 {
		case 0, 1:
			a = set(id, name, "on", fmt.Sprint(x[3]%2), after...)
		case 2:
			a = set(id, name, []string{"colour", "size"}[x[3]%2], fmt.Sprint(x[4]%2), after...)
		case 3:
			a = remove(id, name, after...)
		case 4:
			a = create(id, name, map[string]any{"on": "1"}, after...)
		case 5, 6:
			a = wait(id, name, after...)
		case 7:
			a = check(id, name, after...)
		}
		acts = append(acts, a)
	}
	return change(transaction("t", acts...))
}

func randomRoom(bits int) *model.State {
	var lamps []*model.Object
	for i, name := range obligations {
		b := bits >> (2 * i)
		if b&3 == 3 && bits%5 == 0 {
			continue // absent
		}
		lamps = append(lamps, lamp(name, map[string]any{"on": fmt.Sprint(b & 1), "shines": fmt.Sprint(b & 1)}))
	}
	return room(lamps...)
}

// TestExploreEqualsItsTwin compares the checker with the twin on random plans,
// rooms and faults: the same ends, the same ends without faults, the same
// clusters on the way. Along with it, on the same plans, the transaction's
// semantics: what is aborted is as it was, and what a verified plan commits is
// no worse.
func TestExploreEqualsItsTwin(t *testing.T) {
	compared, verified, aborts := 0, 0, 0
	one := func(numbers []int, bits, failures, crashes int) string {
		p := randomPlan(numbers)
		p.Bounds = plan.Bounds{Failures: failures, Crashes: crashes}
		start := randomRoom(bits)
		y, err := tnr.Compile(p, start, toy{}, model.NewValuation(nil), nil)
		if err != nil || len(y.Missing) > 0 || slices.ContainsFunc(y.Static, func(v tnr.Violation) bool { return v.Property == tnr.WriterExclusivity }) {
			return "" // not a plan that is explored
		}
		order, _ := plan.NewOrder(p.Transactions[0].Actions)
		w := &twin{actions: p.Transactions[0].Actions, order: order, clusters: map[model.Digest]bool{}, ends: map[string]bool{}, fair: map[string]bool{}}
		w.run(start, 0, map[int]model.Effect{}, failures, crashes, true)
		if w.steps > maxTwinSteps {
			return ""
		}
		compared++
		e := verify(t, start, p)
		ends, fair, clusters := explored(e)
		switch {
		case !maps.Equal(ends, w.ends):
			return fmt.Sprintf("ends: checker %v, twin %v", slices.Sorted(maps.Keys(ends)), slices.Sorted(maps.Keys(w.ends)))
		case !maps.Equal(fair, w.fair):
			return fmt.Sprintf("ends without faults: checker %v, twin %v", slices.Sorted(maps.Keys(fair)), slices.Sorted(maps.Keys(w.fair)))
		}
		for c := range clusters {
			if !w.clusters[c] {
				return "the checker reaches a cluster that the twin does not: " + c.String()
			}
		}
		for c := range w.clusters {
			// Settled clusters of waits are looked at, not entered.
			if !clusters[c] && !settledOnly(e, c) {
				return "the twin reaches a cluster that the checker does not: " + c.String()
			}
		}
		return semantics(e, start, &verified, &aborts)
	}
	properties := gopter.NewProperties(testkit.Parameters(t, 400))
	properties.Property("checker = twin", prop.ForAll(func(numbers []int, bits, failures, crashes int) string {
		return one(numbers, bits, failures, crashes)
	}, gen.IntRange(1, 4).FlatMap(func(n any) gopter.Gen {
		return gen.SliceOfN(6*n.(int), gen.IntRange(0, 255))
	}, reflect.TypeOf([]int{})), gen.IntRange(0, 63), gen.IntRange(1, 2), gen.IntRange(1, 2)))
	properties.TestingRun(t)
	t.Logf("%d plans compared, %d of them kept every property, %d aborted ends", compared, verified, aborts)
	if compared < 100 || verified < 10 || aborts < 100 {
		t.Errorf("too few plans were of use: %d compared, %d kept every property, %d aborted ends", compared, verified, aborts)
	}
}

func settledOnly(e exploration, c model.Digest) bool {
	for n := range e.result.All() {
		if e.system.State(n, model.Settled).Fingerprint() == c {
			return true
		}
	}
	return false
}

// semantics holds the ends of an exploration against the paper's rule.
func semantics(e exploration, start *model.State, verified, aborts *int) string {
	before := toy{}.Severity(start, model.NewValuation(nil), model.Settled)
	for n := range e.result.All() {
		s := e.system.State(n, model.Worst)
		switch n.M.Phase {
		case txn.Aborted:
			*aborts++
			if s.Written() != start.Written() {
				return "do and undo are not the identity: " + differences(start, s)
			}
		case txn.Committed:
			_, worse := e.failed[tnr.NoRegression]
			if after := e.system.Severity(n, model.Settled); !worse && !after.NoWorse(before) {
				return fmt.Sprintf("committed, and worse: %v", after.Worse(before))
			}
		case txn.Blocked:
			return "blocked without a foreign writer"
		}
	}
	if len(e.failed) == 0 {
		*verified++
	}
	return ""
}

func differences(a, b *model.State) string {
	var out []string
	for o := range a.All() {
		for _, c := range model.Differs(o, b.Get(o.Ref())) {
			out = append(out, fmt.Sprintf("%s %s: %v, %v", o.Ref(), c.Path, c.Before, c.After))
		}
	}
	return strings.Join(out, "; ")
}
