package policy

import (
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// Plain returns the set with the engine's optimisations off: no rule index, no
// early exit. It must decide the same.
func (s *Set) Plain() *Set {
	plain := *s
	plain.eval = []rego.EvalOption{rego.EvalRuleIndexing(false), rego.EvalEarlyExit(false)}
	return &plain
}

// Inputs returns every document that rules of a plan would see, data.cluster
// included.
func (s *Set) Inputs(in PlanInput) ([]ast.Value, error) {
	head, actions, err := s.planDocs(in)
	if err != nil {
		return nil, err
	}
	docs := []ast.Value{s.view(in.Start).all()}
	for _, a := range actions {
		docs = append(docs, withAction(head, a.value))
	}
	return docs, nil
}

// StateInputDocument returns the document that state rules would see.
func (s *Set) StateInputDocument(in StateInput) ast.Value { return s.stateDoc(in) }
