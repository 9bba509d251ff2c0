package importtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/stratus-sre/stratus/internal/testkit"
)

const module = "github.com/stratus-sre/stratus"

// TestTree holds the tree to the policy.
func TestTree(t *testing.T) {
	p, err := newPolicy(lattice, modules, never)
	if err != nil {
		t.Fatal(err)
	}
	complaints, err := p.check(os.DirFS(testkit.Root(t)), module)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range complaints {
		t.Error(c)
	}
}

// TestFixtures runs the real policy on small trees. Each archive in testdata
// holds source files and, in "want", the complaints that they must draw.
func TestFixtures(t *testing.T) {
	p, err := newPolicy(lattice, modules, never)
	if err != nil {
		t.Fatal(err)
	}
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no fixtures in testdata: %v", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			tree := fstest.MapFS{}
			for _, f := range archive.Files {
				tree[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			complaints, err := p.check(tree, module)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(append(complaints, ""), "\n")
			for i, f := range archive.Files {
				if f.Name != "want" {
					continue
				}
				if testkit.Updating() {
					archive.Files[i].Data = []byte(got)
					testkit.Golden(t, name, string(txtar.Format(archive)))
				} else if got != string(f.Data) {
					t.Errorf("complaints:\n%s\nwant:\n%s", got, f.Data)
				}
				return
			}
			t.Errorf("%s has no file named want", name)
		})
	}
}

// TestRefusedPolicies: a text that cannot mean what it says is an error, not a
// policy that allows too much.
func TestRefusedPolicies(t *testing.T) {
	for _, c := range []struct{ name, lattice, want string }{
		{"no semicolon", "NONE < a", "lattice:1: \"NONE < a\": end the rule with a semicolon"},
		{"no relation", "NONE < a;\na b;", "lattice:2: \"a b\": a rule has one < or one !<"},
		{"a chain", "NONE < a < b;", "one < or one !<"},
		{"a forgotten comma", "NONE < a b;", "separate names by one comma"},
		{"an unknown package", "NONE < a;\nb < c;", "lattice:2: b stands on no right side"},
		{"an unknown package, never", "NONE < a;\nb !< a;", "lattice:2: b stands on no right side"},
		{"a cycle", "a < b; b < c; c < a;", "the edges have a cycle"},
		{"a broken never", "NONE < a;\na < b;\nb < c;\na !< c;", "lattice:4: a !< c, but the edges let c reach a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := newPolicy(c.lattice, "", ""); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
