package cueplan

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model/plan"
)

// bomb doubles a struct n times by reference.
func bomb(n int) string {
	var b strings.Builder
	b.WriteString("actions: {a0: {x: 1, y: 2}\n")
	for i := range n {
		fmt.Fprintf(&b, "a%d: {x: a%d, y: a%d}\n", i+1, i, i)
	}
	return around(b.String() + "}")
}

// textBomb doubles a text n times.
func textBomb(n int) string {
	var b strings.Builder
	b.WriteString("actions: {a0: {do: \"abcdefgh\"}\n")
	for i := range n {
		fmt.Fprintf(&b, "a%d: {do: \"\\(a%d.do)\\(a%d.do)\"}\n", i+1, i, i)
	}
	return around(b.String() + "}")
}

func yamlBomb(n int) string {
	var b strings.Builder
	b.WriteString("plan:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := range n {
		fmt.Fprintf(&b, "  a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), ", "))
	}
	return b.String()
}

func manyActions(n int) string {
	var b strings.Builder
	b.WriteString("actions: {")
	for i := range n {
		fmt.Fprintf(&b, "a%d:{}\n", i)
	}
	return around(b.String() + "}")
}

func manyTransactions(n, each int) string {
	var b strings.Builder
	b.WriteString(`plan: {transactions: [`)
	for range n {
		b.WriteString("{actions: {")
		for i := range each {
			fmt.Fprintf(&b, "a%d: {}, ", i)
		}
		b.WriteString("}},\n")
	}
	return b.String() + "]}"
}

const big = 1 << 20

// hostile is input that must be refused cheaply, and words of the refusal.
// A function, since a variable would be built in every child as well.
func hostile() []struct{ name, file, text, want string } {
	return []struct{ name, file, text, want string }{
		{"struct bomb of 400 bytes", "p.cue", bomb(26), "a plan is data"},
		{"struct bomb of 2 kB", "p.cue", bomb(60), "a plan is data"},
		{"text bomb", "p.cue", textBomb(40), ""},
		{"10 MB", "p.cue", strings.Repeat("a", 10<<20), "at most 1048576"},
		{"deep lists", "p.cue", "plan: " + strings.Repeat("[", big-10), "inside each other"},
		{"deep structs", "p.cue", "plan: " + strings.Repeat("{a:", big/3-10), "inside each other"},
		{"deep fields", "p.cue", "plan: " + strings.Repeat("a:", big/2-10) + "1", "inside each other"},
		{"deep strings", "p.cue", "plan: " + strings.Repeat("\"\\(", big/3-10), "inside each other"},
		{"deep JSON", "p.json", `{"plan":` + strings.Repeat("[", big-20), "not JSON"},
		{"deep JSON, well formed", "p.json", `{"plan":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}", "inside each other"},
		{"deep YAML", "p.yaml", "plan: " + strings.Repeat("- ", big/2-10), ""},
		{"deep YAML flow", "p.yaml", "plan: " + strings.Repeat("[", big-10), "depth"},
		{"many signs", "p.cue", "plan: " + strings.Repeat("-", big-10) + "1", "expressions are not allowed"},
		{"long sum", "p.cue", "plan: " + strings.Repeat("1+", big/2-10) + "1", "expressions are not allowed"},
		{"long reference", "p.cue", "plan: a" + strings.Repeat(".a", big/2-10), "at most 16 steps"},
		{"long index", "p.cue", "plan: a" + strings.Repeat("[0]", big/3-10), "at most 16 steps"},
		{"comprehensions", "p.cue", "plan: {" + strings.Repeat("for x in y ", big/11-10) + "{}}", "not allowed"},
		{"calls", "p.cue", "plan: a" + strings.Repeat("()", big/2-10), "not allowed"},
		{"imports", "p.cue", "import \"list\"\nplan: list.Range(0, 1000000000, 1)", "imports are not allowed"},
		{"not UTF-8", "p.cue", "plan: \"\xff\"", "not UTF-8"},
		{"NUL", "p.yaml", "plan: \"\x00\"", "NUL"},
		{"YAML aliases", "p.yaml", yamlBomb(12), "alias"},
		{"too many actions in a megabyte", "p.cue", manyActions(100_000), "at most 64"},
		{"a million actions", "p.cue", manyActions(1_000_000), "at most 1048576"},
		{"1001 actions", "p.cue", manyTransactions(143, 7), "more than 1000 actions"},
		{"large number", "p.json", strings.Replace(jsonPlan, "REPLICAS", "1e999999999", 1), "too large"},
		{"huge whole number", "p.json", strings.Replace(jsonPlan, "REPLICAS", "1"+strings.Repeat("0", 1<<19), 1), "too large"},
		{"long text", "p.json", strings.Replace(jsonPlan, "REPLICAS", `"`+strings.Repeat("x", 5000)+`"`, 1), "at most 4096"},
		{"many strings", "p.cue", around(`actions: a: {do: "setCommand", on: "x", container: "c", args: [` + strings.Repeat(`"a",`, 200_000) + `]}`), "more than 50000 values"},
		{"many problems", "p.cue", around(`actions: a: {do: "setCommand", on: "deployment/a/b", container: "c", args: [` + strings.Repeat(`1,`, 4_000) + `]}`), "and more"},
	}
}

const jsonPlan = `{"plan":{"apiVersion":"stratus.dev/v1alpha1","kind":"Plan","metadata":{"name":"p"},"intent":"repair","transactions":[{"name":"t","actions":{"a":{"do":"scale","on":"deployment/shop/cart","replicas":REPLICAS}}}],"goal":[{"on":"service/shop/cart","exists":true}]}}`

// TestHostile refuses input that is made to hurt, through the child as in real
// use: with a reason, within 3 seconds and a gigabyte.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: each case may take 2.5 seconds")
	}
	if slowdown > 1 {
		t.Skip("-race: the race detector multiplies time and memory, so the limits mean nothing")
	}
	for _, h := range hostile() {
		t.Run(h.name, func(t *testing.T) {
			var rss int64
			observe = func(s *os.ProcessState) { rss = peakMiB(s) }
			defer func() { observe = nil }()
			var took time.Duration
			var p *plan.Plan
			var out diag.List
			for range 3 { // a busy machine is not the input's fault
				start := time.Now()
				p, out = Decode(context.Background(), h.file, []byte(h.text))
				if took = time.Since(start); took < 3*time.Second {
					break
				}
			}
			if p != nil || !out.HasErrors() {
				t.Fatal("accepted")
			}
			first, _, _ := strings.Cut(out.Error(), "\n")
			t.Logf("%7d bytes  %4d ms  %4d MiB  %.150s", len(h.text), took.Milliseconds(), rss, first)
			if !strings.Contains(out.Error(), h.want) {
				t.Errorf("want %q in:\n%.2000s", h.want, out)
			}
			if took > 3*time.Second {
				t.Errorf("took %v", took)
			}
			if rss > 900 {
				t.Errorf("took %d MiB", rss)
			}
		})
	}
}

// TestDecodeWithoutMain must not start a child that starts a child.
func TestDecodeWithoutMain(t *testing.T) {
	hooked.Store(false)
	defer hooked.Store(true)
	_, out := Decode(context.Background(), "p.cue", []byte("plan: {}"))
	if !strings.Contains(out.Error(), "cueplan.Main was not called") {
		t.Error(out)
	}
}

// TestDecodeStops kills the child when the caller gives up.
func TestDecodeStops(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, out := Decode(ctx, "p.cue", []byte(bomb(60)))
	if !strings.Contains(out.Error(), "stopped") || time.Since(start) > time.Second {
		t.Errorf("after %v: %v", time.Since(start), out)
	}
}
