package model

import (
	"fmt"
	"iter"

	"github.com/hashicorp/go-memdb"
)

// State is an immutable snapshot of a cluster: its objects, those that people
// wrote and those that controllers derive from them, in go-memdb. The zero
// value is not a State; start from NewState or Empty. Safe for concurrent use.
type State struct {
	db   *memdb.MemDB
	all  Digest // XOR of the objects' digests
	spec Digest // XOR of the spec digests of objects without a controller owner
	size int
}

// Empty returns the state without objects.
func Empty() *State {
	db, err := memdb.NewMemDB(schema)
	if err != nil {
		panic(fmt.Sprintf("model: the schema is a constant and must be valid: %v", err))
	}
	return &State{db: db}
}

// NewState makes a state of objects. Two objects of the same Ref are an error.
func NewState(objects []*Object) (*State, error) {
	d := Empty().Draft()
	for _, o := range objects {
		if d.Get(o.ref) != nil {
			return nil, fmt.Errorf("%s is there twice", o.ref)
		}
		d.Put(o)
	}
	return d.State(), nil
}

// Fingerprint identifies the state: equal objects, equal fingerprint.
func (s *State) Fingerprint() Digest { return s.all }

// Written identifies what people wrote: the ≡obs content of all objects that
// have no controller owner. Two states with equal Written differ only in what
// controllers made of it so far.
func (s *State) Written() Digest { return s.spec }

// Len returns the number of objects.
func (s *State) Len() int { return s.size }

// Get returns the object, nil if there is none.
func (s *State) Get(r Ref) *Object { return get(s.db.Txn(false), r) }

// List yields the objects of a kind, ordered by namespace and name.
func (s *State) List(group, kind string) iter.Seq[*Object] {
	return rows(s.db.Txn(false), "id_prefix", idPrefix(group, kind))
}

// All yields every object, ordered by group, kind, namespace, name.
func (s *State) All() iter.Seq[*Object] { return rows(s.db.Txn(false), "id_prefix", "") }

// In yields the objects of a namespace in the order of All.
func (s *State) In(namespace string) iter.Seq[*Object] {
	return rows(s.db.Txn(false), "namespace", namespace)
}

// OwnedBy yields the objects whose controller owner is r, in the order of All.
func (s *State) OwnedBy(r Ref) iter.Seq[*Object] {
	return rows(s.db.Txn(false), "owner", idOf(r))
}

// Pods yields the pods of a namespace that carry all labels of the selector,
// by name. An empty selector selects nothing, as for a Service.
func (s *State) Pods(namespace string, selector map[string]string) iter.Seq[*Object] {
	return pods(s.db.Txn(false), namespace, selector)
}

// Draft opens a private, writable fork. The state itself does not change.
func (s *State) Draft() *Draft {
	db := s.db.Snapshot()
	return &Draft{db: db, tx: db.Txn(true), from: s, all: s.all, spec: s.spec, size: s.size}
}

// Draft is a state being changed. It reads its own writes. Not safe for
// concurrent use; use it no more after State.
type Draft struct {
	db        *memdb.MemDB // private until State
	tx        *memdb.Txn
	from      *State
	all, spec Digest
	size      int
	changed   bool
}

// Get and List read the draft as the methods of State do; what List yields is
// fixed when it is called, so that the draft may be changed while ranging.
func (d *Draft) Get(r Ref) *Object { return get(d.tx, r) }

// List yields the objects of a kind, ordered by namespace and name.
func (d *Draft) List(group, kind string) iter.Seq[*Object] {
	return fixed(rows(d.tx, "id_prefix", idPrefix(group, kind)))
}

// Put adds or replaces an object.
func (d *Draft) Put(o *Object) {
	old := d.Get(o.ref)
	if old != nil && old.all == o.all {
		return
	}
	d.forget(old)
	must(d.tx.Insert(table, o))
	d.all = d.all.Xor(o.all)
	if o.owner.IsZero() {
		d.spec = d.spec.Xor(o.spec)
	}
	d.size++
	d.changed = true
}

// Delete removes an object; it is no error if there is none.
func (d *Draft) Delete(r Ref) {
	old := d.Get(r)
	if old == nil {
		return
	}
	must(d.tx.Delete(table, old))
	d.forget(old)
	d.changed = true
}

// Changed reports whether anything was put or deleted that made a difference.
func (d *Draft) Changed() bool { return d.changed }

// State closes the draft and returns what it became: the very state it came
// from if nothing changed.
func (d *Draft) State() *State {
	if !d.changed {
		d.tx.Abort()
		return d.from
	}
	d.tx.Commit()
	return &State{db: d.db, all: d.all, spec: d.spec, size: d.size}
}

func (d *Draft) forget(old *Object) {
	if old == nil {
		return
	}
	d.all = d.all.Xor(old.all)
	if old.owner.IsZero() {
		d.spec = d.spec.Xor(old.spec)
	}
	d.size--
}
