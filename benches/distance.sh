#!/usr/bin/env bash
# What a longer upgrade costs: instructions of `check` from the first release to each later one, and of each step alone.
#
#   benches/distance.sh DIRECTORY RELEASE...
#
# Needs valgrind, and a release build. Instructions rather than seconds: what a step adds is less than what a busy machine does.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

directory=$1
shift
hookshift=${HOOKSHIFT:-${CARGO_TARGET_DIR:-$root/target}/release/hookshift}

# One thread: what several do besides differs from run to run.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$hookshift" check --threads 1 --format concise --exit-zero --from "$1" --to "$2" "$directory" 2>&1 >/dev/null |
        awk '/Collected/ { found = $NF } END { if (!found) exit 1; printf "%d", found / 1e6 }'
}

first=$1 before=$1
echo "| to | from $first, millions of instructions | from the release before it |"
echo '|---|---|---|'
shift
for release in "$@"; do
    echo "| $release | $(instructions "$first" "$release") | $(instructions "$before" "$release") |"
    before=$release
done
