package kube

import (
	"slices"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/model"
)

// Both public applications boot: every Service has a usable endpoint, nothing
// is in T0 to T5, and booting twice gives the same state.
func TestBootCorpus(t *testing.T) {
	for _, tt := range []struct {
		file     string
		services int
		entries  []string
	}{
		{"hotel-reservation.yaml", 19, nil},
		{"online-boutique.yaml", 12, []string{"service/default/frontend-external"}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			text := corpus(t, tt.file)
			w := world(t, text)
			v := model.NewValuation(nil)
			sev := w.Severity(w.Start(), v, model.Settled)
			if !sev.Healthy() {
				t.Errorf("not healthy: %+v, capacity %d", sev.Sets[:model.T6], sev.Capacity)
			}
			if asked := v.Asked(); len(asked) > 0 {
				t.Errorf("asked %v, want nothing: manifests are assumed to work", asked)
			}
			services := 0
			for o := range w.Start().List("", "Service") {
				services++
				if !w.Holds(w.Start(), v, model.Condition{On: o.Ref(), Measure: model.ReadyEndpoints, Value: 1}, model.Worst) {
					t.Errorf("%s has no usable endpoint", o.Ref())
				}
			}
			if services != tt.services {
				t.Errorf("%d services, want %d", services, tt.services)
			}
			var entries []string
			for _, d := range w.duties.services {
				if d.entry {
					entries = append(entries, d.ref.String())
				}
			}
			if !slices.Equal(entries, tt.entries) {
				t.Errorf("entries %v, want %v", entries, tt.entries)
			}
			if again := world(t, text); again.Start().Fingerprint() != w.Start().Fingerprint() {
				t.Error("booting twice gives two states")
			}
			t.Log(strings.Join(findings(sev, model.T6), "\n"))
		})
	}
}
