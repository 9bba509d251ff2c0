package doctest

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/internal/testkit"
)

// pages returns the documents, as slash-separated paths below root.
func pages(t *testing.T, root string) []string {
	t.Helper()
	all := []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"}
	for _, area := range []struct{ dir, name string }{{"docs", "*.md"}, {"policies", "README.md"}, {"specs", "README.md"}} {
		err := fs.WalkDir(os.DirFS(root), area.dir, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if ok, err := path.Match(area.name, d.Name()); err != nil || !ok || d.IsDir() {
				return err
			}
			all = append(all, p)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestPages checks every block of every document.
func TestPages(t *testing.T) {
	root := testkit.Root(t)
	bin := newBin(t, root)
	for _, page := range pages(t, root) {
		t.Run(page, func(t *testing.T) {
			path := filepath.Join(root, filepath.FromSlash(page))
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all, err := blocks(string(text))
			if err != nil {
				t.Fatalf("%s: %v", page, err)
			}
			if len(all) == 0 {
				return
			}
			s := &shell{root: root, dir: copyTree(t, root), bin: bin}
			var edits []edit
			for _, b := range all {
				switch b.lang {
				case "console":
					edits = append(edits, s.console(t, page, b)...)
				case "sh":
					s.script(t, page, b)
				default:
					if err := check(b, s.decode); err != nil {
						t.Errorf("%s:%d: %v", page, b.line, err)
					}
				}
			}
			if testkit.Updating() {
				testkit.Golden(t, path, rewrite(string(text), edits))
			}
		})
	}
}

// console runs a console block and returns where the page shows another output
// than the real one. Without -update that is a failure.
func (s *shell) console(t *testing.T, page string, b block) (edits []edit) {
	t.Helper()
	all, err := commands(b)
	if err != nil {
		t.Errorf("%s:%d: %v", page, b.line, err)
	}
	for i, c := range all {
		out, ran, err := s.run(c.text)
		if err != nil {
			t.Errorf("%s:%d: $ %s: %v", page, c.line-1, c.text, err)
		}
		if err != nil || !ran {
			continue
		}
		// 0, 1 and 3 are answers of stratus; 2 and the rest mean that it could
		// not run, which a page shows on purpose only with "$ echo $?" below.
		shown := i+1 < len(all) && strings.Contains(all[i+1].text, "$?")
		if s.exit != 0 && s.exit != 1 && s.exit != 3 && !shown {
			t.Errorf("%s:%d: $ %s: exit code %d:\n%s", page, c.line-1, c.text, s.exit, out)
		}
		if matches(c.want, out) {
			continue
		}
		edits = append(edits, edit{line: c.line, lines: len(c.want), text: out})
		if !testkit.Updating() {
			t.Errorf("%s:%d: $ %s printed\n%s\nthe page shows\n%s", page, c.line, c.text, out, strings.Join(c.want, "\n"))
		}
	}
	return edits
}

// script runs an sh block, line by line; each must succeed.
func (s *shell) script(t *testing.T, page string, b block) {
	t.Helper()
	if page == "CONTRIBUTING.md" {
		return // the gate's own commands: TestGateIsDocumented compares them
	}
	for i, line := range b.text {
		line, _, _ = strings.Cut(line, "  #")
		s.exit = 0
		out, _, err := s.run(line)
		if err == nil && s.exit != 0 {
			err = fmt.Errorf("exit code %d:\n%s", s.exit, out)
		}
		if err != nil {
			t.Errorf("%s:%d: %s: %v", page, b.line+i, line, err)
		}
	}
}
