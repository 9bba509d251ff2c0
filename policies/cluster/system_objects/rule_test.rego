package stratus.cluster.system_objects_test

import data.stratus.cluster.system_objects

judge(ref) := found if {
	found := system_objects.deny with input.action as {
		"on": "object",
		"ref": object.union({"kind": "ConfigMap", "namespace": "", "name": "x"}, ref),
	}
}

test_kube_system if count(judge({"namespace": "kube-system"})) == 1

test_addon_namespace if count(judge({"namespace": "istio-system"})) == 1

test_system_namespace_itself if count(judge({"kind": "Namespace", "name": "kube-public"})) == 1

test_system_cluster_role if count(judge({"kind": "ClusterRole", "name": "system:node"})) == 1

test_system_priority_class if count(judge({"kind": "PriorityClass", "name": "system-node-critical"})) == 1

test_api_service if count(judge({"kind": "APIService"})) == 1

test_other_namespace if count(judge({"namespace": "shop"})) == 0

test_near_misses if {
	count(judge({"namespace": "kubelab"})) == 0
	count(judge({"namespace": "my-argocd"})) == 0
	count(judge({"kind": "PriorityClass", "name": "systematic"})) == 0
	count(judge({"kind": "Node", "name": "node-1"})) == 0
	count(judge({"kind": "ClusterRole", "name": "system-monitor"})) == 0
	count(judge({"kind": "ClusterRole", "name": "kube-state-metrics"})) == 0
	count(judge({"kind": "Namespace", "name": "shop"})) == 0
}
