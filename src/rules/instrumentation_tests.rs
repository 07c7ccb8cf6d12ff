//! Metrics of 6.2.1, which are events in 6.3.0, seen through the rules.

use super::testing::{fixed_unsafely, unfixed, untouched};

const REMOVED: &str = "removed-function";

fn to_6_3_0(code: &str) -> String {
    format!("//- from 6.2.1 to 6.3.0\n{}", code.trim_start_matches('\n'))
}

#[test]
fn metrics_of_a_module_become_events() {
    fixed_unsafely(
        REMOVED,
        "The event has to be set up before",
        &to_6_3_0(
            r#"
-module(mod_acme_quota).
-export([start/2, check/2]).
start(HostType, _Opts) ->
    mongoose_metrics:ensure_metric(HostType, acme_over_quota, spiral),
    mongoose_metrics:ensure_metric(global, acme_checks, counter),
    ok.
check(HostType, N) ->
    mongoose_metrics:update(global, acme_checks, 1),
    N < 100 orelse refuse(HostType, N).
refuse(HostType, N) ->
    mongoose_metrics:update(HostType, acme_over_quota, N - 100),
    false.
"#,
        ),
        r#"
-module(mod_acme_quota).
-export([start/2, check/2]).
start(HostType, _Opts) ->
    mongoose_instrument:set_up(acme_over_quota, #{host_type => HostType}, #{metrics => #{count => spiral}}),
    mongoose_instrument:set_up(acme_checks, #{}, #{metrics => #{count => counter}}),
    ok.
check(HostType, N) ->
    mongoose_instrument:execute(acme_checks, #{}, #{count => 1}),
    N < 100 orelse refuse(HostType, N).
refuse(HostType, N) ->
    mongoose_instrument:execute(acme_over_quota, #{host_type => HostType}, #{count => N - 100}),
    false.
"#
        .trim_start_matches('\n'),
    );
}

#[test]
fn a_metric_whose_name_is_a_list_needs_another_one() {
    unfixed(
        REMOVED,
        "`[acme, hits]` is no atom, which `Name` has to be now",
        &to_6_3_0(
            "-module(a).\n-export([f/1]).\nf(HT) ->\n    mongoose_metrics:update(HT, [acme, hits], 1),\n    ok.\n",
        ),
    );
    unfixed(
        REMOVED,
        "`{function, acme, size, []}` is no atom, which `Type` has to be now",
        &to_6_3_0(
            "-module(a).\n-export([f/0]).\nf() ->\n    \
             mongoose_metrics:ensure_metric(global, acme_size, {function, acme, size, []}),\n    ok.\n",
        ),
    );
    unfixed(
        REMOVED,
        "which is matched with `{ok, already_present}`, is `ok` now",
        &to_6_3_0(
            "-module(a).\n-export([f/1]).\nf(HT) ->\n    case mongoose_metrics:ensure_metric(HT, acme, spiral) of\n        \
             ok -> new;\n        {ok, already_present} -> old\n    end.\n",
        ),
    );
}

#[test]
fn events_stay_as_they_are() {
    untouched(
        REMOVED,
        &to_6_3_0(
            r#"
-module(mod_acme_quota).
-export([instrumentation/1, check/1]).
instrumentation(HostType) ->
    [{acme_check, #{host_type => HostType}, #{metrics => #{count => spiral}}}].
check(HostType) ->
    mongoose_instrument:execute(acme_check, #{host_type => HostType}, #{count => 1}).
"#,
        ),
    );
}
