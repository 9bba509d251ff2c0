package verifier_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/kube"
	"github.com/stratus-sre/stratus/model/manifest"
	"github.com/stratus-sre/stratus/model/plan"
)

// Random clusters and plans for the property tests: small, and with everything
// that the model has a rule for, sick and healthy.

func pick[T any](r *rand.Rand, xs ...T) T { return xs[r.IntN(len(xs))] }

var apps = []string{"web", "api", "db"}

// randomManifests writes a cluster of two or three nodes and three workloads
// with Services, ConfigMaps, probes, budgets and autoscalers as chance has it.
func randomManifests(r *rand.Rand) string {
	var b strings.Builder
	doc := func(format string, args ...any) { fmt.Fprintf(&b, "---\n"+format+"\n", args...) }
	for i := range 2 + r.IntN(2) {
		doc(`{apiVersion: v1, kind: Node, metadata: {name: n%d, labels: {disk: %s}}, spec: {unschedulable: %v, taints: [%s]}, status: {allocatable: {cpu: "2", memory: 4Gi, pods: "10"}, conditions: [{type: Ready, status: "True"}]}}`,
			i, pick(r, "ssd", "hdd"), r.IntN(8) == 0, pick(r, "", "", "", "", `{key: maintenance, value: "1", effect: NoSchedule}`))
	}
	for _, app := range apps {
		strategy := pick(r, `{type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}`, `{type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}`, `{type: Recreate}`, `{}`)
		selector := pick(r, "", "", "", "", "nodeSelector: {disk: ssd}, ", "nodeSelector: {disk: tape}, ")
		probe := pick(r, "", "readinessProbe: {httpGet: {path: /, port: 8080}}, ", "readinessProbe: {httpGet: {path: /, port: 8080}}, livenessProbe: {tcpSocket: {port: 8080}}, ", "readinessProbe: {httpGet: {path: /, port: 9999}}, ")
		env := pick(r, "", "", fmt.Sprintf("env: [{name: MODE, valueFrom: {configMapKeyRef: {name: %s, key: mode}}}], ", app))
		doc(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: %[1]s, namespace: shop}, spec: {replicas: %[2]d, strategy: %[3]s, selector: {matchLabels: {app: %[1]s}}, template: {metadata: {labels: {app: %[1]s}}, spec: {%[4]scontainers: [{name: main, image: "shop/%[1]s:1", %[5]s%[6]sports: [{containerPort: 8080}], resources: {requests: {cpu: %[7]s, memory: 128Mi}}}]}}}}`,
			app, r.IntN(4), strategy, selector, probe, env, pick(r, "100m", "100m", "500m", "3"))
		doc(`{apiVersion: v1, kind: Service, metadata: {name: %[1]s, namespace: shop}, spec: {type: %[2]s, selector: {app: %[3]s}, ports: [{port: 80, targetPort: %[4]d}]}}`,
			app, pick(r, "ClusterIP", "ClusterIP", "LoadBalancer"), pick(r, app, app, app, app, "lost"), pick(r, 8080, 8080, 8080, 9999))
		if r.IntN(6) > 0 {
			doc(`{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: shop}, data: {%s: "1"}}`, app, pick(r, "mode", "mode", "mode", "made"))
		}
		if r.IntN(4) == 0 {
			doc(`{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: %[1]s, namespace: shop}, spec: {minAvailable: 1, selector: {matchLabels: {app: %[1]s}}}}`, app)
		}
		if r.IntN(5) == 0 {
			doc(`{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: %[1]s, namespace: shop}, spec: {minReplicas: %[2]d, maxReplicas: 4, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %[1]s}}}`, app, 1+r.IntN(2))
		}
	}
	return b.String()
}

func worldOf(t testing.TB, yaml string) *kube.World {
	t.Helper()
	objects, diags := manifest.Decode("random.yaml", []byte(yaml))
	if err := diags.Err(); err != nil {
		t.Fatalf("%v\n%s", err, yaml)
	}
	s, err := model.NewState(objects)
	if err != nil {
		t.Fatal(err)
	}
	w, err := kube.New(kube.Options{State: s})
	if err != nil {
		t.Fatalf("%v\n%s", err, yaml)
	}
	return w
}

func shopRef(group, kind, name string) model.Ref {
	return model.Ref{Group: group, Kind: kind, Namespace: "shop", Name: name}
}

func inTemplate(container map[string]any) map[string]any {
	container["name"] = "main"
	return map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{container}}}}}
}

// randomWrite is one write to a random object of the cluster.
func randomWrite(r *rand.Rand, s *model.State) model.Action {
	app := pick(r, apps...)
	deployment, service, config := shopRef("apps", "Deployment", app), shopRef("", "Service", app), shopRef("", "ConfigMap", app)
	node := model.Ref{Kind: "Node", Name: fmt.Sprint("n", r.IntN(2))}
	patch := func(on model.Ref, p map[string]any) model.Action {
		return model.Action{Verb: model.Patch, On: on, Patch: p}
	}
	spec := func(fields map[string]any) map[string]any { return map[string]any{"spec": fields} }
	switch r.IntN(16) {
	case 0, 1:
		return model.Action{Verb: model.Scale, On: deployment, Replicas: int32(r.IntN(4))}
	case 2, 13, 14:
		return patch(deployment, inTemplate(map[string]any{"image": fmt.Sprintf("shop/%s:%d", app, 1+r.IntN(2))}))
	case 3:
		return patch(deployment, inTemplate(map[string]any{"env": []any{map[string]any{"name": pick(r, "A", "B"), "value": pick(r, "1", "2")}}}))
	case 4:
		return patch(deployment, inTemplate(map[string]any{"readinessProbe": nil}))
	case 5:
		return patch(deployment, spec(map[string]any{"template": map[string]any{"spec": map[string]any{"nodeSelector": map[string]any{"$patch": "replace", "disk": pick(r, "ssd", "tape")}}}}))
	case 6:
		return patch(service, spec(map[string]any{"ports": []any{map[string]any{"port": int64(80), "targetPort": pick(r, int64(8080), int64(9999))}}}))
	case 7:
		return patch(service, spec(map[string]any{"selector": map[string]any{"$patch": "replace", "app": pick(r, app, "lost")}}))
	case 8:
		return patch(config, map[string]any{"data": map[string]any{"mode": pick(r, "1", "2")}})
	case 9:
		return model.Action{Verb: model.Delete, On: pick(r, deployment, service, config, shopRef("policy", "PodDisruptionBudget", app), shopRef("autoscaling", "HorizontalPodAutoscaler", app))}
	case 10:
		return patch(node, spec(map[string]any{"unschedulable": r.IntN(2) == 0}))
	case 11:
		return patch(node, spec(map[string]any{"taints": []any{map[string]any{"key": "x", "effect": pick(r, "NoSchedule", "NoExecute")}}}))
	case 12:
		return model.Action{Verb: model.Create, On: shopRef("", "ConfigMap", "new"), Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "new", "namespace": "shop"}}}
	}
	for o := range s.List("", "Pod") {
		if r.IntN(2) == 0 {
			return model.Action{Verb: model.Evict, On: o.Ref()}
		}
	}
	return model.Action{Verb: model.Scale, On: deployment, Replicas: 1}
}

// randomPlan is up to n actions on objects that are there, some of them waits,
// ordered by chance.
func randomPlan(r *rand.Rand, s *model.State, n int) *plan.Plan {
	t := plan.Transaction{Name: "t"}
	for i := range 1 + r.IntN(n) {
		op := randomWrite(r, s)
		if r.IntN(4) == 0 {
			op = model.Action{Verb: model.Wait, On: shopRef("apps", "Deployment", pick(r, apps...))}
			op.Condition = model.Condition{On: op.On, Measure: model.Available}
		}
		if op.Verb != model.Create && s.Get(op.On) == nil {
			continue
		}
		a := plan.Action{ID: fmt.Sprint("a", i), Do: op.Verb.String(), Op: op, Pos: diag.Position{File: "random", Line: i + 1}}
		for j := range t.Actions {
			if r.IntN(3) > 0 {
				a.After = append(a.After, j)
			}
		}
		t.Actions = append(t.Actions, a)
	}
	return &plan.Plan{Name: "random", Intent: plan.Change, Transactions: []plan.Transaction{t}, Pos: diag.Position{File: "random", Line: 1}}
}
