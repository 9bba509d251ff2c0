package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/stratus-sre/stratus/verifier"
)

// findings explains what a plan is refuted by, one property after the other. A
// counterexample that was shown is not shown again.
func (p *page) findings(found []verifier.Property) {
	var shown []*verifier.Counterexample
	for i, f := range found {
		p.blank()
		if len(found) > 1 {
			p.line("  %d. %s %s: %s", i+1, f.ID, f.Name, f.Summary)
		} else {
			p.line("  %s", f.Summary)
		}
		if len(f.Witness) > 1 || len(f.Witness) == 1 && !strings.Contains(f.Summary, f.Witness[0]) {
			p.field("Shown by", few(f.Witness, 6)...)
		}
		if c := f.Counterexample; c != nil {
			p.blank()
			if slices.ContainsFunc(shown, func(o *verifier.Counterexample) bool { return samePath(o, c) }) {
				p.line("  The same %s show it.", count(len(c.Steps), "step"))
			} else {
				p.counterexample(f)
				shown = append(shown, c)
			}
		}
		if f.Hint != "" {
			for _, l := range strings.Split(f.Hint, "\n") {
				p.line("    %s", l)
			}
		}
	}
}

// counterexample prints the shortest execution as a table: step, plan line,
// action, what it does, the watched value; below it the fields that changed.
func (p *page) counterexample(f verifier.Property) {
	c := f.Counterexample
	faults := "no fault needed"
	if c.Faults > 0 {
		faults = count(c.Faults, "fault")
	}
	p.line("  Shortest counterexample: %s, %s", count(len(c.Steps), "step"), faults)
	watching := slices.ContainsFunc(c.Steps, func(s verifier.Step) bool { return s.Watch != "" })
	watched := ""
	if watching {
		watched = watchTitle(f)
	}
	t := table{right: map[int]bool{0: true, 1: true, 4: true}}
	t.add("step", "line", "action", "", watched, "")
	for i, s := range c.Steps {
		line, note := "", ""
		if s.Pos.Line > 0 {
			line = strconv.Itoa(s.Pos.Line)
		}
		if s.Note != "" {
			note = "<- " + s.Note
		}
		what := strings.TrimSpace(s.Do + " " + s.On)
		if s.Fault {
			what += " (fault)"
		}
		t.add(strconv.Itoa(i+1), line, s.Action, what, s.Watch, note)
		for _, ch := range few(changes(s), 8) {
			t.note("              " + ch)
		}
	}
	t.print(p, "    ")
}

func watchTitle(f verifier.Property) string {
	if len(f.Witness) == 0 {
		return "value"
	}
	parts := strings.Split(f.Witness[0], "/")
	return shorten(parts[len(parts)-1], 24)
}

// changes renders the changed fields of a step. The object is named only where
// it is not the step's own.
func changes(s verifier.Step) []string {
	var out []string
	for _, c := range s.Changes {
		path := c.Path
		if c.Object != "" && c.Object != s.On {
			path = c.Object + " " + path
		}
		change := value(c.Before) + " -> " + value(c.After)
		if path != "" { // the object as a whole has none
			change = path + ": " + change
		}
		out = append(out, change)
	}
	return out
}

func value(s string) string {
	if s == "" {
		return "(none)"
	}
	return shorten(s, 60)
}

func samePath(a, b *verifier.Counterexample) bool {
	return slices.EqualFunc(a.Steps, b.Steps, func(x, y verifier.Step) bool {
		return x.Action == y.Action && x.Do == y.Do && x.On == y.On && x.Fault == y.Fault
	})
}
