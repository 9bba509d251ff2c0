package model

import (
	"fmt"
	"iter"
	"slices"

	"github.com/hashicorp/go-memdb"
)

// The schema of the store: one table, four indexes. The indexers are written
// by hand because go-memdb's reflecting ones cost four times as much.
//
//	id         group, kind, namespace, name   unique; its prefix lists a kind
//	namespace  namespace
//	owner      id of the controller owner     only objects that have one
//	label      namespace, key, value          pods only: selectors select pods
const table = "object"

var schema = &memdb.DBSchema{Tables: map[string]*memdb.TableSchema{table: {
	Name: table,
	Indexes: map[string]*memdb.IndexSchema{
		"id": {Name: "id", Unique: true, Indexer: idIndex{}},
		"namespace": {Name: "namespace", Indexer: single{func(o *Object) (string, bool) {
			return o.ref.Namespace, true
		}}},
		"owner": {Name: "owner", AllowMissing: true, Indexer: single{func(o *Object) (string, bool) {
			return idOf(o.owner), !o.owner.IsZero()
		}}},
		"label": {Name: "label", AllowMissing: true, Indexer: labelIndex{}},
	},
}}}

const sep = "\x00"

func idOf(r Ref) string {
	return r.Group + sep + r.Kind + sep + r.Namespace + sep + r.Name + sep
}

func idPrefix(group, kind string) string { return group + sep + kind + sep }

func labelKey(namespace, key, value string) string {
	return namespace + sep + key + sep + value
}

// fromArgs turns the one string argument of a look-up into the index's bytes.
func fromArgs(args []any) ([]byte, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("one argument expected, have %d", len(args))
	}
	s, ok := args[0].(string)
	if !ok {
		return nil, fmt.Errorf("string expected, have %T", args[0])
	}
	return []byte(s), nil
}

type idIndex struct{}

func (idIndex) FromArgs(args ...any) ([]byte, error)       { return fromArgs(args) }
func (idIndex) PrefixFromArgs(args ...any) ([]byte, error) { return fromArgs(args) }
func (idIndex) FromObject(o any) (bool, []byte, error) {
	return true, []byte(idOf(o.(*Object).ref)), nil
}

type single struct {
	key func(*Object) (key string, ok bool)
}

func (single) FromArgs(args ...any) ([]byte, error) {
	b, err := fromArgs(args)
	return append(b, sep...), err
}

func (s single) FromObject(o any) (bool, []byte, error) {
	k, ok := s.key(o.(*Object))
	if !ok {
		return false, nil, nil
	}
	return true, append([]byte(k), sep...), nil
}

type labelIndex struct{}

func (labelIndex) FromArgs(args ...any) ([]byte, error) {
	b, err := fromArgs(args)
	return append(b, sep...), err
}

func (labelIndex) FromObject(o any) (bool, [][]byte, error) {
	obj := o.(*Object)
	if obj.ref.Kind != "Pod" || obj.ref.Group != "" {
		return false, nil, nil
	}
	var keys [][]byte
	for k, v := range obj.Labels() {
		keys = append(keys, []byte(labelKey(obj.ref.Namespace, k, v)+sep))
	}
	return len(keys) > 0, keys, nil
}

func get(tx *memdb.Txn, r Ref) *Object {
	v, err := tx.First(table, "id", idOf(r))
	must(err)
	o, _ := v.(*Object)
	return o
}

func rows(tx *memdb.Txn, index, arg string) iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		it, err := tx.Get(table, index, arg)
		must(err)
		for v := it.Next(); v != nil; v = it.Next() {
			if !yield(v.(*Object)) {
				return
			}
		}
	}
}

// pods looks up one label of the selector and filters by the rest. Any one
// would do; the smallest key keeps the choice deterministic.
func pods(tx *memdb.Txn, namespace string, selector map[string]string) iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		if len(selector) == 0 {
			return
		}
		first := ""
		for k := range selector {
			if first == "" || k < first {
				first = k
			}
		}
		for o := range rows(tx, "label", labelKey(namespace, first, selector[first])) {
			if Selects(selector, o.Labels()) && !yield(o) {
				return
			}
		}
	}
}

// Selects reports whether labels carry every pair of selector.
func Selects(selector, labels map[string]string) bool {
	for k, v := range selector {
		if have, ok := labels[k]; !ok || have != v {
			return false
		}
	}
	return true
}

func fixed(seq iter.Seq[*Object]) iter.Seq[*Object] { return slices.Values(slices.Collect(seq)) }

// must turns errors of the store into panics: the schema and the types are
// constants of this package, so an error is a mistake here.
func must(err error) {
	if err != nil {
		panic("model: store: " + err.Error())
	}
}
