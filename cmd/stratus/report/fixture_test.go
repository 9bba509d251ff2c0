package report_test

import (
	"errors"
	"time"

	"github.com/stratus-sre/stratus/cmd/stratus/report"
	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/verifier"
)

// The verdicts that the golden files show, made by hand: one refuted with an
// execution and a policy, one verified, one undecided, one that could not run.

func at(line int) diag.Position {
	return diag.Position{File: "plans/drain-node-3.cue", Line: line, Column: 3}
}

func ref(s string) model.Ref {
	r, err := model.ParseRef(s)
	if err != nil {
		panic(err)
	}
	return r
}

func severity(t model.Tier, entity, what string) model.Severity {
	var s model.Severity
	s.Add(t, model.Finding{Entity: ref(entity), What: what, Why: "no pod is ready"})
	return s
}

var holds = []verifier.Property{
	{ID: "TNR001", Name: "NoRegression", Outcome: verifier.Verified},
	{ID: "TNR002", Name: "FaithfulUndo", Outcome: verifier.Verified},
	{ID: "TNR003", Name: "WriterExclusivity", Outcome: verifier.Verified},
}

func refuted() report.Result {
	outage := severity(model.T1, "service/hotel/frontend", "has no usable endpoint")
	return report.Result{
		PlanFile: "plans/drain-node-3.cue", Cluster: "snapshots/prod-eu1.yaml", Elapsed: 200 * time.Millisecond,
		Verdict: &verifier.Verdict{
			Outcome: verifier.Refuted, Plan: "drain-node-3", PlanDigest: "sha256:00c0ffee", Pos: at(3),
			State: verifier.StateInfo{
				Source: "snapshots/prod-eu1.yaml", Cluster: "3f9c2a10-0000-4000-8000-000000000000", Taken: "2026-01-02T03:04:05Z",
				Baseline: "rendered/prod-eu1", Objects: 61, Fingerprint: "ab12",
			},
			Properties: append(holds[:3:3],
				verifier.Property{
					ID: "TNR004", Name: "BoundedRisk", Outcome: verifier.Refuted, Level: "error", Pos: at(13),
					Summary: "Users lose service/hotel/frontend while the plan runs: 2 -> 0 ready endpoints.",
					Witness: []string{"service/hotel/frontend"},
					Hint:    "Nothing makes move2 wait for move1's replacement: add a waitAvailable between them.",
					Counterexample: &verifier.Counterexample{Steps: []verifier.Step{
						{Action: "cordon", Do: "cordon", On: "node/node-3", Pos: at(9), Watch: "2", Changes: []verifier.FieldChange{{Object: "node/node-3", Path: "spec.unschedulable", After: "true"}}},
						{Action: "move1", Do: "evict", On: "pod/hotel/frontend-7d4-abc", Pos: at(12), Watch: "1"},
						{Action: "move2", Do: "evict", On: "pod/hotel/frontend-7d4-xyz", Pos: at(13), Watch: "0", Note: "needs 1", Worst: outage},
					}},
				},
				verifier.Property{ID: "TNR005", Name: "Recoverable", Outcome: verifier.Verified},
				verifier.Property{
					ID: "TNR007", Name: "Progress", Outcome: verifier.Undecided,
					Summary: "The goal is reached only if the replacements start.", Facts: []string{"image hotel/frontend:v9 starts"},
				},
				verifier.Property{
					ID: "POL-availability-pods-evicted", Name: "Pods are evicted, not deleted", Outcome: verifier.Refuted, Level: "warning",
					Summary: "move1 evicts a pod of a workload with two replicas", Pos: at(12),
				},
				verifier.Property{ID: "POL-workloads-privileged", Name: "No privileged container is added", Outcome: verifier.Verified},
				verifier.Property{ID: "POL-workloads-host-path", Name: "No hostPath volume is added", Outcome: verifier.Verified},
			),
			Bounds:  verifier.Bounds{Actions: 20, Failures: 1, Crashes: 2, States: 100000, Exhaustive: true},
			Stats:   verifier.Stats{States: 412, Transitions: 1200, Depth: 14, Contents: 9, Valuations: 2},
			Assumed: []string{"the webhook of Kyverno stays healthy", "2 images that run here go on starting"},
			Notes:   []string{"no PodDisruptionBudget covers deployment/hotel/frontend"},
		},
	}
}

