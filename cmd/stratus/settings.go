package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/stratus-sre/stratus/internal/diag"
)

// settings are what every command has: a flag goes before its environment
// variable (--max-states: STRATUS_MAX_STATES), and that before the file.
type settings struct {
	file    string
	color   string
	noColor bool
	config  config
}

// configName is looked for in the working directory.
const configName = "stratus.yaml"

// config is the file. Its paths are relative to where it lies.
type config struct {
	State    paths               `yaml:"state"`    // one entry is one cluster
	Baseline string              `yaml:"baseline"` // a snapshot or rendered manifests
	Facts    string              `yaml:"facts"`    // what the model cannot know
	Policies paths               `yaml:"policies"` // folders of Rego rules
	Entry    []map[string]string `yaml:"entry"`    // labels of Services that users reach
}

// paths is a list that may be written as one string.
type paths []string

// UnmarshalYAML reads a string or a list of strings.
func (p *paths) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*p = paths{n.Value}
		return nil
	}
	return n.Decode((*[]string)(p))
}

func (s *settings) flags(f *pflag.FlagSet) {
	f.StringVar(&s.file, "config", "", "configuration `FILE` (default "+configName+" in the working directory)")
	f.StringVar(&s.color, "color", "auto", "colour: auto, always or never")
	f.BoolVar(&s.noColor, "no-color", false, "the same as --color=never; NO_COLOR does it too")
}

// read fills in what flags leave open. It runs before every command.
func (s *settings) read(cmd *cobra.Command, _ []string) error {
	if err := fromEnvironment(cmd.Flags()); err != nil {
		return err
	}
	switch s.color {
	case "auto", "always", "never":
	default:
		return fmt.Errorf("--color is %q: write auto, always or never", s.color)
	}
	file, asked := s.file, s.file != ""
	if !asked {
		file = configName
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return nil
	}
	if err != nil {
		return err
	}
	s.config, err = parseConfig(file, data)
	return err
}

// fromEnvironment sets the flags that were not given from STRATUS_*. Flags that
// take several values are split like PATH; an empty variable counts as none.
func fromEnvironment(f *pflag.FlagSet) error {
	var errs []error
	f.VisitAll(func(flag *pflag.Flag) {
		name := "STRATUS_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		value := os.Getenv(name)
		if flag.Changed || value == "" || flag.Name == "help" {
			return
		}
		values := []string{value}
		if strings.HasSuffix(flag.Value.Type(), "Array") {
			values = filepath.SplitList(value)
		}
		for _, v := range values {
			if err := f.Set(flag.Name, v); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
		}
	})
	return errors.Join(errs...)
}

var unknownField = regexp.MustCompile(`line (\d+): field (\S+) not found`)

func parseConfig(file string, data []byte) (config, error) {
	var c config
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		d := diag.Diagnostic{Pos: diag.Position{File: file}, Message: strings.TrimPrefix(err.Error(), "yaml: ")}
		if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
			d.Pos.Line, _ = strconv.Atoi(m[1])
			d.Message = fmt.Sprintf("unknown setting %q", m[2])
			d.Hint = "known are state, baseline, facts, policies and entry"
		}
		return c, diag.List{d}
	}
	dir := filepath.Dir(file)
	for i := range c.State {
		c.State[i] = below(dir, c.State[i])
	}
	for i := range c.Policies {
		c.Policies[i] = below(dir, c.Policies[i])
	}
	c.Baseline, c.Facts = below(dir, c.Baseline), below(dir, c.Facts)
	return c, nil
}

func below(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// colored reports whether text for w is coloured.
func (s *settings) colored(w io.Writer) bool {
	switch {
	case s.noColor || s.color == "never":
		return false
	case s.color == "always":
		return true
	}
	return os.Getenv("NO_COLOR") == "" && isTerminal(w)
}

// isTerminal reports whether w is a character device.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
