package kube

import (
	"slices"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/model"
)

func TestNewNeedsAState(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("no error")
	}
}

// What is assumed, added and left out is said in words.
func TestWhatIsSaid(t *testing.T) {
	const text = `deployment cart
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a, namespace: shop}, spec: {podSelector: {}}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: b, namespace: shop}, spec: {podSelector: {}}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: shop}, spec: {serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: main, image: db:v1}]}}}}
---
{apiVersion: example.com/v1, kind: Widget, metadata: {name: w, namespace: shop}}
`
	w := world(t, text)
	if got, want := w.NotCovered(), []string{"NetworkPolicy (2)", "StatefulSet (1)", "Widget.example.com (1)"}; !slices.Equal(got, want) {
		t.Errorf("not covered %q, want %q", got, want)
	}
	if got, want := w.Notes(), []string{"no nodes in the state: 3 nodes of 16 CPU, 64 GiB were added"}; !slices.Equal(got, want) {
		t.Errorf("notes %q, want %q", got, want)
	}
	assumed := strings.Join(w.Assumptions(), "\n")
	if !strings.Contains(assumed, "2 images of the start state are assumed to start") {
		t.Errorf("assumptions:\n%s", assumed)
	}
	if strings.Contains(strings.Join(worldOf(t, Options{State: w.Start()}).Assumptions(), "\n"), "assumed to start") {
		t.Error("an observed state is assumed to start")
	}
}

// A StatefulSet's pods are not derived. In manifests they are unknown: no
// finding, and a fact where a plan waits for them. What the template tells
// is still checked.
func TestUnknownPods(t *testing.T) {
	db := func(port string) string {
		return "\n---\n{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: shop}, spec: {replicas: 2, serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: main, image: db:v1, ports: [{containerPort: " + port + "}]}]}}}}\n"
	}
	w := world(t, "service db\n"+db("8080"))
	v := model.NewValuation(nil)
	if sev := w.Severity(w.Start(), v, model.Settled); !sev.Healthy() || len(v.Asked()) > 0 {
		t.Errorf("%v, asked %v", sev, v.Asked())
	}
	for on, measure := range map[string]model.Measure{"service/shop/db": model.Ready, "statefulset/shop/db": model.Available} {
		for _, answer := range []bool{true, false} {
			facts := map[model.Fact]bool{"service/shop/db has ready endpoints": answer, "statefulset/shop/db is available": answer}
			if got := w.Holds(w.Start(), model.NewValuation(facts), model.Condition{On: ref(t, on), Measure: measure}, model.Settled); got != answer {
				t.Errorf("%s: %v, although the fact is %v", on, got, answer)
			}
		}
	}
	for name, s := range map[string]*model.State{
		"wrong port":  apply(t, w.Start(), db("9090")),
		"set deleted": remove(t, w.Start(), "statefulset/shop/db"),
	} {
		if !severity(w, s, model.Settled).Has(model.T2, ref(t, "service/shop/db")) {
			t.Errorf("%s: the Service has endpoints", name)
		}
	}
}

// nodeN is one that pods of observed states run on.
const nodeN = `{apiVersion: v1, kind: Node, metadata: {name: n}, status: {allocatable: {cpu: "4", memory: 8Gi, pods: "20"}, conditions: [{type: Ready, status: "True"}]}}
---
`

// Observed pods of a StatefulSet stay as they are, and go with it.
func TestConstantPods(t *testing.T) {
	const text = nodeN + `service db
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: shop}, spec: {replicas: 1, serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: main, image: db:v1, ports: [{containerPort: 8080}]}]}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db-0, namespace: shop, labels: {app: db}, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, controller: true}]},
 spec: {nodeName: n, containers: [{name: main, image: db:v1, ports: [{containerPort: 8080}]}]},
 status: {phase: Running, conditions: [{type: Ready, status: "True"}]}}
`
	w := world(t, text)
	if sev := severity(w, w.Start(), model.Settled); !sev.Healthy() {
		t.Errorf("%v", sev)
	}
	gone := settle(t, w, remove(t, w.Start(), "pod/shop/db-0"))
	if pods(gone) != "" || severity(w, gone, model.Settled).Capacity != 1_000_000 {
		t.Errorf("pods %q; nothing replaces it in the model", pods(gone))
	}
	if got := pods(settle(t, w, remove(t, w.Start(), "statefulset/shop/db"))); got != "" {
		t.Errorf("pods %q without their owner", got)
	}
}

