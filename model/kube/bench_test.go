package kube

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/model"
)

// The verifier settles and judges hundreds to thousands of states, each a
// small change away from the next. These benchmarks time one.

func benchmark(b *testing.B, w *World, changed *model.State) {
	v := model.NewValuation(nil)
	b.Run("settle/changed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := w.Settle(changed, v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("settle/unchanged", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := w.Settle(w.Start(), v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("severity", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w.Severity(changed, v, model.Worst)
		}
	})
}

// Twenty workloads of two replicas with probes, each behind a Service.
func BenchmarkGenerated(b *testing.B) {
	var text strings.Builder
	for i := range 20 {
		fmt.Fprintf(&text, "service w%[1]d\ndeployment w%[1]d replicas=2 ready=8080\n", i)
	}
	w := world(b, text.String())
	b.Logf("%d objects", w.Start().Len())
	benchmark(b, w, apply(b, w.Start(), "deployment w7 replicas=2 ready=8080 image=w7:v2\n"))
}

func BenchmarkHotelReservation(b *testing.B) {
	w := world(b, corpus(b, "hotel-reservation.yaml"))
	b.Logf("%d objects", w.Start().Len())
	next, _, refusal := model.Step(w.Start(), model.Action{
		Verb: model.Patch, On: ref(b, "deployment/default/frontend"),
		Patch: map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{
			map[string]any{"name": "hotel-reserv-frontend", "image": "deathstarbench/hotel-reservation:next"}}}}}},
	})
	if refusal != nil {
		b.Fatal(refusal)
	}
	benchmark(b, w, next)
}
