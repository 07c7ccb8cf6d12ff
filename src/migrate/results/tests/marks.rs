//! Messages that were marked as dropped.

use crate::rules::testing::{Case, fixed_unsafely, unfixed};

#[test]
fn a_mark_under_a_name() {
    fixed_unsafely(
        "removed-hook",
        "uses `hook`/`result`",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, #{host_type := HostType}) ->
            case acme_quota:is_over(HostType) of
                true ->
                    %% Nobody shall see it.
                    Acc1 = mongoose_acc:set(hook, result, drop, Acc),
                    acme_quota:count(HostType),
                    {ok, Acc1};
                false ->
                    {ok, Acc}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21}]).


        check(Acc, _Params, #{host_type := HostType}) ->
            case acme_quota:is_over(HostType) of
                true ->
                    %% Nobody shall see it.
                    acme_quota:count(HostType),
                    {stop, Acc};
                false ->
                    {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn a_mark_in_a_branch() {
    fixed_unsafely(
        "removed-hook",
        "uses `hook`/`result`",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        -spec check(mongoose_acc:t(), map(), map()) -> {ok, mongoose_acc:t()}.
        check(Acc0, _Params, _Extra) ->
            Acc = case acme_quota:is_over(mongoose_acc:from_jid(Acc0)) of
                      true -> mongoose_acc:set(hook, result, drop, Acc0);
                      false -> Acc0
                  end,
            {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21}]).


        -spec check(mongoose_acc:t(), map(), map()) -> {ok | stop, mongoose_acc:t()}.
        check(Acc0, _Params, _Extra) ->
            case acme_quota:is_over(mongoose_acc:from_jid(Acc0)) of
                true -> {stop, Acc0};
                false -> {ok, Acc0}
            end.
        "#,
    );
}

#[test]
fn a_marked_accumulator_that_is_looked_at_stays() {
    fixed_unsafely(
        "removed-hook",
        "uses `hook`/`result`",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, _Extra) ->
            Acc1 = mongoose_acc:set(hook, result, drop, Acc),
            acme_log:dropped(Acc1),
            {ok, Acc1}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21}]).


        check(Acc, _Params, _Extra) ->
            Acc1 = mongoose_acc:set(hook, result, drop, Acc),
            acme_log:dropped(Acc1),
            {stop, Acc1}.
        "#,
    );
}

