// Package txn is the transaction protocol as a pure machine: events in, a Ready
// out that says what must be made durable BEFORE what is done. One machine has
// two drivers: the verifier drives it through every interleaving and fault, the
// executor drives it against a cluster. What is verified is what runs.
//
// The machine has no clock, no I/O and no goroutine. Its state is small,
// fixed-size and comparable, so that a checker can use it as a map key.
//
// # Protocol
//
//	          Begin            Start(i)            Applied
//	Idle ───────────▶ Open ◀──────────────▶ Asked ─────────▶ Open
//	                   │ ▲  Start(look)       │ Ambiguous
//	                   │ └──────── Looking    ▼
//	            Finish │           │       Unsure ── Landed ──▶ Open
//	                   ▼     Fails │          │
//	                  Gate ──────┐ │ ┌────────┘ NotLanded
//	             Pass │   Reject ▼ ▼ ▼
//	                  ▼         Undoing ◀────▶ UndoAsked, UndoUnsure
//	               Closing         │
//	                  │ Close      │ Close
//	                  ▼            ▼
//	              Committed    Aborted, Blocked
//
//	every phase but the last three ── Crash ──▶ Down ── Recover ──▶ Fencing ── Fenced ──▶ …
//
// The rules, with the words of write-ahead logging:
//
//   - Write-ahead: INTENT(i) is durable before the request of i leaves, DONE(i)
//     before anything else starts. At most one request is in flight.
//   - Presumed abort: a journal without COMMIT is undone by whoever recovers it.
//   - Compensation: an undo is itself logged, CLR-INTENT(i) and CLR-DONE(i), so a
//     crash while undoing resumes and never undoes the undo.
//   - Ambiguity: a request whose answer was lost is resolved by looking, after a
//     fence that keeps it from landing later; never by guessing.
//   - Undo takes any action that no later one depends on; the order in which
//     actions were done is one such choice read backwards (LIFO).
//   - Pivot: one irreversible action may come last. The gate is judged before
//     it, and once its INTENT is durable recovery rolls forward.
//
// Sources: Mohan et al., ARIES (TODS 1992): write-ahead log, compensation log
// records; Mohan, Lindsay, Obermarck, R* (TODS 1986): presumed abort;
// Garcia-Molina, Salem, Sagas (SIGMOD 1987): compensation, the pivot; the TNR
// rules are those of STRATUS (arXiv 2506.02009): checkpoint, execute, commit iff
// no worse, otherwise undo everything.
//
// # Reading order
//
//	machine.go   Machine, Graph and Ready
//	event.go     what can happen
//	step.go      the transition function
package txn
