package main

import (
	"strings"
	"testing"
)

func TestSummarise(t *testing.T) {
	for _, c := range []struct {
		name, in string
		shows    []string
		counts   string
		ok       bool
	}{
		{"all pass", `
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestA/sub"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Elapsed":1.5}`,
			[]string{"ok    p"}, "2 passed, 0 failed, 0 skipped", true},
		{"a failure shows its output, its package counts no second time", `
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:3: got 1\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}`,
			[]string{"FAIL  p TestA\n    a_test.go:3: got 1"}, "0 passed, 1 failed, 0 skipped", false},
		{"a skip shows its reason", `
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"=== RUN   TestB\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: no corpus: here\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"skip","Package":"q"}`,
			[]string{"SKIP  p TestB: no corpus: here"}, "1 passed, 0 failed, 1 skipped", true},
		{"a skip without a reason fails", `
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: \n"}
{"Action":"skip","Package":"p","Test":"TestB"}`,
			[]string{"p TestB was skipped without a reason"}, "1 passed, 1 failed, 0 skipped", false},
		{"what does not build fails", `
{"ImportPath":"p","Action":"build-output","Output":"a.go:1:1: broken\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}
{"Action":"fail","Package":"p","FailedBuild":"p"}`,
			[]string{"a.go:1:1: broken", "[build failed]"}, "0 passed, 1 failed, 0 skipped", false},
		{"nothing ran", "go: no packages\n", []string{"go: no packages", "no test ran"}, "0 passed, 0 failed, 0 skipped", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			counts, ok := summarise(strings.NewReader(strings.TrimPrefix(c.in, "\n")), &out)
			if counts != c.counts || ok != c.ok {
				t.Errorf("%q, ok %v; want %q, %v", counts, ok, c.counts, c.ok)
			}
			for _, s := range c.shows {
				if !strings.Contains(out.String(), s) {
					t.Errorf("no %q in\n%s", s, out.String())
				}
			}
		})
	}
}
