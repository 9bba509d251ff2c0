// Package testkit holds what tests of several packages share, and nothing of
// the domain: golden files, seeds for random tests, the place of real manifests.
//
//	golden.go  expected output in files, refreshed by the one switch -update
//	random.go  parameters for gopter: the seed is printed, and can be given
//	place.go   the project's root, and the corpus beside it
//
// Only tests import it; internal/importtest holds that. A helper with a domain
// name belongs to the package of that name, not here.
package testkit
