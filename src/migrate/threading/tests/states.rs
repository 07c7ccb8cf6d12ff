//! Fields that become states.

use super::*;

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
