package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/stratus-sre/stratus/cmd/stratus/report"
	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/planner/cueplan"
	"github.com/stratus-sre/stratus/verifier"
	"github.com/stratus-sre/stratus/verifier/policy"
)

// verifyOptions are the flags of verify.
type verifyOptions struct {
	states          []string
	baseline, facts string
	policies        func() (policy.Options, error)
	failures        int
	crashes         int
	maxStates       int
	undecided       string
	maxAge          time.Duration
	outputs         []string
	quiet, verbose  bool
	failuresSet     bool
	crashesSet      bool
}

func (a *app) verifyCommand() *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify PLAN…",
		Short: "Prove that no execution of a plan leaves the cluster worse, or show one that does",
		Long: `verify proves that no execution of a plan, under any interleaving, failure, crash
and undo within the bounds, leaves the cluster worse than before or breaks a
policy; or it shows the shortest execution that does.

PLAN is a file (.cue, .json, .yaml), a folder of them, or - for standard input.
The state is that of --state, else of cluster.yaml beside the plan (with
baseline.yaml and facts.yaml), else of stratus.yaml. A live cluster is never
asked. Several --state give a table of plans and clusters.

Exit codes: 0 all verified, 1 one is refuted, 2 one could not run (or there was
nothing to check), 3 one is undecided. 1 goes before 2, and 2 before 3.`,
		Example: `  stratus verify plan.cue
  stratus verify plans/ --state prod.yaml --state staging.yaml
  stratus verify plans/ -o sarif=stratus.sarif -o junit=stratus.xml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.failuresSet, o.crashesSet = cmd.Flags().Changed("failures"), cmd.Flags().Changed("crashes")
			return a.verify(cmd.Context(), o, args)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.states, "state", nil, "`FILE` or folder with the objects of a cluster; repeat it for several clusters")
	f.StringVar(&o.baseline, "baseline", "", "`FILE` or folder that says what is desired: a good snapshot or rendered manifests")
	f.StringVar(&o.facts, "facts", "", "`FILE` with what objects do not tell: which images start, what they serve")
	o.policies = a.policyFlags(f)
	f.IntVar(&o.failures, "failures", 1, "how many actions may fail, instead of the plan's own bound")
	f.IntVar(&o.crashes, "crashes", 1, "how many times the executor may crash, instead of the plan's own bound")
	f.IntVar(&o.maxStates, "max-states", verifier.DefaultMaxStates, "limit on explored states; beyond it a plan is undecided")
	f.StringVar(&o.undecided, "undecided", "fail", "undecided plans: fail (exit 3) or warn (exit 0)")
	f.DurationVar(&o.maxAge, "max-age", 0, "refuse a snapshot older than `DURATION`")
	f.StringArrayVarP(&o.outputs, "output", "o", nil, "`FORMAT[=FILE]`: text, json, sarif, junit, github or itf; may be repeated")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "one line per plan")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "with timings")
	return cmd
}

func (o verifyOptions) check() error {
	switch {
	case o.undecided != "fail" && o.undecided != "warn":
		return fmt.Errorf("--undecided is %q: write fail or warn", o.undecided)
	case o.failures < 1 || o.crashes < 1:
		return errors.New("--failures and --crashes are at least 1: a proof without faults is not one")
	case o.maxStates < 1:
		return errors.New("--max-states is at least 1")
	case o.maxAge < 0:
		return errors.New("--max-age is a positive duration, as in 30m")
	}
	return nil
}

func (a *app) verify(ctx context.Context, o verifyOptions, args []string) error {
	if err := o.check(); err != nil {
		return err
	}
	outputs, err := parseOutputs(o.outputs)
	if err != nil {
		return err
	}
	plans, err := a.findPlans(args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ahead := decodeAhead(ctx, plans)
	rules, err := o.policies()
	if err != nil {
		return err
	}
	policies, err := policy.Load(ctx, rules)
	if err != nil {
		return err
	}
	worlds := clusters{app: a, loaded: map[clusterFiles]loadedCluster{}}
	c := checker{app: a, options: o, policies: policies}
	var results []report.Result
	for _, file := range plans {
		files, err := a.clustersFor(file, o)
		for _, f := range files {
			worlds.load(f) // while the plan is being decoded
		}
		d := <-ahead
		if err != nil {
			results = append(results, report.Result{PlanFile: file.name, Diagnostics: d.diags, Err: err})
		}
		for _, f := range files {
			r := report.Result{PlanFile: file.name, Cluster: f.state, Diagnostics: d.diags}
			if !d.diags.HasErrors() {
				world, err := worlds.load(f)
				c.check(ctx, &r, d.plan, world, err)
			}
			results = append(results, r)
		}
	}
	root, _ := os.Getwd() // without it names stay as they are
	opts := report.Options{
		Color: a.settings.colored(a.stdout), Quiet: o.quiet, Timings: o.verbose || isTerminal(a.stdout), Now: a.now(),
		Root: root, Version: version(), UndecidedOK: o.undecided == "warn",
	}
	a.code = report.ExitCode(results, opts)
	return a.writeOutputs(outputs, results, opts)
}

// decoded is a plan, or what is wrong with it.
type decoded struct {
	plan  *plan.Plan
	diags diag.List
}

// decodeAhead decodes the plans in order. Decoding waits for a child process,
// and this one can load policies and clusters meanwhile.
func decodeAhead(ctx context.Context, files []planFile) <-chan decoded {
	out := make(chan decoded, 1)
	go func() {
		for _, f := range files {
			p, diags := cueplan.Decode(ctx, f.name, f.data)
			select {
			case out <- decoded{p, diags}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// clustersFor says what a plan is checked against: one entry per cluster.
func (a *app) clustersFor(p planFile, o verifyOptions) ([]clusterFiles, error) {
	conf := a.settings.config
	var out []clusterFiles
	if found, ok := beside(p.dir()); ok && len(o.states) == 0 && p.dir() != "" {
		out = append(out, found)
	} else {
		states := o.states
		if len(states) == 0 {
			states = conf.State
		}
		for _, s := range states {
			f := clusterFiles{state: s, baseline: conf.Baseline, facts: conf.Facts}
			if found, ok := beside(filepath.Dir(s)); ok && found.state == filepath.Clean(s) {
				// The same folder says the same, however it is named.
				f.baseline, f.facts = cmp.Or(f.baseline, found.baseline), cmp.Or(f.facts, found.facts)
			}
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no state to check against: give --state FILE, put cluster.yaml beside the plan, or name it in stratus.yaml")
	}
	for i := range out {
		if o.baseline != "" {
			out[i].baseline = o.baseline
		}
		if o.facts != "" {
			out[i].facts = o.facts
		}
	}
	return out, nil
}

// checker checks plans with one set of policies and bounds.
type checker struct {
	app      *app
	options  verifyOptions
	policies *policy.Set
}

// check verifies a plan in a world, unless that could not be loaded, and fills
// in the result. Whatever goes wrong becomes part of it: other plans are still
// checked.
func (c checker) check(ctx context.Context, r *report.Result, p *plan.Plan, world *cluster, err error) {
	started := c.app.now()
	if err == nil {
		err = fits(p, world.info, c.options, started)
	}
	if err == nil {
		show, wipe := c.app.progress(r.PlanFile, c.options.quiet)
		r.Verdict, err = verifier.Verify(ctx, verifier.Request{
			Plan: c.bounded(p), World: world.world, Policies: c.policies, Now: started,
			MaxStates: c.options.maxStates, Info: world.info, Progress: show,
		})
		wipe()
	}
	var list diag.List
	if errors.As(err, &list) {
		r.Diagnostics = append(slices.Clip(r.Diagnostics), list...)
	} else {
		r.Err = err
	}
	r.Elapsed = c.app.now().Sub(started)
}

// bounded returns the plan with the bounds that flags ask for.
func (c checker) bounded(p *plan.Plan) *plan.Plan {
	q := *p
	if c.options.failuresSet {
		q.Bounds.Failures = c.options.failures
	}
	if c.options.crashesSet {
		q.Bounds.Crashes = c.options.crashes
	}
	return &q
}

// fits refuses a plan that was made for another cluster, and a snapshot that is
// too old.
func fits(p *plan.Plan, info verifier.StateInfo, o verifyOptions, now time.Time) error {
	if p.Cluster != "" && p.Cluster != info.Cluster {
		have := "does not say which cluster it is of"
		if info.Cluster != "" {
			have = "is of cluster " + info.Cluster
		}
		return diag.List{{
			Pos:     p.Pos,
			Message: fmt.Sprintf("the plan is for cluster %s, and %s %s", p.Cluster, info.Source, have),
			Hint:    "metadata.cluster is the uid of the kube-system namespace",
		}}
	}
	return checkAge(info, o.maxAge, now)
}
