package manifest

import (
	"encoding/base64"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/stratus-sre/stratus/model"
)

// Meta is what a snapshot says of itself.
type Meta struct {
	Cluster      string // uid of the kube-system namespace; "" if it is not among the objects
	Taken        string // RFC 3339, from the annotation stratus.dev/taken of a list; the oldest of several; "" if none
	SecretValues bool   // some Secret carries a value that is not redacted
}

// takenAnnotation stands on the List that a snapshot is.
const takenAnnotation = "stratus.dev/taken"

// redacted begins a Secret value that a snapshot replaced by a keyed hash.
const redacted = "hmac:"

func (r *reader) readTaken(n *yaml.Node, list map[string]any) {
	meta, _ := list["metadata"].(map[string]any)
	annotations, _ := meta["annotations"].(map[string]any)
	v, ok := annotations[takenAnnotation]
	if !ok {
		return
	}
	text, _ := v.(string)
	taken, err := time.Parse(time.RFC3339, text)
	if err != nil {
		r.errorf(locate(n, "metadata.annotations."+takenAnnotation), "write it as 2006-01-02T15:04:05Z", "%s is %v, not an RFC 3339 time", takenAnnotation, v)
		return
	}
	if have, err := time.Parse(time.RFC3339, r.out.Meta.Taken); err != nil || taken.Before(have) {
		r.out.Meta.Taken = text
	}
}

func (r *reader) readIdentity(o *model.Object) {
	if o.Ref() == (model.Ref{Kind: "Namespace", Name: "kube-system"}) {
		r.out.Meta.Cluster = o.UID()
	}
}

// readSecret warns of raw values, once a file. Redacted values of data are
// encoded on the way: a hash is not base64, as the API wants data to be.
func (r *reader) readSecret(n *yaml.Node, fields map[string]any) {
	if fields["kind"] != "Secret" || fields["apiVersion"] != "v1" {
		return
	}
	raw := false
	for _, key := range []string{"data", "stringData"} {
		values, _ := fields[key].(map[string]any)
		for name, v := range values {
			s, _ := v.(string)
			plain := s
			if b, err := base64.StdEncoding.DecodeString(s); err == nil && key == "data" {
				plain = string(b)
			}
			if !strings.HasPrefix(plain, redacted) {
				raw = raw || plain != ""
			} else if plain == s && key == "data" {
				values[name] = base64.StdEncoding.EncodeToString([]byte(s))
			}
		}
	}
	if !raw {
		return
	}
	r.out.Meta.SecretValues = true
	if !r.secretsWarned {
		r.warnf(n, "", "contains raw Secret values; they never reach output")
		r.secretsWarned = true
	}
}
