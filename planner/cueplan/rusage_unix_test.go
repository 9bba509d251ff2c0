//go:build unix

package cueplan

import (
	"os"
	"syscall"
)

// peakMiB returns the most memory that a process held. On Linux it counts what
// the parent held when it started the child.
func peakMiB(s *os.ProcessState) int64 {
	r, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return r.Maxrss >> 10
}
