//! Whether a session may be opened.

use crate::rules::testing::fixed_unsafely;

#[test]
fn a_refused_session() {
    fixed_unsafely(
        "changed-meaning",
        "access",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}]).


        -spec may(allow | any(), #{jid := jid:jid()}, map()) -> {ok | stop, allow | deny}.
        may(_Acc, #{jid := Jid}, _Extra) ->
            case acme_licence:is_valid(Jid) of
                true -> {ok, allow};
                false -> {stop, deny};
                unknown -> {ok, deny}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:may/3, #{}, 40}]).


        -spec may(mongoose_acc:t(), mongoose_c2s_hooks:params(), map()) -> {ok | stop, mongoose_acc:t()}.
        may(Acc, #{c2s_data := C2SData}, _Extra) ->
            case acme_licence:is_valid(mongoose_c2s:get_jid(C2SData)) of
                true -> {ok, Acc};
                false -> {stop, Acc};
                unknown -> {stop, Acc}
            end.
        "#,
    );
}

#[test]
fn a_decision_that_is_handed_on() {
    fixed_unsafely(
        "changed-meaning",
        "kept later handlers",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}]).


        may(Acc, #{jid := Jid}, _Extra) ->
            case acme_licence:level(Jid) of
                none -> {stop, deny};
                full -> {stop, Acc};
                _ -> {ok, Acc}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:may/3, #{}, 40}]).


        may(Acc, #{c2s_data := C2SData}, _Extra) ->
            case acme_licence:level(mongoose_c2s:get_jid(C2SData)) of
                none -> {stop, Acc};
                full -> {ok, Acc};
                _ -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn a_decision_under_a_name() {
    fixed_unsafely(
        "changed-meaning",
        "access",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}]).


        may(_, #{jid := Jid}, _Extra) ->
            Verdict = case acme_licence:is_valid(Jid) of
                          true -> allow;
                          false -> deny
                      end,
            {ok, Verdict}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:may/3, #{}, 40}]).


        may(Acc, #{c2s_data := C2SData}, _Extra) ->
            Verdict = case acme_licence:is_valid(mongoose_c2s:get_jid(C2SData)) of
                          true -> {ok, Acc};
                          false -> {stop, Acc}
                      end,
            Verdict.
        "#,
    );
}

#[test]
fn a_head_that_asks_for_the_decision_gets_an_adapter() {
    fixed_unsafely(
        "changed-meaning",
        "access",
        r#"
        -export([may/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}]).


        may(allow, #{jid := Jid}, _Extra) -> {ok, acme_licence:verdict(Jid)};
        may(Refused, _Params, _Extra) -> {stop, Refused}.
        "#,
        r#"
        -export([may/3, user_open_session/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:user_open_session/3, #{}, 40}]).


        may(allow, #{jid := Jid}, _Extra) -> {ok, acme_licence:verdict(Jid)};
        may(Refused, _Params, _Extra) -> {stop, Refused}.

        %% Calls may/3 as MongooseIM 6.0.0 did for session_opening_allowed_for_user.
        user_open_session(Acc, #{c2s_data := C2SData}, Extra) ->
            case may(allow, #{jid => mongoose_c2s:get_jid(C2SData)}, Extra) of
                {_, allow} -> {ok, Acc};
                {_, _} -> {stop, Acc}
            end.
        "#,
    );
}

#[test]
fn a_decision_of_others_gets_an_adapter() {
    fixed_unsafely(
        "changed-meaning",
        "access",
        r#"
        -export([may/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}]).


        may(_Acc, #{jid := Jid}, _Extra) -> {stop, acme_licence:verdict(Jid)}.
        "#,
        r#"
        -export([may/3, user_open_session/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:user_open_session/3, #{}, 40}]).


        may(_Acc, #{jid := Jid}, _Extra) -> {stop, acme_licence:verdict(Jid)}.

        %% Calls may/3 as MongooseIM 6.0.0 did for session_opening_allowed_for_user.
        user_open_session(Acc, #{c2s_data := C2SData}, Extra) ->
            case may(allow, #{jid => mongoose_c2s:get_jid(C2SData)}, Extra) of
                {_, allow} -> {ok, Acc};
                {_, _} -> {stop, Acc}
            end.
        "#,
    );
}

#[test]
fn a_decision_in_a_function_gets_an_adapter() {
    fixed_unsafely(
        "changed-meaning",
        "access",
        r#"
        -export([may/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}]).


        may(_Acc, #{jid := Jid}, _Extra) -> verdict(acme_licence:is_valid(Jid)).

        verdict(true) -> {ok, allow};
        verdict(false) -> {stop, deny}.
        "#,
        r#"
        -export([may/3, user_open_session/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:user_open_session/3, #{}, 40}]).


        may(_Acc, #{jid := Jid}, _Extra) -> verdict(acme_licence:is_valid(Jid)).

        %% Calls may/3 as MongooseIM 6.0.0 did for session_opening_allowed_for_user.
        user_open_session(Acc, #{c2s_data := C2SData}, Extra) ->
            case may(allow, #{jid => mongoose_c2s:get_jid(C2SData)}, Extra) of
                {_, allow} -> {ok, Acc};
                {_, _} -> {stop, Acc}
            end.

        verdict(true) -> {ok, allow};
        verdict(false) -> {stop, deny}.
        "#,
    );
}
