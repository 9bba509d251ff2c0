# METADATA
# title: Credentials are not written into plans
# description: >-
#   Plans do not set data of Secrets, and give environment variables that look like
#   credentials by reference only.
# custom:
#   id: POL-secrets-inline
#   level: deny
#   scope: action
package stratus.secrets.inline

import data.stratus.lib

deny contains {
	"msg": sprintf("%s: %s is written out in the plan", [input.action.on, change.path]),
	"hint": "let a person or the secret store write it, and refer to it by name",
} if {
	input.action.ref.kind == "Secret"
	some change in input.action.changes
	regex.match(`^(data|stringData)(\.|$)`, change.path)
	change.after
}

deny contains {
	"msg": sprintf("%s: the value of %s in container %s is written out in the plan", [input.action.on, e.name, c.name]),
	"hint": "refer to a Secret: setSecretKeyRef, or valueFrom.secretKeyRef",
} if {
	some c in lib.containers(lib.after)
	some e in c.env
	credential(e)
	not [c.name, e] in env_before
}

env_before contains [c.name, e] if {
	some c in lib.containers(lib.before)
	some e in c.env
}

# credential holds for a literal under a name that credentials have. "$(NAME)"
# alone refers to another variable, which is judged itself.
credential(e) if {
	regex.match(`(?i)(^|_)(password|passwd|passphrase|token|secret|key|apikey|credentials?)$`, e.name)
	not regex.match(`^(\$\([A-Za-z0-9_.-]+\))?$`, object.get(e, "value", ""))
}
