//! Functions that stay, and those before them.

use super::{becomes, is_written, rewritten};

#[test]
fn what_is_called_directly_stays() {
    let outcome = becomes(
        r#"
        -module(mod_a).
        -export([start/2, card_set/4, again/0]).
        start(H, _) -> ejabberd_hooks:add(set_vcard, H, ?MODULE, card_set, 50).
        card_set(Acc, H, _User, VCard) -> % sets it
            mod_b:keep(H, VCard),
            Acc.  % for others
        again() -> card_set(#{}, <<"h">>, a, b).
        "#,
        r#"
        -module(mod_a).
        -export([start/2, card_set/4, card_set/3, again/0]).
        start(H, _) -> ejabberd_hooks:add(set_vcard, H, ?MODULE, card_set, 50).
        card_set(Acc, H, _User, VCard) -> % sets it
            mod_b:keep(H, VCard),
            Acc.  % for others

        %% Calls card_set/4 as MongooseIM 5.1.0 did for set_vcard.
        card_set(Acc, #{user := UserJID, vcard := VCard}, #{host_type := HostType}) ->
            {ok, card_set(Acc, HostType, UserJID, VCard)}.
        again() -> card_set(#{}, <<"h">>, a, b).
        "#,
    );
    assert_eq!(outcome.functions, ["set_vcard: card_set"]);
    assert!(outcome.reasons.is_empty());
}

/// The handler of a module is called from outside of it, or may be.
#[track_caller]
fn stays(code: &str, other: &str) {
    let text = format!(
        "-module(mod_a).\n-export([start/2, f/2]).\n\
         start(H, _) -> ejabberd_hooks:add(roster_get_versioning_feature, H, ?MODULE, f, 50).\n{code}\n{other}"
    );
    let text = rewritten(&text).unwrap().text;
    assert!(text.contains("{ok, f(Acc, HostType)}") && text.contains("f(Acc, _) -> Acc."), "{text}");
}

#[test]
fn uses_of_all_kinds() {
    const HANDLER: &str = "f(Acc, _) -> Acc.";
    stays(&format!("{HANDLER}\ng() -> fun f/2."), "");
    stays(&format!("{HANDLER}\ng() -> fun ?MODULE:f/2."), "");
    stays(&format!("{HANDLER}\ng() -> apply(?MODULE, f, [1, 2])."), "");
    stays(&format!("{HANDLER}\ng() -> {{mod_a, f, [1, 2]}}."), "");
    stays(&format!("-define(F(X), f(X, x)).\n{HANDLER}\ng() -> ?F(1)."), "");
    stays(HANDLER, "//- src/mod_b.erl\n-module(mod_b).\ng() -> mod_a:f(1, 2).\n");
    stays(HANDLER, "//- test/a_SUITE.erl\n-module(a_SUITE).\nt(_) -> rpc(mim, mod_a, f, [1, 2]).\n");
    stays(
        &format!("-behaviour(my_feature).\n{HANDLER}"),
        "//- src/my_feature.erl\n-module(my_feature).\n-callback f(term(), binary()) -> term().\n",
    );
}

#[test]
fn what_is_no_use() {
    for (code, other) in [
        ("g() -> mod_b:f(1, 2).", ""),
        ("g() -> f.", ""),
        ("g() -> {f, 1, 2}.", ""),
        ("", "//- src/mod_b.erl\n-module(mod_b).\nf(A, B) -> f(A, B).\ng() -> fun ?MODULE:f/2.\n"),
    ] {
        let text = format!(
            "-module(mod_a).\n-export([start/2, f/2]).\n\
             start(H, _) -> ejabberd_hooks:add(roster_get_versioning_feature, H, ?MODULE, f, 50).\nf(Acc, _) -> Acc.\n{code}\n{other}"
        );
        let text = rewritten(&text).unwrap().text;
        assert!(text.contains("f(Acc, _Params, _Extra) -> {ok, Acc}."), "{text}");
    }
}

#[test]
fn what_calls_itself_stays() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, offline/4]).
        start(H, _) -> ejabberd_hooks:add(offline_message_hook, H, ?MODULE, offline, 50).
        offline(Acc, From, To, [Packet | Rest]) ->
            offline([{From, To, Packet} | Acc], From, To, Rest);
        offline(Acc, _, _, []) ->
            Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, offline/4, offline/3]).
        start(H, _) -> ejabberd_hooks:add(offline_message_hook, H, ?MODULE, offline, 50).
        offline(Acc, From, To, [Packet | Rest]) ->
            offline([{From, To, Packet} | Acc], From, To, Rest);
        offline(Acc, _, _, []) ->
            Acc.

        %% Calls offline/4 as MongooseIM 5.1.0 did for offline_message_hook.
        offline(Acc, #{from := From, to := To, packet := Packet}, _Extra) ->
            {ok, offline(Acc, From, To, Packet)}.
        "#,
    );
}

