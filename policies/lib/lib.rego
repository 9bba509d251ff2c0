# METADATA
# title: What rules share
# description: >-
#   Helpers over the object that an action writes, and over images and entry
#   services. An object that is absent reads as {}, so that "before" and "after"
#   can be compared without asking whether they are there.
package stratus.lib

# before and after are the object of the action, {} where it is absent.
before := object.get(input, ["action", "before"], {})

after := object.get(input, ["action", "after"], {})

# accepted holds if somebody accepts the loss of the object in writing. Only
# rules that ask are waived.
accepted(loss, on) if {
	some a in input.accepts
	a.loss == loss
	a.on == on
}

# pod_spec is the pod that a workload makes, or the pod itself.
pod_spec(o) := o.spec if o.kind == "Pod"

pod_spec(o) := o.spec.jobTemplate.spec.template.spec if o.kind == "CronJob"

pod_spec(o) := o.spec.template.spec if not o.kind in {"Pod", "CronJob"}

# containers are all containers of a pod spec, init and ephemeral ones too.
containers(o) := [c |
	some list in ["initContainers", "containers", "ephemeralContainers"]
	some c in pod_spec(o)[list]
]

# images are the images of all containers.
images(o) := {c.image | some c in containers(o)}

# new_images are those that the action brings in.
new_images := images(after) - images(before)

# registry is host/first-path of an image, with Docker's defaults written out.
# Source: the reference grammar of the distribution project.
registry(image) := concat("/", [host(image), parts[0]]) if {
	parts := split(path(image), "/")
	count(parts) > 1
}

registry(image) := "docker.io/library" if {
	not contains(path(image), "/")
	host(image) == "docker.io"
}

registry(image) := host(image) if {
	not contains(path(image), "/")
	host(image) != "docker.io"
}

# host is the registry's host: the first component, if it looks like one.
host(image) := split(image, "/")[0] if has_host(image)

host(image) := "docker.io" if not has_host(image)

# path is the image without host.
path(image) := trim_prefix(image, concat("", [host(image), "/"])) if has_host(image)

path(image) := image if not has_host(image)

has_host(image) if regex.match(`^([^/]*[.:][^/]*|localhost)/`, image)

# floating holds for an image that names no content: no digest, and the tag
# latest or none.
floating(image) if regex.match(`(^|/)[^/:]+(:latest)?$`, image)

# entry_services are the Services that users come in through, as
# [namespace, name].
# Source: Ingress v1, HTTPRoute v1 and Service types of the Kubernetes API.
entry_services contains [ns, name] if {
	some ns, services in data.cluster.Service
	some name, s in services
	s.spec.type in {"LoadBalancer", "NodePort"}
}

entry_services contains [ns, backend.service.name] if {
	some ns, ingresses in data.cluster.Ingress
	some i in ingresses
	some backend in array.concat(
		[i.spec.defaultBackend | i.spec.defaultBackend],
		[p.backend | some p in i.spec.rules[_].http.paths],
	)
}

entry_services contains [object.get(backend, "namespace", ns), backend.name] if {
	some ns, routes in data.cluster.HTTPRoute
	some r in routes
	some backend in r.spec.rules[_].backendRefs
	object.get(backend, "kind", "Service") == "Service"
}

# selects holds if a selector that is not empty selects the labels.
selects(selector, labels) if {
	count(selector) > 0
	every key, value in selector {
		labels[key] == value
	}
}
