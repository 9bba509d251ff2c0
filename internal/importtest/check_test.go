package importtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// policy is the three texts, parsed.
type policy struct {
	lattice graph
	modules []rule
	never   []rule
}

func newPolicy(lattice, modules, never string) (policy, error) {
	var p policy
	edges, err := parse("lattice", lattice)
	if err != nil {
		return p, err
	}
	if p.lattice, err = newGraph("lattice", edges); err != nil {
		return p, err
	}
	if p.modules, err = parse("modules", modules); err != nil {
		return p, err
	}
	p.never, err = parse("never", never)
	return p, err
}

// check returns a complaint for each import or call in the tree that the
// policy does not allow, in the order of the files.
func (p policy) check(tree fs.FS, module string) ([]string, error) {
	var complaints []string
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if d.IsDir() {
			if name == "." {
				return nil
			}
			// What the go command leaves out, and modules of their own.
			_, err := fs.Stat(tree, path.Join(name, "go.mod"))
			if err == nil || base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		found, err := p.checkFile(module, name, source)
		complaints = append(complaints, found...)
		return err
	})
	return complaints, err
}

func (p policy) checkFile(module, name string, source []byte) ([]string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	pkg, test := path.Dir(name), strings.HasSuffix(name, "_test.go")
	var complaints []string
	complain := func(at token.Pos, format string, args ...any) {
		complaints = append(complaints, fmt.Sprintf("%s: %s", files.Position(at), fmt.Sprintf(format, args...)))
	}
	if p.lattice[pkg] == nil {
		complain(file.Package, "package %s is not in the lattice: argue its place in docs/adr, then add it to internal/importtest/policy_test.go", pkg)
	}

	imported := map[string]string{} // name in this file -> import path
	for _, spec := range file.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", files.Position(spec.Pos()), err)
		}
		if spec.Name != nil {
			imported[spec.Name.Name] = target
		} else {
			imported[path.Base(target)] = target
		}
		if spec.Name != nil && spec.Name.Name == "." && !test {
			complain(spec.Pos(), "import %q by its name: a dot hides what is used from this test", target)
		}
		own, isOwn := strings.CutPrefix(target, module+"/")
		first, _, _ := strings.Cut(target, "/")
		switch {
		case isOwn && !test && !p.lattice[pkg][own]:
			complain(spec.Pos(), "%s may not import %s: argue the edge in docs/adr first, then add it to internal/importtest/policy_test.go", pkg, own)
		case !isOwn && strings.Contains(first, "."):
			if why := p.refusesModule(pkg, test, target); why != "" {
				complain(spec.Pos(), "%s", why)
			}
		case !isOwn && !test && p.forbids(pkg, target):
			complain(spec.Pos(), "%s must not import %q: the core is pure; take the value as an argument from whoever may read it", pkg, target)
		}
	}
	if test {
		return complaints, nil
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			if p.forbids(pkg, "go") {
				complain(n.Pos(), "%s must not start goroutines: nothing that the scheduler decides may reach a result", pkg)
			}
		case *ast.SelectorExpr:
			// A variable that shadows the import would be blamed wrongly; rename it.
			if x, ok := n.X.(*ast.Ident); ok && imported[x.Name] != "" {
				if symbol := imported[x.Name] + "." + n.Sel.Name; p.forbids(pkg, symbol) {
					complain(n.Pos(), "%s must not use %s: the core has no clock; take the time as an argument", pkg, symbol)
				}
			}
		}
		return true
	})
	return complaints, nil
}

// refusesModule returns why a package may not import a package of another
// module, or "".
func (p policy) refusesModule(pkg string, test bool, target string) string {
	for _, r := range p.modules {
		for _, m := range r.left {
			if target != m && !strings.HasPrefix(target, m+"/") {
				continue
			}
			for _, place := range r.right {
				place, onlyTests := strings.CutSuffix(place, "_test")
				if within(pkg, place) && (test || !onlyTests) {
					return ""
				}
			}
			return fmt.Sprintf("%s may not import %s: its place is %s; use that package, or argue the edge in docs/adr first", pkg, target, strings.Join(r.right, ", "))
		}
	}
	return fmt.Sprintf("%s imports %s, whose module has no place yet: argue the dependency in docs/adr, then name its place in internal/importtest/policy_test.go", pkg, target)
}

// forbids reports whether a never rule keeps pkg from name.
func (p policy) forbids(pkg, name string) bool {
	return slices.ContainsFunc(p.never, func(r rule) bool {
		return slices.Contains(r.left, name) &&
			slices.ContainsFunc(r.right, func(pattern string) bool { return within(pkg, pattern) })
	})
}
