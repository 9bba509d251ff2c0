package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"

	"github.com/stratus-sre/stratus/internal/testkit"
	"github.com/stratus-sre/stratus/model/plan"
)

// actions reads "a b<a c<a,b": each action and what it waits for.
func actions(text string) []plan.Action {
	var out []plan.Action
	var ids []string
	fields := strings.Fields(text)
	for _, f := range fields {
		id, _, _ := strings.Cut(f, "<")
		ids = append(ids, id)
	}
	for i, f := range fields {
		a := plan.Action{ID: ids[i]}
		_, after, _ := strings.Cut(f, "<")
		for _, w := range strings.Split(after, ",") {
			if j := slices.Index(ids, w); j >= 0 {
				a.After = append(a.After, j)
			}
		}
		out = append(out, a)
	}
	return out
}

func show(s plan.Set) string {
	var b strings.Builder
	for i := range s.All() {
		fmt.Fprint(&b, i)
	}
	return b.String()
}

func TestOrder(t *testing.T) {
	tests := []struct{ graph, topological, before, first, lastOfAll string }{
		{"a", "[0]", "[]", "0", "0"},
		{"a b c", "[0 1 2]", "[  ]", "012", "012"},
		{"a<b b<c c", "[2 1 0]", "[12 2 ]", "2", "0"},
		{"a b<a c<a d<b,c", "[0 1 2 3]", "[ 0 0 012]", "0", "3"},
		{"a b<a c d<c", "[0 1 2 3]", "[ 0  2]", "02", "13"},
	}
	for _, tt := range tests {
		o, cycle := plan.NewOrder(actions(tt.graph))
		if cycle != nil {
			t.Errorf("%s: cycle %v", tt.graph, cycle)
			continue
		}
		var before []string
		for _, s := range o.Before {
			before = append(before, show(s))
		}
		all := plan.Set(1)<<o.N - 1
		got := []string{fmt.Sprint(o.Topological()), fmt.Sprint(before), show(o.Enabled(0)), show(o.Latest(all))}
		want := []string{tt.topological, tt.before, tt.first, tt.lastOfAll}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", tt.graph, got, want)
		}
	}
}

func TestCycleIsNamed(t *testing.T) {
	for graph, want := range map[string][]int{
		"a<a":                 {0},
		"a<b b<a":             {0, 1},
		"x a<b b<c c<a":       {1, 2, 3},
		"a b<a c<d,a d<e e<c": {2, 3, 4},
	} {
		if _, cycle := plan.NewOrder(actions(graph)); !slices.Equal(cycle, want) {
			t.Errorf("%s: cycle %v, want %v", graph, cycle, want)
		}
	}
}

// TestUndoingReversesDependencies: doing in any allowed order and undoing in
// any allowed order never undoes what something still done depends on.
func TestUndoingReversesDependencies(t *testing.T) {
	p := gopter.NewProperties(testkit.Parameters(t, 500))
	p.Property("latest reverses enabled", prop.ForAll(func(edges, choices []int) bool {
		n := 8
		as := make([]plan.Action, n)
		for k, e := range edges {
			i, j := e%n, k%n
			if j < i {
				as[i].After = append(as[i].After, j)
			}
		}
		o, cycle := plan.NewOrder(as)
		if cycle != nil {
			return false
		}
		pick := func(s plan.Set, k int) int {
			members := slices.Collect(s.All())
			return members[choices[k%len(choices)]%len(members)]
		}
		var done plan.Set
		for k := range n {
			enabled := o.Enabled(done)
			if enabled == 0 {
				return false // an acyclic graph always goes on
			}
			done = done.With(pick(enabled, k))
		}
		for k := range n {
			i := pick(o.Latest(done), k)
			done = done.Without(i)
			for j := range done.All() {
				if o.Before[j].Has(i) {
					return false
				}
			}
		}
		return done == 0
	}, gen.SliceOfN(20, gen.IntRange(0, 1000)), gen.SliceOfN(16, gen.IntRange(0, 1000))))
	p.TestingRun(t)
}
