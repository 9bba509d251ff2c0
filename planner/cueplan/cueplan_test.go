package cueplan

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/internal/testkit"
	"github.com/stratus-sre/stratus/model/plan"
)

func TestMain(m *testing.M) {
	Main()
	os.Exit(m.Run())
}

// around makes a plan of `actions: {…}`. It has no line break, so that line
// numbers are those of the actions.
func around(actions string) string {
	return `plan: {apiVersion: "stratus.dev/v1alpha1", kind: "Plan", metadata: name: "p", intent: "repair", ` +
		`goal: [{on: "service/shop/cart", readyEndpoints: ">=1"}], transactions: [{name: "t", ` + actions + "\n}]}\n"
}

// mustDecode decodes in this process.
func mustDecode(t testing.TB, name, text string) *plan.Plan {
	t.Helper()
	p, out := evaluate(name, []byte(text))
	if p == nil {
		t.Fatalf("%s does not decode:\n%v\n%s", name, out, text)
	}
	return p
}

// golden compares got with the section name of an archive, or updates it.
func golden(t *testing.T, ar *txtar.Archive, name, got string) {
	t.Helper()
	if got != "" && !strings.HasSuffix(got, "\n") {
		got += "\n"
	}
	for i, f := range ar.Files {
		if f.Name != name {
			continue
		}
		if testkit.Updating() {
			ar.Files[i].Data = []byte(got)
		} else if want := string(f.Data); want != got {
			t.Errorf("%s:\n--- want\n%s--- have\n%s", name, want, got)
		}
		return
	}
	if !testkit.Updating() {
		t.Errorf("%s: no such section; run go test -update and read the difference", name)
	}
	for i, f := range ar.Files { // after the section that it answers
		if name == f.Name+".want" {
			ar.Files = append(ar.Files[:i+1], append([]txtar.File{{Name: name, Data: []byte(got)}}, ar.Files[i+1:]...)...)
			return
		}
	}
}

// archive reads testdata/name and writes it back when updating.
func archive(t *testing.T, name string) *txtar.Archive {
	t.Helper()
	path := filepath.Join("testdata", name)
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if testkit.Updating() {
			if err := os.WriteFile(path, txtar.Format(ar), 0o644); err != nil {
				t.Error(err)
			}
		}
	})
	return ar
}

// TestLower shows what each kind of action becomes, and that none is forgotten.
func TestLower(t *testing.T) {
	ar := archive(t, "lower.txtar")
	shown := map[string]bool{}
	for _, f := range append([]txtar.File(nil), ar.Files...) {
		name, isCase := strings.CutSuffix(f.Name, ".cue")
		if !isCase {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := mustDecode(t, f.Name, around("actions: a: "+string(f.Data)))
			a := p.Transactions[0].Actions[0]
			shown[a.Do] = true
			var canonical struct {
				Transactions []struct {
					Actions map[string]struct {
						Op json.RawMessage `json:"op"`
					} `json:"actions"`
				} `json:"transactions"`
			}
			if err := json.Unmarshal(p.Canonical(), &canonical); err != nil {
				t.Fatal(err)
			}
			golden(t, ar, f.Name+".want", string(canonical.Transactions[0].Actions["a"].Op)+"\n"+a.Kubectl)
		})
	}
	s, err := loadSchema()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range s.names {
		if !shown[name] {
			t.Errorf("testdata/lower.txtar has no case for #%s", name)
		}
	}
}

// TestDiagnostics shows every message. A section that begins with "actions:"
// stands for a plan with these actions.
func TestDiagnostics(t *testing.T) {
	ar := archive(t, "diagnostics.txtar")
	for _, f := range append([]txtar.File(nil), ar.Files...) {
		ext := filepath.Ext(f.Name)
		if ext == ".want" {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			text := string(f.Data)
			if strings.HasPrefix(text, "actions:") {
				text = around(text)
			}
			p, out := evaluate("plan"+ext, []byte(text))
			if p != nil || !out.HasErrors() {
				t.Errorf("decodes, and must not")
			}
			golden(t, ar, f.Name+".want", diag.List(out).Error())
			if jargon := regexp.MustCompile(`#\w+[.:]|disjunction|bottom|_\|_|\b(types|waits|nodes)\.cue|: \n`); jargon.MatchString(out.Error()) {
				t.Errorf("words that authors do not know in:\n%v", out)
			}
		})
	}
}
