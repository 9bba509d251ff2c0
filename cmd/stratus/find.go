package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/stratus-sre/stratus/model/manifest"
)

// planFile is a plan as it was found.
type planFile struct {
	name string // as the user gave it, or below the folder the user gave; "-" for standard input
	data []byte
}

// dir is where the files beside the plan are; "" for standard input.
func (p planFile) dir() string {
	if p.name == "-" {
		return ""
	}
	return filepath.Dir(p.name)
}

// besides are files that lie with plans and are none.
var besides = []string{"cluster.yaml", "baseline.yaml", "facts.yaml", configName}

// findPlans reads the plans that arguments name. A folder stands for the plans
// below it: every CUE file, and the JSON and YAML files that call themselves a
// plan. No plan at all is an error: nothing would be checked.
func (a *app) findPlans(args []string) ([]planFile, error) {
	var out []planFile
	for _, arg := range args {
		names := []string{arg}
		recursive := isDir(arg)
		if recursive {
			var err error
			if names, err = filesBelow(arg, ".cue", ".json", ".yaml", ".yml"); err != nil {
				return nil, err
			}
		}
		for _, name := range names {
			if recursive && slices.Contains(besides, filepath.Base(name)) {
				continue
			}
			data, err := a.readFile(name)
			if err != nil {
				return nil, err
			}
			if recursive && filepath.Ext(name) != ".cue" && !callsItselfPlan.Match(data) {
				continue
			}
			out = append(out, planFile{name, data})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no plan in %s: plans are .cue files, or .json and .yaml files with kind: Plan", strings.Join(args, ", "))
	}
	return out, nil
}

var callsItselfPlan = regexp.MustCompile(`\bkind["']?\s*:\s*["']?Plan\b`)

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// filesBelow returns the files below dir with one of the endings, in lexical
// order. Hidden folders and CUE's module folder are left out.
func filesBelow(dir string, endings ...string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != dir && (strings.HasPrefix(d.Name(), ".") || d.Name() == "cue.mod"):
			return filepath.SkipDir
		case !d.IsDir() && slices.Contains(endings, filepath.Ext(path)):
			out = append(out, path)
		}
		return nil
	})
	return out, err
}

// readFile reads a file, or standard input as "-". It stops one byte behind
// what anything here accepts, so that a huge file does not fill the memory
// before it is refused.
func (a *app) readFile(name string) ([]byte, error) {
	in := a.stdin
	if name == "-" {
		if in == nil {
			return nil, fmt.Errorf("standard input can be read once only: name a file instead of the second -")
		}
		a.stdin = nil
	} else {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, manifest.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return data, nil
}
