package tnr_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/verifier/tnr"
)

// lit is three shining lamps, dark the same with a out.
func lit() *model.State {
	return room(shining("a"), shining("b"), shining("c"))
}

func dark() *model.State {
	return room(lamp("a", map[string]any{"on": "0", "shines": "0"}), shining("b"), shining("c"))
}

func shining(name string) *model.Object {
	return lamp(name, map[string]any{"on": "1", "shines": "1"})
}

// TestProperties has a plan for each way to break each property, and the
// nearest plan that does not.
func TestProperties(t *testing.T) {
	tests := []struct {
		name    string
		state   *model.State
		plan    *plan.Plan
		accepts []plan.Accept
		failed  string // ids, in order; "" for none
		says    string // part of the first one's summary
	}{
		{name: "painting changes nothing that matters", state: lit(),
			plan: change(transaction("t", set("paint", "a", "colour", "red"), wait("w", "a", "paint")))},
		{name: "switching off is worse, meanwhile and at the end", state: lit(),
			plan:   change(transaction("t", set("off", "a", "on", "0"))),
			failed: "TNR001 TNR004", says: "lamp.toy.dev/room/a is dark"},
		{name: "a restart is dark meanwhile, and bright at the end", state: lit(),
			plan:   change(transaction("t", set("restart", "a", "rev", "2"), wait("w", "a", "restart"))),
			failed: "TNR004"},
		{name: "an accepted outage may not last", state: lit(),
			plan:    change(transaction("t", set("off", "a", "on", "0"))),
			accepts: []plan.Accept{{Loss: plan.LossTransient, On: lampRef("a")}},
			failed:  "TNR001"},
		{name: "an accepted outage may pass", state: lit(),
			plan: change(transaction("t", set("off", "a", "on", "0"), set("on", "a", "on", "1", "off"), wait("w", "a", "on"))),
			accepts: []plan.Accept{
				{Loss: plan.LossTransient, On: lampRef("a")},
			}},
		{name: "healing one does not pay for another", state: dark(),
			plan:   change(transaction("t", set("on", "a", "on", "1"), set("off", "b", "on", "0", "on"))),
			failed: "TNR001 TNR004"},
		{name: "a final change cannot be taken back", state: lit(),
			plan:   change(transaction("t", set("seal", "a", "final", "1"))),
			failed: "TNR002", says: "seal (patch on lamp.toy.dev/room/a) cannot be taken back"},
		{name: "unless it is last and accepted", state: lit(),
			plan:    change(transaction("t", set("paint", "b", "colour", "red"), set("seal", "a", "final", "1", "paint"))),
			accepts: []plan.Accept{{Loss: plan.LossUndo, On: lampRef("a")}}},
		{name: "accepted, and not last", state: lit(),
			plan:    change(transaction("t", set("seal", "a", "final", "1"), set("paint", "b", "colour", "red"))),
			accepts: []plan.Accept{{Loss: plan.LossUndo, On: lampRef("a")}},
			failed:  "TNR002"},
		{name: "a controller leaves something behind", state: lit(),
			plan:   change(transaction("t", set("drip", "a", "leaks", "1"), wait("w", "a", "drip"), set("paint", "b", "colour", "red", "w"))),
			failed: "TNR002 TNR005", says: "lamp.toy.dev/room/a: data.leaked was absent and is 1"},
		{name: "two writers of one field", state: lit(),
			plan:   change(transaction("t", set("red", "a", "colour", "red"), set("blue", "a", "colour", "blue"))),
			failed: "TNR002 TNR003 TNR005 TNR006", says: "taking back red on lamp.toy.dev/room/a is refused (409"},
		{name: "the same value twice is still two writers", state: lit(),
			plan:   change(transaction("t", set("red", "a", "colour", "red"), set("rot", "a", "colour", "red"))),
			failed: "TNR003"},
		{name: "ordered, they are one after the other", state: lit(),
			plan: change(transaction("t", set("red", "a", "colour", "red"), set("blue", "a", "colour", "blue", "red")))},
		{name: "two fields of one object", state: lit(),
			plan: change(transaction("t", set("red", "a", "colour", "red"), set("tall", "a", "size", "tall")))},
		{name: "too many actions", state: lit(),
			plan: func() *plan.Plan {
				p := change(transaction("t", set("x", "a", "x", "1"), set("y", "a", "y", "1"), set("z", "a", "z", "1")))
				p.Bounds.Actions = 2
				return p
			}(), failed: "TNR004", says: "3 actions, 2 are allowed"},
		{name: "what one deletes the other paints", state: lit(),
			plan:   change(transaction("t", set("paint", "b", "colour", "red"), remove("del", "b"))),
			failed: "TNR001 TNR002 TNR003 TNR004 TNR005 TNR007"},
		{name: "a wait that never ends", state: dark(),
			plan:   change(transaction("t", set("paint", "a", "colour", "red"), wait("w", "a", "paint"))),
			failed: "TNR007", says: "w cannot succeed: that lamp.toy.dev/room/a is ready stays false"},
		{name: "a check before its wait may see the lamp dark", state: dark(),
			plan:   change(transaction("t", set("on", "a", "on", "1"), check("c", "a", "on"))),
			failed: "TNR007", says: "c may fail: that lamp.toy.dev/room/a is ready is true in the end, and not yet"},
		{name: "a check behind the wait", state: dark(),
			plan: change(transaction("t", set("on", "a", "on", "1"), wait("w", "a", "on"), check("c", "a", "w")))},
		{name: "what the API server refuses", state: lit(),
			plan:   change(transaction("t", create("new", "a", nil))),
			failed: "TNR007", says: "409: lamp.toy.dev/room/a already exists"},
		{name: "a goal that is not reached", state: lit(),
			plan: func() *plan.Plan {
				p := change(transaction("t", set("paint", "a", "colour", "red")))
				p.Goal = []plan.Goal{{Condition: model.Condition{On: lampRef("z"), Measure: model.Exists, Value: 1}}}
				return p
			}(), failed: "TNR007", says: "does not reach its goal: that lamp.toy.dev/room/z exists"},
		{name: "a wait for what holds already waits for nothing", state: lit(),
			plan: change(transaction("t", set("restart", "a", "rev", "2"),
				act{"there", model.Action{Verb: model.Wait, On: lampRef("a"), Condition: model.Condition{On: lampRef("a"), Measure: model.Exists, Value: 1}}, []string{"restart"}},
				check("c", "a", "there"))),
			accepts: []plan.Accept{{Loss: plan.LossTransient, On: lampRef("a")}},
			failed:  "TNR007", says: "c may fail"},
		{name: "a repair that repairs nothing", state: dark(),
			plan:   repair(transaction("t", set("paint", "a", "colour", "red"))),
			failed: "TNR007", says: "repairs nothing"},
		{name: "a repair", state: dark(),
			plan: repair(transaction("t", set("on", "a", "on", "1"), wait("w", "a", "on")))},
		{name: "a repair of something else than it names", state: room(lamp("a", map[string]any{"on": "0", "shines": "0"}), shining("b")),
			plan: func() *plan.Plan {
				p := repair(transaction("t", set("on", "a", "on", "1")))
				p.Evidence = []plan.Evidence{{Obligation: lampRef("c")}}
				return p
			}(), failed: "TNR007", says: "does not heal what it names as evidence"},
		{name: "taking the guard away", state: room(lamp("a", map[string]any{"on": "1", "shines": "1", "guard": "x"}), shining("b"), shining("c")),
			plan:   change(transaction("t", act{"quiet", model.Action{Verb: model.Patch, On: lampRef("a"), Patch: map[string]any{"data": map[string]any{"guard": nil}}}, nil})),
			failed: "TNR008", says: "takes away guard of a"},
		{name: "another guard is no loss", state: room(lamp("a", map[string]any{"on": "1", "shines": "1", "guard": "x"}), shining("b"), shining("c")),
			plan: change(transaction("t", set("swap", "a", "guard", "y")))},
		{name: "two transactions", state: dark(),
			plan: repair(transaction("one", set("on", "a", "on", "1"), wait("w", "a", "on")), transaction("two", set("paint", "b", "colour", "red")))},
		{name: "the second one may not break what the first one healed", state: dark(),
			plan:   change(transaction("one", set("on", "a", "on", "1"), wait("w", "a", "on")), transaction("two", set("off", "a", "on", "0"))),
			failed: "TNR001 TNR004"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := verify(t, tt.state, tt.plan, tt.accepts...)
			var ids []string
			for id := range e.failed {
				ids = append(ids, string(id))
			}
			slices.Sort(ids)
			if got := strings.Join(ids, " "); got != tt.failed {
				t.Errorf("failed %q, want %q: %+v", got, tt.failed, e.failed)
			}
			if tt.says != "" && len(ids) > 0 && !strings.Contains(e.failed[tnr.ID(ids[0])].Summary, tt.says) {
				t.Errorf("%s says %q, want %q", ids[0], e.failed[tnr.ID(ids[0])].Summary, tt.says)
			}
		})
	}
}

