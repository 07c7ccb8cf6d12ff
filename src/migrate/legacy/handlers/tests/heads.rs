//! What handlers take.

use super::{becomes, is_written, refused};

#[test]
fn arguments_are_taken_from_maps() {
    let outcome = becomes(
        r#"
        -module(mod_a).
        -export([start/2, card_set/4]).
        start(HostType, _) -> ejabberd_hooks:add(set_vcard, HostType, ?MODULE, card_set, 50).
        card_set(Acc, HostType, User, VCard) ->
            mod_b:keep(HostType, User, VCard),
            Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, card_set/3]).
        start(HostType, _) -> ejabberd_hooks:add(set_vcard, HostType, ?MODULE, card_set, 50).
        card_set(Acc, #{user := User, vcard := VCard}, #{host_type := HostType}) ->
            mod_b:keep(HostType, User, VCard),
            {ok, Acc}.
        "#,
    );
    assert_eq!(outcome.functions, ["set_vcard: card_set"]);
    assert!(outcome.reasons.is_empty());
}

#[test]
fn what_is_not_used_is_not_taken() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, card_set/4, packet/1]).
        start(HostType, _) ->
            ejabberd_hooks:add(set_vcard, HostType, ?MODULE, card_set, 50),
            ejabberd_hooks:add(filter_local_packet, HostType, ?MODULE, packet, 50).
        card_set(Acc, _HostType, _, VCard) when is_tuple(VCard) ->
            Acc;
        card_set(Acc, _, _User, _) ->
            Acc.
        packet({_, _, _, _} = Acc) -> Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, card_set/3, packet/3]).
        start(HostType, _) ->
            ejabberd_hooks:add(set_vcard, HostType, ?MODULE, card_set, 50),
            ejabberd_hooks:add(filter_local_packet, HostType, ?MODULE, packet, 50).
        card_set(Acc, #{vcard := VCard}, _Extra) when is_tuple(VCard) ->
            {ok, Acc};
        card_set(Acc, _Params, _Extra) ->
            {ok, Acc}.
        packet({_, _, _, _} = Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn names_that_are_taken_are_not_taken_again() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, version/2]).
        start(H, _) -> ejabberd_hooks:add(roster_get_versioning_feature, H, ?MODULE, version, 50).
        version(Acc, _HostType) ->
            {_Params, _Extra} = mod_b:get(),
            Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, version/3]).
        start(H, _) -> ejabberd_hooks:add(roster_get_versioning_feature, H, ?MODULE, version, 50).
        version(Acc, _Params1, _Extra1) ->
            {_Params, _Extra} = mod_b:get(),
            {ok, Acc}.
        "#,
    );
}

#[test]
fn the_map_itself() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, archived/3, kept/3]).
        start(H, _) ->
            ejabberd_hooks:add([{mam_archive_message, H, ?MODULE, archived, 50},
                                {mam_archive_message, H, ?MODULE, kept, 60}]).
        archived(Result, HostType, #{packet := Packet} = Params) ->
            mod_b:archive(HostType, Packet, Params),
            Result.
        kept(Result, _HostType, _) ->
            Result.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, archived/3, kept/3]).
        start(H, _) ->
            ejabberd_hooks:add([{mam_archive_message, H, ?MODULE, archived, 50},
                                {mam_archive_message, H, ?MODULE, kept, 60}]).
        archived(Result, #{packet := Packet} = Params, #{host_type := HostType}) ->
            mod_b:archive(HostType, Packet, Params),
            {ok, Result}.
        kept(Result, _Params, _Extra) ->
            {ok, Result}.
        "#,
    );
}

#[test]
fn what_has_to_be_computed_comes_first() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, sent/4, got/5, seen/4]).
        start(H, _) ->
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, sent, 50),
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, seen, 51),
            ejabberd_hooks:add(user_receive_packet, H, ?MODULE, got, 50).
        sent(Acc, From, _To, Packet) ->
            mod_b:sent(From, Packet),
            Acc.
        got(Acc, JID, _From, _, El) ->
            mod_b:got(JID, El),
            Acc.
        seen(_, _, _, _) -> ok.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, sent/3, got/3, seen/3]).
        start(H, _) ->
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, sent, 50),
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, seen, 51),
            ejabberd_hooks:add(user_receive_packet, H, ?MODULE, got, 50).
        sent(Acc, _Params, _Extra) ->
            {From, _To, Packet} = mongoose_acc:packet(Acc),
            mod_b:sent(From, Packet),
            {ok, Acc}.
        got(Acc, #{jid := JID}, _Extra) ->
            El = mongoose_acc:element(Acc),
            mod_b:got(JID, El),
            {ok, Acc}.
        seen(_, _Params, _Extra) -> {ok, ok}.
        "#,
    );
}

