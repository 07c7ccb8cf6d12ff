//! Accumulators that stood without a tag.

use crate::rules::testing::{fixed, fixed_unsafely, unfixed};

#[test]
fn an_accumulator_without_a_tag() {
    fixed(
        "untagged-result",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            case acme_db:forget(Jid) of
                ok -> {ok, Acc};
                none -> Acc;   % nothing was known
                {error, _} -> mongoose_acc:set(acme, failed, true, Acc)
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            case acme_db:forget(Jid) of
                ok -> {ok, Acc};
                none -> {ok, Acc};   % nothing was known
                {error, _} -> {ok, mongoose_acc:set(acme, failed, true, Acc)}
            end.
        "#,
    );
}

#[test]
fn an_accumulator_without_a_tag_under_a_name() {
    fixed(
        "untagged-result",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            acme_db:forget(Jid),
            Acc1 = mongoose_acc:set(acme, removed, true, Acc),
            acme_log:note(Acc1),
            Acc1.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            acme_db:forget(Jid),
            Acc1 = mongoose_acc:set(acme, removed, true, Acc),
            acme_log:note(Acc1),
            {ok, Acc1}.
        "#,
    );
}

#[test]
fn an_accumulator_without_a_tag_in_a_function() {
    fixed(
        "untagged-result",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) -> forget(Jid, Acc).

        forget(undefined, Acc) -> Acc;
        forget(Jid, Acc) -> acme_db:forget(Jid), {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) -> forget(Jid, Acc).

        forget(undefined, Acc) -> {ok, Acc};
        forget(Jid, Acc) -> acme_db:forget(Jid), {ok, Acc}.
        "#,
    );
}

#[test]
fn an_accumulator_without_a_tag_where_others_stop() {
    fixed_unsafely(
        "untagged-result",
        "stops on other paths",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            case acme_db:forget(Jid) of
                ok -> {stop, Acc};
                _ -> Acc
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            case acme_db:forget(Jid) of
                ok -> {stop, Acc};
                _ -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn an_atom_without_a_tag() {
    unfixed(
        "untagged-result",
        "only a person can tell what the next handler shall get",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            case acme_db:forget(Jid) of
                ok -> {ok, Acc};
                _ -> undefined
            end.
        "#,
    );
}

#[test]
fn an_accumulator_without_a_tag_that_others_want() {
    unfixed(
        "untagged-result",
        "made where it cannot be tagged",
        r#"
        -export([removed/3, forget/2]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) -> forget(Jid, Acc).

        forget(Jid, Acc) -> acme_db:forget(Jid), Acc.
        "#,
    );
}
