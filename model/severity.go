package model

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// Tier is one component of severity, worst first.
type Tier uint8

// The tiers. T3 (objectives) is known to oracles of a live system only and has
// no value in the model.
const (
	T0 Tier = iota // integrity: claims, volumes, objects lost; compared as sets
	T1             // user outage: entry services without a usable endpoint; as sets
	T2             // outage: internal services without a usable endpoint; as sets
	T3             // objectives: not read off objects
	T4             // capacity: missing share of desired replicas; ≤
	T5             // faults: failing predicates over objects; number, ≤
	T6             // latent: what will hurt later; as sets, worse only if accepted
)

// String returns "T0" to "T6".
func (t Tier) String() string { return fmt.Sprintf("T%d", uint8(t)) }

// Finding is one entity that is in a bad way. Entity and What identify it; Why
// explains it to people and is not compared.
type Finding struct {
	Entity Ref
	What   string // a fixed phrase: "has no usable endpoint"
	Why    string // details of this state: "targetPort 9999 is served by no container"
}

func compareFindings(a, b Finding) int {
	return cmp.Or(a.Entity.Compare(b.Entity), cmp.Compare(a.What, b.What))
}

// Severity is μ(s): how bad a state is, as a vector of sets and numbers over
// named entities. Build one with its Add method; the zero value is a healthy
// cluster. It is a value: do not change the slices of one you were given.
type Severity struct {
	Sets     [T6 + 1][]Finding // T0, T1, T2, T5, T6: sorted, each finding once
	Capacity int64             // T4: the sum of Missing
	Missing  []Share           // T4 by workload, sorted, without zeroes
}

// Share is what one workload lacks: weight · (1 − min(1, ready/desired)), in
// millionths.
type Share struct {
	Entity  Ref
	Missing int64
}

// AddMissing adds a workload's missing capacity to T4; zero adds nothing. Each
// workload may be added once.
func (s *Severity) AddMissing(entity Ref, millionths int64) {
	if millionths == 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(s.Missing, entity, func(a Share, r Ref) int { return a.Entity.Compare(r) })
	s.Missing = slices.Insert(s.Missing, i, Share{entity, millionths})
	s.Capacity += millionths
}

// Without returns the severity without what is said of some entities in T4, T5
// and T6: the waivers of a plan. T0 to T2 are never waived.
func (s Severity) Without(waived func(Tier, Ref) bool) Severity {
	out := Severity{Sets: s.Sets}
	for _, t := range []Tier{T5, T6} {
		out.Sets[t] = slices.DeleteFunc(slices.Clone(s.Sets[t]), func(f Finding) bool { return waived(t, f.Entity) })
	}
	for _, m := range s.Missing {
		if !waived(T4, m.Entity) {
			out.AddMissing(m.Entity, m.Missing)
		}
	}
	return out
}

// Add puts a finding into the set of its tier.
func (s *Severity) Add(t Tier, f Finding) {
	i, found := slices.BinarySearchFunc(s.Sets[t], f, compareFindings)
	if !found {
		s.Sets[t] = slices.Insert(s.Sets[t], i, f)
	}
}

// Has reports whether the set of tier t has a finding about the entity.
func (s Severity) Has(t Tier, entity Ref) bool {
	return slices.ContainsFunc(s.Sets[t], func(f Finding) bool { return f.Entity == entity })
}

// Digest identifies the severity, explanations aside.
func (s Severity) Digest() Digest {
	var parts []string
	for t, set := range s.Sets {
		for _, f := range set {
			parts = append(parts, Tier(t).String(), f.Entity.Group, f.Entity.Kind, f.Entity.Namespace, f.Entity.Name, f.What)
		}
	}
	for _, m := range s.Missing {
		parts = append(parts, m.Entity.Group, m.Entity.Kind, m.Entity.Namespace, m.Entity.Name, strconv.FormatInt(m.Missing, 10))
	}
	return DigestOf(parts...)
}

// Contains reports whether the set of tier t has the finding, explanations aside.
func (s Severity) Contains(t Tier, f Finding) bool {
	_, found := slices.BinarySearchFunc(s.Sets[t], f, compareFindings)
	return found
}

// Healthy reports whether there is nothing in T0 to T5.
func (s Severity) Healthy() bool {
	return len(s.Sets[T0])+len(s.Sets[T1])+len(s.Sets[T2])+len(s.Sets[T5]) == 0 && s.Capacity == 0
}

// Equal reports whether two severities are the same up to explanations.
func (s Severity) Equal(o Severity) bool { return s.NoWorse(o) && o.NoWorse(s) && s.sameFaults(o) }

func (s Severity) sameFaults(o Severity) bool {
	return slices.EqualFunc(s.Sets[T5], o.Sets[T5], func(a, b Finding) bool { return compareFindings(a, b) == 0 })
}

// Regression is one reason why a state is worse than another.
type Regression struct {
	Tier    Tier
	Finding Finding // the witness; for T4 only its Entity
	Before  int64   // T4, T5: the numbers that grew
	After   int64
}

// Worse returns every reason why post is not ⊑ pre: entities that T0, T1, T2 or
// T6 gained, capacity that fell, a larger number of faults. Nil means post ⊑
// pre. A healed entity never pays for a newly broken one: sets are compared by
// inclusion. The order has no tolerance, so it is transitive.
// Source: DESIGN section 6; the paper's μ(post) ≤ μ(pre).
func (post Severity) Worse(pre Severity) []Regression {
	var out []Regression
	for _, t := range []Tier{T0, T1, T2, T6} {
		for _, f := range gained(post.Sets[t], pre.Sets[t]) {
			out = append(out, Regression{Tier: t, Finding: f})
		}
	}
	if post.Capacity > pre.Capacity {
		out = append(out, Regression{Tier: T4, Finding: Finding{Entity: post.mostLost(pre)}, Before: pre.Capacity, After: post.Capacity})
	}
	if a, b := len(post.Sets[T5]), len(pre.Sets[T5]); a > b {
		for _, f := range gained(post.Sets[T5], pre.Sets[T5]) {
			out = append(out, Regression{Tier: T5, Finding: f, Before: int64(b), After: int64(a)})
		}
	}
	slices.SortStableFunc(out, func(a, b Regression) int { return cmp.Compare(a.Tier, b.Tier) })
	return out
}

// mostLost returns the workload that lost most capacity since pre.
func (post Severity) mostLost(pre Severity) Ref {
	before := make(map[Ref]int64, len(pre.Missing))
	for _, m := range pre.Missing {
		before[m.Entity] = m.Missing
	}
	var worst Ref
	var most int64
	for _, m := range post.Missing {
		if lost := m.Missing - before[m.Entity]; lost > most {
			worst, most = m.Entity, lost
		}
	}
	return worst
}

// NoWorse reports post ⊑ pre.
func (post Severity) NoWorse(pre Severity) bool { return len(post.Worse(pre)) == 0 }

// Improves reports post ⊑ pre and strictly smaller somewhere.
func (post Severity) Improves(pre Severity) bool { return post.NoWorse(pre) && !pre.NoWorse(post) }

// gained returns what is in a and not in b; both are sorted.
func gained(a, b []Finding) []Finding {
	var out []Finding
	for _, f := range a {
		if _, ok := slices.BinarySearchFunc(b, f, compareFindings); !ok {
			out = append(out, f)
		}
	}
	return out
}
