package tnr_test

import (
	"testing"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/verifier/tnr"
)

func TestCommandsWithoutCredentials(t *testing.T) {
	for text, kept := range map[string]bool{
		"kubectl -n shop set env deployment/cart -c main LOG_LEVEL=warn":                         true,
		"kubectl -n shop scale deployment/token-service --replicas=2":                            true,
		`kubectl patch deployment/x -p '{"valueFrom":{"secretKeyRef":{"name":"db","key":"x"}}}'`: true,
		"kubectl set env deployment/x -c main DB_PASSWORD=x":                                     false,
		"kubectl set env deployment/x -c main DB=postgres://u:p@db/x":                            false,
		`kubectl patch deployment/x -p '{"env":[{"name":"API_TOKEN","value":"x"}]}'`:             false,
	} {
		if got := tnr.Command(text); (got != "") != kept {
			t.Errorf("%s: %q, kept should be %v", text, got, kept)
		}
	}
}

func TestShow(t *testing.T) {
	env := func(name string) model.Path { return model.Path{"spec", "env", "[name=" + name + "]", "value"} }
	deployment, secret := model.Ref{Kind: "Deployment", Name: "d"}, model.Ref{Kind: "Secret", Name: "s"}
	for _, tt := range []struct {
		on   model.Ref
		path model.Path
		v    any
		want string
	}{
		{deployment, env("MODE"), "fast", "fast"},
		{deployment, env("MODE"), nil, "absent"},
		{deployment, model.Path{"spec", "replicas"}, int64(2), "2"},
		{deployment, env("DB_PASSWORD"), "x", "<redacted>"},
		{deployment, env("DB"), "postgres://u:p@db/x", "<redacted>"},
		{deployment, model.Path{"spec", "env", "[name=API_TOKEN]"}, map[string]any{"name": "API_TOKEN", "value": "x"}, "<redacted>"},
		{secret, model.Path{"data", "blob"}, "x", "<redacted>"},
	} {
		if got := tnr.Show(tt.on, tt.path, tt.v); got != tt.want {
			t.Errorf("%s %s of %v: %q, want %q", tt.on, tt.path, tt.v, got, tt.want)
		}
	}
}
