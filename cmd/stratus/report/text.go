package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/verifier"
)

// writeText prints for people. It speaks of users, services and counts, never
// of the order that severities have.
func writeText(w io.Writer, results []Result, opts Options) error {
	p := &page{color: opts.Color}
	for _, r := range results {
		if opts.Quiet {
			p.head(r)
			continue
		}
		p.result(r, opts)
		p.blank()
	}
	if crossed(results) {
		if opts.Quiet {
			p.blank()
		}
		p.matrix(results, clustersOf(results))
		p.blank()
	}
	p.summary(results)
	_, err := io.WriteString(w, p.b.String())
	return err
}

// head writes the one line that a reader in a hurry needs.
func (p *page) head(r Result) {
	switch v := r.Verdict; {
	case v == nil:
		p.heading(yellow, "COULD NOT RUN", "%s", r.PlanFile)
	case v.Outcome == verifier.Verified:
		p.heading(green, "VERIFIED", "%s  %s", r.PlanFile, v.Plan)
	default:
		color := red
		if v.Outcome == verifier.Undecided {
			color = yellow
		}
		found := failing(v, v.Outcome)
		var ids []string
		for _, f := range found {
			ids = append(ids, f.ID)
		}
		pos := diag.Position{File: r.PlanFile}
		if len(found) > 0 {
			pos = r.position(found[0])
		}
		if len(found) == 1 {
			ids[0] += " " + found[0].Name
		}
		p.heading(color, strings.ToUpper(v.Outcome.String()), "%s  %s", diag.Position{File: pos.File, Line: pos.Line}, strings.Join(ids, ", "))
	}
}

func (p *page) result(r Result, opts Options) {
	p.head(r)
	if r.Verdict == nil {
		p.problems(r)
		return
	}
	v := r.Verdict
	switch v.Outcome {
	case verifier.Refuted:
		p.findings(failing(v, verifier.Refuted))
	case verifier.Undecided:
		p.undecided(v)
	}
	if u := failing(v, verifier.Undecided); v.Outcome == verifier.Refuted && len(u) > 0 {
		p.blank()
		for _, f := range u {
			p.line("  Undecided as well: %s %s: %s", f.ID, f.Name, f.Summary)
		}
	}
	p.warnings(v)
	p.blank()
	p.where(v, opts)
	p.effect(v)
	if ids := holding(v); ids != "" {
		p.field("Holds", ids)
	}
	p.field("Bounds", bounds(r, opts))
	if v.Outcome == verifier.Verified {
		p.actions(v)
	}
	p.field("Accepted", v.Accepted...)
	p.field("Assumed", v.Assumed...)
	p.field("Ignored", v.NotCovered...)
	p.field("Note", v.Notes...)
}

func (p *page) problems(r Result) {
	p.blank()
	for _, d := range r.problems() {
		for _, l := range strings.Split(strings.TrimSpace(d.String()), "\n") {
			p.line("  %s", l)
		}
	}
}

func (p *page) undecided(v *verifier.Verdict) {
	found := failing(v, verifier.Undecided)
	told := map[string]bool{} // one reason may leave many properties undecided
	for _, f := range found {
		if told[f.Summary] {
			continue
		}
		told[f.Summary] = true
		var ids []string
		for _, g := range found {
			if g.Summary == f.Summary {
				ids = append(ids, g.ID)
			}
		}
		p.blank()
		switch {
		case len(ids) > 1:
			p.line("  %s: %s", strings.Join(ids, ", "), f.Summary)
		case len(found) > 1:
			p.line("  %s %s: %s", f.ID, f.Name, f.Summary)
		default:
			p.line("  %s", f.Summary)
		}
		if f.Hint != "" {
			p.line("  %s", f.Hint)
		}
	}
	if !v.Bounds.Exhaustive {
		p.blank()
		p.line("  The exploration stopped at its limit of %d states: raise --max-states.", v.Bounds.States)
	}
	if len(v.Unknown) > 0 {
		p.blank()
		p.line("  It would be decided by knowing whether")
		for _, f := range v.Unknown {
			p.line("    %s", f)
		}
		if slices.ContainsFunc(v.Unknown, func(f string) bool { return !strings.HasPrefix(f, "oracle ") }) {
			p.line("  Say so in a facts file (--facts), as far as it is about images.")
		}
	}
}

func (p *page) warnings(v *verifier.Verdict) {
	ws := warnings(v)
	if len(ws) > 0 {
		p.blank()
	}
	for _, f := range ws {
		p.line("  Warning %s: %s", f.ID, f.Summary)
		if f.Hint != "" {
			p.line("    %s", f.Hint)
		}
	}
}

// where says what the plan was checked against.
func (p *page) where(v *verifier.Verdict, opts Options) {
	s := v.State
	parts := []string{s.Source}
	if s.Cluster != "" {
		parts = append(parts, "cluster "+shortUID(s.Cluster))
	}
	parts = append(parts, count(s.Objects, "object"))
	if taken, err := time.Parse(time.RFC3339, s.Taken); err == nil {
		when := "taken " + s.Taken
		if opts.Timings {
			when = opts.Now.Sub(taken).Round(time.Second).String() + " old"
		}
		parts = append(parts, when)
	}
	p.field("Cluster", strings.Join(parts, ", "))
	if s.Baseline != "" {
		p.field("Baseline", s.Baseline)
	}
}

