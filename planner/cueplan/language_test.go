package cueplan

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"cuelang.org/go/cue"
)

// TestReference decodes every CUE block of the language reference, and looks
// for a sample of every kind of action.
func TestReference(t *testing.T) {
	page, err := os.ReadFile("../../specs/plan/README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for i, m := range regexp.MustCompile("(?ms)^```cue\n(.*?)^```").FindAllSubmatch(page, -1) {
		text := string(m[1])
		if strings.HasPrefix(text, "actions:") {
			text = around(text)
		}
		p := mustDecode(t, fmt.Sprintf("block-%d.cue", i+1), text)
		for _, txn := range p.Transactions {
			for _, a := range txn.Actions {
				shown[a.Do] = true
			}
		}
	}
	s, err := loadSchema()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range s.names {
		if !shown[name] {
			t.Errorf("specs/plan/README.md has no sample of %s", name)
		}
	}
}

// TestDefinitions holds the rules that explain.go relies on: kinds of action
// say what they are, and every field's type has a comment for error messages.
func TestDefinitions(t *testing.T) {
	s, err := loadSchema()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.root.Validate(); err != nil {
		t.Error(err)
	}
	if len(s.names) < 28 {
		t.Errorf("only %d kinds of action", len(s.names))
	}
	for name, k := range s.kinds {
		if len(k.def.Doc()) == 0 {
			t.Errorf("#%s has no comment", name)
		}
		if !k.def.LookupPath(cue.MakePath(cue.Def("lower"))).Exists() {
			t.Errorf("#%s has no #lower", name)
		}
		if do, err := k.def.LookupPath(required("do")).String(); err != nil || do != name {
			t.Errorf("#%s says do: %q", name, do)
		}
		for _, f := range fieldsOf(k.def) {
			if _, path := f.def.ReferencePath(); f.name != "do" && len(path.Selectors()) == 0 {
				t.Errorf("#%s.%s has no named type, so an error cannot say what it must be", name, f.name)
			}
		}
	}
}
