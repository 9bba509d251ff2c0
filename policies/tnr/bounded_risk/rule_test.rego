package stratus.tnr.bounded_risk_test

import data.stratus.tnr.bounded_risk

down := {"entity": "service/shop/cart", "what": "has no usable endpoint"}

lost := {"entity": "persistentvolumeclaim/shop/orders", "what": "is gone"}

severity(change) := object.union({"T0": [], "T1": [], "T2": []}, change)

plan(n) := {"bounds": {"actions": 2}, "transactions": [{"name": "t", "actions": numbers.range(1, n)}]}

judge(n, start, worst, accepts) := found if {
	found := bounded_risk.deny with input as {
		"plan": plan(n), "start": severity(start), "worst": severity(worst), "accepts": accepts,
	}
}

test_gained if {
	judge(1, {}, {"T2": [down]}, []) == {{"msg": "T2 gains service/shop/cart: has no usable endpoint"}}
}

test_there_at_the_start if count(judge(1, {"T2": [down]}, {"T2": [down]}, [])) == 0

test_another_symptom_of_the_entity if {
	count(judge(1, {"T2": [down]}, {"T2": [object.union(down, {"what": "is gone"})]}, [])) == 1
}

test_in_another_tier_at_the_start if count(judge(1, {"T2": [down]}, {"T1": [down]}, [])) == 1

test_outage_accepted if count(judge(1, {}, {"T1": [down]}, [{"loss": "outage", "on": "service/shop/cart"}])) == 0

test_lost_data_cannot_be_accepted if {
	count(judge(1, {}, {"T0": [lost]}, [{"loss": "outage", "on": "persistentvolumeclaim/shop/orders"}])) == 1
}

test_as_many_actions_as_allowed if count(judge(2, {}, {}, [])) == 0

test_too_many_actions if {
	judge(3, {}, {}, []) == {{"msg": "transaction t has 3 actions, more than 2"}}
}

test_a_fault_is_no_outage if count(judge(1, {}, {"T5": [down]}, [])) == 0

test_in_flight_at_the_start if {
	count(bounded_risk.deny) == 0 with input as {
		"plan": plan(1), "start": severity({}), "start_worst": severity({"T2": [down]}),
		"worst": severity({"T2": [down]}), "accepts": [],
	}
}
