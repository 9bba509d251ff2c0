package verifier_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"

	"github.com/stratus-sre/stratus/internal/testkit"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier"
)

// forAll runs a property on clusters and plans made of one random seed each.
// It returns "" when the property holds.
func forAll(t *testing.T, runs int, name string, holds func(*rand.Rand) string) {
	t.Helper()
	p := gopter.NewProperties(testkit.Parameters(t, runs))
	p.Property(name, prop.ForAll(func(seed int64) string {
		return holds(rand.New(rand.NewPCG(uint64(seed), 0)))
	}, gen.Int64().WithShrinker(gopter.NoShrinker)))
	p.TestingRun(t)
}

func settled(t *testing.T, w verifier.World, s *model.State) *model.State {
	t.Helper()
	out, err := w.Settle(s, model.NewValuation(nil))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func severity(w verifier.World, s *model.State) model.Severity {
	return w.Severity(s, model.NewValuation(nil), model.Settled)
}

// Do and undo are the identity on what was written, whatever the write and
// whether or not the controllers have run in between; and the settled end is
// as severe as the settled beginning.
func TestDoThenUndoIsTheIdentity(t *testing.T) {
	done := map[model.Verb]int{}
	forAll(t, 500, "undo after do", func(r *rand.Rand) string {
		yaml := randomManifests(r)
		w := worldOf(t, yaml)
		start := w.Start()
		a := randomWrite(r, start)
		after, effect, refusal := model.Step(start, a)
		if refusal != nil {
			return ""
		}
		done[a.Verb]++
		if r.IntN(2) == 0 {
			after = settled(t, w, after)
		}
		back, _, refusal := model.Undo(after, a, effect)
		if refusal != nil {
			return fmt.Sprintf("%s on %s: undo is refused: %s", a.Verb, a.On, refusal)
		}
		// An autoscaler may have moved replicas meanwhile: those are its own.
		for o := range start.All() {
			if !o.Owner().IsZero() || a.Verb == model.Evict && o.Ref() == a.On {
				continue
			}
			for _, c := range model.Differs(o, back.Get(o.Ref())) {
				if c.Path.String() != "spec.replicas" {
					return fmt.Sprintf("%s on %s: %s %s was %v and is %v\n%s", a.Verb, a.On, o.Ref(), c.Path, c.Before, c.After, yaml)
				}
			}
		}
		return ""
	})
	for _, v := range []model.Verb{model.Create, model.Patch, model.Delete, model.Scale, model.Evict} {
		if done[v] == 0 {
			t.Errorf("no %s was tried: %v", v, done)
		}
	}
}

// Deleting a thing or scaling it down never improves severity: what should
// hold is fixed from the start.
func TestDeletingAndScalingDownNeverImprove(t *testing.T) {
	tried := 0
	forAll(t, 500, "cheats", func(r *rand.Rand) string {
		yaml := randomManifests(r)
		w := worldOf(t, yaml)
		start := w.Start()
		app := pick(r, apps...)
		a := model.Action{Verb: model.Scale, On: shopRef("apps", "Deployment", app)}
		if r.IntN(2) == 0 {
			a = model.Action{Verb: model.Delete, On: pick(r, a.On, shopRef("", "Service", app), shopRef("", "ConfigMap", app),
				shopRef("policy", "PodDisruptionBudget", app), shopRef("autoscaling", "HorizontalPodAutoscaler", app))}
		}
		after, _, refusal := model.Step(start, a)
		if refusal != nil {
			return ""
		}
		tried++
		before, end := severity(w, settled(t, w, start)), severity(w, settled(t, w, after))
		if end.Improves(before) {
			return fmt.Sprintf("%s of %s improves severity\nbefore %+v\nafter  %+v\n%s", a.Verb, a.On, before, end, yaml)
		}
		return ""
	})
	if tried < 100 {
		t.Errorf("only %d cheats were tried", tried)
	}
}

// Settling is idempotent and has no memory: the same state settles to the same
// state, and a settled one stays.
func TestSettleIsAFunction(t *testing.T) {
	forAll(t, 300, "settle", func(r *rand.Rand) string {
		yaml := randomManifests(r)
		w, again := worldOf(t, yaml), worldOf(t, yaml)
		if w.Start().Fingerprint() != again.Start().Fingerprint() {
			return "the same manifests start differently\n" + yaml
		}
		s, _, _ := model.Step(w.Start(), randomWrite(r, w.Start()))
		once := settled(t, w, s)
		if twice := settled(t, w, once); twice.Fingerprint() != once.Fingerprint() {
			return "a settled state settles on\n" + yaml
		}
		return ""
	})
}

// On random plans: a verified plan, run in any order it allows, commits a state
// that is no worse, and never has an outage on the way; the counterexample of a
// refuted one replays to what it claims.
func TestVerdictsReplay(t *testing.T) {
	outcomes := map[verifier.Outcome]int{}
	refuted := map[string]int{}
	forAll(t, 250, "replay", func(r *rand.Rand) string {
		yaml := randomManifests(r)
		w := worldOf(t, yaml)
		p := randomPlan(r, w.Start(), 4)
		if len(p.Transactions[0].Actions) == 0 {
			return ""
		}
		v, err := verifier.Verify(context.Background(), verifier.Request{Plan: p, World: w, Now: time.Unix(0, 0)})
		if err != nil {
			return "" // a wait for what is not there
		}
		outcomes[v.Outcome]++
		for _, x := range v.Properties {
			if x.Outcome == verifier.Refuted {
				refuted[x.ID]++
			}
		}
		switch v.Outcome {
		case verifier.Verified:
			if bad := replayAll(t, w, p); bad != "" {
				return bad + "\n" + yaml
			}
		case verifier.Refuted:
			for _, x := range v.Properties {
				if bad := replayed(w, p, x); bad != "" {
					return x.ID + ": " + bad + "\n" + yaml
				}
			}
		}
		return ""
	})
	t.Logf("outcomes %v, refuted %v", outcomes, refuted)
	for _, o := range []verifier.Outcome{verifier.Verified, verifier.Refuted, verifier.Undecided} {
		if outcomes[o] < 5 {
			t.Errorf("only %d plans were %s", outcomes[o], o)
		}
	}
	for _, id := range []string{"TNR001", "TNR003", "TNR004", "TNR007"} {
		if refuted[id] == 0 {
			t.Errorf("no plan was refuted by %s: %v", id, refuted)
		}
	}
}

// replayAll runs a verified plan by Step and Settle alone, without protocol
// and checker, in every order it allows.
func replayAll(t *testing.T, w verifier.World, p *plan.Plan) string {
	actions := p.Transactions[0].Actions
	order, _ := plan.NewOrder(actions)
	before := severity(w, settled(t, w, w.Start()))
	v := model.NewValuation(nil)
	worstBefore := w.Severity(w.Start(), v, model.Worst)
	var run func(s *model.State, done plan.Set) string
	run = func(s *model.State, done plan.Set) string {
		worst := w.Severity(s, v, model.Worst)
		for _, tier := range []model.Tier{model.T0, model.T1, model.T2} {
			for _, f := range worst.Sets[tier] {
				if !before.Has(tier, f.Entity) && !worstBefore.Has(tier, f.Entity) {
					return fmt.Sprintf("verified, and mid-plan %s %s (%s)", f.Entity, f.What, f.Why)
				}
			}
		}
		enabled := order.Enabled(done)
		if enabled == 0 {
			if end := severity(w, settled(t, w, s)); !end.NoWorse(before) {
				return fmt.Sprintf("verified, and worse at the end: %+v", end.Worse(before))
			}
			return ""
		}
		for i := range enabled.All() {
			var next *model.State
			if op := actions[i].Op; op.Verb.Writes() {
				var refusal *model.Refusal
				if next, _, refusal = model.Step(s, op); refusal != nil {
					return fmt.Sprintf("verified, and %s is refused: %s", actions[i].ID, refusal)
				}
			} else {
				if w.Holds(s, v, op.Condition, model.Worst) {
					if bad := run(s, done.With(i)); bad != "" {
						return bad // the wait ended at once
					}
				}
				next, _ = w.SettleFor(s, v, op.On)
			}
			if bad := run(next, done.With(i)); bad != "" {
				return bad
			}
		}
		return ""
	}
	return run(w.Start(), 0)
}

// replayed takes the writes of a counterexample without faults and checks the
// claim of TNR001 and TNR004 on what comes out.
func replayed(w verifier.World, p *plan.Plan, x verifier.Property) string {
	c := x.Counterexample
	if x.Outcome != verifier.Refuted || c == nil || c.Faults > 0 || x.ID != "TNR001" && x.ID != "TNR004" {
		return ""
	}
	v := model.NewValuation(nil)
	s := w.Start()
	effects := map[string]model.Effect{}
	for _, step := range c.Steps {
		i := slices.IndexFunc(p.Transactions[0].Actions, func(a plan.Action) bool { return a.ID == step.Action })
		if i < 0 {
			continue
		}
		op := p.Transactions[0].Actions[i].Op
		var refusal *model.Refusal
		var e model.Effect
		switch {
		case !op.Verb.Writes():
			if !strings.Contains(step.Note, "at once") {
				s, _ = w.SettleFor(s, v, op.On)
			}
		case strings.HasPrefix(step.Do, "undo "):
			s, _, refusal = model.Undo(s, op, effects[step.Action])
		case step.Note == "":
			s, e, refusal = model.Step(s, op)
			effects[step.Action] = e
		}
		if refusal != nil {
			return fmt.Sprintf("the counterexample does not replay: %s is refused: %s", step.Action, refusal)
		}
	}
	before, _ := w.Settle(w.Start(), v)
	pre := severity(w, before)
	if x.ID == "TNR001" {
		end, _ := w.Settle(s, v)
		if severity(w, end).NoWorse(pre) {
			return "the counterexample ends no worse than it began"
		}
		return ""
	}
	worst := w.Severity(s, v, model.Worst)
	for _, tier := range []model.Tier{model.T0, model.T1, model.T2} {
		for _, f := range worst.Sets[tier] {
			if !pre.Has(tier, f.Entity) {
				return ""
			}
		}
	}
	return "the counterexample has no outage at its end"
}
