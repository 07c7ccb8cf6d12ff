//! Handlers that kept something in the session, before and after.

use crate::rules::testing::{Case, fixed_unsafely, unfixed};

mod events;
mod states;

const RULE: &str = "removed-hook";

/// A module whose handler `seen/3` serves `c2s_presence_in`.
fn presence(code: &str) -> String {
    with("c2s_presence_in", 75, code)
}

/// The same, registered as the new release wants it.
fn received(code: &str) -> String {
    with("user_receive_presence", 5, code)
}

/// A module whose handler `told/3` serves `c2s_remote_hook`.
fn remote(code: &str) -> String {
    with("c2s_remote_hook", 50, &code.replace("seen/3", "told/3"))
}

fn foreign(code: &str) -> String {
    with("foreign_event", 50, code)
}

fn with(hook: &str, priority: u32, code: &str) -> String {
    let name = if priority == 50 { "told" } else { "seen" };
    format!(
        "-module(mod_a).\n-export([start/2, stop/1, {name}/3]).\n\n\
         start(HostType, _Opts) ->\n    gen_hook:add_handlers(hooks(HostType)).\n\n\
         stop(HostType) ->\n    gen_hook:delete_handlers(hooks(HostType)).\n\n\
         hooks(HostType) ->\n    [{{{hook}, HostType, fun ?MODULE:{name}/3, #{{}}, {priority}}}].\n\n{}",
        dedent(code)
    )
}

fn dedent(code: &str) -> String {
    let lines = || code.lines().filter(|line| !line.trim().is_empty());
    let margin = lines().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let cut: Vec<&str> = code.trim_matches('\n').lines().map(|line| line.get(margin..).unwrap_or("")).collect();
    format!("{}\n", cut.join("\n").trim_end())
}
