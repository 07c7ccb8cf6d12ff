use crate::rules::testing::{check_rule, fixed, fixed_unsafely, unfixed, untouched};

const RULE: &str = "removed-function";

#[test]
fn a_stanza_that_is_sent_to_a_session() {
    fixed_unsafely(
        RULE,
        "set them with `mongoose_acc:update_stanza/2`",
        r#"
            deliver(Pids, From, To, Acc) ->
                [Pid ! {route, From, To, Acc} || Pid <- Pids],
                ok.
            "#,
        r#"
            deliver(Pids, From, To, Acc) ->
                [mongoose_c2s:route(Pid, Acc) || Pid <- Pids],
                ok.
            "#,
    );
}

#[test]
fn what_is_sent_must_still_be_evaluated() {
    unfixed(
        RULE,
        "what stands for `To` would no longer be evaluated",
        "deliver(Pid, From, Acc) -> Pid ! {route, From, next_hop(), Acc}, ok.\n",
    );
    unfixed(
        RULE,
        "`{route, _, _, _}`, is `ok` now",
        "deliver(Pid, From, To, Acc) -> {route, _, _, _} = Pid ! {route, From, To, Acc}, ok.\n",
    );
}

#[test]
fn messages_to_what_is_seen_to_be_a_session() {
    fixed_unsafely(
        RULE,
        "The reason must be a binary or `system_shutdown`",
        r#"
            kick(Jid, Reason) ->
                case ejabberd_sm:get_session_pid(Jid) of
                    none -> ok;
                    Pid -> Pid ! {exit, Reason}, ok
                end.

            replace(User, Server) ->
                Pids = ejabberd_sm:get_user_present_pids(User, Server),
                lists:foreach(fun({_, P}) -> P ! replaced end, Pids),
                [P ! system_shutdown || {_, P} <- Pids],
                ok.
            "#,
        r#"
            kick(Jid, Reason) ->
                case ejabberd_sm:get_session_pid(Jid) of
                    none -> ok;
                    Pid -> mongoose_c2s:exit(Pid, Reason), ok
                end.

            replace(User, Server) ->
                Pids = ejabberd_sm:get_user_present_pids(User, Server),
                lists:foreach(fun({_, P}) -> mongoose_c2s:exit(P, <<"Replaced by new connection">>) end, Pids),
                [mongoose_c2s:exit(P, system_shutdown) || {_, P} <- Pids],
                ok.
            "#,
    );
    unfixed(
        RULE,
        "a handler of `foreign_event` has to be written",
        "f(J, B) -> Pid = ejabberd_sm:get_session_pid(J), Pid ! {broadcast, B}, ok.\n",
    );
}

#[test]
fn messages_to_anybody() {
    untouched(
        RULE,
        r#"
            f(Pid, Jid, Reason) ->
                Session = ejabberd_sm:get_session_pid(Jid),
                Pid ! {exit, Reason},
                Session ! {acme, Reason},
                self() ! replaced,
                [P ! system_shutdown || P <- pg:get_members(acme)].
            "#,
    );
}

const OPEN: &str = "init(HT, Jid) -> ejabberd_sm:open_session(HT, {1, self()}, Jid, 1, #{}).\n";

