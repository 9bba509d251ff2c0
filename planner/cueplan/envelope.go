package cueplan

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
)

// envelope is what the schema's #Plan looks like once it has been checked.
type envelope struct {
	Metadata struct {
		Name    string `json:"name"`
		Cluster string `json:"cluster"`
	} `json:"metadata"`
	Intent   plan.Intent `json:"intent"`
	Summary  string      `json:"summary"`
	Evidence []struct {
		Obligation any    `json:"obligation"`
		Alert      string `json:"alert"`
	} `json:"evidence"`
	Bounds struct {
		Actions  int `json:"actions"`
		Failures int `json:"failures"`
		Crashes  int `json:"crashes"`
	} `json:"bounds"`
	Accepts []struct {
		Loss    plan.Loss `json:"loss"`
		On      any       `json:"on"`
		Reason  string    `json:"reason"`
		Owner   string    `json:"owner"`
		Expires string    `json:"expires"`
	} `json:"accepts"`
	Transactions []struct {
		Name    string                    `json:"name"`
		Actions map[string]map[string]any `json:"actions"`
	} `json:"transactions"`
	Goal []map[string]any `json:"goal"`
}

// plan decodes the data of a plan. It returns nil, or a plan that counts only
// if nothing was reported.
func (d *decoder) plan(data any, at *place) *plan.Plan {
	if d.explain("plan", "", d.schema.definition("Plan"), data, at); len(d.out) > 0 {
		d.actionsAnyway(data, at)
		return nil
	}
	var e envelope
	if err := remarshal(data, &e); err != nil {
		d.errorf(at.valueAt(d.file), "plan: %v", err)
		return nil
	}
	p := &plan.Plan{
		Name: e.Metadata.Name, Cluster: e.Metadata.Cluster,
		Intent: e.Intent, Summary: e.Summary, Bounds: plan.Bounds(e.Bounds), Pos: at.nameAt(d.file),
	}
	for i, x := range e.Evidence {
		here := at.at("evidence").index(i)
		v := plan.Evidence{Oracle: x.Alert, Pos: here.valueAt(d.file)}
		if x.Obligation != nil {
			v.Obligation = d.ref("plan", fmt.Sprintf("evidence[%d].obligation", i), x.Obligation, here.at("obligation"))
		}
		p.Evidence = append(p.Evidence, v)
	}
	for i, x := range e.Accepts {
		here := at.at("accepts").index(i)
		p.Accepts = append(p.Accepts, plan.Accept{
			Loss: x.Loss, Reason: x.Reason, Owner: x.Owner,
			On:      d.ref("plan", fmt.Sprintf("accepts[%d].on", i), x.On, here.at("on")),
			Expires: d.date(x.Expires, here.at("expires")),
			Pos:     here.valueAt(d.file),
		})
	}
	d.transactions(p, e, at.at("transactions"))
	if len(e.Goal) == 0 {
		d.errorf(at.at("goal").valueAt(d.file), "plan: goal is empty; say what must hold in the end, such as {on: \"deployment/shop/cart\", available: true}")
	}
	for i, x := range e.Goal {
		here := at.at("goal").index(i)
		who := fmt.Sprintf("goal[%d]", i)
		c := d.condition("plan: "+who, x, here)
		c.On = d.ref("plan", who+".on", x["on"], here.at("on"))
		p.Goal = append(p.Goal, plan.Goal{Condition: c, Pos: here.valueAt(d.file)})
	}
	return p
}

func (d *decoder) transactions(p *plan.Plan, e envelope, at *place) {
	names := map[string]diag.Position{}
	total := 0
	for i, x := range e.Transactions {
		here := at.index(i)
		pos := here.at("name").valueAt(d.file)
		if was, twice := names[x.Name]; twice {
			was.File = ""
			d.errorf(pos, "plan: transaction name %q is used twice (first at %s)", x.Name, was)
		} else {
			names[x.Name] = pos
		}
		total += len(x.Actions)
		switch n := len(x.Actions); {
		case n == 0:
			d.errorf(here.at("actions").valueAt(d.file), "plan: transaction %q has no actions", x.Name)
			continue
		case n > plan.MaxActions, total > plan.MaxPlanActions: // the source is within limits, but for references
			d.errorf(here.at("actions").nameAt(d.file), "plan: too many actions; at most %d in a transaction and %d in a plan are allowed", plan.MaxActions, plan.MaxPlanActions)
			return
		}
		p.Transactions = append(p.Transactions, plan.Transaction{
			Name:    x.Name,
			Actions: d.actions(p.Name+"/"+x.Name, x.Actions, here.at("actions")),
			Pos:     here.valueAt(d.file),
		})
	}
	if len(e.Transactions) == 0 {
		d.errorf(at.valueAt(d.file), "plan: transactions is empty; a plan has at least one action")
	}
}

