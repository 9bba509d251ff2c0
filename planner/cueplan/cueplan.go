package cueplan

import (
	"context"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model/plan"
)

// Decode reads one plan and lowers its actions. The extension of name says
// whether data is CUE, JSON or YAML; "-" is told by its content. The list holds
// all that is wrong, best first; the plan is nil if it has errors.
//
// The evaluation runs in a child process with limits (see the package comment);
// Decode takes at most about 2.5 seconds and is safe for concurrent use, one
// child a call. When ctx ends, the child is killed. The same input gives the
// same plan, but for a refusal on grounds of time or memory.
func Decode(ctx context.Context, name string, data []byte) (*plan.Plan, diag.List) {
	if name == "" {
		name = "-"
	}
	if len(data) > maxFile { // not even worth a child
		return nil, scanText(name, data)
	}
	answer, err := ask(ctx, name, data)
	if err != nil {
		var out diag.List
		out.Errorf(diag.Position{File: name}, "%v", err)
		return nil, out
	}
	return answer.Plan, answer.Diagnostics
}

// answer is what the child says, as JSON.
type answer struct {
	Plan        *plan.Plan
	Diagnostics diag.List
}
