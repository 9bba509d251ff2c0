# METADATA
# title: No workload is given power over its node
# description: >-
#   Plans do not add privileged containers, hostPath volumes or host namespaces.
# custom:
#   id: POL-workloads-privileged
#   level: deny
#   scope: action
package stratus.workloads.privileged

import data.stratus.lib

deny contains {
	"msg": sprintf("%s gets %s", [input.action.on, power]),
	"hint": "repair it without power over the node; a debugging session is not a plan",
} if {
	added := powers(lib.after) - powers(lib.before)
	some power in added
}

# powers are those fields of the baseline standard that reach out of the pod.
# Source: kubernetes.io, Pod Security Standards.
powers(o) := privileged(o) | (host_paths(o) | host_namespaces(o))

privileged(o) := {sprintf("the privileged container %s", [c.name]) |
	some c in lib.containers(o)
	c.securityContext.privileged
}

host_paths(o) := {sprintf("the hostPath volume %s (%s)", [v.name, v.hostPath.path]) |
	some v in lib.pod_spec(o).volumes
}

host_namespaces(o) := {field |
	some field in ["hostNetwork", "hostPID", "hostIPC"]
	lib.pod_spec(o)[field]
}