#[test]
fn the_accumulator_gets_a_name_where_it_is_needed() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, sent/4, seen/4]).
        start(H, _) ->
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, sent, 50),
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, seen, 51).
        sent(_, From, _, _) -> mod_b:sent(From), stop.
        seen(#{lang := Lang}, _, To, _) ->
            mod_b:seen(Lang, To),
            #{}.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, sent/3, seen/3]).
        start(H, _) ->
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, sent, 50),
            ejabberd_hooks:add(user_send_packet, H, ?MODULE, seen, 51).
        sent(Acc, _Params, _Extra) ->
            From = mongoose_acc:from_jid(Acc),
            mod_b:sent(From), {stop, stopped}.
        seen(#{lang := Lang} = Acc, _Params, _Extra) ->
            To = mongoose_acc:to_jid(Acc),
            mod_b:seen(Lang, To),
            {ok, #{}}.
        "#,
    );
}

#[test]
fn a_record_that_is_known_goes_into_the_head() {
    becomes(
        r#"
        -module(mod_a).
        -record(jid, {user, server, resource, luser, lserver, lresource}).
        -export([start/2, remove_user/3, forget/3]).
        start(H, _) ->
            ejabberd_hooks:add(remove_user, H, ?MODULE, remove_user, 50),
            ejabberd_hooks:add(remove_user, H, ?MODULE, forget, 60).
        remove_user(Acc, <<"admin">>, _) ->
            Acc;
        remove_user(Acc, User, Server) when User =/= Server ->
            mod_b:remove(User, Server),
            Acc.
        forget(Acc, _User, Server) ->
            mod_b:forget(Server),
            Acc.
        "#,
        r#"
        -module(mod_a).
        -record(jid, {user, server, resource, luser, lserver, lresource}).
        -export([start/2, remove_user/3, forget/3]).
        start(H, _) ->
            ejabberd_hooks:add(remove_user, H, ?MODULE, remove_user, 50),
            ejabberd_hooks:add(remove_user, H, ?MODULE, forget, 60).
        remove_user(Acc, #{jid := #jid{luser = <<"admin">>}}, _Extra) ->
            {ok, Acc};
        remove_user(Acc, #{jid := #jid{luser = User, lserver = Server}}, _Extra) when User =/= Server ->
            mod_b:remove(User, Server),
            {ok, Acc}.
        forget(Acc, #{jid := #jid{lserver = Server}}, _Extra) ->
            mod_b:forget(Server),
            {ok, Acc}.
        "#,
    );
}

#[test]
fn without_the_record_a_function_is_asked() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, remove_user/3]).
        start(H, _) -> ejabberd_hooks:add(remove_user, H, ?MODULE, remove_user, 50).
        %% They are gone for good.
        remove_user(Acc, User, Server) ->
            %% Both of them.
            mod_b:remove(User, Server),
            Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, remove_user/3]).
        start(H, _) -> ejabberd_hooks:add(remove_user, H, ?MODULE, remove_user, 50).
        %% They are gone for good.
        remove_user(Acc, #{jid := JID}, _Extra) ->
            {User, Server} = jid:to_lus(JID),
            %% Both of them.
            mod_b:remove(User, Server),
            {ok, Acc}.
        "#,
    );
}

#[test]
fn the_only_statement_is_tagged_behind_what_comes_first() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, sent/4]).
        start(H, _) -> ejabberd_hooks:add(user_send_packet, H, ?MODULE, sent, 50).
        sent(Acc, From, _, _) ->
            mongoose_acc:set(mod_a, from, From, Acc).
        "#,
        r#"
        -module(mod_a).
        -export([start/2, sent/3]).
        start(H, _) -> ejabberd_hooks:add(user_send_packet, H, ?MODULE, sent, 50).
        sent(Acc, _Params, _Extra) ->
            From = mongoose_acc:from_jid(Acc),
            {ok, mongoose_acc:set(mod_a, from, From, Acc)}.
        "#,
    );
}

