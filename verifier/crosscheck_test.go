package verifier_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier/policy"
	"github.com/stratus-sre/stratus/verifier/tnr"
)

// TNR004 and TNR008 are written twice, in Go and in Rego. On every state that
// random plans reach, with random waivers, both must give the same answer.
func TestRegoAgreesWithGo(t *testing.T) {
	rules, err := policy.Load(context.Background(), policy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var judged, risky, uncovered int
	forAll(t, 60, "agree", func(r *rand.Rand) string {
		w := worldOf(t, randomManifests(r))
		p := randomPlan(r, w.Start(), 3)
		var accepts []plan.Accept
		for _, app := range apps {
			if r.IntN(4) == 0 {
				accepts = append(accepts, plan.Accept{Loss: plan.LossTransient, On: shopRef("", "Service", app), Expires: time.Unix(1, 0)})
			}
			if r.IntN(4) == 0 {
				accepts = append(accepts, plan.Accept{Loss: plan.LossCoverage, On: shopRef("apps", "Deployment", app), Expires: time.Unix(1, 0)})
			}
		}
		v := model.NewValuation(nil)
		y, err := tnr.Compile(p, w.Start(), w, v, accepts)
		if err != nil || len(y.Missing) > 0 {
			return ""
		}
		first := y.First()
		queue, seen := []tnr.Node{first}, map[tnr.Node]bool{first: true}
		for len(queue) > 0 && len(seen) < 400 {
			n := queue[0]
			queue = queue[1:]
			in := policy.StateInput{
				Plan: p, Start: w.Start(), State: y.State(n, model.Worst), Accepts: accepts,
				StartSeverity: y.Severity(first, model.Settled), StartWorst: y.Severity(first, model.Worst),
				Worst: y.Severity(n, model.Worst), Settled: y.Severity(n, model.Settled),
				StartCoverage: y.Coverage(first), Coverage: y.Coverage(n), AtEnd: n.AboutToCommit(),
			}
			risk, coverage, err := rules.CrossCheck(context.Background(), in)
			if err != nil {
				t.Fatal(err)
			}
			goRisk, goCoverage := !holds(y, n, tnr.BoundedRisk), !holds(y, n, tnr.Coverage)
			judged++
			if goRisk {
				risky++
			}
			if goCoverage {
				uncovered++
			}
			if goRisk != (len(risk) > 0) || goCoverage != (len(coverage) > 0) {
				return "Go and Rego disagree"
			}
			for _, e := range y.Next(n, nil) {
				if !seen[e.To] {
					seen[e.To] = true
					queue = append(queue, e.To)
				}
			}
		}
		return ""
	})
	t.Logf("%d states judged, %d with a risk, %d with lost coverage", judged, risky, uncovered)
	if risky == 0 || uncovered == 0 {
		t.Error("nothing was violated, so nothing was compared")
	}
}

func holds(y *tnr.System, n tnr.Node, id tnr.ID) bool {
	for _, p := range tnr.All() {
		if p.ID == id {
			return p.Check(y).Holds(n, 1)
		}
	}
	panic(id)
}