#[test]
fn a_computed_value_that_decides() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, sent/4, got/5]).
        start(H, _) ->
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, sent, 50),
            ejabberd_hooks:add(user_receive_packet, H, ?MODULE, got, 50).
        sent(Acc, _From, _To, {xmlel, <<"message">>, _, _} = Packet) ->
            mod_b:sent(Packet),
            Acc;
        sent(_, _, _, _) ->
            stop.
        got(Acc, JID, JID, _, _) -> Acc;
        got(Acc, _, _, _, _) -> {stop, Acc}.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, sent/4, sent/3, got/5, got/3]).
        start(H, _) ->
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, sent, 50),
            ejabberd_hooks:add(user_receive_packet, H, ?MODULE, got, 50).
        sent(Acc, _From, _To, {xmlel, <<"message">>, _, _} = Packet) ->
            mod_b:sent(Packet),
            Acc;
        sent(_, _, _, _) ->
            stop.

        %% Calls sent/4 as MongooseIM 5.1.0 did for user_send_packet.
        sent(Acc, _Params, _Extra) ->
            {From, To, Packet} = mongoose_acc:packet(Acc),
            case sent(Acc, From, To, Packet) of
                stop -> {stop, stopped};
                NewAcc -> {ok, NewAcc}
            end.
        got(Acc, JID, JID, _, _) -> Acc;
        got(Acc, _, _, _, _) -> {stop, Acc}.

        %% Calls got/5 as MongooseIM 5.1.0 did for user_receive_packet.
        got(Acc, #{jid := JID}, _Extra) ->
            {From, To, El} = mongoose_acc:packet(Acc),
            case got(Acc, JID, From, To, El) of
                {stop, NewAcc} -> {stop, NewAcc};
                NewAcc -> {ok, NewAcc}
            end.
        "#,
    );
}

#[test]
fn comments_in_heads_stay() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, card_set/4]).
        start(H, _) -> ejabberd_hooks:add(set_vcard, H, ?MODULE, card_set, 50).
        card_set(Acc,
                 _HostType, % not needed
                 _User,
                 _VCard) ->
            {stop, Acc}.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, card_set/4, card_set/3]).
        start(H, _) -> ejabberd_hooks:add(set_vcard, H, ?MODULE, card_set, 50).
        card_set(Acc,
                 _HostType, % not needed
                 _User,
                 _VCard) ->
            {stop, Acc}.

        %% Calls card_set/4 as MongooseIM 5.1.0 did for set_vcard.
        card_set(Acc, #{user := UserJID, vcard := VCard}, #{host_type := HostType}) ->
            card_set(Acc, HostType, UserJID, VCard).
        "#,
    );
}

#[test]
fn hooks_that_give_different_things() {
    let outcome = becomes(
        r#"
        -module(mod_a).
        -export([start/2, seen/4]).
        start(H, _) ->
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, seen, 50),
            ejabberd_hooks:add(offline_message_hook, H, ?MODULE, seen, 50).
        seen(Acc, From, To, Packet) ->
            mod_b:seen(From, To, Packet),
            Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, seen/4, seen/3, user_send_packet/3]).
        start(H, _) ->
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, seen, 50),
            ejabberd_hooks:add(offline_message_hook, H, ?MODULE, seen, 50).
        seen(Acc, From, To, Packet) ->
            mod_b:seen(From, To, Packet),
            Acc.

        %% Calls seen/4 as MongooseIM 5.1.0 did for offline_message_hook.
        seen(Acc, #{from := From, to := To, packet := Packet}, _Extra) ->
            {ok, seen(Acc, From, To, Packet)}.

        %% Calls seen/4 as MongooseIM 5.1.0 did for user_send_packet.
        user_send_packet(Acc, _Params, _Extra) ->
            {From, To, Packet} = mongoose_acc:packet(Acc),
            {ok, seen(Acc, From, To, Packet)}.
        "#,
    );
    assert_eq!(outcome.functions, ["offline_message_hook: seen", "user_send_packet: user_send_packet"]);
}

#[test]
fn the_name_is_another_function_s() {
    let outcome = becomes(
        r#"
        -module(mod_a).
        -export([start/2, remove_user/3, card_set/3, card_set/4]).
        start(H, _) ->
            ejabberd_hooks:add(remove_user, H, ?MODULE, remove_user, 50),
            ejabberd_hooks:add(set_vcard, H, ?MODULE, card_set, 50).
        remove_user(Acc, User, Server) -> card_set(User, Server, Acc).
        card_set(_, _, Acc) -> [Acc].
        card_set(Acc, _, _, _) -> Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, remove_user/3, card_set/3, card_set/4, set_vcard/3]).
        start(H, _) ->
            ejabberd_hooks:add(remove_user, H, ?MODULE, remove_user, 50),
            ejabberd_hooks:add(set_vcard, H, ?MODULE, card_set, 50).
        remove_user(Acc, #{jid := JID}, _Extra) ->
            {User, Server} = jid:to_lus(JID),
            {ok, card_set(User, Server, Acc)}.
        card_set(_, _, Acc) -> [Acc].
        card_set(Acc, _, _, _) -> Acc.

        %% Calls card_set/4 as MongooseIM 5.1.0 did for set_vcard.
        set_vcard(Acc, #{user := UserJID, vcard := VCard}, #{host_type := HostType}) ->
            {ok, card_set(Acc, HostType, UserJID, VCard)}.
        "#,
    );
    assert_eq!(outcome.functions, ["set_vcard: set_vcard", "remove_user: remove_user"]);
}

