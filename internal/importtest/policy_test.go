package importtest

// In all three texts `a, b < c, d;` says that c and d may import a and b, and
// `a !< b;` that b must never reach a.

// lattice is who may import whom in this module. An edge gives with it all that
// the imported package may import itself, so that only the widest edges are
// written. Every package stands here; planned ones may. Test files are free of
// it: a test may decode a plan that the tested package has never heard of.
const lattice = `
# Pure vocabulary.
NONE < internal/diag, verifier/explore, agents/llm, policies, specs/plan;
internal/diag < model;
model < model/plan;
model/plan < model/txn;
model < model/kube, model/manifest;       # controllers behind model.Physics; bytes -> State

# Verification: libraries, no effects.
model/plan, policies < verifier/policy;
model/txn, verifier/explore < verifier/tnr;
verifier/policy, verifier/tnr, model/kube < verifier;

# Planning: CUE in, verified plan out.
model/plan, specs/plan < planner/cueplan;
planner/cueplan, verifier < planner;
planner, model/kube < planner/synth;      # implements planner.Proposer; linked by cmd

# Proposing. Executor and oracles come in as small interfaces that agents defines.
agents/llm < agents/llm/replay, agents/llm/openai;
planner, agents/llm < agents;

# Acting.
model/txn < executor/journal;
verifier, executor/journal < executor;
model/kube, executor < executor/kube, executor/simcluster;
executor < executor/oracle;

# Front ends.
verifier, planner/cueplan, model/manifest < cmd/stratus/report;
verifier, executor/journal < cmd/stratus/explorer;
agents, agents/llm/replay, agents/llm/openai, planner/synth,
executor/kube, executor/simcluster, executor/oracle,
model/manifest, cmd/stratus/report, cmd/stratus/explorer < cmd/stratus;

# Nothing of ours imports these: tests, and programs beside the product.
NONE < internal/testkit, internal/importtest, internal/doctest, internal/mutants, bench/cmd/measure;

# Never.
executor !< agents, planner, verifier, model;
agents !< executor, executor/kube, verifier;
agents/llm !< verifier, model, planner;
planner !< executor;
verifier !< model, model/plan, model/txn, planner/cueplan;
executor/kube !< cmd/stratus/explorer;
planner/cueplan !< verifier, executor;
verifier/policy !< executor/journal, model;
`

// modules is which package may import which other module. Each large one has
// one place. A place ending in _test means test files there; "..." is the usual
// pattern. A module that is not listed may not be imported.
const modules = `
cuelang.org/go < planner/cueplan, specs/..._test, internal/doctest_test;
github.com/open-policy-agent/opa < verifier/policy, internal/doctest_test;
github.com/sashabaranov/go-openai < agents/llm/openai;
k8s.io/client-go < executor/kube;
github.com/hashicorp/go-memdb < model;
github.com/spf13/cobra, github.com/spf13/pflag < cmd/stratus;
github.com/agnivade/levenshtein < planner/cueplan; # "did you mean"

# Types and codecs of the Kubernetes API: from model upwards, never a client.
k8s.io/api, k8s.io/apimachinery, sigs.k8s.io/json
< model/..., verifier/..., planner/..., executor/..., cmd/...;

# YAML 1.1 as Kubernetes reads it, with positions.
go.yaml.in/yaml/v3 < model/manifest, model/kube, planner/cueplan, cmd/stratus/..., ..._test;

# Tests.
github.com/leanovate/gopter < internal/testkit, ..._test;
github.com/santhosh-tekuri/jsonschema/v6 < ..._test;
github.com/rogpeppe/go-internal < cmd/stratus, ..._test; # text differences; testscript
`

// never is what the core does not do, so that a verdict is a function of its
// inputs: no file, network, clock or chance, and no goroutine that could decide
// a result. Test files are free of it. Only verifier/explore may use
// goroutines; its results must not depend on them.
const never = `
os, os/exec, os/signal, os/user, io/ioutil, path/filepath, syscall, plugin,
net, net/http, net/rpc, log, log/slog,
math/rand, math/rand/v2, crypto/rand, hash/maphash,
runtime, runtime/debug, unsafe !< model/..., verifier/...;

time.Now, time.Since, time.Until, time.Sleep, time.After, time.AfterFunc,
time.Tick, time.NewTicker, time.NewTimer, time.Local !< model/..., verifier/...;

go !< model/..., verifier, verifier/tnr/..., verifier/policy/...;
`
