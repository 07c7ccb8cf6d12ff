//! `untagged-result`.

use super::{Rule, Serving};
use crate::finding::{Finding, Place, Rewrite};
use crate::migrate::results;
use crate::project::handlers::Return;
use crate::rewrite::Fix;

rule! {
    /// Finds a path on which a handler returns neither `{ok, Acc}` nor `{stop, Acc}`.
    ///
    /// ## Why it matters
    ///
    /// `gen_hook` catches what goes wrong inside a handler, not what it returns. Anything but a pair with one of the
    /// two tags is a `case_clause` in the process that runs the hook: in a client's session it ends the session. It
    /// is so in 6.0.0 and in 6.1.0.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// remove_user(Acc, #{jid := Jid}, _Extra) ->
    ///     case forget(Jid) of
    ///         ok -> {ok, Acc};
    ///         {error, _} -> Acc
    ///     end.
    /// ```
    ///
    /// ```erlang
    ///         {error, _} -> {ok, Acc}
    /// ```
    UntaggedResult, "untagged-result", Error
}

impl Rule for UntaggedResult {
    declared!();

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        for (what, place) in serving.handler.untagged_returns() {
            let message = format!(
                "`{}` returns {what} here, neither `{{ok, Acc}}` nor `{{stop, Acc}}`: the process that runs `{}` fails with `case_clause`",
                serving.handler.mfa(),
                serving.hook,
            );
            let mut finding = serving
                .finding(self, place, message)
                .label(what)
                .note("`gen_hook` catches exceptions inside a handler, and not a result without a tag; in a client's session it ends the session.")
                .help("return `{ok, Acc}`, with the accumulator that the next handler shall get")
                .rewrite(Rewrite::Suggestion);
            finding.related.push(serving.registered_here());
            let fix = serving.wants_fix().then(|| fix(serving, &finding.label, &finding.place));
            out.push(finding.fix(fix));
        }
    }
}

