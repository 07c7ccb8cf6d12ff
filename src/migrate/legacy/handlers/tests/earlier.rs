//! Handlers of releases from before the last with positional arguments.

use super::{becomes, refused, rewritten};

#[test]
fn what_took_no_accumulator_gets_none() {
    let outcome = becomes(
        r#"
        -module(mod_a).
        -export([start/2, remove_user/2, sent/3]).
        start(H, _) ->
            ejabberd_hooks:add(remove_user, H, ?MODULE, remove_user, 50),
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, sent, 50).
        remove_user(User, Server) ->
            mod_b:remove(User, Server),
            ok.
        sent(From, _To, Packet) ->
            mod_b:sent(From, Packet).
        "#,
        r#"
        -module(mod_a).
        -export([start/2, remove_user/2, remove_user/3, sent/3, user_send_packet/3]).
        start(H, _) ->
            ejabberd_hooks:add(remove_user, H, ?MODULE, remove_user, 50),
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, sent, 50).
        remove_user(User, Server) ->
            mod_b:remove(User, Server),
            ok.

        %% Calls remove_user/2 as MongooseIM 2.0.1 did for remove_user.
        remove_user(Acc, #{jid := JID}, _Extra) ->
            {LUser, LServer} = jid:to_lus(JID),
            remove_user(LUser, LServer),
            {ok, Acc}.
        sent(From, _To, Packet) ->
            mod_b:sent(From, Packet).

        %% Calls sent/3 as MongooseIM 2.0.1 did for user_send_packet.
        user_send_packet(Acc, _Params, _Extra) ->
            {From, To, Packet} = mongoose_acc:packet(Acc),
            case sent(From, To, Packet) of
                stop -> {stop, Acc};
                _ -> {ok, Acc}
            end.
        "#,
    );
    let reason = "`remove_user/2` has the form of handlers until MongooseIM 2.0.1, which took no accumulator";
    assert!(outcome.reasons.iter().any(|it| it.contains(reason)), "{:?}", outcome.reasons);
}

#[test]
fn what_took_other_arguments_is_rewritten_in_place() {
    let outcome = becomes(
        r#"
        -module(mod_a).
        -export([start/2, set/4]).
        start(H, _) -> ejabberd_hooks:add(vcard_set, H, ?MODULE, set, 50).
        set(Acc, User, _Server, VCard) ->
            mod_b:set(User, VCard),
            Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, set/3]).
        start(H, _) -> ejabberd_hooks:add(vcard_set, H, ?MODULE, set, 50).
        set(Acc, #{jid := JID, vcard := VCard}, _Extra) ->
            {User, _Server} = jid:to_lus(JID),
            mod_b:set(User, VCard),
            {ok, Acc}.
        "#,
    );
    assert!(outcome.reasons.iter().any(|it| it.contains("until MongooseIM 4.2.0, which took other arguments")));
}

#[test]
fn what_cannot_be_given_any_more() {
    let module = |hook: &str, arity: usize, head: &str| {
        format!(
            "-module(mod_a).\n-export([start/2, f/{arity}]).\n\
             start(H, _) -> ejabberd_hooks:add({hook}, H, ?MODULE, f, 50).\n{head} -> Acc.\n"
        )
    };
    refused(
        "handlers of `disco_sm_features` were other ones until 4.2.0: its accumulator was the result itself",
        &module("disco_sm_features", 5, "f(Acc, _, _, _, _)"),
    );
    refused(
        "`f/4` takes 4 arguments, and `disco_sm_features` gives 1",
        &module("disco_sm_features", 4, "f(Acc, _, _, _)"),
    );
}

#[test]
fn what_was_never_called_is_said() {
    let text = include_str!("../../../../catalog/changes/5.1.0-to-6.0.0.toml");
    let before = text.find("map_only = true").map(|at| &text[..at]).unwrap();
    let hook = before.rsplit("hook = \"").next().and_then(|rest| rest.split('"').next()).unwrap();
    let code = format!(
        "-module(mod_a).\n-export([start/2, f/1]).\nstart(H, _) -> ejabberd_hooks:add({hook}, H, ?MODULE, f, 50).\nf(Acc) -> Acc.\n"
    );
    let why = rewritten(&code).map(|it| it.text).unwrap_err();
    assert!(why.contains(&format!("`{hook}` was run with a map alone already")), "{why}");
}
