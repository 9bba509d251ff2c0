package policy

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"

	"github.com/stratus-sre/stratus/model"
)

// dataCluster is where rules find the start state:
//
//	data.cluster[kind][namespace][name]
//
// The kind is "Deployment", or "Rollout.argoproj.io" for a kind that the model
// does not know; the namespace of a cluster-scoped object is "".
const dataCluster = "cluster"

// store answers the engine's questions about data: the start state, which the
// transaction carries, and the data files of the user. It is read-only and
// keeps nothing, so that model.State stays the one store of record.
type store struct {
	storage.TriggersNotSupported
	storage.WritesNotSupported
	storage.PolicyNotSupported
	data map[string]any
}

// NewTransaction opens a view of no cluster; see Set.view for one of a state.
func (*store) NewTransaction(context.Context, ...storage.TransactionParams) (storage.Transaction, error) {
	return &view{}, nil
}

func (*store) Commit(context.Context, storage.Transaction) error { return nil }
func (*store) Abort(context.Context, storage.Transaction)        {}

func (*store) Truncate(context.Context, storage.Transaction, storage.TransactionParams, storage.Iterator) error {
	return &storage.Error{Code: storage.WritesNotSupportedErr, Message: "policies cannot write"}
}

// Read returns the document at path, as the engine's value.
func (s *store) Read(_ context.Context, txn storage.Transaction, path storage.Path) (any, error) {
	v := txn.(*view) // the engine hands back what it was given
	switch {
	case len(path) == 0:
		all := maps.Clone(s.data)
		if all == nil {
			all = map[string]any{}
		}
		all[dataCluster] = v.all()
		return toValue(all), nil
	case path[0] == dataCluster:
		return v.read(path[1:])
	}
	doc, ok := s.data[path[0]]
	if !ok {
		return nil, notFound(path)
	}
	return find(toValue(doc), path, 1)
}

// view is the start state as data.cluster. Kinds are converted when a rule
// reads them, and objects once, so a rule pays for what it looks at. Safe for
// concurrent use.
type view struct {
	state  *model.State
	values *values

	mu      sync.Mutex
	kinds   map[string]kindName
	byKinds map[string]ast.Value
}

type kindName struct{ group, kind string }

// ID implements storage.Transaction; views never meet in one store.
func (*view) ID() uint64 { return 0 }

func (v *view) read(path storage.Path) (any, error) {
	if len(path) == 0 {
		return v.all(), nil
	}
	k, ok := v.names()[path[0]]
	if !ok {
		return nil, notFound(path)
	}
	if len(path) < 3 {
		return find(v.kind(path[0]), path, 1)
	}
	o := v.state.Get(model.Ref{Group: k.group, Kind: k.kind, Namespace: path[1], Name: path[2]})
	if o == nil {
		return nil, notFound(path)
	}
	return find(v.values.of(o), path, 3)
}

// names lists the kinds of the state under the names that rules use.
func (v *view) names() map[string]kindName {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.kinds == nil {
		v.kinds, v.byKinds = map[string]kindName{}, map[string]ast.Value{}
		if v.state != nil {
			for o := range v.state.All() {
				v.kinds[kindKey(o.Ref())] = kindName{o.Ref().Group, o.Ref().Kind}
			}
		}
	}
	return v.kinds
}

// kind returns {namespace: {name: object}}.
func (v *view) kind(key string) ast.Value {
	name := v.names()[key]
	v.mu.Lock()
	defer v.mu.Unlock()
	if value, ok := v.byKinds[key]; ok {
		return value
	}
	byNamespace := map[string]any{}
	for o := range v.state.List(name.group, name.kind) {
		inside, ok := byNamespace[o.Ref().Namespace].(map[string]any)
		if !ok {
			inside = map[string]any{}
			byNamespace[o.Ref().Namespace] = inside
		}
		inside[o.Ref().Name] = v.values.of(o)
	}
	value := toValue(byNamespace)
	v.byKinds[key] = value
	return value
}

func (v *view) all() ast.Value {
	all := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(v.names())) {
		all[key] = v.kind(key)
	}
	return toValue(all)
}

// kindKey is the name of a kind in data.cluster.
func kindKey(r model.Ref) string {
	if _, known := model.FindKind(r.Group, r.Kind); known || r.Group == "" {
		return r.Kind
	}
	return r.Kind + "." + r.Group
}

// find descends from value along path[from:].
func find(value ast.Value, path storage.Path, from int) (any, error) {
	ref := make(ast.Ref, 0, len(path)-from)
	for _, p := range path[from:] {
		ref = append(ref, ast.StringTerm(p))
	}
	found, err := value.Find(ref)
	if err != nil {
		return nil, notFound(path)
	}
	return found, nil
}

func notFound(path storage.Path) error {
	return &storage.Error{Code: storage.NotFoundErr, Message: path.String() + ": no such document"}
}
