package kube

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/stratus-sre/stratus/model"
)

// answers says whether a container answers a probe. What was seen answering
// goes before what the container declares, and that before asking.
func (c *cluster) answers(ctr *container, p *corev1.Probe, v *model.Valuation) (ok bool, why string) {
	port, httpPath, fact := probeFact(ctr.Container, p)
	if fact == "" {
		return false, fmt.Sprintf("container %s declares no port named %q", ctr.Name, probePort(p).StrVal)
	}
	known := c.world.known
	if entry, listed := known.catalogue[ctr.Image]; listed && port > 0 {
		if httpPath != "" && entry.HTTP != nil {
			if slices.Contains(entry.HTTP[strconv.Itoa(int(port))], httpPath) {
				return true, ""
			}
			return false, fmt.Sprintf("image %s does not answer %s on port %d", ctr.Image, httpPath, port)
		}
		if entry.Ports != nil && !slices.Contains(entry.Ports, port) {
			return false, fmt.Sprintf("image %s does not listen on port %d", ctr.Image, port)
		}
	}
	if answer, ok := known.facts[fact]; ok {
		return answer, "not so: " + string(fact)
	}
	if declared := declaredPorts(ctr.Container); port > 0 && len(declared) > 0 && !slices.Contains(declared, port) {
		return false, fmt.Sprintf("port %d is not served: container %s declares %s", port, ctr.Name, numbers(declared))
	}
	return v.Choose(fact), "unless " + string(fact)
}

// probeFact puts a probe in words. port is 0 for a command, path "" for other
// than HTTP; an empty fact means that a named port does not exist.
func probeFact(c *corev1.Container, p *corev1.Probe) (port int32, path string, fact model.Fact) {
	if p.Exec != nil {
		return 0, "", model.Fact(fmt.Sprintf("probe command [%s] succeeds in image %s", strings.Join(p.Exec.Command, " "), running(c)))
	}
	port, ok := resolvePort(c, probePort(p))
	if !ok {
		return 0, "", ""
	}
	switch {
	case p.HTTPGet != nil:
		path = p.HTTPGet.Path
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		scheme := ""
		if p.HTTPGet.Scheme == corev1.URISchemeHTTPS {
			scheme = "over TLS "
		}
		return port, path, model.Fact(fmt.Sprintf("GET %s:%d%s %sof image %s answers", p.HTTPGet.Host, port, path, scheme, running(c)))
	case p.GRPC != nil:
		return port, "", model.Fact(fmt.Sprintf("gRPC health check%s on port %d of image %s answers", service(p.GRPC), port, running(c)))
	}
	return port, "", model.Fact(fmt.Sprintf("port %d of image %s accepts connections", port, running(c)))
}

// running is an image with the command line it runs, if the container gives
// one: the same image serves other things under another.
func running(c *corev1.Container) string {
	if line := slices.Concat(c.Command, c.Args); len(line) > 0 {
		return fmt.Sprintf("%s running [%s]", c.Image, strings.Join(line, " "))
	}
	return c.Image
}

func service(g *corev1.GRPCAction) string {
	if g.Service == nil || *g.Service == "" {
		return ""
	}
	return " of service " + *g.Service
}

func probePort(p *corev1.Probe) intstr.IntOrString {
	switch {
	case p.HTTPGet != nil:
		return p.HTTPGet.Port
	case p.TCPSocket != nil:
		return p.TCPSocket.Port
	case p.GRPC != nil:
		return intstr.FromInt32(p.GRPC.Port)
	}
	return intstr.IntOrString{}
}

func resolvePort(c *corev1.Container, port intstr.IntOrString) (int32, bool) {
	if port.Type == intstr.Int {
		return port.IntVal, true
	}
	for _, p := range c.Ports {
		if p.Name == port.StrVal {
			return p.ContainerPort, true
		}
	}
	return 0, false
}

func declaredPorts(c *corev1.Container) []int32 {
	var out []int32
	for _, p := range c.Ports {
		out = append(out, p.ContainerPort)
	}
	return out
}

func numbers(ports []int32) string {
	words := make([]string, len(ports))
	for i, p := range ports {
		words[i] = strconv.Itoa(int(p))
	}
	return "port " + strings.Join(words, ", ")
}