#[test]
fn a_stop_that_did_not_drop() {
    fixed_unsafely(
        "removed-hook",
        "kept later handlers of the hook from being called",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, _Extra) ->
            case acme_quota:level(Acc) of
                free -> {stop, Acc};
                over -> {stop, mongoose_acc:set(hook, result, drop, Acc)};
                _ -> {ok, Acc}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21}]).


        check(Acc, _Params, _Extra) ->
            case acme_quota:level(Acc) of
                free -> {ok, Acc};
                over -> {stop, Acc};
                _ -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn a_check_of_what_others_dropped() {
    fixed_unsafely(
        "removed-hook",
        "uses `hook`/`result`",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, _Extra) ->
            case mongoose_acc:get(hook, result, undefined, Acc) of
                drop ->
                    {ok, Acc};
                _ ->
                    case acme_quota:is_over(Acc) of
                        true -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                        false -> {ok, Acc}
                    end
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21}]).


        check(Acc, _Params, _Extra) ->
            case acme_quota:is_over(Acc) of
                true -> {stop, Acc};
                false -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn a_check_that_does_more_gets_an_adapter() {
    fixed_unsafely(
        "removed-hook",
        "the handler uses",
        r#"
        -export([check/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, _Extra) ->
            case mongoose_acc:get(hook, result, undefined, Acc) of
                drop -> acme_quota:count(dropped), {ok, Acc};
                _ -> {ok, acme_quota:mark(Acc)}
            end.
        "#,
        r#"
        -export([check/3, user_send_packet/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:user_send_packet/3, #{}, 21}]).


        check(Acc, _Params, _Extra) ->
            case mongoose_acc:get(hook, result, undefined, Acc) of
                drop -> acme_quota:count(dropped), {ok, Acc};
                _ -> {ok, acme_quota:mark(Acc)}
            end.

        %% Calls check/3 as MongooseIM 6.0.0 did for c2s_preprocessing_hook.
        user_send_packet(Acc, Params, Extra) ->
            {_, Acc1} = check(Acc, Params, Extra),
            case mongoose_acc:get(hook, result, ok, Acc1) of
                drop -> {stop, Acc1};
                _ -> {ok, Acc1}
            end.
        "#,
    );
}

#[test]
fn a_mark_below_others_gets_an_adapter() {
    fixed_unsafely(
        "removed-hook",
        "the handler uses",
        r#"
        -export([check/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, _Extra) ->
            Acc1 = mongoose_acc:set(hook, result, drop, Acc),
            {ok, mongoose_acc:set(acme, checked, true, Acc1)}.
        "#,
        r#"
        -export([check/3, user_send_packet/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:user_send_packet/3, #{}, 21}]).


        check(Acc, _Params, _Extra) ->
            Acc1 = mongoose_acc:set(hook, result, drop, Acc),
            {ok, mongoose_acc:set(acme, checked, true, Acc1)}.

        %% Calls check/3 as MongooseIM 6.0.0 did for c2s_preprocessing_hook.
        user_send_packet(Acc, Params, Extra) ->
            {_, Acc1} = check(Acc, Params, Extra),
            case mongoose_acc:get(hook, result, ok, Acc1) of
                drop -> {stop, Acc1};
                _ -> {ok, Acc1}
            end.
        "#,
    );
}

#[test]
fn a_result_of_others_gets_an_adapter() {
    fixed_unsafely(
        "removed-hook",
        "the handler uses",
        r#"
        -export([check/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, _Extra) ->
            case acme_quota:is_over(Acc) of
                true -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                false -> acme_rules:apply_all(Acc)
            end.
        "#,
        r#"
        -export([check/3, user_send_packet/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:user_send_packet/3, #{}, 21}]).


        check(Acc, _Params, _Extra) ->
            case acme_quota:is_over(Acc) of
                true -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                false -> acme_rules:apply_all(Acc)
            end.

        %% Calls check/3 as MongooseIM 6.0.0 did for c2s_preprocessing_hook.
        user_send_packet(Acc, Params, Extra) ->
            {_, Acc1} = check(Acc, Params, Extra),
            case mongoose_acc:get(hook, result, ok, Acc1) of
                drop -> {stop, Acc1};
                _ -> {ok, Acc1}
            end.
        "#,
    );
}

#[test]
fn an_adapter_has_no_state() {
    unfixed(
        "removed-hook",
        "the value of `state` cannot be given to the old function",
        r#"
        -export([check/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, #{state := State}, _Extra) ->
            case acme_rules:check(State) of
                bad -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                _ -> acme_rules:apply_all(Acc)
            end.
        "#,
    );
}

#[test]
fn an_adapter_does_not_hand_on_what_is_gone() {
    unfixed(
        "removed-hook",
        "`state` is not among them",
        r#"
        -export([check/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, Params, _Extra) ->
            acme_rules:note(Params),
            {ok, mongoose_acc:set(acme, seen, true, mongoose_acc:set(hook, result, drop, Acc))}.
        "#,
    );
}

#[test]
fn a_stop_is_left_to_a_person() {
    unfixed(
        "changed-stop",
        "so a person has to decide",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).


        sent(Acc, _, _) ->
            case acme_archive:is_known(Acc) of
                true -> {stop, Acc};
                false -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn what_dropped_once_is_not_told_to_pass() {
    // All rules, and a second run of them: a handler that stops because it drops must not be taken for one that
    // stopped to skip others.
    let done = Case::new(
        r#"
        -export([start/2, check/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).

        check(Acc, _Params, _Extra) ->
            case acme_quota:level(Acc) of
                high -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                _ -> {ok, Acc}
            end.
        "#,
    )
    .fix(true);
    assert!(done.outcome.files[0].text.contains("high -> {stop, Acc};"));
}

#[test]
fn two_handlers_share_what_makes_their_results() {
    // Each of them alone would change the other's results, so both get adapters.
    fixed_unsafely(
        "removed-hook",
        "uses `hook`/`result`",
        r#"
        -export([check/3, look/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50},
                                   {acme_look, HostType, fun ?MODULE:look/3, #{}, 50}]).

        check(Acc, _, _) -> decide(Acc).

        look(Acc, _, _) -> decide(Acc).

        decide(Acc) ->
            case acme_quota:level(Acc) of
                high -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                _ -> {ok, Acc}
            end.
        "#,
        r#"
        -export([check/3, user_send_packet/3, look/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:user_send_packet/3, #{}, 21},
                                   {acme_look, HostType, fun ?MODULE:look/3, #{}, 50}]).

        check(Acc, _, _) -> decide(Acc).

        %% Calls check/3 as MongooseIM 6.0.0 did for c2s_preprocessing_hook.
        user_send_packet(Acc, Params, Extra) ->
            {_, Acc1} = check(Acc, Params, Extra),
            case mongoose_acc:get(hook, result, ok, Acc1) of
                drop -> {stop, Acc1};
                _ -> {ok, Acc1}
            end.

        look(Acc, _, _) -> decide(Acc).

        decide(Acc) ->
            case acme_quota:level(Acc) of
                high -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                _ -> {ok, Acc}
            end.
        "#,
    );
}
