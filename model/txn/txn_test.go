package txn_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stratus-sre/stratus/internal/testkit"
	"github.com/stratus-sre/stratus/model/plan"
	"github.com/stratus-sre/stratus/model/txn"
	"github.com/stratus-sre/stratus/verifier/explore"
)

// graph reads "0 1<0 2<1? pivot=2": actions by number, what each waits for,
// "?" for those that only look.
func graph(t *testing.T, text string) *txn.Graph {
	t.Helper()
	g := &txn.Graph{Pivot: -1}
	var actions []plan.Action
	for _, f := range strings.Fields(text) {
		if p, ok := strings.CutPrefix(f, "pivot="); ok {
			g.Pivot, _ = strconv.Atoi(p)
			continue
		}
		look := strings.HasSuffix(f, "?")
		_, after, _ := strings.Cut(strings.TrimSuffix(f, "?"), "<")
		var a plan.Action
		for _, w := range strings.Split(after, ",") {
			if i, err := strconv.Atoi(w); err == nil {
				a.After = append(a.After, i)
			}
		}
		if !look {
			g.Writes = g.Writes.With(len(actions))
		}
		actions = append(actions, a)
	}
	order, cycle := plan.NewOrder(actions)
	if cycle != nil {
		t.Fatalf("%s: cycle %v", text, cycle)
	}
	g.Order = order
	return g
}

// TestTranscripts replays the stories in testdata: each line of a story is an
// event, below it stands what became durable, what is to be done, and the
// phase reached. Refresh with -update and read the difference.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			testkit.Golden(t, file, replay(t, string(data)))
		})
	}
}

func replay(t *testing.T, text string) string {
	var out strings.Builder
	var g *txn.Graph
	var m txn.Machine
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "graph "):
			g, m = graph(t, strings.TrimPrefix(line, "graph ")), txn.Machine{}
			fmt.Fprintln(&out, line)
		case strings.HasPrefix(line, "> "):
			fmt.Fprintln(&out, line)
			m = event(&out, g, m, strings.Fields(line[2:]))
		case strings.HasPrefix(line, "  "):
			// old output
		default:
			fmt.Fprintln(&out, line)
		}
	}
	return out.String()
}

func event(out *strings.Builder, g *txn.Graph, m txn.Machine, words []string) txn.Machine {
	kind, ok := txn.ParseKind(words[0])
	if !ok {
		fmt.Fprintf(out, "  unknown event %s\n", words[0])
		return m
	}
	e := txn.Event{Kind: kind}
	if len(words) > 1 {
		i, _ := strconv.Atoi(words[1])
		e.Action = int8(i)
	}
	next, ready, err := m.Step(g, e)
	if err != nil {
		fmt.Fprintf(out, "  %v\n", err)
		return m
	}
	for _, r := range ready.Records {
		fmt.Fprintf(out, "  durable  %s\n", r)
	}
	if ready.Effect != txn.Nothing {
		if ready.Action >= 0 {
			fmt.Fprintf(out, "  then     %s %d\n", ready.Effect, ready.Action)
		} else {
			fmt.Fprintf(out, "  then     %s\n", ready.Effect)
		}
	}
	fmt.Fprintf(out, "  phase    %s\n", next.Phase)
	return next
}

// world drives a machine through everything that may happen, with budgets for
// failures and crashes. It keeps what a cluster would hold, as one bit an
// action, apart from what the machine believes.
type world struct {
	M        txn.Machine
	Effects  plan.Set // what the cluster holds
	Landed   bool
	Failures int8
	Crashes  int8
}

type driver struct {
	g                 *txn.Graph
	failures, crashes int8
}

func (d driver) Init() []world { return []world{{Failures: d.failures, Crashes: d.crashes}} }

func (d driver) Next(w world, buf []explore.Edge[world, txn.Event]) []explore.Edge[world, txn.Event] {
	emit := func(k txn.Kind, action int8, x world) {
		e := txn.Event{Kind: k, Action: action}
		m, _, err := w.M.Step(d.g, e)
		if err != nil {
			panic(err)
		}
		x.M = m
		buf = append(buf, explore.Edge[world, txn.Event]{Label: e, To: x})
	}
	fail := func(k txn.Kind, x world) {
		if x.Failures > 0 {
			x.Failures--
			emit(k, 0, x)
		}
	}
	crash := func(x world) {
		if x.Crashes > 0 {
			x.Crashes--
			emit(txn.Crash, 0, x)
		}
	}
	flip := func(x world) world {
		if w.M.Undo {
			x.Effects = x.Effects.Without(int(w.M.Current))
		} else {
			x.Effects = x.Effects.With(int(w.M.Current))
		}
		return x
	}
	landed := func(x world) world { x = flip(x); x.Landed = true; return x }
	switch w.M.Phase {
	case txn.Idle:
		emit(txn.Begin, 0, w)
	case txn.Open:
		for i := range w.M.MayStart(d.g).All() {
			emit(txn.Start, int8(i), w)
		}
		if w.M.MayFinish(d.g) {
			emit(txn.Finish, 0, w)
		}
		crash(w)
	case txn.Asked, txn.UndoAsked:
		emit(txn.Applied, 0, flip(w))
		if w.M.Phase == txn.Asked {
			fail(txn.Refused, w)
		}
		fail(txn.Ambiguous, w)
		fail(txn.Ambiguous, landed(w))
		crash(w)
		crash(landed(w))
	case txn.Unsure, txn.UndoUnsure:
		x := w
		x.Landed = false
		if w.Landed {
			emit(txn.Landed, 0, x)
		} else {
			emit(txn.NotLanded, 0, x)
		}
		crash(w)
	case txn.Looking:
		emit(txn.Holds, 0, w)
		fail(txn.Fails, w)
		crash(w)
	case txn.Gate:
		emit(txn.Pass, 0, w)
		fail(txn.Reject, w)
		crash(w)
	case txn.Closing:
		emit(txn.Close, 0, w)
		crash(w)
	case txn.Undoing:
		for i := range w.M.MayUndo(d.g).All() {
			emit(txn.StartUndo, int8(i), w)
		}
		if w.M.ToUndo(d.g) == 0 {
			emit(txn.Close, 0, w)
		}
		crash(w)
	case txn.Down:
		emit(txn.Recover, 0, w)
	case txn.Fencing:
		emit(txn.Fenced, 0, w)
		crash(w)
	}
	return buf
}

