// Package tnr defines Transactional No-Regression: the executions of a plan,
// and the eight properties that every one of them must have.
//
// A System is a plan compiled on a state under one valuation of the unknown
// facts. Its states (Node) pair the transaction protocol of model/txn with the
// cluster as model.Step and model.Physics make it; its steps are what the
// executor may choose (which action next, which to undo next) and what the
// world may answer (applied, refused, no answer, a crash). The checker in
// verifier/explore walks all of them; the properties here judge what it sees.
//
// # Reading order
//
//	compile.go       a plan on a state: resolved actions, footprints, what is refused without exploring
//	content.go       distinct cluster states, and what is derived from each once
//	system.go        Node and its successors
//	property.go      what a property is; All
//
// and one file per property, each opening with its formula in words:
//
//	no_regression.go       TNR001
//	faithful_undo.go       TNR002
//	writer_exclusivity.go  TNR003
//	bounded_risk.go        TNR004
//	recoverable.go         TNR005
//	confluence.go          TNR006
//	progress.go            TNR007
//	coverage.go            TNR008
//
// Source: STRATUS, arXiv 2506.02009: assumptions A1 to A3 and the commit rule;
// here the assumptions are checked instead of assumed. Pure.
package tnr
