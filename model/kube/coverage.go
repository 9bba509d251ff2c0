package kube

import (
	"cmp"
	"fmt"
	"slices"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/stratus-sre/stratus/model"
)

// Coverage lists the (check, subject) pairs of a state, sorted: probes of
// workloads' containers, disruption budgets and autoscalers with what they
// bind, and the objects by which Prometheus watches.
func (w *World) Coverage(s *model.State) []model.Coverage {
	c := w.load(s)
	var out []model.Coverage
	for _, wl := range c.workloads {
		for i := range wl.tmpl.containers {
			ctr := &wl.tmpl.containers[i]
			for _, p := range []struct {
				check string
				probe *corev1.Probe
			}{{"startupProbe", ctr.StartupProbe}, {"livenessProbe", ctr.LivenessProbe}, {"readinessProbe", ctr.ReadinessProbe}} {
				if p.probe != nil {
					out = append(out, model.Coverage{
						Check: p.check, Subject: fmt.Sprintf("%s container %s", wl.ref(), ctr.Name),
						By: wl.ref(), Detail: detail(ctr.Container, p.probe),
					})
				}
			}
		}
	}
	for _, o := range c.budgets {
		b := model.As[policyv1.PodDisruptionBudget](o)
		if b == nil {
			continue
		}
		for _, wl := range c.workloads {
			if wl.ref().Namespace == b.Namespace && covers(b.Spec.Selector, wl.tmpl.labels) {
				out = append(out, model.Coverage{Check: "disruptionBudget", Subject: wl.ref().String(), By: o.Ref(), Detail: budgetDetail(b)})
			}
		}
	}
	for _, o := range c.autoscalers {
		if h := model.As[autoscalingv2.HorizontalPodAutoscaler](o); h != nil && c.byRef[targetOf(o)] != nil {
			out = append(out, model.Coverage{
				Check: "autoscaler", Subject: targetOf(o).String(), By: o.Ref(),
				Detail: fmt.Sprintf("%d to %d replicas", minReplicas(h), h.Spec.MaxReplicas),
			})
		}
	}
	for _, kind := range []struct{ kind, check string }{{"PrometheusRule", "alertRule"}, {"ServiceMonitor", "monitor"}, {"PodMonitor", "monitor"}} {
		for o := range s.List("monitoring.coreos.com", kind.kind) {
			out = append(out, model.Coverage{Check: kind.check, Subject: o.Ref().String(), By: o.Ref(), Detail: o.SpecDigest().String()[:12]})
		}
	}
	slices.SortFunc(out, func(a, b model.Coverage) int {
		return cmp.Or(cmp.Compare(a.Check, b.Check), cmp.Compare(a.Subject, b.Subject), a.By.Compare(b.By))
	})
	return out
}

func detail(c *corev1.Container, p *corev1.Probe) string {
	_, _, fact := probeFact(c, p)
	if fact == "" {
		fact = model.Fact("port " + probePort(p).StrVal)
	}
	return fmt.Sprintf("%s, every %d s, %d failures", fact, max(p.PeriodSeconds, 1), max(p.FailureThreshold, 1))
}

func budgetDetail(b *policyv1.PodDisruptionBudget) string {
	if b.Spec.MaxUnavailable != nil {
		return "maxUnavailable " + b.Spec.MaxUnavailable.String()
	}
	if b.Spec.MinAvailable != nil {
		return "minAvailable " + b.Spec.MinAvailable.String()
	}
	return ""
}

// covers: unlike a controller's, a budget's empty selector covers everything.
func covers(sel *metav1.LabelSelector, l map[string]string) bool {
	s, err := metav1.LabelSelectorAsSelector(sel)
	return err == nil && s.Matches(labels.Set(l))
}
