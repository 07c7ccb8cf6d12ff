//! Macros that stand for more code than any machine can hold.

use std::time::{Duration, Instant};

use super::Tree;

/// A module whose hooks are a macro that stands for another one twice, and so on, down to one registration.
fn bomb(levels: usize, first: &str, twice: &str) -> String {
    let mut module = format!("-module(mod_acme).\n-export([hooks/1, sent/3]).\n-define(A0(X), {first}).\n");
    for level in 1..=levels {
        let replacement = twice.replace("LOWER", &format!("?A{}(X)", level - 1));
        module += &format!("-define(A{level}(X), {replacement}).\n");
    }
    module
        + &format!(
            "hooks(HostType) ->\n    ?A{levels}(HostType) ++ [{{user_send_packet, HostType, fun ?MODULE:sent/3, #{{}}, 50}}].\n"
        )
        + "sent(Acc, _Params, _Extra) ->\n    {ok, Acc}.\n"
}

const REGISTRATION: &str = "{c2s_update_presence, X, fun ?MODULE:sent/3, #{}, 50}";

#[test]
fn macros_that_double_end_soon() {
    let concatenated = bomb(40, &format!("[{REGISTRATION}]"), "LOWER ++ LOWER");
    let nested = bomb(40, REGISTRATION, "[LOWER, LOWER]");
    let called = bomb(40, REGISTRATION, "f(LOWER, LOWER)");
    for (what, module) in [("concatenated", concatenated), ("nested", nested), ("called", called)] {
        let tree = Tree::new(&[("project/src/mod_acme.erl", module.as_str())]);
        for command in [&["check"][..], &["fix", "--unsafe"], &["handlers"], &["plan"]] {
            let started = Instant::now();
            let said = tree.said(command);
            // Two to the power of 40 of anything takes hours.
            assert!(started.elapsed() < Duration::from_secs(30), "{what}: {command:?}");
            assert!(said.contains("6.0.0 → 6.1.0"), "{what}: {command:?} came to no end: {said}");
            if command == ["check"] && what == "concatenated" {
                assert!(said.contains("takes too many steps to follow"), "{what}: {said}");
            }
            if command == ["check"] && what == "nested" {
                assert!(said.contains("what is registered here is not checked"), "{what}: {said}");
                assert!(said.contains("1 resolved, 2 unresolved"), "what stands beside it is looked at: {said}");
            }
        }
    }
}

#[test]
fn a_few_levels_are_only_code() {
    let module = bomb(3, &format!("[{REGISTRATION}]"), "LOWER ++ LOWER");
    let tree = Tree::new(&[("project/src/mod_acme.erl", module.as_str())]);
    let said = tree.said(&["check"]);
    assert!(said.contains("removed-hook") && said.contains("0 unresolved"), "{said}");
}
