package model

// Default fills in, in place, the fields that the API server defaults and the
// model reads, so that manifests and objects read from a cluster look alike.
// fields must not be shared yet. It is idempotent; kinds without defaults are
// left alone, as are fields of a wrong type (decoding reports those).
//
// Source: k8s.io/kubernetes v1.36 pkg/apis/{core,apps,autoscaling}/v*/defaults.go.
func Default(fields map[string]any) {
	apiVersion, _ := fields["apiVersion"].(string)
	kind, _ := fields["kind"].(string)
	group, _ := splitAPIVersion(apiVersion)
	k, known := FindKind(group, kind)
	if !known {
		return
	}
	if k.Namespaced {
		if meta, ok := fields["metadata"].(map[string]any); ok {
			defaultTo(meta, "namespace", "default")
		}
	}
	spec, _ := fields["spec"].(map[string]any)
	switch kind {
	case "Service":
		defaultService(spec)
	case "Pod":
		defaultPod(spec)
	case "Deployment", "ReplicaSet", "StatefulSet":
		defaultTo(spec, "replicas", int64(1))
		if kind == "Deployment" {
			defaultStrategy(spec)
		}
		defaultTemplate(spec)
	case "DaemonSet", "Job":
		defaultTemplate(spec)
	case "CronJob":
		job, _ := spec["jobTemplate"].(map[string]any)
		jobSpec, _ := job["spec"].(map[string]any)
		defaultTemplate(jobSpec)
	case "HorizontalPodAutoscaler":
		defaultTo(spec, "minReplicas", int64(1))
	}
}

func defaultTo(m map[string]any, key string, value any) {
	if m != nil && m[key] == nil {
		m[key] = value
	}
}

func defaultService(spec map[string]any) {
	if spec == nil {
		return
	}
	defaultTo(spec, "type", "ClusterIP")
	defaultTo(spec, "sessionAffinity", "None")
	for _, p := range mapsIn(spec["ports"]) {
		defaultTo(p, "protocol", "TCP")
		if port, ok := p["port"]; ok {
			if v, set := p["targetPort"]; !set || v == nil || v == int64(0) || v == "" {
				p["targetPort"] = port
			}
		}
	}
}

func defaultStrategy(spec map[string]any) {
	if spec == nil {
		return
	}
	defaultTo(spec, "revisionHistoryLimit", int64(10))
	defaultTo(spec, "progressDeadlineSeconds", int64(600))
	strategy, ok := spec["strategy"].(map[string]any)
	if !ok {
		strategy = map[string]any{}
		spec["strategy"] = strategy
	}
	defaultTo(strategy, "type", "RollingUpdate")
	if strategy["type"] != "RollingUpdate" {
		return
	}
	rolling, ok := strategy["rollingUpdate"].(map[string]any)
	if !ok {
		rolling = map[string]any{}
		strategy["rollingUpdate"] = rolling
	}
	defaultTo(rolling, "maxSurge", "25%")
	defaultTo(rolling, "maxUnavailable", "25%")
}

func defaultTemplate(spec map[string]any) {
	template, _ := spec["template"].(map[string]any)
	pod, _ := template["spec"].(map[string]any)
	defaultPod(pod)
}

func defaultPod(pod map[string]any) {
	if pod == nil {
		return
	}
	defaultTo(pod, "restartPolicy", "Always")
	defaultTo(pod, "dnsPolicy", "ClusterFirst")
	defaultTo(pod, "schedulerName", "default-scheduler")
	defaultTo(pod, "terminationGracePeriodSeconds", int64(30))
	for _, list := range []string{"initContainers", "containers"} {
		for _, c := range mapsIn(pod[list]) {
			for _, p := range mapsIn(c["ports"]) {
				defaultTo(p, "protocol", "TCP")
			}
			defaultRequests(c)
			for _, probe := range []string{"livenessProbe", "readinessProbe", "startupProbe"} {
				if p, ok := c[probe].(map[string]any); ok {
					defaultTo(p, "timeoutSeconds", int64(1))
					defaultTo(p, "periodSeconds", int64(10))
					defaultTo(p, "successThreshold", int64(1))
					defaultTo(p, "failureThreshold", int64(3))
					if get, ok := p["httpGet"].(map[string]any); ok {
						defaultTo(get, "scheme", "HTTP")
						defaultTo(get, "path", "/")
					}
				}
			}
		}
	}
}

// defaultRequests: a limit without a request is a request as well.
func defaultRequests(container map[string]any) {
	res, _ := container["resources"].(map[string]any)
	limits, _ := res["limits"].(map[string]any)
	if len(limits) == 0 {
		return
	}
	requests, ok := res["requests"].(map[string]any)
	if !ok {
		requests = map[string]any{}
		res["requests"] = requests
	}
	for name, v := range limits {
		defaultTo(requests, name, v)
	}
}

// mapsIn returns the elements of a list that are maps; others are left to decoding.
func mapsIn(v any) []map[string]any {
	list, _ := v.([]any)
	var out []map[string]any
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
