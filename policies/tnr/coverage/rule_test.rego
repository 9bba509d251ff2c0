package stratus.tnr.coverage_test

import data.stratus.tnr.coverage

probe := {"check": "readinessProbe", "subject": "deployment/shop/cart container main", "by": "deployment/shop/cart", "detail": "port 80"}

judge(at_end, now, accepts) := found if {
	found := coverage.deny with input as {
		"at_end": at_end, "start_coverage": [probe], "coverage": now, "accepts": accepts,
	}
}

test_lost if {
	judge(true, [], []) == {{"msg": "readinessProbe of deployment/shop/cart container main is lost"}}
}

test_kept if count(judge(true, [probe], [])) == 0

test_changed_detail_is_kept if count(judge(true, [object.union(probe, {"detail": "port 8080"})], [])) == 0

test_held_by_another_object if count(judge(true, [object.union(probe, {"by": "deployment/shop/cart2"})], [])) == 0

test_lost_on_the_way_only if count(judge(false, [], [])) == 0

test_accepted if count(judge(true, [], [{"loss": "coverage", "on": "deployment/shop/cart"}])) == 0
