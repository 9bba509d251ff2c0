package doctest

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
	rego "github.com/open-policy-agent/opa/v1/ast"
	"go.yaml.in/yaml/v3"
)

// check checks a block that is not a list of commands. decode is asked about
// whole plans.
func check(b block, decode func(plan string) error) error {
	text := strings.Join(b.text, "\n") + "\n"
	switch b.lang {
	case "text", "diff", "mermaid":
		return nil
	case "cue":
		plan, err := wholePlan(text)
		if err != nil || plan == "" {
			return err
		}
		return decode(plan)
	case "rego":
		if !strings.Contains("\n"+text, "\npackage ") {
			text = "package example\n" + text
		}
		_, err := rego.ParseModuleWithOpts("block.rego", text, rego.ParserOptions{RegoVersion: rego.RegoV1, ProcessAnnotation: true})
		return err
	case "json":
		var v any
		return json.Unmarshal([]byte(text), &v)
	case "yaml":
		d := yaml.NewDecoder(strings.NewReader(text))
		for {
			var v any
			if err := d.Decode(&v); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	case "go":
		_, err := format.Source([]byte(text))
		return err
	case "":
		return errors.New("say what it is: ```console, sh, cue, rego, go, json or yaml, or ```text if it is not to be checked")
	}
	return fmt.Errorf("nothing here checks %q: use one of the tags of internal/doctest, or ```text", b.lang)
}

// frame is what a page leaves out when it shows a part of a plan.
var frame = []struct{ field, text string }{
	{"apiVersion", `"stratus.dev/v1alpha1"`},
	{"kind", `"Plan"`},
	{"metadata", `{name: "example"}`},
	{"intent", `"change"`},
	{"transactions", `[{name: "example", actions: {restart: {do: "rolloutRestart", on: "deployment/shop/cart"}}}]`},
	{"goal", `[{on: "deployment/shop/cart", available: true}]`},
}

// wholePlan makes a plan of a CUE block that shows one or a part of one: some
// fields of a plan, or the actions of a transaction. It returns "" for other
// CUE, which is parsed only.
func wholePlan(text string) (string, error) {
	file, err := parser.ParseFile("block.cue", text)
	if err != nil {
		return "", err
	}
	fields := fieldsOf(file.Decls)
	if plan, ok := fields["plan"].(*ast.StructLit); ok && plan.Lbrace != token.NoPos {
		fields = fieldsOf(plan.Elts)
		text = text[plan.Lbrace.Offset()+1 : plan.Rbrace.Offset()]
	}
	known := func(name string) bool {
		return name == "accepts" || name == "evidence" || name == "bounds" || name == "summary" ||
			slices.ContainsFunc(frame, func(f struct{ field, text string }) bool { return f.field == name })
	}
	anyKnown, anyAction := false, false
	for name, value := range fields {
		anyKnown = anyKnown || known(name)
		if s, ok := value.(*ast.StructLit); ok && fieldsOf(s.Elts)["do"] != nil {
			anyAction = true
		}
	}
	switch {
	case anyAction:
		text = "transactions: [{name: \"example\", actions: {\n" + text + "\n}}]"
		fields = map[string]ast.Expr{"transactions": nil}
	case !anyKnown:
		return "", nil
	}
	for _, f := range frame {
		if _, given := fields[f.field]; !given {
			text += "\n" + f.field + ": " + f.text
		}
	}
	return "package example\n\nplan: {\n" + strings.Trim(text, "\n") + "\n}\n", nil
}

func fieldsOf(declarations []ast.Decl) map[string]ast.Expr {
	fields := map[string]ast.Expr{}
	for _, d := range declarations {
		if f, ok := d.(*ast.Field); ok {
			if name, _, err := ast.LabelName(f.Label); err == nil {
				fields[name] = f.Value
			}
		}
	}
	return fields
}

// decode asks stratus itself whether a plan is one.
func (s *shell) decode(plan string) error {
	name := filepath.Join(s.dir, "doctest-block.cue")
	if err := os.WriteFile(name, []byte(plan), 0o644); err != nil {
		return err
	}
	out, _, err := s.run("stratus plan digest doctest-block.cue")
	if err == nil && s.exit != 0 {
		err = fmt.Errorf("%s\nthe plan was:\n%s", out, plan)
	}
	return err
}

func TestWholePlan(t *testing.T) {
	for _, c := range []struct {
		name, text string
		has, hasNo []string // "" in has: no plan
	}{
		{"actions", "a: {do: \"cordon\", on: \"node/n\"}\nb: {do: \"uncordon\", on: \"node/n\", after: [\"a\"]}\n",
			[]string{"actions: {\na: {do:", "intent: \"change\"", "goal: "}, []string{"rolloutRestart"}},
		{"a plan's inside", "plan: {intent: \"repair\", evidence: []}\n",
			[]string{"plan: {\nintent: \"repair\"", "rolloutRestart", "goal: "}, []string{"\"change\"", "plan: {intent"}},
		{"one field", "accepts: [{loss: \"irreversible\"}]\n", []string{"accepts: ", "transactions: "}, nil},
		{"comments only", "// nothing\n", nil, nil},
		{"other CUE", "#Ref: string\n", nil, nil},
	} {
		plan, err := wholePlan(c.text)
		if err != nil || (len(c.has) == 0) != (plan == "") {
			t.Errorf("%s: %v\n%s", c.name, err, plan)
		}
		for _, s := range c.has {
			if !strings.Contains(plan, s) {
				t.Errorf("%s: no %q in\n%s", c.name, s, plan)
			}
		}
		for _, s := range c.hasNo {
			if strings.Contains(plan, s) {
				t.Errorf("%s: %q in\n%s", c.name, s, plan)
			}
		}
	}
}

func TestCheckBites(t *testing.T) {
	refuse := func(string) error { return errors.New("not a plan") }
	for lang, text := range map[string]string{
		"cue":   "plan: {intent: \"repair\"}",
		"rego":  "deny contains x if {",
		"json":  "{a: 1}",
		"yaml":  "a: [",
		"go":    "func {",
		"":      "ls",
		"shell": "ls",
	} {
		if check(block{lang: lang, text: strings.Split(text, "\n")}, refuse) == nil {
			t.Errorf("a broken block tagged %q passes", lang)
		}
	}
	accept := func(string) error { return nil }
	for lang, text := range map[string]string{
		"cue":  "plan: {intent: \"repair\"}",
		"rego": "deny contains x if { some x in input.y }",
		"json": `{"a": 1}`,
		"yaml": "a: 1\n---\nb: 2",
		"go":   "x := 1",
		"text": "anything",
	} {
		if err := check(block{lang: lang, text: strings.Split(text, "\n")}, accept); err != nil {
			t.Errorf("a good block tagged %q fails: %v", lang, err)
		}
	}
}
