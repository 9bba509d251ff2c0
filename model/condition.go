package model

import "fmt"

// Measure is what a condition reads off an object.
type Measure string

// The measures.
const (
	Available         Measure = "available"         // workload: all desired replicas are updated and available
	Ready             Measure = "ready"             // pod or node: condition Ready; service: at least one usable endpoint
	Exists            Measure = "exists"            // the object is there (Value 1) or absent (Value 0)
	ReadyEndpoints    Measure = "readyEndpoints"    // service: number of usable endpoints
	AvailableReplicas Measure = "availableReplicas" // workload: number of available replicas
	FieldValue        Measure = "field"             // the value of Field, compared with Equals
)

// Condition is one question about one object: what a wait waits for, a check
// checks and a goal demands.
type Condition struct {
	On      Ref
	Measure Measure
	Op      string // ">=", "<=", "==", "!=", ">", "<"; "" means ">="
	Value   int64  // compared with a number
	Field   Path   // FieldValue only
	Equals  any    // FieldValue only: an unstructured value
}

// Compare evaluates "have Op Value".
func (c Condition) Compare(have int64) bool {
	switch c.Op {
	case "", ">=":
		return have >= c.Value
	case "<=":
		return have <= c.Value
	case "==":
		return have == c.Value
	case "!=":
		return have != c.Value
	case ">":
		return have > c.Value
	case "<":
		return have < c.Value
	}
	return false
}

// String says the condition in words an engineer uses.
func (c Condition) String() string {
	op := c.Op
	if op == "" {
		op = ">="
	}
	switch c.Measure {
	case Available, Ready:
		return fmt.Sprintf("%s is %s", c.On, c.Measure)
	case Exists:
		if c.Value == 0 {
			return fmt.Sprintf("%s is absent", c.On)
		}
		return fmt.Sprintf("%s exists", c.On)
	case FieldValue:
		return fmt.Sprintf("%s %s %s %v", c.On, c.Field, op, c.Equals)
	}
	return fmt.Sprintf("%s %s %s %d", c.On, c.Measure, op, c.Value)
}
