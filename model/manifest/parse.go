package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/stratus-sre/stratus/internal/diag"
)

// MaxSize is what a file may have, in bytes. A snapshot of a thousand-object cluster has
// about 5 MiB.
const MaxSize = 64 << 20

// parse returns the documents of a file as positioned trees. After an error
// the documents before it are returned: what follows cannot be told apart.
func (r *reader) parse(data []byte) []*yaml.Node {
	here := diag.Position{File: r.file}
	if len(data) > MaxSize {
		r.diags.Errorf(here, "the file has %d MiB; at most %d MiB are read", len(data)>>20, MaxSize>>20)
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		line, column := invalidUTF8(data)
		here.Line, here.Column = line, column
		r.diags.Errorf(here, "the file is not valid UTF-8 here")
		return nil
	}
	if first := bytes.TrimLeft(data, " \t\r\n"); len(first) > 0 && first[0] == '{' {
		docs, pos, err := parseJSON(data)
		if err == nil {
			return docs
		}
		// A flow mapping of YAML begins like JSON.
		if docs, yamlErr := parseYAML(data); yamlErr == nil {
			return docs
		}
		pos.File = r.file
		r.diags.Errorf(pos, "not JSON: %v", err)
		return docs
	}
	docs, err := parseYAML(data)
	if err != nil {
		r.syntax(err, data)
	}
	return docs
}

func invalidUTF8(data []byte) (line, column int) {
	line, column = 1, 1
	for len(data) > 0 {
		c, n := utf8.DecodeRune(data)
		if c == utf8.RuneError && n == 1 {
			break
		}
		if column++; c == '\n' {
			line, column = line+1, 1
		}
		data = data[n:]
	}
	return line, column
}

func parseYAML(data []byte) ([]*yaml.Node, error) {
	var docs []*yaml.Node
	for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return docs, err
		}
		docs = append(docs, &doc)
	}
}

var yamlErrorLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?(?:line (\d+): )?`)

// syntax reports an error of the YAML parser, which has its position in its text.
func (r *reader) syntax(err error, data []byte) {
	text := err.Error()
	m := yamlErrorLine.FindStringSubmatch(text)
	pos := diag.Position{File: r.file, Line: 1} // the parser leaves out the first line
	if m != nil {
		text = text[len(m[0]):]
		if line, err := strconv.Atoi(m[1]); err == nil {
			pos.Line = line
		}
	}
	d := diag.Diagnostic{Pos: pos, Message: "not YAML: " + text}
	if bytes.Contains(data, []byte("{{")) {
		d.Hint = "this looks like a template: render it first"
	}
	r.diags = append(r.diags, d)
}

// parseJSON reads JSON values one after the other. YAML would do for most of
// JSON, but not for tabs and surrogate pairs, and it is slower.
func parseJSON(data []byte) ([]*yaml.Node, diag.Position, error) {
	j := jsonTree{dec: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1}
	j.dec.UseNumber()
	var docs []*yaml.Node
	for {
		doc, err := j.node(0)
		if errors.Is(err, errNoMore) {
			return docs, diag.Position{}, nil
		}
		if err != nil {
			at := j.position(int(j.dec.InputOffset()))
			return docs, diag.Position{Line: at.Line, Column: at.Column}, err
		}
		docs = append(docs, doc)
	}
}

var errNoMore = errors.New("no more values")

// jsonTree builds the same tree from JSON as the YAML parser does from YAML.
type jsonTree struct {
	dec                  *json.Decoder
	data                 []byte
	offset, line, column int // of the next byte to count; column from zero
}

// position returns a scalar node at the first byte of the token at or after
// offset. Offsets only grow.
func (j *jsonTree) position(offset int) *yaml.Node {
	for offset < len(j.data) && strings.IndexByte(" \t\r\n,:", j.data[offset]) >= 0 {
		offset++
	}
	for ; j.offset < offset; j.offset++ {
		switch c := j.data[j.offset]; {
		case c == '\n':
			j.line, j.column = j.line+1, 0
		case utf8.RuneStart(c):
			j.column++
		}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Line: j.line, Column: j.column + 1}
}

func (j *jsonTree) node(depth int) (*yaml.Node, error) {
	n := j.position(int(j.dec.InputOffset()))
	tok, err := j.dec.Token()
	if err != nil {
		if depth == 0 && errors.Is(err, io.EOF) {
			return nil, errNoMore
		}
		return nil, unexpectedEnd(err)
	}
	switch t := tok.(type) {
	case json.Delim:
		if depth >= maxDepth {
			return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
		}
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
		if t == '[' {
			n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		}
		for j.dec.More() {
			// A key is a token like any other; the decoder knows that it is a string.
			c, err := j.node(depth + 1)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, c)
		}
		_, err := j.dec.Token()
		return n, unexpectedEnd(err)
	case string:
		n.Tag, n.Value, n.Style = "!!str", t, yaml.DoubleQuotedStyle
	case json.Number:
		n.Tag, n.Value = "!!float", t.String()
		if _, err := t.Int64(); err == nil {
			n.Tag = "!!int"
		}
	case bool:
		n.Tag, n.Value = "!!bool", strconv.FormatBool(t)
	case nil:
		n.Tag = "!!null"
	}
	return n, nil
}

func unexpectedEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the file ends in the middle of a value")
	}
	return err
}