func verified() report.Result {
	return report.Result{
		PlanFile: "plans/route.cue", Cluster: "snapshots/prod-eu1.yaml",
		Verdict: &verifier.Verdict{
			Outcome: verifier.Verified, Plan: "route", PlanDigest: "sha256:00c0ffee",
			State:      verifier.StateInfo{Source: "snapshots/prod-eu1.yaml", Objects: 61},
			Properties: holds,
			Before:     severity(model.T2, "service/hotel/geo", "has no usable endpoint"),
			After:      &model.Severity{},
			Bounds:     verifier.Bounds{Actions: 20, Failures: 1, Crashes: 1, Exhaustive: true},
			Stats:      verifier.Stats{States: 44, Valuations: 1},
			Actions: []verifier.ActionInfo{
				{Transaction: "t", ID: "route", Do: "setTargetPort", On: "service/hotel/geo", Class: model.R0, ClassWhy: "the object is restored exactly", Kubectl: "kubectl patch service geo"},
				{Transaction: "t", ID: "up", Do: "scale", On: "deployment/hotel/geo", Class: model.R1, ClassWhy: "pods are replaced"},
				{Transaction: "t", ID: "ready", Do: "waitAvailable", On: "deployment/hotel/geo"},
			},
			Accepted: []string{"capacity of deployment/hotel/geo until 2026-02-01, by sre: planned"},
		},
	}
}

func undecided() report.Result {
	return report.Result{
		PlanFile: "plans/new-image.yaml", Cluster: "snapshots/prod-eu1.yaml",
		Verdict: &verifier.Verdict{
			Outcome: verifier.Undecided, Plan: "new-image",
			State: verifier.StateInfo{Source: "snapshots/prod-eu1.yaml", Objects: 61},
			Properties: append(holds[:3:3], verifier.Property{
				ID: "TNR007", Name: "Progress", Outcome: verifier.Undecided, Summary: "Whether the goal is reached depends on a fact that is not known.",
				Facts: []string{"image hotel/geo:v9 starts"},
			}),
			Unknown: []string{"image hotel/geo:v9 starts"},
			Bounds:  verifier.Bounds{Failures: 1, Crashes: 1, States: 1000},
			Stats:   verifier.Stats{States: 1000, Valuations: 2},
		},
	}
}

func broken() report.Result {
	var d diag.List
	d.Errorf(diag.Position{File: "plans/typo.cue", Line: 15, Column: 81}, "scale: replicas must be >= 0")
	return report.Result{PlanFile: "plans/typo.cue", Cluster: "snapshots/prod-eu1.yaml", Diagnostics: d, Err: errors.New("the snapshot is 3h0m0s old")}
}

// hostile is what a plan or a manifest can be called: it tries to move the
// cursor, forge lines, speak to the workflow runner and break out of XML.
const hostile = "x\x1b[2J\r\n::error::forged\u202e]]></failure>\"'&,:% ##[add-mask] \xff"

func forged() report.Result {
	r := refuted()
	v := *r.Verdict
	r.Verdict, r.PlanFile, r.Cluster = &v, hostile+".cue", hostile
	pos := diag.Position{File: r.PlanFile, Line: 1}
	v.Plan, v.Pos, v.State = hostile, pos, verifier.StateInfo{Source: hostile, Baseline: hostile}
	v.Properties = []verifier.Property{{
		ID: "POL-" + hostile, Name: hostile, Outcome: verifier.Refuted, Level: "error", Summary: "::error::" + hostile, Pos: pos,
		Witness: []string{hostile}, Facts: []string{hostile}, Hint: hostile,
		Counterexample: &verifier.Counterexample{Steps: []verifier.Step{{
			Action: hostile, Do: hostile, On: hostile, Pos: pos, Note: hostile, Watch: hostile,
			Changes: []verifier.FieldChange{{Object: hostile, Path: hostile, Before: hostile, After: hostile}},
		}}},
	}}
	v.Accepted, v.Assumed, v.Unknown, v.NotCovered, v.Notes = []string{hostile}, []string{hostile}, []string{hostile}, []string{hostile}, []string{hostile}
	return r
}
