//! What the rules about hooks say of handlers that are registered with `ejabberd_hooks`.

use crate::rules::testing::{Case, check_rule, untouched};

#[test]
fn a_hook_that_is_gone() {
    check_rule(
        "removed-hook",
        r#"
        -module(mod_a).
        start(Host, _) -> ejabberd_hooks:add(pubsub_publish_item, Host, ?MODULE, item, 50).
        %%                                   ^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `pubsub_publish_item` is not run any more in 6.1.0: `mod_a:item/7` would never be called, however it were registered
        item(Acc, _, _, _, _, _, _) -> Acc.
        "#,
    );
}

#[test]
fn a_hook_that_left_with_positional_arguments() {
    let code = r#"
        -module(mod_a).
        start(Host, _) -> ejabberd_hooks:add(rest_user_send_packet, Host, ?MODULE, sent, 50).
        %%                                   ^^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:sent/4` would never be called
        %% = help: register for `user_send_packet`
        sent(Acc, _, _, _) -> Acc.
        "#;
    Case::new(code).from("5.1.0").rules(&["removed-hook"]).check();
}

#[test]
fn an_accumulator_of_another_type() {
    check_rule(
        "changed-accumulator",
        r#"
        -module(mod_a).
        start(Host, _) -> ejabberd_hooks:add(user_ping_response, Host, ?MODULE, answered, 50).
        answered(Acc, _HostType, JID, timeout, _) ->
            acme:lost(mongoose_acc:lserver(Acc), JID),
        %%            ^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-accumulator]: the accumulator of `user_ping_response` is `map()` in 6.1.0
            Acc;
        answered(Acc, _, _, _, _) ->
            Acc.
        "#,
    );
    untouched(
        "changed-accumulator",
        r#"
        -module(mod_a).
        start(Host, _) -> ejabberd_hooks:add(user_ping_response, Host, ?MODULE, answered, 50).
        answered(Acc, _HostType, JID, _, _) -> acme:lost(JID), Acc.
        "#,
    );
}

#[test]
fn stopping_in_both_ways() {
    check_rule(
        "changed-stop",
        r#"
        -module(mod_a).
        start(Host, _) -> ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 50).
        sent(Acc, _From, To, Packet) ->
            case acme:judge(To, Packet) of
                good -> Acc;
                bad -> stop;
        %%             ^^^^ warning[changed-stop]: stopping `user_send_packet` means something else in 6.1.0
        %% = related: and here
                worse -> {stop, mongoose_acc:set(acme, bad, true, Acc)}
            end.
        "#,
    );
    untouched(
        "changed-stop",
        r#"
        -module(mod_a).
        start(Host, _) -> ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 50).
        sent(Acc, _From, To, Packet) -> acme:seen(To, Packet), Acc.
        "#,
    );
}

#[test]
fn dropping_by_the_bare_atom() {
    check_rule(
        "drop-result",
        r#"
        -module(mod_a).
        start(Host, _) -> ejabberd_hooks:add(filter_local_packet, Host, ?MODULE, filter, 50).
        filter(drop) -> drop;
        filter({From, _To, _Acc, _Packet} = FPacket) ->
            case acme:is_banned(From) of
                true -> drop;
        %%              ^^^^ warning[drop-result]: `mod_a:filter/1` drops the stanza with `drop`
        %% = label: return `{stop, drop}`
                false -> FPacket
            end.
        "#,
    );
}

#[test]
fn one_kind_of_stanza_by_an_argument() {
    check_rule(
        "granular-hook",
        r#"
        -module(mod_a).
        start(Host, _) -> ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 50).
        %%                                   ^^^^^^^^^^^^^^^^ info[granular-hook]: `mod_a:sent/4` serves stanzas of the kind `message` only: `user_send_message` is for them
        sent(Acc, From, To, #xmlel{name = <<"message">>} = Packet) ->
            acme:archive(From, To, Packet),
            Acc;
        sent(Acc, _From, _To, _Packet) ->
            Acc.
        "#,
    );
    for code in [
        // It acts on all stanzas besides.
        "sent(Acc, F, _, P) -> acme:count(F), case P of #xmlel{name = <<\"message\">>} -> acme:archive(P), Acc; _ -> Acc end.",
        // It returns something else for the others.
        "sent(Acc, _, _, #xmlel{name = <<\"message\">>}) -> Acc;\nsent(Acc, _, _, _) -> mongoose_acc:set(a, b, c, Acc).",
        "sent(Acc, _, _, #xmlel{name = <<\"message\">>}) -> Acc;\nsent(_, _, _, _) -> stop.",
    ] {
        let start = "start(H, _) -> ejabberd_hooks:add(user_send_packet, H, ?MODULE, sent, 50).";
        untouched("granular-hook", &format!("-module(mod_a).\n{start}\n{code}\n"));
    }
}

#[test]
fn elements_of_other_kinds_come_now() {
    check_rule(
        "missing-clause",
        r#"
        -module(mod_a).
        start(Host, _) -> ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 50).
        sent(Acc, _, _, #xmlel{name = <<"message">>}) -> acme:bump(messages), Acc;
        %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[missing-clause]: `mod_a:sent/4` fails with `function_clause`
        sent(Acc, _, _, #xmlel{name = <<"iq">>}) -> acme:bump(iqs), Acc;
        sent(Acc, _, _, #xmlel{name = <<"presence">>}) -> acme:bump(presences), Acc.
        "#,
    );
}

#[test]
fn another_tag_than_the_hooks_own() {
    check_rule(
        "wrong-scope",
        r#"
        -module(mod_a).
        start(Host, _) ->
            ejabberd_hooks:add(node_cleanup, Host, ?MODULE, cleanup, 50),
        %%                     ^^^^^^^^^^^^ error[wrong-scope]: `node_cleanup` is run globally
            ejabberd_hooks:add(remove_user, global, ?MODULE, removed, 50).
        %%                     ^^^^^^^^^^^ error[wrong-scope]: this handler is `global`: it is never called
        cleanup(Acc, _) -> Acc.
        removed(Acc, _, _) -> Acc.
        "#,
    );
}

#[test]
fn hooks_that_nobody_runs() {
    check_rule(
        "unknown-hook",
        r#"
        -module(mod_a).
        start(Host, _) ->
            ejabberd_hooks:add(remove_usr, Host, ?MODULE, removed, 50),
        %%                     ^^^^^^^^^^ warning[unknown-hook]: did you mean `remove_user`?
            ejabberd_hooks:add(acme_placed, Host, ?MODULE, placed, 50).
        f(Host) -> ejabberd_hooks:run(acme_placed, Host, [order]).
        removed(Acc, _, _) -> Acc.
        placed(Acc, _) -> Acc.
        "#,
    );
}

#[test]
fn deletions_that_delete_nothing() {
    check_rule(
        "unbalanced-registration",
        r#"
        -module(mod_a).
        start(Host, _) ->
            ejabberd_hooks:add(remove_user, Host, ?MODULE, removed, 50),
            ejabberd_hooks:add(register_user, Host, ?MODULE, registered, 50).
        %%                     ^^^^^^^^^^^^^ warning[unbalanced-registration]: `mod_a:registered/3` is added for `register_user` and never deleted
        stop(Host) ->
            ejabberd_hooks:delete(remove_user, Host, ?MODULE, removed, 60).
        %%                        ^^^^^^^^^^^ warning[unbalanced-registration]: the deletion has the priority 60, and not 50
        %% = note: `ejabberd_hooks` compares hook, host type, module, function and priority.
        removed(Acc, _, _) -> Acc.
        registered(Acc, _, _) -> Acc.
        "#,
    );
    untouched(
        "unbalanced-registration",
        r#"
        -module(mod_a).
        start(Host, _) -> each(add, Host).
        stop(Host) -> each(delete, Host).
        each(Action, Host) -> [ejabberd_hooks:Action(H, Host, ?MODULE, removed, 50) || H <- [remove_user, anonymous_purge_hook]].
        removed(Acc, _, _) -> Acc.
        "#,
    );
}

#[test]
fn functions_that_cannot_be_called() {
    check_rule(
        "handler-not-exported",
        r#"
        -module(mod_a).
        -export([start/2, ok/3]).
        start(Host, _) ->
            ejabberd_hooks:add(remove_user, Host, ?MODULE, removed, 50),
        %%                     ^^^^^^^^^^^ error[handler-not-exported]: `mod_a:removed/3` is not exported: each call of it fails with `undef`, which is logged as `hook_failed`
        %% = help: -export([removed/3]).
            ejabberd_hooks:add(remove_user, Host, ?MODULE, ok, 50),
            ejabberd_hooks:add(register_user, Host, ?MODULE, nothing, 50),
        %%                     ^^^^^^^^^^^^^ error[handler-not-exported]: `mod_a:nothing/3` does not exist
            ejabberd_hooks:add(register_user, Host, fun local/3, 50).
        removed(Acc, _, _) -> Acc.
        ok(Acc, _, _) -> Acc.
        local(Acc, _, _) -> Acc.
        "#,
    );
}

#[test]
fn what_only_concerns_gen_hook_is_not_said() {
    for rule in ["handler-arity", "local-handler", "untagged-result", "changed-params", "double-registration"] {
        untouched(
            rule,
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([start/2, hooks/1, gone/3]).
            start(Host, _) ->
                ejabberd_hooks:add(hooks(Host)),
                ejabberd_hooks:add(user_send_packet, Host, fun local/4, 50).
            hooks(Host) -> [{remove_user, Host, ?MODULE, gone, 50}].
            gone(Acc, _, _) -> Acc.
            local(Acc, _, #{jid := _}, _) -> Acc.
            "#,
        );
    }
}

#[test]
fn modules_of_both_ages_stand_side_by_side() {
    let code = r#"
        -module(mod_a).
        start(Host, _) -> ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 50).
        sent(Acc, _, _, _) -> {stop, Acc}.
        %%                    ^^^^^^^^^^^ warning[changed-stop]: stopping `user_send_packet`
        //- src/mod_b.erl
        -module(mod_b).
        start(HostType, _) -> gen_hook:add_handler(user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 50).
        sent(Acc, _, _) -> {stop, Acc}.
        %%                 ^^^^^^^^^^^ warning[changed-stop]: stopping `user_send_packet`
        "#;
    for from in ["5.1.0", "6.0.0"] {
        Case::new(code).from(from).rules(&["changed-stop"]).check();
    }
}

/// Once it is fixed, the code no longer shows how old it was, and a second run takes it for younger. What is left in it has
/// to be the same: here a call that 5.1.0 does not have, which shows nothing about 6.1.0.
#[test]
fn fixed_code_is_taken_for_younger() {
    let code = r#"
        -module(mod_a).
        -export([start/2, sent/4]).
        start(Host, _) -> ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 9).
        sent(Acc, _From, _To, #xmlel{name = <<"message">>} = Packet) -> mod_muc_light_api:count(Packet), Acc;
        sent(Acc, _From, _To, _) -> Acc.
        "#;
    let done = Case::new(code).guessed().fix(true);
    let [file] = &done.outcome.files[..] else { panic!("{} files", done.outcome.files.len()) };
    assert!(file.text.contains("gen_hook:add_handler(user_send_message, "), "{}", file.text);
}
