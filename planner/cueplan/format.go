package cueplan

import (
	"bytes"
	"encoding/json"

	cueformat "cuelang.org/go/cue/format"
	"go.yaml.in/yaml/v3"

	"github.com/stratus-sre/stratus/internal/diag"
)

// Format returns the plan's text in its canonical form: CUE as cue fmt has it,
// JSON indented by two spaces, YAML likewise. Comments and the order of fields
// stay. Nothing is evaluated: only text that is no plan at all is refused.
// Formatting twice changes nothing more. Pure.
func Format(name string, data []byte) ([]byte, diag.List) {
	if name == "" {
		name = "-"
	}
	file, _, out := parse(name, data)
	if out != nil {
		return nil, out
	}
	lang, _ := languageOf(name, data)
	var text []byte
	var err error
	switch lang {
	case inCUE:
		text, err = cueformat.Node(file)
	case inJSON:
		var b bytes.Buffer
		err = json.Indent(&b, bytes.TrimSpace(data), "", "  ")
		b.WriteByte('\n')
		text = b.Bytes()
	case inYAML:
		text, err = formatYAML(data)
	}
	if err != nil {
		out.Errorf(diag.Position{File: name}, "%v", err)
		return nil, out
	}
	return text, nil
}

func formatYAML(data []byte) ([]byte, error) {
	var n yaml.Node
	if err := yaml.Unmarshal(data, &n); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(&n); err != nil {
		return nil, err
	}
	if err := e.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