#[test]
fn a_process_with_a_session() {
    let before = "
        init([HT, Jid]) -> {ok, ejabberd_sm:open_session(HT, {1, self()}, Jid, 1, #{})}.

        handle_info({route, From, _To, Acc}, State) ->
            log(From),
            {noreply, show(Acc, State)};
        handle_info({route, _From, _To, Acc} = Message, State) ->
            {noreply, show(Acc, [Message | State])};
        handle_info(_, State) ->
            {noreply, State}.
        ";
    fixed(
        RULE,
        before,
        "
        init([HT, Jid]) -> {ok, ejabberd_sm:open_session(HT, {1, self()}, Jid, 1, #{})}.

        handle_info({route, Acc}, State) ->
            {From, _, _} = mongoose_acc:packet(Acc),
            log(From),
            {noreply, show(Acc, State)};
        handle_info({route, Acc} = Message, State) ->
            {noreply, show(Acc, [Message | State])};
        handle_info(_, State) ->
            {noreply, State}.
        ",
    );
    check_rule(
        RULE,
        r#"
            init([HT, Jid]) -> {ok, ejabberd_sm:open_session(HT, {1, self()}, Jid, 1, #{})}.
            handle_info({route, From, To, Acc}, State) ->
            %%          ^^^^^^^^^^^^^^^^^^^^^^ error[removed-function]: sessions get `{route, Acc}` in 6.1.0 instead of
            %% = rewrite: mechanical
                {noreply, show(From, To, Acc, State)}.
            "#,
    );
}

#[test]
fn an_accumulator_that_had_no_use() {
    fixed(
        RULE,
        &format!("{OPEN}handle_info({{route, From, To, _}}, S) -> {{noreply, show(From, To, S)}}.\n"),
        &format!(
            "{OPEN}handle_info({{route, Acc}}, S) ->\n    {{From, To, _}} = mongoose_acc:packet(Acc),\n    \
             {{noreply, show(From, To, S)}}.\n"
        ),
    );
}

#[test]
fn a_session_that_another_module_opens() {
    fixed(
        RULE,
        "
        init(Jid) -> mongoose_stanza_api:open_session(Jid, false).
        handle_info({route, _From, _To, Acc}, State) -> {noreply, show(Acc, State)}.
        ",
        "
        init(Jid) -> mongoose_stanza_api:open_session(Jid, false).
        handle_info({route, Acc}, State) -> {noreply, show(Acc, State)}.
        ",
    );
}

#[test]
fn values_that_decide() {
    unfixed(
        RULE,
        "`#jid{}` decides in the pattern which clause is taken",
        &format!("{OPEN}handle_info({{route, #jid{{}}, _, Acc}}, S) -> {{noreply, show(Acc, S)}}.\n"),
    );
    unfixed(
        RULE,
        "`From` is matched with, or decides in a guard",
        &format!("{OPEN}handle_info({{route, From, _, Acc}}, S) when From =/= S -> {{noreply, show(Acc, S)}}.\n"),
    );
    unfixed(
        RULE,
        "`From` is matched with, or decides in a guard",
        &format!("{OPEN}handle_info({{route, From, _, Acc}}, #{{jid := From}} = S) -> {{noreply, show(Acc, S)}}.\n"),
    );
    unfixed(
        RULE,
        "is taken apart in the head",
        &format!("{OPEN}handle_info({{route, From, _, #{{a := A}}}}, S) -> {{noreply, show(From, A, S)}}.\n"),
    );
}

#[test]
fn sender_and_receiver_at_once() {
    let sender = "
        -module(mod_a).
        tell(Pid, From, To, Acc) ->
            Pid ! {route, From, To, Acc},
            ok.
        ";
    let receiver = "
        //- src/acme_session.erl
        -module(acme_session).
        init(HT, Jid) -> ejabberd_sm:open_session(HT, {1, self()}, Jid, 1, #{}).
        handle_info({route, _From, _To, Acc}, State) ->
            {noreply, show(Acc, State)}.
        ";
    fixed_unsafely(
        RULE,
        "must match that",
        &format!("{}{}", sender.trim_end_matches(' '), receiver.trim_start_matches('\n')),
        "
        -module(mod_a).
        tell(Pid, From, To, Acc) ->
            mongoose_c2s:route(Pid, Acc),
            ok.
        //- src/acme_session.erl
        -module(acme_session).
        init(HT, Jid) -> ejabberd_sm:open_session(HT, {1, self()}, Jid, 1, #{}).
        handle_info({route, Acc}, State) ->
            {noreply, show(Acc, State)}.
        ",
    );
}

#[test]
fn a_receiver_without_a_session() {
    unfixed(
        RULE,
        "`acme_router` receives such messages in a process without a session",
        "
        -module(mod_a).
        tell(Pid, From, To, Acc) -> Pid ! {route, From, To, Acc}, ok.
        //- src/acme_router.erl
        -module(acme_router).
        handle_info({route, From, To, Acc}, State) -> self() ! {route, From, To, Acc}, {noreply, State}.
        ",
    );
}

#[test]
fn a_receiver_that_cannot_change() {
    unfixed(
        RULE,
        "sender and receiver must change together, and in `mod_a` `admin` decides",
        "
        -module(mod_a).
        init(HT, Jid) -> ejabberd_sm:open_session(HT, {1, self()}, Jid, 1, #{}).
        tell(Pid, From, To, Acc) -> Pid ! {route, From, To, Acc}, ok.
        handle_info({route, admin, _To, Acc}, State) -> {noreply, show(Acc, State)}.
        ",
    );
}

#[test]
fn processes_that_are_adapted_or_no_sessions() {
    untouched(
        RULE,
        "
        -module(mod_a).
        handle_info({route, From, To, Acc}, State) -> {noreply, show(From, To, Acc, State)}.
        //- src/acme_session.erl
        -module(acme_session).
        init(HT, Jid) -> ejabberd_sm:open_session(HT, {1, self()}, Jid, 1, #{}).
        handle_info({route, Acc}, State) -> {noreply, show(Acc, State)};
        handle_info({route, _From, _To, Acc}, State) -> {noreply, show(Acc, State)}.
        ",
    );
}