// An export that left something out is not a cluster that lacks it.
func TestPartialSnapshots(t *testing.T) {
	const text = `deployment cart env=settings
{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: cart-1, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: cart, controller: true}]}, spec: {replicas: 1, selector: {matchLabels: {app: cart}}, template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: main, image: "cart:v1", ports: [{containerPort: 8080}], envFrom: [{configMapRef: {name: settings}}]}]}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: cart-1-0, namespace: shop, labels: {app: cart}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: cart-1, controller: true}]},
 spec: {nodeName: n, containers: [{name: main, image: "cart:v1", ports: [{containerPort: 8080}], envFrom: [{configMapRef: {name: settings}}]}]}, status: {phase: Running, conditions: [{type: Ready, status: "True"}]}}
`
	if _, err := New(Options{State: stateOf(t, text)}); err == nil || !strings.Contains(err.Error(), "export the nodes as well") {
		t.Errorf("pods on nodes that are not there: %v", err)
	}
	w := world(t, nodeN+text)
	if sev := severity(w, w.Start(), model.Settled); len(sev.Sets[model.T6]) > 0 {
		t.Errorf("a running pod proves that its ConfigMap is there: %v", sev.Sets[model.T6])
	}
	if got := strings.Join(w.Assumptions(), "; "); !strings.Contains(got, "1 ConfigMap or Secret that running pods refer to") || !strings.Contains(got, "the state holds no PodDisruptionBudget") {
		t.Errorf("assumptions %q", got)
	}
	// Where the export has ConfigMaps, the one that lacks is missing.
	other := "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: shop}}\n"
	w = world(t, nodeN+text+other)
	if sev := severity(w, w.Start(), model.Settled); !sev.Has(model.T6, ref(t, "deployment/shop/cart")) {
		t.Errorf("the ConfigMap is missing, and nobody says so: %v", sev.Sets[model.T6])
	}
}

// Pods of an owner that was never read are left alone.
func TestForeignOwners(t *testing.T) {
	w := world(t, nodeN+`{apiVersion: v1, kind: Pod, metadata: {name: x-0, namespace: shop, ownerReferences: [{apiVersion: example.com/v1, kind: Widget, name: x, controller: true}]},
 spec: {nodeName: n, containers: [{name: main, image: x:v1}]}, status: {phase: Running, conditions: [{type: Ready, status: "True"}]}}
`)
	if got, want := pods(settle(t, w, w.Start())), "1 x:v1 ready"; got != want {
		t.Errorf("pods %q, want %q", got, want)
	}
}

// An autoscaler lifts and cuts, and zero disables it. Taking a change of its
// bounds back takes everything back.
func TestAutoscaler(t *testing.T) {
	hpa := func(low, high string) string {
		return "\n---\n{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: cart, namespace: shop}, spec: {minReplicas: " + low + ", maxReplicas: " + high + ", scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: cart},\n metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}}\n"
	}
	for _, tt := range []struct{ replicas, low, high, want string }{
		{"2", "1", "5", "2 cart:v1 ready"},
		{"2", "3", "5", "3 cart:v1 ready"},
		{"9", "3", "5", "5 cart:v1 ready"},
		{"0", "3", "5", ""},
	} {
		w := world(t, "deployment cart replicas="+tt.replicas+"\n"+hpa(tt.low, tt.high))
		if got := pods(w.Start()); got != tt.want {
			t.Errorf("%+v: pods %q", tt, got)
		}
	}
	w := world(t, "deployment cart replicas=2\n"+hpa("1", "5"))
	s := settle(t, w, apply(t, w.Start(), hpa("4", "5")))
	if got, want := pods(s), "4 cart:v1 ready"; got != want {
		t.Errorf("pods %q, want %q", got, want)
	}
	if back := settle(t, w, apply(t, s, hpa("1", "5"))); back.Fingerprint() != w.Start().Fingerprint() {
		t.Errorf("back again: pods %q", pods(back))
	}
	if sev := severity(world(t, "deployment cart cpu=0\n"+hpa("1", "5")), world(t, "deployment cart cpu=0\n"+hpa("1", "5")).Start(), model.Settled); why(sev, model.T5, ref(t, "horizontalpodautoscaler/shop/cart")) != "cannot scale deployment/shop/cart: container main has no CPU request" {
		t.Errorf("no CPU request: T5 %v", findings(sev, model.T5))
	}
}

