package manifest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/stratus-sre/stratus/internal/testkit"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/manifest"
)

// pod is a valid object with a place for one more line.
const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: x\n"

// TestDiagnostics: what is wrong, exactly where, and what to do.
func TestDiagnostics(t *testing.T) {
	for _, tt := range []struct {
		name, input string
		objects     int
		want        string
	}{
		{"nothing", "", 0, ""},
		{"empty documents", "---\n# only a comment\n---\n\n---\n", 0, ""},
		{"valid", pod, 1, ""},
		{"null timestamps", "apiVersion: v1\nkind: Pod\nmetadata: {name: a, creationTimestamp: null}\nspec: {containers: []}\nstatus: {}\n", 1, ""},
		{"unknown field", pod + "    imagee: y\n", 1,
			"f:7:5: warning: Pod has no field spec.containers[0].imagee (the API server drops it; is it misspelt?)"},
		{"unknown fields in JSON", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\",\n\"metadata\": {\"name\": \"a\"},\n\t\"spec\": {\"conteiners\": []}}", 1,
			"f:3:11: warning: Pod has no field spec.conteiners (the API server drops it; is it misspelt?)"},
		{"unknown kind is kept", "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: shop}\nspec: {anything: [1]}\n", 1, ""},
		{"another version", "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\n", 1,
			"f:1:1: warning: HorizontalPodAutoscaler is read in autoscaling/v2 only; in autoscaling/v1 its effects are not modelled (convert it to autoscaling/v2)"},
		{"string for a number", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: \"3\"\n", 0,
			"f:5:3: Deployment: spec.replicas is a string; the API wants a whole number"},
		{"a truth value in an env", pod + "    env:\n    - {name: A, value: yes}\n", 0,
			"f:8:17: Pod: spec.containers[0].env[0].value is true or false; the API wants a string: quote it"},
		{"mapping for a list", pod + "    env: {A: b}\n", 0,
			"f:7:5: Pod: spec.containers[0].env is a mapping; the API wants a list"},
		{"bad quantity", pod + "    resources: {limits: {cpu: much}}\n", 0,
			`f:7:26: Pod: spec.containers[0].resources.limits.cpu is not valid: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`},
		{"no kind", "apiVersion: v1\nmetadata: {name: a}\n", 0,
			"f:1:1: the object has no kind (a manifest begins with apiVersion and kind)"},
		{"no metadata", "---\napiVersion: v1\nkind: Pod\n", 0,
			"f:2:1: the Pod has no metadata (add metadata: {name: …})"},
		{"generateName", "apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: a-\n", 0,
			"f:3:1: the Pod has no metadata.name (generateName is filled in by the API server; write the name it got)"},
		{"not an object", "- a\n- b\n", 0,
			"f:1:1: expected a Kubernetes object, have a list (a manifest is a mapping with apiVersion, kind and metadata)"},
		{"twice the object", pod + "---\n" + pod, 1,
			"f:8:1: pod/default/a is defined twice, first at f:1:1 (keep one of the two)"},
		{"twice the key", pod + "    image: a\n    image: b\n", 0,
			`f:8:5: the key "image" is given twice (keep one of the two)`},
		{"broken YAML keeps what came before", pod + "---\na: [\n", 1,
			"f:8: not YAML: did not find expected node content"},
		{"template", "a: {{ .Values.x }}: [\n", 0,
			"f:1: not YAML: mapping values are not allowed in this context (this looks like a template: render it first)"},
		{"broken JSON", "{\"apiVersion\": \"v1\",\n \"kind\" 1}", 0,
			"f:2:9: not JSON: invalid character '1' after object key"},
		{"truncated JSON", "{\"apiVersion\": [", 0,
			"f:1:17: not JSON: the file ends in the middle of a value"},
		{"not UTF-8", "a: b\nc: \xff\n", 0,
			"f:2:4: the file is not valid UTF-8 here"},
		{"infinite", pod + "    x: .inf\n", 0,
			`f:7:8: ".inf" is not a finite number (Kubernetes objects are JSON, which has no such number)`},
		{"item that is no object", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- 7\n", 1,
			"f:5:3: items[1] is a single value, not an object (items of a list are objects)"},
		{"bad snapshot time", "apiVersion: v1\nkind: List\nmetadata:\n  annotations:\n    stratus.dev/taken: yesterday\nitems: []\n", 0,
			"f:5:5: stratus.dev/taken is yesterday, not an RFC 3339 time (write it as 2006-01-02T15:04:05Z)"},
		{"raw Secret values, said once", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {k: aHVudGVyMg==}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b}\nstringData: {k: hunter2}\n", 2,
			"f:1:1: warning: contains raw Secret values; they never reach output"},
		{"redacted Secret values", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {k: \"hmac:90f0\"}\n", 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			objects, diags := manifest.Decode("f", []byte(tt.input))
			if got := diags.Error(); got != tt.want {
				t.Errorf("diagnostics:\n got %s\nwant %s", got, tt.want)
			}
			if len(objects) != tt.objects {
				t.Errorf("got %d objects, want %d", len(objects), tt.objects)
			}
		})
	}
}

