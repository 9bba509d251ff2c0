// Package plan is the plan language, written in CUE: the envelope of a plan,
// the types of its fields, and one definition for each kind of action. It is
// the only definition of the language; README.md is its reference for people.
//
// A new kind of action is a new definition with its row in README.md and its
// case in planner/cueplan/testdata/lower.txtar; Go does not change. A
// definition whose name begins with a small letter is an action kind:
//
//	do!, on!, after?, …        what the author writes; closed and flat, never embedding
//	#lower                     the primitive that it becomes (see model.Action)
//	#kubectl                   optional: the words of the kubectl command that does the same
//	#kind, #name, #target, #stamp
//	                           optional: filled in by the decoder: the object's kind,
//	                           its name, "kind/name" for kubectl, "plan/transaction"
//	#oneOf, #atLeastOne, #atMostOne
//	                           optional: fields of which exactly one, at least one
//	                           or at most one must be given
//
// The comment above a type (a definition with a capital) is what an error says
// that a value must be. The package refuses to hold code: planner/cueplan is
// the only reader.
//
// Reading order: plan.cue (the envelope), types.cue, then the action kinds in
// workloads.cue, services.cue, nodes.cue, objects.cue, waits.cue.
package plan

import "embed"

// Files holds the schema, one CUE package. Read-only.
//
//go:embed *.cue
var Files embed.FS
