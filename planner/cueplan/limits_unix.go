//go:build unix

package cueplan

import (
	"fmt"
	"os"
	"syscall"
)

// addressSpace is what the child may map beyond what the Go runtime has mapped
// when it starts (it reserves far more than it uses). It is the backstop for a
// single allocation that watchMemory would see too late.
const addressSpace = 2 << 30

// limitProcess sets the limits that the kernel enforces. One that cannot be set
// is left: the parent's clock and watchMemory remain.
func limitProcess() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: cpuSeconds, Max: cpuSeconds})
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	var pages uint64
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return // no such file outside Linux
	}
	if _, err := fmt.Sscan(string(statm), &pages); err != nil {
		return
	}
	most := pages*uint64(os.Getpagesize()) + addressSpace
	_ = syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: most, Max: most})
}