// actionsAnyway checks actions although the envelope is wrong, so that an
// author sees all mistakes at once. What it returns is of no use.
func (d *decoder) actionsAnyway(data any, at *place) {
	top, _ := data.(map[string]any)
	list, _ := top["transactions"].([]any)
	for i, x := range list {
		t, _ := x.(map[string]any)
		actions := map[string]map[string]any{}
		fields, _ := t["actions"].(map[string]any)
		for id, a := range fields {
			if m, ok := a.(map[string]any); ok {
				actions[id] = m
			}
		}
		if n := len(actions); n == 0 || n > plan.MaxActions || i > plan.MaxPlanActions/plan.MaxActions {
			return
		}
		d.actions("", actions, at.at("transactions").index(i).at("actions"))
	}
}

// actions lowers the actions of one transaction, in the order of the file.
func (d *decoder) actions(stamp string, fields map[string]map[string]any, at *place) []plan.Action {
	ids := slices.SortedFunc(maps.Keys(fields), func(a, b string) int {
		return cmp.Or(at.at(a).label.Compare(at.at(b).label), strings.Compare(a, b))
	})
	out := make([]plan.Action, len(ids))
	dangling := false
	for i, id := range ids {
		here := at.at(id)
		out[i] = d.lower(id, stamp, fields[id], here)
		after, _ := fields[id]["after"].([]any)
		for n, x := range after {
			name, _ := x.(string)
			j := slices.Index(ids, name)
			if j < 0 {
				dangling = true
				if name != "" { // else the schema has complained
					d.hint(here.at("after").index(n).valueAt(d.file), didYouMean(name, ids),
						"%s: after names %q, which is no action of this transaction", id, name)
				}
				continue
			}
			out[i].After = append(out[i].After, j)
		}
		slices.Sort(out[i].After)
		out[i].After = slices.Compact(out[i].After)
	}
	if _, cycle := plan.NewOrder(out); cycle != nil && !dangling {
		words := make([]string, 0, len(cycle)+1)
		for _, i := range append(slices.Clone(cycle), cycle[0]) {
			pos := out[i].Pos
			pos.File = ""
			words = append(words, fmt.Sprintf("%s (%s)", out[i].ID, pos))
		}
		d.errorf(at.at(out[cycle[0]].ID, "after").nameAt(d.file), "after goes in a circle: %s", strings.Join(words, " -> "))
	}
	return out
}

// date reads a date (its first moment, UTC) or an RFC 3339 time.
func (d *decoder) date(s string, at *place) time.Time {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	d.errorf(at.valueAt(d.file), "plan: expires must be %s, have %q", d.schema.words(d.schema.definition("Accept").LookupPath(required("expires"))), s)
	return time.Time{}
}

// objectName is what names of objects consist of: DNS subdomains, and the
// colons of RBAC. Source: apimachinery, pkg/api/validation/path.
var objectName = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9._:]{0,251}[A-Za-z0-9])?$`)

// ref reads an object's name in either notation.
func (d *decoder) ref(who, label string, data any, at *place) model.Ref {
	r, err := parseRef(data)
	if err != nil {
		d.errorf(at.valueAt(d.file), "%s: %s: %v", who, label, err)
	}
	return r
}

func parseRef(data any) (r model.Ref, err error) {
	switch x := data.(type) {
	case string:
		if r, err = model.ParseRef(x); err != nil {
			return model.Ref{}, err
		}
	case map[string]any:
		text := func(k string) string { s, _ := x[k].(string); return s }
		if text("apiVersion") == "" || text("kind") == "" {
			return model.Ref{}, errors.New("apiVersion and kind must not be empty")
		}
		r = model.MakeRef(text("apiVersion"), text("kind"), text("namespace"), text("name"))
	}
	for _, name := range []string{r.Name, r.Namespace} {
		if !objectName.MatchString(name) && (name != "" || name == r.Name) {
			return model.Ref{}, fmt.Errorf("%q is no name of an object; names are letters, digits, '-' and '.'", name)
		}
	}
	return r, nil
}

// remarshal fills a typed value from data that the schema has accepted.
func remarshal(data, into any) error {
	return unmarshal([]byte(compactJSON(data)), into)
}
