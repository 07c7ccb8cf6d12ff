//! `changed-stop`.

use super::conditions;
use super::{Rule, Serving};
use crate::catalog::HookStatus;
use crate::finding::{Finding, Label, Place};
use crate::migrate::results;
use crate::project::eval::{Action, Style};
use crate::project::handlers::{At, Return};
use crate::rewrite::Fix;
use crate::syntax::ast::Expr;

rule! {
    /// Finds a handler that returns `{stop, Acc}` on a hook where stopping now does more than skip the remaining
    /// handlers.
    ///
    /// ## Why it matters
    ///
    /// In 6.0.0 `{stop, Acc}` only kept later handlers from being called. In 6.1.0 the session that runs the hook looks at the
    /// tag too: on `user_send_packet` stopping drops the stanza, on `user_receive_packet` it keeps the stanza from
    /// the client. Nothing is logged, and the sender is not told.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// user_send_packet(Acc, _Params, _Extra) ->
    ///     case is_duplicate(Acc) of
    ///         true -> {stop, Acc};   % 6.0.0: not archived; 6.1.0: not sent at all
    ///         false -> {ok, Acc}
    ///     end.
    /// ```
    ///
    /// Return `{ok, Acc}` where the stanza shall pass, and mark it in the accumulator for handlers that shall leave it alone:
    ///
    /// ```erlang
    ///         true -> {ok, mongoose_acc:set(?MODULE, duplicate, true, Acc)};
    /// ```
    ChangedStop, "changed-stop", Warning
}

impl Rule for ChangedStop {
    declared!();

    fn judges(&self, _style: Style) -> bool {
        true
    }

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if !matches!(serving.status(), HookStatus::Changed | HookStatus::Meaning) || serving.migrated {
            return;
        }
        let Some(change) = serving.fate.change().filter(|change| !change.stop.is_empty()) else { return };
        let returns = serving.handler.returns();
        let mut stops = returns.iter().filter(|path| matches!(path.what, Return::Stop(_)));
        let Some(first) = stops.next() else { return };
        let message = format!(
            "stopping `{}` means something else in {}: {}",
            serving.hook,
            serving.target(),
            change.stop.trim_end_matches('.'),
        );
        let mut finding = serving
            .finding(self, first.place.clone(), message)
            .label(format!("`{}` stops here", serving.handler.mfa()))
            .note(format!("Before: {}", change.stop_before))
            .help(
                "return `{ok, Acc}` unless the stanza is to be dropped; a mark in the accumulator can tell later handlers \
                 to leave it alone",
            )
            .evidence(&change.evidence);
        finding.related.extend(stops.map(|path| Label { place: path.place.clone(), message: "and here".to_owned() }));
        finding.related.push(serving.registered_here());
        finding.rewrite = conditions::judge(serving, change).rewrite;
        if serving.wants_fix() {
            finding.no_fix = Some(undecided(serving));
            finding.alternatives.extend(pass_on(serving));
        }
        out.push(finding);
    }
}

/// Why nothing is rewritten.
fn undecided(serving: &Serving<'_>) -> String {
    let why = match sign_of_dropping(serving) {
        Some(sign) => format!("`{sign}` sounds as if to drop were meant"),
        None => "`{stop, _}` never dropped a stanza and does now".to_owned(),
    };
    format!("{why}, so a person has to decide whether stanzas shall be dropped now")
}

/// `{ok, Acc}` where it stops: no stanza is lost that was not lost before. It is no more than an alternative, because a
/// handler that was rewritten to drop looks no different from one that was forgotten.
fn pass_on(serving: &Serving<'_>) -> Result<Fix, String> {
    let edits = results::passing(serving)?;
    if let Some(other) = other_hooks(serving).next() {
        return Err(format!("the function is the handler of `{other}` as well"));
    }
    let mfa = serving.handler.mfa();
    let title = format!("let `{}/{}` return `{{ok, _}}` where it stops", mfa.function, mfa.arity);
    let reason = "later handlers, which `{stop, _}` skipped, are called; the stanza passes as it did";
    Ok(Fix::new(title, edits).because([reason.to_owned()]))
}

/// Other hooks whose handler the same function is, and on which to stop is as good as it was.
fn other_hooks<'a>(serving: &'a Serving<'_>) -> impl Iterator<Item = &'a str> {
    let own = &serving.registration.handler;
    let others = serving.siblings.iter().filter(|other| other.action == Action::Add && other.handler == *own);
    let hooks = others.filter_map(|other| other.hook.as_deref()).filter(|hook| *hook != serving.hook);
    hooks.filter(|hook| serving.context.upgrade.fate(hook).change().is_none_or(|it| it.stop.is_empty()))
}

/// Parts of words that are used where something is not let through.
const DROPPING: [&str; 21] = [
    "banned",
    "blacklist",
    "block",
    "denied",
    "deny",
    "disallow",
    "discard",
    "drop",
    "filter",
    "flood",
    "forbid",
    "limit",
    "muted",
    "quarantine",
    "quota",
    "refuse",
    "reject",
    "restrict",
    "spam",
    "suppress",
    "throttle",
];

