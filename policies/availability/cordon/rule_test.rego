package stratus.availability.cordon_test

import data.stratus.availability.cordon

node(name, off) := {"kind": "Node", "metadata": {"name": name}, "spec": {"unschedulable": off}}

# was and is give unschedulable by node; the document is that of a state rule.
state(was, is) := {
	"nodes": [node(name, off) | some name, off in is],
	"written": [w |
		some name, off in is
		off != was[name]
		w := {"on": sprintf("node/%s", [name]), "ref": {"kind": "Node"}, "before": node(name, was[name]), "after": node(name, off)}
	],
}

judge(was, is) := found if {
	found := cordon.deny with input as state(was, is)
}

test_two_nodes if {
	ons := {d.on | some d in judge({"a": false, "b": false, "c": false}, {"a": true, "b": true, "c": false})}
	ons == {"node/a", "node/b"}
}

test_second_beside_one_of_the_start if {
	ons := {d.on | some d in judge({"a": true, "b": false}, {"a": true, "b": true})}
	ons == {"node/b"}
}

test_one_node if count(judge({"a": false, "b": false}, {"a": true, "b": false})) == 0

test_one_after_the_other if count(judge({"a": true, "b": false}, {"a": false, "b": true})) == 0

test_two_from_the_start if count(judge({"a": true, "b": true}, {"a": true, "b": true})) == 0

test_uncordoned_beside_two_of_the_start if {
	count(judge({"a": true, "b": true, "c": true}, {"a": true, "b": true, "c": false})) == 0
}

test_label_of_a_node_cordoned_before if {
	write := {"on": "node/a", "ref": {"kind": "Node"}, "before": node("a", true), "after": node("a", true)}
	found := cordon.deny with input as {"nodes": [node("a", true), node("b", true)], "written": [write]}
	count(found) == 0
}

test_label_of_another_node if {
	write := {"on": "node/c", "ref": {"kind": "Node"}, "before": node("c", false), "after": node("c", false)}
	found := cordon.deny with input as {"nodes": [node("a", true), node("b", true), node("c", false)], "written": [write]}
	count(found) == 0
}
