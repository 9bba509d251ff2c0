package cueplan

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

// planOf makes a valid plan of n actions, in transactions of twenty.
func planOf(n int) []byte {
	var b strings.Builder
	b.WriteString(`plan: {apiVersion: "stratus.dev/v1alpha1", kind: "Plan", metadata: name: "bench", intent: "repair", goal: [{on: "service/shop/cart", ready: true}], transactions: [`)
	for i := range n {
		if i%20 == 0 {
			if i > 0 {
				b.WriteString("}},\n")
			}
			fmt.Fprintf(&b, "{name: \"t%d\", actions: {\n", i/20)
		}
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "\ta%d: {do: \"scale\", on: \"deployment/shop/w%d\", replicas: 3}\n", i, i)
		case 1:
			fmt.Fprintf(&b, "\ta%d: {do: \"setImage\", on: a%d.on, container: \"main\", image: \"cart:2\", after: [\"a%d\"]}\n", i, i-1, i-1)
		case 2:
			fmt.Fprintf(&b, "\ta%d: {do: \"setTargetPort\", on: \"service/shop/w%d\", port: 80, targetPort: 8080}\n", i, i)
		case 3:
			fmt.Fprintf(&b, "\ta%d: {do: \"waitAvailable\", on: a%d.on, after: [\"a%d\", \"a%d\"]}\n", i, i-3, i-1, i-2)
		}
	}
	b.WriteString("}}]}\n")
	return []byte(b.String())
}

// BenchmarkDecode reads plans in this process (what the child does) and through
// a child (what a caller sees); child-ms is the child's processor time.
func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		data := planOf(n)
		b.Run(fmt.Sprintf("inprocess/%d", n), func(b *testing.B) {
			for b.Loop() {
				if p, out := evaluate("bench.cue", data); p == nil {
					b.Fatal(out)
				}
			}
		})
		b.Run(fmt.Sprintf("child/%d", n), func(b *testing.B) {
			var cpu, rss int64
			observe = func(s *os.ProcessState) {
				cpu += int64(s.UserTime() + s.SystemTime())
				rss = max(rss, peakMiB(s))
			}
			defer func() { observe = nil }()
			for b.Loop() {
				if p, out := Decode(context.Background(), "bench.cue", data); p == nil {
					b.Fatal(out)
				}
			}
			b.ReportMetric(float64(cpu)/1e6/float64(b.N), "child-ms/op")
			b.ReportMetric(float64(rss), "child-MiB")
		})
	}
}
