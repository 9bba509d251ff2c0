package txn

import "fmt"

// Kind is what happened.
type Kind uint8

// Events. The driver chooses Begin, Start, Finish, StartUndo, Recover and
// Close; the world answers with the others.
const (
	Begin     Kind = iota + 1 // open the transaction
	Start                     // begin action Action: send its request, or look
	Applied                   // the request was answered: it took effect
	Refused                   // the request was answered: it took no effect
	Ambiguous                 // no answer: it may have taken effect or not
	Landed                    // looked: it took effect
	NotLanded                 // looked: it did not, and the fence keeps it out
	Holds                     // a wait or check succeeded
	Fails                     // a wait timed out, or a check is false
	Finish                    // everything is done: judge the state
	Pass                      // the gate found the state no worse
	Reject                    // the gate found it worse, or could not tell
	StartUndo                 // begin taking action Action back
	Conflict                  // an undo met a foreign change and left it alone
	Crash                     // the process died; only the journal is left
	Recover                   // a process took the journal over
	Fenced                    // requests of the dead process can land no more
	Close                     // nothing is left to do
)

var kindNames = [...]string{
	"", "begin", "start", "applied", "refused", "ambiguous", "landed", "not-landed", "holds", "fails", "finish",
	"pass", "reject", "start-undo", "conflict", "crash", "recover", "fenced", "close",
}

// String returns the name that transcripts use.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// ParseKind is the inverse of String.
func ParseKind(s string) (Kind, bool) {
	for i, n := range kindNames {
		if i > 0 && n == s {
			return Kind(i), true
		}
	}
	return 0, false
}

// Event is one input of the machine. Action is meaningful for Start and
// StartUndo, 0 otherwise: the machine knows what is in flight.
type Event struct {
	Kind   Kind
	Action int8
}

// String returns "start 2", "applied".
func (e Event) String() string {
	if e.Kind == Start || e.Kind == StartUndo {
		return fmt.Sprintf("%s %d", e.Kind, e.Action)
	}
	return e.Kind.String()
}

// RecordKind is a kind of journal record.
type RecordKind uint8

// Journal records. A journal is a trace: these names are what a formal
// specification of the protocol calls its actions.
const (
	BEGIN RecordKind = iota + 1
	INTENT
	DONE
	CHECK // a wait or check held; without an action: the gate passed
	COMMIT
	ABORT
	CLRINTENT
	CLRDONE
	UNDOBLOCKED
	END
)

var recordNames = [...]string{"", "BEGIN", "INTENT", "DONE", "CHECK", "COMMIT", "ABORT", "CLR-INTENT", "CLR-DONE", "UNDO_BLOCKED", "END"}

// String returns the name in the journal.
func (k RecordKind) String() string {
	if int(k) < len(recordNames) {
		return recordNames[k]
	}
	return fmt.Sprintf("record(%d)", uint8(k))
}

// Record is one line of the journal. Action is -1 where it has none.
type Record struct {
	Kind   RecordKind
	Action int8
}

// String returns "INTENT 2", "COMMIT".
func (r Record) String() string {
	if r.Action < 0 {
		return r.Kind.String()
	}
	return fmt.Sprintf("%s %d", r.Kind, r.Action)
}

// EffectKind is what a driver must do once the records are durable.
type EffectKind uint8

// Effects.
const (
	Nothing  EffectKind = iota
	Send                // send the action's request; answer Applied, Refused or Ambiguous
	Look                // read whether the request in doubt took effect; answer Landed or NotLanded
	Observe             // evaluate the wait or check; answer Holds or Fails
	Judge               // compare severity; answer Pass or Reject
	SendUndo            // send the compensating request; answer Applied, Ambiguous or Conflict
	LookUndo            // read whether the compensation took effect; answer Landed or NotLanded
	Fence               // touch the footprint so that no old request can land; answer Fenced
)

var effectNames = [...]string{"", "send", "look", "observe", "judge", "send-undo", "look-undo", "fence"}

// String returns the name that transcripts use.
func (k EffectKind) String() string {
	if int(k) < len(effectNames) {
		return effectNames[k]
	}
	return fmt.Sprintf("effect(%d)", uint8(k))
}

// Ready says what follows from an event: first the records, made durable in
// this order, then the effect. A driver that crashes in between has made the
// records durable and not done the effect, which is one of the crashes that
// the verifier explores.
type Ready struct {
	Records []Record
	Effect  EffectKind
	Action  int8 // of the effect; -1 where it has none
}
