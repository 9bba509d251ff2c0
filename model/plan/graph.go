package plan

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Classify names the reversibility class of an action, "" if it is not known.
// The class depends on the state that the action meets, so it is the caller's.
type Classify func(Action) string

// Mermaid draws the plan as a Mermaid flow chart: one box a transaction, one
// node an action, edges by `after` without those that others imply. class may
// be nil. Whatever a plan's author wrote is escaped. Pure.
func Mermaid(p *Plan, class Classify) string {
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	for t, txn := range p.Transactions {
		fmt.Fprintf(&b, "  subgraph t%d[\"%s\"]\n", t, mermaidText(txn.Name))
		for a, act := range txn.Actions {
			lines := labelOf(act, class)
			for i, l := range lines {
				lines[i] = mermaidText(l)
			}
			fmt.Fprintf(&b, "    t%da%d[\"%s\"]\n", t, a, strings.Join(lines, "<br/>"))
		}
		for _, e := range reducedEdges(txn.Actions) {
			fmt.Fprintf(&b, "    t%da%d --> t%da%d\n", t, e[0], t, e[1])
		}
		b.WriteString("  end\n")
		if t > 0 {
			fmt.Fprintf(&b, "  t%d ==> t%d\n", t-1, t)
		}
	}
	return b.String()
}

// DOT draws the same for Graphviz; the kubectl equivalent is the tooltip.
// class may be nil. Pure.
func DOT(p *Plan, class Classify) string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph plan {\n  label=%s;\n  compound=true;\n  node [shape=box];\n", dotText(p.Name))
	for t, txn := range p.Transactions {
		fmt.Fprintf(&b, "  subgraph cluster_t%d {\n    label=%s;\n", t, dotText(txn.Name))
		for a, act := range txn.Actions {
			lines := labelOf(act, class)
			if act.Kubectl != "" {
				lines = lines[:len(lines)-1]
			}
			fmt.Fprintf(&b, "    t%da%d [label=%s, tooltip=%s];\n", t, a, dotText(strings.Join(lines, "\n")), dotText(act.Kubectl))
		}
		for _, e := range reducedEdges(txn.Actions) {
			fmt.Fprintf(&b, "    t%da%d -> t%da%d;\n", t, e[0], t, e[1])
		}
		b.WriteString("  }\n")
		if t > 0 && len(p.Transactions[t-1].Actions) > 0 && len(txn.Actions) > 0 {
			fmt.Fprintf(&b, "  t%da0 -> t%da0 [ltail=cluster_t%d, lhead=cluster_t%d, style=bold];\n", t-1, t, t-1, t)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// labelOf returns the lines of a node: the id, what is done to what, the
// class, and last, where there is one, the kubectl command.
func labelOf(a Action, class Classify) []string {
	lines := []string{a.ID, a.Do + " " + a.Op.On.String()}
	if class != nil {
		if c := class(a); c != "" {
			lines[1] += " · " + c
		}
	}
	if a.Kubectl != "" {
		lines = append(lines, a.Kubectl)
	}
	return lines
}

// reducedEdges returns the `after` edges (from, to) that no other edges imply,
// sorted. A cyclic graph, which a decoder refuses, is drawn as it is.
func reducedEdges(actions []Action) (out [][2]int) {
	order, cycle := NewOrder(actions)
	for to, a := range actions {
		for _, from := range a.After {
			implied := cycle == nil && slices.ContainsFunc(a.After, func(via int) bool {
				return via != from && order.Before[via].Has(from)
			})
			if !implied {
				out = append(out, [2]int{from, to})
			}
		}
	}
	slices.SortFunc(out, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	return out
}

// mermaidText writes everything that could end a label or begin markup as a
// character code, which Mermaid spells #34;.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" -_./:=,+·", r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

// dotText quotes a string as the DOT language has it; \n is its line break.
func dotText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", "").Replace(s) + `"`
}
