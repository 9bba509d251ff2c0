package stratus.secrets.inline_test

import data.stratus.secrets.inline

secret(changes) := {"on": "secret/shop/db", "ref": {"kind": "Secret"}, "changes": changes}

env(list) := {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"name": "main", "env": list}]}}}}

write(old, new) := {"on": "deployment/shop/cart", "ref": {"kind": "Deployment"}, "before": env(old), "after": env(new), "changes": []}

judge(action) := found if {
	found := inline.deny with input.action as action
}

test_secret_data if {
	some d in judge(secret([{"path": "data.password", "after": "<redacted>"}]))
	d.msg == "secret/shop/db: data.password is written out in the plan"
}

test_secret_string_data if count(judge(secret([{"path": "stringData", "after": {"a": "<redacted>"}}]))) == 1

test_secret_key_removed if count(judge(secret([{"path": "data.password", "before": "<redacted>"}]))) == 0

test_secret_label if count(judge(secret([{"path": "metadata.labels.data", "after": "x"}]))) == 0

test_env_literal if {
	some d in judge(write([], [{"name": "DB_PASSWORD", "value": "hunter2"}]))
	d.msg == "deployment/shop/cart: the value of DB_PASSWORD in container main is written out in the plan"
	not contains(d.msg, "hunter2")
}

test_env_changed if {
	count(judge(write([{"name": "API_TOKEN", "value": "a"}], [{"name": "API_TOKEN", "value": "b"}]))) == 1
}

test_env_from_the_start if {
	list := [{"name": "API_TOKEN", "value": "a"}]
	count(judge(write(list, list))) == 0
}

test_env_by_reference if {
	count(judge(write([], [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]))) == 0
	count(judge(write([], [{"name": "DB_PASSWORD", "value": "$(OTHER)"}]))) == 0
}

test_near_misses if {
	count(judge(write([], [{"name": "TOKENIZER", "value": "fast"}]))) == 0
	count(judge(write([], [{"name": "KEYBOARD", "value": "de"}]))) == 0
}

test_data_of_a_config_map if {
	count(judge({"on": "c", "ref": {"kind": "ConfigMap"}, "changes": [{"path": "data.flag", "after": "on"}]})) == 0
}
