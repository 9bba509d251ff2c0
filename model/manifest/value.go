package manifest

import (
	"math"
	"strconv"

	"go.yaml.in/yaml/v3"
)

const (
	maxDepth = 100     // nesting; real objects have about 15, CustomResourceDefinitions 40
	maxAlias = 100_000 // nodes reached through aliases, in all sources together
)

// value turns a tree into unstructured values. It is false after an error,
// which has been reported.
func (r *reader) value(n *yaml.Node, depth int) (any, bool) {
	if depth > maxDepth {
		r.errorf(n, "", "nested deeper than %d levels", maxDepth)
		return nil, false
	}
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) == 0 {
			return nil, true
		}
		return r.value(n.Content[0], depth)
	case yaml.AliasNode:
		if r.expanded += size(n.Alias, maxAlias); r.expanded > maxAlias {
			r.errorf(n, "write the values out", "aliases expand to more than %d values", maxAlias)
			return nil, false
		}
		return r.value(n.Alias, depth+1)
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, c := range n.Content {
			v, ok := r.value(c, depth+1)
			if !ok {
				return nil, false
			}
			out[i] = v
		}
		return out, true
	case yaml.MappingNode:
		return r.mapping(n, depth)
	case yaml.ScalarNode:
		return r.scalar(n)
	}
	return nil, true // no node at all
}

// size counts the nodes below n, aliases not followed, up to a limit. The
// aliases inside are counted when value comes to them.
func size(n *yaml.Node, limit int) int {
	count := 1
	for _, c := range n.Content {
		if count > limit {
			break
		}
		count += size(c, limit-count)
	}
	return count
}

func (r *reader) mapping(n *yaml.Node, depth int) (any, bool) {
	out := make(map[string]any, len(n.Content)/2)
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			r.errorf(n.Content[i], "keys are strings", "a key is %s", describe(key))
			return nil, false
		}
		if key.ShortTag() == "!!merge" {
			merges = append(merges, val)
			continue
		}
		if _, twice := out[key.Value]; twice {
			r.errorf(n.Content[i], "keep one of the two", "the key %q is given twice", key.Value)
			return nil, false
		}
		v, ok := r.value(val, depth+1)
		if !ok {
			return nil, false
		}
		out[key.Value] = v
	}
	for _, m := range merges {
		if !r.merge(out, m, depth) {
			return nil, false
		}
	}
	return out, true
}

// merge carries out "<<": what is written in the mapping itself goes first,
// then the mappings of the merge in their order.
func (r *reader) merge(into map[string]any, n *yaml.Node, depth int) bool {
	v, ok := r.value(n, depth+1)
	if !ok {
		return false
	}
	sources, isList := v.([]any)
	if !isList {
		sources = []any{v}
	}
	for _, s := range sources {
		m, ok := s.(map[string]any)
		if !ok {
			r.errorf(n, "a merge takes a mapping or a list of mappings", "<< is given %s", describe(n))
			return false
		}
		for k, v := range m {
			fill(into, k, v)
		}
	}
	return true
}

// yaml11 are the words that kubectl's YAML 1.1 reads as truth values and the
// parser, which is of YAML 1.2 here, as strings.
// Source: sigs.k8s.io/yaml goyaml.v2/resolve.go.
var yaml11 = map[string]bool{
	"y": true, "Y": true, "yes": true, "Yes": true, "YES": true, "on": true, "On": true, "ON": true,
	"n": false, "N": false, "no": false, "No": false, "NO": false, "off": false, "Off": false, "OFF": false,
}

func (r *reader) scalar(n *yaml.Node) (any, bool) {
	switch n.ShortTag() {
	case "!!null":
		return nil, true
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err != nil {
			r.errorf(n, "", "%q is neither true nor false", n.Value)
			return nil, false
		}
		return b, true
	case "!!int", "!!float":
		return r.number(n)
	case "!!binary":
		var s string
		if err := n.Decode(&s); err != nil {
			r.errorf(n, "", "not base64: %v", err)
			return nil, false
		}
		return s, true
	}
	if b, ok := yaml11[n.Value]; ok && n.Style == 0 {
		return b, true
	}
	return n.Value, true
}

func (r *reader) number(n *yaml.Node) (any, bool) {
	if v := n.Value; len(v) < 19 && (v == "0" || v != "" && v[0] >= '1' && v[0] <= '9') {
		if i, err := strconv.ParseInt(v, 10, 64); err == nil {
			return i, true
		}
	}
	var v any // the other notations: signs, octal, hexadecimal, underscores, exponents
	if err := n.Decode(&v); err != nil {
		r.errorf(n, "", "%q is not a number", n.Value)
		return nil, false
	}
	var f float64
	switch x := v.(type) {
	case int:
		return int64(x), true
	case int64:
		return x, true
	case uint64:
		f = float64(x)
	case float64:
		f = x
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		r.errorf(n, "Kubernetes objects are JSON, which has no such number", "%q is not a finite number", n.Value)
		return nil, false
	}
	return f, true
}

// describe says what a node is, for messages.
func describe(n *yaml.Node) string {
	switch n = resolve(n); n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}
