package testkit

import (
	"flag"
	"os"
	"strconv"
	"testing"

	"github.com/leanovate/gopter"
)

var seedFlag = flag.Int64("seed", 0, "seed of random tests; also STRATUS_SEED; default 1")

// Parameters returns gopter's parameters for a random test of that many runs.
//
// The seed is 1 unless -seed or STRATUS_SEED gives another: the same commit and
// seed make the same run, so the gate never fails by chance. STRATUS_RUNS
// multiplies the runs, for a long search at night. Both are logged, so that a
// failure says how to repeat it. Workers is 1: with more, gopter's runs depend
// on the scheduler.
func Parameters(t testing.TB, runs int) *gopter.TestParameters {
	t.Helper()
	seed, times := Seed(t), number(t, "STRATUS_RUNS", 1)
	if times < 1 {
		t.Fatalf("STRATUS_RUNS=%d: give a multiplier of 1 or more", times)
	}
	runs *= int(times)
	t.Logf("%d runs; to repeat: STRATUS_SEED=%d STRATUS_RUNS=%d go test -run '^%s$'", runs, seed, times, t.Name())
	p := gopter.DefaultTestParametersWithSeed(seed)
	p.MinSuccessfulTests = runs
	p.Workers = 1
	return p
}

// Seed returns the seed for a random test that does not use gopter; the test
// prints it.
func Seed(t testing.TB) int64 {
	t.Helper()
	if *seedFlag != 0 {
		return *seedFlag
	}
	return number(t, "STRATUS_SEED", 1)
}

func number(t testing.TB, variable string, otherwise int64) int64 {
	t.Helper()
	s := os.Getenv(variable)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatalf("%s=%q: give a whole number", variable, s)
	}
	return n
}
