package tnr

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/model/txn"
)

// System is a plan on a state under one valuation: the transition system that
// is explored. Not safe for concurrent use.
type System struct {
	Plan    *plan.Plan
	Bounds  plan.Bounds
	Static  []Violation // found without exploring
	Missing diag.List   // targets that are not in the state; the plan cannot be judged
	Classes [][]Class   // by transaction and action

	physics   model.Physics
	valuation *model.Valuation
	accepts   map[waiver]bool

	txs       []transaction
	contents  contents
	start     contentID
	memo      map[memoKey]memoValue
	objects   map[objectKey]*model.Object
	waits     map[waitKey]contentID
	effects   map[effectKey]model.Effect
	races     map[[2]int]bool
	leftovers map[leftoverKey]string              // TNR002 and TNR005
	risks     map[[2]contentID][]model.Regression // TNR004, by beginning and content
	unknowns  map[string]bool
	settled   map[moment]contentID // TNR006: the first settled end of each transaction
}

// transaction is one compiled transaction.
type transaction struct {
	plan.Transaction
	graph     txn.Graph
	writes    []model.Ref    // the write set, sorted
	footprint [][]model.Path // fields written, by action; nil for looks, one empty path for a whole object
	probe     []model.Effect // what each write did when probed
}

// Class is how faithfully one action can be taken back, and why.
type Class struct {
	Class model.Class
	Why   string
}

type waiver struct {
	loss plan.Loss
	on   model.Ref
}

// Compile prepares a plan on a state. The plan's `after` edges must be acyclic
// (decoding sees to that). accepts are the waivers in force.
func Compile(p *plan.Plan, start *model.State, physics model.Physics, v *model.Valuation, accepts []plan.Accept) (*System, error) {
	y := &System{
		Plan: p, Bounds: p.Bounds.WithDefaults(), physics: physics, valuation: v,
		accepts:  map[waiver]bool{},
		contents: contents{byPrint: map[model.Digest]contentID{}},
		memo:     map[memoKey]memoValue{}, objects: map[objectKey]*model.Object{}, waits: map[waitKey]contentID{}, effects: map[effectKey]model.Effect{},
		races: map[[2]int]bool{}, risks: map[[2]contentID][]model.Regression{}, leftovers: map[leftoverKey]string{}, unknowns: map[string]bool{}, settled: map[moment]contentID{},
	}
	for _, a := range accepts {
		y.accepts[waiver{a.Loss, a.On}] = true
	}
	y.start = y.contents.intern(start)
	at := y.start
	for i, t := range p.Transactions {
		end, err := y.compile(i, t, at)
		if err != nil {
			return nil, err
		}
		at = end
	}
	y.checkConditions(start)
	y.checkPivots()
	return y, nil
}

// compile resolves and probes one transaction: it runs the actions once, in a
// topological order, to learn what each writes. It returns the settled end,
// from which the next transaction is probed.
func (y *System) compile(index int, t plan.Transaction, at contentID) (contentID, error) {
	order, cycle := plan.NewOrder(t.Actions)
	if cycle != nil {
		return 0, fmt.Errorf("transaction %q waits for itself: %v", t.Name, cycle)
	}
	c := transaction{Transaction: t, graph: txn.Graph{Order: order, Pivot: -1}, footprint: make([][]model.Path, len(t.Actions)), probe: make([]model.Effect, len(t.Actions))}
	c.Actions = slices.Clone(t.Actions)
	classes := make([]Class, len(t.Actions))
	if k := y.Bounds.Actions; len(t.Actions) > k {
		y.Static = append(y.Static, Violation{
			Property: BoundedRisk, Pos: t.Pos,
			Summary: fmt.Sprintf("transaction %s has %d actions, %d are allowed.", t.Name, len(t.Actions), k),
			Hint:    "split it, or raise bounds.actions",
		})
	}
	writeSet := map[model.Ref]bool{}
	for _, i := range order.Topological() {
		a := &c.Actions[i]
		s := y.state(at)
		y.checkTarget(*a, s)
		y.checkElements(*a, s)
		resolved, err := y.physics.Resolve(s, a.Op)
		if err != nil {
			y.Missing.Errorf(a.Pos, "%s: %v", a.Do, err)
			return at, nil
		}
		a.Op = resolved
		if !a.Op.Verb.Writes() {
			if to, err := y.physics.SettleFor(s, y.valuation, a.Op.On); err == nil && a.Op.Verb == model.Wait {
				at = y.contents.intern(to)
			}
			continue
		}
		c.graph.Writes = c.graph.Writes.With(i)
		writeSet[a.Op.On] = true
		class, why := y.physics.Classify(s, a.Op)
		classes[i] = Class{class, why}
		if why := y.physics.Unmodelled(s, a.Op); why != "" {
			y.unknown(fmt.Sprintf("what follows from %s on %s: %s", a.Do, a.Op.On, why))
		}
		next, effect, refusal := model.Step(s, a.Op)
		c.footprint[i], c.probe[i] = footprintOf(a.Op, effect), effect
		y.checkOtherWriters(index, *a, s, effect)
		if refusal == nil {
			at = y.contents.intern(next)
		}
	}
	c.writes = slices.SortedFunc(maps.Keys(writeSet), model.Ref.Compare)
	y.Classes = append(y.Classes, classes)
	y.txs = append(y.txs, c)
	y.checkRaces(c)
	return y.settle(at), nil
}

// footprintOf returns the fields that an action writes, those included that
// it sets to what they are; a create, delete or evict writes the whole object.
func footprintOf(a model.Action, e model.Effect) []model.Path {
	switch a.Verb {
	case model.Patch:
		out := model.Touched(a.Patch)
		if e.After == nil {
			return out // refused in the probe: what it would have set
		}
		for _, c := range e.Changes() {
			out = append(out, c.Path) // defaults that follow from what was set
		}
		return out
	case model.Scale:
		return []model.Path{{"spec", "replicas"}}
	}
	return []model.Path{{}}
}

