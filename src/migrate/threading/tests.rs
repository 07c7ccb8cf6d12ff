//! Handlers that kept something in the session, before and after.

use crate::rules::testing::{fixed_unsafely, unfixed};

const RULE: &str = "removed-hook";

/// A module whose handler `seen/3` serves `c2s_presence_in`.
fn presence(code: &str) -> String {
    with("c2s_presence_in", 75, code)
}

/// The same, registered as the new release wants it.
fn received(code: &str) -> String {
    with("user_receive_presence", 5, code)
}

/// A module whose handler `told/3` serves `c2s_remote_hook`.
fn remote(code: &str) -> String {
    with("c2s_remote_hook", 50, &code.replace("seen/3", "told/3"))
}

fn foreign(code: &str) -> String {
    with("foreign_event", 50, code)
}

fn with(hook: &str, priority: u32, code: &str) -> String {
    let name = if priority == 50 { "told" } else { "seen" };
    format!(
        "-module(mod_a).\n-export([start/2, stop/1, {name}/3]).\n\n\
         start(HostType, _Opts) ->\n    gen_hook:add_handlers(hooks(HostType)).\n\n\
         stop(HostType) ->\n    gen_hook:delete_handlers(hooks(HostType)).\n\n\
         hooks(HostType) ->\n    [{{{hook}, HostType, fun ?MODULE:{name}/3, #{{}}, {priority}}}].\n\n{}",
        dedent(code)
    )
}

fn dedent(code: &str) -> String {
    let lines = || code.lines().filter(|line| !line.trim().is_empty());
    let margin = lines().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let cut: Vec<&str> = code.trim_matches('\n').lines().map(|line| line.get(margin..).unwrap_or("")).collect();
    format!("{}\n", cut.join("\n").trim_end())
}

