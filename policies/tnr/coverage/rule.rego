# METADATA
# title: Coverage, in Rego
# description: >-
#   When a transaction is about to commit, no (check, subject) pair of the start is
#   missing, unless a loss of coverage is accepted for the object that held the check.
# custom:
#   id: TNR008
#   level: deny
#   scope: check
package stratus.tnr.coverage

import data.stratus.lib

pairs(list) := {[c.check, c.subject] | some c in list}

deny contains {"msg": sprintf("%s of %s is lost", [c.check, c.subject])} if {
	input.at_end
	some c in input.start_coverage
	not [c.check, c.subject] in pairs(input.coverage)
	not lib.accepted("coverage", c.by)
}
