package model

import "fmt"

// Verb is what an action does: the API's verbs, a roll-back that is resolved
// into a patch before anything runs, and the two that only look.
type Verb uint8

// The verbs. Everything a plan can say lowers to one of them.
const (
	Create   Verb = iota + 1 // add Object
	Patch                    // merge Patch into the object (see Merge)
	Delete                   // remove the object; Orphan says what becomes of its dependents
	Scale                    // set spec.replicas
	Evict                    // remove a pod, if the disruption budgets allow
	Rollback                 // return a Deployment to an earlier revision; resolved to a Patch by Physics.Resolve
	Wait                     // until Condition holds, or fail
	Check                    // that Condition holds now, or fail
)

var verbNames = [...]string{"", "create", "patch", "delete", "scale", "evict", "rollback", "wait", "check"}

// String returns the verb as plans and journals spell it.
func (v Verb) String() string {
	if int(v) < len(verbNames) {
		return verbNames[v]
	}
	return fmt.Sprintf("verb(%d)", uint8(v))
}

// ParseVerb is the inverse of String.
func ParseVerb(s string) (Verb, bool) {
	for i, n := range verbNames {
		if i > 0 && n == s {
			return Verb(i), true
		}
	}
	return 0, false
}

// Writes reports whether the verb changes the cluster.
func (v Verb) Writes() bool { return v >= Create && v <= Rollback }

// Action is one primitive. Which fields matter depends on Verb; the maps are
// unstructured values as in NewObject and must not be changed.
type Action struct {
	Verb      Verb
	On        Ref
	Object    map[string]any // Create
	Patch     map[string]any // Patch
	Adds      bool           // Patch: containers and ports that are not there are added; otherwise naming one is a mistake
	Replicas  int32          // Scale
	Revision  int64          // Rollback; 0 is the revision before the current one
	Orphan    bool           // Delete: keep the dependents, as propagationPolicy=Orphan
	Condition Condition      // Wait, Check
	Timeout   string         // Wait: a Go duration; in the model a timeout is the failure branch
}

// Class says how faithfully an action can be taken back.
// Source: the four reversibility classes of docs/lifecycle.md.
type Class uint8

// Classes, best first.
const (
	R0 Class = iota // the object is restored exactly and nothing else moved
	R1              // desired state is restored exactly; pods are replaced by equivalent ones
	R2              // exact only with a preparation, or with the object's identity (uid) lost
	R3              // information or an external effect is destroyed
)

// String returns "R0" to "R3".
func (c Class) String() string { return fmt.Sprintf("R%d", uint8(c)) }
