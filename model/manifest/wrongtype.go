package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// wrongType finds the field that keeps fields from decoding into the Go type of
// typed: the deepest value that does not decode into its own type. The
// converters of apimachinery say only that there is one. It returns a nil error
// if there is none.
func wrongType(typed any, fields map[string]any) (path string, err error) {
	if typed == nil {
		return "", nil
	}
	return culprit(reflect.TypeOf(typed), fields, "")
}

func culprit(t reflect.Type, v any, path string) (string, error) {
	err := decodes(t, v)
	if err == nil {
		return "", nil
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch x := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(x)) {
			if ft := fieldType(t, key); ft != nil {
				if p, err := culprit(ft, x[key], strings.TrimPrefix(path+"."+key, ".")); err != nil {
					return p, err
				}
			}
		}
	case []any:
		for i := range x {
			if t.Kind() == reflect.Slice {
				if p, err := culprit(t.Elem(), x[i], fmt.Sprintf("%s[%d]", path, i)); err != nil {
					return p, err
				}
			}
		}
	}
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		quote := ""
		if t.Kind() == reflect.String && wrong.Value != "object" && wrong.Value != "array" {
			quote = ": quote it"
		}
		err = fmt.Errorf("is %s; the API wants %s%s", article(wrong.Value), kindWord(t.Kind()), quote)
	} else {
		err = fmt.Errorf("is not valid: %w", err)
	}
	return path, err
}

func decodes(t reflect.Type, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, reflect.New(t).Interface())
}

// fieldType returns the type of the value under a JSON key, nil if t has none.
func fieldType(t reflect.Type, key string) reflect.Type {
	switch t.Kind() {
	case reflect.Map:
		return t.Elem()
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name == key && f.IsExported() {
				return f.Type
			}
		}
	}
	return nil
}

func article(jsonWord string) string {
	word, _, _ := strings.Cut(jsonWord, " ") // "number 1.5"
	switch word {
	case "object":
		return "a mapping"
	case "array":
		return "a list"
	case "bool":
		return "true or false"
	case "number":
		return "a number"
	}
	return "a string"
}

func kindWord(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "a mapping"
	}
	return "a whole number"
}
