package stratus.data.deletion_test

import data.stratus.data.deletion

judge(verb, kind) := found if {
	found := deletion.deny with input.action as {"on": "object", "verb": verb, "ref": {"kind": kind}}
}

test_claim if count(judge("delete", "PersistentVolumeClaim")) == 1

test_volume if count(judge("delete", "PersistentVolume")) == 1

test_namespace if {
	some d in judge("delete", "Namespace")
	d.msg == "object is deleted, and every object inside with it"
}

test_definition if count(judge("delete", "CustomResourceDefinition")) == 1

test_patch_of_a_claim if count(judge("patch", "PersistentVolumeClaim")) == 0

test_delete_of_a_config_map if count(judge("delete", "ConfigMap")) == 0
