package kube

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/stratus-sre/stratus/model"
)

// Holds evaluates a condition at a moment, without settling first. A
// condition on an object that is gone does not hold, but for its absence.
func (w *World) Holds(s *model.State, v *model.Valuation, cond model.Condition, m model.Moment) bool {
	o := s.Get(cond.On)
	if cond.Measure == model.Exists {
		if o == nil {
			return cond.Value == 0
		}
		return cond.Value != 0
	}
	if o == nil {
		return false
	}
	if cond.Measure == model.FieldValue {
		return compareField(o.Fields(), cond)
	}
	c := w.load(s)
	switch cond.Measure {
	case model.Available:
		return c.isAvailable(cond.On, v, m)
	case model.AvailableReplicas:
		return c.byRef[cond.On] != nil && cond.Compare(int64(c.available(c.byRef[cond.On], m)))
	case model.ReadyEndpoints, model.Ready:
		switch cond.On.Kind {
		case "Service":
			n, _, unknown := c.usable(o, v, m)
			if unknown {
				return v.Choose(model.Fact(fmt.Sprintf("%s has ready endpoints", cond.On)))
			}
			if cond.Measure == model.Ready {
				return n > 0
			}
			return cond.Compare(int64(n))
		case "Node":
			n := c.nodeNamed[cond.On.Name]
			return n != nil && n.ready && cond.Measure == model.Ready
		case "Pod":
			return cond.Measure == model.Ready && slices.ContainsFunc(c.pods, func(p *pod) bool {
				return p.ref == cond.On && p.health.ready && (m == model.Settled || !c.driven(p) && !c.adrift(p))
			})
		}
	}
	return false
}

// isAvailable: all wanted replicas are ready, of the present template, and
// nothing else is left. Pods that the state does not tell are a fact.
func (c *cluster) isAvailable(r model.Ref, v *model.Valuation, m model.Moment) bool {
	w := c.byRef[r]
	if w == nil {
		return false
	}
	if !w.obliges(c) {
		return v.Choose(model.Fact(fmt.Sprintf("%s is available", r)))
	}
	if w.deployment() != nil && !w.rolledOut() {
		return false
	}
	return c.available(w, m) >= w.want
}

// compareField compares the value at a path; an absent one is nil.
func compareField(fields map[string]any, cond model.Condition) bool {
	have := valueAt(fields, cond.Field)
	switch cond.Op {
	case "", "==":
		return equalValues(have, cond.Equals)
	case "!=":
		return !equalValues(have, cond.Equals)
	}
	a, ok1 := number(have)
	b, ok2 := number(cond.Equals)
	if !ok1 || !ok2 {
		return false
	}
	switch d := cmp.Compare(a, b); cond.Op {
	case ">=":
		return d >= 0
	case "<=":
		return d <= 0
	case ">":
		return d > 0
	case "<":
		return d < 0
	}
	return false
}

func equalValues(a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	return reflect.DeepEqual(a, b)
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case int:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// valueAt walks a model.Path: names in maps, "[k=v,…]" in keyed lists.
func valueAt(v any, path model.Path) any {
	for _, p := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			v = elementAt(x, p)
		default:
			return nil
		}
	}
	return v
}

func elementAt(list []any, key string) any {
	wanted := strings.Split(strings.Trim(key, "[]"), ",")
	for _, e := range list {
		m, _ := e.(map[string]any)
		if m == nil {
			continue
		}
		if !slices.ContainsFunc(wanted, func(pair string) bool {
			k, v, _ := strings.Cut(pair, "=")
			have, ok := m[k]
			if !ok && k == "protocol" {
				have = "TCP" // the API server's default
			}
			return fmt.Sprint(have) != v
		}) {
			return m
		}
	}
	return nil
}
