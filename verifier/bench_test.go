package verifier_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stratus-sre/stratus/internal/testkit"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/kube"
	"github.com/stratus-sre/stratus/model/manifest"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/planner/cueplan"
	"github.com/stratus-sre/stratus/verifier"
	"github.com/stratus-sre/stratus/verifier/policy"
)

func TestMain(m *testing.M) {
	cueplan.Main() // plans are evaluated in a child process of this binary
	os.Exit(m.Run())
}

// tenActions is the plan and the cluster of bench/verify-vs-conftest.sh.
func tenActions(tb testing.TB) (*plan.Plan, *model.State) {
	tb.Helper()
	file := "../bench/plans/ten-actions.cue"
	data, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	p, diags := cueplan.Decode(context.Background(), file, data)
	if err := diags.Err(); err != nil {
		tb.Fatal(err)
	}
	corpus := testkit.Corpus(tb, "hotel-reservation.yaml")
	if data, err = os.ReadFile(corpus); err != nil {
		tb.Fatal(err)
	}
	objects, _ := manifest.Decode(corpus, data)
	s, err := model.NewState(objects)
	if err != nil {
		tb.Fatal(err)
	}
	return p, s
}

func BenchmarkVerify(b *testing.B) {
	p, s := tenActions(b)
	rules, err := policy.Load(context.Background(), policy.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for _, bench := range []struct {
		name  string
		rules *policy.Set
	}{{"properties", nil}, {"properties and policies", rules}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w, err := kube.New(kube.Options{State: s})
				if err != nil {
					b.Fatal(err)
				}
				v, err := verifier.Verify(context.Background(), verifier.Request{Plan: p, World: w, Policies: bench.rules, Now: time.Unix(0, 0)})
				if err != nil || v.Outcome != verifier.Verified {
					b.Fatal(v, err)
				}
				b.ReportMetric(float64(v.Stats.States), "states")
				b.ReportMetric(float64(v.Stats.Contents), "clusters")
			}
		})
	}
}
