package doctest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// command is one "$ line" of a console block with the output expected below it.
type command struct {
	text string
	want []string
	line int // of the first line of want
}

// commands splits a console block. A command ending in a backslash goes on.
func commands(b block) ([]command, error) {
	var all []command
	more := false
	for i, line := range b.text {
		text, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case more:
			c := &all[len(all)-1]
			c.text, c.line = c.text+"\n"+strings.TrimPrefix(line, "> "), b.line+i+1
			more = strings.HasSuffix(line, `\`)
		case isCommand:
			all = append(all, command{text: text, line: b.line + i + 1})
			more = strings.HasSuffix(line, `\`)
		case len(all) == 0:
			return nil, errors.New(`a console block begins with "$ " and a command`)
		default:
			c := &all[len(all)-1]
			c.want = append(c.want, line)
		}
	}
	for i := range all { // blank lines between commands are layout
		for n := len(all[i].want); n > 0 && all[i].want[n-1] == ""; n-- {
			all[i].want = all[i].want[:n-1]
		}
	}
	return all, nil
}

// tools are what pages may use besides stratus. Whatever else they name is not
// found, which fails the test: tag such a block as text.
var tools = []string{"cat", "cp", "cut", "diff", "grep", "head", "ls", "mkdir", "rm", "sed", "sort", "tail", "tee", "wc"}

// shell runs the commands of one page, at the root of a copy of the project.
type shell struct {
	root string // of the project itself, for looking things up
	dir  string // of the copy
	bin  string // the only folder in PATH
	exit int    // of the last command
}

// run runs a command line and returns what it printed, standard error included.
// ran is false for a line that is only looked up.
func (s *shell) run(line string) (text string, ran bool, err error) {
	if looked, err := s.lookUp(line); looked {
		return "", false, err
	}
	viaGo := strings.Contains(line, "go run ./cmd/stratus")
	line = strings.ReplaceAll(line, "go run ./cmd/stratus", "stratus")

	bash, err := exec.LookPath("bash")
	if err != nil {
		return "", false, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	// The last exit code is handed on, so that a page can show "$ echo $?".
	cmd := exec.CommandContext(ctx, bash, "-c", fmt.Sprintf("(exit %d)\n%s", s.exit, line))
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + s.bin, "HOME=" + s.dir, "LC_ALL=C", "NO_COLOR=1", "TERM=dumb"}
	out, err := cmd.CombinedOutput()
	text = string(out)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return text, true, fmt.Errorf("did not end within two minutes; output so far:\n%s", text)
	case errors.As(err, &exit):
		if s.exit = exit.ExitCode(); viaGo {
			text += fmt.Sprintf("exit status %d\n", s.exit)
			s.exit = 1 // as go run itself does
		}
	case err != nil:
		return text, true, err
	default:
		s.exit = 0
	}
	if s.exit == 127 {
		return text, true, fmt.Errorf("%s\npages may use stratus and %s; tag the block as text if it is not to be run", text, strings.Join(tools, ", "))
	}
	return text, true, nil
}

// lookUp handles the lines that are not run: it reports whether this is one,
// and an error if what the line names does not exist.
func (s *shell) lookUp(line string) (bool, error) {
	line = regexp.MustCompile(`^([A-Z_]+=\S+ +)+`).ReplaceAllString(line, "")
	words := strings.Fields(line)
	switch {
	case len(words) == 0:
		return true, nil
	case strings.HasPrefix(words[0], ".ci/") || strings.HasPrefix(words[0], "bench/") && strings.HasSuffix(words[0], ".sh"):
		if out, err := exec.Command("bash", "-n", filepath.Join(s.root, words[0])).CombinedOutput(); err != nil {
			return true, fmt.Errorf("%w: %s", err, out)
		}
		return true, nil
	case len(words) < 2 || words[0] != "go" || words[1] != "test":
		return false, nil
	}
	var packages, patterns []string
	for i, w := range words[2:] {
		w = strings.Trim(w, `'"`)
		flag, value, joined := strings.Cut(strings.TrimLeft(w, "-"), "=")
		if w == "." || strings.HasPrefix(w, "./") {
			packages = append(packages, w)
		} else if slices.Contains([]string{"run", "bench", "fuzz"}, flag) {
			if !joined && i+3 < len(words) {
				value = strings.Trim(words[i+3], `'"`)
			}
			if value, _, _ = strings.Cut(value, "/"); value != "^$" && value != "." {
				patterns = append(patterns, value)
			}
		}
	}
	if len(packages) == 0 {
		return true, errors.New("name the packages to test, as ./...")
	}
	for _, p := range patterns {
		out, err := s.goCommand(append([]string{"test", "-list", p}, packages...)...)
		if err != nil {
			return true, err
		}
		if !regexp.MustCompile(`(?m)^(Test|Benchmark|Fuzz|Example)`).MatchString(out) {
			return true, fmt.Errorf("no test in %s is called %s", strings.Join(packages, " "), p)
		}
	}
	out, err := s.goCommand(append([]string{"list"}, packages...)...)
	if err == nil && strings.TrimSpace(out) == "" {
		err = fmt.Errorf("no package matches %s", strings.Join(packages, " "))
	}
	return true, err
}

func (s *shell) goCommand(args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = s.root
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out), err
}

// newBin makes the folder of programs: stratus, built from root, and the tools.
func newBin(t *testing.T, root string) string {
	t.Helper()
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin, "./cmd/stratus")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the pages run stratus, which does not build: %v\n%s", err, out)
	}
	for _, tool := range tools {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(bin, tool)); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

// copyTree copies the project without hidden folders, whose content no page
// shows.
func copyTree(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && rel != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(dir, rel), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, rel), content, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// durations move from run to run: "0.2 s", "14ms".
var durations = regexp.MustCompile(`\d+(\.\d+)? ?(ns|µs|ms|s|min)\b`)

// matches compares output with what a page shows: "..." is anything, alone on
// a line any lines, and trailing space does not count.
func matches(want []string, got string) bool {
	pattern := ""
	for _, line := range want {
		line = strings.TrimRight(durations.ReplaceAllString(line, "<time>"), " ")
		if strings.TrimSpace(line) == "..." {
			pattern += `(.*\n)*?`
			continue
		}
		pattern += strings.ReplaceAll(regexp.QuoteMeta(line), `\.\.\.`, `.*`) + ` *\n`
	}
	got = durations.ReplaceAllString(got, "<time>")
	return regexp.MustCompile(`^`+pattern+`$`).MatchString(strings.TrimRight(got, "\n")+"\n") ||
		len(want) == 0 && got == ""
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		want, got string
		ok        bool
	}{
		{"one\ntwo", "one\ntwo\n", true},
		{"one\ntwo", "one\ntwo\nthree\n", false},
		{"one\ntwo", "one\n", false},
		{"one\n...", "one\ntwo\nthree\n", true},
		{"one\n...\nthree", "one\nthree\n", true},
		{"one\n...\nfour", "one\nthree\n", false},
		{"412 states, 0.2 s", "412 states, 31 ms\n", true},
		{"412 states, 0.2 s", "413 states, 0.2 s\n", false},
		{"digest sha256:... ok", "digest sha256:ab ok\n", true},
		{"a.c", "abc\n", false},
	} {
		if ok := matches(strings.Split(c.want, "\n"), c.got); ok != c.ok {
			t.Errorf("matches(%q, %q) = %v", c.want, c.got, ok)
		}
	}
	if !matches(nil, "") || matches(nil, "noise\n") {
		t.Error("a command shown without output must print nothing")
	}
}
