package report

import (
	"encoding/json"
	"io"
	"strconv"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/verifier"
)

type itfTrace struct {
	Meta   itfMeta    `json:"#meta"`
	Vars   []string   `json:"vars"`
	States []itfState `json:"states"`
}

type itfMeta struct {
	Format      string            `json:"format"`
	FormatDoc   string            `json:"format-description"`
	Source      string            `json:"source,omitempty"`
	Description string            `json:"description"`
	VarTypes    map[string]string `json:"varTypes"`
}

type itfState struct {
	Meta    map[string]int `json:"#meta"`
	Step    itfInt         `json:"step"`
	Action  string         `json:"action"`
	Do      string         `json:"do"`
	Object  string         `json:"object"`
	Fault   bool           `json:"fault"`
	Watched string         `json:"watched"`
	Outages itfSet         `json:"outages"` // entities in T0 to T2 at the worst moment
	Missing itfInt         `json:"missing"` // capacity, in millionths
}

// itfInt is an integer: JSON numbers are not exact in every reader.
type itfInt struct {
	Big string `json:"#bigint"`
}

type itfSet struct {
	Set []string `json:"#set"`
}

// writeITF prints the first counterexample of the first refuted property: a
// file of the format is one trace. Without one it has no states. State 0 is
// the one before the first step.
func writeITF(w io.Writer, results []Result, _ Options) error {
	t := itfTrace{
		Meta: itfMeta{
			Format: "ITF", FormatDoc: "https://apalache-mc.org/docs/adr/015adr-trace.html", Description: "no counterexample",
			VarTypes: map[string]string{
				"step": "Int", "action": "Str", "do": "Str", "object": "Str", "fault": "Bool",
				"watched": "Str", "outages": "Set(Str)", "missing": "Int",
			},
		},
		Vars:   []string{"step", "action", "do", "object", "fault", "watched", "outages", "missing"},
		States: []itfState{},
	}
	if r, p := firstCounterexample(results); p != nil {
		t.Meta.Source = r.PlanFile
		t.Meta.Description = p.ID + " " + p.Name + ": " + p.Summary
		t.States = append(t.States, itfStateOf(0, verifier.Step{Do: "start", Worst: r.Verdict.Before}))
		for i, s := range p.Counterexample.Steps {
			t.States = append(t.States, itfStateOf(i+1, s))
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(t)
}

func firstCounterexample(results []Result) (Result, *verifier.Property) {
	for _, r := range results {
		if r.Verdict == nil {
			continue
		}
		for _, p := range failing(r.Verdict, verifier.Refuted) {
			if p.Counterexample != nil {
				return r, &p
			}
		}
	}
	return Result{}, nil
}

func itfStateOf(i int, s verifier.Step) itfState {
	out := itfState{
		Meta: map[string]int{"index": i}, Step: itfNumber(int64(i)), Action: s.Action, Do: s.Do, Object: s.On,
		Fault: s.Fault, Watched: s.Watch, Outages: itfSet{[]string{}}, Missing: itfNumber(s.Worst.Capacity),
	}
	for _, t := range []model.Tier{model.T0, model.T1, model.T2} {
		for _, f := range s.Worst.Sets[t] {
			out.Outages.Set = append(out.Outages.Set, f.Entity.String())
		}
	}
	return out
}

func itfNumber(n int64) itfInt { return itfInt{strconv.FormatInt(n, 10)} }
