package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/stratus-sre/stratus/internal/diag"
	"github.com/stratus-sre/stratus/model"
	"github.com/stratus-sre/stratus/model/kube"
	"github.com/stratus-sre/stratus/model/manifest"
	"github.com/stratus-sre/stratus/verifier"
)

// clusterFiles name what a plan is checked against. Names are as shown to the
// user and relative to dir; baseline and facts may be "".
type clusterFiles struct {
	dir, state, baseline, facts string
}

// cluster is a world with what the snapshot says of itself.
type cluster struct {
	world *kube.World
	info  verifier.StateInfo
}

// clusters loads worlds, each once: plans that lie together share one.
type clusters struct {
	app    *app
	loaded map[clusterFiles]loadedCluster
}

type loadedCluster struct {
	cluster *cluster
	err     error
}

func (c *clusters) load(f clusterFiles) (*cluster, error) {
	l, ok := c.loaded[f]
	if !ok {
		l.cluster, l.err = c.app.loadCluster(f)
		c.loaded[f] = l
	}
	return l.cluster, l.err
}

// loadCluster reads the files and builds the world. Warnings go to standard
// error; a diag.List is the error if a file is wrong.
func (a *app) loadCluster(f clusterFiles) (*cluster, error) {
	state, meta, err := a.loadState(f.dir, f.state)
	if err != nil {
		return nil, err
	}
	opts := kube.Options{State: state, Entry: a.settings.config.Entry}
	if f.baseline != "" {
		if opts.Baseline, _, err = a.loadState(f.dir, f.baseline); err != nil {
			return nil, err
		}
	}
	if f.facts != "" {
		data, err := a.readFile(below(f.dir, f.facts))
		if err != nil {
			return nil, err
		}
		facts, diags := kube.ParseFacts(f.facts, data)
		if err := a.judge(diags); err != nil {
			return nil, err
		}
		opts.Facts = facts
	}
	world, err := kube.New(opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.state, err)
	}
	return &cluster{world, verifier.StateInfo{Source: f.state, Cluster: meta.Cluster, Taken: meta.Taken, Baseline: f.baseline}}, nil
}

// loadState reads a file, or all manifests below a folder, as one cluster.
func (a *app) loadState(dir, name string) (*model.State, manifest.Meta, error) {
	var meta manifest.Meta
	files := []string{name}
	if path := below(dir, name); name != "-" && isDir(path) {
		found, err := filesBelow(path, ".yaml", ".yml", ".json")
		if err != nil {
			return nil, meta, err
		}
		if files = found; len(files) == 0 {
			return nil, meta, fmt.Errorf("%s: no .yaml or .json file in this folder", name)
		}
	}
	var sources []manifest.Source
	for _, f := range files {
		path := f
		if f == name && f != "-" {
			path = below(dir, f)
		}
		data, err := a.readFile(path)
		if err != nil {
			return nil, meta, err
		}
		sources = append(sources, manifest.Source{Name: f, Data: data})
	}
	snapshot, diags := manifest.Load(sources...)
	if err := a.judge(diags); err != nil {
		return nil, meta, err
	}
	if len(snapshot.Objects) == 0 {
		return nil, meta, fmt.Errorf("%s: no object in it: there is nothing to check against", name)
	}
	state, err := model.NewState(snapshot.Objects)
	return state, snapshot.Meta, err
}

// judge prints warnings and returns the list if it has errors.
func (a *app) judge(diags diag.List) error {
	var warnings diag.List
	for _, d := range diags {
		if d.Level == diag.Warning {
			warnings = append(warnings, d)
		}
	}
	a.warn(warnings)
	return diags.Err()
}

// beside returns the files in a plan's folder, if a cluster is among them.
func beside(dir string) (clusterFiles, bool) {
	at := func(name string) string {
		if path := filepath.Join(dir, name); isFile(path) {
			return path
		}
		return ""
	}
	f := clusterFiles{state: at("cluster.yaml"), baseline: at("baseline.yaml"), facts: at("facts.yaml")}
	return f, f.state != ""
}

// checkAge refuses a snapshot that is too old, or whose age is not known. A
// snapshot from the future has a wrong clock, so its age is not known either.
func checkAge(info verifier.StateInfo, maxAge time.Duration, now time.Time) error {
	if maxAge == 0 {
		return nil
	}
	taken, err := time.Parse(time.RFC3339, info.Taken)
	if err != nil {
		return fmt.Errorf("%s does not say when it was taken, so that --max-age cannot be checked: annotate the list with stratus.dev/taken", info.Source)
	}
	const skew = 5 * time.Minute
	switch age := now.Sub(taken); {
	case age > maxAge:
		return fmt.Errorf("%s is %s old, --max-age is %s: take a new snapshot", info.Source, age.Round(time.Second), maxAge)
	case age < -skew:
		return fmt.Errorf("%s was taken at %s, which is in the future: check the clocks", info.Source, info.Taken)
	}
	return nil
}
