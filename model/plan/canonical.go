package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/stratus-sre/stratus/model"
)

// Canonical returns the plan as one line of JSON with sorted keys: what a
// digest is taken of and what a certificate carries. It holds what the author
// wrote and what it lowers to, so that neither can change unnoticed. It leaves
// out positions, empty fields and the order of actions in a transaction, which
// mean nothing: the same plan written in CUE, JSON or YAML, in any layout,
// gives the same bytes. Pure; safe for concurrent use.
func (p *Plan) Canonical() []byte {
	top := object{
		"canonical": "stratus.dev/v1alpha1",
		"name":      p.Name, "cluster": p.Cluster, "intent": p.Intent, "summary": p.Summary,
		"bounds": object{"actions": p.Bounds.Actions, "failures": p.Bounds.Failures, "crashes": p.Bounds.Crashes},
	}
	var evidence, accepts, transactions, goal []any
	for _, e := range p.Evidence {
		evidence = append(evidence, object{"obligation": ref(e.Obligation), "oracle": e.Oracle})
	}
	for _, a := range p.Accepts {
		accepts = append(accepts, object{
			"loss": a.Loss, "on": ref(a.On), "reason": a.Reason, "owner": a.Owner,
			"expires": a.Expires.UTC().Format(time.RFC3339),
		})
	}
	for _, t := range p.Transactions {
		actions := object{}
		for _, a := range t.Actions {
			actions[a.ID] = action(a, t.Actions)
		}
		transactions = append(transactions, object{"name": t.Name, "actions": actions})
	}
	for _, g := range p.Goal {
		goal = append(goal, condition(g.Condition))
	}
	top["evidence"], top["accepts"], top["transactions"], top["goal"] = evidence, accepts, transactions, goal

	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(top); err != nil {
		// A plan holds only JSON values.
		panic(fmt.Sprintf("plan: %q does not marshal: %v", p.Name, err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Digest identifies the plan: "sha256:" and the hash of Canonical. Pure.
func (p *Plan) Digest() string {
	sum := sha256.Sum256(p.Canonical())
	return "sha256:" + hex.EncodeToString(sum[:])
}

func action(a Action, all []Action) object {
	after := make([]string, len(a.After))
	for i, j := range a.After {
		after[i] = all[j].ID
	}
	slices.Sort(after)
	o := object{"do": a.Do, "after": after, "op": object{
		"verb": a.Op.Verb.String(), "on": ref(a.Op.On), "object": a.Op.Object, "patch": a.Op.Patch,
		"replicas": a.Op.Replicas, "revision": a.Op.Revision, "orphan": a.Op.Orphan,
		"condition": condition(a.Op.Condition), "timeout": a.Op.Timeout,
	}}
	if a.Args != "" {
		o["args"] = json.RawMessage(a.Args)
	}
	return o
}

func condition(c model.Condition) object {
	o := object{
		"on": ref(c.On), "measure": c.Measure, "op": c.Op, "value": c.Value, "field": []string(c.Field),
	}
	if c.Measure == model.FieldValue {
		o["equals"] = value{c.Equals} // false and 0 are values, not absence
	}
	return o
}

func ref(r model.Ref) object {
	return object{"group": r.Group, "kind": r.Kind, "namespace": r.Namespace, "name": r.Name}
}

// object marshals without its empty fields; keys come out sorted.
type object map[string]any

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	full := map[string]any{}
	for k, v := range o {
		if !empty(v) {
			full[k] = v
		}
	}
	return marshal(full)
}

// value is never empty.
type value struct{ v any }

// MarshalJSON implements json.Marshaler.
func (v value) MarshalJSON() ([]byte, error) { return marshal(v.v) }

// marshal writes <, > and & as they are, like every other writer of JSON.
func marshal(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return []byte(b.String()), err
}

func empty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case value:
		return false
	case object:
		for _, e := range x {
			if !empty(e) {
				return false
			}
		}
		return true
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Map, reflect.Slice:
		return r.Len() == 0
	}
	return r.IsZero()
}
