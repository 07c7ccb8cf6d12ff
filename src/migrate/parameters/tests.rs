//! Parameters that are read in another way, before and after; what cannot be read so gets an adapter, or no fix.

use crate::rules::testing::{fixed_unsafely, unfixed};

mod guards;
mod hidden;
mod hooks;
mod layout;
mod reads;
mod sessions;
mod specs;

/// A module with a handler of `user_receive_packet` for all stanzas.
fn receiver(registered: &str, exports: &str, code: &str) -> String {
    format!(
        "-export([start/2, {exports}]).\n\nstart(HostType, _Opts) ->\n    \
         gen_hook:add_handlers([{{user_receive_packet, HostType, fun ?MODULE:{registered}/3, #{{}}, 50}}]).\n\n{}\n",
        code.trim_matches('\n')
    )
}

/// Asserts that the handler `got/3` of `user_receive_packet` is rewritten in place.
#[track_caller]
fn received(before: &str, after: &str) {
    fixed_unsafely("changed-params", "", &receiver("got", "got/3", before), &receiver("got", "got/3", after));
}

/// Asserts that the handler `got/3` of `user_receive_packet` stays as it is, behind an adapter.
#[track_caller]
fn adapted(handler: &str, rest: &str) {
    let handler = handler.trim_matches('\n');
    let adapter = "%% Calls got/3 as MongooseIM 6.0.0 did for user_receive_packet.\n\
                   user_receive_packet(Acc, #{c2s_data := C2SData} = Params, Extra) ->\n    \
                   got(Acc, Params#{jid => mongoose_c2s:get_jid(C2SData)}, Extra).";
    let before = receiver("got", "got/3", &format!("{handler}\n{rest}"));
    let code = format!("{handler}\n\n{adapter}\n{rest}");
    let after = receiver("user_receive_packet", "got/3, user_receive_packet/3", &code);
    fixed_unsafely("changed-params", "", &before, &after);
}

/// A module with a handler of `c2s_preprocessing_hook` for all stanzas.
fn preprocessor(registered: &str, code: &str) -> String {
    format!(
        "start(HostType, _Opts) ->\n    gen_hook:add_handlers([{{{registered}}}]).\n\n{}\n",
        code.trim_matches('\n')
    )
}

/// Asserts that the handler `check/3` of `c2s_preprocessing_hook` is rewritten in place.
#[track_caller]
fn preprocessed(before: &str, after: &str) {
    fixed_unsafely(
        "removed-hook",
        "",
        &preprocessor("c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50", before),
        &preprocessor("user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21", after),
    );
}

/// Asserts that the handler `check/3` of `c2s_preprocessing_hook` is left to a person.
#[track_caller]
fn unprocessed(why: &str, code: &str) {
    let before = preprocessor("c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50", code);
    unfixed("removed-hook", why, &before);
}

/// A module with the handler `on/3` of a hook.
fn on(hook: &str, code: &str) -> String {
    preprocessor(&format!("{hook}, HostType, fun ?MODULE:on/3, #{{}}, 50"), code)
}
