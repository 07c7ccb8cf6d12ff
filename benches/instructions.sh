#!/usr/bin/env bash
# Holds the instructions that a check takes against those of ripgrep's search for the hook API's words, and fails
# when they are more than so many times as many. Counts do not depend on the machine's load, so this can be a gate.
#
#   benches/instructions.sh [--limit RATIO] [DIRECTORY]
#
# Without a directory, a tree is made of the corpus: its modules, and many more times those of them that have nothing to do with
# hooks. There is much more to find in it than in a server's tree: give it a limit of its own. Needs valgrind, rg and a release build.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
limit=16
tree=
while [ $# -gt 0 ]; do
    case $1 in
        --limit) limit=$2; shift 2 ;;
        *) tree=$1; shift ;;
    esac
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Several applications with one copy of the corpus each, and `filler` copies of its files without hooks.
make_tree() {
    local application copy file filler=60
    local plain
    plain=$(grep -L hook "$root"/corpus/acme/src/*.erl)
    for application in 1 2 3 4 5 6 7 8; do
        mkdir -p "$1/$application/src" "$1/$application/more"
        cp "$root"/corpus/acme/src/*.[eh]rl "$1/$application/src"
        for copy in $(seq "$filler"); do
            for file in $plain; do
                cp "$file" "$1/$application/more/$(basename "$file" .erl)_$copy.erl"
            done
        done
    done
}

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >"$scratch/out" |
        sed -n 's/.*Collected *: *//p'
}

if [ -z "$tree" ]; then
    tree=$scratch/tree
    make_tree "$tree"
fi
bytes=$(find "$tree" -name '*.[eh]rl' -type f -print0 | xargs -0 cat | wc -c)

# One thread each: what several threads do besides differs from run to run.
search=$(instructions rg -j1 -c -F -e gen_hook -e ejabberd_hooks -e mongoose_hooks -e mongoose_c2s_hooks -e 'hooks(' \
    -g '*.erl' -g '*.hrl' "$tree")
check=$(instructions "${CARGO_TARGET_DIR:-$root/target}/release/hookshift" check --threads 1 --format concise --exit-zero "$tree")
grep -q ' registrations: ' "$scratch/out" || { echo "the check reported nothing"; exit 1; }

echo "$bytes bytes: rg $search instructions, hookshift $check"
awk -v check="$check" -v search="$search" -v limit="$limit" 'BEGIN {
    ratio = check / search
    printf "ratio %.1f, at most %s\n", ratio, limit
    exit !(ratio <= limit)
}'
