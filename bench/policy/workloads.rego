# METADATA
# title: The built-in rules that one object can answer
# description: >-
#   The content of policies/workloads, network, secrets and cluster, restated for a
#   checker that sees one manifest at a time: what a plan must not bring in, a
#   manifest must not have. Only the benchmark uses it.
package main

pod_spec := input.spec if input.kind == "Pod"

pod_spec := input.spec.jobTemplate.spec.template.spec if input.kind == "CronJob"

pod_spec := input.spec.template.spec if not input.kind in {"Pod", "CronJob"}

containers contains c if {
	some list in ["initContainers", "containers", "ephemeralContainers"]
	some c in pod_spec[list]
}

deny contains sprintf("%s/%s: container %s is privileged", [input.kind, input.metadata.name, c.name]) if {
	some c in containers
	c.securityContext.privileged
}

deny contains sprintf("%s/%s: volume %s is a hostPath", [input.kind, input.metadata.name, v.name]) if {
	some v in pod_spec.volumes
	v.hostPath
}

deny contains sprintf("%s/%s: %s", [input.kind, input.metadata.name, field]) if {
	some field in ["hostNetwork", "hostPID", "hostIPC"]
	pod_spec[field]
}

registries := {"docker.io/deathstarbench", "docker.io/hashicorp", "docker.io/jaegertracing", "docker.io/library"}

has_host(image) if regex.match(`^([^/]*[.:][^/]*|localhost)/`, image)

registry(image) := concat("/", array.slice(split(image, "/"), 0, 2)) if has_host(image)

registry(image) := concat("/", ["docker.io", split(image, "/")[0]]) if {
	not has_host(image)
	contains(image, "/")
}

registry(image) := "docker.io/library" if not contains(image, "/")

deny contains sprintf("%s/%s: image %s is from %s", [input.kind, input.metadata.name, c.image, registry(c.image)]) if {
	some c in containers
	not registry(c.image) in registries
}

warn contains sprintf("%s/%s: image %s names no version", [input.kind, input.metadata.name, c.image]) if {
	some c in containers
	not contains(c.image, "@")
	regex.match(`(^|/)[^/:]+(:latest)?$`, c.image)
}

warn contains sprintf("%s/%s: container %s has no %s", [input.kind, input.metadata.name, c.name, probe]) if {
	some c in containers
	some probe in ["livenessProbe", "readinessProbe"]
	not c[probe]
}

warn contains sprintf("%s/%s: container %s has no limits", [input.kind, input.metadata.name, c.name]) if {
	some c in containers
	not c.resources.limits
}

deny contains sprintf("%s/%s: the selector is empty", [input.kind, input.metadata.name]) if {
	input.kind == "Service"
	input.spec.type != "ExternalName"
	object.get(input.spec, "selector", {}) == {}
}

deny contains sprintf("%s/%s: selects every pod", [input.kind, input.metadata.name]) if {
	input.kind == "NetworkPolicy"
	object.get(input.spec, "podSelector", {}) == {}
}

deny contains sprintf("%s/%s: the value of %s is written out", [input.kind, input.metadata.name, e.name]) if {
	some c in containers
	some e in c.env
	regex.match(`(?i)(^|_)(password|passwd|passphrase|token|secret|key|apikey|credentials?)$`, e.name)
	not regex.match(`^(\$\([A-Za-z0-9_.-]+\))?$`, object.get(e, "value", ""))
}

deny contains sprintf("%s/%s: is in %s", [input.kind, input.metadata.name, input.metadata.namespace]) if {
	input.metadata.namespace in {"kube-system", "kube-public", "kube-node-lease"}
}
