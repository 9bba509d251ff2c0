package kube

import (
	"fmt"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/stratus-sre/stratus/model"
)

// knowledge is what is known beyond the objects: of images, commands, probes
// and memory. The catalogue goes first, then what was seen of exactly this
// container, then what was seen of its image. Everything else is asked.
type knowledge struct {
	catalogue map[string]FactEntry
	facts     map[model.Fact]bool
	images    map[string]bool       // does the image exist?
	exact     map[model.Digest]bool // does this container, to the last field, run?
	varied    map[model.Fact]bool   // was it seen failing with some settings?
	memory    map[model.Fact]limits // by what runs
}

// limits are memory limits that were seen: everything up to Killed is too
// little, everything from Works is enough.
type limits struct{ killed, works int64 }

func newKnowledge(catalogue []FactEntry) *knowledge {
	k := &knowledge{
		catalogue: map[string]FactEntry{}, facts: map[model.Fact]bool{}, images: map[string]bool{},
		exact: map[model.Digest]bool{}, varied: map[model.Fact]bool{}, memory: map[model.Fact]limits{},
	}
	for _, e := range catalogue {
		k.catalogue[e.Image] = e
		if e.Exists != nil && *e.Exists {
			k.facts[runFact(&corev1.Container{Image: e.Image})] = true
		}
	}
	return k
}

// ask answers a fact that is known, and has the valuation choose otherwise.
func (k *knowledge) ask(v *model.Valuation, f model.Fact) bool {
	if b, ok := k.facts[f]; ok {
		return b
	}
	return v.Choose(f)
}

// absent: the image is known not to exist.
func (k *knowledge) absent(image string) bool {
	if e := k.catalogue[image]; e.Exists != nil {
		return !*e.Exists
	}
	exists, seen := k.images[image]
	return seen && !exists
}

// runFact names what a container executes, whatever its settings are.
func runFact(c *corev1.Container) model.Fact {
	if argv := commandLine(c); len(argv) > 0 {
		return model.Fact(fmt.Sprintf("command [%s] of image %s runs", strings.Join(argv, " "), c.Image))
	}
	return model.Fact(fmt.Sprintf("image %s starts", c.Image))
}

func commandLine(c *corev1.Container) []string { return slices.Concat(c.Command, c.Args) }

// runs says whether the container's process stays up. An image that was never
// seen and does not start is taken as one that cannot be pulled: to users it
// is the same.
func (k *knowledge) runs(c *container, settings model.Digest, v *model.Valuation) (ok bool, reason, why string) {
	argv, fact := commandLine(c.Container), runFact(c.Container)
	reason = crashLoop
	if !k.images[c.Image] {
		reason = imagePull
	}
	if e := k.catalogue[c.Image]; e.Commands != nil && len(argv) > 0 {
		ok = slices.ContainsFunc(e.Commands, func(known []string) bool { return slices.Equal(known, argv) })
		return ok, crashLoop, fmt.Sprintf("image %s has no command [%s]", c.Image, strings.Join(argv, " "))
	}
	if ran, seen := k.exact[settings]; seen {
		return ran, crashLoop, "" // the observed message says more
	}
	if k.varied[fact] {
		changed := model.Fact(fmt.Sprintf("container %s of image %s runs as changed (settings %s)", c.Name, c.Image, settings.String()[:6]))
		return v.Choose(changed), crashLoop, "unless " + string(changed)
	}
	return k.ask(v, fact), reason, "unless " + string(fact)
}

// fits says whether the container's memory limit holds its working set. Of an
// image that was never seen, "starts" says it all.
func (k *knowledge) fits(c *container, v *model.Valuation) (ok bool, why string) {
	limit := memoryLimit(c.Container)
	if limit == math.MaxInt64 {
		return true, ""
	}
	size := c.Resources.Limits.Memory().String()
	if e := k.catalogue[c.Image]; e.Memory != nil {
		return limit >= e.Memory.Value(), fmt.Sprintf("image %s needs %s, its limit is %s", c.Image, e.Memory, size)
	}
	seen, ok := k.memory[runFact(c.Container)]
	switch {
	case !ok || limit >= seen.works:
		return true, ""
	case limit <= seen.killed:
		return false, fmt.Sprintf("it was killed for memory at %s, its limit is %s", resource.NewQuantity(seen.killed, resource.BinarySI), size)
	}
	fact := model.Fact(fmt.Sprintf("image %s works within %s", c.Image, size))
	return k.ask(v, fact), "unless " + string(fact)
}

// memoryLimit is math.MaxInt64 for a container without one.
func memoryLimit(c *corev1.Container) int64 {
	if q, ok := c.Resources.Limits[corev1.ResourceMemory]; ok {
		return q.Value()
	}
	return math.MaxInt64
}