// Conditions on a cluster whose cart is being scaled from 2 to 3.
func TestHolds(t *testing.T) {
	w := world(t, "service cart\ndeployment cart replicas=2\n")
	s := apply(t, w.Start(), "deployment cart replicas=3\n")
	field := func(path string, op string, equals any) model.Condition {
		return model.Condition{On: ref(t, "deployment/shop/cart"), Measure: model.FieldValue, Field: strings.Split(path, "/"), Op: op, Equals: equals}
	}
	on := func(name string, m model.Measure, op string, value int64) model.Condition {
		return model.Condition{On: ref(t, name), Measure: m, Op: op, Value: value}
	}
	for _, tt := range []struct {
		c           model.Condition
		now, settle bool
	}{
		{on("deployment/shop/cart", model.Available, "", 0), false, true},
		{on("deployment/shop/cart", model.AvailableReplicas, ">=", 2), true, true},
		{on("deployment/shop/cart", model.AvailableReplicas, "==", 3), false, true},
		{on("deployment/shop/card", model.Available, "", 0), false, false},
		{on("service/shop/cart", model.ReadyEndpoints, "==", 2), true, false},
		{on("service/shop/cart", model.Ready, "", 0), true, true},
		{on("service/shop/card", model.Ready, "", 0), false, false},
		{on("service/shop/card", model.Exists, "", 0), true, true},
		{on("service/shop/cart", model.Exists, "", 1), true, true},
		{on("service/shop/cart", model.Exists, "", 0), false, false},
		{on("node/node-1", model.Ready, "", 0), true, true},
		{field("spec/replicas", "==", int64(3)), true, true},
		{field("spec/replicas", "!=", int64(3)), false, false},
		{field("spec/replicas", ">", int64(2)), true, true},
		{field("spec/replicas", "<=", int64(2)), false, false},
		{field("spec/template/spec/containers/[name=main]/image", "", "cart:v1"), true, true},
		{field("spec/template/spec/containers/[name=side]/image", "", "cart:v1"), false, false},
		{field("spec/template/spec/containers/[name=main]/ports/[containerPort=8080,protocol=TCP]/containerPort", "", int64(8080)), true, true},
		{field("spec/paused/deeper", "", nil), true, true},
	} {
		v := model.NewValuation(nil)
		if got := w.Holds(s, v, tt.c, model.Settled); got != tt.now {
			t.Errorf("%s: %v", tt.c, got)
		}
		if got := w.Holds(settle(t, w, s), v, tt.c, model.Worst); got != tt.settle {
			t.Errorf("settled, %s: %v", tt.c, got)
		}
	}
}

