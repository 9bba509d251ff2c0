package model

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Digest is a content hash: the first 16 bytes of SHA-256. Digests of sets are
// the XOR of their members' digests, so that they can be kept incrementally.
type Digest [16]byte

// String returns the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// Xor returns the digest of the symmetric difference.
func (d Digest) Xor(o Digest) Digest {
	for i := range d {
		d[i] ^= o[i]
	}
	return d
}

// DigestOf hashes parts, with their lengths, so that ("a","b") and ("ab","")
// differ.
func DigestOf(parts ...string) Digest {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s;", len(p), p)
	}
	var d Digest
	copy(d[:], h.Sum(nil))
	return d
}

// Object is one Kubernetes object, immutable and shared between states. It has
// two faces, each made from the other on first use: Fields, the unstructured
// form that nothing is lost in, and the Go type of k8s.io/api for kinds that
// have one (see As). Neither may be changed by anybody who holds it.
type Object struct {
	ref        Ref
	apiVersion string
	owner      Ref     // controller owner, zero if none
	orphanOf   Ref     // the owner it had, if that was deleted with Orphan
	before     *Object // an orphan: as it was while it had its owner

	spec Digest // of everything that ≡obs compares
	all  Digest // of spec and status

	once      sync.Once
	fields    map[string]any
	typed     any
	fromTyped bool
}

// NewObject makes an Object of unstructured fields (maps, slices, strings,
// int64, float64, bool, nil) and takes ownership of them. It fails if
// apiVersion, kind or metadata.name is missing, or if a kind that has a Go
// type does not decode into it; unknown fields are not an error here.
func NewObject(fields map[string]any) (*Object, error) {
	apiVersion, _ := fields["apiVersion"].(string)
	kind, _ := fields["kind"].(string)
	meta, _ := fields["metadata"].(map[string]any)
	name, _ := meta["name"].(string)
	namespace, _ := meta["namespace"].(string)
	if apiVersion == "" || kind == "" || name == "" {
		return nil, fmt.Errorf("an object needs apiVersion, kind and metadata.name (have %q, %q, %q)", apiVersion, kind, name)
	}
	o := &Object{ref: MakeRef(apiVersion, kind, namespace, name), apiVersion: apiVersion, fields: fields}
	if err := o.decode(); err != nil {
		return nil, fmt.Errorf("%s: %w", o.ref, err)
	}
	for _, r := range o.ownerReferences() {
		if r.Controller != nil && *r.Controller {
			o.owner = MakeRef(r.APIVersion, r.Kind, o.ref.Namespace, r.Name)
		}
	}
	o.spec = digestFields(observable(fields))
	o.all = o.spec
	if st, ok := fields["status"].(map[string]any); ok && len(st) > 0 {
		o.all = o.all.Xor(o.mark("status", digestFields(st)))
	}
	if at := stringAt(fields, "spec", "template", "metadata", "annotations", restartedAt); at != "" {
		o.all = o.all.Xor(o.mark(restartedAt, DigestOf(at)))
	}
	return o, nil
}

// NewDerived makes an Object of a typed value that a controller of the model
// derives. The digests are the caller's: spec of what it was derived from,
// status of what was observed of it. The caller must not change typed any more.
func NewDerived(ref Ref, typed metav1.Object, owner Ref, spec, status Digest) *Object {
	k, _ := FindKind(ref.Group, ref.Kind)
	o := &Object{
		ref: ref, apiVersion: k.APIVersion(), owner: owner,
		typed: typed, fromTyped: true,
	}
	o.spec = o.mark("spec", spec)
	o.all = o.spec.Xor(o.mark("status", status))
	return o
}

// WithStatus returns the object with another status, which typed has and the
// digest identifies; what it was derived or read from is the same. The caller
// must not change typed any more.
func (o *Object) WithStatus(typed metav1.Object, status Digest) *Object {
	return &Object{
		ref: o.ref, apiVersion: o.apiVersion, owner: o.owner, typed: typed, fromTyped: true,
		spec: o.spec, all: o.spec.Xor(o.mark("status", status)),
	}
}

// mark returns the digest of a part of this very object. States XOR digests,
// so that a part without its owner would cancel out against the same part of
// another object: two workloads restarted alike, two pods with one status.
func (o *Object) mark(part string, d Digest) Digest {
	return DigestOf(o.ref.String(), part, string(d[:]))
}

// Ref returns the object's name.
func (o *Object) Ref() Ref { return o.ref }

// APIVersion returns the version the object was read or written in.
func (o *Object) APIVersion() string { return o.apiVersion }

// Owner returns the controller owner, zero if there is none.
func (o *Object) Owner() Ref { return o.owner }

// Digest identifies the content, status included; bookkeeping of the API
// server (resourceVersion, managedFields, …) is left out.
func (o *Object) Digest() Digest { return o.all }

// SpecDigest identifies what ≡obs compares: Digest without status.
func (o *Object) SpecDigest() Digest { return o.spec }

// Fields returns the unstructured form, read-only. Safe for concurrent use.
func (o *Object) Fields() map[string]any {
	o.once.Do(func() {
		if !o.fromTyped {
			return
		}
		m, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o.typed)
		if err != nil {
			// k8s.io/api types convert by construction.
			panic(fmt.Sprintf("model: %s does not convert: %v", o.ref, err))
		}
		m["apiVersion"], m["kind"] = o.apiVersion, o.ref.Kind
		o.fields = m
	})
	return o.fields
}

