package importtest

import (
	"fmt"
	"strings"
)

// rule is one line of a policy: left < right, or left !< right.
type rule struct {
	line        int
	left, right []string
	never       bool
}

// parse reads one of the policy's texts. Errors name the text and the line.
func parse(name, text string) ([]rule, error) {
	var rules []rule
	line, start, statement := 0, 0, ""
	for l := range strings.Lines(text) {
		line++
		l, _, _ = strings.Cut(l, "#")
		for {
			before, after, found := strings.Cut(l, ";")
			if statement == "" {
				start = line
			}
			statement = strings.TrimSpace(statement + " " + strings.TrimSpace(before))
			if !found {
				break
			}
			r, err := parseRule(statement)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, start, err)
			}
			r.line = start
			rules, statement, l = append(rules, r), "", after
		}
	}
	if statement != "" {
		return nil, fmt.Errorf("%s:%d: %q: end the rule with a semicolon", name, start, statement)
	}
	return rules, nil
}

func parseRule(s string) (rule, error) {
	var r rule
	left, right, found := strings.Cut(s, "!<")
	if r.never = found; !found {
		left, right, found = strings.Cut(s, "<")
	}
	if !found || strings.Contains(right, "<") {
		return r, fmt.Errorf("%q: a rule has one < or one !<", s)
	}
	for _, side := range []struct {
		names string
		to    *[]string
	}{{left, &r.left}, {right, &r.right}} {
		for n := range strings.SplitSeq(side.names, ",") {
			if n = strings.TrimSpace(n); n == "" || strings.ContainsAny(n, " \t") {
				return r, fmt.Errorf("%q: separate names by one comma", s)
			}
			*side.to = append(*side.to, n)
		}
	}
	return r, nil
}

// graph is the lattice with its edges followed to the end:
// graph[importer][imported].
type graph map[string]map[string]bool

// newGraph builds the closure of the rules. It refuses names that only a never
// rule knows, cycles, and a never rule that the edges contradict.
func newGraph(name string, rules []rule) (graph, error) {
	g := graph{}
	for _, r := range rules {
		if r.never {
			continue
		}
		for _, p := range r.right {
			if g[p] == nil {
				g[p] = map[string]bool{}
			}
			for _, imported := range r.left {
				if imported != "NONE" {
					g[p][imported] = true
				}
			}
		}
	}
	for _, r := range rules {
		for _, n := range append(r.left, r.right...) {
			if n != "NONE" && g[n] == nil {
				return nil, fmt.Errorf("%s:%d: %s stands on no right side of <: say what it may import, or NONE", name, r.line, n)
			}
		}
	}
	// Warshall's closure: through k, whoever reaches k reaches what k reaches.
	for k := range g {
		for p := range g {
			if g[p][k] {
				for imported := range g[k] {
					g[p][imported] = true
				}
			}
		}
	}
	for _, r := range rules {
		for _, p := range r.right {
			if g[p][p] {
				return nil, fmt.Errorf("%s:%d: %s may import itself: the edges have a cycle", name, r.line, p)
			}
			for _, imported := range r.left {
				if r.never && (g[p][imported] || p == imported) {
					return nil, fmt.Errorf("%s:%d: %s !< %s, but the edges let %[4]s reach %[3]s", name, r.line, imported, p)
				}
			}
		}
	}
	return g, nil
}

// within reports whether a package matches a pattern: its path, a path and all
// below it ("model/..."), or everything ("...").
func within(pkg, pattern string) bool {
	if root, ok := strings.CutSuffix(pattern, "..."); ok {
		return strings.HasPrefix(pkg+"/", root)
	}
	return pkg == pattern
}
