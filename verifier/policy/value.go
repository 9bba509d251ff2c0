package policy

import (
	"fmt"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/stratus-sre/stratus/model"
)

// maxValues bounds the cache of a long-running process. It is emptied when
// full: a miss costs some 20 µs, so what to keep is not worth a thought.
const maxValues = 50_000

// values converts objects into the engine's values, once per content: the
// conversion costs as much as a small rule. The key is the object's digest, so
// what the digest leaves out is left out of the value as well; otherwise a
// decision could depend on which of two equal objects came first. Safe for
// concurrent use; the values are never changed.
type values struct {
	mu       sync.Mutex
	byDigest map[model.Digest]ast.Value
}

func newValues() *values { return &values{byDigest: map[model.Digest]ast.Value{}} }

// of returns the object as policies see it: what ≡obs compares, and status,
// without Secret values.
func (v *values) of(o *model.Object) ast.Value {
	key := o.Digest()
	v.mu.Lock()
	value, ok := v.byDigest[key]
	v.mu.Unlock()
	if ok {
		return value
	}
	value = objectValue(document(o))
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.byDigest) >= maxValues {
		clear(v.byDigest)
	}
	v.byDigest[key] = value
	return value
}

// document returns the fields of an object that policies may see.
func document(o *model.Object) map[string]any {
	doc := o.Observable()
	if status, ok := o.Fields()["status"]; ok {
		doc["status"] = status
	}
	return redact(o.Ref(), doc)
}

// objectValue converts unstructured fields. A null field is left out: to the
// API server it is an absent one, and a rule should not have to tell them apart.
func objectValue(x any) ast.Value {
	switch x := x.(type) {
	case map[string]any:
		terms := make([][2]*ast.Term, 0, len(x))
		for k, v := range x {
			if v != nil {
				terms = append(terms, ast.Item(ast.InternedTerm(k), ast.NewTerm(objectValue(v))))
			}
		}
		return ast.NewObject(terms...)
	case []any:
		terms := make([]*ast.Term, len(x))
		for i, v := range x {
			terms[i] = ast.NewTerm(objectValue(v))
		}
		return ast.NewArray(terms...)
	default:
		return toValue(x)
	}
}

// toValue converts maps, slices, scalars and engine values nested in them.
func toValue(x any) ast.Value {
	v, err := ast.InterfaceToValue(x)
	if err != nil {
		// Inputs are built here of JSON values only.
		panic(fmt.Sprintf("policy: %T does not convert: %v", x, err))
	}
	return v
}
