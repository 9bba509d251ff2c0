package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	kjson "sigs.k8s.io/json"
)

// FieldNames returns the names that the Go type of a kind has at a path, for
// suggestions: FieldNames("apps/v1", "Deployment", {"spec", "template"}) is
// metadata and spec. Elements of lists and maps may stand in the path ("0", a
// key) and are stepped over. Nil where there is no Go type or no such path.
func FieldNames(apiVersion, kind string, path []string) []string {
	group, _ := splitAPIVersion(apiVersion)
	k, ok := FindKind(group, kind)
	if !ok || k.new == nil || k.APIVersion() != apiVersion {
		return nil
	}
	t := reflect.TypeOf(k.new())
	for _, name := range path {
		switch t = indirect(t); t.Kind() {
		case reflect.Slice, reflect.Map:
			t = t.Elem()
		case reflect.Struct:
			f, ok := jsonFields(t)[name]
			if !ok {
				return nil
			}
			t = f
		default:
			return nil
		}
	}
	if t = indirect(t); t.Kind() != reflect.Struct {
		return nil
	}
	return slices.Sorted(maps.Keys(jsonFields(t)))
}

// WrongType returns an error in plain words if a field has a type that the Go
// type of its kind does not take: "spec.replicas must be a whole number, have
// text", with the field's path where it is known (without list indexes). Nil
// where there is no Go type. Fields may be part of an object.
func WrongType(apiVersion, kind string, fields map[string]any) (path string, err error) {
	group, _ := splitAPIVersion(apiVersion)
	k, ok := FindKind(group, kind)
	if !ok || k.new == nil || k.APIVersion() != apiVersion {
		return "", nil
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return "", err
	}
	err = kjson.UnmarshalCaseSensitivePreserveInts(data, k.new())
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return wrong.Field, fmt.Errorf("%s must be %s, have %s", wrong.Field, wordsFor(wrong.Type), wordsForJSON(wrong.Value))
	}
	return "", err
}

func wordsFor(t reflect.Type) string {
	switch t = indirect(t); t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "a group of fields"
	}
	return "a whole number"
}

func wordsForJSON(s string) string {
	what, value, _ := strings.Cut(s, " ")
	switch what {
	case "string":
		return "text"
	case "bool":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "a group of fields"
	}
	if value != "" {
		return value
	}
	return "a number"
}

func indirect(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// jsonFields returns the types of a struct's fields by their JSON names;
// embedded structs (metav1.TypeMeta) count as their fields.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "" && strings.Contains(options, "inline") && indirect(f.Type).Kind() == reflect.Struct:
			for n, ft := range jsonFields(indirect(f.Type)) {
				out[n] = ft
			}
		case name != "" && name != "-":
			out[name] = f.Type
		}
	}
	return out
}