// The checks of a cluster and their subjects, and what is lost when a probe,
// a budget or an alert goes.
func TestCoverage(t *testing.T) {
	const checks = `
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: all, namespace: shop}, spec: {minAvailable: 1, selector: {matchLabels: {app: cart}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: cart, namespace: shop}, spec: {minReplicas: 2, maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: cart}}}
---
{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: {name: alerts, namespace: shop}}
`
	w := world(t, "deployment cart ready=8080 live=8080\n"+checks)
	pairs := func(s *model.State) string {
		var out []string
		for _, c := range w.Coverage(s) {
			out = append(out, c.Check+" of "+c.Subject+": "+c.Detail)
		}
		return strings.Join(out, "\n")
	}
	rule := w.Start().Get(model.MakeRef("monitoring.coreos.com/v1", "PrometheusRule", "shop", "alerts")).SpecDigest().String()[:12]
	want := `alertRule of prometheusrule.monitoring.coreos.com/shop/alerts: ` + rule + `
autoscaler of deployment/shop/cart: 2 to 3 replicas
disruptionBudget of deployment/shop/cart: minAvailable 1
livenessProbe of deployment/shop/cart container main: GET :8080/livez of image cart:v1 answers, every 10 s, 3 failures
readinessProbe of deployment/shop/cart container main: GET :8080/healthz of image cart:v1 answers, every 10 s, 3 failures`
	if got := pairs(w.Start()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := pairs(remove(t, apply(t, w.Start(), "deployment cart ready=8080\n"), "poddisruptionbudget/shop/all")); strings.Contains(got, "livenessProbe") || strings.Contains(got, "disruptionBudget") {
		t.Errorf("still there:\n%s", got)
	}
}

// Objects of any kind with next to nothing in them, of versions that nobody
// decodes and of foreign groups with familiar names do no harm.
func TestBareObjects(t *testing.T) {
	var text strings.Builder
	for _, kind := range []string{"v1 Pod", "v1 Service", "v1 Node", "v1 ConfigMap", "v1 Secret", "v1 PersistentVolume", "v1 PersistentVolumeClaim",
		"apps/v1 Deployment", "apps/v1 ReplicaSet", "apps/v1 StatefulSet", "apps/v1 DaemonSet", "apps/v1beta1 Deployment", "batch/v1 Job",
		"autoscaling/v1 HorizontalPodAutoscaler", "autoscaling/v2 HorizontalPodAutoscaler", "policy/v1 PodDisruptionBudget", "policy/v1beta1 PodDisruptionBudget",
		"networking.k8s.io/v1 Ingress", "extensions/v1beta1 Ingress", "gateway.networking.k8s.io/v1 HTTPRoute", "serving.knative.dev/v1 Service", "example.com/v1 Pod"} {
		apiVersion, k, _ := strings.Cut(kind, " ")
		for i, rest := range []string{"", ", spec: {}, status: {}", ", spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}}}"} {
			if k == "Service" || k == "PersistentVolumeClaim" {
				rest = strings.ReplaceAll(rest, "selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}}", "selector: {}")
			}
			name := strings.ToLower(strings.NewReplacer("/", "", ".", "").Replace(apiVersion)) + string(rune('a'+i))
			text.WriteString("\n---\n{apiVersion: " + apiVersion + ", kind: " + k + ", metadata: {name: " + name + ", namespace: shop}" + rest + "}\n")
		}
	}
	s := stateOf(t, text.String()+"\n---\n{apiVersion: v1, kind: Service, metadata: {name: front, namespace: shop}, spec: {selector: {a: b}, ports: [{port: 80}]}}\n")
	for _, o := range []Options{{State: s}, {State: s, Baseline: s}, {State: stateOf(t, shop), Baseline: s}} {
		w := worldOf(t, o)
		settled := settle(t, w, w.Start())
		for _, m := range []model.Moment{model.Settled, model.Worst} {
			severity(w, settled, m)
		}
		w.Coverage(settled)
		for object := range settled.All() {
			for _, verb := range []model.Verb{model.Delete, model.Patch, model.Rollback, model.Evict} {
				a := model.Action{Verb: verb, On: object.Ref(), Patch: map[string]any{"spec": map[string]any{}}}
				w.Classify(settled, a)
				w.Unmodelled(settled, a)
				if _, err := w.Resolve(settled, a); verb == model.Rollback && err == nil {
					t.Errorf("%s can be rolled back to nothing", object.Ref())
				}
			}
			for _, measure := range []model.Measure{model.Available, model.Ready, model.ReadyEndpoints, model.AvailableReplicas} {
				w.Holds(settled, model.NewValuation(nil), model.Condition{On: object.Ref(), Measure: measure, Value: 1}, model.Worst)
			}
		}
	}
}
