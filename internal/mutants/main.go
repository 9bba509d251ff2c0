// Command mutants proves that the checks bite: it breaks one thing at a time,
// in a copy that only the compiler sees, and expects the named tests to fail.
// A mutant that survives means a test that asserts too little.
//
//	go run ./internal/mutants           all of them
//	go run ./internal/mutants TNR004    those whose name contains the text
//
// The list is mutants.txt; docs/track-record.md shows it as a table, held equal
// by this package's test. Nothing in the tree is changed: a mutant is a
// replacement of one file by the overlay of the Go command.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed mutants.txt
var list string

// mutant is one way to break the code.
type mutant struct {
	name     string // "TNR004 worst moment ignored"
	file     string // relative to the project's root
	old, new string // the one place that changes
	test     string // arguments of go test that must fail
}

func main() {
	filter := strings.Join(os.Args[1:], " ")
	mutants, err := parse(list)
	if err != nil {
		fatal(err)
	}
	survived, tried := 0, 0
	for _, m := range mutants {
		if !strings.Contains(m.name, filter) {
			continue
		}
		tried++
		killer, err := m.run()
		switch {
		case err != nil:
			fatal(err)
		case killer == "":
			survived++
			fmt.Printf("SURVIVED  %s (%s)\n", m.name, m.test)
		default:
			fmt.Printf("killed    %s  by %s\n", m.name, killer)
		}
	}
	fmt.Printf("%d mutants, %d killed, %d survived\n", tried, tried-survived, survived)
	if survived > 0 || tried == 0 {
		os.Exit(1)
	}
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "mutants:", err)
	os.Exit(2)
}

// parse reads the list: blocks of "key: value" lines, separated by blank lines;
// "old" and "new" go on in lines that begin with a tab or "| ".
func parse(text string) ([]mutant, error) {
	var out []mutant
	for n, block := range strings.Split(strings.TrimSpace(text), "\n\n") {
		var m mutant
		fields := map[string]*string{"mutant": &m.name, "file": &m.file, "old": &m.old, "new": &m.new, "test": &m.test}
		var last *string
		for _, line := range strings.Split(block, "\n") {
			if strings.HasPrefix(line, "#") {
				continue
			}
			if more, ok := strings.CutPrefix(line, "| "); ok && last != nil {
				*last += "\n" + more
				continue
			}
			key, value, ok := strings.Cut(line, ": ")
			target := fields[strings.TrimSuffix(key, ":")]
			if !ok && !strings.HasSuffix(key, ":") || target == nil {
				return nil, fmt.Errorf("block %d: %q is not a field", n+1, line)
			}
			*target, last = value, target
		}
		if m == (mutant{}) {
			continue // comments only
		}
		if m.name == "" || m.file == "" || m.old == "" || m.test == "" || m.old == m.new {
			return nil, fmt.Errorf("block %d (%s): mutant, file, old, new and test are needed, and old must differ from new", n+1, m.name)
		}
		out = append(out, m)
	}
	return out, nil
}

// broken returns the file's text with the mutation.
func (m mutant) broken(root string) ([]byte, error) {
	src, err := os.ReadFile(filepath.Join(root, m.file))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.name, err)
	}
	if n := bytes.Count(src, []byte(m.old)); n != 1 {
		return nil, fmt.Errorf("%s: %q is %d times in %s, it must be there once", m.name, m.old, n, m.file)
	}
	return bytes.Replace(src, []byte(m.old), []byte(m.new), 1), nil
}

// run returns the first test that failed, "" if the mutant survived. A mutant
// that does not compile is an error: it proves nothing.
func (m mutant) run() (killer string, err error) {
	root, err := filepath.Abs(".")
	if err != nil {
		return "", err
	}
	src, err := m.broken(root)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	file, overlay := filepath.Join(dir, filepath.Base(m.file)), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, m.file): file}})
	if err != nil {
		return "", err
	}
	for name, data := range map[string][]byte{file: src, overlay: replace} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return "", err
		}
	}
	args := append([]string{"test", "-overlay", overlay, "-vet=off", "-count=1"}, strings.Fields(m.test)...)
	out, err := exec.Command("go", args...).CombinedOutput()
	if err == nil {
		return "", nil
	}
	if bytes.Contains(out, []byte("[build failed]")) || bytes.Contains(out, []byte("[setup failed]")) {
		return "", fmt.Errorf("%s does not build:\n%s", m.name, out)
	}
	for _, line := range strings.Split(string(out), "\n") {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "--- FAIL: "); ok {
			name, _, _ = strings.Cut(name, " ")
			return name, nil
		}
	}
	return "a test that did not end well", nil
}
