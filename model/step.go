package model

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
)

// Effect is what one write did to its object: the pre-image and the after-image,
// nil where the object was or is absent.
type Effect struct {
	On            Ref
	Before, After *Object
}

// Changes returns the fields that the write changed.
func (e Effect) Changes() []Change {
	var before, after map[string]any
	if e.Before != nil {
		before = e.Before.Fields()
	}
	if e.After != nil {
		after = e.After.Fields()
	}
	return Diff(before, after)
}

// Refusal is the API server saying no. It is data, not an error of ours.
type Refusal struct {
	Code    int    // the HTTP status: 403, 404, 409, 422, 429
	Message string // the API server's reason in a few words
}

// String returns "422: spec.selector is immutable".
func (r *Refusal) String() string { return fmt.Sprintf("%d: %s", r.Code, r.Message) }

func refuse(code int, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Step applies one write the way the API server would: it merges, defaults,
// validates, and puts, or refuses. Quota, admission webhooks and RBAC are not
// asked. Controllers do not run; what they make of
// the result is Settle's business. Wait and Check write nothing and return the
// state as it is; Rollback must have been resolved before. Pure.
func Step(s *State, a Action) (*State, Effect, *Refusal) {
	before := s.Get(a.On)
	effect := Effect{On: a.On, Before: before}
	if !a.Verb.Writes() {
		return s, effect, nil
	}
	if a.Verb == Create {
		if before != nil {
			return s, effect, refuse(409, "%s already exists", a.On)
		}
		return put(s, effect, runtime.DeepCopyJSON(a.Object))
	}
	if before == nil {
		return s, effect, refuse(404, "%s not found", a.On)
	}
	switch a.Verb {
	case Patch:
		merged, err := Merge(before.Fields(), a.Patch)
		if err != nil {
			return s, effect, refuse(422, "%v", err)
		}
		return put(s, effect, runtime.DeepCopyJSON(merged))
	case Scale:
		merged, err := Merge(before.Fields(), map[string]any{"spec": map[string]any{"replicas": int64(a.Replicas)}})
		if err != nil {
			return s, effect, refuse(422, "%v", err)
		}
		return put(s, effect, runtime.DeepCopyJSON(merged))
	case Delete:
		return remove(s, effect, a.Orphan), effect, nil
	case Evict:
		if r := mayEvict(s, before); r != nil {
			return s, effect, r
		}
		return remove(s, effect, false), effect, nil
	}
	return s, effect, refuse(422, "%s cannot be applied: it must be resolved first", a.Verb)
}

// Undo takes one write back, field by field, on a state that may have moved
// on: created objects are deleted, deleted ones re-created from the pre-image
// (with a new identity), changed ones reverted where they were changed. An
// eviction has nothing to undo. A field that somebody else changed since is a
// conflict: it is kept, our other fields are restored all the same, and the
// refusal 409 comes along with the state. Pure.
func Undo(s *State, a Action, e Effect) (*State, Effect, *Refusal) {
	live := s.Get(e.On)
	undo := Effect{On: e.On, Before: live}
	switch {
	case a.Verb == Evict || e.Before == nil && e.After == nil:
		undo.After = live
		return s, undo, nil
	case e.Before == nil: // created by us
		if live == nil {
			return s, undo, nil
		}
		if changed := Differs(e.After, live); len(changed) > 0 {
			return s, undo, refuse(409, "%s: %s was changed by somebody else since it was created", e.On, changed[0].Path)
		}
		return remove(s, undo, false), undo, nil
	case e.After == nil: // deleted by us
		if live != nil {
			return s, undo, refuse(409, "%s was created again by somebody else", e.On)
		}
		restored := restore(s, e.Before)
		undo.After = e.Before
		return restored, undo, nil
	case live == nil:
		return s, undo, refuse(404, "%s was deleted by somebody else", e.On)
	}
	fields, conflicts := Revert(e.Before.Fields(), e.After.Fields(), live.Fields())
	restored, undo, refusal := put(s, undo, fields)
	if len(conflicts) > 0 && refusal == nil {
		refusal = refuse(409, "%s: %s was changed by somebody else since", e.On, conflicts[0])
	}
	return restored, undo, refusal
}

// put decodes, defaults, validates and stores the after-image.
func put(s *State, e Effect, fields map[string]any) (*State, Effect, *Refusal) {
	Default(fields)
	keepStatus(fields, e.Before)
	after, err := NewObject(fields)
	if err != nil {
		return s, e, refuse(422, "%v", err)
	}
	if after.Ref() != e.On {
		return s, e, refuse(422, "the object says %s, the action %s", after.Ref(), e.On)
	}
	if r := admit(s, e.Before, after); r != nil {
		return s, e, r
	}
	if e.Before != nil {
		after.orphanOf = e.Before.orphanOf
	}
	d := s.Draft()
	d.Put(after)
	e.After = after
	return d.State(), e, nil
}

// keepStatus gives fields the status that the object had: a write to the main
// resource does not reach it. Kinds without a Go type are left alone, since
// they may have no status subresource.
func keepStatus(fields map[string]any, before *Object) {
	apiVersion, _ := fields["apiVersion"].(string)
	kind, _ := fields["kind"].(string)
	group, _ := splitAPIVersion(apiVersion)
	if k, ok := FindKind(group, kind); !ok || k.new == nil {
		return
	}
	delete(fields, "status")
	if before != nil {
		if status, ok := before.Fields()["status"]; ok {
			fields["status"] = status
		}
	}
}

// remove deletes an object. Dependents stay in the state: with orphan they
// lose their owner, without it the garbage collector of Settle takes them. A
// namespace takes its contents along; an object with finalizers stays,
// terminating.
func remove(s *State, e Effect, orphan bool) *State {
	d := s.Draft()
	if len(e.Before.finalizers()) > 0 {
		d.Put(e.Before.terminating())
		return d.State()
	}
	d.Delete(e.On)
	if e.On.Kind == "Namespace" && e.On.Group == "" {
		for o := range s.In(e.On.Name) {
			d.Delete(o.Ref())
		}
	}
	if orphan {
		for o := range s.OwnedBy(e.On) {
			d.Put(o.orphaned())
		}
	}
	return d.State()
}

// restore puts a deleted object back. Its controller adopts orphans that its
// selector selects, as the ReplicaSet and Deployment controllers do.
func restore(s *State, o *Object) *State {
	d := s.Draft()
	d.Put(o)
	for orphan := range s.All() {
		if orphan.orphanOf == o.ref {
			d.Put(orphan.adopted())
		}
	}
	return d.State()
}
