package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stratus-sre/stratus/cmd/stratus/report"
	"github.com/stratus-sre/stratus/verifier/policy"
)

func (a *app) policyCommand() *cobra.Command {
	return group("policy", "List policies and run their unit tests", a.policyListCommand(), a.policyTestCommand())
}

// policyFlags adds the flags that say which policies are meant, and returns
// what reads them when the command runs.
func (a *app) policyFlags(f *pflag.FlagSet) func() (policy.Options, error) {
	var dirs []string
	var noBuiltin bool
	f.StringArrayVarP(&dirs, "policy", "p", nil, "`DIR` with Rego policies, beside the built-in ones; may be repeated")
	f.BoolVar(&noBuiltin, "no-builtin-policies", false, "leave the built-in policies out")
	return func() (policy.Options, error) {
		if len(dirs) == 0 {
			dirs = a.settings.config.Policies
		}
		opts := policy.Options{NoBuiltin: noBuiltin}
		for _, d := range dirs {
			if info, err := os.Stat(d); err != nil {
				return opts, fmt.Errorf("-p %s: %w", d, errors.Unwrap(err))
			} else if !info.IsDir() {
				return opts, fmt.Errorf("-p %s: give the folder that holds the policies, not a file", d)
			}
			opts.Dirs = append(opts.Dirs, policy.Dir{Name: d, FS: os.DirFS(d)})
		}
		return opts, nil
	}
}

func (a *app) policyListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the policies that plans are checked against", Args: cobra.NoArgs}
	options := a.policyFlags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		opts, err := options()
		if err != nil {
			return err
		}
		set, err := policy.Load(cmd.Context(), opts)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "id\tlevel\tscope\ttitle")
		for _, r := range set.Rules() {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", report.Clean(r.ID), r.Level, r.Scope, report.Clean(r.Title))
		}
		return w.Flush()
	}
	return cmd
}

func (a *app) policyTestCommand() *cobra.Command {
	var coverage float64
	cmd := &cobra.Command{
		Use: "test", Short: "Run the unit tests of policies (*_test.rego)", Args: cobra.NoArgs,
		Long: `test runs the unit tests beside the policies and says how much of the rules they
reach. Exit codes: 0 all pass, 1 one fails or too little is reached, 2 the tests
could not run or there are none.`,
	}
	options := a.policyFlags(cmd.Flags())
	cmd.Flags().Float64Var(&coverage, "coverage", 0, "fail below this `PERCENT` of lines reached")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		opts, err := options()
		if err != nil {
			return err
		}
		r, err := policy.Test(cmd.Context(), opts)
		if err != nil {
			return err
		}
		if len(r.Tests) == 0 {
			return errors.New("no unit test (*_test.rego) beside the policies")
		}
		failed := r.Failed()
		for _, t := range failed {
			fmt.Fprintf(a.stdout, "FAIL  %s  %s: %s\n", report.Clean(t.Pos.String()), report.Clean(t.Name), report.Clean(t.Problem))
		}
		if r.Coverage < coverage {
			a.code = report.ExitRefuted
			for _, pos := range slices.Compact(r.Missed) {
				fmt.Fprintf(a.stdout, "not reached  %s\n", report.Clean(pos.String()))
			}
		}
		if len(failed) > 0 {
			a.code = report.ExitRefuted
		}
		_, err = fmt.Fprintf(a.stdout, "%d tests: %d passed, %d failed; %.1f %% of lines reached\n", len(r.Tests), len(r.Tests)-len(failed), len(failed), r.Coverage)
		return err
	}
	return cmd
}
