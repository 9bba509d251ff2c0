package kube

import (
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/model"
)

const catalogueHead = "apiVersion: stratus.dev/v1alpha1\nkind: Facts\nimages:\n"

// What the catalogue says overrules what is assumed of the start state.
func TestCatalogue(t *testing.T) {
	const config = "\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}, data: {DATABASE_URL: db}}\n"
	for _, tt := range []struct{ name, entry, cart, want string }{
		{"nothing said", "- {image: cart:v1}", "", "1 cart:v1 ready"},
		{"does not exist", "- {image: cart:v1, exists: false}", "", "1 cart:v1 ImagePullBackOff"},
		{"exists, is not the start's", "- {image: cart:v1, exists: true}", "", "1 cart:v1 ready"},
		{"command listed", "- {image: cart:v1, commands: [[/app]]}", "command=/app", "1 cart:v1 ready"},
		{"command not listed", "- {image: cart:v1, commands: [[/app]]}", "command=/typo", "1 cart:v1 CrashLoopBackOff"},
		{"probe's port listed", "- {image: cart:v1, ports: [8080]}", "ready=8080", "1 cart:v1 ready"},
		{"probe's port not listed", "- {image: cart:v1, ports: [9090]}", "ready=8080", "1 cart:v1 ContainersNotReady"},
		{"path listed", "- {image: cart:v1, http: {\"8080\": [/healthz]}}", "ready=8080", "1 cart:v1 ready"},
		{"path not listed", "- {image: cart:v1, http: {\"8080\": [/ready]}}", "ready=8080", "1 cart:v1 ContainersNotReady"},
		{"liveness path not listed", "- {image: cart:v1, http: {\"8080\": [/ready]}}", "live=8080", "1 cart:v1 CrashLoopBackOff"},
		{"memory enough", "- {image: cart:v1, memory: 300Mi}", "memory=300Mi", "1 cart:v1 ready"},
		{"memory too little", "- {image: cart:v1, memory: 300Mi}", "memory=299Mi", "1 cart:v1 OOMKilled"},
		{"no limit", "- {image: cart:v1, memory: 300Mi}", "", "1 cart:v1 ready"},
		{"variable missing", "- {image: cart:v1, requiresEnv: [MODE]}", "", "1 cart:v1 CrashLoopBackOff"},
		{"variable set", "- {image: cart:v1, requiresEnv: [MODE]}", "var=x", "1 cart:v1 ready"},
		{"variable empty", "- {image: cart:v1, requiresEnv: [MODE]}", "var=\"\"", "1 cart:v1 CrashLoopBackOff"},
		{"variable from a ConfigMap", "- {image: cart:v1, requiresEnv: [DATABASE_URL]}", "env=settings", "1 cart:v1 ready"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			facts, diags := ParseFacts("facts.yaml", []byte(catalogueHead+tt.entry))
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			w := worldOf(t, Options{State: stateOf(t, "deployment cart "+tt.cart+config), Facts: facts})
			if got := pods(w.Start()); got != tt.want {
				t.Errorf("pods %q, want %q", got, tt.want)
			}
		})
	}
}

// With exists: true an image that never ran needs no question.
func TestCatalogueAnswers(t *testing.T) {
	facts, _ := ParseFacts("facts.yaml", []byte(catalogueHead+"- {image: cart:v2, exists: true}"))
	w := worldOf(t, Options{State: stateOf(t, "deployment cart\n"), Facts: facts})
	for image, asked := range map[string]int{"cart:v2": 0, "cart:v3": 1} {
		v := model.NewValuation(nil)
		settleWith(t, w, apply(t, w.Start(), "deployment cart image="+image+"\n"), v)
		if len(v.Asked()) != asked {
			t.Errorf("%s: asked %v, want %d facts", image, v.Asked(), asked)
		}
	}
}

// Each mistake is reported where it is.
func TestParseFactsErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "f.yaml: the catalogue lists no image"},
		{"kind: [", "f.yaml:1: not YAML: did not find expected node content"},
		{"[1]", "f.yaml:1:1: the catalogue must be a map"},
		{"kind: Facts\nimages: [{image: a}]", `f.yaml:1:1: a catalogue begins with apiVersion: stratus.dev/v1alpha1 and kind: Facts (have "", "Facts")`},
		{catalogueHead + "- {image: a, exist: true}", `f.yaml:4:14: unknown key "exist"; an image has image, exists, commands, ports, memory, http and requiresEnv`},
		{catalogueHead + "- {image: a, exists: \"yes\"}", "f.yaml:4:22: exists must be true or false"},
		{catalogueHead + "- {image: a, ports: [0]}", "f.yaml:4:22: a port is a number from 1 to 65535"},
		{catalogueHead + "- {image: a, ports: 80}", "f.yaml:4:21: ports must be a list"},
		{catalogueHead + "- {image: a, memory: lots}", "f.yaml:4:22: memory must be a quantity, as in 300Mi"},
		{catalogueHead + "- {image: a, http: {web: [/]}}", "f.yaml:4:21: a port is a number from 1 to 65535"},
		{catalogueHead + "- {image: a}\n- {image: a}", "f.yaml:5:3: image a is listed twice"},
		{catalogueHead + "- {image: a, image: b}", `f.yaml:4:14: an image: key "image" is given twice`},
		{catalogueHead + "- {ports: [80]}", "f.yaml:4:3: an entry needs an image"},
		{catalogueHead + "- {image: &a a, commands: [*a]}", "f.yaml:4:28: a command must be a list"},
	} {
		_, diags := ParseFacts("f.yaml", []byte(tt.text))
		if got := diags.Error(); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%q:\ngot  %s\nwant %s", tt.text, got, tt.want)
		}
	}
}