/// `{ok, Acc}` for an accumulator without a tag.
fn fix(serving: &Serving<'_>, what: &str, place: &Place) -> Result<Fix, String> {
    if !what.starts_with("the accumulator") {
        return Err(format!("it returns {what}, and only a person can tell what the next handler shall get"));
    }
    let edits = results::tagged(serving, place.span)?;
    let mfa = serving.handler.mfa();
    let title = format!("let `{}/{}` return `{{ok, _}}`", mfa.function, mfa.arity);
    let stops = serving.handler.returns().iter().any(|path| matches!(path.what, Return::Stop(_)));
    let reason = "the handler stops on other paths, and it may be meant to stop on this one".to_owned();
    Ok(Fix::new(title, edits).because(stops.then_some(reason)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_rule, untouched};
    use super::*;

    const RULE: &str = UntaggedResult::NAME;

    #[test]
    fn a_bare_accumulator() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).

            removed(Acc, #{jid := Jid}, _) ->
                case forget(Jid) of
                    ok -> {ok, Acc};
                    {error, _} -> Acc
            %%                    ^^^ error[untagged-result]: `mod_a:removed/3` returns the accumulator itself here, neither `{ok, Acc}` nor `{stop, Acc}`: the process that runs `remove_user` fails with `case_clause`
            %% = label: the accumulator itself
            %% = note: `gen_hook` catches exceptions inside a handler
            %% = help: return `{ok, Acc}`
            %% = related: `mod_a:removed/3` is registered for `remove_user` here
            %% = rewrite: suggestion
                end.
            "#,
        );
    }

    #[test]
    fn results_of_the_legacy_hooks() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {user_send_packet, HostType, fun ?MODULE:b/3, #{}, 51},
                                       {user_send_packet, HostType, fun ?MODULE:c/3, #{}, 52},
                                       {acme_event, HostType, fun ?MODULE:d/3, #{}, 53}]).

            a(Acc, _, _) -> mongoose_acc:set(acme, seen, true, Acc).
            %%              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[untagged-result]: returns the accumulator that mongoose_acc:set/4 returns here
            b(_, #{}, _) -> ok.
            %%              ^^ error[untagged-result]: returns the atom `ok` here
            c(Acc, _, _) -> {stop, Acc, drop}.
            %%              ^^^^^^^^^^^^^^^^^ error[untagged-result]: returns a tuple of 3 elements here
            d(_, _, _) -> {error, not_allowed}.
            %%            ^^^^^^^^^^^^^^^^^^^^ error[untagged-result]: returns a tuple with the tag `error` here
            "#,
        );
    }

    #[test]
    fn paths_through_try_if_and_maybe() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {remove_user, HostType, fun ?MODULE:b/3, #{}, 51},
                                       {remove_user, HostType, fun ?MODULE:c/3, #{}, 52}]).

            a(Acc, #{jid := Jid}, _) ->
                try forget(Jid), {ok, Acc}
                catch
                    error:Reason -> ?LOG_ERROR(#{what => acme_failed, reason => Reason})
            %%                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[untagged-result]: `mod_a:a/3` returns the atom `ok`, as ?LOG_ERROR does, here
                after
                    done
                end.

            b(Acc, #{jid := Jid}, _) ->
                if Jid =:= undefined -> undefined;
            %%                          ^^^^^^^^^ error[untagged-result]: `mod_a:b/3` returns the atom `undefined` here
                   true -> {ok, Acc}
                end.

            c(Acc, #{jid := Jid}, _) ->
                maybe
                    {ok, Key} ?= key(Jid),
                    ok ?= delete(Key),
                    {ok, Acc}
                else
                    not_found -> {ok, Acc};
                    {error, _} -> false
            %%                    ^^^^^ error[untagged-result]: `mod_a:c/3` returns the atom `false` here
                end.
            "#,
        );
    }

    #[test]
    fn both_branches_bind_the_result() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).

            removed(Acc, #{jid := Jid}, _) ->
                case forget(Jid) of
                    ok -> Result = {ok, Acc};
                    _ -> Result = Acc
            %%                    ^^^ error[untagged-result]: returns the accumulator itself here
                end,
                Result.
            "#,
        );
    }

    #[test]
    fn a_helper_in_another_module() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun mod_b:removed/3, #{}, 50}]).
            //- src/mod_b.erl
            -module(mod_b).
            -export([removed/3]).

            removed(Acc, Params, Extra) -> mod_c:forget(Acc, Params, Extra).
            //- src/mod_c.erl
            -module(mod_c).
            -export([forget/3]).

            forget(Acc, #{jid := Jid}, _) when Jid =/= undefined -> {ok, Acc};
            forget(_, _, _) -> [].
            %%                 ^^ error[untagged-result]: `mod_b:removed/3` returns a list here
            "#,
        );
    }

    #[test]
    fn one_function_for_several_hooks() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{Hook, HostType, fun ?MODULE:count/3, #{hook => Hook}, 50}
                                       || Hook <- [register_user, remove_user]]).

            count(_Acc, _, #{hook := Hook}) ->
                ets:update_counter(acme, Hook, 1),
                #{count => Hook}.
            %%  ^^^^^^^^^^^^^^^^ error[untagged-result]: the process that runs `register_user` fails with `case_clause`
            %%  ^^^^^^^^^^^^^^^^ error[untagged-result]: the process that runs `remove_user` fails with `case_clause`
            "#,
        );
    }

    #[test]
    fn tagged_on_every_path() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {remove_user, HostType, fun ?MODULE:b/3, #{}, 51},
                                       {remove_user, HostType, fun ?MODULE:c/3, #{}, 52},
                                       {remove_user, HostType, fun ?MODULE:d/3, #{}, 53}]).

            a(Acc, #{jid := Jid}, _) ->
                case forget(Jid) of
                    ok -> {ok, Acc};
                    stop -> {stop, Acc}
                end.

            b(Acc, _, _) ->
                receive
                    {acme, done} -> {ok, Acc}
                after 10 ->
                    {ok, Acc}
                end.

            c(Acc, #{jid := Jid}, _) ->
                Tag = case forget(Jid) of ok -> ok; _ -> stop end,
                begin note(Tag), {Tag, Acc} end.

            d(Acc, #{jid := undefined}, _) -> error({no_jid, Acc});
            d(_, #{jid := none}, _) -> throw(none);
            d(_, #{jid := any}, _) -> erlang:error(any);
            d(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn results_that_a_pattern_has_chosen() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {remove_user, HostType, fun ?MODULE:b/3, #{}, 51},
                                       {remove_user, HostType, fun ?MODULE:c/3, #{}, 52},
                                       {remove_user, HostType, fun ?MODULE:d/3, #{}, 53}]).

            a(Acc, P, _) ->
                Result = forget(Acc, P),
                case Result of
                    {ok, _} -> Result;
                    {error, _} -> {ok, Acc}
                end.

            b(Acc, P, _) ->
                case forget(Acc, P) of
                    {error, _} -> {ok, Acc};
                    Other -> Other
                end.

            c(Acc, P, _) -> finish(forget(Acc, P), Acc).

            finish({error, _}, Acc) -> {ok, Acc};
            finish(Result, _Acc) -> Result.

            d(Acc, P, _) ->
                case Result = forget(Acc, P) of
                    {ok, _} -> Result;
                    _ -> {ok, Acc}
                end.

            forget(Acc, #{jid := Jid}) ->
                case acme_db:delete(Jid) of
                    ok -> {ok, Acc};
                    _ -> {error, not_found}
                end.
            "#,
        );
    }

    #[test]
    fn what_cannot_be_followed() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {remove_user, HostType, fun ?MODULE:b/3, #{}, 51},
                                       {remove_user, HostType, fun ?MODULE:c/3, #{}, 52},
                                       {remove_user, HostType, fun ?MODULE:d/3, #{}, 53},
                                       {remove_user, HostType, fun ?MODULE:e/3, #{}, 54}]).

            a(Acc, P, _) -> acme_srv:handle(Acc, P).
            b(Acc, _, #{callback := Callback}) -> Callback(Acc).
            c(Acc, _, _) -> ?OK(Acc).
            d(Acc, _, _) -> lists:foldl(fun(One, {ok, A}) -> {ok, one(One, A)} end, {ok, Acc}, all()).
            e(Acc, P, _) -> gen_server:call(acme, {removed, Acc, P}).
            "#,
        );
    }

    #[test]
    fn a_macro_for_the_result() {
        untouched(
            RULE,
            r#"
            -define(OK, {ok, done}).

            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:a/3, #{}, 50}]).

            a(_, _, _) -> ?OK.
            "#,
        );
    }

    #[test]
    fn functions_that_are_no_handlers() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]),
                gen_iq_handler:add_iq_handler_for_domain(HostType, <<"acme">>, ejabberd_sm, fun ?MODULE:iq/5, #{}, one_queue).

            removed(Acc, _, _) -> touch(Acc, none, none), {ok, Acc}.
            touch(Acc, _, _) -> Acc.
            iq(Acc, _, _, IQ, _) -> {Acc, IQ}.
            "#,
        );
    }

    #[test]
    fn deleted_handlers_are_not_called() {
        untouched(
            RULE,
            r#"
            stop(HostType) ->
                gen_hook:delete_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).

            removed(Acc, _, _) -> Acc.
            "#,
        );
    }

    #[test]
    fn code_that_cannot_be_parsed() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {remove_user, HostType, fun ?MODULE:b/3, #{}, 51}]).

            a(Acc, _, _) -> note("oops), {ok, Acc}.

            b(Acc, #{jid := Jid}, _) ->
                case forget(Jid of
                    ok -> {ok, Acc};
                    _ -> Acc
                end.
            "#,
        );
    }

    #[test]
    fn migrated() {
        untouched(
            RULE,
            r#"
            -export([hooks/1]).

            hooks(HostType) ->
                [{user_send_message, HostType, fun ?MODULE:sent/3, #{}, 50},
                 {foreign_event, HostType, fun ?MODULE:event/3, #{}, 50}].

            sent(Acc, #{c2s_data := Data}, _) ->
                {ok, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, mongoose_c2s:get_jid(Data)})}.

            event(Acc, #{event_tag := ?MODULE}, _) -> {stop, Acc};
            event(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn migrated_with_a_mistake() {
        check_rule(
            RULE,
            r#"
            -export([hooks/1]).

            hooks(HostType) ->
                [{user_send_message, HostType, fun ?MODULE:sent/3, #{}, 50}].

            sent(Acc, _, _) -> mongoose_c2s_acc:to_acc(Acc, flush, none).
            %%                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[untagged-result]: returns the accumulator that mongoose_c2s_acc:to_acc/3 returns here
            "#,
        );
    }
}
