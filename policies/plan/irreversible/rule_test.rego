package stratus.plan.irreversible_test

import data.stratus.plan.irreversible

judge(class, accepts) := found if {
	found := irreversible.deny with input.accepts as accepts with input.action as {
		"do": "delete", "on": "pod/shop/debug", "class": class, "why": "nothing makes this pod again",
	}
}

test_irreversible if {
	{d.msg | some d in judge("R3", [])} == {"delete of pod/shop/debug cannot be taken back: nothing makes this pod again"}
}

test_accepted if count(judge("R3", [{"loss": "irreversible", "on": "pod/shop/debug"}])) == 0

test_another_loss_accepted if count(judge("R3", [{"loss": "outage", "on": "pod/shop/debug"}])) == 1

test_another_object_accepted if count(judge("R3", [{"loss": "irreversible", "on": "pod/shop/other"}])) == 1

test_identity_lost if count(judge("R2", [])) == 0
