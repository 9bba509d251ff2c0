package kube

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/model"
)

const shop = `service cart type=LoadBalancer
service db
deployment cart replicas=2
deployment db replicas=1
`

// Each line: a change to a healthy shop, and what users lose by it, settled
// and at the worst moment.
func TestSeverity(t *testing.T) {
	for _, tt := range []struct {
		name            string
		change          func(*testing.T, *model.State) *model.State
		settled, worst  []string
		capacity, whole int64
	}{
		{"nothing", func(t *testing.T, s *model.State) *model.State { return s }, nil, nil, 0, 0},
		{"wrong targetPort", func(t *testing.T, s *model.State) *model.State { return apply(t, s, "service db target=9999\n") },
			[]string{"T2 service/shop/db has no usable endpoint"}, []string{"T2 service/shop/db has no usable endpoint"}, 0, 0},
		{"entry service deleted", func(t *testing.T, s *model.State) *model.State { return remove(t, s, "service/shop/cart") },
			[]string{"T1 service/shop/cart has no usable endpoint"}, []string{"T1 service/shop/cart has no usable endpoint"}, 0, 0},
		{"scaled to zero", func(t *testing.T, s *model.State) *model.State { return apply(t, s, "deployment db replicas=0\n") },
			[]string{"T2 service/shop/db has no usable endpoint"}, []string{"T2 service/shop/db has no usable endpoint"}, 1_000_000, 1_000_000},
		{"half the replicas", func(t *testing.T, s *model.State) *model.State {
			return apply(t, s, "deployment cart replicas=1\n")
		}, nil, nil, 500_000, 500_000},
		{"deleted", func(t *testing.T, s *model.State) *model.State { return remove(t, s, "deployment/shop/cart") },
			[]string{"T1 service/shop/cart has no usable endpoint"}, []string{"T1 service/shop/cart has no usable endpoint"}, 1_000_000, 1_000_000},
		{"rolling update", func(t *testing.T, s *model.State) *model.State {
			return apply(t, s, "deployment db image=db:v2\n")
		}, nil, nil, 0, 0},
		{"recreate", func(t *testing.T, s *model.State) *model.State {
			return apply(t, s, "deployment db image=db:v2 strategy=Recreate\n")
		}, nil, []string{"T2 service/shop/db has no usable endpoint"}, 0, 1_000_000},
		{"more replicas than ever", func(t *testing.T, s *model.State) *model.State {
			return apply(t, s, "deployment cart replicas=5\n")
		}, nil, nil, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := world(t, shop)
			s := tt.change(t, w.Start())
			for _, at := range []struct {
				state    *model.State
				moment   model.Moment
				want     []string
				capacity int64
			}{{settle(t, w, s), model.Settled, tt.settled, tt.capacity}, {s, model.Worst, tt.worst, tt.whole}} {
				sev := severity(w, at.state, at.moment)
				var got []string
				for _, tier := range []model.Tier{model.T0, model.T1, model.T2} {
					for _, f := range findings(sev, tier) {
						got = append(got, fmt.Sprintf("%s %s", tier, f))
					}
				}
				if !slices.Equal(got, at.want) || sev.Capacity != at.capacity {
					t.Errorf("moment %d: %v, capacity %d; want %v, %d", at.moment, got, sev.Capacity, at.want, at.capacity)
				}
			}
		})
	}
}

