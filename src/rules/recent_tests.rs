//! What all rules together say about the steps from 6.4.0 to 6.8.0.

use super::testing::Case;

fn step(fixture: &str, from: &str, to: &str) -> Case {
    Case::new(fixture).from(from).to(to)
}

const TERMINATE: &str = r#"
    -module(mod_a).
    -behaviour(gen_mod).
    -export([start/2, stop/1, hooks/1, gone/3]).
    start(_HostType, _Opts) -> ok.
    stop(_HostType) -> ok.
    hooks(HostType) ->
        [{user_terminate, HostType, fun ?MODULE:gone/3, #{}, 80}].
    gone(Acc, _Params, _Extra) -> {ok, Acc}.
    "#;

#[test]
fn sessions_that_are_resumed_end_for_more_handlers() {
    let found = step(TERMINATE, "6.4.0", "6.5.0").findings();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].rule, "changed-meaning");
    assert!(found[0].message.contains("priority from 50 to 99"), "{}", found[0].message);
    step(TERMINATE, "6.5.0", "6.8.0").check();
}

#[test]
fn handlers_of_pep_are_never_called() {
    let fixture = r#"
        -module(mod_a).
        -behaviour(gen_mod).
        -export([start/2, stop/1, hooks/1, watchers/3]).
        start(_HostType, _Opts) -> ok.
        stop(_HostType) -> ok.
        hooks(HostType) ->
            [{get_pep_recipients, HostType, fun ?MODULE:watchers/3, #{}, 60}].
        %%    ^^^^^^^^^^^^^^^^^^ error[removed-hook]: get_pep_recipients
        %%    = help: pubsub_publish_item
        %%    = rewrite: advice
        watchers(Recipients, #{feature := Feature}, _Extra) ->
            {ok, acme:watchers(Feature) ++ Recipients}.
        "#;
    step(fixture, "6.6.0", "6.7.0").rules(&["removed-hook"]).check();
    assert!(step(fixture, "6.4.0", "6.6.0").rules(&["removed-hook"]).findings().is_empty());
}

#[test]
fn capabilities_are_given_with_the_session() {
    step(
        r#"
        -module(mod_a).
        -behaviour(gen_mod).
        -export([start/2, stop/1, hooks/1, caps/3]).
        start(_HostType, _Opts) -> ok.
        stop(_HostType) -> ok.
        hooks(HostType) ->
            [{caps_recognised, HostType, fun ?MODULE:caps/3, #{}, 50}].
        caps(Acc, #{from := From, pid := Pid, features := Features}, _Extra) ->
            acme_caps:store(From, Pid, Features),
            {ok, Acc}.
        "#,
        "6.6.0",
        "6.7.0",
    )
    .fix(false)
    .is(
        r#"
        -module(mod_a).
        -behaviour(gen_mod).
        -export([start/2, stop/1, hooks/1, caps/3]).
        start(_HostType, _Opts) -> ok.
        stop(_HostType) -> ok.
        hooks(HostType) ->
            [{caps_recognised, HostType, fun ?MODULE:caps/3, #{}, 50}].
        caps(Acc, #{from := From, pid := Pid, features := Features}, _Extra) ->
            acme_caps:store(From, Pid, Features),
            {ok, Acc}.
        "#,
        r#"
        -module(mod_a).
        -behaviour(gen_mod).
        -export([start/2, stop/1, hooks/1, caps/3]).
        start(_HostType, _Opts) -> ok.
        stop(_HostType) -> ok.
        hooks(HostType) ->
            [{caps_recognised, HostType, fun ?MODULE:caps/3, #{}, 50}].
        caps(Acc, #{c2s_data := C2SData, features := Features}, _Extra) ->
            acme_caps:store(mongoose_c2s:get_jid(C2SData), self(), Features),
            {ok, Acc}.
        "#,
    );
}

const ROUTES: &str = r#"
    -module(mod_a).
    -include_lib("exml/include/exml.hrl").
    -export([forward/2, answer/1, tell/3]).
    forward(Acc, To) ->
        {From, _, Packet} = mongoose_acc:packet(Acc),
        ejabberd_router:route(From, To, Acc, Packet).
    answer(Acc) ->
        {From, To, #xmlel{} = Stanza} = mongoose_acc:packet(Acc),
        ejabberd_router:route(To, From, Acc, Stanza#xmlel{children = []}).
    tell(From, To, Text) ->
        Body = #xmlel{name = <<"body">>, children = [#xmlcdata{content = Text}]},
        ejabberd_router:route(From, To, #xmlel{name = <<"message">>, children = [Body]}).
    "#;

#[test]
fn stanzas_are_routed_in_their_accumulator() {
    step(ROUTES, "6.6.0", "6.7.0").fix(false).is(
        ROUTES,
        r#"
    -module(mod_a).
    -include_lib("exml/include/exml.hrl").
    -export([forward/2, answer/1, tell/3]).
    forward(Acc, To) ->
        {From, _, Packet} = mongoose_acc:packet(Acc),
        mongoose_router:route(mongoose_acc:update(From, To, Packet, Acc)).
    answer(Acc) ->
        {From, To, #xmlel{} = Stanza} = mongoose_acc:packet(Acc),
        mongoose_router:route(mongoose_acc:update(To, From, Stanza#xmlel{children = []}, Acc)).
    tell(From, To, Text) ->
        Body = #xmlel{name = <<"body">>, children = [#xmlcdata{content = Text}]},
        mongoose_router:route(mongoose_acc:new(From, To, #xmlel{name = <<"message">>, children = [Body]}, {?MODULE, ?FUNCTION_NAME, ?LINE})).
    "#,
    );
}

#[test]
fn what_is_not_seen_to_be_a_stanza_is_looked_at() {
    let before = r#"
    -module(mod_a).
    -export([helper/4, again/3, refuse/2]).
    helper(From, To, Acc, Packet) ->
        ejabberd_router:route(From, To, Acc, Packet).
    again(From, To, Acc) ->
        ejabberd_router:route(From, To, Acc).
    refuse(Acc, Error) ->
        {From, To, Packet} = mongoose_acc:packet(Acc),
        {Acc1, Reply} = jlib:make_error_reply(Acc, Packet, Error),
        ejabberd_router:route(To, From, Acc1, Reply).
    "#;
    assert!(step(before, "6.6.0", "6.7.0").fix(false).outcome.files.is_empty(), "there is a safe fix");
    step(before, "6.6.0", "6.7.0").fix(true).is(
        before,
        r#"
    -module(mod_a).
    -export([helper/4, again/3, refuse/2]).
    helper(From, To, Acc, Packet) ->
        mongoose_router:route(mongoose_acc:update(From, To, Packet, Acc)).
    again(From, To, Acc) ->
        mongoose_router:route(mongoose_acc:update(From, To, mongoose_acc:element(Acc), Acc)).
    refuse(Acc, Error) ->
        {From, To, Packet} = mongoose_acc:packet(Acc),
        {Acc1, Reply} = jlib:make_error_reply(Acc, Packet, Error),
        mongoose_router:route(mongoose_acc:update(To, From, Reply, Acc1)).
    "#,
    );
}

#[test]
fn a_name_that_goes_on_is_no_accumulators() {
    let before = r#"
    -module(mod_a).
    -export([tell/3]).
    tell(From, To, AccountNotice) ->
        ejabberd_router:route(From, To, AccountNotice).
    "#;
    step(before, "6.6.0", "6.7.0").fix(true).is(
        before,
        r#"
    -module(mod_a).
    -export([tell/3]).
    tell(From, To, AccountNotice) ->
        mongoose_router:route(mongoose_acc:new(From, To, AccountNotice, {?MODULE, ?FUNCTION_NAME, ?LINE})).
    "#,
    );
}

#[test]
fn what_gives_up_routing_is_not_rewritten() {
    let before = r#"
    -module(mod_a).
    -export([skip/3]).
    skip(From, To, Acc) ->
        ejabberd_router:route(From, To, Acc, {error, skipped}).
    "#;
    let done = step(before, "6.6.0", "6.7.0").fix(true);
    assert!(done.outcome.files.is_empty());
}

#[test]
fn disco_asks_as_many_as_before() {
    let before = r#"
        -module(mod_a).
        -behaviour(gen_mod).
        -export([start/2, stop/1, hooks/1, features/3]).
        start(_HostType, _Opts) -> ok.
        stop(_HostType) -> ok.
        hooks(HostType) ->
            [{disco_sm_features, HostType, fun ?MODULE:features/3, #{}, 50}].
        features(Acc = #{node := <<>>}, _Params, _Extra) ->
            {ok, mongoose_disco:add_features([<<"urn:acme:notes">>], Acc)};
        features(Acc, _Params, _Extra) ->
            {ok, Acc}.
        "#;
    step(before, "6.7.0", "6.8.0").fix(false).is(
        before,
        r#"
        -module(mod_a).
        -behaviour(gen_mod).
        -export([start/2, stop/1, hooks/1, features/3]).
        start(_HostType, _Opts) -> ok.
        stop(_HostType) -> ok.
        hooks(HostType) ->
            [{disco_sm_features, HostType, fun ?MODULE:features/3, #{}, 50}].
        features(Acc = #{node := <<>>}, #{presence_subscribed := true}, _Extra) ->
            {ok, mongoose_disco:add_features([<<"urn:acme:notes">>], Acc)};
        features(Acc, _Params, _Extra) ->
            {ok, Acc}.
        "#,
    );
}

#[test]
fn who_knows_of_subscriptions_is_left_alone() {
    let fixture = r#"
        -module(mod_a).
        -behaviour(gen_mod).
        -export([start/2, stop/1, hooks/1, items/3, local/3]).
        start(_HostType, _Opts) -> ok.
        stop(_HostType) -> ok.
        hooks(HostType) ->
            [{disco_sm_items, HostType, fun ?MODULE:items/3, #{}, 50},
             {disco_local_features, HostType, fun ?MODULE:local/3, #{}, 50}].
        items(Acc, #{presence_subscribed := true}, _Extra) ->
            {ok, mongoose_disco:add_items([acme:item()], Acc)};
        items(Acc, _Params, _Extra) ->
            {ok, Acc}.
        local(Acc, _Params, _Extra) ->
            {ok, mongoose_disco:add_features([<<"urn:acme:notes">>], Acc)}.
        "#;
    step(fixture, "6.7.0", "6.8.0").check();
}

#[test]
fn a_handler_of_both_kinds_of_features_stays() {
    let before = r#"
        -module(mod_a).
        -behaviour(gen_mod).
        -export([start/2, stop/1, hooks/1, features/3]).
        start(_HostType, _Opts) -> ok.
        stop(_HostType) -> ok.
        hooks(HostType) ->
            [{disco_sm_features, HostType, fun ?MODULE:features/3, #{}, 50},
             {disco_local_features, HostType, fun ?MODULE:features/3, #{}, 50}].
        features(Acc, _Params, _Extra) ->
            {ok, mongoose_disco:add_features([<<"urn:acme:notes">>], Acc)}.
        "#;
    let done = step(before, "6.7.0", "6.8.0").fix(true);
    assert!(done.outcome.files.is_empty());
    let left = &done.outcome.after.findings;
    assert!(left.iter().any(|it| it.no_fix.as_deref().is_some_and(|why| why.contains("disco_local_features"))));
}

#[test]
fn texts_of_errors_have_no_language() {
    let before = r#"
        -module(mod_a).
        -export([refuse/2, lost/1]).
        refuse(Lang, Text) ->
            mongoose_xmpp_errors:not_allowed(Lang, Text).
        lost(Lang) ->
            mongoose_xmpp_errors:item_not_found(Lang, <<"No such note">>).
        "#;
    let done = step(before, "6.7.0", "6.8.0").fix(true);
    let text = &done.outcome.files.first().expect("it is fixed").text;
    assert!(text.contains("mongoose_xmpp_errors:not_allowed(Text)"), "{text}");
    assert!(text.contains("mongoose_xmpp_errors:item_not_found(<<\"No such note\">>)"), "{text}");
}

#[test]
fn current_code_is_left_alone() {
    let fixture = r#"
        -module(mod_a).
        -behaviour(gen_mod).
        -export([start/2, stop/1, hooks/1, sent/3, event/3]).
        start(_HostType, _Opts) -> ok.
        stop(_HostType) -> ok.
        hooks(HostType) ->
            [{user_send_message, HostType, fun ?MODULE:sent/3, #{}, 50},
             {push_event, HostType, fun ?MODULE:event/3, #{}, 40}].
        sent(Acc, #{c2s_data := C2SData}, _Extra) ->
            acme:count(mongoose_c2s:get_jid(C2SData)),
            {ok, Acc}.
        event(#{metadata := Metadata} = HookAcc, #{event := _Event}, _Extra) ->
            {ok, HookAcc#{metadata := Metadata#{acme => true}}}.
        "#;
    step(fixture, "6.5.0", "6.8.0").check();
}
