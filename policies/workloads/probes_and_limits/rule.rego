# METADATA
# title: Probes and limits are corrected, not removed
# description: >-
#   A container that stays should keep its probes and its resource limits. An accepted
#   loss of coverage waives it.
# custom:
#   id: POL-workloads-probes-and-limits
#   level: warn
#   scope: action
package stratus.workloads.probes_and_limits

import data.stratus.lib

# kept pairs the containers that are there before and after, by name.
kept contains [old, new] if {
	some old in lib.containers(lib.before)
	some new in lib.containers(lib.after)
	old.name == new.name
}

lost contains [old.name, probe] if {
	some [old, new] in kept
	some probe in ["livenessProbe", "readinessProbe", "startupProbe"]
	old[probe]
	not new[probe]
}

lost contains [old.name, sprintf("limit of %s", [resource])] if {
	some [old, new] in kept
	some resource, _ in old.resources.limits
	not new.resources.limits[resource]
}

warn contains {
	"msg": sprintf("container %s of %s loses its %s", [container, input.action.on, what]),
	"hint": "correct its path, port, timing or amount instead",
} if {
	some [container, what] in lost
	not lib.accepted("coverage", input.action.on)
}