// Meta returns the metadata of a kind that has a Go type, else nil.
func (o *Object) Meta() metav1.Object {
	m, _ := o.typed.(metav1.Object)
	return m
}

// UID returns metadata.uid, "" where the state has none.
func (o *Object) UID() string {
	if m := o.Meta(); m != nil {
		return string(m.GetUID())
	}
	return stringAt(o.fields, "metadata", "uid")
}

// ResourceVersion returns metadata.resourceVersion, "" where there is none.
func (o *Object) ResourceVersion() string {
	if m := o.Meta(); m != nil {
		return m.GetResourceVersion()
	}
	return stringAt(o.fields, "metadata", "resourceVersion")
}

// Labels returns the labels, read-only.
func (o *Object) Labels() map[string]string { return o.stringMap("labels") }

// Annotations returns the annotations, read-only.
func (o *Object) Annotations() map[string]string { return o.stringMap("annotations") }

// As returns the object as the Go type T, read-only; nil if it is of another
// kind. T is a struct type of k8s.io/api: As[appsv1.Deployment](o).
func As[T any](o *Object) *T {
	if o == nil {
		return nil
	}
	t, _ := o.typed.(*T)
	return t
}

// finalizers returns metadata.finalizers.
func (o *Object) finalizers() []string {
	if m := o.Meta(); m != nil {
		return m.GetFinalizers()
	}
	meta, _ := o.fields["metadata"].(map[string]any)
	var out []string
	list, _ := meta["finalizers"].([]any)
	for _, f := range list {
		if s, ok := f.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// terminating returns the object as the API server keeps it while finalizers
// hold a deletion back.
func (o *Object) terminating() *Object {
	fields := runtime.DeepCopyJSON(o.Fields())
	meta, _ := fields["metadata"].(map[string]any)
	meta["deletionTimestamp"] = "1970-01-01T00:00:00Z" // the model has no clock
	t, err := NewObject(fields)
	if err != nil {
		panic(fmt.Sprintf("model: %s decoded before and does not now: %v", o.ref, err))
	}
	return t
}

// orphaned returns the object without its controller owner, remembering which
// it was; adopted gives it back.
func (o *Object) orphaned() *Object {
	fields := runtime.DeepCopyJSON(o.Fields())
	meta, _ := fields["metadata"].(map[string]any)
	refs, _ := meta["ownerReferences"].([]any)
	meta["ownerReferences"] = slices.DeleteFunc(refs, func(r any) bool {
		m, _ := r.(map[string]any)
		return m["controller"] == true
	})
	orphan, err := NewObject(fields)
	if err != nil {
		panic(fmt.Sprintf("model: %s decoded before and does not now: %v", o.ref, err))
	}
	orphan.orphanOf, orphan.before = o.owner, o
	return orphan
}

// adopted returns the orphan as its owner knew it. One that was changed in
// between keeps the change.
func (o *Object) adopted() *Object {
	if o.before != nil {
		return o.before
	}
	fields := runtime.DeepCopyJSON(o.Fields())
	meta, _ := fields["metadata"].(map[string]any)
	refs, _ := meta["ownerReferences"].([]any)
	k, _ := FindKind(o.orphanOf.Group, o.orphanOf.Kind)
	meta["ownerReferences"] = append(refs, map[string]any{
		"apiVersion": k.APIVersion(), "kind": o.orphanOf.Kind, "name": o.orphanOf.Name, "uid": "", "controller": true,
	})
	child, err := NewObject(fields)
	if err != nil {
		panic(fmt.Sprintf("model: %s decoded before and does not now: %v", o.ref, err))
	}
	return child
}

func (o *Object) decode() error {
	k, ok := FindKind(o.ref.Group, o.ref.Kind)
	if !ok || k.new == nil || k.APIVersion() != o.apiVersion {
		return nil
	}
	typed := k.new()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.fields, typed); err != nil {
		return err
	}
	o.typed = typed
	return nil
}

func (o *Object) ownerReferences() []metav1.OwnerReference {
	if m := o.Meta(); m != nil {
		return m.GetOwnerReferences()
	}
	return nil
}

func (o *Object) stringMap(key string) map[string]string {
	if m := o.Meta(); m != nil {
		if key == "labels" {
			return m.GetLabels()
		}
		return m.GetAnnotations()
	}
	meta, _ := o.fields["metadata"].(map[string]any)
	in, _ := meta[key].(map[string]any)
	out := make(map[string]string, len(in))
	for k, v := range in {
		if s, ok := v.(string); ok {
			out[k] = s
		}
	}
	return out
}

func stringAt(m map[string]any, path ...string) string {
	for _, p := range path[:len(path)-1] {
		m, _ = m[p].(map[string]any)
	}
	s, _ := m[path[len(path)-1]].(string)
	return s
}

// digestFields hashes the canonical JSON (sorted keys) of v.
func digestFields(v any) Digest {
	b, err := json.Marshal(v)
	if err != nil {
		// Fields hold only JSON values.
		panic(fmt.Sprintf("model: fields do not marshal: %v", err))
	}
	sum := sha256.Sum256(b)
	var d Digest
	copy(d[:], sum[:])
	return d
}