/// A name in the handler, or in what it calls, that says that a stanza is not to get through.
fn sign_of_dropping(serving: &Serving<'_>) -> Option<String> {
    let stops: Vec<&Place> =
        serving.handler.returns().iter().filter(|it| matches!(it.what, Return::Stop(_))).map(|it| &it.place).collect();
    let stopping = |at: &&At| {
        let path = at.module.source().path();
        at.clause().is_some_and(|clause| {
            stops.iter().any(|place| place.source.path() == path && clause.span.contains(place.span))
        })
    };
    let sounds = |name: &str| {
        let lower = name.to_ascii_lowercase();
        DROPPING.iter().any(|part| lower.contains(part))
    };
    let own = Some(&serving.handler.name).filter(|name| sounds(name)).map(ToString::to_string);
    own.or_else(|| {
        serving.handler.reachable().iter().filter(stopping).find_map(|at| {
            let ast = at.ast();
            ast.descend_clause(at.clause()?).find_map(|(_, expr)| match expr {
                Expr::Atom(name) | Expr::Var(name) if sounds(name) => Some(name.to_string()),
                _ => None,
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Case, check_rule, untouched};
    use super::*;

    const RULE: &str = ChangedStop::NAME;

    #[test]
    fn a_stanza_that_only_later_handlers_should_not_see() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:throttle/3, #{}, 30}]).

            throttle(Acc, _Params, _Extra) ->
                case is_flood(mongoose_acc:from_jid(Acc)) of
                    true -> {stop, Acc};
            %%              ^^^^^^^^^^^ warning[changed-stop]: stopping `user_send_packet` means something else in 6.1.0: `{stop, Acc}` drops the stanza: no later handler sees it, no hook for its kind is run, and it is not routed
            %% = label: `mod_a:throttle/3` stops here
            %% = help: return `{ok, Acc}` unless the stanza is to be dropped
            %% = note: Before: `{stop, Acc}` skipped the remaining handlers; the stanza was always routed
            %% = related: `mod_a:throttle/3` is registered for `user_send_packet` here
            %% = rewrite: suggestion
                    false -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn stops_in_heads_and_branches() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:received/3, #{}, 30}]).

            received(#{stanza := #{type := <<"error">>}} = Acc, _, _) ->
                {stop, Acc};
            %%  ^^^^^^^^^^^ warning[changed-stop]: stopping `user_receive_packet` means something else in 6.1.0: `{stop, Acc}` drops the stanza silently
            %% = related: and here
            received(Acc, _, _) ->
                Result = try is_muted(Acc) of
                             true -> {stop, Acc};
                             false -> {ok, Acc}
                         catch
                             error:_ -> {ok, Acc}
                         end,
                Result.
            "#,
        );
    }

    #[test]
    fn a_tag_out_of_a_variable() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, _, _) ->
                Tag = case is_archived(Acc) of
                          true -> stop;
                          false -> ok
                      end,
                {Tag, Acc}.
            %%  ^^^^^^^^^^ warning[changed-stop]: stopping `user_send_packet` means something else in 6.1.0
            "#,
        );
    }

    #[test]
    fn a_tag_out_of_a_function() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, _, _) -> {verdict(Acc), Acc}.
            %%                 ^^^^^^^^^^^^^^^^^^^ warning[changed-stop]: stopping `user_send_packet`

            verdict(Acc) ->
                if map_size(Acc) > 100 -> stop;
                   true -> ok
                end.
            "#,
        );
    }

    #[test]
    fn a_helper_of_another_module_stops() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, Params, Extra) ->
                maybe
                    ok ?= mod_b:is_due(Extra),
                    {ok, Acc}
                else
                    _ -> mod_b:refuse(Acc, Params)
                end.
            //- src/mod_b.erl
            -module(mod_b).

            is_due(_) -> ok.

            refuse(Acc, _) ->
                {stop, mark(Acc)}.
            %%  ^^^^^^^^^^^^^^^^^ warning[changed-stop]: stopping `user_send_packet`
            %% = label: `mod_a:sent/3` stops here

            mark(Acc) -> mongoose_acc:set(acme, refused, true, Acc).
            "#,
        );
    }

    #[test]
    fn a_macro_for_the_result() {
        untouched(
            RULE,
            r#"
            -define(STOP(Acc), {stop, Acc}).
            -define(LATER, {stop, later}).

            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, _, _) ->
                case mongoose_acc:stanza_type(Acc) of
                    <<"headline">> -> ?STOP(Acc);
                    _ -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn a_case_over_the_result_of_a_helper() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, _, _) ->
                case check(Acc) of
                    {stop, Acc1} -> {ok, mongoose_acc:set(acme, suspicious, true, Acc1)};
                    {ok, _} = Ok -> Ok
                end.

            check(Acc) ->
                case is_bad(Acc) of
                    true -> {stop, Acc};
                    false -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn only_ok() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30},
                                       {user_receive_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, _, _) ->
                ok = acme_srv:stop(),
                {stop, _} = decide(Acc),
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn stopping_where_it_is_as_it_was() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:filter/3, #{}, 30},
                                       {offline_message_hook, HostType, fun ?MODULE:offline/3, #{}, 30},
                                       {user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 30},
                                       {privacy_check_packet, HostType, fun ?MODULE:check/3, #{}, 30}]).

            filter(_, _, _) -> {stop, drop}.
            offline(Acc, _, _) -> {stop, Acc}.
            answered(Acc, _, _) -> {stop, Acc}.
            check(Acc, _, _) -> {stop, mongoose_acc:set(hook, result, deny, Acc)}.
            "#,
        );
    }

    #[test]
    fn what_cannot_be_followed_is_not_said_to_stop() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, Params, #{callback := Callback}) ->
                case acme_rules:verdict(Acc) of
                    {error, _} -> {ok, Acc};
                    Other when is_tuple(Other) -> Other;
                    _ -> Callback(Acc, Params)
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
                [{user_send_packet, HostType, fun ?MODULE:throttle/3, #{}, 30},
                 {user_receive_packet, HostType, fun ?MODULE:mute/3, #{}, 5}].

            throttle(Acc, #{c2s_data := C2SData}, _Extra) ->
                case is_flood(mongoose_c2s:get_jid(C2SData)) of
                    true -> {stop, Acc};
                    false -> {ok, Acc}
                end.

            mute(Acc, _, _) -> {stop, Acc}.
            "#,
        );
    }

    /// A module that calls something new is written for the release that has it, and not for later ones.
    #[test]
    fn written_for_a_release_on_the_way() {
        let module = |releases: &str, called: &str, marker: &str| {
            format!(
                r#"
                //- from {releases}
                -module(mod_a).
                -export([start/2, mute/3]).
                start(H, _) ->
                    gen_hook:add_handlers([{{user_send_packet, H, fun ?MODULE:mute/3, #{{}}, 30}}]).
                mute(Acc, _, _) ->
                    {called}:f(Acc),
                    {{stop, Acc}}.
                    {marker}
                "#
            )
        };
        let found = |releases: &str, called: &str| {
            let marker = "%% = help: return `{ok, Acc}`";
            let marker = format!(
                "%%<^^^^^^^^ warning[changed-stop]: stopping `user_send_packet` means\n                    {marker}"
            );
            check_rule(RULE, &module(releases, called, &marker));
        };
        let untouched = |releases: &str, called: &str| untouched(RULE, &module(releases, called, ""));
        // New in 6.0.0, which changed nothing about stopping.
        found("5.1.0 to 6.1.0", "mod_muc_light_api");
        found("6.0.0 to 6.1.0", "mod_muc_light_api");
        // New in 6.1.0, which did.
        untouched("5.1.0 to 6.1.0", "mongoose_c2s");
        untouched("6.0.0 to 6.1.0", "mongoose_c2s");
        untouched("6.0.0 to 6.8.0", "mongoose_c2s");
        // New later.
        untouched("6.0.0 to 6.8.0", "mongoose_instrument");
    }

    #[test]
    fn a_handler_that_reads_the_session_in_an_older_module() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:throttle/3, #{}, 30}]).

            throttle(Acc, #{c2s_state := session_established}, _Extra) -> {stop, Acc};
            throttle(Acc, _, _Extra) -> {ok, Acc}.
            "#,
        );
    }

    fn choices(fixture: &str) -> Vec<(Option<String>, Vec<String>)> {
        let findings = Case::new(fixture).rules(&[RULE]).findings();
        assert!(findings.iter().all(|it| it.fix.is_none()), "to stop or not is left to a person");
        let titles = |it: &Finding| it.alternatives.iter().map(|fix| fix.title.clone()).collect();
        findings.iter().map(|it| (it.no_fix.clone(), titles(it))).collect()
    }

    #[test]
    fn to_let_it_pass_is_an_alternative() {
        let choices = choices(
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:a/3, #{}, 30},
                                       {user_send_packet, HostType, fun ?MODULE:b/3, #{}, 31}]).

            a(Acc, _, _) -> finish(acme_archive:is_known(Acc), Acc).

            finish(true, Acc) -> {stop, Acc};
            finish(false, Acc) -> {ok, Acc}.

            b(Acc, _, _) ->
                case acme_rules:is_spam(Acc) of
                    true -> {stop, Acc};
                    false -> {ok, Acc}
                end.
            "#,
        );
        let [(archive, one), (spam, other)] = &choices[..] else { panic!("{choices:?}") };
        assert!(archive.as_ref().unwrap().starts_with("`{stop, _}` never dropped a stanza"));
        assert!(spam.as_ref().unwrap().starts_with("`is_spam` sounds as if to drop were meant"));
        assert_eq!(one, &["let `a/3` return `{ok, _}` where it stops"]);
        assert_eq!(other, &["let `b/3` return `{ok, _}` where it stops"]);
    }

    #[test]
    fn no_alternative_where_others_want_it_to_stop() {
        let choices = choices(
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:a/3, #{}, 30},
                                       {offline_message_hook, HostType, fun ?MODULE:a/3, #{}, 31}]).

            a(Acc, _, _) -> {stop, Acc}.
            "#,
        );
        assert_eq!(choices.len(), 1);
        assert!(choices[0].1.is_empty());
    }
}
