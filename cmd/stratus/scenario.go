package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/stratus-sre/stratus/cmd/stratus/report"
	"github.com/stratus-sre/stratus/planner/cueplan"
	"github.com/stratus-sre/stratus/verifier"
	"github.com/stratus-sre/stratus/verifier/policy"
)

// wantFile holds the report of all plans of a scenario.
const wantFile = "want.txt"

func (a *app) scenarioCommand() *cobra.Command {
	var update bool
	cmd := &cobra.Command{
		Use:   "run [DIR…]",
		Short: "Check that the plans of incidents get the verdict that they should",
		Long: `run checks incidents as data. Each folder below DIR (default scenarios) that holds
an incident.md is one: cluster.yaml, optionally baseline.yaml and facts.yaml, and
plans. right*.cue must be verified, wrong-*.cue refuted, undecided-*.cue
undecided; a first line "// want: TNR004 POL-…" names properties that must show
it. The report of all plans must be want.txt.

Exit codes: 0 as expected, 1 not, 2 nothing to run.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"scenarios"}
			}
			return a.runScenarios(cmd.Context(), args, update)
		},
	}
	cmd.Flags().BoolVar(&update, "update", false, "write want.txt instead of comparing with it")
	return group("scenario", "Run incidents with plans whose verdict is known", cmd)
}

func (a *app) runScenarios(ctx context.Context, args []string, update bool) error {
	dirs, err := findScenarios(args)
	if err != nil {
		return err
	}
	policies, err := policy.Load(ctx, policy.Options{})
	if err != nil {
		return err
	}
	c := checker{app: a, policies: policies}
	var problems bytes.Buffer
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "scenario\tplan\tverdict\tviolated\tstates")
	for _, dir := range dirs {
		results, err := c.scenario(ctx, dir)
		if err != nil {
			return err
		}
		for _, r := range results {
			tableRow(table, dir, r)
			if missed := unmet(dir, r); missed != "" {
				fmt.Fprintf(&problems, "\n%s: %s\n", filepath.Join(dir, r.PlanFile), missed)
			}
		}
		if err := golden(&problems, dir, results, update); err != nil {
			return err
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if problems.Len() > 0 {
		a.code = report.ExitRefuted
	}
	_, err = a.stdout.Write(problems.Bytes())
	return err
}

// findScenarios returns the folders with an incident.md, in lexical order.
func findScenarios(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		err := filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && d.Name() == "incident.md" {
				out = append(out, filepath.Dir(path))
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no scenario in %s: a scenario is a folder with an incident.md", strings.Join(args, ", "))
	}
	return out, nil
}

// scenario checks the plans of a folder. Files are named as in the folder, so
// that the report does not depend on where it lies.
func (c checker) scenario(ctx context.Context, dir string) ([]report.Result, error) {
	plans, err := filepath.Glob(filepath.Join(dir, "*.cue"))
	if err != nil || len(plans) == 0 {
		return nil, errors.Join(fmt.Errorf("%s: a scenario has plans: right*.cue, wrong-*.cue, undecided-*.cue", dir), err)
	}
	files := clusterFiles{dir: dir, state: "cluster.yaml"}
	for name, f := range map[string]*string{"baseline.yaml": &files.baseline, "facts.yaml": &files.facts} {
		if isFile(filepath.Join(dir, name)) {
			*f = name
		}
	}
	worlds := clusters{app: c.app, loaded: map[clusterFiles]loadedCluster{}}
	var out []report.Result
	for _, path := range plans {
		name := filepath.Base(path)
		if wanted(name) == 0 {
			return nil, fmt.Errorf("%s: plans of a scenario are called right*.cue, wrong-*.cue or undecided-*.cue", path)
		}
		data, err := c.app.readFile(path)
		if err != nil {
			return nil, err
		}
		p, diags := cueplan.Decode(ctx, name, data)
		r := report.Result{PlanFile: name, Cluster: files.state, Diagnostics: diags}
		if !diags.HasErrors() {
			world, err := worlds.load(files)
			c.check(ctx, &r, p, world, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// wanted says by its name what a plan's verdict must be, 0 for other names.
func wanted(plan string) verifier.Outcome {
	switch {
	case strings.HasPrefix(plan, "right"):
		return verifier.Verified
	case strings.HasPrefix(plan, "wrong-"):
		return verifier.Refuted
	case strings.HasPrefix(plan, "undecided-"):
		return verifier.Undecided
	}
	return 0
}

var wantLine = regexp.MustCompile(`\A// want:(.*)`)

// unmet says how a result misses what its plan's name and first line promise,
// "" if it does not.
func unmet(dir string, r report.Result) string {
	want := wanted(r.PlanFile)
	if r.Verdict == nil {
		return fmt.Sprintf("want %s, but it could not run", want)
	}
	if r.Verdict.Outcome != want {
		return fmt.Sprintf("want %s, is %s", want, r.Verdict.Outcome)
	}
	data, err := os.ReadFile(filepath.Join(dir, r.PlanFile))
	if err != nil {
		return err.Error()
	}
	have := violated(r.Verdict)
	if m := wantLine.FindSubmatch(data); m != nil {
		for _, id := range strings.Fields(string(m[1])) {
			if !slices.Contains(have, id) {
				return fmt.Sprintf("want %s to be %s, but it is %s", id, want, strings.Join(have, " "))
			}
		}
	}
	return ""
}

// violated returns the ids of the properties that make the verdict what it is.
func violated(v *verifier.Verdict) []string {
	var out []string
	for _, p := range v.Properties {
		if v.Outcome != verifier.Verified && p.Outcome == v.Outcome && p.Level != "warning" {
			out = append(out, p.ID)
		}
	}
	return out
}

func tableRow(w *tabwriter.Writer, dir string, r report.Result) {
	verdict, ids, states := "could not run", "-", "-"
	if v := r.Verdict; v != nil {
		verdict, states = v.Outcome.String(), fmt.Sprint(v.Stats.States)
		if found := violated(v); len(found) > 0 {
			ids = strings.Join(found, " ")
		}
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", report.Clean(filepath.Base(dir)), report.Clean(r.PlanFile), verdict, report.Clean(ids), states)
}

// golden compares the report of a scenario's plans with want.txt, or writes it.
func golden(problems *bytes.Buffer, dir string, results []report.Result, update bool) error {
	var got bytes.Buffer
	if err := report.Write("text", &got, results, report.Options{}); err != nil {
		return err
	}
	path := filepath.Join(dir, wantFile)
	if update {
		return os.WriteFile(path, got.Bytes(), 0o644)
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(problems, "\n%s is not there: run with --update, then read it\n", path)
		return nil
	}
	if err != nil {
		return err
	}
	if !bytes.Equal(want, got.Bytes()) {
		fmt.Fprintf(problems, "\nThe report differs; --update accepts it.\n%s", diff.Diff(path, want, "now", got.Bytes()))
	}
	return nil
}
