package kube

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// plural counts in words: "1 pod", "3 pods".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// pairs writes labels as kubectl does, sorted: "app=cart,tier=web".
func pairs(labels map[string]string) string {
	words := make([]string, 0, len(labels))
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		words = append(words, k+"="+labels[k])
	}
	return strings.Join(words, ",")
}

func lower(kind string) string { return strings.ToLower(kind) }
