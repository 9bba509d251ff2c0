package kube

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/stratus-sre/stratus/internal/diag"
)

// FactEntry is what a catalogue says of one image. A nil field says nothing;
// a list that is given, even an empty one, is complete: nothing else works.
type FactEntry struct {
	Image       string
	Exists      *bool               // it can be pulled; true also means that it starts as it is
	Commands    [][]string          // command and args, together, that run
	Ports       []int32             // ports that it listens on
	Memory      *resource.Quantity  // working set: a smaller limit kills it
	HTTP        map[string][]string // port → paths that answer
	RequiresEnv []string            // without these variables it exits
}

// ParseFacts reads a catalogue:
//
//	apiVersion: stratus.dev/v1alpha1
//	kind: Facts
//	images:
//	- image: shop/cart:v9
//	  exists: true
//	  commands: [[/app, --serve]]
//	  ports: [8080]
//	  memory: 300Mi
//	  http: {"8080": [/healthz]}
//	  requiresEnv: [DATABASE_URL]
//
// name is what diagnostics call the file. Unknown and repeated keys, wrong
// types and repeated images are errors. Pure.
func ParseFacts(name string, data []byte) ([]FactEntry, diag.List) {
	r := &factReader{file: name, seen: map[string]bool{}}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.syntax(err)
			break
		}
		if len(doc.Content) == 1 {
			r.document(doc.Content[0])
		}
	}
	if len(r.entries) == 0 && len(r.diags) == 0 {
		r.diags.Errorf(diag.Position{File: name}, "the catalogue lists no image")
	}
	r.diags.Sort()
	return r.entries, r.diags
}

type factReader struct {
	file    string
	seen    map[string]bool
	entries []FactEntry
	diags   diag.List
}

func (r *factReader) errorf(n *yaml.Node, format string, args ...any) {
	r.diags.Errorf(diag.Position{File: r.file, Line: n.Line, Column: n.Column}, format, args...)
}

// syntax takes the line out of "yaml: line 3: did not find …".
func (r *factReader) syntax(err error) {
	pos, text := diag.Position{File: r.file}, strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if number, message, ok := strings.Cut(rest, ": "); ok {
			if line, err := strconv.Atoi(number); err == nil {
				pos.Line, text = line, message
			}
		}
	}
	r.diags.Errorf(pos, "not YAML: %s", text)
}

// fields calls f for every key of a map, and reports keys that repeat.
func (r *factReader) fields(n *yaml.Node, what string, f func(key string, k, v *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.errorf(n, "%s must be a map", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if seen[k.Value] {
			r.errorf(k, "%s: key %q is given twice", what, k.Value)
			continue
		}
		seen[k.Value] = true
		f(k.Value, k, v)
	}
}

func (r *factReader) document(n *yaml.Node) {
	var apiVersion, kind string
	r.fields(n, "the catalogue", func(key string, k, v *yaml.Node) {
		switch key {
		case "apiVersion":
			apiVersion = r.text(v, key)
		case "kind":
			kind = r.text(v, key)
		case "images":
			for _, e := range r.items(v, key) {
				r.image(e)
			}
		default:
			r.errorf(k, "unknown key %q; a catalogue has apiVersion, kind and images", key)
		}
	})
	if n.Kind == yaml.MappingNode && (apiVersion != "stratus.dev/v1alpha1" || kind != "Facts") {
		r.errorf(n, "a catalogue begins with apiVersion: stratus.dev/v1alpha1 and kind: Facts (have %q, %q)", apiVersion, kind)
	}
}

func (r *factReader) image(n *yaml.Node) {
	var e FactEntry
	r.fields(n, "an image", func(key string, k, v *yaml.Node) {
		switch key {
		case "image":
			e.Image = r.text(v, key)
		case "exists":
			var b bool
			if v.Decode(&b) != nil || v.Tag != "!!bool" {
				r.errorf(v, "exists must be true or false")
				return
			}
			e.Exists = &b
		case "commands":
			e.Commands = [][]string{}
			for _, c := range r.items(v, key) {
				e.Commands = append(e.Commands, r.texts(c, "a command"))
			}
		case "ports":
			e.Ports = []int32{}
			for _, p := range r.items(v, key) {
				e.Ports = append(e.Ports, r.port(p))
			}
		case "memory":
			q, err := resource.ParseQuantity(r.text(v, key))
			if err != nil {
				r.errorf(v, "memory must be a quantity, as in 300Mi")
				return
			}
			e.Memory = &q
		case "http":
			e.HTTP = map[string][]string{}
			r.fields(v, key, func(port string, k, v *yaml.Node) {
				r.port(k)
				e.HTTP[port] = r.texts(v, "http")
			})
		case "requiresEnv":
			e.RequiresEnv = r.texts(v, key)
		default:
			r.errorf(k, "unknown key %q; an image has image, exists, commands, ports, memory, http and requiresEnv", key)
		}
	})
	switch {
	case e.Image == "":
		r.errorf(n, "an entry needs an image")
	case r.seen[e.Image]:
		r.errorf(n, "image %s is listed twice", e.Image)
	default:
		r.seen[e.Image] = true
		r.entries = append(r.entries, e)
	}
}

func (r *factReader) text(n *yaml.Node, what string) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.errorf(n, "%s must be a string", what)
		return ""
	}
	return n.Value
}

func (r *factReader) items(n *yaml.Node, what string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		r.errorf(n, "%s must be a list", what)
		return nil
	}
	return n.Content
}

func (r *factReader) texts(n *yaml.Node, what string) []string {
	out := []string{}
	for _, e := range r.items(n, what) {
		out = append(out, r.text(e, what))
	}
	return out
}

func (r *factReader) port(n *yaml.Node) int32 {
	p, err := strconv.ParseInt(n.Value, 10, 32)
	if n.Kind != yaml.ScalarNode || err != nil || p < 1 || p > 65535 {
		r.errorf(n, "a port is a number from 1 to 65535")
		return 0
	}
	return int32(p)
}
