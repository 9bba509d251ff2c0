package model_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/strategicpatch"

	"github.com/stratus-sre/stratus/model"
)

// object reads JSON the way the API machinery does: integers as int64.
func object(t *testing.T, text string) map[string]any {
	t.Helper()
	m := map[string]any{}
	if err := kjson.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return m
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestDiff(t *testing.T) {
	tests := []struct {
		name, before, after string
		want                []string
	}{
		{"nothing", `{"a":1}`, `{"a":1}`, nil},
		{"null is absent", `{"a":null,"b":{}}`, `{}`, nil},
		{"a value", `{"spec":{"replicas":1}}`, `{"spec":{"replicas":2}}`, []string{`spec.replicas: 1 -> 2`}},
		{"a field that came", `{"spec":{}}`, `{"spec":{"x":{"y":1}}}`, []string{`spec.x.y: null -> 1`}},
		{"by key, not by place", `{"volumes":[{"name":"A","value":"1"},{"name":"B"}]}`, `{"volumes":[{"name":"B"},{"name":"A","value":"2"}]}`, []string{`volumes[name=A].value: "1" -> "2"`}},
		{"by place too, where order means something", `{"initContainers":[{"name":"a"},{"name":"b"}]}`, `{"initContainers":[{"name":"b"},{"name":"x"},{"name":"a"}]}`, []string{`initContainers[name=x]: null -> {"name":"x"}`, `initContainers[order]: "[name=a] [name=b]" -> "[name=b] [name=a]"`}},
		{"an empty selector selects all, an absent one nothing", `{"from":{"podSelector":{}}}`, `{"from":{}}`, []string{`from.podSelector: {} -> null`}},
		{"an element that went", `{"env":[{"name":"A"},{"name":"B"}]}`, `{"env":[{"name":"B"}]}`, []string{`env[name=A]: {"name":"A"} -> null`}},
		{"a port's protocol is part of its key", `{"ports":[{"port":53,"protocol":"TCP"}]}`, `{"ports":[{"port":53,"protocol":"TCP"},{"port":53,"protocol":"UDP"}]}`, []string{`ports[port=53,protocol=UDP]: null -> {"port":53,"protocol":"UDP"}`}},
		{"a plain list is one value", `{"args":["a","b"]}`, `{"args":["b"]}`, []string{`args: ["a","b"] -> ["b"]`}},
		{"twice the same key is one value", `{"env":[{"name":"A"},{"name":"A"}]}`, `{"env":[{"name":"A"}]}`, []string{`env: [{"name":"A"},{"name":"A"}] -> [{"name":"A"}]`}},
	}
	for _, tt := range tests {
		var got []string
		for _, c := range model.Diff(object(t, tt.before), object(t, tt.after)) {
			got = append(got, c.Path.String()+": "+text(t, c.Before)+" -> "+text(t, c.After))
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

func TestMerge(t *testing.T) {
	tests := []struct{ name, base, patch, want string }{
		{"maps merge", `{"a":{"x":1,"y":2}}`, `{"a":{"y":3}}`, `{"a":{"x":1,"y":3}}`},
		{"null removes", `{"a":{"x":1,"y":2}}`, `{"a":{"x":null}}`, `{"a":{"y":2}}`},
		{"a map is replaced on request", `{"sel":{"x":"1","y":"2"}}`, `{"sel":{"$patch":"replace","z":"3"}}`, `{"sel":{"z":"3"}}`},
		{"lists merge by key and keep their order", `{"env":[{"name":"A","value":"1"},{"name":"B"}]}`, `{"env":[{"name":"C"},{"name":"A","value":"2"}]}`, `{"env":[{"name":"A","value":"2"},{"name":"B"},{"name":"C"}]}`},
		{"an element is deleted", `{"env":[{"name":"A"},{"name":"B"}]}`, `{"env":[{"name":"A","$patch":"delete"}]}`, `{"env":[{"name":"B"}]}`},
		{"a list is replaced on request", `{"env":[{"name":"A"}]}`, `{"env":[{"$patch":"replace"},{"name":"B"}]}`, `{"env":[{"name":"B"}]}`},
		{"plain lists are replaced", `{"args":["a"]}`, `{"args":["b","c"]}`, `{"args":["b","c"]}`},
		{"taints by key and effect", `{"taints":[{"key":"k","effect":"NoSchedule"},{"key":"k","effect":"NoExecute"}]}`, `{"taints":[{"key":"k","effect":"NoExecute","$patch":"delete"}]}`, `{"taints":[{"effect":"NoSchedule","key":"k"}]}`},
	}
	for _, tt := range tests {
		base := object(t, tt.base)
		got, err := model.Merge(base, object(t, tt.patch))
		if err != nil || text(t, got) != tt.want {
			t.Errorf("%s:\n got %s (%v)\nwant %s", tt.name, text(t, got), err, tt.want)
		}
		if text(t, base) != text(t, object(t, tt.base)) {
			t.Errorf("%s: the base was changed", tt.name)
		}
	}
	twice := object(t, `{"env":[{"name":"A","value":"1"},{"name":"A","value":"2"},{"name":"DB"}]}`)
	if got, err := model.Merge(twice, object(t, `{"env":[{"name":"LOG","value":"x"}]}`)); err == nil {
		t.Errorf("a list with a repeated key was merged to %s", text(t, got))
	}
	for _, bad := range []string{`{"a":{"$patch":"merge"}}`, `{"$retainKeys":["x"]}`, `{"$deleteFromPrimitiveList/finalizers":["x"]}`} {
		if _, err := model.Merge(object(t, `{}`), object(t, bad)); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

// TestMergeIsKubernetesMerge compares with the API machinery on patches of the
// kinds that plans write.
func TestMergeIsKubernetesMerge(t *testing.T) {
	deployment := `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"a":"1"}},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"d"}},
		"template":{"metadata":{"labels":{"app":"d"}},"spec":{"nodeSelector":{"disk":"ssd"},"volumes":[{"name":"v","emptyDir":{}}],
		"containers":[{"name":"main","image":"i:1","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],"ports":[{"containerPort":80,"protocol":"TCP"}],
		"volumeMounts":[{"name":"v","mountPath":"/x"}],"readinessProbe":{"httpGet":{"path":"/","port":80}}},{"name":"side","image":"s:1"}]}}}}`
	service := `{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"selector":{"app":"d","v":"1"},"ports":[{"name":"http","port":80,"targetPort":80,"protocol":"TCP"},{"name":"m","port":90,"protocol":"TCP"}]}}`
	tests := []struct {
		base  string
		typed any
		patch string
	}{
		{deployment, appsv1.Deployment{}, `{"spec":{"replicas":3}}`},
		{deployment, appsv1.Deployment{}, `{"metadata":{"labels":{"a":null,"b":"2"}}}`},
		{deployment, appsv1.Deployment{}, `{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"i:2"}]}}}}`},
		{deployment, appsv1.Deployment{}, `{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"A","value":"9"},{"name":"C","value":"3"}]}]}}}}`},
		{deployment, appsv1.Deployment{}, `{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"A","$patch":"delete"}]}]}}}}`},
		{deployment, appsv1.Deployment{}, `{"spec":{"template":{"spec":{"containers":[{"name":"main","readinessProbe":null}]}}}}`},
		{deployment, appsv1.Deployment{}, `{"spec":{"template":{"spec":{"containers":[{"name":"main","readinessProbe":{"$patch":"replace","tcpSocket":{"port":80}}}]}}}}`},
		{deployment, appsv1.Deployment{}, `{"spec":{"template":{"spec":{"nodeSelector":{"$patch":"replace","zone":"a"}}}}}`},
		{deployment, appsv1.Deployment{}, `{"spec":{"template":{"spec":{"tolerations":[{"key":"k","operator":"Exists"}],"volumes":[{"name":"w","emptyDir":{}}]}}}}`},
		{service, corev1.Service{}, `{"spec":{"ports":[{"port":80,"targetPort":8080,"protocol":"TCP"}]}}`},
		{service, corev1.Service{}, `{"spec":{"selector":{"$patch":"replace","app":"e"}}}`},
	}
	for _, tt := range tests {
		got, err := model.Merge(object(t, tt.base), object(t, tt.patch))
		if err != nil {
			t.Fatal(err)
		}
		want, err := strategicpatch.StrategicMergePatch([]byte(tt.base), []byte(tt.patch), tt.typed)
		if err != nil {
			t.Fatal(err)
		}
		// An added element may come in another place: the API server puts it where
		// the patch had it, the model behind what was there.
		d := slices.DeleteFunc(model.Diff(object(t, string(want)), got), func(c model.Change) bool { return c.Path[len(c.Path)-1] == "[order]" })
		if len(d) > 0 {
			t.Errorf("%s\nKubernetes and the model differ in %v", tt.patch, d)
		}
	}
}

// TestMergeKeysAreThoseOfTheAPI walks the types and holds every patchMergeKey
// against what Diff treats as a keyed list.
func TestMergeKeysAreThoseOfTheAPI(t *testing.T) {
	// Deliberately more precise than the tag, see mergeKeys.
	differ := map[string]bool{"ports": true, "topologySpreadConstraints": true}
	// Not written by plans and compared as one value.
	whole := map[string]bool{"addresses": true, "podIPs": true, "hostIPs": true, "allocatedResourcesStatus": true, "resourceClaimStatuses": true, "resizeStatus": true}
	seen := map[reflect.Type]bool{}
	checked := 0
	var walk func(reflect.Type)
	walk = func(rt reflect.Type) {
		for rt.Kind() == reflect.Pointer || rt.Kind() == reflect.Slice || rt.Kind() == reflect.Map {
			rt = rt.Elem()
		}
		if rt.Kind() != reflect.Struct || seen[rt] {
			return
		}
		seen[rt] = true
		for i := range rt.NumField() {
			f := rt.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			key := f.Tag.Get("patchMergeKey")
			if key != "" && f.Type.Kind() == reflect.Slice && !differ[name] && !whole[name] {
				checked++
				before := map[string]any{name: []any{map[string]any{key: "k", "x": "1"}}}
				after := map[string]any{name: []any{map[string]any{key: "k", "x": "2"}}}
				if d := model.Diff(before, after); len(d) != 1 || !strings.Contains(d[0].Path.String(), "["+key+"=k") {
					t.Errorf("%s.%s is keyed by %s, Diff says %v", rt.Name(), name, key, d)
				}
			}
			walk(f.Type)
		}
	}
	for _, v := range []any{appsv1.Deployment{}, appsv1.StatefulSet{}, corev1.Pod{}, corev1.Service{}, corev1.Node{}, corev1.ServiceAccount{}} {
		walk(reflect.TypeOf(v))
	}
	if checked < 10 {
		t.Fatalf("only %d keyed lists were found", checked)
	}
}

func TestRevert(t *testing.T) {
	tests := []struct{ name, pre, post, live, want, conflict string }{
		{"untouched since", `{"a":1}`, `{"a":2}`, `{"a":2}`, `{"a":1}`, ""},
		{"an added field goes", `{}`, `{"a":2}`, `{"a":2}`, `{}`, ""},
		{"a removed field returns", `{"a":{"b":1}}`, `{"a":{}}`, `{"a":{}}`, `{"a":{"b":1}}`, ""},
		{"foreign fields stay", `{"a":1}`, `{"a":2}`, `{"a":2,"b":7}`, `{"a":1,"b":7}`, ""},
		{"a foreign element stays", `{"env":[{"name":"A","value":"1"}]}`, `{"env":[{"name":"A","value":"2"}]}`, `{"env":[{"name":"A","value":"2"},{"name":"B"}]}`, `{"env":[{"name":"A","value":"1"},{"name":"B"}]}`, ""},
		{"an added element goes, a foreign one stays", `{"env":[{"name":"A"}]}`, `{"env":[{"name":"A"},{"name":"C"}]}`, `{"env":[{"name":"A"},{"name":"C"},{"name":"B"}]}`, `{"env":[{"name":"A"},{"name":"B"}]}`, ""},
		{"a removed element returns to its place", `{"initContainers":[{"name":"a"},{"name":"b"}]}`, `{"initContainers":[{"name":"b"}]}`, `{"initContainers":[{"name":"b","image":"x"}]}`, `{"initContainers":[{"name":"a"},{"name":"b","image":"x"}]}`, ""},
		{"already back", `{"a":1}`, `{"a":2}`, `{"a":1}`, `{"a":1}`, ""},
		{"a foreign value on our field is kept", `{"a":1,"b":1}`, `{"a":2,"b":2}`, `{"a":9,"b":2}`, `{"a":9,"b":1}`, "a"},
		{"a foreign value deep down", `{"s":{"t":{"x":1}}}`, `{"s":{"t":{"x":2}}}`, `{"s":{"t":{"x":3}}}`, `{"s":{"t":{"x":3}}}`, "s.t.x"},
	}
	for _, tt := range tests {
		got, conflicts := model.Revert(object(t, tt.pre), object(t, tt.post), object(t, tt.live))
		if d := model.Diff(object(t, tt.want), got); len(d) > 0 {
			t.Errorf("%s: got %s, want %s", tt.name, text(t, got), tt.want)
		}
		var at string
		if len(conflicts) > 0 {
			at = conflicts[0].String()
		}
		if at != tt.conflict {
			t.Errorf("%s: conflict at %q, want %q", tt.name, at, tt.conflict)
		}
	}
}

func TestTouched(t *testing.T) {
	patch := object(t, `{"spec":{"replicas":1,"paused":null,"selector":{"$patch":"replace","a":"b"},"template":{"spec":{"containers":[
		{"name":"main","image":"i","env":[{"name":"A","$patch":"delete"},{"name":"B","value":"1"}],"args":["x"]}]}}}}`)
	var got []string
	for _, p := range model.Touched(patch) {
		got = append(got, p.String())
	}
	want := []string{
		"spec.paused", "spec.replicas", "spec.selector",
		"spec.template.spec.containers[name=main].args",
		"spec.template.spec.containers[name=main].env[name=A]",
		"spec.template.spec.containers[name=main].env[name=B].value",
		"spec.template.spec.containers[name=main].image",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("touched\n got %q\nwant %q", got, want)
	}
}

func TestOverlaps(t *testing.T) {
	p := func(s ...string) model.Path { return s }
	tests := []struct {
		a, b model.Path
		want bool
	}{
		{p("spec", "replicas"), p("spec", "replicas"), true},
		{p("spec"), p("spec", "replicas"), true},
		{p("spec", "replicas"), p("spec", "paused"), false},
		{p(), p("data", "x"), true},
		{p("spec", "containers", "[name=a]", "image"), p("spec", "containers", "[name=b]", "image"), false},
	}
	for _, tt := range tests {
		if tt.a.Overlaps(tt.b) != tt.want || tt.b.Overlaps(tt.a) != tt.want {
			t.Errorf("%s and %s: want overlap %v", tt.a, tt.b, tt.want)
		}
	}
}

func containsText(err error, want string) bool { return strings.Contains(err.Error(), want) }
