package doctest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/internal/testkit"
)

// gateSteps returns the commands of the lines "step NAME 'COMMAND'".
func gateSteps(script string) (steps []string) {
	for _, m := range regexp.MustCompile(`(?m)^step +\S+ +'([^']+)'$`).FindAllStringSubmatch(script, -1) {
		steps = append(steps, m[1])
	}
	return steps
}

// TestGateIsDocumented: CONTRIBUTING.md lists exactly the commands that the
// gate runs, in its order, as the page's only sh block.
func TestGateIsDocumented(t *testing.T) {
	root := testkit.Root(t)
	script, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := blocks(string(page))
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(b block) bool { return b.lang != "sh" })
	if len(all) != 1 {
		t.Fatalf("CONTRIBUTING.md has %d sh blocks; the gate's commands are its only one", len(all))
	}
	runs, lists := gateSteps(string(script)), all[0].text
	if len(runs) == 0 || strings.Count(string(script), "\nstep ") != len(runs) {
		t.Fatalf(".ci/run: %d of its steps have the form: step NAME 'COMMAND'", len(runs))
	}
	for i := range max(len(runs), len(lists)) {
		var run, list string
		if i < len(runs) {
			run = runs[i]
		}
		if i < len(lists) {
			list = lists[i]
		}
		if run != list {
			t.Fatalf("CONTRIBUTING.md:%d lists  %s\nwhere .ci/run runs  %s", all[0].line+i, list, run)
		}
	}
}
