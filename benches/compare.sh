#!/usr/bin/env bash
# Measures hookshift against ripgrep (a literal search for the hook API's words: the floor) and ast-grep (a rule for
# the tuples that register handlers: the peer), over directories of Erlang.
#
#   benches/compare.sh [--runs N] DIRECTORY...
#
# What is missing is set up first: ripgrep with apt (as root), ast-grep with npm below target/peers, and the grammar that
# hookshift is built with as a dynamic library for ast-grep. Needs cargo, cc, npm and python3.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
peers=$root/target/peers
mkdir -p "$peers/rules"

if ! command -v rg >/dev/null; then
    apt-get install --yes --no-install-recommends ripgrep
fi

ast_grep=$(command -v ast-grep || true)
if [ -z "$ast_grep" ]; then
    packages=$peers/node_modules/@ast-grep
    [ -d "$packages" ] || npm install --silent --prefix "$peers" @ast-grep/cli
    # The command in .bin is a script that starts the binary; its own start would be measured, too.
    for candidate in "$packages"/cli-*/ast-grep "$packages"/cli/ast-grep; do
        [ -x "$candidate" ] && ast_grep=$candidate && break
    done
fi

library=$peers/erlang.so
if [ ! -e "$library" ]; then
    manifest=$(cd "$root" && cargo metadata --format-version 1 | python3 -c '
import json, sys
packages = json.load(sys.stdin)["packages"]
print(next(it["manifest_path"] for it in packages if it["name"] == "tree-sitter-erlang"))')
    grammar=$(dirname "$manifest")/src
    cc -shared -fPIC -O3 -I "$grammar" -o "$library" "$grammar/parser.c" "$grammar/scanner.c"
fi

cat >"$peers/sgconfig.yml" <<'END'
ruleDirs: [rules]
customLanguages:
  erlang:
    libraryPath: erlang.so
    extensions: [erl, hrl]
    # A dollar sign starts a character in Erlang; a leading underscore makes a variable.
    expandoChar: _
END
cat >"$peers/rules/hook-tuple.yml" <<'END'
id: hook-tuple
language: erlang
message: a handler for a hook
severity: info
rule:
  kind: tuple
  pattern:
    context: "f() -> {$HOOK, $TAG, fun $MODULE:$FUNCTION/3, $EXTRA, $PRIORITY}."
    selector: tuple
END

(cd "$root" && cargo build --release --quiet)
exec python3 "$root/benches/compare.py" \
    --hookshift "${CARGO_TARGET_DIR:-$root/target}/release/hookshift" --ast-grep "$ast_grep" --config "$peers/sgconfig.yml" "$@"
