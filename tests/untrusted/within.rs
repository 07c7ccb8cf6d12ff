//! Paths that lead from one part of a repository to another.

use super::Tree;

const HEADER: &str = "-define(HOOK, c2s_update_presence).\n";

fn module(name: &str, include: &str) -> String {
    format!(
        "-module({name}).\n{include}\n-export([hooks/1, sent/3]).\nhooks(HostType) ->\n    \
         [{{?HOOK, HostType, fun ?MODULE:sent/3, #{{}}, 50}}].\nsent(Acc, _Params, _Extra) ->\n    {{ok, Acc}}.\n"
    )
}

#[test]
fn a_repository_of_several_applications_needs_no_trust() {
    let tree = Tree::new(&[
        ("project/server/include/acme_hooks.hrl", HEADER),
        ("project/acme/rebar.config", "{deps, []}.\n"),
        (
            "project/acme/hookshift.toml",
            "include-paths = [\"../server/include\", \"..\"]\nmongooseim-toml = \"../server/mongooseim.toml\"\n",
        ),
        (
            "project/server/mongooseim.toml",
            "[general]\n  hosts = [\"localhost\"]\n[services.service_mongoose_system_metrics]\n",
        ),
        ("project/acme/src/mod_plain.erl", &module("mod_plain", "-include(\"acme_hooks.hrl\").")),
        ("project/acme/src/mod_lib.erl", &module("mod_lib", "-include_lib(\"server/include/acme_hooks.hrl\").")),
        ("project/acme/src/mod_up.erl", &module("mod_up", "-include(\"../../server/include/acme_hooks.hrl\").")),
    ]);
    // From the root, from the application, and in it.
    for (directory, path) in [("project", "acme"), ("project/acme", "."), ("project/acme/src", ".")] {
        let output =
            super::hookshift(&tree.path(directory)).args(["check", "--format", "concise", path]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        for name in ["mod_plain", "mod_lib", "mod_up"] {
            assert!(said.contains(&format!("`{name}:sent/3` is never called")), "{directory}: {said}");
        }
        assert!(!said.contains("--trust") && said.contains("3 resolved, 0 unresolved"), "{directory}: {said}");
    }
}
