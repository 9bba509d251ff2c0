package kube

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/model"
)

func nodeYAML(name, rest string) string {
	return fmt.Sprintf("\n---\n{apiVersion: v1, kind: Node, metadata: {name: %s, labels: {disk: %s, number: \"7\"}}, %s}\n", name, name, or(rest, "spec: {}"))
}

func podYAML(name, spec string) string {
	return fmt.Sprintf("\n---\n{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: shop, labels: {app: %s}}, spec: {%scontainers: [{name: main, image: %s:v1, resources: {requests: {cpu: 1, memory: 1Gi}}}]}}\n", name, name, spec, name)
}

// Each line: nodes, a pod, and the node it gets, or why it gets none.
func TestSchedule(t *testing.T) {
	affinity := func(term string) string {
		return "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [" + term + "]}]}}}, "
	}
	const small = "status: {allocatable: {cpu: 500m, memory: 8Gi, pods: 10}}"
	for _, tt := range []struct{ name, nodes, pod, want string }{
		{"first by name", nodeYAML("b", "") + nodeYAML("a", ""), "", "a"},
		{"most free CPU", nodeYAML("a", "status: {allocatable: {cpu: 2, memory: 8Gi, pods: 10}}") + nodeYAML("b", ""), "", "b"},
		{"nodeSelector", nodeYAML("a", "") + nodeYAML("b", ""), "nodeSelector: {disk: b}, ", "b"},
		{"nodeSelector of no node", nodeYAML("a", ""), "nodeSelector: {disk: x}, ", "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector"},
		{"affinity In", nodeYAML("a", "") + nodeYAML("b", ""), affinity("{key: disk, operator: In, values: [b, c]}"), "b"},
		{"affinity NotIn", nodeYAML("a", "") + nodeYAML("b", ""), affinity("{key: disk, operator: NotIn, values: [a]}"), "b"},
		{"affinity DoesNotExist", nodeYAML("a", ""), affinity("{key: disk, operator: DoesNotExist}"), "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector"},
		{"affinity Gt", nodeYAML("a", ""), affinity("{key: number, operator: Gt, values: [\"6\"]}"), "a"},
		{"affinity Lt", nodeYAML("a", ""), affinity("{key: number, operator: Lt, values: [\"7\"]}"), "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector"},
		{"too much CPU", nodeYAML("a", small), "", "0/1 nodes are available: 1 Insufficient cpu"},
		{"too much memory", nodeYAML("a", "status: {allocatable: {cpu: 4, memory: 512Mi, pods: 10}}"), "", "0/1 nodes are available: 1 Insufficient memory"},
		{"too many pods", nodeYAML("a", "status: {allocatable: {cpu: 4, memory: 8Gi, pods: 0}}"), "", "0/1 nodes are available: 1 Too many pods"},
		{"cordoned", nodeYAML("a", "spec: {unschedulable: true}") + nodeYAML("b", "spec: {unschedulable: true}"), "", "0/2 nodes are available: 2 node(s) were unschedulable"},
		{"taint", nodeYAML("a", "spec: {taints: [{key: gpu, value: \"yes\", effect: NoSchedule}]}"), "", "0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}"},
		{"tolerated", nodeYAML("a", "spec: {taints: [{key: gpu, value: \"yes\", effect: NoSchedule}]}"), "tolerations: [{key: gpu, operator: Equal, value: \"yes\"}], ", "a"},
		{"tolerates another value", nodeYAML("a", "spec: {taints: [{key: gpu, value: \"yes\", effect: NoSchedule}]}"), "tolerations: [{key: gpu, value: \"no\"}], ", "0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}"},
		{"a preference is none", nodeYAML("a", "spec: {taints: [{key: gpu, effect: PreferNoSchedule}]}"), "", "a"},
		{"not ready", nodeYAML("a", "status: {conditions: [{type: Ready, status: \"False\"}]}"), "", "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }"},
		{"different reasons", nodeYAML("a", small) + nodeYAML("b", "spec: {unschedulable: true}"), "", "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable"},
		{"claim missing", nodeYAML("a", ""), "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}], ", `persistentvolumeclaim "data" not found`},
		{"init container asks for more", nodeYAML("a", "status: {allocatable: {cpu: 4, memory: 8Gi, pods: 10}}"), "initContainers: [{name: init, image: init:v1, resources: {requests: {cpu: 5}}}], ", "0/1 nodes are available: 1 Insufficient cpu"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := world(t, tt.nodes+podYAML("cart", tt.pod))
			s := settle(t, w, w.Start())
			h := healthOf(t, s, "pod/shop/cart")
			if got := h.node + h.message; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if scheduled := h.node != ""; scheduled != h.ready {
				t.Errorf("scheduled %v, ready %v", scheduled, h.ready)
			}
		})
	}
}

