package stratus.workloads.latest_tag_test

import data.stratus.workloads.latest_tag

deployment(image) := {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"image": image}]}}}}

judge(old, new) := found if {
	found := latest_tag.warn with input.action as {
		"on": "deployment/shop/cart",
		"before": deployment(old), "after": deployment(new),
	}
}

test_latest if count(judge("cart:v1", "cart:latest")) == 1

test_no_tag if count(judge("cart:v1", "registry:5000/shop/cart")) == 1

test_version if count(judge("cart:v1", "cart:v2")) == 0

test_version_that_begins_so if count(judge("cart:v1", "cart:latest-2026")) == 0

test_digest if count(judge("cart:v1", "cart:latest@sha256:0a1b")) == 0

test_latest_from_the_start if count(judge("cart:latest", "cart:latest")) == 0