// No way of taking a broken thing away makes the state look better. Each
// line: a sick cluster, and what somebody may try instead of healing it.
func TestNoCheatImproves(t *testing.T) {
	const pdb = "\n---\n{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: cart, namespace: shop}, spec: {minAvailable: 1, selector: {matchLabels: {app: cart}}}}\n"
	hpa := func(target string) string {
		return "\n---\n{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: cart, namespace: shop}, spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: " + target + "}}}\n"
	}
	for _, tt := range []struct {
		name, text string
		sick       map[string]string // statuses, see observed
		apply      string
		remove     string
	}{
		{"delete the crashing Deployment", shop, map[string]string{"cart": "CrashLoopBackOff"}, "", "deployment/shop/cart"},
		{"scale it to zero", shop, map[string]string{"cart": "CrashLoopBackOff"}, "deployment cart replicas=0\n", ""},
		{"scale it down", shop, map[string]string{"cart": "CrashLoopBackOff"}, "deployment cart replicas=1\n", ""},
		{"delete the Service in front of it", shop, map[string]string{"cart": "CrashLoopBackOff"}, "", "service/shop/cart"},
		{"delete a Service that targets nothing", "service cart target=9999\ndeployment cart\n", nil, "", "service/shop/cart"},
		{"delete one whose image is missing", shop, map[string]string{"db": "ImagePullBackOff"}, "", "deployment/shop/db"},
		{"delete one that is not ready", "service db\ndeployment db ready=8080\n", map[string]string{"db": "unready"}, "", "deployment/shop/db"},
		{"delete a blocking budget", shop + pdb, map[string]string{"cart": "CrashLoopBackOff"}, "", "poddisruptionbudget/shop/cart"},
		{"delete an autoscaler without target", shop + hpa("card"), nil, "", "horizontalpodautoscaler/shop/cart"},
		{"delete a workload whose ConfigMap is missing", "deployment cart env=settings\n", nil, "", "deployment/shop/cart"},
		{"delete a sick node", shop + nodeYAML("a", "status: {conditions: [{type: Ready, status: \"False\"}]}"), nil, "", "node/a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := worldOf(t, Options{State: observed(t, tt.text, tt.sick)})
			before := settle(t, w, w.Start())
			if severity(w, before, model.Settled).Equal(model.Severity{}) {
				t.Fatal("the cluster is not sick; the test would show nothing")
			}
			after := before
			if tt.apply != "" {
				after = apply(t, after, tt.apply)
			}
			if tt.remove != "" {
				after = remove(t, after, tt.remove)
			}
			after = settle(t, w, after)
			if a, b := severity(w, after, model.Settled), severity(w, before, model.Settled); a.Improves(b) {
				t.Errorf("it improves:\nbefore %v\nafter  %v", b, a)
			}
		})
	}
}

// Healing does improve, in the tier where it hurt.
func TestHealingImproves(t *testing.T) {
	for _, tt := range []struct{ name, sick, heal string }{
		{"targetPort", "service cart target=9999\ndeployment cart\n", "service cart\n"},
		{"replicas", "service cart\ndeployment cart replicas=0\n", "deployment cart\n"},
		{"probe port", "service cart\ndeployment cart ready=9090\n", "deployment cart ready=8080\n"},
		{"missing ConfigMap", "service cart\ndeployment cart env=settings\n", "\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}}\n"},
		{"too large", "service cart\ndeployment cart cpu=99\n", "deployment cart cpu=1\n"},
		{"selector", "{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {selector: {app: card}, ports: [{port: 80, targetPort: 8080}]}}\n---\ndeployment cart\n", "service cart\n"},
		{"cordon", nodeYAML("a", "spec: {unschedulable: true}") + "service cart\ndeployment cart\n", nodeYAML("a", "")},
	} {
		w := world(t, tt.sick)
		before := severity(w, w.Start(), model.Settled)
		if before.Healthy() {
			t.Errorf("%s: not sick", tt.name)
		}
		after := severity(w, settle(t, w, apply(t, w.Start(), tt.heal)), model.Settled)
		if !after.Improves(before) || !after.Healthy() {
			t.Errorf("%s:\nbefore %v\nafter  %v", tt.name, before, after)
		}
	}
}

// How many replicas a workload should have.
func TestDesired(t *testing.T) {
	const hpa = "\n---\n{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: cart, namespace: shop}, spec: {minReplicas: 3, maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: cart}}}\n"
	for _, tt := range []struct {
		name, text, baseline string
		want                 int
	}{
		{"spec", "deployment cart replicas=2\n", "", 2},
		{"zero, and nobody asks for it", "deployment cart replicas=0\n", "", 0},
		{"zero, behind a Service", "service cart\ndeployment cart replicas=0\n", "", 1},
		{"zero, and meant so", "service cart\ndeployment cart replicas=0 annotation=stratus.dev/desired:\"0\"\n", "", 0},
		{"autoscaler", hpa + "\n---\ndeployment cart replicas=1\n", "", 3},
		{"last applied", "deployment cart replicas=1 annotation=kubectl.kubernetes.io/last-applied-configuration:'{\"spec\":{\"replicas\":4}}'\n", "", 4},
		{"baseline", "deployment cart replicas=1\n", "deployment cart replicas=6\n", 6},
		{"only in the baseline", "deployment web\n", "deployment cart replicas=6\n", 6},
	} {
		o := Options{State: stateOf(t, tt.text)}
		if tt.baseline != "" {
			o.Baseline = stateOf(t, tt.baseline)
		}
		w := worldOf(t, o)
		if got := w.duties.desired[ref(t, "deployment/shop/cart")]; got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// What the baseline has and the state has not is an outage from the start.
func TestBaselineObligations(t *testing.T) {
	w := worldOf(t, Options{State: stateOf(t, "deployment cart replicas=2\n"), Baseline: stateOf(t, shop),
		Obligations: []model.Ref{ref(t, "service/shop/extra"), ref(t, "configmap/shop/needed")}})
	sev := severity(w, w.Start(), model.Settled)
	for _, tt := range []struct {
		tier model.Tier
		want string
	}{
		{model.T0, "configmap/shop/needed is lost"},
		{model.T1, "service/shop/cart has no usable endpoint"},
		{model.T2, "service/shop/db has no usable endpoint, service/shop/extra has no usable endpoint"},
		{model.T5, "deployment/shop/db has fewer available replicas than wanted, deployment/shop/db has pods that are not ready, deployment/shop/db has pods that do not run"},
	} {
		if got := strings.Join(findings(sev, tt.tier), ", "); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.tier, got, tt.want)
		}
	}
	if got := why(sev, model.T1, ref(t, "service/shop/cart")); got != "the service is gone" {
		t.Errorf("why: %s", got)
	}
}

