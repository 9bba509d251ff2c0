package verifier

import (
	"context"
	"maps"
	"slices"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier/explore"
	"github.com/stratus-sre/stratus/verifier/tnr"
)

// maxValuations bounds how many choices of unknown facts are explored: six
// independent unknowns. Past it what is left over is undecided.
const maxValuations = 64

// run is one exploration under one valuation.
type run struct {
	choice     map[model.Fact]bool // every unknown fact that was asked, and the answer taken
	system     *tnr.System
	result     *explore.Result[tnr.Node, tnr.Label]
	violations map[tnr.ID]found
	commits    bool // some execution comes to the point of committing
}

// found is a property that failed in a run.
type found struct {
	violation tnr.Violation
	path      *tnr.Path // nil for what was found without exploring
}

// runs are all explorations of one request.
type runs struct {
	list     []run
	complete bool // every choice of the unknown facts was explored
}

func (rs *runs) exhaustive() bool {
	return rs.complete && !slices.ContainsFunc(rs.list, func(r run) bool { return !r.result.Exhaustive })
}

// exploreAll explores the plan under every choice of the unknown facts that
// the exploration asks for. A run answers true to what it was not told; each
// such fact then gets a run of its own with the other answer, so that the runs
// are the leaves of a decision tree.
func exploreAll(ctx context.Context, r Request, accepts []plan.Accept) (*runs, error) {
	out := &runs{complete: true}
	queue := []map[model.Fact]bool{{}}
	for len(queue) > 0 {
		choice := queue[0]
		queue = queue[1:]
		if len(out.list) == maxValuations {
			out.complete = false
			break
		}
		valuation := model.NewValuation(choice)
		one, err := exploreOne(ctx, r, accepts, valuation)
		if err != nil {
			return nil, err
		}
		for _, f := range valuation.Asked() {
			if _, told := choice[f]; told {
				continue
			}
			other := maps.Clone(choice)
			other[f] = false
			queue = append(queue, other)
			choice[f] = true
		}
		one.choice = choice
		out.list = append(out.list, one)
	}
	return out, nil
}

func exploreOne(ctx context.Context, r Request, accepts []plan.Accept, v *model.Valuation) (run, error) {
	system, err := tnr.Compile(r.Plan, r.World.Start(), r.World, v, accepts)
	if err != nil {
		return run{}, err
	}
	if err := system.Missing.Err(); err != nil {
		system.Missing.Sort()
		return run{}, system.Missing
	}
	all := tnr.All()
	checks := make([]explore.Property[tnr.Node], len(all))
	for i, p := range all {
		checks[i] = p.Check(system)
	}
	result, err := explore.Run(ctx, system, checks, explore.Limits{States: r.MaxStates, Progress: r.Progress})
	if err != nil {
		return run{}, err
	}
	one := run{system: system, result: result, violations: map[tnr.ID]found{}}
	for n := range result.All() {
		one.commits = one.commits || n.AboutToCommit()
	}
	for i, p := range all {
		if node, failed := result.Violations[i]; failed {
			path, _ := result.PathTo(node)
			one.violations[p.ID] = found{p.Explain(system, path), &path}
		}
	}
	for _, s := range system.Static {
		// What needs no execution to be seen is the better explanation.
		if have, seen := one.violations[s.Property]; !seen || have.path != nil {
			one.violations[s.Property] = found{violation: s}
		}
	}
	return one, nil
}
