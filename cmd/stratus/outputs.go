package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/stratus-sre/stratus/cmd/stratus/report"
)

// output is one -o FORMAT[=FILE]; no file is standard output.
type output struct{ format, file string }

// parseOutputs reads the values of -o. Text goes to standard output unless
// another format does: somebody reads the log.
func parseOutputs(values []string) ([]output, error) {
	var out []output
	stdout := 0
	for _, v := range values {
		format, file, _ := strings.Cut(v, "=")
		if !slices.Contains(report.Formats(), format) {
			return nil, fmt.Errorf("-o %s: unknown format %q: write one of %s", v, format, strings.Join(report.Formats(), ", "))
		}
		if file == "" {
			stdout++
		}
		out = append(out, output{format, file})
	}
	if stdout > 1 {
		return nil, fmt.Errorf("-o: %d formats go to standard output: give all but one a file, as in -o json=report.json", stdout)
	}
	if stdout == 0 {
		out = append(out, output{format: "text"})
	}
	return out, nil
}

func (a *app) writeOutputs(outputs []output, results []report.Result, opts report.Options) error {
	for _, o := range outputs {
		if o.file == "" {
			if err := report.Write(o.format, a.stdout, results, opts); err != nil {
				return err
			}
			continue
		}
		plain := opts
		plain.Color = false
		var b bytes.Buffer
		if err := report.Write(o.format, &b, results, plain); err != nil {
			return err
		}
		if err := os.WriteFile(o.file, b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
