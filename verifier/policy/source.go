package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/policies"
)

// file is one file of a source.
type file struct {
	name    string // as shown: "policies/plan/evidence/rule.rego"
	rel     string // inside its folder, for the digest
	builtin bool
	content []byte
}

// sources are the files of a set, before anything is parsed.
type sources struct {
	modules []file          // *.rego
	files   []file          // modules and data files
	pages   map[string]bool // README.md files, by shown name
	data    map[string]any  // data.yaml and data.json of the user, merged
}

// builtinRoot is how built-in files are shown, and where they are in the tree.
const builtinRoot = "policies"

// read collects the files of a set; *_test.rego only if tests is true.
func read(opts Options, tests bool) (*sources, error) {
	s := &sources{pages: map[string]bool{}, data: map[string]any{}}
	keep := func(name string) bool {
		return !opts.NoBuiltin || strings.HasPrefix(name, "lib/") || strings.HasPrefix(name, "tnr/")
	}
	if err := s.add(policies.FS, builtinRoot, true, tests, keep); err != nil {
		return nil, fmt.Errorf("reading the built-in policies: %w", err)
	}
	for _, dir := range opts.Dirs {
		before := len(s.modules)
		if err := s.add(dir.FS, dir.Name, false, tests, nil); err != nil {
			return nil, fmt.Errorf("reading policies of %s: %w", dir.Name, err)
		}
		if len(s.modules) == before {
			return nil, diag.List{{Pos: diag.Position{File: dir.Name}, Message: "no policy in this folder", Hint: "add a *.rego file as policies/README.md describes, or leave the folder out"}}
		}
	}
	return s, s.mergeData()
}

func (s *sources) add(fsys fs.FS, root string, builtin, tests bool, keep func(string) bool) error {
	return fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || keep != nil && !keep(name) {
			return err
		}
		base, shown := path.Base(name), path.Join(root, name)
		module := strings.HasSuffix(base, ".rego") && (tests || !strings.HasSuffix(base, "_test.rego"))
		data := !builtin && (base == "data.yaml" || base == "data.yml" || base == "data.json")
		switch {
		case base == "README.md":
			s.pages[shown] = true
		case module || data:
			content, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			f := file{name: shown, rel: name, builtin: builtin, content: content}
			s.files = append(s.files, f)
			if module {
				s.modules = append(s.modules, f)
			}
		}
		return nil
	})
}

// mergeData decodes the data files. Two files may not write one value.
func (s *sources) mergeData() error {
	var problems diag.List
	for _, f := range s.files {
		if strings.HasSuffix(f.name, ".rego") {
			continue
		}
		var content any
		if err := util.Unmarshal(f.content, &content); err != nil {
			problems.Errorf(diag.Position{File: f.name}, "this data file is neither YAML nor JSON: %v", err)
			continue
		}
		doc, ok := content.(map[string]any)
		if !ok {
			problems.Errorf(diag.Position{File: f.name}, "this data file is not an object; give its content a name, as in: teams: […]")
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(doc)) {
			switch _, twice := s.data[key]; {
			case key == dataCluster || key == "stratus":
				problems.Errorf(diag.Position{File: f.name}, "data.%s belongs to stratus; name your data otherwise", key)
			case twice:
				problems.Errorf(diag.Position{File: f.name}, "data.%s comes from another data file as well; merge the two", key)
			default:
				s.data[key] = doc[key]
			}
		}
	}
	return problems.Err()
}

// parse parses all modules; what does not parse comes back as a diag.List.
func (s *sources) parse() (map[string]*ast.Module, error) {
	modules := make(map[string]*ast.Module, len(s.modules))
	var problems diag.List
	opts := ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: true, Capabilities: capabilities()}
	for _, f := range s.modules {
		m, err := ast.ParseModuleWithOpts(f.name, string(f.content), opts)
		var errs ast.Errors
		switch {
		case errors.As(err, &errs):
			problems = append(problems, diagnostics(errs)...)
		case err != nil:
			problems.Errorf(diag.Position{File: f.name}, "%v", err)
		case m == nil:
			problems.Errorf(diag.Position{File: f.name}, "this file is empty; begin it with a package clause, or remove it")
		default:
			modules[f.name] = m
		}
	}
	if problems.Sort(); problems.HasErrors() {
		return nil, problems
	}
	return modules, nil
}

// conflicts finds the user's packages that would change a built-in one, and
// data that a package would hide.
func (s *sources) conflicts(modules map[string]*ast.Module) diag.List {
	var problems diag.List
	builtin, rules := map[string]string{}, map[string]string{}
	for _, f := range s.modules {
		if f.builtin {
			builtin[modules[f.name].Package.Path.String()] = f.name
		}
	}
	for _, f := range s.modules {
		m, pkg := modules[f.name], modules[f.name].Package
		if f.builtin {
			continue
		}
		if by, ok := rules[pkg.Path.String()]; ok && isRule(m) {
			problems.Errorf(position(pkg.Loc()), "package %s is a rule in %s already; one package, one rule", packageName(pkg), by)
		} else if isRule(m) {
			rules[pkg.Path.String()] = f.name
		}
		if by, ok := builtin[pkg.Path.String()]; ok {
			problems.Errorf(position(pkg.Loc()), "package %s is that of the built-in %s, and would change it; choose another name", packageName(pkg), by)
		} else if root := pathElement(pkg.Path, 1); root == "stratus" || root == dataCluster {
			problems.Errorf(position(pkg.Loc()), "package %s: data.%s belongs to stratus; choose another name", packageName(pkg), root)
		} else if _, ok := s.data[root]; ok {
			problems.Errorf(position(pkg.Loc()), "package %s hides data.%s of a data file; rename one of them", packageName(pkg), root)
		}
	}
	return problems
}

func (s *sources) digest() string {
	lines := make([]string, 0, len(s.files))
	for _, f := range s.files {
		sum := sha256.Sum256(f.content)
		lines = append(lines, fmt.Sprintf("%t %q %x\n", f.builtin, f.rel, sum))
	}
	slices.Sort(lines)
	h := sha256.New()
	for _, l := range lines {
		h.Write([]byte(l))
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// packageName returns "stratus.plan.evidence".
func packageName(p *ast.Package) string { return strings.TrimPrefix(p.Path.String(), "data.") }

// pathElement returns the i-th element of a package's path; 0 is "data".
func pathElement(r ast.Ref, i int) string {
	if i >= len(r) {
		return ""
	}
	s, _ := r[i].Value.(ast.String)
	return string(s)
}
