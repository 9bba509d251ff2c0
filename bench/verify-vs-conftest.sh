#!/usr/bin/env bash
# Side by side: stratus proves a plan of ten actions against a cluster of 50
# objects, conftest evaluates the policies that one object can answer on the same
# manifests. They do not do the same work: conftest reads each manifest once,
# stratus also tries every order, failure, crash and undo of the plan. The table
# says what the proof costs where people are used to a policy check.
#
#	bench/verify-vs-conftest.sh [RUNS]   # 15 by default
#
# conftest is built once (about five CPU minutes) and kept below the cache folder.
# A peer that cannot be had is left out, with a line that says so.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-15}
corpus=../shared/corpus/hotel-reservation.yaml
conftest_version=v0.71.1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/stratus-bench/conftest-$conftest_version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ ! -f "$corpus" ]; then
	echo "skipped: no real manifests, $corpus is not beside the project"
	exit 0
fi
go build -o "$work/measure" ./bench/cmd/measure

rows=()
versions=()
failed=0
row() { # NAME EXIT-CODES COMMAND…
	local name=$1 codes=$2
	shift 2
	if line=$("$work/measure" -name "$name" -runs "$runs" -exit "$codes" -- "$@"); then
		rows+=("$line")
	else
		failed=1
	fi
}

if go build -o "$work/stratus" ./cmd/stratus; then
	versions+=("stratus at $(git describe --always --dirty 2>/dev/null || echo unknown)")
	row 'stratus verify, 10 actions in a row' 0 \
		"$work/stratus" verify bench/plans/ten-in-order.cue --state "$corpus"
	row 'stratus verify, 10 actions in three branches' 0 \
		"$work/stratus" verify bench/plans/ten-actions.cue --state "$corpus"
else
	echo "skipped: stratus does not build" >&2
	failed=1
fi

if [ ! -x "$cache/conftest" ]; then
	echo "building conftest $conftest_version, once" >&2
	GOBIN=$cache go install "github.com/open-policy-agent/conftest@$conftest_version" || rm -rf "$cache"
fi
if [ -x "$cache/conftest" ]; then
	versions+=("conftest $conftest_version")
	row 'conftest test, 50 objects' 0,1 \
		"$cache/conftest" test "$corpus" --policy bench/policy --output json
else
	echo "skipped: conftest $conftest_version cannot be built here" >&2
fi

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
echo "Machine: $(uname -sm), $(getconf _NPROCESSORS_ONLN) CPUs${cpu:+, $cpu}, $(go env GOVERSION). Median of $runs runs."
printf 'Version: %s.\n' "${versions[@]}"
echo
echo '| | wall | range | CPU | largest memory | exit code |'
echo '|---|---|---|---|---|---|'
printf '%s\n' "${rows[@]}"
exit $failed
