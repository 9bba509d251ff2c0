package cueplan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// Limits of the child. A plan of 1000 actions needs about a quarter of each.
const (
	wallTime    = slowdown * 2500 * time.Millisecond
	cpuSeconds  = slowdown * 2
	softMemory  = 256 << 20 // where the garbage collector begins to work hard
	hardMemory  = 512 << 20 // where the child gives up
	maxAnswer   = 64 << 20  // bytes of JSON
	childVar    = "STRATUS_EVALUATE_PLAN"
	exitMemory  = 77
	exitProblem = 78
)

// hooked is set once the program has shown that it calls Main: without that, a
// child would run the whole program again, which starts a child, and so on.
var hooked atomic.Bool

// Main must be the first thing that a program does which calls Decode, in main
// and in TestMain. It returns at once, except in the child process that Decode
// starts: there it evaluates one plan from standard input to standard output
// and exits.
func Main() {
	name, child := os.LookupEnv(childVar)
	if !child {
		hooked.Store(true)
		return
	}
	debug.SetGCPercent(-1) // a short life: collect only when memory gets tight
	debug.SetMemoryLimit(softMemory)
	debug.SetMaxStack(softMemory)
	limitProcess()
	go watchMemory()

	data, err := io.ReadAll(io.LimitReader(os.Stdin, maxFile+1))
	if err != nil {
		os.Exit(exitProblem)
	}
	var a answer
	a.Plan, a.Diagnostics = evaluate(name, data)
	if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
		os.Exit(exitProblem)
	}
	os.Exit(0)
}

// watchMemory ends the process when it holds more than hardMemory. The soft
// limit alone would only make it slow.
func watchMemory() {
	sample := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	for range time.Tick(2 * time.Millisecond) {
		metrics.Read(sample)
		if sample[0].Value.Uint64()-sample[1].Value.Uint64() > hardMemory {
			os.Exit(exitMemory)
		}
	}
}

// ask runs the child and returns its answer. An error is about this plan too
// costly to evaluate, or about the process that could not be run.
func ask(ctx context.Context, name string, data []byte) (answer, error) {
	var a answer
	if !hooked.Load() {
		return a, errors.New("cueplan.Main was not called: it must be the first line of main and of TestMain of a program that decodes plans")
	}
	self, err := os.Executable()
	if err != nil {
		return a, fmt.Errorf("the plan could not be evaluated: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, wallTime, errTime)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = []string{childVar + "=" + name}
	cmd.Stdin = bytes.NewReader(data)
	cmd.Stdout = &capped{to: &out, left: maxAnswer}
	cmd.WaitDelay = 100 * time.Millisecond
	err = cmd.Run()
	if observe != nil && cmd.ProcessState != nil {
		observe(cmd.ProcessState)
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
	case context.Cause(ctx) == errTime:
		return a, errTime
	case ctx.Err() != nil:
		return a, fmt.Errorf("decoding the plan was stopped: %w", ctx.Err())
	case errors.As(err, &exit) && exit.ExitCode() == exitMemory:
		return a, errMemory
	case errors.As(err, &exit) && exit.ExitCode() == -1: // a signal: the limit on CPU time
		return a, errTime
	case errors.As(err, &exit):
		return a, fmt.Errorf("the plan could not be evaluated: the evaluator ended with code %d; a plan that is plain data does not do this", exit.ExitCode())
	default:
		return a, fmt.Errorf("the plan could not be evaluated: %w", err)
	}
	if err := unmarshal(out.Bytes(), &a); err != nil {
		return answer{}, fmt.Errorf("the plan could not be evaluated: its evaluator gave no answer: %w", err)
	}
	return a, nil
}

var (
	errTime   = errors.New("evaluating the plan takes more than 2 seconds; a plan is data: write values out instead of building them from references")
	errMemory = fmt.Errorf("evaluating the plan takes more than %d MiB of memory; a plan is data: write values out instead of building them from references", hardMemory>>20)
)

// observe sees what each child used; for tests.
var observe func(*os.ProcessState)

// capped refuses more than a number of bytes.
type capped struct {
	to   io.Writer
	left int
}

func (c *capped) Write(p []byte) (int, error) {
	if c.left -= len(p); c.left < 0 {
		return 0, errors.New("the answer is too long")
	}
	return c.to.Write(p)
}
