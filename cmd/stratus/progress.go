package main

import (
	"fmt"
	"time"

	"github.com/stratus-sre/stratus/cmd/stratus/report"
)

// progress returns a function that shows the number of explored states on one
// line of the terminal, a few times a second, and one that wipes the line.
// Where standard error is no terminal both are silent.
func (a *app) progress(plan string, quiet bool) (show func(states int), wipe func()) {
	if quiet || !isTerminal(a.stderr) {
		return func(int) {}, func() {}
	}
	var last time.Time
	show = func(states int) {
		if now := a.now(); now.Sub(last) > 200*time.Millisecond {
			last = now
			fmt.Fprintf(a.stderr, "\r\x1b[K%s: %d states", report.Clean(plan), states)
		}
	}
	return show, func() { fmt.Fprint(a.stderr, "\r\x1b[K") }
}
