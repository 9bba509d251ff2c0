package diag_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stratus-sre/stratus/internal/diag"
)

func TestPosition(t *testing.T) {
	for want, p := range map[string]diag.Position{
		"plan.cue:3:7": {File: "plan.cue", Line: 3, Column: 7},
		"plan.cue:3":   {File: "plan.cue", Line: 3},
		"plan.cue":     {File: "plan.cue"},
		"3:7":          {Line: 3, Column: 7},
		"":             {},
	} {
		if got := p.String(); got != want || p.IsValid() != (want != "") {
			t.Errorf("%+v is %q (valid %v), want %q", p, got, p.IsValid(), want)
		}
	}
}

func TestListSortsAndSpeaks(t *testing.T) {
	var l diag.List
	at := func(line int) diag.Position { return diag.Position{File: "f", Line: line, Column: 1} }
	l.Warnf(at(1), "old")
	if l.Err() != nil || l.HasErrors() {
		t.Error("a warning alone is no error")
	}
	l.Errorf(at(9), "late")
	l.Errorf(at(2), "%s", "early")
	l.Errorf(at(2), "early")
	l[1].Hint = "do this"
	l.Sort()
	want := "f:2:1: early\nf:9:1: late (do this)\nf:1:1: warning: old"
	if got := l.Error(); got != want {
		t.Errorf("%q, want %q: errors first, by place, each once", got, want)
	}
	var out diag.List
	if err := fmt.Errorf("wrapped: %w", l.Err()); !errors.As(err, &out) || len(out) != 3 {
		t.Errorf("the list does not survive wrapping: %v", err)
	}
}

// Diagnostics cross a pipe as JSON; a warning must arrive as one.
func TestLevelSurvivesJSON(t *testing.T) {
	in := diag.List{{Message: "a"}, {Message: "b", Level: diag.Warning}}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out diag.List
	if err := json.Unmarshal(text, &out); err != nil || out[0].Level != diag.Error || out[1].Level != diag.Warning {
		t.Errorf("%s came back as %v (%v)", text, out, err)
	}
	if err := json.Unmarshal([]byte(`[{"level":"nonsense"}]`), &out); err == nil {
		t.Error("nonsense is a level")
	}
}
