package manifest

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// locate returns the node to show for a field path such as
// "spec.containers[0].imagee": the key of its last element, or the deepest node
// on the way that exists. Keys may contain dots; the longest that fits wins.
func locate(n *yaml.Node, path string) *yaml.Node {
	n = resolve(n)
	shown := n
	for path != "" {
		if index, rest, ok := cutIndex(path); ok {
			if n.Kind != yaml.SequenceNode || index >= len(n.Content) {
				return shown
			}
			n = resolve(n.Content[index])
			shown, path = n, strings.TrimPrefix(rest, ".")
			continue
		}
		key, value := longestKey(n, path)
		if key == nil {
			return shown
		}
		shown, n = key, resolve(value)
		path = strings.TrimPrefix(path[len(key.Value):], ".")
	}
	return shown
}

// cutIndex splits "[3].name" into 3 and ".name".
func cutIndex(path string) (index int, rest string, ok bool) {
	if !strings.HasPrefix(path, "[") {
		return 0, "", false
	}
	digits, rest, ok := strings.Cut(path[1:], "]")
	index, err := strconv.Atoi(digits)
	return index, rest, ok && err == nil && index >= 0
}

func longestKey(n *yaml.Node, path string) (key, value *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		rest, ok := strings.CutPrefix(path, k.Value)
		if !ok || k.Value == "" || rest != "" && rest[0] != '.' && rest[0] != '[' {
			continue
		}
		if key == nil || len(k.Value) > len(key.Value) {
			key, value = k, n.Content[i+1]
		}
	}
	return key, value
}

// resolve looks through documents and aliases.
func resolve(n *yaml.Node) *yaml.Node {
	for {
		switch {
		case n.Kind == yaml.AliasNode:
			n = n.Alias
		case n.Kind == yaml.DocumentNode && len(n.Content) > 0:
			n = n.Content[0]
		default:
			return n
		}
	}
}
