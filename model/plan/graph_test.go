package plan

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/internal/testkit"
)

func TestGraph(t *testing.T) {
	class := func(a Action) string {
		if a.ID == "up" {
			return "R1"
		}
		return ""
	}
	testkit.Golden(t, "testdata/graph.mmd", Mermaid(example(), class))
	testkit.Golden(t, "testdata/graph.dot", DOT(example(), class))
	if strings.Contains(Mermaid(example(), nil), "R1") {
		t.Error("a class from nowhere")
	}
}

// TestGraphEscapes: an author's words never end a label.
func TestGraphEscapes(t *testing.T) {
	mermaid := Mermaid(example(), nil)
	for _, line := range strings.Split(mermaid, "\n") {
		if n := strings.Count(line, `"`); n != 0 && n != 2 {
			t.Errorf("%d quotes in %s", n, line)
		}
	}
	if strings.Contains(mermaid, "<script") {
		t.Error("markup gets through")
	}
	dot, err := exec.LookPath("dot")
	if err != nil {
		t.Skip("Graphviz is not installed: the DOT text is compared with its golden file only")
	}
	cmd := exec.Command(dot, "-Tplain")
	cmd.Stdin = strings.NewReader(DOT(example(), nil))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("Graphviz refuses it: %v\n%s", err, out)
	}
}

// TestReducedEdges gives each graph as one line: what waits for what.
func TestReducedEdges(t *testing.T) {
	for _, c := range []struct {
		after [][]int
		want  [][2]int
	}{
		{[][]int{nil, {0}, {0, 1}}, [][2]int{{0, 1}, {1, 2}}},
		{[][]int{nil, nil, {0, 1}}, [][2]int{{0, 2}, {1, 2}}},
		{[][]int{nil, {0}, {0}, {0, 1, 2}}, [][2]int{{0, 1}, {0, 2}, {1, 3}, {2, 3}}},
		{[][]int{{1}, {0}}, [][2]int{{0, 1}, {1, 0}}}, // a circle is drawn as it is
	} {
		actions := make([]Action, len(c.after))
		for i, a := range c.after {
			actions[i].After = a
		}
		got := reducedEdges(actions)
		if len(got) != len(c.want) {
			t.Errorf("%v: %v, want %v", c.after, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%v: %v, want %v", c.after, got, c.want)
			}
		}
	}
}
