//! Registrations rewritten, in the forms in which people write them.

use crate::rules::testing::{fixed, fixed_unsafely, unfixed};

const RULE: &str = "removed-hook";

#[test]
fn the_delete_twin_comes_along() {
    fixed(
        RULE,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handler(c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, 50).

        stop(HostType) ->
            gen_hook:delete_handler(c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, 50).

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handler(user_send_presence, HostType, fun ?MODULE:stamp/3, #{}, 5).

        stop(HostType) ->
            gen_hook:delete_handler(user_send_presence, HostType, fun ?MODULE:stamp/3, #{}, 5).

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn a_deletion_with_another_priority_gets_the_right_one() {
    fixed(
        RULE,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handler(c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, 50).

        stop(HostType) ->
            gen_hook:delete_handler(c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, 40).

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handler(user_send_presence, HostType, fun ?MODULE:stamp/3, #{}, 5).

        stop(HostType) ->
            gen_hook:delete_handler(user_send_presence, HostType, fun ?MODULE:stamp/3, #{}, 5).

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn one_of_a_comprehension_over_names() {
    fixed(
        RULE,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers(hooks(HostType)).

        stop(HostType) ->
            gen_hook:delete_handlers(hooks(HostType)).

        hooks(HostType) ->
            [{Hook, HostType, fun ?MODULE:count/3, #{hook => Hook}, 50}
             || Hook <- [remove_user, c2s_update_presence, register_user]].

        count(Acc, _Params, #{hook := Hook}) ->
            bump(Hook),
            {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers(hooks(HostType)).

        stop(HostType) ->
            gen_hook:delete_handlers(hooks(HostType)).

        hooks(HostType) ->
            [{Hook, HostType, fun ?MODULE:count/3, #{hook => Hook}, 50}
             || Hook <- [remove_user, register_user]]
            ++ [{user_send_presence, HostType, fun ?MODULE:count/3, #{hook => c2s_update_presence}, 5}].

        count(Acc, _Params, #{hook := Hook}) ->
            bump(Hook),
            {ok, Acc}.
        "#,
    );
}

#[test]
fn one_of_a_comprehension_over_tuples_needs_no_splitting() {
    fixed(
        RULE,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{H, HostType, fun ?MODULE:F/3, #{}, P} || {H, F, P} <- list()]).

        list() -> [{remove_user, gone, 50}, {c2s_update_presence, stamp, 50}].

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        gone(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{H, HostType, fun ?MODULE:F/3, #{}, P} || {H, F, P} <- list()]).

        list() -> [{remove_user, gone, 50}, {user_send_presence, stamp, 5}].

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        gone(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn the_only_one_of_a_comprehension() {
    fixed(
        RULE,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{H, HostType, fun ?MODULE:stamp/3, #{}, P} || {H, P} <- [{c2s_update_presence, 50}]]).

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{H, HostType, fun ?MODULE:stamp/3, #{}, P} || {H, P} <- [{user_send_presence, 5}]]).

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn a_macro_for_the_priority_is_used_no_more_here() {
    fixed(
        RULE,
        r#"
        -define(PRIO, 50).

        start(HostType, _Opts) ->
            gen_hook:add_handlers(hooks(HostType)).

        hooks(HostType) ->
            [{c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, ?PRIO},
             {remove_user, HostType, fun ?MODULE:gone/3, #{}, ?PRIO}].

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        gone(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
        r#"
        -define(PRIO, 50).

        start(HostType, _Opts) ->
            gen_hook:add_handlers(hooks(HostType)).

        hooks(HostType) ->
            [{user_send_presence, HostType, fun ?MODULE:stamp/3, #{}, 5},
             {remove_user, HostType, fun ?MODULE:gone/3, #{}, ?PRIO}].

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        gone(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn a_tuple_in_a_macro_of_the_file() {
    fixed_unsafely(
        RULE,
        "stands in the macro `?STAMP`",
        r#"
        -define(STAMP, {c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, 50}).

        start(HostType, _Opts) -> gen_hook:add_handlers([?STAMP]).
        stop(HostType) -> gen_hook:delete_handlers([?STAMP]).

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
        r#"
        -define(STAMP, {user_send_presence, HostType, fun ?MODULE:stamp/3, #{}, 5}).

        start(HostType, _Opts) -> gen_hook:add_handlers([?STAMP]).
        stop(HostType) -> gen_hook:delete_handlers([?STAMP]).

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn lists_put_together() {
    fixed(
        RULE,
        r#"
        start(HostType, _Opts) -> gen_hook:add_handlers([own(HostType) | others(HostType)] ++ []).
        own(HostType) -> {'c2s_update_presence', HostType, fun mod_a:stamp/3, #{}, 50}.
        others(HostType) -> [{remove_user, HostType, fun ?MODULE:gone/3, #{}, 50}].
        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        gone(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) -> gen_hook:add_handlers([own(HostType) | others(HostType)] ++ []).
        own(HostType) -> {user_send_presence, HostType, fun mod_a:stamp/3, #{}, 5}.
        others(HostType) -> [{remove_user, HostType, fun ?MODULE:gone/3, #{}, 50}].
        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        gone(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn a_registration_in_another_module() {
    fixed(
        RULE,
        r#"
        -export([stamp/3]).
        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        //- src/all_hooks.erl
        start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).
        stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).
        hooks(HostType) -> [{c2s_update_presence, HostType, fun mod_a:stamp/3, #{}, 50}].
        "#,
        r#"
        //- src/all_hooks.erl
        start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).
        stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).
        hooks(HostType) -> [{user_send_presence, HostType, fun mod_a:stamp/3, #{}, 5}].
        "#,
    );
}

#[test]
fn a_name_that_several_handlers_share_stays() {
    unfixed(
        RULE,
        "the hook's name is written once",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_update_presence, HostType, fun ?MODULE:F/3, #{}, 50} || F <- [one, two]]).

        one(Acc, _Params, _Extra) -> {ok, Acc}.
        two(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn a_priority_that_is_computed_stays() {
    unfixed(
        RULE,
        "its priority is known only when the code runs",
        r#"
        start(HostType, #{priority := Priority}) ->
            gen_hook:add_handler(c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, Priority).

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn one_filtered_out_of_a_comprehension_stays() {
    unfixed(
        RULE,
        "written once for this handler",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{H, HostType, fun ?MODULE:stamp/3, #{}, 50}
                                   || H <- [c2s_update_presence, remove_user], wanted(H)]).

        stamp(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn a_handler_that_another_one_would_overtake() {
    fixed_unsafely(
        "granular-hook",
        "`mod_a:announce/3` came after it on `user_send_packet`",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 7},
                                   {user_send_packet, HostType, fun ?MODULE:announce/3, #{}, 97}]).

        count(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> {ok, bump(Acc)};
                _ -> {ok, Acc}
            end.

        announce(Acc, _Params, _Extra) ->
            {ok, tell(Acc)}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_message, HostType, fun ?MODULE:count/3, #{}, 7},
                                   {user_send_packet, HostType, fun ?MODULE:announce/3, #{}, 97}]).

        count(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> {ok, bump(Acc)};
                _ -> {ok, Acc}
            end.

        announce(Acc, _Params, _Extra) ->
            {ok, tell(Acc)}.
        "#,
    );
}

#[test]
fn handlers_that_move_together_keep_their_order() {
    fixed(
        "granular-hook",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:first/3, #{}, 3},
                                   {user_send_packet, HostType, fun ?MODULE:count/3, #{}, 7},
                                   {user_send_packet, HostType, fun ?MODULE:announce/3, #{}, 97}]).

        first(Acc, _Params, _Extra) ->
            {ok, tell(Acc)}.

        count(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> {ok, bump(Acc)};
                _ -> {ok, Acc}
            end.

        announce(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> {ok, tell(Acc)};
                _ -> {ok, Acc}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:first/3, #{}, 3},
                                   {user_send_message, HostType, fun ?MODULE:count/3, #{}, 7},
                                   {user_send_message, HostType, fun ?MODULE:announce/3, #{}, 97}]).

        first(Acc, _Params, _Extra) ->
            {ok, tell(Acc)}.

        count(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> {ok, bump(Acc)};
                _ -> {ok, Acc}
            end.

        announce(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> {ok, tell(Acc)};
                _ -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn what_came_before_all_others_still_does() {
    fixed_unsafely(
        RULE,
        "the handler uses `hook`/`result`",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:block/3, #{}, 15},
                                   {user_send_packet, HostType, fun ?MODULE:audit/3, #{}, 40}]).

        block(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                _ -> {ok, Acc}
            end.

        audit(Acc, _Params, _Extra) ->
            {ok, tell(Acc)}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:block/3, #{}, 21},
                                   {user_send_packet, HostType, fun ?MODULE:audit/3, #{}, 40}]).

        block(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> {stop, Acc};
                _ -> {ok, Acc}
            end.

        audit(Acc, _Params, _Extra) ->
            {ok, tell(Acc)}.
        "#,
    );
}

#[test]
fn those_that_move_to_one_priority_keep_their_order() {
    fixed(
        RULE,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:second/3, #{}, 75},
                                   {c2s_update_presence, HostType, fun ?MODULE:shown/3, #{}, 10},
                                   {c2s_preprocessing_hook, HostType, fun ?MODULE:first/3, #{}, 10},
                                   {user_send_packet, HostType, fun ?MODULE:last/3, #{}, 40}]).

        first(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        second(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        shown(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        last(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:second/3, #{}, 22},
                                   {c2s_update_presence, HostType, fun ?MODULE:shown/3, #{}, 10},
                                   {user_send_packet, HostType, fun ?MODULE:first/3, #{}, 21},
                                   {user_send_packet, HostType, fun ?MODULE:last/3, #{}, 40}]).

        first(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        second(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        shown(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        last(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        "#,
    );
}

#[test]
fn whoever_would_come_before_it_now_is_a_reason_to_look() {
    fixed_unsafely(
        RULE,
        "`mod_a:last/3` came after it and would come before it, with priority 10 on `user_send_packet`",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:first/3, #{}, 50},
                                   {user_send_packet, HostType, fun ?MODULE:last/3, #{}, 10}]).

        first(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        last(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:first/3, #{}, 21},
                                   {user_send_packet, HostType, fun ?MODULE:last/3, #{}, 10}]).

        first(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        last(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        "#,
    );
}

#[test]
fn what_was_run_before_it_has_not_overtaken_it() {
    fixed(
        RULE,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:first/3, #{}, 75},
                                   {c2s_update_presence, HostType, fun ?MODULE:shown/3, #{}, 10}]).

        first(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        shown(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:first/3, #{}, 21},
                                   {user_send_presence, HostType, fun ?MODULE:shown/3, #{}, 5}]).

        first(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        shown(Acc, _Params, _Extra) -> {ok, tell(Acc)}.
        "#,
    );
}
