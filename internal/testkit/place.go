package testkit

import (
	"os"
	"path/filepath"
	"testing"
)

// Root returns the project's root directory: the nearest one above the test
// that holds the LICENSE and a go.mod.
func Root(t testing.TB) string {
	t.Helper()
	start, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if exists(filepath.Join(dir, "go.mod")) && exists(filepath.Join(dir, "LICENSE")) {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatalf("no directory above %s holds go.mod and LICENSE: run the tests inside the project", start)
		}
	}
}

// Corpus returns the path of a file of real manifests. They are other people's
// and not copied into the project; they lie beside it, in ../shared/corpus.
// Where they do not, the test is skipped and says so.
func Corpus(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Root(t), "..", "shared", "corpus", name)
	if !exists(path) {
		t.Skipf("no real manifests: ../shared/corpus/%s is not beside the project", name)
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
