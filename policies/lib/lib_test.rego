package stratus.lib_test

import data.stratus.lib

test_registry_writes_docker_defaults_out if {
	cases := {
		"redis:alpine": "docker.io/library",
		"deathstar/geo:latest": "docker.io/deathstar",
		"docker.io/redis": "docker.io/library",
		"ghcr.io/acme/shop/cart:v1": "ghcr.io/acme",
		"localhost/cart": "localhost",
		"registry:5000/cart@sha256:0a": "registry:5000",
	}
	got := {image: lib.registry(image) | some image, _ in cases}
	got == cases
}

test_floating if {
	lib.floating("cart")
	lib.floating("cart:latest")
	lib.floating("registry:5000/shop/cart")
	lib.floating("registry:5000/shop/cart:latest")
}

test_not_floating if {
	not lib.floating("cart:v1")
	not lib.floating("cart@sha256:0a")
	not lib.floating("cart:latest@sha256:0a")
	not lib.floating("registry:5000/shop/cart:v1")
}

test_containers_of_every_kind if {
	spec := {"initContainers": [{"image": "a"}], "containers": [{"image": "b"}]}
	lib.images({"kind": "Pod", "spec": spec}) == {"a", "b"}
	lib.images({"kind": "Deployment", "spec": {"template": {"spec": spec}}}) == {"a", "b"}
	lib.images({"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}) == {"a", "b"}
	lib.images({}) == set()
}

test_entry_services if {
	got := lib.entry_services with data.cluster as {
		"Service": {"shop": {
			"front": {"spec": {"type": "LoadBalancer"}},
			"cart": {"spec": {"type": "ClusterIP"}},
			"old": {"spec": {"type": "NodePort"}},
		}},
		"Ingress": {"shop": {"web": {"spec": {
			"defaultBackend": {"service": {"name": "fallback"}},
			"rules": [{"http": {"paths": [{"backend": {"service": {"name": "api"}}}]}}],
		}}}},
		"HTTPRoute": {"shop": {"r": {"spec": {"rules": [{"backendRefs": [
			{"name": "routed"},
			{"name": "far", "namespace": "other"},
			{"name": "bucket", "kind": "Bucket"},
		]}]}}}},
	}
	got == {["shop", "front"], ["shop", "old"], ["shop", "fallback"], ["shop", "api"], ["shop", "routed"], ["other", "far"]}
}

test_selects_needs_every_pair if {
	lib.selects({"a": "1"}, {"a": "1", "b": "2"})
	not lib.selects({"a": "1", "b": "2"}, {"a": "1"})
	not lib.selects({}, {"a": "1"})
}

test_accepted_names_loss_and_object if {
	accepts := [{"loss": "coverage", "on": "deployment/shop/cart"}]
	lib.accepted("coverage", "deployment/shop/cart") with input.accepts as accepts
	not lib.accepted("outage", "deployment/shop/cart") with input.accepts as accepts
	not lib.accepted("coverage", "deployment/shop/other") with input.accepts as accepts
}