#[test]
fn heads_of_several_lines() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, card_set/4]).
        start(H, _) -> ejabberd_hooks:add(set_vcard, H, ?MODULE, card_set, 50).
        card_set(Acc,
                 HostType,
                 {jid, User,
                  _Server},
                 VCard) when User =/= <<>> -> % nobody
            mod_b:keep(HostType, User, VCard),
            Acc;
        card_set(Accumulator, TheHostTypeOfTheUserWhoSetIt, TheJidOfTheUserWhoSetIt, TheNewVCard) ->
            mod_b:keep(TheHostTypeOfTheUserWhoSetIt, TheJidOfTheUserWhoSetIt, TheNewVCard),
            Accumulator.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, card_set/3]).
        start(H, _) -> ejabberd_hooks:add(set_vcard, H, ?MODULE, card_set, 50).
        card_set(Acc, #{user := {jid, User, _Server}, vcard := VCard},
                 #{host_type := HostType}) when User =/= <<>> -> % nobody
            mod_b:keep(HostType, User, VCard),
            {ok, Acc};
        card_set(Accumulator, #{user := TheJidOfTheUserWhoSetIt, vcard := TheNewVCard},
                 #{host_type := TheHostTypeOfTheUserWhoSetIt}) ->
            mod_b:keep(TheHostTypeOfTheUserWhoSetIt, TheJidOfTheUserWhoSetIt, TheNewVCard),
            {ok, Accumulator}.
        "#,
    );
}

#[test]
fn variables_that_have_to_be_the_same_and_macros() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, offline/4, other/4]).
        -define(PARSED(Name), {xmlel, Name, _, _}).
        start(H, _) ->
            ejabberd_hooks:add(offline_message_hook, H, ?MODULE, offline, 50),
            ejabberd_hooks:add(offline_message_hook, H, ?MODULE, other, 50).
        offline(Acc, JID, JID, _) -> Acc;
        offline(Acc, _From, _To, ?PARSED(<<"message">>)) -> {stop, Acc}.
        other(Acc, From, Acc, From) -> Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, offline/3, other/3]).
        -define(PARSED(Name), {xmlel, Name, _, _}).
        start(H, _) ->
            ejabberd_hooks:add(offline_message_hook, H, ?MODULE, offline, 50),
            ejabberd_hooks:add(offline_message_hook, H, ?MODULE, other, 50).
        offline(Acc, #{from := JID, to := JID}, _Extra) -> {ok, Acc};
        offline(Acc, #{packet := ?PARSED(<<"message">>)}, _Extra) -> {stop, Acc}.
        other(Acc, #{from := From, to := Acc, packet := From}, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn each_definition_under_ifdef_is_rewritten() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, offline/4]).
        start(H, _) -> ejabberd_hooks:add(offline_message_hook, H, ?MODULE, offline, 50).
        -ifdef(QUIET).
        offline(Acc, _, _, _) -> Acc.
        -else.
        offline(Acc, From, _, _) -> mod_b:tell(From), Acc.
        -endif.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, offline/3]).
        start(H, _) -> ejabberd_hooks:add(offline_message_hook, H, ?MODULE, offline, 50).
        -ifdef(QUIET).
        offline(Acc, _Params, _Extra) -> {ok, Acc}.
        -else.
        offline(Acc, #{from := From}, _Extra) -> mod_b:tell(From), {ok, Acc}.
        -endif.
        "#,
    );
}

#[test]
fn one_function_for_hooks_that_give_the_same() {
    let outcome = becomes(
        r#"
        -module(mod_a).
        -export([start/2, packet/1]).
        start(H, _) ->
            [ejabberd_hooks:add(Hook, H, ?MODULE, packet, 50) || Hook <- [filter_packet, filter_local_packet]].
        packet(drop) -> drop;
        packet(Acc) -> Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, packet/3]).
        start(H, _) ->
            [ejabberd_hooks:add(Hook, H, ?MODULE, packet, 50) || Hook <- [filter_packet, filter_local_packet]].
        packet(drop, _Params, _Extra) -> {ok, drop};
        packet(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
    assert_eq!(outcome.functions, ["filter_local_packet: packet", "filter_packet: packet"]);
}

