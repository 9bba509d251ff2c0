package stratus.plan.evidence_test

import data.stratus.plan.evidence

judge(intent, list) := found if {
	found := evidence.warn with input.plan as {"intent": intent, "evidence": list}
}

test_repair_without_evidence if count(judge("repair", [])) == 1

test_repair_of_an_obligation if count(judge("repair", [{"obligation": "service/shop/cart"}])) == 0

test_repair_of_what_an_oracle_saw if count(judge("repair", [{"oracle": "HighErrorRate"}])) == 0

test_change_without_evidence if count(judge("change", [])) == 0
