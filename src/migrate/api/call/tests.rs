use crate::rules::testing::{fixed, fixed_unsafely, unfixed, untouched};

const RULE: &str = "removed-function";

#[test]
fn a_function_under_another_name() {
    fixed(
        RULE,
        r#"
        owner(State) -> jid:to_binary(ejabberd_c2s_state:jid(State)).

        shown(Pid) ->
            {_User, _Resource, Show, _Status} = ejabberd_c2s:get_presence( % asks the session
                                                    Pid),
            Show.
        "#,
        r#"
        owner(State) -> jid:to_binary(mongoose_c2s:get_jid(State)).

        shown(Pid) ->
            {_User, _Resource, Show, _Status} = mod_presence:get_presence( % asks the session
                                                    Pid),
            Show.
        "#,
    );
}

#[test]
fn a_further_argument() {
    fixed(
        RULE,
        r#"
        -define(KICK(Pid), ejabberd_c2s:stop(Pid)).

        kick(Sessions) ->
            [ejabberd_c2s:stop((Pid)) || {_, Pid} <- Sessions],
            ejabberd_c2s:stop(find(
                first, % not the others
                Sessions)).
        "#,
        r#"
        -define(KICK(Pid), mongoose_c2s:stop(Pid, normal)).

        kick(Sessions) ->
            [mongoose_c2s:stop((Pid), normal) || {_, Pid} <- Sessions],
            mongoose_c2s:stop(find(
                first, % not the others
                Sessions), normal).
        "#,
    );
}

#[test]
fn a_result_that_nobody_looks_at() {
    fixed(
        RULE,
        r#"
        close(Pids, Jid) ->
            lists:foreach(fun(Pid) -> ejabberd_c2s:terminate_session(Pid, <<"Too many">>) end, Pids),
            _ = ejabberd_c2s:terminate_session(Jid, <<"Too many">>),
            case Pids of
                [] -> catch ejabberd_c2s:terminate_session(Jid, <<"None">>);
                _ -> ok
            end,
            ok.
        "#,
        r#"
        close(Pids, Jid) ->
            lists:foreach(fun(Pid) -> ejabberd_sm:terminate_session(Pid, <<"Too many">>) end, Pids),
            _ = ejabberd_sm:terminate_session(Jid, <<"Too many">>),
            case Pids of
                [] -> catch ejabberd_sm:terminate_session(Jid, <<"None">>);
                _ -> ok
            end,
            ok.
        "#,
    );
}

#[test]
fn a_result_that_is_handed_on() {
    fixed_unsafely(
        RULE,
        "The result is `ok` or `no_session`",
        r#"
        close(Pid) -> ejabberd_c2s:terminate_session(Pid, <<"Too many">>).
        "#,
        r#"
        close(Pid) -> ejabberd_sm:terminate_session(Pid, <<"Too many">>).
        "#,
    );
}

#[test]
fn a_result_that_never_comes_again() {
    unfixed(
        RULE,
        "its result, which is matched with `{exit, _}`, is `ok | no_session` now",
        r#"
        close(Pid) ->
            case ejabberd_c2s:terminate_session(Pid, <<"Too many">>) of
                {exit, _} -> ok;
                no_session -> error
            end.
        "#,
    );
}

#[test]
fn a_reason_that_need_not_be_a_binary() {
    fixed_unsafely(
        RULE,
        "`Reason` has to be a binary now",
        r#"
        close(Pid, Reason) ->
            ejabberd_c2s:terminate_session(Pid, Reason),
            ok.
        "#,
        r#"
        close(Pid, Reason) ->
            ejabberd_sm:terminate_session(Pid, Reason),
            ok.
        "#,
    );
    let before = r#"
        close(Pid) ->
            ejabberd_c2s:terminate_session(Pid, normal),
            ok.
        "#;
    unfixed(RULE, "`normal` is no binary", before);
}