#[test]
fn a_local_function_is_exported() {
    is_written(
        r#"
        -module(mod_a).
        -export([start/2]).
        -ignore_xref([{?MODULE, offline, 4}, start/2]).
        -dialyzer({nowarn_function, [offline/4]}).
        start(H, _) -> ejabberd_hooks:add(offline_message_hook, H, fun offline/4, 50).
        offline(Acc, _, _, _) -> Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2]).
        -export([offline/3]).
        -ignore_xref([{?MODULE, offline, 3}, start/2]).
        -dialyzer({nowarn_function, [offline/3]}).
        start(H, _) -> ejabberd_hooks:add(offline_message_hook, H, fun offline/4, 50).
        offline(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn what_cannot_be_understood_is_left() {
    let with = |code: &str| {
        format!(
            "-module(mod_a).\n-export([start/2, f/2]).\n\
             start(H, _) -> ejabberd_hooks:add(set_vcard, H, ?MODULE, f, 50).\n{code}\n"
        )
    };
    refused("`f/2` takes 2 arguments, and `set_vcard` gives 4", &with("f(Acc, _) -> Acc."));
    refused("is registered, and not defined", &with("g(Acc, _) -> Acc."));
    refused("could not be parsed", &with("f(Acc, H, J, V) -> case of."));
    let unknown = "start(H) -> ejabberd_hooks:add(no_such_hook, H, ?MODULE, f, 50).\nf(Acc, _) -> Acc.\n";
    refused("it is not known what `no_such_hook` gave", &format!("-module(mod_a).\n-export([f/2]).\n{unknown}"));
    refused("`mod_a:f/2` is not exported and was never called", &format!("-module(mod_a).\n{unknown}"));
    let elsewhere = "-module(mod_a).\nstart(H) -> ejabberd_hooks:add(set_vcard, H, mod_other, f, 50).\n";
    refused("`mod_other:f/4` is not part of the checked code", elsewhere);
}

#[test]
fn what_hooks_give_differently_does_not_matter_where_it_is_not_used() {
    let outcome = becomes(
        r#"
        -module(mod_a).
        -export([start/2, removed/4]).
        start(H, _) ->
            ejabberd_hooks:add(mam_remove_archive, H, ?MODULE, removed, 50),
            ejabberd_hooks:add(mam_muc_remove_archive, H, ?MODULE, removed, 50).
        removed(Acc, HostType, ArchiveID, _Owner) ->
            mod_b:removed(HostType, ArchiveID),
            Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, removed/3]).
        start(H, _) ->
            ejabberd_hooks:add(mam_remove_archive, H, ?MODULE, removed, 50),
            ejabberd_hooks:add(mam_muc_remove_archive, H, ?MODULE, removed, 50).
        removed(Acc, #{archive_id := ArchiveID}, #{host_type := HostType}) ->
            mod_b:removed(HostType, ArchiveID),
            {ok, Acc}.
        "#,
    );
    assert_eq!(outcome.functions, ["mam_muc_remove_archive: removed", "mam_remove_archive: removed"]);
}

#[test]
fn a_map_that_is_too_long_for_a_line() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, offline/4]).
        start(H, _) -> ejabberd_hooks:add(offline_message_hook, H, ?MODULE, offline, 50).
        offline(Acc, {jid, FromUser, FromServer, _}, {jid, ToUser, ToServer, _}, {xmlel, <<"message">>, Attributes, _}) ->
            mod_b:offline(FromUser, FromServer, ToUser, ToServer, Attributes),
            mongoose_acc:set(mod_a, offline,
                             {ToUser, ToServer},
                             Acc);
        offline(Acc, _, _, _) ->
            lists:foldl(fun(A, B) ->
                maps:put(A, ok, B)
            end, Acc, [a]).
        "#,
        r#"
        -module(mod_a).
        -export([start/2, offline/3]).
        start(H, _) -> ejabberd_hooks:add(offline_message_hook, H, ?MODULE, offline, 50).
        offline(Acc,
                #{from := {jid, FromUser, FromServer, _},
                  to := {jid, ToUser, ToServer, _},
                  packet := {xmlel, <<"message">>, Attributes, _}}, _Extra) ->
            mod_b:offline(FromUser, FromServer, ToUser, ToServer, Attributes),
            {ok, mongoose_acc:set(mod_a, offline,
                                  {ToUser, ToServer},
                                  Acc)};
        offline(Acc, _Params, _Extra) ->
            {ok, lists:foldl(fun(A, B) ->
                maps:put(A, ok, B)
            end, Acc, [a])}.
        "#,
    );
}

#[test]
fn a_parse_transform_is_something_to_look_at() {
    let module = |transform: &str, contract: &str| {
        format!(
            "-module(mod_a).\n-compile({{parse_transform, {transform}}}).\n-export([f/{contract}\n\
             start(H, _) -> ejabberd_hooks:add(user_available_hook, H, ?MODULE, f, 50).\n"
        )
    };
    let before = |transform| module(transform, "2]).\n") + "f(Acc, _JID) -> Acc.\n";
    let after = |transform| module(transform, "3]).\n") + "f(Acc, _Params, _Extra) -> {ok, Acc}.\n";
    let reasons = |transform| is_written(&before(transform), &after(transform)).reasons;
    assert_eq!(reasons("cut"), ["the parse transform `cut` may make something else of what `mod_a` says"]);
    assert_eq!(reasons("lager_transform"), [""; 0]);
}

#[test]
fn names_that_go_with_the_old_head_are_free_again() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, found/3]).
        start(H, _) -> ejabberd_hooks:add(mam_lookup_messages, H, ?MODULE, found, 50).
        found(Result, _Extra, _Params) ->
            Result.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, found/3]).
        start(H, _) -> ejabberd_hooks:add(mam_lookup_messages, H, ?MODULE, found, 50).
        found(Result, _Params, _Extra) ->
            {ok, Result}.
        "#,
    );
}
