package manifest

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
)

// Source is one named input: a file, or standard input as "-".
type Source struct {
	Name string
	Data []byte
}

// Snapshot is what the sources of one cluster say together.
type Snapshot struct {
	Objects []*model.Object // in the order they were read
	Meta    Meta
}

// Decode reads the objects of one source; see Load. Pure.
func Decode(name string, data []byte) ([]*model.Object, diag.List) {
	s, diags := Load(Source{Name: name, Data: data})
	return s.Objects, diags
}

// Load reads sources as one cluster. Objects with an error are left out, the
// others are returned. The list holds errors and warnings, sorted; an object
// that two documents define is an error with both positions. Pure.
func Load(sources ...Source) (Snapshot, diag.List) {
	r := reader{seen: map[model.Ref]diag.Position{}}
	for _, s := range sources {
		r.file = s.Name
		r.secretsWarned = false
		for _, doc := range r.parse(s.Data) {
			r.document(doc)
		}
	}
	r.diags.Sort()
	return r.out, r.diags
}

type reader struct {
	file          string
	out           Snapshot
	diags         diag.List
	seen          map[model.Ref]diag.Position
	expanded      int  // nodes reached through aliases so far
	secretsWarned bool // once a file is enough
}

func (r *reader) at(n *yaml.Node) diag.Position {
	return diag.Position{File: r.file, Line: n.Line, Column: n.Column}
}

// errorf reports an error with a hint; hint may be empty.
func (r *reader) errorf(n *yaml.Node, hint, format string, args ...any) {
	r.diags.Errorf(r.at(n), format, args...)
	r.diags[len(r.diags)-1].Hint = hint
}

func (r *reader) warnf(n *yaml.Node, hint, format string, args ...any) {
	r.diags.Warnf(r.at(n), format, args...)
	r.diags[len(r.diags)-1].Hint = hint
}

// document reads one document: nothing, an object, or a list of objects.
func (r *reader) document(n *yaml.Node) {
	n = resolve(n)
	v, ok := r.value(n, 0)
	if !ok || v == nil {
		return
	}
	fields, ok := v.(map[string]any)
	if !ok {
		r.errorf(n, "a manifest is a mapping with apiVersion, kind and metadata", "expected a Kubernetes object, have %s", describe(n))
		return
	}
	r.item(n, fields)
}

func (r *reader) item(n *yaml.Node, fields map[string]any) {
	if items, ok := listItems(fields); ok {
		r.list(n, fields, items)
		return
	}
	r.object(n, fields)
}

// listItems tells a list from an object whose kind happens to end in List: a
// list has no name. An empty one may have no items.
func listItems(fields map[string]any) ([]any, bool) {
	kind, _ := fields["kind"].(string)
	meta, _ := fields["metadata"].(map[string]any)
	items, isList := fields["items"].([]any)
	return items, strings.HasSuffix(kind, "List") && meta["name"] == nil && (isList || fields["items"] == nil)
}

// list reads kind: List and typed lists. The API server leaves apiVersion and
// kind out of the items of a typed list; they follow from the list's own.
func (r *reader) list(n *yaml.Node, fields map[string]any, items []any) {
	r.readTaken(n, fields)
	for i, it := range items {
		at := locate(n, fmt.Sprintf("items[%d]", i))
		item, ok := it.(map[string]any)
		if !ok {
			r.errorf(at, "items of a list are objects", "items[%d] is %s, not an object", i, describe(at))
			continue
		}
		if kind := strings.TrimSuffix(fields["kind"].(string), "List"); kind != "" {
			fill(item, "kind", kind)
			fill(item, "apiVersion", fields["apiVersion"])
		}
		r.item(at, item)
	}
}

func fill(m map[string]any, key string, value any) {
	if _, ok := m[key]; !ok && value != nil {
		m[key] = value
	}
}

func (r *reader) object(n *yaml.Node, fields map[string]any) {
	if !r.named(n, fields) {
		return
	}
	apiVersion, kind := fields["apiVersion"].(string), fields["kind"].(string)
	k, known := model.FindKind(model.MakeRef(apiVersion, kind, "", "").Group, kind)
	if known && k.APIVersion() != apiVersion {
		r.warnf(n, "convert it to "+k.APIVersion(), "%s is read in %s only; in %s its effects are not modelled", kind, k.APIVersion(), apiVersion)
	}
	r.readSecret(n, fields)
	for _, path := range model.UnknownFields(apiVersion, kind, fields) {
		r.warnf(locate(n, path), "the API server drops it; is it misspelt?", "%s has no field %s", kind, path)
	}
	model.Default(fields)
	o, err := model.NewObject(fields)
	if err != nil {
		if path, wrong := wrongType(k.New(), fields); wrong != nil && k.APIVersion() == apiVersion {
			r.errorf(locate(n, path), "", "%s: %s %v", kind, path, wrong)
		} else {
			r.errorf(n, "", "%v", err)
		}
		return
	}
	if first, twice := r.seen[o.Ref()]; twice {
		r.errorf(n, "keep one of the two", "%s is defined twice, first at %s", o.Ref(), first)
		return
	}
	r.seen[o.Ref()] = r.at(n)
	r.readIdentity(o)
	r.out.Objects = append(r.out.Objects, o)
}

// named checks what every object needs before anything else can be said of it.
func (r *reader) named(n *yaml.Node, fields map[string]any) bool {
	for _, key := range []string{"apiVersion", "kind"} {
		if s, _ := fields[key].(string); s == "" {
			r.errorf(n, "a manifest begins with apiVersion and kind", "the object has no %s", key)
			return false
		}
	}
	meta, ok := fields["metadata"].(map[string]any)
	if !ok {
		r.errorf(n, "add metadata: {name: …}", "the %s has no metadata", fields["kind"])
		return false
	}
	if name, _ := meta["name"].(string); name == "" {
		hint := "add metadata.name"
		if meta["generateName"] != nil {
			hint = "generateName is filled in by the API server; write the name it got"
		}
		r.errorf(locate(n, "metadata"), hint, "the %s has no metadata.name", fields["kind"])
		return false
	}
	return true
}
