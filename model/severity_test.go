package model_test

import (
	"fmt"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"

	"github.com/stratus-sre/stratus/internal/testkit"
	"github.com/stratus-sre/stratus/model"
)

// severities are made of few entities, so that random ones are often related.
func severities() gopter.Gen {
	return gen.SliceOfN(6, gen.IntRange(0, 7)).Map(func(bits []int) model.Severity {
		var s model.Severity
		for i, t := range []model.Tier{model.T0, model.T1, model.T2, model.T5, model.T6} {
			for e := range 3 {
				if bits[i]>>e&1 == 1 {
					s.Add(t, model.Finding{Entity: entity(e), What: "is bad"})
				}
			}
		}
		s.AddMissing(entity(0), int64(bits[5]%4))
		s.AddMissing(entity(1), int64(bits[5]/4))
		return s
	})
}

func entity(i int) model.Ref {
	return model.Ref{Kind: "Service", Namespace: "shop", Name: fmt.Sprint("s", i)}
}

func TestNoWorseIsAPreorder(t *testing.T) {
	p := gopter.NewProperties(testkit.Parameters(t, 2000))
	p.Property("reflexive", prop.ForAll(func(s model.Severity) bool { return s.NoWorse(s) && !s.Improves(s) && s.Equal(s) }, severities()))
	p.Property("transitive", prop.ForAll(func(a, b, c model.Severity) bool {
		return !(a.NoWorse(b) && b.NoWorse(c)) || a.NoWorse(c)
	}, severities(), severities(), severities()))
	p.Property("improving is transitive and never mutual", prop.ForAll(func(a, b, c model.Severity) bool {
		return !(a.Improves(b) && b.Improves(a)) && (!(a.Improves(b) && b.Improves(c)) || a.Improves(c))
	}, severities(), severities(), severities()))
	p.Property("healthy is at the bottom", prop.ForAll(func(s model.Severity) bool {
		return (model.Severity{}).NoWorse(s) && (!s.NoWorse(model.Severity{}) || s.Healthy())
	}, severities()))
	p.TestingRun(t)
}

// TestTransitiveOnRelated makes the premise of transitivity true on purpose,
// since three random severities seldom form a chain.
func TestTransitiveOnRelated(t *testing.T) {
	p := gopter.NewProperties(testkit.Parameters(t, 2000))
	more := func(s model.Severity, t model.Tier, e int) model.Severity {
		out := model.Severity{Sets: s.Sets}
		for _, m := range s.Missing {
			out.AddMissing(m.Entity, m.Missing)
		}
		out.Add(t, model.Finding{Entity: entity(e), What: "is bad"})
		return out
	}
	p.Property("what is added makes it no better", prop.ForAll(func(s model.Severity, tier, e int) bool {
		t := []model.Tier{model.T0, model.T1, model.T2, model.T5, model.T6}[tier]
		worse := more(s, t, e)
		worst := more(worse, model.T1, 2)
		return s.NoWorse(worse) && worse.NoWorse(worst) && s.NoWorse(worst) && (worse.NoWorse(s) == s.Has(t, entity(e)))
	}, severities(), gen.IntRange(0, 4), gen.IntRange(0, 2)))
	p.TestingRun(t)
}

func TestAHealedServiceNeverPaysForABrokenOne(t *testing.T) {
	var pre, post model.Severity
	pre.Add(model.T2, model.Finding{Entity: entity(0), What: "has no usable endpoint"})
	pre.Add(model.T2, model.Finding{Entity: entity(1), What: "has no usable endpoint"})
	post.Add(model.T2, model.Finding{Entity: entity(2), What: "has no usable endpoint", Why: "no pod is ready"})
	rs := post.Worse(pre)
	if len(rs) != 1 || rs[0].Tier != model.T2 || rs[0].Finding.Entity != entity(2) {
		t.Errorf("regressions %v, want the one service that broke", rs)
	}
	if post.Improves(pre) {
		t.Error("fewer outages, but another one: that is no improvement")
	}
}

func TestWithoutWaivesCapacityFaultsAndLatentOnly(t *testing.T) {
	var s model.Severity
	for _, tier := range []model.Tier{model.T0, model.T1, model.T2, model.T5, model.T6} {
		s.Add(tier, model.Finding{Entity: entity(0), What: "is bad"})
	}
	s.AddMissing(entity(0), 500_000)
	s.AddMissing(entity(1), 250_000)
	w := s.Without(func(_ model.Tier, r model.Ref) bool { return r == entity(0) })
	for _, tier := range []model.Tier{model.T0, model.T1, model.T2} {
		if !w.Has(tier, entity(0)) {
			t.Errorf("%s was waived", tier)
		}
	}
	if w.Has(model.T5, entity(0)) || w.Has(model.T6, entity(0)) || w.Capacity != 250_000 {
		t.Errorf("T4 to T6 were not waived: %v", w)
	}
	if s.Capacity != 750_000 || !s.Has(model.T5, entity(0)) {
		t.Error("the severity itself changed")
	}
}

func TestCapacityNamesWhoLostMost(t *testing.T) {
	var pre, post model.Severity
	pre.AddMissing(entity(0), 900_000)
	post.AddMissing(entity(0), 950_000)
	post.AddMissing(entity(1), 500_000)
	rs := post.Worse(pre)
	if len(rs) != 1 || rs[0].Tier != model.T4 || rs[0].Finding.Entity != entity(1) || rs[0].Before != 900_000 || rs[0].After != 1_450_000 {
		t.Errorf("regressions %+v, want T4 by %s", rs, entity(1))
	}
}