func repair(ts ...plan.Transaction) *plan.Plan {
	p := change(ts...)
	p.Intent = plan.Repair
	return p
}

// TestStateCounts pins how many states small plans have: a count that moves is
// a change of the protocol or of the faults that are explored.
func TestStateCounts(t *testing.T) {
	paint := func(ids ...string) (out []act) {
		for i, id := range ids {
			out = append(out, set(id, obligations[i], "colour", "red"))
		}
		return out
	}
	tests := []struct {
		name             string
		plan             *plan.Plan
		states, contents int
	}{
		{"one write", change(transaction("t", paint("x")...)), 69, 2},
		{"two in a row", change(transaction("t", set("x", "a", "colour", "red"), set("y", "b", "colour", "red", "x"))), 127, 3},
		{"two unordered", change(transaction("t", paint("x", "y")...)), 209, 4},
		{"three unordered", change(transaction("t", paint("x", "y", "z")...)), 651, 8},
		{"a write and a wait", change(transaction("t", set("x", "a", "colour", "red"), wait("w", "a", "x"))), 99, 2},
	}
	for _, tt := range tests {
		e := verify(t, lit(), tt.plan)
		if e.result.States != tt.states || e.system.Contents() != tt.contents {
			t.Errorf("%s: %d states of %d clusters, pinned %d of %d", tt.name, e.result.States, e.system.Contents(), tt.states, tt.contents)
		}
	}
}