// TestValues: numbers and words become what the API server would see.
func TestValues(t *testing.T) {
	const in = `
apiVersion: example.com/v1
kind: Widget
metadata: {name: w}
base: &base {a: 1, b: 2}
values:
  merged: {<<: *base, b: 3}
  again: *base
  ints: [0, 7, -7, +7, 0x10, 0777, 1_000, 9223372036854775807]
  floats: [1.5, 1e3, 18446744073709551616]
  words: [yes, Off, y, true, "yes", 'no', null, ~, 2024-01-02, "1", 1.2.3]
  text: |
    two
    lines
`
	want := map[string]any{
		"merged": map[string]any{"a": int64(1), "b": int64(3)},
		"again":  map[string]any{"a": int64(1), "b": int64(2)},
		"ints":   []any{int64(0), int64(7), int64(-7), int64(7), int64(16), int64(511), int64(1000), int64(9223372036854775807)},
		"floats": []any{1.5, 1000.0, 18446744073709551616.0},
		"words":  []any{true, false, true, true, "yes", "no", nil, nil, "2024-01-02", "1", "1.2.3"},
		"text":   "two\nlines\n",
	}
	objects, diags := manifest.Decode("f", []byte(in))
	if len(diags) > 0 || len(objects) != 1 {
		t.Fatalf("%d objects, %v", len(objects), diags)
	}
	for key, got := range objects[0].Fields()["values"].(map[string]any) {
		if !reflect.DeepEqual(got, want[key]) {
			t.Errorf("%s:\n got %#v\nwant %#v", key, got, want[key])
		}
	}
}

// TestJSON: the parts of JSON that a YAML parser trips over.
func TestJSON(t *testing.T) {
	in := "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"},\n\t\"data\":{\"k\":\"\\ud83d\\ude00 \\/\"},\"n\":[1,1.0,1e2,123456789012345678901]}"
	objects, _ := manifest.Decode("f", []byte(in))
	if len(objects) != 1 {
		t.Fatalf("got %d objects", len(objects))
	}
	fields := objects[0].Fields()
	if got := fields["data"].(map[string]any)["k"]; got != "😀 /" {
		t.Errorf("data.k = %q", got)
	}
	if want := []any{int64(1), 1.0, 100.0, 123456789012345678901.0}; !reflect.DeepEqual(fields["n"], want) {
		t.Errorf("n = %#v, want %#v", fields["n"], want)
	}
	flow, diags := manifest.Decode("f", []byte("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}"))
	if len(flow) != 1 || len(diags) > 0 {
		t.Errorf("a flow mapping of YAML is not read: %v", diags)
	}
}

// TestLists: kubectl's List and the API's typed lists, nested too.
func TestLists(t *testing.T) {
	for name, in := range map[string]string{
		"List":      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}}\n- {apiVersion: apps/v1, kind: Deployment, metadata: {name: b, namespace: shop}}\n",
		"nested":    "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: PodList\n  items: [{metadata: {name: a, namespace: shop}}]\n- apiVersion: apps/v1\n  kind: DeploymentList\n  items: [{metadata: {name: b, namespace: shop}}]\n",
		"documents": "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"name\":\"a\",\"namespace\":\"shop\"}}]}\n{\"kind\":\"DeploymentList\",\"apiVersion\":\"apps/v1\",\"items\":[{\"metadata\":{\"name\":\"b\",\"namespace\":\"shop\"}}]}\n",
	} {
		objects, diags := manifest.Decode("f", []byte(in))
		var refs []string
		for _, o := range objects {
			refs = append(refs, o.Ref().String())
		}
		if got := strings.Join(refs, " "); got != "pod/shop/a deployment/shop/b" || len(diags) > 0 {
			t.Errorf("%s: %s %v", name, got, diags)
		}
	}
	if objects, diags := manifest.Decode("f", []byte("{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":null}")); len(objects)+len(diags) > 0 {
		t.Errorf("an empty typed list: %v %v", objects, diags)
	}
	widget, diags := manifest.Decode("f", []byte("apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [x]\n"))
	if len(widget) != 1 || len(diags) > 0 {
		t.Errorf("a custom resource whose kind ends in List is not kept: %v", diags)
	}
}

// TestDefaults: a manifest looks like an object read from a cluster.
func TestDefaults(t *testing.T) {
	objects, _ := manifest.Decode("f", []byte("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: []}}}\n"))
	if d := model.As[appsv1.Deployment](objects[0]); d == nil || d.Spec.Replicas == nil || *d.Spec.Replicas != 1 {
		t.Errorf("replicas are not defaulted: %+v", d)
	}
}

