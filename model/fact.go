package model

import (
	"maps"
	"slices"
)

// Fact is something that objects do not tell and that may be true, false or
// unknown, in words an engineer can answer: "image shop/cart:v9 starts".
type Fact string

// Valuation answers every fact, once per execution: known ones as they are
// known, unknown ones by a choice (ν). Under one valuation Step and Settle are
// functions. It remembers which unknown facts were asked for, so that the
// verifier can explore the other choice as well. Not safe for concurrent use.
type Valuation struct {
	choice map[Fact]bool
	asked  map[Fact]bool
}

// NewValuation returns the valuation that makes the given choices and answers
// true to every other unknown fact.
func NewValuation(choice map[Fact]bool) *Valuation {
	return &Valuation{choice: maps.Clone(choice), asked: map[Fact]bool{}}
}

// Choose answers an unknown fact and remembers that it was asked.
func (v *Valuation) Choose(f Fact) bool {
	v.asked[f] = true
	if b, ok := v.choice[f]; ok {
		return b
	}
	return true
}

// Asked returns the unknown facts that were asked so far, sorted.
func (v *Valuation) Asked() []Fact { return slices.Sorted(maps.Keys(v.asked)) }
