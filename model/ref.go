package model

import (
	"cmp"
	"fmt"
	"strings"
)

// Ref names an object: group, kind, namespace ("" for cluster-scoped), name.
// It is comparable and leaves the version out, since an object is the same
// object in every version it is served in.
type Ref struct {
	Group, Kind, Namespace, Name string
}

// ParseRef reads the short form kind/namespace/name, or kind/name for
// cluster-scoped kinds. The kind is the lower-case singular, as in
// "deployment/shop/cart"; a plural or a kubectl short name ("deploy") is
// accepted as well. Kinds that the model does not know must be written in the
// long form {apiVersion, kind, namespace, name}, see MakeRef.
func ParseRef(s string) (Ref, error) {
	parts := strings.Split(s, "/")
	k, ok := kindByName[strings.ToLower(parts[0])]
	if !ok {
		return Ref{}, fmt.Errorf("unknown kind %q in %q; write {apiVersion, kind, namespace, name} for kinds that have no short form", parts[0], s)
	}
	want, n := "kind/name", 2
	if k.Namespaced {
		want, n = "kind/namespace/name", 3
	}
	if len(parts) != n {
		return Ref{}, fmt.Errorf("%q: a %s is written %s", s, k.Kind, want)
	}
	for _, p := range parts[1:] {
		if p == "" {
			return Ref{}, fmt.Errorf("%q: empty name; a %s is written %s", s, k.Kind, want)
		}
	}
	r := Ref{Group: k.Group, Kind: k.Kind, Name: parts[n-1]}
	if k.Namespaced {
		r.Namespace = parts[1]
	}
	return r, nil
}

// MakeRef builds the Ref of {apiVersion, kind, namespace, name}. For a known
// cluster-scoped kind the namespace is dropped; for a known namespaced kind an
// empty one becomes "default".
func MakeRef(apiVersion, kind, namespace, name string) Ref {
	group, _ := splitAPIVersion(apiVersion)
	if k, ok := kindByGroupKind[[2]string{group, kind}]; ok {
		if !k.Namespaced {
			namespace = ""
		} else if namespace == "" {
			namespace = "default"
		}
	}
	return Ref{Group: group, Kind: kind, Namespace: namespace, Name: name}
}

// String returns the short form, with ".group" behind the kind where the kind
// has no short form of its own: "widget.example.com/shop/w1".
func (r Ref) String() string {
	kind := strings.ToLower(r.Kind)
	if k, ok := kindByName[kind]; (!ok || k.Group != r.Group) && r.Group != "" {
		kind += "." + r.Group
	}
	if r.Namespace == "" {
		return kind + "/" + r.Name
	}
	return kind + "/" + r.Namespace + "/" + r.Name
}

// IsZero reports whether r names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// Compare orders by group, kind, namespace, name.
func (r Ref) Compare(o Ref) int {
	return cmp.Or(
		strings.Compare(r.Group, o.Group),
		strings.Compare(r.Kind, o.Kind),
		strings.Compare(r.Namespace, o.Namespace),
		strings.Compare(r.Name, o.Name),
	)
}

func splitAPIVersion(v string) (group, version string) {
	if g, ver, ok := strings.Cut(v, "/"); ok {
		return g, ver
	}
	return "", v
}
