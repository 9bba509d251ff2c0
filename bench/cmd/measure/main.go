//go:build unix

// Command measure runs a program some times and prints one row of a Markdown
// table: median and range of the wall time, median of the CPU seconds, largest
// resident set, exit code. The program's output is discarded; a run that ends
// with an exit code not expected fails, and its output is shown.
//
//	measure -name conftest -runs 15 -exit 0,1 -- conftest test …
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	name := flag.String("name", "", "what the row is called")
	runs := flag.Int("runs", 15, "how often to run")
	exits := flag.String("exit", "0", "exit codes that are answers, separated by commas")
	flag.Parse()
	if err := measure(*name, *runs, strings.Split(*exits, ","), flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func measure(name string, runs int, exits, command []string) error {
	if len(command) == 0 || runs < 1 {
		return errors.New("usage: measure -name NAME [-runs N] [-exit CODES] -- COMMAND…")
	}
	var wall, cpu []time.Duration
	var rss int64
	code := ""
	for range runs {
		cmd := exec.Command(command[0], command[1:]...)
		start := time.Now()
		out, err := cmd.CombinedOutput()
		elapsed := time.Since(start)
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return err
		}
		if code = strconv.Itoa(cmd.ProcessState.ExitCode()); !slices.Contains(exits, code) {
			return fmt.Errorf("%s ended with %s:\n%s", command[0], code, out)
		}
		wall = append(wall, elapsed)
		cpu = append(cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
		// Children that the program waited for are in here too.
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			rss = max(rss, int64(usage.Maxrss)) // an int32 on some systems
		}
	}
	if runtime.GOOS != "darwin" {
		rss *= 1024 // kilobytes elsewhere
	}
	slices.Sort(wall)
	slices.Sort(cpu)
	ms := func(d time.Duration) string { return fmt.Sprintf("%.0f ms", float64(d.Microseconds())/1000) }
	fmt.Printf("| %s | %s | %s to %s | %s | %d MB | %s |\n", name,
		ms(wall[runs/2]), ms(wall[0]), ms(wall[runs-1]), ms(cpu[runs/2]), rss/1e6, code)
	return nil
}