#[test]
fn what_the_clause_has_at_hand() {
    fixed_unsafely(
        RULE,
        "The session's SID is needed",
        r#"
        seen(Acc, #{from := From}, _Extra) ->
            ejabberd_sm:store_info(From, last_seen, erlang:system_time(second)),
            {ok, Acc}.

        marked(Acc0, #{c2s_data := Session}, _Extra) ->
            ejabberd_sm:remove_info(mongoose_c2s:get_jid(Session), last_seen),
            {ok, Acc0}.

        forget(#{sid := Sid}, Jid) -> ejabberd_sm:remove_info(Jid, last_seen), ok.
        "#,
        r#"
        seen(Acc, #{from := From}, _Extra) ->
            ejabberd_sm:store_info(From, mongoose_acc:get(c2s, origin_sid, undefined, Acc), last_seen, erlang:system_time(second)),
            {ok, Acc}.

        marked(Acc0, #{c2s_data := Session}, _Extra) ->
            ejabberd_sm:remove_info(mongoose_c2s:get_jid(Session), mongoose_c2s:get_sid(Session), last_seen),
            {ok, Acc0}.

        forget(#{sid := Sid}, Jid) -> ejabberd_sm:remove_info(Jid, Sid, last_seen), ok.
        "#,
    );
}

#[test]
fn what_is_not_at_hand() {
    unfixed(
        RULE,
        "it needs `SID`, which is not at hand here",
        "seen(From) -> ejabberd_sm:store_info(From, last_seen, now), ok.\n",
    );
    unfixed(
        RULE,
        "it needs `SID`, which is not at hand here",
        r#"
        seen(Jids, Acc) ->
            lists:foldl(fun(Jid, Acc) -> ejabberd_sm:remove_info(Jid, seen), Acc end, Acc, Jids).
        "#,
    );
}

#[test]
fn a_result_that_was_looked_into() {
    unfixed(
        RULE,
        "is matched with `{ok, _}`, is `ok` now",
        r#"
        seen(Acc, From) ->
            {ok, _} = ejabberd_sm:store_info(From, last_seen, 1),
            Acc.
        "#,
    );
}

#[test]
fn an_event_becomes_a_message() {
    fixed_unsafely(
        RULE,
        "handled like a stanza of the client",
        r#"
        fake(Pid, El) ->
            p1_fsm_old:send_event(Pid, {xmlstreamelement, El}).
        "#,
        r#"
        fake(Pid, El) ->
            Pid ! El.
        "#,
    );
    unfixed(
        RULE,
        "it does not have the form `p1_fsm_old:send_event(Pid, {xmlstreamelement, Element})`",
        "wake(Pid) -> p1_fsm_old:send_event(Pid, closed).\n",
    );
}

#[test]
fn nothing_is_left_out_that_was_evaluated() {
    unfixed(
        RULE,
        "what stands for `Pid` would no longer be evaluated",
        r#"
        keep(Acc, Jid) ->
            ejabberd_c2s:store_session_info(self_of(Jid), Jid, seen, true),
            Acc.
        "#,
    );
    unfixed(
        RULE,
        "a comment stands inside it",
        r#"
        keep(Acc, Pid, Jid) ->
            ejabberd_c2s:store_session_info(Pid, % the user's own
                                            Jid, seen, true),
            Acc.
        "#,
    );
}

#[test]
fn functions_that_are_named() {
    fixed(
        RULE,
        r#"
        -import(ejabberd_c2s, [get_presence/1]).

        kick(Pids) ->
            timer:apply_after(1000, ejabberd_c2s, stop, [hd(Pids)]),
            rpc:call(node(), ejabberd_c2s_state, jid, [state()]),
            lists:foreach(fun ejabberd_c2s:stop/1, Pids),
            lists:map(fun ejabberd_c2s_state:server/1, Pids).
        "#,
        r#"
        -import(mod_presence, [get_presence/1]).

        kick(Pids) ->
            timer:apply_after(1000, mongoose_c2s, stop, [hd(Pids), normal]),
            rpc:call(node(), mongoose_c2s, get_jid, [state()]),
            lists:foreach(fun(Pid) -> mongoose_c2s:stop(Pid, normal) end, Pids),
            lists:map(fun mongoose_c2s:get_lserver/1, Pids).
        "#,
    );
}

#[test]
fn a_fun_needs_names_of_its_own() {
    fixed(
        RULE,
        "kick(Pid, Pids) -> log(Pid), lists:foreach(fun ejabberd_c2s:stop/1, Pids).\n",
        "kick(Pid, Pids) -> log(Pid), lists:foreach(fun(Pid1) -> mongoose_c2s:stop(Pid1, normal) end, Pids).\n",
    );
}

#[test]
fn functions_whose_names_do_not_do() {
    unfixed(RULE, "`SID` is not at hand where the function is named", "f() -> fun ejabberd_sm:store_info/3.\n");
    unfixed(
        RULE,
        "what takes its place has other arguments",
        r#"
        -import(ejabberd_c2s, [stop/1]).
        f(Pid) -> stop(Pid).
        "#,
    );
    unfixed(
        RULE,
        "other functions are imported from `ejabberd_c2s` as well",
        r#"
        -import(ejabberd_c2s, [get_presence/1, run_remote_hook/3]).
        f(Pid) -> get_presence(Pid), run_remote_hook(Pid, a, b).
        "#,
    );
    unfixed(
        RULE,
        "calls without a module would have to call `get_jid`",
        r#"
        -import(ejabberd_c2s_state, [jid/1]).
        f(State) -> jid(State).
        "#,
    );
}

#[test]
fn functions_that_others_apply_and_look_at() {
    unfixed(
        RULE,
        "is matched with `{exit, _}`",
        r#"f(Jid) -> {exit, _} = rpc:call(node(), ejabberd_c2s, terminate_session, [Jid, <<"Kicked">>]), ok."#,
    );
    unfixed(RULE, "`normal` is no binary", "f(Jid) -> spawn(ejabberd_c2s, terminate_session, [Jid, normal]), ok.\n");
    fixed_unsafely(
        RULE,
        "The result is `ok` or `no_session`",
        "f(Jid) -> spawn(ejabberd_c2s, terminate_session, [Jid, <<\"Bye\">>]), ok.\n",
        "f(Jid) -> spawn(ejabberd_sm, terminate_session, [Jid, <<\"Bye\">>]), ok.\n",
    );
}

#[test]
fn a_parameter_changes_with_its_handler() {
    unfixed(
        RULE,
        "`State` is given to the handler",
        r#"
        sent(Acc, #{state := State}, _Extra) -> {ok, mark(ejabberd_c2s_state:jid(State), Acc)}.
        "#,
    );
    unfixed(
        RULE,
        "`State` is given to the handler",
        r#"
        start(HT, _) -> gen_hook:add_handler(c2s_presence_in, HT, fun ?MODULE:seen/3, #{}, 50).
        seen(State, _Params, _Extra) -> log(ejabberd_c2s_state:jid(State)), {ok, State}.
        "#,
    );
    unfixed(
        RULE,
        "`State` is given to the handler",
        r#"
        start(HT, _) -> ejabberd_hooks:add(c2s_preprocessing_hook, HT, ?MODULE, checked, 50).
        checked(Acc, State) -> log(ejabberd_c2s_state:jid(State)), Acc.
        "#,
    );
    fixed(
        RULE,
        r#"
        sent(Acc, #{c2s_data := State}, _Extra) -> {ok, mark(ejabberd_c2s_state:jid(State), Acc)}.
        "#,
        r#"
        sent(Acc, #{c2s_data := State}, _Extra) -> {ok, mark(mongoose_c2s:get_jid(State), Acc)}.
        "#,
    );
}

#[test]
fn a_parameter_that_the_body_takes_changes_with_its_handler() {
    let handler = |take: &str| {
        format!(
            "start(HT, _) -> gen_hook:add_handler(c2s_filter_packet, HT, fun ?MODULE:seen/3, #{{}}, 50).\n\
             seen(Acc, #{{feature := _}} = Params, _Extra) ->\n    {take},\n    \
             log(ejabberd_c2s_state:jid(State)),\n    {{ok, Acc}}.\n"
        )
    };
    unfixed(RULE, "`State` is given to the handler", &handler("#{state := State} = Params"));
    unfixed(RULE, "`State` is given to the handler", &handler("State = maps:get(state, Params)"));
}

#[test]
fn what_has_to_be_decided_by_a_person() {
    unfixed(
        RULE,
        "no handler in the checked code receives what is sent with the tag `acme`",
        "ask(Pid) -> ejabberd_c2s:run_remote_hook(Pid, acme, ping).\n",
    );
    unfixed(RULE, "nothing takes its place", "f(Jid) -> ejabberd_sm:force_update_presence(a, Jid).\n");
    unfixed(RULE, "has to be written in another way", "f(S) -> ejabberd_c2s:send_text(S, <<>>).\n");
    unfixed(RULE, "become one state of the module", "f(S) -> ejabberd_c2s:get_aux_field(acme, S).\n");
}

#[test]
fn code_for_the_new_release_stays() {
    untouched(
        RULE,
        r#"
        kick(Pid, Acc, Jid) ->
            mongoose_c2s:stop(Pid, normal),
            ejabberd_sm:store_info(Jid, mongoose_acc:get(c2s, origin_sid, undefined, Acc), seen, true),
            ejabberd_sm:terminate_session(Pid, <<"Bye">>).
        "#,
    );
}