// What pods ask for adds up, and what is taken away makes room.
func TestScheduleCounts(t *testing.T) {
	node := nodeYAML("a", "status: {allocatable: {cpu: 1, memory: 8Gi, pods: 110}}")
	w := world(t, node+"\ndeployment cart replicas=4 cpu=300m\n")
	if got, want := pods(w.Start()), "1 cart:v1 Unschedulable, 3 cart:v1 ready"; got != want {
		t.Fatalf("pods %q, want %q", got, want)
	}
	s := settle(t, w, apply(t, w.Start(), "deployment cart replicas=3 cpu=300m\n"))
	if got, want := pods(s), "3 cart:v1 ready"; got != want {
		t.Errorf("scaled down: pods %q, want %q: the pending one goes first", got, want)
	}
	s = settle(t, w, apply(t, w.Start(), node+nodeYAML("b", "")))
	if got, want := pods(s), "4 cart:v1 ready"; got != want {
		t.Errorf("a node more: pods %q, want %q", got, want)
	}
}

// Rules about other pods are not predicted: whether a new pod finds a place is
// asked, for each workload.
func TestRulesAmongPodsAreFacts(t *testing.T) {
	const apart = "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: host, labelSelector: {}}]}}, "
	const spread = "topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: %s}], "
	for rule, asks := range map[string]bool{
		"": false, apart: true, fmt.Sprintf(spread, "DoNotSchedule"): true, fmt.Sprintf(spread, "ScheduleAnyway"): false,
		"hostNetwork: false, ": false,
	} {
		w := world(t, "deployment web\n")
		f := model.Fact("a new pod of pod/shop/cart finds a node that its affinity, spread and host port rules allow")
		v := model.NewValuation(map[model.Fact]bool{f: false})
		h := healthOf(t, settleWith(t, w, apply(t, w.Start(), podYAML("cart", rule)), v), "pod/shop/cart")
		if h.ready == asks || (h.reason == unschedulable) != asks {
			t.Errorf("%s: ready %v, asked %v", rule, h.ready, v.Asked())
		}
	}
}

// Claims: each line a claim and what else there is, and whether its pod runs.
func TestClaims(t *testing.T) {
	claim := func(rest string) string {
		return "\n---\n{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop}, " + rest + "}\n"
	}
	volume := func(size, rest string) string {
		return "\n---\n{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv}, spec: {capacity: {storage: " + size + "}, storageClassName: disk" + rest + "}}\n"
	}
	const (
		wants   = "spec: {storageClassName: disk, resources: {requests: {storage: 1Gi}}}"
		another = "\n---\n{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: other}, provisioner: x}\n"
		same    = "\n---\n{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: disk}, provisioner: x}\n"
	)
	for _, tt := range []struct {
		name, objects string
		ready         bool
		asked         int
	}{
		{"bound", claim("status: {phase: Bound}, spec: {}"), true, 0},
		{"lost", claim("status: {phase: Lost}, spec: {volumeName: gone}"), false, 0},
		{"a volume of its class", claim(wants) + another + volume("1Gi", ""), true, 0},
		{"too small", claim(wants) + another + volume("1Mi", ""), false, 0},
		{"taken", claim(wants) + another + volume("1Gi", ", claimRef: {namespace: shop, name: rival}"), false, 0},
		{"a class that makes one", claim(wants) + same, true, 0},
		{"an unknown class", claim(wants) + another, false, 0},
		{"classes are not in the state", claim(wants), true, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := world(t, "deployment web\n") // nothing is assumed of the claim
			s := apply(t, w.Start(), tt.objects+podYAML("cart", "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}], "))
			v := model.NewValuation(map[model.Fact]bool{})
			h := healthOf(t, settleWith(t, w, s, v), "pod/shop/cart")
			asked := 0
			for _, f := range v.Asked() {
				if strings.HasPrefix(string(f), "claim ") {
					asked++
				}
			}
			if h.ready != tt.ready || asked != tt.asked {
				t.Errorf("ready %v (%s), asked %v; want %v, %d", h.ready, h.message, v.Asked(), tt.ready, tt.asked)
			}
		})
	}
}

func healthOf(t testing.TB, s *model.State, name string) health {
	t.Helper()
	c := (&World{}).load(s)
	for _, p := range c.pods {
		if p.ref == ref(t, name) {
			return p.health
		}
	}
	t.Fatalf("no %s", name)
	return health{}
}
