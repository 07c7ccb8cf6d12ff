//! Rewrites of handlers, before and after.

use crate::rules::testing::{Case, fixed, fixed_unsafely, unfixed};

#[test]
fn a_key_in_the_head_that_is_used_once() {
    fixed(
        "changed-params",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:got/3, #{}, 50}]).

        got(Acc, #{jid := Jid}, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> {ok, mark(Acc, Jid)};
                _ -> {ok, Acc}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_receive_message, HostType, fun ?MODULE:got/3, #{}, 50}]).

        got(Acc, #{c2s_data := C2SData}, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> {ok, mark(Acc, mongoose_c2s:get_jid(C2SData))};
                _ -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn a_key_that_is_used_more_often() {
    fixed(
        "changed-params",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:got/3, #{}, 50}]).

        got(Acc, #{jid := Jid} = _Params, _Extra) ->
            %% Messages only.
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> log(Jid), {ok, mark(Acc, Jid)};
                _ -> {ok, Acc}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_receive_message, HostType, fun ?MODULE:got/3, #{}, 50}]).

        got(Acc, #{c2s_data := C2SData} = _Params, _Extra) ->
            Jid = mongoose_c2s:get_jid(C2SData),
            %% Messages only.
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> log(Jid), {ok, mark(Acc, Jid)};
                _ -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn the_pattern_of_an_address() {
    fixed(
        "changed-params",
        r#"
        start(_HostType, _Opts) ->
            gen_hook:add_handler(check_bl_c2s, global, fun ?MODULE:listed/3, #{}, 50).

        listed(false, #{ip := IP}, _Extra) -> {ok, ets:member(bl, IP)};
        listed(true, _, _) -> {stop, true}.
        "#,
        r#"
        start(_HostType, _Opts) ->
            gen_hook:add_handler(check_bl_c2s, global, fun ?MODULE:listed/3, #{}, 50).

        listed(false, #{ip := {IP, _Port}}, _Extra) -> {ok, ets:member(bl, IP)};
        listed(true, _, _) -> {stop, true}.
        "#,
    );
}

#[test]
fn a_dropped_stanza() {
    fixed_unsafely(
        "removed-hook",
        "reads its parameters",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers(hooks(HostType)).

        stop(HostType) ->
            gen_hook:delete_handlers(hooks(HostType)).

        hooks(HostType) ->
            [{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}].

        check(Acc, #{state := State}, _Extra) ->
            case is_over(ejabberd_c2s_state:jid(State)) of
                true -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                false -> {ok, Acc}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers(hooks(HostType)).

        stop(HostType) ->
            gen_hook:delete_handlers(hooks(HostType)).

        hooks(HostType) ->
            [{user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21}].

        check(Acc, #{c2s_data := C2SData}, _Extra) ->
            case is_over(mongoose_c2s:get_jid(C2SData)) of
                true -> {stop, Acc};
                false -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn an_adapter_for_a_timeout() {
    fixed(
        "removed-hook",
        r#"
        -export([start/2, lost/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_timeout, HostType, fun ?MODULE:lost/3, #{}, 50}]).

        lost(Acc, #{jid := Jid}, _Extra) ->
            tell(Jid),
            {ok, Acc}.

        lost_by_command(Jid) -> lost(ok, #{jid => Jid}, #{}).

        tell(_) -> ok.
        "#,
        r#"
        -export([start/2, lost/3, user_ping_response/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:user_ping_response/3, #{}, 50}]).

        lost(Acc, #{jid := Jid}, _Extra) ->
            tell(Jid),
            {ok, Acc}.

        %% Calls lost/3 as MongooseIM 6.0.0 did for user_ping_timeout.
        user_ping_response(Acc, #{response := timeout} = Params, Extra) ->
            {_, _} = lost(ok, Params, Extra),
            {ok, Acc};
        user_ping_response(Acc, _Params, _Extra) ->
            {ok, Acc}.

        lost_by_command(Jid) -> lost(ok, #{jid => Jid}, #{}).

        tell(_) -> ok.
        "#,
    );
}

#[test]
fn a_value_that_is_gone() {
    unfixed(
        "changed-params",
        "the value of `packet` cannot be had any more",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_room_packet, HostType, fun ?MODULE:room/3, #{}, 50}]).

        room(Packet, #{packet := Original}, _Extra) ->
            {ok, merge(Packet, Original)}.
        "#,
    );
}

#[test]
fn what_is_found_about_a_handler_may_be_found_about_its_adapter() {
    // The hook is run for everybody, so that the scope is wrong before and afterwards.
    let case = Case::new(
        r#"
        -export([start/2, listed/3]).

        start(HostType, _Opts) ->
            false = is_listed({127, 0, 0, 1}),
            gen_hook:add_handler(check_bl_c2s, HostType, fun ?MODULE:listed/3, #{}, 50).

        listed(Acc, #{ip := IP}, _Extra) ->
            {ok, Acc orelse ets:member(bl, IP)}.

        is_listed(IP) ->
            {ok, Listed} = listed(false, #{ip => IP}, #{}),
            Listed.
        "#,
    );
    let fixed = case.rules(&["changed-params", "wrong-scope"]).fix(false);
    assert!(fixed.outcome.files[0].text.contains("fun ?MODULE:check_bl_c2s/3"), "{}", fixed.outcome.files[0].text);
    assert!(fixed.outcome.after.findings.iter().all(|it| it.rule == "wrong-scope"));
}

#[test]
fn two_adapters_for_one_hook_have_two_names() {
    fixed_unsafely(
        "changed-meaning",
        "It is run inside",
        r#"
        -export([start/2, open/3, watch/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:open/3, #{}, 10},
                                   {session_opening_allowed_for_user, HostType, fun ?MODULE:watch/3, #{}, 90}]).

        open(_, #{jid := Jid}, _) -> {ok, decide(Jid)}.

        watch(Acc, #{jid := Jid}, _) -> tell(Jid, Acc), {ok, Acc}.
        "#,
        r#"
        -export([start/2, open/3, user_open_session/3, watch/3, watch_user_open_session/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:user_open_session/3, #{}, 40},
                                   {user_open_session, HostType, fun ?MODULE:watch_user_open_session/3, #{}, 41}]).

        open(_, #{jid := Jid}, _) -> {ok, decide(Jid)}.

        %% Calls open/3 as MongooseIM 6.0.0 did for session_opening_allowed_for_user.
        user_open_session(Acc, #{c2s_data := C2SData}, Extra) ->
            case open(allow, #{jid => mongoose_c2s:get_jid(C2SData)}, Extra) of
                {_, allow} -> {ok, Acc};
                {_, _} -> {stop, Acc}
            end.

        watch(Acc, #{jid := Jid}, _) -> tell(Jid, Acc), {ok, Acc}.

        %% Calls watch/3 as MongooseIM 6.0.0 did for session_opening_allowed_for_user.
        watch_user_open_session(Acc, #{c2s_data := C2SData}, Extra) ->
            case watch(allow, #{jid => mongoose_c2s:get_jid(C2SData)}, Extra) of
                {_, allow} -> {ok, Acc};
                {_, _} -> {stop, Acc}
            end.
        "#,
    );
}

#[test]
fn a_helper_that_was_rewritten_before_is_as_it_should_be() {
    fixed_unsafely(
        "removed-hook",
        "reads its parameters",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).

        check(Acc, #{state := State}, _Extra) ->
            tell(State),
            {ok, Acc}.

        tell(State) -> acme_log:seen(mongoose_c2s:get_jid(State), ejabberd_c2s_state:host_type(State)).
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21}]).

        check(Acc, #{c2s_data := C2SData}, _Extra) ->
            tell(C2SData),
            {ok, Acc}.

        tell(C2SData) -> acme_log:seen(mongoose_c2s:get_jid(C2SData), mongoose_c2s:get_host_type(C2SData)).
        "#,
    );
}

#[test]
fn only_what_asks_is_handed_on_as_an_unauthenticated_iq() {
    fixed_unsafely(
        "removed-hook",
        "An IQ is seen here until the session is established",
        r#"
        -export([start/2, answer/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_unauthenticated_iq, HostType, fun ?MODULE:answer/3, #{}, 50}]).

        answer(_, #{iq := IQ}, _) -> {ok, jlib:iq_to_xml(refused(IQ))}.
        "#,
        r#"
        -export([start/2, answer/3, user_send_xmlel/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_xmlel, HostType, fun ?MODULE:user_send_xmlel/3, #{}, 50}]).

        answer(_, #{iq := IQ}, _) -> {ok, jlib:iq_to_xml(refused(IQ))}.

        %% Calls answer/3 as MongooseIM 6.0.0 did for c2s_unauthenticated_iq.
        user_send_xmlel(Acc, #{c2s_data := C2SData}, Extra) ->
            case {mongoose_acc:stanza_name(Acc), mongoose_acc:stanza_type(Acc)} of
                {<<"iq">>, Type} when Type =:= <<"get">>; Type =:= <<"set">> ->
                    {IQ, Acc1} = mongoose_iq:info(Acc),
                    Params = #{server => mongoose_c2s:get_lserver(C2SData), iq => IQ, ip => mongoose_c2s:get_ip(C2SData)},
                    case answer(empty, Params, Extra) of
                        {_, empty} -> {ok, Acc1};
                        {_, Response} -> {stop, mongoose_c2s_acc:to_acc(Acc1, socket_send, Response)}
                    end;
                _ ->
                    {ok, Acc}
            end.
        "#,
    );
}

/// What else uses a handler would use another function after a rewrite, wherever and however it does so: the handler stays
/// what it is, and an adapter stands between.
#[test]
fn a_handler_that_other_code_uses_stays() {
    const HANDLER: &str = "got(Acc, #{jid := Jid}, _Extra) -> {ok, mark(Acc, Jid)}.";
    let stays = |other: &str| {
        let code = format!(
            "-module(mod_a).\n-export([start/2, got/3]).\n\
             start(H, _) -> gen_hook:add_handlers([{{user_receive_packet, H, fun ?MODULE:got/3, #{{}}, 50}}]).\n\
             {HANDLER}\n{other}"
        );
        let done = Case::new(&code).rules(&["changed-params"]).fix(true);
        let [file] = &done.outcome.files[..] else { panic!("{other}: {} files", done.outcome.files.len()) };
        let has_adapter = file.text.contains("got(Acc, Params#{jid => ");
        assert_eq!(file.text.contains(HANDLER), has_adapter, "{}", file.text);
        has_adapter
    };
    for other in [
        "again(Jid) -> got(x, #{jid => Jid}, #{}).",
        "again(Jid) -> ?MODULE:got(x, #{jid => Jid}, #{}).",
        "again() -> fun got/3.",
        "again() -> fun mod_a:got/3.",
        "again(Jid) -> apply(?MODULE, got, [x, #{jid => Jid}, #{}]).",
        "again(Args) -> apply(?MODULE, got, Args).",
        "again(Jid) -> {mod_a, got, [x, #{jid => Jid}, #{}]}.",
        "again() -> {mod_a, got}.",
        "-define(AGAIN(Jid), got(x, #{jid => Jid}, #{})).\nagain(Jid) -> ?AGAIN(Jid).",
        "-include(\"a.hrl\").\n//- src/a.hrl\n-define(AGAIN(Jid), got(x, #{jid => Jid}, #{})).",
        "//- src/mod_b.erl\n-module(mod_b).\nagain(Jid) -> mod_a:got(x, #{jid => Jid}, #{}).",
        "//- src/mod_b.erl\n-module(mod_b).\n-import(mod_a, [got/3]).\nagain(Jid) -> got(x, #{jid => Jid}, #{}).",
        "//- src/mod_b.erl\n-module(mod_b).\n-define(A, mod_a).\nagain(Jid) -> ?A:got(x, #{jid => Jid}, #{}).",
        "//- src/mod_b.erl\n-module(mod_b).\n-define(A, mod_a).\nagain(Args) -> apply(?A, got, Args).",
        "//- test/a_SUITE.erl\n-module(a_SUITE).\nt(_) -> rpc(mim, mod_a, got, [x, #{jid => jid}, #{}]).",
        "-behaviour(my_feature).\n\
         //- src/my_feature.erl\n-module(my_feature).\n-callback got(term(), map(), map()) -> term().",
        // Nobody knows what this will be.
        "again(Jid) -> case Jid of none -> x; _ got(x, #{jid => Jid}, #{}) end.",
        "again(Jid) -> \"got(x, #{jid => Jid}, #{}).",
        "//- src/mod_b.erl\n-module(mod_b).\n\
         again(Jid) -> case Jid of none -> x; _ mod_a:got(x, #{jid => Jid}, #{}) end.",
    ] {
        assert!(stays(other), "{other}");
    }
    for other in [
        "",
        "again(Jid) -> got(Jid), mod_b:got(x, #{jid => Jid}, #{}), {mod_b, got, 3}.\ngot(_) -> ok.",
        "again(Jid) -> apply(?MODULE, got, [Jid]), {?MODULE, got, 1}.\ngot(_) -> ok.",
        "again(Jid) -> case Jid of none -> \"got\"; _ again(Jid) end. % got",
        "again(H) -> metric:add(H, [?MODULE, got]), ets:lookup(?MODULE, got).",
        "//- src/mod_b.erl\n-module(mod_b).\nagain(Jid) -> case Jid of none -> x; _ got(Jid) end.",
        "//- src/mod_b.erl\n-module(mod_b).\n-define(A, mod_a).\nagain(Jid) -> ?B:got(x, #{jid => Jid}, #{}).",
        "//- src/mod_b.erl\n-module(mod_b).\n-import(mod_a, [start/2]).\nagain(Jid) -> got(x, #{jid => Jid}, #{}).",
        "//- src/mod_b.erl\n-module(mod_b).\nagain(Jid) -> got(x, #{jid => Jid}, #{}).\ngot(_, mod_a, _) -> ok.",
    ] {
        assert!(!stays(other), "{other}");
    }
}

/// An adapter gives the handler what it expects, and that is no use of what the hook gives.
#[test]
fn an_adapter_for_another_form_is_not_adapted_again() {
    let code = |registered: &str, exports: &str, adapter: &str| {
        format!(
            "-module(mod_a).\n-export([start/2, check/3{exports}, again/1]).\n\
             start(_, _) -> gen_hook:add_handlers([{{check_bl_c2s, global, fun ?MODULE:{registered}/3, #{{}}, 50}}]).\n\
             check(_Acc, #{{ip := IP}}, _Extra) -> {{ok, acme_list:has(IP)}}.\n{adapter}\
             again(IP) -> check(x, #{{ip => IP}}, #{{}}).\n"
        )
    };
    let before = code("check", "", "");
    let after = code(
        "check_bl_c2s",
        ", check_bl_c2s/3",
        "\n%% Calls check/3 as MongooseIM 6.0.0 did for check_bl_c2s.\n\
         check_bl_c2s(Acc, #{ip := {IP, _Port}} = Params, Extra) ->\n    check(Acc, Params#{ip := IP}, Extra).\n",
    );
    Case::new(&before).rules(&["changed-params"]).fix(true).is(&before, &after);
}