func shortUID(uid string) string { return shorten(uid, 8) }

// effect says what the plan heals and what stays broken, if it commits.
func (p *page) effect(v *verifier.Verdict) {
	if v.After == nil {
		return
	}
	var heals, still []string
	for _, t := range []model.Tier{model.T0, model.T1, model.T2, model.T5} {
		for _, f := range v.Before.Sets[t] {
			text := f.Entity.String() + " " + f.What
			if slices.ContainsFunc(v.After.Sets[t], func(g model.Finding) bool { return g.Entity == f.Entity && g.What == f.What }) {
				still = append(still, text)
			} else {
				heals = append(heals, text)
			}
		}
	}
	p.field("Heals", few(heals, 6)...)
	p.field("Remains", few(still, 6)...)
}

// few cuts a list that is longer than n.
func few(list []string, n int) []string {
	if len(list) <= n+1 {
		return list
	}
	return append(slices.Clone(list[:n]), fmt.Sprintf("and %d more", len(list)-n))
}

// holding lists the verified properties: "TNR001-003, TNR005, 19 policies".
func holding(v *verifier.Verdict) string {
	var tnr []int
	policies := 0
	for _, f := range v.Properties {
		if f.Outcome != verifier.Verified {
			continue
		}
		var n int
		if _, err := fmt.Sscanf(f.ID, "TNR%03d", &n); err == nil {
			tnr = append(tnr, n)
		} else {
			policies++
		}
	}
	slices.Sort(tnr)
	var parts []string
	for i := 0; i < len(tnr); {
		j := i
		for j+1 < len(tnr) && tnr[j+1] == tnr[j]+1 {
			j++
		}
		part := fmt.Sprintf("TNR%03d", tnr[i])
		if j > i {
			part += fmt.Sprintf("-%03d", tnr[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	if policies == 1 {
		parts = append(parts, "1 policy")
	} else if policies > 1 {
		parts = append(parts, count(policies, "policy"))
	}
	return strings.Join(parts, ", ")
}

func bounds(r Result, opts Options) string {
	b, st := r.Verdict.Bounds, r.Verdict.Stats
	kind := "exhaustive"
	if !b.Exhaustive {
		kind = "not exhaustive"
	}
	text := fmt.Sprintf("%s: %s, %s; %s", kind, count(b.Failures, "failure"), count(b.Crashes, "crash"), count(st.States, "state"))
	if st.Valuations > 1 {
		text += fmt.Sprintf(", %d choices of what is unknown", st.Valuations)
	}
	if opts.Timings {
		text += fmt.Sprintf(", %.1f s", r.Elapsed.Seconds())
	}
	return text
}

// actions lists how each action can be taken back. Waits and checks have no
// reason for their class: they write nothing.
func (p *page) actions(v *verifier.Verdict) {
	t := table{}
	label := "Undo"
	for _, a := range v.Actions {
		if a.ClassWhy != "" {
			t.add(fmt.Sprintf("%-9s %s", label, a.ID), a.Do+" "+a.On, a.Class.String()+"  "+a.ClassWhy)
			label = ""
		}
	}
	t.print(p, "  ")
}

// crossed reports whether some plan was checked against several clusters.
func crossed(results []Result) bool {
	first := map[string]string{}
	for _, r := range results {
		if c, seen := first[r.PlanFile]; seen && c != r.Cluster {
			return true
		}
		first[r.PlanFile] = r.Cluster
	}
	return false
}

func clustersOf(results []Result) []string {
	var out []string
	for _, r := range results {
		if r.Cluster != "" && !slices.Contains(out, r.Cluster) {
			out = append(out, r.Cluster)
		}
	}
	return out
}

// matrix shows plan × cluster at a glance.
func (p *page) matrix(results []Result, clusters []string) {
	t := table{}
	t.add(append([]string{"plan"}, clusters...)...)
	cells := map[[2]string]string{}
	var plans []string
	for _, r := range results {
		if !slices.Contains(plans, r.PlanFile) {
			plans = append(plans, r.PlanFile)
		}
		cell := r.outcome()
		if r.Verdict != nil && r.Verdict.Outcome != verifier.Verified {
			for _, f := range failing(r.Verdict, r.Verdict.Outcome) {
				cell += " " + f.ID
			}
		}
		cells[[2]string{r.PlanFile, r.Cluster}] = cell
	}
	for _, plan := range plans {
		row := []string{plan}
		for _, c := range clusters {
			cell, ok := cells[[2]string{plan, c}]
			if !ok {
				cell = "-"
			}
			row = append(row, cell)
		}
		t.add(row...)
	}
	t.print(p, "")
}

func (p *page) summary(results []Result) {
	n := countOutcomes(results)
	what := count(len(results), "plan")
	if crossed(results) {
		what = fmt.Sprintf("%s on %s", count(len(results), "check"), count(len(clustersOf(results)), "cluster"))
	}
	p.line("%s: %d verified, %d refuted, %d undecided, %d could not run", what,
		n[verifier.Verified.String()], n[verifier.Refuted.String()], n[verifier.Undecided.String()], n[couldNotRun])
}