// TestSnapshot: what several files of one cluster say of it together.
func TestSnapshot(t *testing.T) {
	s, diags := manifest.Load(
		manifest.Source{Name: "a.yaml", Data: []byte("apiVersion: v1\nkind: List\nmetadata: {annotations: {stratus.dev/taken: \"2026-01-02T03:04:05Z\"}}\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: kube-system, uid: 3f9c2a}}\n- {apiVersion: v1, kind: Secret, metadata: {name: s}, data: {k: eA==}}\n")},
		manifest.Source{Name: "b.yaml", Data: []byte("apiVersion: v1\nkind: List\nmetadata: {annotations: {stratus.dev/taken: \"2026-01-02T03:00:00Z\"}}\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s}, data: {k: eA==}}\n")},
	)
	if want := (manifest.Meta{Cluster: "3f9c2a", Taken: "2026-01-02T03:00:00Z", SecretValues: true}); s.Meta != want {
		t.Errorf("got %+v, want %+v", s.Meta, want)
	}
	if err := diags.Error(); !strings.Contains(err, "b.yaml:5:3: secret/default/s is defined twice, first at a.yaml:6:3") {
		t.Errorf("both positions of the duplicate are not named:\n%s", err)
	}
}

// TestHostile: input that is meant to hurt is refused, quickly.
func TestHostile(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 12; i++ {
		prev := "*a" + string(rune('0'+(i-1)%10)) + strings.Repeat("z", (i-1)/10)
		this := "a" + string(rune('0'+i%10)) + strings.Repeat("z", i/10)
		bomb.WriteString(this + ": &" + this + " [" + strings.TrimSuffix(strings.Repeat(prev+",", 10), ",") + "]\n")
	}
	for name, tt := range map[string]struct{ in, want string }{
		"alias bomb":      {bomb.String(), "aliases expand to more than"},
		"alias of itself": {"a: &a [*a]\n", "nested deeper than 100 levels"},
		"deep YAML":       {"a: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "nested deeper than 100 levels"},
		"deep JSON":       {"{\"a\":" + strings.Repeat("[", 1_000_000), "nested deeper than 100 levels"},
		"large":           {strings.Repeat("#", 64<<20+1), "at most 64 MiB are read"},
	} {
		_, diags := manifest.Decode("f", []byte(tt.in))
		if len(diags) != 1 || !strings.Contains(diags.Error(), tt.want) {
			t.Errorf("%s: got %v, want one error with %q", name, diags, tt.want)
		}
	}
}

// TestLargeLine: a snapshot on one line, as jq -c writes it, is read in time
// that grows with its size.
func TestLargeLine(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"apiVersion":"v1","kind":"List","items":[`)
	for i := range 20_000 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"ü%d"},"spec":{"a":[1,2,3]}}`, i)
	}
	b.WriteString(`,{"kind":1}]}`)
	objects, diags := manifest.Decode("f", []byte(b.String()))
	if want := fmt.Sprintf("f:1:%d: ", utf8.RuneCountInString(b.String())-len(`{"kind":1}]}`)+1); len(objects) != 20_000 || len(diags) != 1 || !strings.HasPrefix(diags.Error(), want) {
		t.Errorf("%d objects, %v; want a diagnostic at %s", len(objects), diags, want)
	}
}

// corpus returns real manifests of public applications, or skips.
func corpus(t testing.TB, name string) []byte {
	data, err := os.ReadFile(testkit.Corpus(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestCorpus: real manifests load whole and without a word.
func TestCorpus(t *testing.T) {
	for name, want := range map[string]int{"hotel-reservation.yaml": 50, "online-boutique.yaml": 35} {
		data := corpus(t, name)
		objects, diags := manifest.Decode(name, data)
		if len(diags) > 0 {
			t.Errorf("%s: %v", name, diags)
		}
		if len(objects) != want || bytes.Count(data, []byte("\nkind: ")) != want {
			t.Errorf("%s: %d objects, want %d", name, len(objects), want)
		}
	}
}

// FuzzDecode: nothing panics, every diagnostic has a position, and what was
// read once is read the same again from its JSON.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(pod))
	f.Add([]byte("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a}, data: {k: aGk=}}\n"))
	f.Add([]byte("a: &a {<<: *a}\n---\nb: [yes, 0x1, .inf, !!binary aGk=]\n"))
	f.Add([]byte("{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"name\":\"\\ud83d\\ude00\"}}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		objects, diags := manifest.Decode("f", data)
		for _, d := range diags {
			if d.Pos.File == "" || d.Message == "" {
				t.Errorf("a diagnostic without position or message: %+v", d)
			}
		}
		for _, o := range objects {
			text, err := json.Marshal(o.Fields())
			if err != nil {
				t.Fatalf("%s does not marshal: %v", o.Ref(), err)
			}
			again, diags := manifest.Decode("again", text)
			if len(again) != 1 || diags.HasErrors() {
				t.Fatalf("%s is not read back: %v\n%s", o.Ref(), diags, text)
			}
			if again[0].Digest() != o.Digest() {
				t.Errorf("%s is not read back the same:\n%s", o.Ref(), text)
			}
		}
	})
}

// BenchmarkDecode loads a cluster of 50 objects.
func BenchmarkDecode(b *testing.B) {
	data := corpus(b, "hotel-reservation.yaml")
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		manifest.Decode("hotel-reservation.yaml", data)
	}
}
