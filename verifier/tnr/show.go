package tnr

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/stratus-sre/stratus/model"
)

// maxShown caps a value in a report; whole objects are named, not printed.
const maxShown = 120

// Names and values that look like credentials: not every secret is in a Secret.
var (
	secretName  = regexp.MustCompile(`(?i)(passw|secret|token|credential|api_?key|private_?key|access_?key|dsn|connection_?string)`)
	secretValue = regexp.MustCompile(`://[^/\s:@]+:[^/\s@]+@|-----BEGIN|^eyJ[A-Za-z0-9_-]{10,}|^AKIA[0-9A-Z]{12,}|^gh[pousr]_`)
)

// secretGiven finds a credential being given in a command: NAME=value, or an
// element of a patch. References to Secrets hold no value.
var (
	secretGiven = regexp.MustCompile(`(?i)(passw|secret|token|credential|api_?key|private_?key|access_?key|dsn|connection_?string)[A-Za-z0-9_-]*["']?\s*[=:,]`)
	references  = strings.NewReplacer("secretKeyRef", "", "secretRef", "", "secretName", "")
)

// Command returns a command for people, "" if it seems to carry a credential.
func Command(text string) string {
	if secretGiven.MatchString(references.Replace(text)) || secretValue.MatchString(text) {
		return ""
	}
	return text
}

// Show renders the value of a field for people. Values of Secrets never appear,
// nor do those of fields and variables whose name or content looks like a
// credential.
func Show(on model.Ref, path model.Path, v any) string {
	if v == nil {
		return "absent"
	}
	if on.Kind == "Secret" {
		return "<redacted>"
	}
	text, ok := v.(string)
	if !ok {
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		text = string(b)
	}
	if secretName.MatchString(path.String()) || secretValue.MatchString(text) || !ok && secretName.MatchString(text) {
		return "<redacted>"
	}
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return text
}