// A Service that nobody wants to run is no outage.
func TestIdleService(t *testing.T) {
	w := world(t, "service cart\ndeployment cart replicas=0 annotation=stratus.dev/desired:\"0\"\n")
	if sev := severity(w, w.Start(), model.Settled); !sev.Healthy() {
		t.Errorf("%v", sev)
	}
}

// Claims, volumes and namespaces are not to be lost.
func TestIntegrity(t *testing.T) {
	const text = `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop}, spec: {volumeName: pv}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv}, spec: {}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
`
	w := world(t, text)
	for _, name := range []string{"persistentvolumeclaim/shop/data", "persistentvolume/pv", "namespace/shop"} {
		sev := severity(w, remove(t, w.Start(), name), model.Settled)
		if got := findings(sev, model.T0); !slices.Equal(got, []string{name + " is lost"}) {
			t.Errorf("%s removed: %v", name, got)
		}
	}
	lost := apply(t, w.Start(), "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop}, status: {phase: Lost}}\n")
	if got := why(severity(w, lost, model.Settled), model.T0, ref(t, "persistentvolumeclaim/shop/data")); !strings.Contains(got, "does not exist") {
		t.Errorf("lost claim: %q", got)
	}
}

// T6, one cause each.
func TestLatent(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"one endpoint", "service cart\ndeployment cart\n", "service/shop/cart has fewer than two usable endpoints"},
		{"two endpoints", "service cart\ndeployment cart replicas=2\n", ""},
		{"budget", "deployment cart\n\n---\n{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: cart, namespace: shop}, spec: {minAvailable: 1, selector: {matchLabels: {app: cart}}}}\n", "poddisruptionbudget/shop/cart allows no disruption"},
		{"autoscaler", "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: cart, namespace: shop}, spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: cart}}}\n", "horizontalpodautoscaler/shop/cart has no target"},
		{"reference", "deployment cart env=settings\n", "deployment/shop/cart refers to a missing ConfigMap settings"},
	} {
		w := world(t, tt.text)
		if got := strings.Join(findings(severity(w, w.Start(), model.Settled), model.T6), ", "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Ingresses lead to Services, and are missed when they are gone.
func TestRoutes(t *testing.T) {
	ingress := func(backend string) string {
		return "\n---\n{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop}, spec: {defaultBackend: {service: " + backend + "}}}\n"
	}
	w := world(t, "service cart\ndeployment cart\n"+ingress("{name: cart, port: {number: 80}}"))
	on := ref(t, "ingress/shop/web")
	for _, tt := range []struct {
		s    *model.State
		want string
	}{
		{w.Start(), ""},
		{remove(t, w.Start(), "ingress/shop/web"), "it is gone"},
		{apply(t, w.Start(), ingress("{name: card, port: {number: 80}}")), "service/shop/card does not exist"},
		{apply(t, w.Start(), ingress("{name: cart, port: {number: 81}}")), "service/shop/cart has no port 81"},
		{apply(t, w.Start(), ingress("{name: cart, port: {name: web}}")), "service/shop/cart has no port web"},
	} {
		if got := why(severity(w, tt.s, model.Settled), model.T1, on); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