// checkTarget reports actions on objects that are not there when their turn
// comes: a mistake in the plan, not a refutation of it.
func (y *System) checkTarget(a plan.Action, s *model.State) {
	if a.Op.Verb == model.Create || s.Get(a.Op.On) != nil {
		return
	}
	if a.Op.Verb == model.Check && a.Op.Condition.Measure == model.Exists {
		return
	}
	d := diag.Diagnostic{Pos: a.Pos, Message: fmt.Sprintf("%s: %s is not in the cluster state", a.Do, a.Op.On)}
	if near := nearest(a.Op.On, s); near != "" {
		d.Hint = "did you mean " + near + "?"
	}
	y.Missing = append(y.Missing, d)
}

// checkConditions reports goals and evidence about objects that nothing knows:
// not the state, not the plan, not the obligations of the baseline.
func (y *System) checkConditions(start *model.State) {
	known := map[model.Ref]bool{}
	for _, t := range y.txs {
		for _, a := range t.Actions {
			known[a.Op.On] = known[a.Op.On] || a.Op.Verb == model.Create
		}
	}
	before := y.severityAt(y.start, model.Settled)
	for _, set := range before.Sets {
		for _, f := range set {
			known[f.Entity] = true
		}
	}
	for _, m := range before.Missing {
		known[m.Entity] = true
	}
	report := func(what string, on model.Ref, pos diag.Position) {
		if on.IsZero() || known[on] || start.Get(on) != nil {
			return
		}
		d := diag.Diagnostic{Pos: pos, Message: fmt.Sprintf("%s: %s is not in the cluster state", what, on)}
		if near := nearest(on, start); near != "" {
			d.Hint = "did you mean " + near + "?"
		}
		y.Missing = append(y.Missing, d)
	}
	for _, g := range y.Plan.Goal {
		if g.Condition.Measure != model.Exists {
			report("goal", g.Condition.On, g.Pos)
		}
	}
	for _, e := range y.Plan.Evidence {
		report("evidence", e.Obligation, e.Pos)
	}
}

// checkElements reports an action that speaks of a container or a port which its
// object does not have. Merged all the same it would add one: a typing error
// would grow a container.
func (y *System) checkElements(a plan.Action, s *model.State) {
	o := s.Get(a.Op.On)
	if a.Op.Verb != model.Patch || a.Op.Adds || o == nil {
		return
	}
	said := map[string]bool{}
	for _, path := range model.Touched(a.Op.Patch) {
		for i, key := range path {
			if i == 0 || !strings.HasPrefix(key, "[") || !slices.Contains(elements, path[i-1]) || said[key] {
				continue
			}
			have := model.Elements(o.Fields(), path[:i])
			if slices.Contains(have, key) {
				continue
			}
			said[key] = true
			what := strings.TrimSuffix(path[i-1], "s")
			d := diag.Diagnostic{Pos: a.Pos, Message: fmt.Sprintf("%s: %s has no %s %s", a.Do, a.Op.On, what, bare(key))}
			if len(have) > 0 {
				names := make([]string, len(have))
				for j, k := range have {
					names[j] = bare(k)
				}
				d.Hint = "it has " + strings.Join(names, ", ")
			}
			y.Missing = append(y.Missing, d)
		}
	}
}

// elements are the lists of which an action that sets something takes an element.
var elements = []string{"containers", "initContainers", "ports"}

// bare turns "[name=main]" into "main" and "[port=80,protocol=TCP]" into "80".
func bare(key string) string {
	first, _, _ := strings.Cut(strings.Trim(key, "[]"), ",")
	_, value, _ := strings.Cut(first, "=")
	return value
}

// nearest suggests an object of the same kind: the same name in another
// namespace, or a name that differs in at most two letters.
func nearest(r model.Ref, s *model.State) string {
	best, bestScore := "", 3
	for o := range s.All() {
		c := o.Ref()
		if c.Kind != r.Kind || c.Group != r.Group {
			continue // another kind is another thing: an action on it would do harm
		}
		score := editDistance(c.Name, r.Name)
		if c.Namespace != r.Namespace {
			score++
		}
		if score < bestScore {
			best, bestScore = c.String(), score
		}
	}
	return best
}

func editDistance(a, b string) int {
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range len(a) {
		cur := make([]int, len(b)+1)
		cur[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			cur[j+1] = min(prev[j+1]+1, cur[j]+1, prev[j]+cost)
		}
		prev = cur
	}
	return prev[len(b)]
}

// unknown notes something the model cannot tell and that bears on this plan.
func (y *System) unknown(what string) { y.unknowns[what] = true }

// Unknowns returns what the model cannot tell and that bears on this plan.
func (y *System) Unknowns() []string { return slices.Sorted(maps.Keys(y.unknowns)) }

func (y *System) accepted(loss plan.Loss, on model.Ref) bool { return y.accepts[waiver{loss, on}] }

// waived is the waiver of a plan as Severity.Without takes it.
func (y *System) waived(t model.Tier, on model.Ref) bool {
	switch t {
	case model.T4:
		return y.accepted(plan.LossCapacity, on) || y.accepted(plan.LossDesired, on)
	case model.T5:
		// Fewer replicas than wanted is a fault as well; who accepts the one
		// has accepted the other.
		return y.accepted(plan.LossFault, on) || y.waived(model.T4, on)
	case model.T6:
		return y.accepted(plan.LossLatent, on)
	}
	return false
}
