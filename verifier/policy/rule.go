package policy

import (
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/stratus-sre/stratus/internal/diag"
)

// Rule is one policy, as its metadata describe it.
type Rule struct {
	ID          string // "POL-workloads-privileged"; stable, a rule id of reports
	Title       string
	Description string
	Level       string // "deny" or "warn"; also the name of the set that the rule defines
	Scope       string // "plan", "action" or "state": what it is evaluated on
	Page        string // path of its README, "" if it has none
	File        string // path of its source

	query string // "data.stratus.workloads.privileged.deny"
}

const (
	levelDeny, levelWarn                           = "deny", "warn"
	scopePlan, scopeAction, scopeState, scopeCheck = "plan", "action", "state", "check"
)

// metadata is what to add to a policy that does not say what it is.
const metadata = `write above the package clause: "# METADATA", "# title: …", "# description: …", "# custom:", "#   id: POL-…", "#   level: deny" (or warn), "#   scope: action" (or plan, state)`

// describe finds the rules among the modules and checks their metadata. A
// module that defines deny or warn is a rule; any other is a library.
func describe(src *sources, modules map[string]*ast.Module) ([]Rule, diag.List) {
	var rules []Rule
	var problems diag.List
	byID := map[string]Rule{}
	for _, f := range src.modules {
		m := modules[f.name]
		note := packageNote(m)
		if !isRule(m) {
			if note != nil && note.Custom["id"] != nil {
				problems.Errorf(position(m.Package.Loc()), "package %s has a policy's id but defines neither deny nor warn; write: deny contains {\"msg\": …} if …", packageName(m.Package))
			}
			continue
		}
		r, found := describeOne(f, m, note)
		if page := path.Join(path.Dir(f.name), "README.md"); src.pages[page] {
			r.Page = page
		}
		problems = append(problems, found...)
		if other, twice := byID[r.ID]; twice && r.ID != "" {
			problems.Errorf(position(m.Package.Loc()), "id %s is that of %s as well; ids are unique", r.ID, other.File)
		}
		byID[r.ID] = r
		rules = append(rules, r)
	}
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules, problems
}

func describeOne(f file, m *ast.Module, note *ast.Annotations) (Rule, diag.List) {
	var problems diag.List
	at := position(m.Package.Loc())
	if note == nil {
		return Rule{File: f.name}, diag.List{{Pos: at, Message: "this policy does not say what it is", Hint: metadata}}
	}
	custom := func(key string) string {
		s, _ := note.Custom[key].(string)
		return s
	}
	r := Rule{
		ID: custom("id"), Title: note.Title, Description: note.Description,
		Level: custom("level"), Scope: custom("scope"), File: f.name,
	}
	check := f.builtin && r.Scope == scopeCheck
	for _, field := range []struct {
		name, have, want string
		ok               bool
	}{
		{"title", r.Title, "one line that says what holds", r.Title != ""},
		{"description", r.Description, "a sentence or two", r.Description != ""},
		{"custom.id", r.ID, `a name that begins with "POL-"`, strings.HasPrefix(r.ID, "POL-") || check},
		{"custom.level", r.Level, "deny or warn", r.Level == levelDeny || r.Level == levelWarn},
		{"custom.scope", r.Scope, "plan, action or state", check || r.Scope == scopePlan || r.Scope == scopeAction || r.Scope == scopeState},
	} {
		if !field.ok {
			problems.Errorf(at, "metadata of this policy: %s is %s; write %s", field.name, quoted(field.have), field.want)
		}
	}
	r.query = m.Package.Path.String() + "." + r.Level

	for _, rule := range m.Rules {
		switch name := ruleName(rule); {
		case name != levelDeny && name != levelWarn:
		case name != r.Level && (r.Level == levelDeny || r.Level == levelWarn):
			problems.Errorf(position(rule.Loc()), "this policy has level %s and defines %s; one policy, one level: move it to a package of its own", r.Level, name)
		case rule.Head.RuleKind() != ast.MultiValue || len(rule.Head.Ref()) > 1:
			problems.Errorf(position(rule.Loc()), "%s must be a set; write: %s contains {\"msg\": …} if …", name, name)
		}
	}
	return r, problems
}

func quoted(s string) string {
	if s == "" {
		return "missing"
	}
	return `"` + s + `"`
}

// packageNote returns the package's metadata, nil if there are none.
func packageNote(m *ast.Module) *ast.Annotations {
	for _, a := range m.Annotations {
		if a.Scope == "package" {
			return a
		}
	}
	return nil
}

func isRule(m *ast.Module) bool {
	return slices.ContainsFunc(m.Rules, func(r *ast.Rule) bool {
		n := ruleName(r)
		return n == levelDeny || n == levelWarn
	})
}

// ruleName returns the first element of the rule's name: "deny" of deny.x too.
func ruleName(r *ast.Rule) string {
	switch v := r.Head.Ref()[0].Value.(type) {
	case ast.Var:
		return string(v)
	case ast.String:
		return string(v)
	}
	return ""
}
