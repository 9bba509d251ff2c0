package policy_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/internal/testkit"
	"github.com/stratus-sre/stratus/policies"
	"github.com/stratus-sre/stratus/verifier/policy"
)

// Each archive in testdata/load is a folder of the user's and, in "want", what
// Load says: the diagnostics, or the rules that it brings beside the built-in.
func TestLoad(t *testing.T) {
	for name, a := range archives(t, "testdata/load/*.txtar") {
		t.Run(name, func(t *testing.T) {
			set, err := policy.Load(t.Context(), policy.Options{Dirs: []policy.Dir{a.dir("mine")}})
			var got strings.Builder
			if list, ok := err.(diag.List); ok {
				fmt.Fprintln(&got, list)
			} else if err != nil {
				t.Fatalf("want a diag.List, have %T: %v", err, err)
			} else {
				for _, r := range set.Rules() {
					if strings.HasPrefix(r.File, "mine/") {
						fmt.Fprintf(&got, "%s %s %s: %s, %s (%s, %s)\n", r.Level, r.Scope, r.ID, r.Title, r.Description, r.File, r.Page)
					}
				}
			}
			a.want(t, got.String())
		})
	}
}

func TestBuiltinRules(t *testing.T) {
	set := load(t, policy.Options{})
	if n := len(set.Rules()); n < 16 {
		t.Errorf("only %d built-in rules", n)
	}
	for _, r := range set.Rules() {
		folder := strings.ReplaceAll(strings.TrimPrefix(filepath.ToSlash(filepath.Dir(r.File)), "policies/"), "/", "-")
		if want := "POL-" + strings.ReplaceAll(folder, "_", "-"); r.ID != want {
			t.Errorf("%s has id %s, its folder says %s", r.File, r.ID, want)
		}
		page, err := fs.ReadFile(policies.FS, strings.TrimPrefix(r.Page, "policies/"))
		if err != nil {
			t.Errorf("%s: no page: %v", r.ID, err)
			continue
		}
		for _, part := range []string{"# " + r.ID + ": " + r.Title, "Level `" + r.Level + "`", "## Avoid", "## Prefer", "## Why"} {
			if !strings.Contains(string(page), part) {
				t.Errorf("%s lacks %q", r.Page, part)
			}
		}
		row := fmt.Sprintf("| [%s](%s) | %s | %s |", r.ID, strings.TrimPrefix(r.Page, "policies/"), r.Level, r.Title)
		if index, _ := fs.ReadFile(policies.FS, "README.md"); !strings.Contains(string(index), row) {
			t.Errorf("policies/README.md lacks the row %s", row)
		}
	}
}

// Every rule has at least four unit tests, so that hit, miss, near miss and
// start can be there.
func TestBuiltinRulesHaveTests(t *testing.T) {
	count := map[string]int{}
	report, err := policy.Test(t.Context(), policy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Tests {
		count[filepath.Dir(r.Pos.File)]++
	}
	for _, r := range load(t, policy.Options{}).Rules() {
		if n := count[filepath.Dir(r.File)]; n < 4 {
			t.Errorf("%s has %d unit tests", r.ID, n)
		}
	}
}

func TestNoBuiltin(t *testing.T) {
	rule := fstest.MapFS{"a.rego": {Data: []byte(`# METADATA
# title: T
# description: D
# custom:
#   id: POL-acme-images
#   level: deny
#   scope: action
package acme.images

import data.stratus.lib

deny contains {"msg": image} if some image in lib.new_images
`)}}
	set := load(t, policy.Options{NoBuiltin: true, Dirs: []policy.Dir{{Name: "mine", FS: rule}}})
	if rules := set.Rules(); len(rules) != 1 || rules[0].ID != "POL-acme-images" {
		t.Errorf("rules %v, want the user's only, with the library", rules)
	}
}

func TestDigest(t *testing.T) {
	mine := func(name, at, text string) policy.Options {
		return policy.Options{Dirs: []policy.Dir{{Name: name, FS: fstest.MapFS{at: {Data: []byte(text)}}}}}
	}
	const text = "package acme.lib\n\nx := 1\n"
	digest := func(o policy.Options) string { return load(t, o).Digest() }
	one := digest(mine("mine", "a.rego", text))
	for _, c := range []struct {
		name string
		opts policy.Options
		same bool
	}{
		{"loaded again", mine("mine", "a.rego", text), true},
		{"in another place", mine("/elsewhere/mine", "a.rego", text), true},
		{"another content", mine("mine", "a.rego", text+"\n"), false},
		{"another path", mine("mine", "b.rego", text), false},
		{"without it", policy.Options{}, false},
	} {
		if got := digest(c.opts); (got == one) != c.same {
			t.Errorf("%s: digest %s, first %s", c.name, got, one)
		}
	}
}

func load(t testing.TB, opts policy.Options) *policy.Set {
	t.Helper()
	set, err := policy.Load(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// archive is one txtar file of testdata: inputs, and the output in "want".
type archive struct {
	path string
	*txtar.Archive
}

func archives(t *testing.T, pattern string) map[string]archive {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives at %s: %v", pattern, err)
	}
	out := map[string]archive{}
	for _, p := range paths {
		a, err := txtar.ParseFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(p), ".txtar")] = archive{p, a}
	}
	return out
}

func (a archive) dir(name string) policy.Dir {
	tree := fstest.MapFS{}
	for _, f := range a.Files {
		if f.Name != "want" {
			tree[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return policy.Dir{Name: name, FS: tree}
}

func (a archive) file(t *testing.T, name string) []byte {
	t.Helper()
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	t.Fatalf("%s has no file named %s", a.path, name)
	return nil
}

func (a archive) want(t *testing.T, got string) {
	t.Helper()
	if want := a.file(t, "want"); testkit.Updating() {
		for i := range a.Files {
			if a.Files[i].Name == "want" {
				a.Files[i].Data = []byte(got)
			}
		}
		testkit.Golden(t, a.path, string(txtar.Format(a.Archive)))
	} else if got != string(want) {
		t.Errorf("%s: have\n%s\nwant\n%s", a.path, got, want)
	}
}
