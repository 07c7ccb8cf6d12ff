//! Events and timers.

use super::*;

#[test]
fn an_event_and_what_is_kept_for_it() {
    fixed_unsafely(
        RULE,
        "an event that is handled stops the hook",
        &format!(
            "{}//- src/acme_meter.erl\n{}",
            remote(
                r#"
                %% How often somebody was told.
                told(empty_count, #{tag := acme_meter, hook_args := unused}, _Extra) ->
                    {ok, empty_count};
                told(HandlerState, _Params, _Extra) ->
                    {ok, HandlerState}.
                "#
            )
            .replace("empty_count", "Count"),
            "-module(acme_meter).\n-export([tell/2]).\n\ntell(Pid, What) ->\n    ejabberd_c2s:run_remote_hook(Pid, acme_meter, What).\n"
        ),
        &format!(
            "{}//- src/acme_meter.erl\n{}",
            foreign(
                r#"
                %% How often somebody was told.
                told(Acc, #{event_type := cast, event_tag := acme_meter, event_content := unused}, _Extra) ->
                    {stop, Acc};
                told(Acc, _Params, _Extra) ->
                    {ok, Acc}.
                "#
            ),
            "-module(acme_meter).\n-export([tell/2]).\n\ntell(Pid, What) ->\n    mongoose_c2s:cast(Pid, acme_meter, What).\n"
        ),
    );
}

#[test]
fn a_counter() {
    fixed_unsafely(
        RULE,
        "an event that is handled stops the hook",
        &remote(
            r#"
            -define(TAG, acme_count).
            tell(Pid) -> Pid ! {run_remote_hook, ?TAG, {add, 1}}.

            told(Count, #{tag := ?TAG, hook_args := {add, N}, c2s_state := State}, _Extra) ->
                note(ejabberd_c2s_state:jid(State)),
                case Count of
                    empty_state -> {ok, N};
                    _ when N =:= 0 -> {ok, Count};
                    _ -> {ok, Count + N}
                end;
            told(_, #{tag := ?TAG, hook_args := reset, c2s_state := _}, _Extra) ->
                {ok, empty_state}.
            "#,
        ),
        &foreign(
            r#"
            -define(TAG, acme_count).
            tell(Pid) -> mongoose_c2s:cast(Pid, ?TAG, {add, 1}).

            told(Acc, #{event_type := cast, event_tag := ?TAG, event_content := {add, N},
                        c2s_data := C2SData}, _Extra) ->
                Count = case mongoose_c2s:get_mod_state(C2SData, ?TAG) of
                            {ok, State1} -> State1;
                            {error, not_found} -> empty_state
                        end,
                note(mongoose_c2s:get_jid(C2SData)),
                case Count of
                    empty_state -> {stop, mongoose_c2s_acc:to_acc(Acc, state_mod, {?TAG, N})};
                    _ when N =:= 0 -> {stop, Acc};
                    _ -> {stop, mongoose_c2s_acc:to_acc(Acc, state_mod, {?TAG, Count + N})}
                end;
            told(Acc, #{event_type := cast, event_tag := ?TAG, event_content := reset}, _Extra) ->
                {stop, mongoose_c2s_acc:to_acc(Acc, state_mod, {?TAG, empty_state})};
            told(Acc, _Params, _Extra) ->
                {ok, Acc}.
            "#,
        ),
    );
}

#[test]
fn a_state_that_chooses_the_clause_goes_through_a_function() {
    fixed_unsafely(
        RULE,
        "an event that is handled stops the hook",
        &remote(
            r#"
            arm(Pid) ->
                _TRef = ejabberd_c2s:run_remote_hook_after(timer:minutes(5), Pid, ?MODULE, check),
                ok.

            told(empty_state, #{tag := ?MODULE, hook_args := check}, _Extra) ->
                arm(self()),
                {ok, 1};
            told(Checks, #{tag := ?MODULE, hook_args := check, c2s_state := State}, _Extra) ->
                note(ejabberd_c2s_state:jid(State)),
                {ok, Checks + 1};
            told(HandlerState, _Params, _Extra) ->
                {ok, HandlerState}.
            "#,
        ),
        &foreign(
            r#"
            arm(Pid) ->
                _TRef = timer:apply_after(timer:minutes(5), mongoose_c2s, cast, [Pid, ?MODULE, check]),
                ok.

            told(empty_state, #{tag := ?MODULE, hook_args := check}, _Extra) ->
                arm(self()),
                {ok, 1};
            told(Checks, #{tag := ?MODULE, hook_args := check, c2s_state := C2SData}, _Extra) ->
                note(mongoose_c2s:get_jid(C2SData)),
                {ok, Checks + 1};
            told(HandlerState, _Params, _Extra) ->
                {ok, HandlerState}.

            foreign_event(Acc, #{event_type := cast, event_tag := ?MODULE,
                                 event_content := Args,
                                 c2s_data := C2SData}, Extra) ->
                HandlerState = case mongoose_c2s:get_mod_state(C2SData, ?MODULE) of
                                   {ok, State} -> State;
                                   {error, not_found} -> empty_state
                               end,
                {_, NewState} = told(HandlerState, #{tag => ?MODULE, hook_args => Args, c2s_state => C2SData}, Extra),
                {stop, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, NewState})};
            foreign_event(Acc, _Params, _Extra) ->
                {ok, Acc}.
            "#,
        )
        .replace("stop/1, told/3]", "stop/1, told/3, foreign_event/3]")
        .replace("fun ?MODULE:told/3", "fun ?MODULE:foreign_event/3"),
    );
}

#[test]
fn a_timer_that_a_function_returns() {
    fixed_unsafely(
        RULE,
        "`arm/1` returns `{ok, TRef}`, and returned the timer's reference",
        &remote(
            r#"
            -export([arm/1]).
            arm(Pid) -> erlang:send_after(?DELAY, Pid, {run_remote_hook, acme, check}).
            told(_State, #{tag := acme, hook_args := check}, _Extra) ->
                {ok, checked(self())}.
            "#,
        ),
        &foreign(
            r#"
            -export([arm/1]).
            arm(Pid) -> timer:apply_after(?DELAY, mongoose_c2s, cast, [Pid, acme, check]).
            told(Acc, #{event_type := cast, event_tag := acme, event_content := check}, _Extra) ->
                {stop, mongoose_c2s_acc:to_acc(Acc, state_mod, {acme, checked(self())})};
            told(Acc, _Params, _Extra) ->
                {ok, Acc}.
            "#,
        ),
    );
}

#[test]
fn a_head_of_several_lines_and_an_accumulator_of_the_same_name() {
    fixed_unsafely(
        RULE,
        "an event that is handled stops the hook",
        &format!(
            "{}//- src/acme_clock.erl\n-module(acme_clock).\n-export([start/1]).\nstart(Pid) ->\n    \
             erlang:send_after(1000, Pid, {{run_remote_hook, acme_clock, {{tick, 1}}}}),\n    ok.\n",
            remote(
                r#"
                told(Acc, #{tag := acme_clock,
                            hook_args := {tick, N}, % how many
                            c2s_state := State}, _Extra) ->
                    Old = case Acc of empty_state -> 0; _ -> Acc end,
                    {ok, Old + N + weight(ejabberd_c2s_state:host_type(State))};
                told(Acc, _, _) -> {ok, Acc}.
                "#
            )
        ),
        &format!(
            "{}//- src/acme_clock.erl\n-module(acme_clock).\n-export([start/1]).\nstart(Pid) ->\n    \
             timer:apply_after(1000, mongoose_c2s, cast, [Pid, acme_clock, {{tick, 1}}]),\n    ok.\n",
            foreign(
                r#"
                told(Acc, #{event_type := cast, event_tag := acme_clock,
                            event_content := {tick, N}, % how many
                            c2s_data := C2SData}, _Extra) ->
                    HandlerState = case mongoose_c2s:get_mod_state(C2SData, acme_clock) of
                                       {ok, State1} -> State1;
                                       {error, not_found} -> empty_state
                                   end,
                    Old = case HandlerState of empty_state -> 0; _ -> HandlerState end,
                    {stop, mongoose_c2s_acc:to_acc(Acc, state_mod, {acme_clock, Old + N + weight(mongoose_c2s:get_host_type(C2SData))})};
                told(Acc, _, _) -> {ok, Acc}.
                "#
            )
        ),
    );
}

#[test]
fn a_spec_of_a_handler_of_events() {
    fixed_unsafely(
        RULE,
        "an event that is handled stops the hook",
        &remote(
            r#"
            -spec told(term(), map(), gen_hook:extra()) -> {ok, term()}.
            told(State, #{tag := acme}, _Extra) -> tick(), {ok, State};
            told(State, #{tag := _Other}, _Extra) -> {ok, State}.
            "#,
        ),
        &foreign(
            r#"
            -spec told(mongoose_acc:t(), map(), gen_hook:extra()) -> {ok | stop, mongoose_acc:t()}.
            told(Acc, #{event_type := cast, event_tag := acme}, _Extra) -> tick(), {stop, Acc};
            told(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        ),
    );
}

#[test]
fn a_spec_whose_parameters_have_the_type_of_the_state_in_them() {
    fixed_unsafely(
        RULE,
        "an event that is handled stops the hook",
        &remote(
            r#"
            -spec told(Acc, Params, Extra) -> {ok, Kept} when
                Acc :: Kept,
                Params :: #{tag := atom(), hook_args := term()},
                Kept :: term(),
                Extra :: #{atom() => term()}.
            told(State, #{tag := acme}, _Extra) -> tick(), {ok, State};
            told(State, #{tag := _Other}, _Extra) -> {ok, State}.
            "#,
        ),
        &foreign(
            r#"
            -spec told(Acc, Params, Extra) -> {ok | stop, Kept} when
                Acc :: Kept,
                Params :: mongoose_c2s_hooks:params(),
                Kept :: mongoose_acc:t(),
                Extra :: #{atom() => term()}.
            told(Acc, #{event_type := cast, event_tag := acme}, _Extra) -> tick(), {stop, Acc};
            told(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        ),
    );
}

#[test]
fn a_timer_that_is_cancelled() {
    unfixed(
        RULE,
        "the timer's reference is used, and it is another one now (mod_a.erl:15)",
        &remote(
            r#"
            again(Old) ->
                erlang:cancel_timer(Old),
                TRef = ejabberd_c2s:run_remote_hook_after(1000, self(), acme, ping),
                {armed, TRef}.
            told({armed, TRef}, #{tag := acme, hook_args := ping}, _Extra) ->
                {ok, again(TRef)}.
            "#,
        ),
    );
    unfixed(
        RULE,
        "`erlang:cancel_timer/1` does not know it (mod_a.erl:13)",
        &remote(
            r#"
            again() -> ejabberd_c2s:run_remote_hook_after(1000, self(), acme, ping).
            off(TRef) -> erlang:cancel_timer(TRef).
            told(_, #{tag := acme, hook_args := ping}, _Extra) ->
                {ok, again()}.
            "#,
        ),
    );
}

#[test]
fn events_of_any_tag() {
    unfixed(
        RULE,
        "a clause takes events of any tag",
        &remote(
            r#"
            told(State, #{tag := Tag, hook_args := Args}, _Extra) ->
                acme_audit:write(Tag, Args),
                {ok, State}.
            "#,
        ),
    );
    unfixed(
        RULE,
        "an event is sent with a tag that is known only when the code runs (mod_a.erl:13)",
        &remote(
            r#"
            tell(Pid, Tag) -> ejabberd_c2s:run_remote_hook(Pid, Tag, told).
            told(State, #{tag := acme}, _Extra) -> tick(), {ok, State}.
            "#,
        ),
    );
    unfixed(
        RULE,
        "what sends the events is named without being called (mod_a.erl:13)",
        &remote(
            r#"
            tell(Pid) -> rpc:call(node(Pid), ejabberd_c2s, run_remote_hook, [Pid, acme, told]).
            told(State, #{tag := acme}, _Extra) -> tick(), {ok, State}.
            "#,
        ),
    );
}

#[test]
fn several_handlers_of_one_tag() {
    let other = "-module(mod_b).\n-export([start/2, also/3]).\nstart(HostType, _) ->\n    \
                 gen_hook:add_handler(c2s_remote_hook, HostType, fun ?MODULE:also/3, #{}, 60).\n\
                 also(State, #{tag := acme}, _Extra) -> {ok, State};\nalso(State, _, _) -> {ok, State}.\n";
    unfixed(
        RULE,
        "several handlers take events with the tag `acme`",
        &format!(
            "{}//- src/mod_b.erl\n{other}",
            remote("told(State, #{tag := acme}, _Extra) -> tick(), {ok, State};\ntold(State, _, _) -> {ok, State}.")
        ),
    );
}

#[test]
fn names_that_are_taken() {
    unfixed(
        RULE,
        "the server's own `mod_ping` keeps its state in the session under that name",
        &remote("told(_State, #{tag := mod_ping, hook_args := N}, _Extra) -> {ok, N}."),
    );
    unfixed(
        RULE,
        "`acme` is the name of a field of the session's state as well",
        &remote(
            r#"
            keep(State) -> ejabberd_c2s:set_aux_field(acme, 1, State).
            told(_State, #{tag := acme, hook_args := N}, _Extra) -> {ok, N}.
            "#,
        ),
    );
}

#[test]
fn results_that_mean_nothing_any_more() {
    unfixed(
        RULE,
        "a result `{error, _}` was logged, and nothing was kept",
        &remote("told(_State, #{tag := acme, hook_args := N}, _Extra) -> {ok, {error, N}}."),
    );
    unfixed(
        RULE,
        "the session's state goes to `mongoose_hooks:c2s_broadcast_recipients/4`",
        &remote(
            r#"
            told(State, #{tag := acme, hook_args := {F, From, El}, c2s_state := C2SState}, _Extra) ->
                send(mongoose_hooks:c2s_broadcast_recipients(C2SState, {pep_message, F}, From, El)),
                {ok, State}.
            "#,
        ),
    );
}

#[test]
fn a_sender_without_a_receiver_stays() {
    unfixed(
        "removed-function",
        "no handler in the checked code receives what is sent with the tag `mod_ping`",
        r#"
        -module(mod_a).
        -export([ping/1]).
        ping(Pid) -> ejabberd_c2s:run_remote_hook(Pid, mod_ping, send_ping).
        "#,
    );
    unfixed(
        "removed-function",
        "it changes together with the handler that receives it, `mod_a:told/3`",
        &remote(
            r#"
            tell(Pid) -> ejabberd_c2s:run_remote_hook(Pid, acme, told).
            told(State, #{tag := acme}, _Extra) -> tick(), {ok, State}.
            "#,
        ),
    );
}

/// Who sends an event has to be known, and nobody knows what broken code would send.
#[test]
fn code_that_cannot_be_read_may_be_a_sender() {
    const HANDLER: &str = "told(State, #{tag := acme}, _Extra) -> tick(), {ok, State}.";
    let broken = "tell(Pid) -> case Pid of none -> ok; _ ejabberd_c2s:run_remote_hook(Pid, acme, told) end.";
    let elsewhere = format!("{HANDLER}\n//- src/mod_b.erl\n-module(mod_b).\n{broken}");
    for code in [&format!("{broken}\n{HANDLER}"), &elsewhere] {
        unfixed(RULE, "code that may send the events could not be parsed (", &remote(code));
    }
    // There is nothing of it in this code.
    let other = "//- src/mod_b.erl\n-module(mod_b).\ntell(Pid) -> case Pid of none -> ok; _ tell(Pid, acme, told) end.";
    let done = Case::new(&remote(&format!("{HANDLER}\n{other}"))).rules(&[RULE]).fix(true);
    assert_eq!(done.outcome.files.len(), 1);
}

/// A field of the session's state has one name for all modules.
#[test]
fn code_that_cannot_be_read_may_have_the_field() {
    let broken = "keep(S) -> case S of none -> ok; _ ejabberd_c2s:set_aux_field(acme, 1, S) end.";
    unfixed(
        RULE,
        "code that may have fields of the session's state could not be parsed (mod_b.erl:",
        &remote(&format!(
            "told(_State, #{{tag := acme, hook_args := N}}, _Extra) -> {{ok, N}}.\n//- src/mod_b.erl\n-module(mod_b).\n{broken}"
        )),
    );
}
