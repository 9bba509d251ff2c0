package cueplan

import (
	"maps"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	cuejson "cuelang.org/go/encoding/json"
	kjson "sigs.k8s.io/json"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
)

// primitive is what a definition's #lower says.
type primitive struct {
	Verb      string         `json:"verb"`
	Object    map[string]any `json:"object"`
	Patch     map[string]any `json:"patch"`
	Adds      bool           `json:"adds"`
	Replicas  int32          `json:"replicas"`
	Revision  int64          `json:"revision"`
	Orphan    bool           `json:"orphan"`
	Condition map[string]any `json:"condition"`
	Timeout   string         `json:"timeout"`
}

// lower turns one action into its primitive. What it returns counts only if
// nothing was reported. stamp names the transaction.
func (d *decoder) lower(id, stamp string, fields map[string]any, at *place) plan.Action {
	a := plan.Action{ID: id, Pos: at.nameAt(d.file)}
	do, isText := fields["do"].(string)
	k, known := d.schema.kinds[do]
	switch {
	case fields["do"] == nil:
		d.errorf(at.nameAt(d.file), "%s: do is missing; it names the kind of action, such as \"scale\"", id)
		return a
	case !isText:
		d.errorf(at.at("do").valueAt(d.file), "%s: do must be text, have %s", id, show(fields["do"]))
		return a
	case !known:
		hint := didYouMean(do, d.schema.names)
		if hint == "" {
			hint = "there are " + strings.Join(d.schema.names, ", ")
		}
		d.hint(at.at("do").valueAt(d.file), hint, "%s: there is no action %s", id, show(do))
		return a
	}
	a.Do = do
	before := len(d.out)
	if k.on && fields["on"] != nil {
		if d.fits(d.schema.definition("Ref"), fields["on"]) {
			a.Op.On = d.ref(do, "on", fields["on"], at.at("on"))
		}
	}
	if len(d.out) > before {
		d.explain(do, "", k.def, fields, at)
		return a
	}
	v, err := d.unify(k, a.Op.On, stamp, fields)
	if err == nil {
		err = v.Validate(cue.Concrete(true))
	}
	if err != nil {
		d.explain(do, "", k.def, fields, at)
		d.checkKind(k, do, a.Op.On, at)
		if len(d.out) == before { // no definition has a rule that spans fields; one may come
			d.errorf(at.valueAt(d.file), "%s: the fields do not fit together: %v", do, err)
		}
		return a
	}
	if d.groups(do, "", k.def, fields, at); len(d.out) > before {
		return a
	}
	var p primitive
	if err := fill(v, "lower", &p); err != nil {
		d.errorf(at.nameAt(d.file), "%s: it does not lower to a primitive: %v", do, err)
		return a
	}
	d.primitive(&a, p, fields, at)
	var words []string
	if v := v.LookupPath(cue.MakePath(cue.Def("kubectl"))); v.Exists() {
		if err := v.Decode(&words); err != nil {
			d.errorf(at.nameAt(d.file), "%s: its kubectl command is no list of words: %v", do, err)
		}
		a.Kubectl = kubectl(a.Op.On.Namespace, words)
	} else {
		a.Kubectl = kubectlOf(a.Op)
	}
	a.Args = authorFields(fields)
	return a
}

// unify holds the author's fields, and what the definition asks for beside
// them, against the definition.
func (d *decoder) unify(k kind, on model.Ref, stamp string, fields map[string]any) (cue.Value, error) {
	expr, err := cuejson.Extract("", []byte(compactJSON(fields)))
	if err != nil {
		return cue.Value{}, err
	}
	if s, ok := expr.(*ast.StructLit); ok {
		for _, hidden := range []struct{ name, value string }{
			{"kind", on.Kind},
			{"name", on.Name},
			{"target", target(on)},
			{"stamp", stamp},
		} {
			if k.asks[hidden.name] {
				s.Elts = append(s.Elts, &ast.Field{Label: ast.NewIdent("#" + hidden.name), Value: ast.NewString(hidden.value)})
			}
		}
	}
	return k.def.Unify(d.schema.ctx.BuildExpr(expr)), nil
}

func (d *decoder) checkKind(k kind, do string, on model.Ref, at *place) {
	if !k.asks["kind"] || on.IsZero() {
		return
	}
	if def := k.def.LookupPath(cue.MakePath(cue.Def("kind"))); !d.fits(def, on.Kind) {
		d.errorf(at.at("on").valueAt(d.file), "%s: on must be %s, have %s", do, d.schema.words(def), on)
	}
}

// primitive fills in the operation and checks it against the Kubernetes API.
func (d *decoder) primitive(a *plan.Action, p primitive, fields map[string]any, at *place) {
	verb, ok := model.ParseVerb(p.Verb)
	if !ok {
		d.errorf(at.nameAt(d.file), "%s: it lowers to %q, which is no primitive", a.Do, p.Verb)
		return
	}
	on := a.Op.On
	a.Op = model.Action{
		Verb: verb, On: on, Object: p.Object, Patch: p.Patch, Replicas: p.Replicas,
		Revision: p.Revision, Orphan: p.Orphan, Adds: p.Adds, Timeout: p.Timeout,
	}
	switch verb {
	case model.Create:
		a.Op.On = d.objectRef(a.Do, p.Object, at.at("object"))
		d.strictObject(a, at)
	case model.Patch:
		d.strictPatch(a, at)
	case model.Wait, model.Check:
		a.Op.Condition = d.condition(a.Do, p.Condition, at)
		a.Op.Condition.On = on
	}
}

// objectRef names an object that a plan creates.
func (d *decoder) objectRef(do string, object map[string]any, at *place) model.Ref {
	meta, _ := object["metadata"].(map[string]any)
	ref := map[string]any{"apiVersion": object["apiVersion"], "kind": object["kind"], "name": meta["name"], "namespace": meta["namespace"]}
	return d.ref(do, "object", ref, at)
}

// authorFields is canonical JSON of what the author wrote, but for what a
// plan.Action holds elsewhere.
func authorFields(fields map[string]any) string {
	args := maps.Clone(fields)
	for _, k := range []string{"do", "on", "after"} {
		delete(args, k)
	}
	return compactJSON(args)
}

// fill decodes the hidden field #name of v.
func fill(v cue.Value, name string, into any) error {
	text, err := v.LookupPath(cue.MakePath(cue.Def(name))).MarshalJSON()
	if err != nil {
		return err
	}
	return unmarshal(text, into)
}

// unmarshal keeps whole numbers whole: int64, as unstructured objects have it.
func unmarshal(data []byte, into any) error {
	return kjson.UnmarshalCaseSensitivePreserveInts(data, into)
}

func required(name string) cue.Path { return cue.MakePath(cue.Str(name).Required()) }