func TestUnknownsAreNamed(t *testing.T) {
	e := verify(t, lit(), change(transaction("t", set("x", "a", "odd", "1"))))
	if u := e.system.Unknowns(); len(u) != 1 || !strings.Contains(u[0], "oddity is not modelled") {
		t.Errorf("unknowns %q", u)
	}
	e = verifyIn(t, toy{noFixpoint: true}, lit(), change(transaction("t", set("x", "a", "colour", "red"))), model.NewValuation(nil))
	if u := e.system.Unknowns(); len(u) != 1 || !strings.Contains(u[0], "the lamps flicker") {
		t.Errorf("without a fixpoint: unknowns %q", u)
	}
}

func TestMissingTargetsAreDiagnostics(t *testing.T) {
	y, err := tnr.Compile(change(transaction("t", set("x", "aa", "colour", "red"), wait("w", "a"))), lit(), toy{}, model.NewValuation(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "toy:1: patch: lamp.toy.dev/room/aa is not in the cluster state (did you mean lamp.toy.dev/room/a?)"
	if got := y.Missing.Error(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAskedFactsDecide(t *testing.T) {
	fix := change(transaction("t", set("new", "a", "bulb", "new"), wait("w", "a", "new")))
	for works, failed := range map[bool]bool{true: false, false: true} {
		v := model.NewValuation(map[model.Fact]bool{"the new bulb of a works": works})
		e := verifyIn(t, toy{}, lit(), fix, v)
		if _, bad := e.failed[tnr.Progress]; bad != failed {
			t.Errorf("bulb works %v: progress failed %v", works, bad)
		}
		if got := v.Asked(); len(got) != 1 {
			t.Errorf("asked %v", got)
		}
	}
}
