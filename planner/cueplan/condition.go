package cueplan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/stratus-sre/stratus/model"
)

// condition reads the condition of a goal, a wait or a check. The schema has
// made sure that exactly one measure is given. On is the caller's to fill in.
func (d *decoder) condition(who string, data map[string]any, at *place) (c model.Condition) {
	for _, m := range []model.Measure{model.Available, model.Ready, model.Exists} {
		if v, given := data[string(m)].(bool); given {
			c.Measure, c.Op = m, "=="
			if v {
				c.Value = 1
			}
			return c
		}
	}
	for _, m := range []model.Measure{model.ReadyEndpoints, model.AvailableReplicas} {
		if s, given := data[string(m)].(string); given {
			c.Measure = m
			c.Op = strings.TrimRight(s, " 0123456789")
			c.Value, _ = strconv.ParseInt(strings.TrimSpace(s[len(c.Op):]), 10, 64) // at most nine digits: the schema
			return c
		}
	}
	_, equals := data["equals"]
	text, isField := data["field"].(string)
	if !isField {
		return c // the schema has complained
	}
	c.Measure, c.Op, c.Equals = model.FieldValue, "==", data["equals"]
	path, err := fieldPath(text)
	if err != nil {
		d.errorf(at.at("field").valueAt(d.file), "%s: field %q: %v", who, text, err)
	}
	c.Field = path
	if !equals {
		d.errorf(at.nameAt(d.file), "%s: field needs equals, the value that it is to have", who)
	}
	return c
}

// fieldPath reads "spec.ports[port=80].targetPort" and, for names with dots,
// "metadata.labels["app.kubernetes.io/name"]".
func fieldPath(s string) (model.Path, error) {
	var out model.Path
	for rest := s; rest != ""; {
		switch {
		case strings.HasPrefix(rest, `["`):
			name, after, ok := strings.Cut(rest[2:], `"]`)
			if !ok || name == "" {
				return nil, errors.New(`a name in brackets is written ["name"]`)
			}
			out, rest = append(out, name), after
		case rest[0] == '[':
			key, after, ok := strings.Cut(rest, "]")
			if !ok || !strings.Contains(key, "=") {
				return nil, errors.New("an element of a list is written [key=value], such as [name=main]")
			}
			out, rest = append(out, key+"]"), after
		default:
			n := strings.IndexAny(rest, ".[")
			if n < 0 {
				n = len(rest)
			}
			if n == 0 {
				return nil, errors.New("a name is missing; write it like spec.replicas")
			}
			out, rest = append(out, rest[:n]), rest[n:]
		}
		if after, dot := strings.CutPrefix(rest, "."); dot {
			if after == "" || after[0] == '[' {
				return nil, errors.New("a name is missing after the dot")
			}
			rest = after
		} else if rest != "" && rest[0] != '[' {
			return nil, fmt.Errorf("a dot is missing before %q", rest)
		}
	}
	return out, nil
}
