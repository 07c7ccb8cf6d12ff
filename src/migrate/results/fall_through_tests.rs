//! Branches and clauses for what a choice does not take, before and after.

use crate::rules::testing::{fixed, fixed_unsafely, unfixed};

#[test]
fn a_case_whose_value_nobody_uses() {
    fixed(
        "missing-clause",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> bump(messages);
                <<"presence">> -> bump(presences);
                <<"iq">> -> bump(iqs)   % that is all
            end,
            {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> bump(messages);
                <<"presence">> -> bump(presences);
                <<"iq">> -> bump(iqs);   % that is all
                _ -> ok
            end,
            {ok, Acc}.
        "#,
    );
}

#[test]
fn a_case_that_is_the_result() {
    fixed(
        "missing-clause",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(_Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(_Acc) of
                <<"message">> ->
                    bump(messages),
                    {ok, _Acc};
                <<"iq">> ->
                    {ok, mongoose_acc:set(acme, iq, true, _Acc)}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(_Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(_Acc) of
                <<"message">> ->
                    bump(messages),
                    {ok, _Acc};
                <<"iq">> ->
                    {ok, mongoose_acc:set(acme, iq, true, _Acc)};
                _ ->
                    {ok, _Acc}
            end.
        "#,
    );
}

#[test]
fn an_if_and_a_case_in_one_line() {
    fixed(
        "missing-clause",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(#{} = Acc, _, _) ->
            Name = mongoose_acc:stanza_name(Acc),
            if Name =:= <<"message">>; Name =:= <<"presence">> -> bump(Acc), {ok, Acc};
               Name =:= <<"iq">> -> {ok, Acc}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(#{} = Acc, _, _) ->
            Name = mongoose_acc:stanza_name(Acc),
            if Name =:= <<"message">>; Name =:= <<"presence">> -> bump(Acc), {ok, Acc};
               Name =:= <<"iq">> -> {ok, Acc};
               true -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn a_case_in_one_line() {
    fixed(
        "missing-clause",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            case mongoose_acc:stanza_name(Acc) of <<"message">> -> bump(1); <<"iq">> -> bump(2) end,
            {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            case mongoose_acc:stanza_name(Acc) of <<"message">> -> bump(1); <<"iq">> -> bump(2); _ -> ok end,
            {ok, Acc}.
        "#,
    );
}

#[test]
fn the_heads_of_a_function_that_is_called_for_its_effect() {
    fixed(
        "missing-clause",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            {_From, _To, El} = mongoose_acc:packet(Acc),
            bump(El, 1),
            {ok, Acc}.

        bump(#xmlel{name = <<"message">>}, By) ->
            acme:bump(messages, By);
        bump(#xmlel{name = <<"iq">>}, By) ->
            acme:bump(iqs, By).
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            {_From, _To, El} = mongoose_acc:packet(Acc),
            bump(El, 1),
            {ok, Acc}.

        bump(#xmlel{name = <<"message">>}, By) ->
            acme:bump(messages, By);
        bump(#xmlel{name = <<"iq">>}, By) ->
            acme:bump(iqs, By);
        bump(_, _) ->
            ok.
        "#,
    );
}

#[test]
fn the_heads_of_a_function_that_makes_the_result() {
    fixed(
        "missing-clause",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) -> by_name(mongoose_acc:stanza_name(Acc), Acc).

        by_name(<<"message">>, Acc) -> bump(Acc), {ok, Acc};
        by_name(<<"iq">>, Acc) -> {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) -> by_name(mongoose_acc:stanza_name(Acc), Acc).

        by_name(<<"message">>, Acc) -> bump(Acc), {ok, Acc};
        by_name(<<"iq">>, Acc) -> {ok, Acc};
        by_name(_, Acc) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn what_comes_after_is_done_for_more() {
    fixed_unsafely(
        "missing-clause",
        "what comes after the choice",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> bump(messages);
                <<"iq">> -> bump(iqs)
            end,
            acme:flush(),
            {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> bump(messages);
                <<"iq">> -> bump(iqs);
                _ -> ok
            end,
            acme:flush(),
            {ok, Acc}.
        "#,
    );
}

#[test]
fn a_hook_for_one_kind_needs_no_branch() {
    fixed(
        "missing-clause",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> bump(messages), {ok, Acc}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_message, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> bump(messages), {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn a_value_that_is_used() {
    unfixed(
        "missing-clause",
        "its value is used",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            Kind = case mongoose_acc:stanza_name(Acc) of
                       <<"message">> -> messages;
                       <<"iq">> -> iqs
                   end,
            bump(Kind),
            {ok, Acc}.
        "#,
    );
}

#[test]
fn a_match_has_no_branch() {
    unfixed(
        "missing-clause",
        "a match has no branch",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            bump(Acc),
            {_, _, #xmlel{name = <<"message">>, children = Children}} = mongoose_acc:packet(Acc),
            note(Children),
            {ok, Acc}.
        "#,
    );
}

#[test]
fn a_function_that_others_call() {
    unfixed(
        "missing-clause",
        "serves others, too",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            bump(mongoose_acc:stanza_name(Acc)),
            {ok, Acc}.

        bump(<<"message">>) -> acme:bump(messages);
        bump(<<"iq">>) -> acme:bump(iqs).

        all() -> [bump(<<"message">>), bump(<<"iq">>)].
        "#,
    );
}

#[test]
fn a_function_that_has_no_accumulator() {
    unfixed(
        "missing-clause",
        "is not at hand",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            by_name(mongoose_acc:stanza_name(Acc), acme:strip(Acc)).

        by_name(<<"message">>, Acc) -> bump(Acc), {ok, Acc};
        by_name(<<"iq">>, Acc) -> {ok, Acc}.
        "#,
    );
}

#[test]
fn a_function_whose_value_is_used() {
    unfixed(
        "missing-clause",
        "its value is used",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).


        count(Acc, _, _) ->
            bump(kind(mongoose_acc:stanza_name(Acc))),
            {ok, Acc}.

        kind(<<"message">>) -> messages;
        kind(<<"iq">>) -> iqs.
        "#,
    );
}

#[test]
fn a_handler_that_moves_gets_what_it_lacks() {
    fixed(
        "removed-hook",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:count/3, #{}, 15}]).


        count(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> bump(messages);
                <<"iq">> -> bump(iqs)
            end,
            {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 21}]).


        count(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> bump(messages);
                <<"iq">> -> bump(iqs);
                _ -> ok
            end,
            {ok, Acc}.
        "#,
    );
}

#[test]
fn a_handler_that_moves_and_cannot_be_completed() {
    fixed_unsafely(
        "removed-hook",
        "no fall-through clause",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:count/3, #{}, 15}]).


        count(Acc, _Params, _Extra) ->
            Kind = case mongoose_acc:stanza_name(Acc) of
                       <<"message">> -> messages;
                       <<"iq">> -> iqs
                   end,
            bump(Kind),
            {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 21}]).


        count(Acc, _Params, _Extra) ->
            Kind = case mongoose_acc:stanza_name(Acc) of
                       <<"message">> -> messages;
                       <<"iq">> -> iqs
                   end,
            bump(Kind),
            {ok, Acc}.
        "#,
    );
}
