package model_test

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stratus-sre/stratus/model"
)

func names(seq func(func(*model.Object) bool)) (out []string) {
	for o := range seq {
		out = append(out, o.Ref().String())
	}
	return out
}

func TestStateIsIndexed(t *testing.T) {
	s := state(t, shop+pod("a", "True")+pod("b", "True"))
	tests := []struct {
		name string
		got  []string
		want []string
	}{
		{"a kind", names(s.List("", "Pod")), []string{"pod/shop/a", "pod/shop/b"}},
		{"no kind is a prefix of another", names(s.List("", "Po")), nil},
		{"a namespace", names(s.In("shop"))[:2], []string{"configmap/shop/frozen", "persistentvolumeclaim/shop/data"}},
		{"no namespace is a prefix of another", names(s.In("sho")), nil},
		{"a selector", names(s.Pods("shop", map[string]string{"app": "cart"})), []string{"pod/shop/a", "pod/shop/b"}},
		{"in another namespace", names(s.Pods("x", map[string]string{"app": "cart"})), nil},
		{"all of its labels", names(s.Pods("shop", map[string]string{"app": "cart", "v": "2"})), nil},
		{"an empty selector selects nothing", names(s.Pods("shop", nil)), nil},
	}
	for _, tt := range tests {
		if !slices.Equal(tt.got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

func TestDraftsAreForks(t *testing.T) {
	s := state(t, shop)
	print, size := s.Fingerprint(), s.Len()
	d := s.Draft()
	owner := ref(t, "deployment/shop/cart")
	rs := model.Ref{Group: "apps", Kind: "ReplicaSet", Namespace: "shop", Name: "cart-1"}
	d.Put(model.NewDerived(rs, &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Name: "cart-1", Namespace: "shop"}}, owner, model.DigestOf("1"), model.Digest{}))
	d.Delete(ref(t, "service/shop/cart"))
	if d.Get(rs) == nil || d.Get(ref(t, "service/shop/cart")) != nil {
		t.Error("a draft does not read its own writes")
	}
	next := d.State()
	if s.Fingerprint() != print || s.Len() != size || s.Get(rs) != nil || s.Get(ref(t, "service/shop/cart")) == nil {
		t.Error("the state a draft came from changed")
	}
	if got := names(next.OwnedBy(owner)); !slices.Equal(got, []string{"replicaset/shop/cart-1"}) {
		t.Errorf("owned by the deployment: %v", got)
	}
	if next.Len() != size || next.Fingerprint() == print {
		t.Error("the new state counts or hashes wrongly")
	}

	back := next.Draft()
	back.Delete(rs)
	back.Put(s.Get(ref(t, "service/shop/cart")))
	if b := back.State(); b.Fingerprint() != print || b.Written() != s.Written() {
		t.Error("taking everything back gives another fingerprint")
	}
	if same := s.Draft().State(); same != s {
		t.Error("a draft without changes is another state")
	}
	unchanged := s.Draft()
	unchanged.Put(s.Get(owner))
	unchanged.Delete(rs)
	if unchanged.Changed() {
		t.Error("putting what is there and deleting what is not is a change")
	}
}

func TestWrittenIgnoresWhatControllersDerive(t *testing.T) {
	s := state(t, shop)
	d := s.Draft()
	d.Put(model.NewDerived(model.Ref{Kind: "Pod", Namespace: "shop", Name: "p"}, &metav1.ObjectMeta{Name: "p", Namespace: "shop"}, ref(t, "deployment/shop/cart"), model.DigestOf("x"), model.Digest{}))
	if n := d.State(); n.Written() != s.Written() || n.Fingerprint() == s.Fingerprint() {
		t.Error("a pod of a controller counts as written, or does not count at all")
	}
}

func TestEqualObjectsAreEqualUnderBookkeeping(t *testing.T) {
	a := state(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: ns, uid: u1, resourceVersion: "1", generation: 3, creationTimestamp: "2024-01-01T00:00:00Z"}, data: {k: v}}`)
	b := state(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: ns}, data: {k: v}}`)
	c := state(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: ns}, data: {k: w}}`)
	if a.Fingerprint() != b.Fingerprint() {
		t.Error("bookkeeping of the API server makes objects differ")
	}
	if b.Fingerprint() == c.Fingerprint() {
		t.Error("different data, same fingerprint")
	}
	r := ref(t, "configmap/ns/c")
	if d := model.Differs(a.Get(r), c.Get(r)); len(d) != 1 || d[0].Path.String() != "data.k" {
		t.Errorf("differences %v, want data.k", d)
	}
	if a.Get(r).UID() != "u1" || a.Get(r).ResourceVersion() != "1" {
		t.Error("bookkeeping is lost")
	}
}

// States XOR the digests of their objects: what two objects have in common must
// not cancel out, and must not be the same in whichever of the two it stands.
func TestTheSamePartOfTwoObjectsIsTwoParts(t *testing.T) {
	object := func(name, stamp, generation string) string {
		return "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: " + name + ", namespace: shop}, " +
			"spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}, annotations: {kubectl.kubernetes.io/restartedAt: '" + stamp + "'}}, " +
			"spec: {containers: [{name: c, image: i}]}}}, status: {observedGeneration: " + generation + "}}\n"
	}
	derived := func(first, second string) model.Digest {
		d := model.Empty().Draft()
		for name, status := range map[string]string{"p": first, "q": second} {
			r := model.Ref{Kind: "Pod", Namespace: "shop", Name: name}
			d.Put(model.NewDerived(r, &metav1.ObjectMeta{Name: name}, model.Ref{Kind: "Node", Name: "n"}, model.DigestOf("spec"), model.DigestOf(status)))
		}
		return d.State().Fingerprint()
	}
	written := func(a, b string) model.Digest { return state(t, a+b).Fingerprint() }
	tests := []struct {
		name string
		a, b model.Digest
	}{
		{"two equal restarts, two others", written(object("cart", "r", "1"), object("users", "r", "1")), written(object("cart", "s", "1"), object("users", "s", "1"))},
		{"exchanged restarts", written(object("cart", "r", "1"), object("users", "s", "1")), written(object("cart", "s", "1"), object("users", "r", "1"))},
		{"two equal statuses, two others", written(object("cart", "", "1"), object("users", "", "1")), written(object("cart", "", "2"), object("users", "", "2"))},
		{"exchanged statuses", written(object("cart", "", "1"), object("users", "", "2")), written(object("cart", "", "2"), object("users", "", "1"))},
		{"exchanged statuses of derived pods", derived("ready", "pending"), derived("pending", "ready")},
		{"equal statuses of derived pods", derived("ready", "ready"), derived("pending", "pending")},
	}
	for _, tt := range tests {
		if tt.a == tt.b {
			t.Errorf("%s: two states, one fingerprint", tt.name)
		}
	}
}

func TestParseRef(t *testing.T) {
	tests := []struct{ in, want, err string }{
		{"deployment/shop/cart", "deployment/shop/cart", ""},
		{"deploy/shop/cart", "deployment/shop/cart", ""},
		{"Deployments/shop/cart", "deployment/shop/cart", ""},
		{"node/n1", "node/n1", ""},
		{"ingresses/shop/i", "ingress/shop/i", ""},
		{"node/x/n1", "", "a Node is written kind/name"},
		{"deployment/cart", "", "a Deployment is written kind/namespace/name"},
		{"deployment/shop/", "", "empty name"},
		{"widget/shop/w", "", "unknown kind"},
		{"", "", "unknown kind"},
	}
	for _, tt := range tests {
		r, err := model.ParseRef(tt.in)
		if tt.err == "" && (err != nil || r.String() != tt.want) {
			t.Errorf("%q: %s, %v; want %s", tt.in, r, err, tt.want)
		}
		if tt.err != "" && (err == nil || !containsText(err, tt.err)) {
			t.Errorf("%q: error %v, want %q", tt.in, err, tt.err)
		}
	}
	long := model.MakeRef("example.com/v1", "Widget", "shop", "w")
	if long.String() != "widget.example.com/shop/w" {
		t.Errorf("a kind without short form is %s", long)
	}
	if r := model.MakeRef("v1", "Node", "ignored", "n"); r.Namespace != "" {
		t.Error("a node has no namespace")
	}
	if r := model.MakeRef("v1", "Pod", "", "p"); r.Namespace != "default" {
		t.Error("a pod without namespace is in default")
	}
}
