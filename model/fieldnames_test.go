package model

import (
	"fmt"
	"slices"
	"testing"
)

func TestFieldNames(t *testing.T) {
	for _, c := range []struct {
		path []string
		has  string // "" for no names at all
	}{
		{nil, "metadata"},
		{nil, "apiVersion"},
		{[]string{"spec"}, "replicas"},
		{[]string{"spec", "template", "spec", "containers", "0"}, "image"},
		{[]string{"spec", "template", "spec", "containers", "0", "livenessProbe", "httpGet"}, "port"},
		{[]string{"spec", "template", "spec", "containers", "0", "livenessProbe"}, "httpGet"}, // of an embedded struct
		{[]string{"spec", "replicas"}, ""},
		{[]string{"spec", "nothing", "here"}, ""},
		{[]string{"metadata", "labels", "app", "x"}, ""},
	} {
		names := FieldNames("apps/v1", "Deployment", c.path)
		if c.has == "" && names != nil || c.has != "" && !slices.Contains(names, c.has) {
			t.Errorf("%v: %v, want %q", c.path, names, c.has)
		}
	}
	if names := FieldNames("example.com/v1", "Widget", nil); names != nil {
		t.Errorf("names of a kind without a Go type: %v", names)
	}
}

func TestWrongType(t *testing.T) {
	type fields = map[string]any
	for _, c := range []struct {
		fields fields
		want   string
	}{
		{fields{"spec": fields{"replicas": int64(3)}}, ""},
		{fields{"spec": fields{"replicas": "two"}}, "spec.replicas must be a whole number, have text"},
		{fields{"spec": fields{"replicas": 1.5}}, "spec.replicas must be a whole number, have 1.5"},
		{fields{"spec": fields{"paused": "yes"}}, "spec.paused must be true or false, have text"},
		{fields{"spec": fields{"template": []any{}}}, "spec.template must be a group of fields, have a list"},
		{fields{"spec": fields{"template": fields{"spec": fields{"containers": fields{}}}}}, "spec.template.spec.containers must be a list, have a group of fields"},
		{fields{"metadata": fields{"name": true}}, "metadata.name must be text, have true or false"},
		{fields{"spec": fields{"replicas": nil}}, ""},
	} {
		_, err := WrongType("apps/v1", "Deployment", c.fields)
		got := ""
		if err != nil {
			got = fmt.Sprint(err)
		}
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.fields, got, c.want)
		}
	}
	if _, err := WrongType("example.com/v1", "Widget", fields{"spec": 1}); err != nil {
		t.Error(err)
	}
}
