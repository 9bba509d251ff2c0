package stratus.workloads.registry_test

import data.stratus.workloads.registry

deployment(image) := {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"image": image}]}}}}

cluster := {
	"Deployment": {"shop": {"cart": deployment("ghcr.io/acme/cart:v1")}},
	"Pod": {"shop": {"cache": {"kind": "Pod", "spec": {"containers": [{"image": "redis"}]}}}},
}

judge(old, new) := found if {
	found := registry.deny with data.cluster as cluster with input.action as {
		"on": "deployment/shop/cart",
		"before": deployment(old), "after": deployment(new),
	}
}

test_unknown_host if {
	some d in judge("ghcr.io/acme/cart:v1", "evil.example/acme/cart:v2")
	d.msg == "deployment/shop/cart runs evil.example/acme/cart:v2, and nothing in the cluster comes from evil.example/acme"
	d.hint == "use an image of: docker.io/library, ghcr.io/acme"
}

test_unknown_path_of_a_known_host if count(judge("ghcr.io/acme/cart:v1", "ghcr.io/acme-evil/cart:v1")) == 1

test_other_image_of_a_known_registry if count(judge("ghcr.io/acme/cart:v1", "ghcr.io/acme/checkout:v7")) == 0

test_short_name_of_a_known_registry if count(judge("ghcr.io/acme/cart:v1", "memcached:1.6")) == 0

test_short_name_beside_a_path if count(judge("ghcr.io/acme/cart:v1", "someone/redis")) == 1

test_image_was_there if count(judge("evil.example/acme/cart:v2", "evil.example/acme/cart:v2")) == 0
