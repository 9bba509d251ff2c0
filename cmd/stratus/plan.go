package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/planner/cueplan"
)

func (a *app) planCommand() *cobra.Command {
	return group("plan", "Format, identify and draw plans", a.planFmtCommand(), a.planDigestCommand(), a.planGraphCommand())
}

func (a *app) planFmtCommand() *cobra.Command {
	var write bool
	cmd := &cobra.Command{
		Use: "fmt PLAN…", Short: "Print plans in canonical form, or write them so with -w", Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			plans, err := a.findPlans(args)
			if err != nil {
				return err
			}
			for _, p := range plans {
				text, diags := cueplan.Format(p.name, p.data)
				if err := a.judge(diags); err != nil {
					return err
				}
				switch {
				case !write || p.name == "-":
					_, err = a.stdout.Write(text)
				case string(text) != string(p.data):
					err = os.WriteFile(p.name, text, 0o644)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVarP(&write, "write", "w", false, "write the files instead of printing them")
	return cmd
}

func (a *app) planDigestCommand() *cobra.Command {
	return &cobra.Command{
		Use: "digest PLAN…", Short: "Print what identifies plans: the digest of their canonical form", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.eachPlan(cmd.Context(), args, func(name string, p *plan.Plan) error {
				_, err := fmt.Fprintf(a.stdout, "%s  %s\n", p.Digest(), name)
				return err
			})
		},
	}
}

func (a *app) planGraphCommand() *cobra.Command {
	var format, state string
	cmd := &cobra.Command{
		Use:   "graph PLAN",
		Short: "Draw a plan: its actions, their order, kubectl equivalents and reversibility classes",
		Long: `graph draws a plan as a Mermaid or Graphviz graph. How faithfully an action can
be taken back depends on the state: with one (--state, or cluster.yaml beside the
plan) each action shows its class, R0 (exactly) to R3 (not at all).`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			draw, ok := map[string]func(*plan.Plan, plan.Classify) string{"mermaid": plan.Mermaid, "dot": plan.DOT}[format]
			if !ok {
				return fmt.Errorf("--format is %q: write mermaid or dot", format)
			}
			return a.eachPlan(cmd.Context(), args, func(name string, p *plan.Plan) error {
				class, err := a.classify(planFile{name: name}, state)
				if err != nil {
					return err
				}
				_, err = fmt.Fprint(a.stdout, draw(p, class))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "mermaid", "mermaid or dot")
	cmd.Flags().StringVar(&state, "state", "", "`FILE` or folder with the objects of a cluster")
	return cmd
}

// classify returns what tells the class of an action, nil without a state.
func (a *app) classify(p planFile, state string) (plan.Classify, error) {
	files := clusterFiles{state: state}
	if state == "" {
		found, ok := beside(p.dir())
		if !ok || p.dir() == "" {
			return nil, nil
		}
		files = found
	}
	c, err := a.loadCluster(files)
	if err != nil {
		return nil, err
	}
	return func(act plan.Action) string {
		class, _ := c.world.Classify(c.world.Start(), act.Op)
		return class.String()
	}, nil
}

// eachPlan decodes the plans and calls f with each. It goes on after a plan
// that is wrong, so that one sees all of them, and fails at the end.
func (a *app) eachPlan(ctx context.Context, args []string, f func(string, *plan.Plan) error) error {
	plans, err := a.findPlans(args)
	if err != nil {
		return err
	}
	var errs []error
	for _, file := range plans {
		p, diags := cueplan.Decode(ctx, file.name, file.data)
		err := a.judge(diags)
		if err == nil {
			err = f(file.name, p)
		}
		if err != nil {
			a.complain(err)
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return errors.New("not all plans could be read")
	}
	return nil
}
