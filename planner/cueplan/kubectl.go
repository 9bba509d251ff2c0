package cueplan

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/stratus-sre/stratus/model"
)

// target is the object as kubectl takes it: "deployment/cart". Kinds that have
// a group of their own carry it: "widget.example.com/w1".
func target(r model.Ref) string {
	if r.IsZero() {
		return ""
	}
	r.Namespace = ""
	return r.String()
}

// kubectlOf returns the command for a primitive whose definition names none,
// "" where kubectl has no such command.
func kubectlOf(op model.Action) string {
	on := target(op.On)
	var words []string
	switch op.Verb {
	case model.Create:
		words = []string{"create", "-f", "-"} // the object on standard input
	case model.Patch:
		patch := compactJSON(op.Patch)
		if op.On.Kind == "Secret" {
			patch = "<redacted>" // values of Secrets never reach output
		}
		words = []string{"patch", on, "-p", patch}
	case model.Delete:
		words = []string{"delete", on}
		if op.Orphan {
			words = append(words, "--cascade=orphan")
		}
	case model.Scale:
		words = []string{"scale", on, fmt.Sprintf("--replicas=%d", op.Replicas)}
	case model.Evict, model.Rollback, model.Wait, model.Check:
	}
	return kubectl(op.On.Namespace, words)
}

// kubectl joins words to a command that is safe to paste into a shell,
// whatever the plan's author wrote.
func kubectl(namespace string, words []string) string {
	if len(words) == 0 {
		return ""
	}
	all := []string{"kubectl"}
	if namespace != "" {
		all = append(all, "-n", namespace)
	}
	for _, w := range words {
		all = append(all, quote(w))
	}
	return strings.Join(all, " ")
}

var plainWord = regexp.MustCompile(`^[-A-Za-z0-9_./:=@,+%]+$`)

func quote(w string) string {
	if plainWord.MatchString(w) {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}