#[test]
fn a_field_becomes_the_state_of_its_name() {
    fixed_unsafely(
        RULE,
        "the session's next event",
        &presence(
            r#"
            seen(State, #{from := From, packet := Packet}, _Extra) ->
                Seen = case ejabberd_c2s:get_aux_field(?MODULE, State) of
                           {ok, Map} -> Map;
                           error -> #{}
                       end,
                Contact = jid:to_bare(From),
                case Seen of
                    #{Contact := _} ->
                        {ok, State};
                    _ ->
                        log(ejabberd_c2s_state:jid(State), Contact),
                        {ok, ejabberd_c2s:set_aux_field(?MODULE, Seen#{Contact => Packet}, State)}
                end.
            "#,
        ),
        &received(
            r#"
            seen(Acc, #{c2s_data := C2SData}, _Extra) ->
                Seen = case mongoose_c2s:get_mod_state(C2SData, ?MODULE) of
                           {ok, Map} -> Map;
                           {error, not_found} -> #{}
                       end,
                Contact = jid:to_bare(mongoose_acc:from_jid(Acc)),
                case Seen of
                    #{Contact := _} ->
                        {ok, Acc};
                    _ ->
                        log(mongoose_c2s:get_jid(C2SData), Contact),
                        {ok, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, Seen#{Contact => mongoose_acc:element(Acc)}})}
                end.
            "#,
        ),
    );
}

#[test]
fn a_state_with_a_name_of_its_own() {
    fixed_unsafely(
        RULE,
        "would drop the stanza now",
        &presence(
            r#"
            seen(C2SState, #{from := From, to := To, packet := Packet}, _Extra) ->
                NewState = case wanted(From, To, Packet) of
                               true -> ejabberd_c2s:set_aux_field(acme_last,
                                                                  {From, Packet},
                                                                  C2SState);
                               false -> C2SState
                           end,
                {stop, NewState}.
            "#,
        ),
        &received(
            r#"
            seen(Acc, _Params, _Extra) ->
                {From, To, Packet} = mongoose_acc:packet(Acc),
                NewAcc = case wanted(From, To, Packet) of
                               true -> mongoose_c2s_acc:to_acc(Acc, state_mod, {acme_last,
                                                                  {From, Packet}});
                               false -> Acc
                           end,
                {ok, NewAcc}.
            "#,
        ),
    );
}

#[test]
fn steps_in_between() {
    fixed_unsafely(
        RULE,
        "the accumulator is another one",
        &presence(
            r#"
            -define(KEY, acme_last).
            seen(State0, #{from := #jid{luser = User}}, _Extra) ->
                ?LOG_DEBUG(#{what => presence, state => State0}),
                %% Who it was.
                State1 = ejabberd_c2s:set_aux_field(?KEY, User, State0),
                count(User),
                {ok, State1}.
            "#,
        ),
        &received(
            r#"
            -define(KEY, acme_last).
            seen(Acc0, #{c2s_data := C2SData}, _Extra) ->
                #jid{luser = User} = mongoose_acc:from_jid(Acc0),
                ?LOG_DEBUG(#{what => presence, state => C2SData}),
                %% Who it was.
                Acc1 = mongoose_c2s_acc:to_acc(Acc0, state_mod, {?KEY, User}),
                count(User),
                {ok, Acc1}.
            "#,
        ),
    );
}

#[test]
fn functions_that_read_the_state_and_functions_that_return_it() {
    fixed_unsafely(
        RULE,
        "the session's next event",
        &presence(
            r#"
            seen(State, #{from := From}, _Extra) ->
                case lists:member(From, known(State)) of
                    true -> {ok, State};
                    false -> {ok, remember([From | known(State)], State)}
                end.

            known(State) ->
                case ejabberd_c2s:get_aux_field(?MODULE, State) of
                    {ok, Known} -> Known;
                    _ -> []
                end.

            remember([_ | _] = Known, State) -> ejabberd_c2s:set_aux_field(?MODULE, Known, State);
            remember([], State) -> State.
            "#,
        ),
        &received(
            r#"
            seen(Acc, #{c2s_data := C2SData}, _Extra) ->
                From = mongoose_acc:from_jid(Acc),
                case lists:member(From, known(C2SData)) of
                    true -> {ok, Acc};
                    false -> {ok, remember([From | known(C2SData)], Acc)}
                end.

            known(C2SData) ->
                case mongoose_c2s:get_mod_state(C2SData, ?MODULE) of
                    {ok, Known} -> Known;
                    _ -> []
                end.

            remember([_ | _] = Known, Acc) -> mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, Known});
            remember([], Acc) -> Acc.
            "#,
        ),
    );
}

#[test]
fn a_spec_says_what_the_accumulator_is() {
    fixed_unsafely(
        RULE,
        "the accumulator is another one",
        &presence(
            r#"
            -spec seen(Acc, map(), gen_hook:extra()) -> {ok, Acc} when Acc :: ejabberd_c2s:state().
            seen(Acc, #{to := _To}, _Extra) ->
                tick(),
                {ok, Acc}.

            -spec other(ejabberd_c2s:state()) -> ok.
            other(_) -> ok.
            "#,
        ),
        &received(
            r#"
            -spec seen(Acc, map(), gen_hook:extra()) -> {ok, Acc} when Acc :: mongoose_acc:t().
            seen(Acc, _Params, _Extra) ->
                tick(),
                {ok, Acc}.

            -spec other(ejabberd_c2s:state()) -> ok.
            other(_) -> ok.
            "#,
        ),
    );
}

#[test]
fn a_field_that_is_asked_for_in_two_steps() {
    fixed_unsafely(
        RULE,
        "the accumulator is another one",
        &presence(
            r#"
            seen(State, _Params, _Extra) ->
                Field = ejabberd_c2s:get_aux_field(?MODULE, State),
                case Field of
                    error -> tell(ejabberd_c2s_state:server(State));
                    {ok, _} -> ok
                end,
                {ok, State}.
            "#,
        ),
        &received(
            r#"
            seen(Acc, #{c2s_data := C2SData}, _Extra) ->
                Field = mongoose_c2s:get_mod_state(C2SData, ?MODULE),
                case Field of
                    {error, not_found} -> tell(mongoose_c2s:get_lserver(C2SData));
                    {ok, _} -> ok
                end,
                {ok, Acc}.
            "#,
        ),
    );
}

#[test]
fn a_field_that_another_handler_reads() {
    let both = |hooks: &str, code: &str| {
        format!(
            "-module(mod_a).\n-export([start/2, seen/3, left/3]).\n\n\
             start(HostType, _Opts) ->\n    gen_hook:add_handlers([{hooks}]).\n\n{}",
            dedent(code)
        )
    };
    fixed_unsafely(
        RULE,
        "must be kept under that name",
        &both(
            "{c2s_presence_in, HostType, fun ?MODULE:seen/3, #{}, 75},\n                           \
             {c2s_filter_packet, HostType, fun ?MODULE:left/3, #{}, 75}",
            r#"
            seen(State, #{from := From}, _Extra) ->
                {ok, ejabberd_c2s:set_aux_field(?MODULE, From, State)}.

            left(Drop, #{state := State, to := To}, _Extra) ->
                ?LOG_DEBUG(#{what => asked, c2s_state => State}),
                case ejabberd_c2s:get_aux_field(?MODULE, State) of
                    {ok, To} -> {ok, Drop};
                    error -> {ok, true}
                end.
            "#,
        ),
        &both(
            "{user_receive_presence, HostType, fun ?MODULE:seen/3, #{}, 5},\n                           \
             {filter_pep_recipient, HostType, fun ?MODULE:left/3, #{}, 75}",
            r#"
            seen(Acc, _Params, _Extra) ->
                {ok, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, mongoose_acc:from_jid(Acc)})}.

            left(Drop, #{c2s_data := C2SData, to := To}, _Extra) ->
                ?LOG_DEBUG(#{what => asked, c2s_state => C2SData}),
                case mongoose_c2s:get_mod_state(C2SData, ?MODULE) of
                    {ok, To} -> {ok, Drop};
                    {error, not_found} -> {ok, true}
                end.
            "#,
        ),
    );
}

#[test]
fn a_field_that_nobody_writes_here() {
    unfixed(
        RULE,
        "a field of the session's state is read that this module does not write",
        &with(
            "c2s_preprocessing_hook",
            50,
            r#"
            told(Acc, #{state := State}, _Extra) ->
                case ejabberd_c2s:get_aux_field(acme_quota, State) of
                    {ok, 0} -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                    _ -> {ok, Acc}
                end.
            "#,
        ),
    );
}

#[test]
fn two_fields_are_no_state() {
    unfixed(
        RULE,
        "two aux fields must become one state: decide its shape (`acme_first`, `acme_last`)",
        &presence(
            r#"
            seen(State, #{from := From}, _Extra) ->
                State1 = ejabberd_c2s:set_aux_field(acme_last, From, State),
                {ok, ejabberd_c2s:set_aux_field(acme_first, From, State1)}.
            "#,
        ),
    );
}

#[test]
fn a_field_that_another_module_uses_as_well() {
    unfixed(
        RULE,
        "the field `acme_last` is shared with another module, which would have to change with this one (mod_b.erl:2)",
        &format!(
            "{}//- src/mod_b.erl\n-module(mod_b).\nlast(State) -> ejabberd_c2s:get_aux_field(acme_last, State).\n",
            presence(
                r#"
                seen(State, #{from := From}, _Extra) ->
                    {ok, ejabberd_c2s:set_aux_field(acme_last, From, State)}.
                "#
            )
        ),
    );
}

#[test]
fn what_was_just_written_is_not_there_yet() {
    unfixed(
        RULE,
        "does not show before the session's next event",
        &presence(
            r#"
            seen(State, #{from := From}, _Extra) ->
                State1 = ejabberd_c2s:set_aux_field(?MODULE, From, State),
                {ok, From} = ejabberd_c2s:get_aux_field(?MODULE, State1),
                {ok, State1}.
            "#,
        ),
    );
}

#[test]
fn a_field_whose_name_is_made() {
    unfixed(
        RULE,
        "is no atom that stands in the code",
        &presence(
            r#"
            seen(State, #{from := From}, _Extra) ->
                {ok, ejabberd_c2s:set_aux_field({acme, From}, true, State)}.
            "#,
        ),
    );
}

#[test]
fn what_is_read_is_handed_on() {
    unfixed(
        RULE,
        "what is read from the session's state is used as a whole",
        &presence(
            r#"
            seen(State, _Params, _Extra) ->
                note(ejabberd_c2s:get_aux_field(?MODULE, State)),
                {ok, State}.
            "#,
        ),
    );
    unfixed(
        RULE,
        "what is read from the session's state is used as a whole",
        &presence(
            r#"
            seen(State, _Params, _Extra) ->
                Field = ejabberd_c2s:get_aux_field(?MODULE, State),
                note(Field),
                {ok, State}.
            "#,
        ),
    );
}

#[test]
fn nothing_is_nothing() {
    unfixed(
        RULE,
        "a field is set to `undefined`",
        &presence(
            r#"
            seen(State, _Params, _Extra) ->
                {ok, ejabberd_c2s:set_aux_field(?MODULE, undefined, State)}.
            "#,
        ),
    );
}

#[test]
fn a_state_that_goes_where_it_cannot_be_followed() {
    unfixed(
        RULE,
        "the session's state goes to `ejabberd_c2s:get_subscription/2`, for which there is `mod_presence:is_subscribed_to_my_presence(From, \
         jid:to_bare(From), mod_presence:maybe_get_handler(C2SData))` now: two functions together tell what it told",
        &presence(
            r#"
            seen(State, #{from := From}, _Extra) ->
                note(ejabberd_c2s:get_subscription(From, State)),
                {ok, State}.
            "#,
        ),
    );
    unfixed(
        RULE,
        "the session's state is used as a whole",
        &presence(
            r#"
            seen(State, _Params, _Extra) ->
                ets:insert(states, {self(), State}),
                {ok, State}.
            "#,
        ),
    );
    unfixed(
        RULE,
        "which others can call",
        &presence(
            r#"
            -export([note/1]).
            seen(State, _Params, _Extra) ->
                note(State),
                {ok, State}.
            note(State) -> ejabberd_c2s_state:jid(State).
            "#,
        ),
    );
    unfixed(
        RULE,
        "`note/1`, which gets the session's state, is used elsewhere, too",
        &presence(
            r#"
            seen(State, _Params, _Extra) ->
                note(State),
                {ok, State}.
            later(State) -> note(State).
            note(State) -> ejabberd_c2s_state:jid(State).
            "#,
        ),
    );
}

#[test]
fn results_that_are_no_state_as_it_was() {
    unfixed(
        RULE,
        "a result is not the session's state as it was given, or with another field",
        &presence("seen(State, _Params, _Extra) -> {ok, State#state{lang = <<\"pl\">>}}."),
    );
    unfixed(
        RULE,
        "a result is not written as a tuple",
        &presence("seen(State, _Params, _Extra) -> done(State).\ndone(State) -> {ok, State#state{lang = none}}."),
    );
}

#[test]
fn a_name_for_the_state_and_for_something_else() {
    unfixed(
        RULE,
        "something else than the session's state as it was given",
        &presence(
            r#"
            seen(State, #{from := From}, _Extra) ->
                case known(From) of
                    true -> New = ejabberd_c2s:set_aux_field(?MODULE, From, State);
                    false -> New = acme_state:fresh()
                end,
                {ok, New}.
            "#,
        ),
    );
}

#[test]
fn a_macro_that_knows_the_name() {
    let reason = "a macro uses a variable by its name";
    unfixed(
        RULE,
        reason,
        &presence(
            r#"
            -define(NOTE(What), note(What, State)).
            seen(State, _Params, _Extra) ->
                ?NOTE(seen),
                {ok, State}.
            "#,
        ),
    );
}

#[test]
fn heads_that_choose() {
    unfixed(
        RULE,
        "the value of `packet` decides which clause is taken",
        &presence(
            r#"
            seen(State, #{packet := #xmlel{children = []}}, _Extra) -> {ok, State};
            seen(State, _Params, _Extra) -> tick(), {ok, State}.
            "#,
        ),
    );
    unfixed(
        RULE,
        "the value of `packet` decides which clause is taken",
        &presence(
            r#"
            seen(State, #{packet := #xmlel{attrs = Attrs}}, _Extra) when Attrs =/= [] ->
                {ok, ejabberd_c2s:set_aux_field(?MODULE, Attrs, State)}.
            "#,
        ),
    );
    fixed_unsafely(
        RULE,
        "the session's next event",
        &presence(
            r#"
            seen(State, #{packet := #xmlel{name = <<"presence">>, attrs = Attrs}}, _Extra) ->
                {ok, ejabberd_c2s:set_aux_field(?MODULE, Attrs, State)}.
            "#,
        ),
        &received(
            r#"
            seen(Acc, _Params, _Extra) ->
                #xmlel{name = <<"presence">>, attrs = Attrs} = mongoose_acc:element(Acc),
                {ok, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, Attrs})}.
            "#,
        ),
    );
    unfixed(
        RULE,
        "the session's state is matched with in a function's head",
        &presence("seen(#state{user = User} = State, _Params, _Extra) -> note(User), {ok, State}."),
    );
}

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