#[test]
fn an_adapter_for_a_function_of_three_arguments() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, remove_user/3]).
        start(H, _) -> ejabberd_hooks:add(remove_user, H, ?MODULE, remove_user, 50).
        remove_user(Acc, User, Server) -> mod_b:remove(Acc, User, Server).
        "#,
        r#"
        -module(mod_a).
        -export([start/2, remove_user/3, handle_remove_user/3]).
        start(H, _) -> ejabberd_hooks:add(remove_user, H, ?MODULE, remove_user, 50).
        remove_user(Acc, User, Server) -> mod_b:remove(Acc, User, Server).

        %% Calls remove_user/3 as MongooseIM 5.1.0 did for remove_user.
        handle_remove_user(Acc, #{jid := JID}, _Extra) ->
            {LUser, LServer} = jid:to_lus(JID),
            case remove_user(Acc, LUser, LServer) of
                stop -> {stop, stopped};
                {stop, NewAcc} -> {stop, NewAcc};
                NewAcc -> {ok, NewAcc}
            end.
        "#,
    );
}

#[test]
fn an_adapter_stands_behind_all_definitions() {
    is_written(
        r#"
        -module(mod_a).
        -export([start/2, f/2]).
        start(H, _) -> ejabberd_hooks:add(roster_get_versioning_feature, H, ?MODULE, f, 50).
        -ifdef(ONE).
        f(Acc, H) -> mod_b:f(Acc, H).
        -else.
        f(Acc, _) -> Acc.
        -endif.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, f/2, f/3]).
        start(H, _) -> ejabberd_hooks:add(roster_get_versioning_feature, H, ?MODULE, f, 50).
        -ifdef(ONE).
        f(Acc, H) -> mod_b:f(Acc, H).
        -else.
        f(Acc, _) -> Acc.
        -endif.

        %% Calls f/2 as MongooseIM 5.1.0 did for roster_get_versioning_feature.
        f(Acc, _Params, #{host_type := HostType}) ->
            case f(Acc, HostType) of
                stop -> {stop, stopped};
                {stop, NewAcc} -> {stop, NewAcc};
                NewAcc -> {ok, NewAcc}
            end.
        "#,
    );
}

#[test]
fn long_heads_and_types_go_on_below() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, preferences_were_set/7]).
        start(H, _) -> ejabberd_hooks:add(mam_set_prefs, H, ?MODULE, preferences_were_set, 50).
        -spec preferences_were_set(term(), binary(), integer(), term(), atom(), [binary()], [binary()]) -> term().
        preferences_were_set(Result, _H, _Id, _Owner, _Mode, _Always, _Never) ->
            mod_b:seen(Result).
        "#,
        r#"
        -module(mod_a).
        -export([start/2, preferences_were_set/7, preferences_were_set/3]).
        start(H, _) -> ejabberd_hooks:add(mam_set_prefs, H, ?MODULE, preferences_were_set, 50).
        -spec preferences_were_set(term(), binary(), integer(), term(), atom(), [binary()], [binary()]) -> term().
        preferences_were_set(Result, _H, _Id, _Owner, _Mode, _Always, _Never) ->
            mod_b:seen(Result).

        %% Calls preferences_were_set/7 as MongooseIM 5.1.0 did for mam_set_prefs.
        -spec preferences_were_set(Acc, Params, Extra) -> {ok | stop, Acc} when
              Acc :: term(),
              Params :: #{archive_id := integer(),
                          owner := term(),
                          default_mode := atom(),
                          always_jids := [binary()],
                          never_jids := [binary()]},
              Extra :: gen_hook:extra().
        preferences_were_set(Acc,
                             #{archive_id := ArchiveID,
                               owner := OwnerJID,
                               default_mode := DefaultMode,
                               always_jids := AlwaysJIDs,
                               never_jids := NeverJIDs}, #{host_type := HookServer}) ->
            case preferences_were_set(Acc, HookServer, ArchiveID, OwnerJID, DefaultMode, AlwaysJIDs, NeverJIDs) of
                stop -> {stop, stopped};
                {stop, NewAcc} -> {stop, NewAcc};
                NewAcc -> {ok, NewAcc}
            end.
        "#,
    );
}
