// Package kube is what follows from a cluster's state when nobody writes: the
// controllers, the scheduler and the kubelets of Kubernetes 1.36 as pure
// functions, behind model.Physics. New is the front door.
//
// It predicts Deployments, ReplicaSets, pods (image, references, memory,
// probes), node fit, Service endpoints, autoscaler bounds, disruption budgets,
// garbage collection and NoExecute taints. What an observed or assumed state
// cannot tell (will this image start?) is a model.Fact and is asked, never
// guessed.
//
// What it refuses to do: guess, act, read files or keep time. There is no
// clock, so progress deadlines, minReadySeconds, probe delays and toleration
// seconds have no length: what would happen in the end has happened.
// StatefulSets, DaemonSets, Jobs and the other kinds that Unmodelled names are
// not predicted; their existing pods are constant.
//
// Status of written objects (Deployments, Services, autoscalers) is not kept:
// it is worked out from the pods whenever it is asked for.
//
// # Reading order
//
//	world.go        the front door: options, assumptions, what is not covered
//	boot.go         a state of manifests gets nodes and pods
//	cluster.go      a state sorted out; pod.go, template.go: its parts
//	settle.go       the fixpoint, and the order of the controllers
//	garbage.go, deployment.go, replicaset.go, scheduler.go, claim.go, kubelet.go,
//	probe.go, autoscaler.go   one controller each
//	references.go   ConfigMaps and Secrets that pods refer to
//	knowledge.go    facts; learn.go: where they come from; catalogue.go: from a file
//	service.go      endpoints; route.go: Ingress and HTTPRoute
//	obligation.go   what should hold, fixed once
//	severity.go     T0 to T4 and T6's endpoints; faults.go T5; latent.go T6
//	holds.go        conditions; coverage.go: checks and their subjects
//	classify.go     reversibility; rollback.go; unmodelled.go
//
// Sources are named at each rule; k8s.io/kubernetes means release 1.36.
package kube