// TestEveryExecution walks the machine through all events on small graphs. An
// execution ends with everything in effect or with nothing; the counts are
// pinned, since a count that moves is a change of the protocol.
func TestEveryExecution(t *testing.T) {
	tests := []struct {
		graph             string
		failures, crashes int8
		states            int
	}{
		{"0", 0, 0, 7},
		{"0", 1, 1, 69},
		{"0 1<0", 1, 1, 127},
		{"0 1", 1, 1, 209},
		{"0 1 2", 1, 1, 651},
		{"0 1<0? 2<1", 1, 2, 315},
		{"0 1<0 2<0 3<1,2", 1, 2, 863},
		{"0 1<0 pivot=1", 1, 2, 223},
	}
	for _, tt := range tests {
		name := fmt.Sprintf("%s, %d failures, %d crashes", tt.graph, tt.failures, tt.crashes)
		t.Run(name, func(t *testing.T) {
			d := driver{graph(t, tt.graph), tt.failures, tt.crashes}
			atomic := explore.Property[world]{Name: "all or nothing", Holds: func(w world, out int) bool {
				switch w.M.Phase {
				case txn.Committed:
					return w.Effects == d.g.Writes
				case txn.Aborted:
					return w.Effects == 0
				}
				return out > 0 // nothing else ends, and without a foreign writer nothing is blocked
			}}
			logged := explore.Property[world]{Name: "no effect without a record", Holds: func(w world, _ int) bool {
				known := w.M.Done &^ w.M.Undone
				if w.M.InDoubt {
					known = known.With(int(w.M.Current))
				}
				return known.Contains(w.Effects)
			}}
			r, err := explore.Run(context.Background(), d, []explore.Property[world]{atomic, logged}, explore.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range r.Violations {
				p, _ := r.PathTo(w)
				t.Errorf("property %d fails in %+v after %v", i, w, p.Steps)
			}
			if r.States != tt.states {
				t.Errorf("%d states, pinned %d", r.States, tt.states)
			}
		})
	}
}

func TestEventsOutOfTurnAreRefused(t *testing.T) {
	g := graph(t, "0 1<0")
	open, _, _ := txn.Machine{}.Step(g, txn.Event{Kind: txn.Begin})
	tests := []struct {
		name string
		m    txn.Machine
		e    txn.Event
	}{
		{"start before begin", txn.Machine{}, txn.Event{Kind: txn.Start}},
		{"begin twice", open, txn.Event{Kind: txn.Begin}},
		{"an action that waits", open, txn.Event{Kind: txn.Start, Action: 1}},
		{"an action that is not there", open, txn.Event{Kind: txn.Start, Action: 7}},
		{"a negative action", open, txn.Event{Kind: txn.Start, Action: -1}},
		{"finish too early", open, txn.Event{Kind: txn.Finish}},
		{"an answer to nothing", open, txn.Event{Kind: txn.Applied}},
		{"undo while doing", open, txn.Event{Kind: txn.StartUndo}},
		{"crash before anything is durable", txn.Machine{}, txn.Event{Kind: txn.Crash}},
		{"a corrupt machine", txn.Machine{Phase: txn.Open, Done: 4}, txn.Event{Kind: txn.Finish}},
		{"undone but never done", txn.Machine{Phase: txn.Undoing, Undone: 1}, txn.Event{Kind: txn.Close}},
		{"done out of order", txn.Machine{Phase: txn.Open, Done: 2}, txn.Event{Kind: txn.Start}},
	}
	for _, tt := range tests {
		if next, _, err := tt.m.Step(g, tt.e); err == nil || next != tt.m {
			t.Errorf("%s: accepted, phase %s", tt.name, next.Phase)
		}
	}
}

func TestKindsReadBack(t *testing.T) {
	for k := txn.Begin; k <= txn.Close; k++ {
		if got, ok := txn.ParseKind(k.String()); !ok || got != k {
			t.Errorf("%v reads back as %v", k, got)
		}
	}
	if _, ok := txn.ParseKind("nonsense"); ok {
		t.Error("nonsense is an event")
	}
}
