// Package manifest turns bytes into objects: YAML with any number of
// documents, JSON, and lists as kubectl and snapshots write them.
//
// It reads what a person or a cluster wrote and says where: every error and
// warning has file, line and column. It is strict where Kubernetes is silent: a
// field that the API does not have is a warning, because the API server would
// drop it; a key or an object given twice is an error, because one of the two
// would be lost. Kinds that the model does not know are kept as they are.
// Objects come out with the API server's defaults filled in, so that manifests
// and snapshots of a cluster look alike.
//
// Input is not trusted: size, depth and the expansion of YAML aliases are
// limited, and nothing panics.
//
// What it refuses to do: read files (callers bring the bytes), render
// templates, or judge objects (that is model's and the verifier's work). Pure.
//
// Reading order:
//
//	manifest.go  Decode and Load, the front doors; objects, lists, duplicates
//	parse.go     bytes → positioned tree, for YAML and for JSON
//	value.go     tree → unstructured values, with the limits
//	locate.go    field path → position
//	snapshot.go  what a snapshot says of itself; Secrets
//
// Sources: YAML 1.1 as sigs.k8s.io/yaml reads it (which is what kubectl does);
// integers are int64 and other numbers float64, as in
// k8s.io/apimachinery/pkg/apis/meta/v1/unstructured.
package manifest
