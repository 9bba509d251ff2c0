// Command stratus proves remediation plans for Kubernetes safe, or refutes
// them, before anything runs.
//
// This package is the command line and nothing else: each command parses its
// flags, calls one library function, prints, and chooses an exit code. What is
// safe is decided in package verifier; how a verdict is shown, in report. No
// command here changes a cluster.
//
// Results go to standard output, progress and warnings to standard error. Exit
// codes are those of package report and are the same for every command that
// checks: 0 verified, 1 refuted, 2 could not run, 3 undecided.
//
// Reading order:
//
//	main.go      run: arguments in, exit code out; errors
//	settings.go  flag > STRATUS_* > stratus.yaml
//	verify.go    the main command; outputs.go: -o FORMAT[=FILE]
//	find.go      arguments → plan files
//	cluster.go   state files → the world to check against
//	scenario.go  incidents with plans whose verdict is known
//	plan.go, policy.go, version.go
//	progress.go  one line on a terminal
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stratus-sre/stratus/cmd/stratus/report"
	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/planner/cueplan"
)

func main() {
	cueplan.Main() // does not return in the child process that evaluates plans
	if os.Getenv("GOGC") == "" {
		// A short life: a verdict needs some tens of megabytes. Where a plan
		// needs much more, memory goes before speed.
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(512 << 20)
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// app is what commands share.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	now            func() time.Time
	settings       settings
	code           int // the exit code, for commands that end without error
}

// run carries out one command line and returns its exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr, now: time.Now}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	if err := root.ExecuteContext(ctx); err != nil {
		a.complain(err)
		return report.ExitCouldNotRun
	}
	return a.code
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:               "stratus",
		Short:             "Proves remediation plans for Kubernetes safe before anything runs",
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: a.settings.read,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	a.settings.flags(root.PersistentFlags())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w\nsee '%s --help'", err, cmd.CommandPath())
	})
	root.AddCommand(a.verifyCommand(), a.planCommand(), a.policyCommand(), a.scenarioCommand(), a.versionCommand())
	return root
}

// group is a command that only has others below it. Without one of them it is
// misused, which must not look like success.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{
		Use: use, Short: short, Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("unknown command %q for %q\nsee '%[2]s --help'", args[0], cmd.CommandPath())
			}
			return fmt.Errorf("%s needs a command\nsee '%[1]s --help'", cmd.CommandPath())
		},
	}
	g.AddCommand(commands...)
	return g
}

// complain prints an error: diagnostics one a line, everything else after the
// program's name.
func (a *app) complain(err error) {
	var list diag.List
	if errors.As(err, &list) {
		a.warn(list)
		return
	}
	for i, line := range strings.Split(err.Error(), "\n") {
		if i == 0 {
			line = "stratus: " + line
		}
		fmt.Fprintln(a.stderr, report.Clean(strings.ReplaceAll(line, "\t", "  ")))
	}
}

// warn prints diagnostics on standard error.
func (a *app) warn(list diag.List) {
	for _, d := range list {
		fmt.Fprintln(a.stderr, report.Clean(d.String()))
	}
}
