package policy_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/format"

	"github.com/stratus-sre/stratus/internal/testkit"
	"github.com/stratus-sre/stratus/policies"
)

// Policies are formatted as the engine's own tool does; -update formats them.
func TestBuiltinPoliciesAreFormatted(t *testing.T) {
	err := fs.WalkDir(policies.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".rego") {
			return err
		}
		text, err := fs.ReadFile(policies.FS, name)
		if err != nil {
			return err
		}
		formatted, err := format.Source(name, text)
		if err != nil {
			return err
		}
		testkit.Golden(t, filepath.Join(testkit.Root(t), "policies", filepath.FromSlash(name)), string(formatted))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
