//! `changed-params`.

use super::conditions::{self, touches};
use super::{Rule, Serving};
use crate::catalog::{Hook, HookChange, HookStatus, ParameterChange, ParameterFate};
use crate::finding::{Finding, Place, Rewrite, Severity};
use crate::project::handlers::{KeyRead, ReadBy, Shape};
use crate::syntax::ast::Name;

rule! {
    /// Finds a handler that reads a parameter which the hook no longer has, or whose value has another form.
    ///
    /// ## Why it matters
    ///
    /// Parameters come as a map. A pattern that asks for a key which is not there matches nothing: the handler fails with
    /// `function_clause` whenever the hook runs, the server logs `hook_failed`, skips the handler and goes on. Where a later
    /// clause takes everything, not even that happens: the first clause is silently dead.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// user_receive_packet(Acc, #{jid := Jid}, _Extra) ->
    ///     {ok, count(Jid, Acc)}.
    /// ```
    ///
    /// In 6.1.0 the parameters of this hook describe the session:
    ///
    /// ```erlang
    /// user_receive_packet(Acc, #{c2s_data := C2SData}, _Extra) ->
    ///     Jid = mongoose_c2s:get_jid(C2SData),
    ///     {ok, count(Jid, Acc)}.
    /// ```
    ChangedParams, "changed-params", Error
}

impl Rule for ChangedParams {
    declared!();

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if !matches!(serving.status(), HookStatus::Changed | HookStatus::Meaning) {
            return;
        }
        let Some(change) = serving.fate.change().filter(|change| !change.parameters.is_empty()) else { return };
        let verdict = conditions::judge(serving, change);
        escapes(self, serving, change, out);
        for read in conditions::changed_reads(serving, change) {
            let Some(parameter) = change.parameters.iter().find(|it| it.key == read.key.as_str()) else { continue };
            let mut add = |place: &Place, severity: Severity, message: String| {
                let mut finding = serving
                    .finding(self, place.clone(), message)
                    .label(label(parameter, serving))
                    .help(help(change, parameter))
                    .evidence(&change.evidence);
                finding.severity = severity;
                finding.related.push(serving.registered_here());
                if !parameter.note.is_empty() {
                    finding.notes.push(parameter.note.clone());
                }
                finding.rewrite = verdict.rewrite;
                finding.notes.extend(super::removed_hook::assessment(change, &verdict));
                out.push(finding.fix(serving.fix()));
            };
            if let Some((severity, message)) = judge_read(serving, change, parameter, read) {
                add(&read.place, severity, message);
            }
            for place in dead_patterns(parameter, read) {
                let (key, hook, target) = (&read.key, serving.hook, serving.target());
                let value = place.source.slice(place.span);
                let consequence = match read.by {
                    ReadBy::Head if read.place.span.contains(place.span) => head_consequence(serving, read),
                    _ => "this pattern never matches".to_owned(),
                };
                let message = format!("`{key}` of `{hook}` is never `{value}` in {target}: {consequence}");
                add(place, Severity::Warning, message);
            }
            for (atom, place) in dead_comparisons(parameter, read) {
                let (key, hook, target) = (&read.key, serving.hook, serving.target());
                let message =
                    format!("`{key}` of `{hook}` is never `{atom}` in {target}: what is done for it is dead code");
                add(place, Severity::Warning, message);
            }
        }
    }
}

/// Atoms that a value is compared with behind its pattern, and is no more.
fn dead_comparisons<'a>(
    parameter: &'a ParameterChange,
    read: &'a KeyRead,
) -> impl Iterator<Item = (&'a str, &'a Place)> {
    let keeps_key = parameter.change != ParameterFate::Gone;
    let gone = move |atom: &str| keeps_key && conditions::is_lost_atom(parameter, atom);
    read.compared.iter().map(|(atom, place)| (atom.as_str(), place)).filter(move |(atom, _)| gone(atom))
}

/// Patterns for values that are never given any more, or are others now.
fn dead_patterns<'a>(parameter: &'a ParameterChange, read: &'a KeyRead) -> impl Iterator<Item = &'a Place> {
    let is_revalued = parameter.change == ParameterFate::Revalued;
    let is_dead = |place: &&Place| conditions::old_value(parameter, place.source.slice(place.span)).is_some();
    read.matched.iter().filter(move |place| is_revalued && is_dead(place))
}

/// Whether another pattern or call of the handler reads what only the target release has: it serves both releases.
fn knows_both_releases(serving: &Serving<'_>, read: &KeyRead) -> bool {
    let before = serving.context.upgrade.hook_with_map(serving.hook);
    let (Some(before), Some(after)) = (before, serving.fate.after) else { return false };
    let has = |hook: &Hook, key: &str| hook.parameters.iter().any(|parameter| parameter.key == key);
    let is_new = |other: &&KeyRead| has(after, &other.key) && !has(before, &other.key);
    let apart =
        |other: &KeyRead| other.together != read.together || other.place.source.path() != read.place.source.path();
    serving.handler.params().reads.iter().filter(is_new).any(apart)
}

/// Where the whole map goes where it cannot be followed, what must not be read there can at least be said.
fn escapes(rule: &ChangedParams, serving: &Serving<'_>, change: &HookChange, out: &mut Vec<Finding>) {
    let gone = change.parameters.iter().filter(|parameter| parameter.change == ParameterFate::Gone);
    let gone: Vec<_> = gone.map(|parameter| format!("`{}`", parameter.key)).collect();
    if gone.is_empty() || serving.migrated {
        return;
    }
    for escape in &serving.handler.params().escapes {
        let message = format!(
            "the parameters of `{}` go {} here, where they are not followed: {} is not among them in {}",
            serving.hook,
            escape.to,
            gone.join(" or "),
            serving.target(),
        );
        let mut finding = serving
            .finding(rule, escape.place.clone(), message)
            .label("look whether it is read there")
            .help(change.advice.clone())
            .rewrite(Rewrite::Advice)
            .evidence(&change.evidence);
        finding.severity = Severity::Info;
        finding.related.push(serving.registered_here());
        out.push(finding);
    }
}

fn label(parameter: &ParameterChange, serving: &Serving<'_>) -> String {
    match parameter.change {
        ParameterFate::Gone => format!("not among the parameters in {}", serving.target()),
        ParameterFate::Retyped => format!("has another form in {}", serving.target()),
        ParameterFate::Revalued => format!("takes other values in {}", serving.target()),
    }
}

fn help(change: &HookChange, parameter: &ParameterChange) -> String {
    if parameter.now.is_empty() {
        return format!("the value of `{}` cannot be had from this hook any more", parameter.key);
    }
    match parameter.change {
        // A pattern on it becomes one on the map itself, which takes a sentence.
        ParameterFate::Gone if parameter.now == "Params" => change.advice.clone(),
        ParameterFate::Gone => format!("the same value: `{}`", parameter.now),
        ParameterFate::Retyped => format!("match `{} := {}`", parameter.key, parameter.now),
        // What stands for an old value depends on which one it is.
        ParameterFate::Revalued => change.advice.clone(),
    }
}

fn judge_read(
    serving: &Serving<'_>,
    change: &HookChange,
    parameter: &ParameterChange,
    read: &KeyRead,
) -> Option<(Severity, String)> {
    match parameter.change {
        ParameterFate::Gone => (!knows_both_releases(serving, read)).then(|| gone(serving, read)),
        ParameterFate::Revalued => {
            let dead = matches!(&read.shape, Shape::Atom(_)) && touches(change, read);
            dead.then(|| retyped(serving, parameter, read))
        }
        ParameterFate::Retyped => {
            // Code for the new release says what it makes of a plain variable, and nothing here does.
            let plain = matches!(read.shape, Shape::Var(_) | Shape::Other);
            (touches(change, read) && !(plain && serving.migrated)).then(|| retyped(serving, parameter, read))
        }
    }
}

fn gone(serving: &Serving<'_>, read: &KeyRead) -> (Severity, String) {
    let (key, hook, target) = (&read.key, serving.hook, serving.target());
    let start = format!("`{hook}` has no parameter `{key}` in {target}");
    let mfa = serving.handler.mfa();
    match read.by {
        ReadBy::Head => (Severity::Error, format!("{start}: {}", head_consequence(serving, read))),
        ReadBy::Pattern => (
            Severity::Error,
            format!("{start}: this pattern never matches, so `{mfa}` fails or takes another branch when it gets here"),
        ),
        ReadBy::Get | ReadBy::Update if read.caught => {
            (Severity::Error, format!("{start}: this fails with `badkey`, and `{mfa}` goes on with what catches that"))
        }
        ReadBy::Get | ReadBy::Update => (
            Severity::Error,
            format!("{start}: `{mfa}` fails with `badkey` here, which is logged as `hook_failed`, and is skipped"),
        ),
        ReadBy::Lookup => {
            (Severity::Warning, format!("{start}: this look-up never finds it, and `{mfa}` goes on without"))
        }
    }
}

/// What follows when a clause's head matches nothing.
fn head_consequence(serving: &Serving<'_>, read: &KeyRead) -> String {
    let mfa = serving.handler.mfa();
    let open = &serving.handler.params().open_clauses;
    let has = |key: &Name| {
        serving.fate.after.is_some_and(|hook| hook.parameters.iter().any(|it| it.key == key.as_str() && !it.optional))
    };
    let takes_over = |keys: &Option<Vec<Name>>| keys.as_ref().is_some_and(|keys| keys.iter().all(has));
    let later_open = read.head_of_clause.is_some_and(|own| open.iter().skip(own + 1).any(takes_over));
    if later_open {
        "this clause is never entered, and a later one silently takes over".to_owned()
    } else if open.len() == 1 {
        format!("`{mfa}` fails with `function_clause` every time, which is logged as `hook_failed`, and is skipped")
    } else {
        format!(
            "this clause is never entered; where no other matches, `{mfa}` fails with `function_clause`, \
             which is logged as `hook_failed`, and is skipped"
        )
    }
}

fn retyped(serving: &Serving<'_>, parameter: &ParameterChange, read: &KeyRead) -> (Severity, String) {
    let (key, hook, target) = (&read.key, serving.hook, serving.target());
    match &read.shape {
        Shape::Var(_) | Shape::Other => {
            let message = format!(
                "`{key}` of `{hook}` has another form in {target}, `{}`: what `{}` does with it goes wrong without a word, or fails",
                parameter.now,
                serving.handler.mfa(),
            );
            (Severity::Error, message)
        }
        shape => {
            let what = match shape {
                Shape::Atom(atom) => format!("is never `{atom}`"),
                Shape::Record(name) => format!("is no `#{name}{{}}`"),
                _ => "has another form".to_owned(),
            };
            let consequence = match read.by {
                ReadBy::Head => head_consequence(serving, read),
                _ => "this pattern never matches".to_owned(),
            };
            let severity = if matches!(shape, Shape::Atom(_)) { Severity::Warning } else { Severity::Error };
            (severity, format!("`{key}` of `{hook}` {what} in {target}: {consequence}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_rule, fixed_unsafely, untouched};
    use super::*;

    const RULE: &str = ChangedParams::NAME;

    #[test]
    fn a_key_in_the_only_head() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:delivered/3, #{}, 85}]).

            delivered(Acc, #{jid := Jid}, _Extra) ->
            %%               ^^^^^^^^^^ error[changed-params]: `user_receive_packet` has no parameter `jid` in 6.1.0: `mod_a:delivered/3` fails with `function_clause` every time, which is logged as `hook_failed`, and is skipped
            %% = label: not among the parameters in 6.1.0
            %% = help: the same value: `mongoose_c2s:get_jid(C2SData)`
            %% = note: Everything that a mechanical rewrite needs was found on this handler.
            %% = rewrite: mechanical
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> note(Jid, Acc), {ok, Acc};
                    _ -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn a_handler_of_all_stanzas_is_called_for_more() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:delivered/3, #{}, 85}]).

            delivered(Acc, #{jid := Jid} = Params, _Extra) ->
            %%               ^^^^^^^^^^ error[changed-params]: fails with `function_clause` every time
            %% = note: A person has to look at the rewrite: the handler does not serve one kind of stanza alone.
            %% = rewrite: suggestion
                ?LOG_DEBUG(#{what => delivered, params => Params}),
                note(Jid),
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_value_that_chooses_the_clause_cannot_be_taken_in_the_body() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:delivered/3, #{}, 85}]).

            delivered(Acc, #{jid := #jid{luser = <<"bot">>}}, _Extra) ->
            %%               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-params]: this clause is never entered, and a later one silently takes over
            %% = note: the value of `jid` decides which clause is taken
            %% = rewrite: suggestion
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> answer(Acc), {ok, Acc};
                    _ -> {ok, Acc}
                end;
            delivered(Acc, _Params, _Extra) ->
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_value_in_a_guard_neither() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:delivered/3, #{}, 85}]).

            delivered(Acc, #{jid := Jid}, #{owner := Owner}) when Jid =:= Owner ->
            %%               ^^^^^^^^^^ error[changed-params]: this clause is never entered; where no other matches, `mod_a:delivered/3` fails with `function_clause`
            %% = rewrite: suggestion
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> note(Acc), {ok, Acc};
                    _ -> {ok, Acc}
                end;
            delivered(Acc, _Params, #{owner := none}) ->
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn keys_taken_in_the_body() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {user_receive_packet, HostType, fun ?MODULE:b/3, #{}, 51},
                                       {user_receive_packet, HostType, fun ?MODULE:c/3, #{}, 52},
                                       {user_receive_packet, HostType, fun ?MODULE:d/3, #{}, 53}]).

            a(Acc, Params, _) ->
                Jid = maps:get(jid, Params),
            %%        ^^^^^^^^^^^^^^^^^^^^^ error[changed-params]: `user_receive_packet` has no parameter `jid` in 6.1.0: `mod_a:a/3` fails with `badkey` here
            %% = rewrite: suggestion
                seen(Jid), {ok, Acc}.

            b(Acc, Params, _) ->
                case maps:get(jid, Params, undefined) of
            %%       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[changed-params]: this look-up never finds it, and `mod_a:b/3` goes on without
                    undefined -> {ok, Acc};
                    Jid -> seen(Jid), {ok, Acc}
                end.

            c(Acc, Args, _) ->
                #{jid := #jid{luser = User}} = Args,
            %%    ^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-params]: this pattern never matches, so `mod_a:c/3` fails or takes another branch when it gets here
                seen(User), {ok, Acc}.

            d(Acc, Params, _) ->
                lists:foreach(fun(Device) -> clear(Device, map_get(jid, Params)) end, devices()),
            %%                                             ^^^^^^^^^^^^^^^^^^^^ error[changed-params]: `mod_a:d/3` fails with `badkey` here
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn the_map_is_handed_to_another_function() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:received/3, #{}, 50}]).

            received(Acc, Params, Extra) ->
                {ok, mod_b:badge(Extra, with_log(Params), Params, Acc)}.

            with_log(Params) -> ?LOG_INFO(Params), Params.
            //- src/mod_b.erl
            -module(mod_b).
            -export([badge/4]).

            badge(#{host_type := HostType}, _, #{jid := Jid}, Acc) ->
            %%                                   ^^^^^^^^^^ error[changed-params]: this pattern never matches, so `mod_a:received/3` fails or takes another branch when it gets here
            %% = related: `mod_a:received/3` is registered for `user_receive_packet` here
                clear(HostType, Jid), Acc.
            "#,
        );
    }

    #[test]
    fn event_data_is_the_map_itself() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_room_packet, HostType, fun ?MODULE:label/3, #{}, 45}]).

            label(Packet, #{event_data := #{affiliation := none, from_nick := Nick}}, _) ->
            %%              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-params]: `filter_room_packet` has no parameter `event_data` in 6.1.0: this clause is never entered, and a later one silently takes over
            %% = help: Match the keys of the event data directly in the parameters
            %% = rewrite: mechanical
                {ok, with_label(Packet, Nick)};
            label(Packet, _Params, _Extra) ->
                {ok, Packet}.
            "#,
        );
    }

    #[test]
    fn the_packet_as_it_was_cannot_be_had() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_room_packet, HostType, fun ?MODULE:label/3, #{}, 45}]).

            label(Acc, #{packet := Packet, event_data := Data}, _) ->
            %%           ^^^^^^^^^^^^^^^^ error[changed-params]: `filter_room_packet` has no parameter `packet` in 6.1.0: `mod_a:label/3` fails with `function_clause` every time
            %% = help: the value of `packet` cannot be had from this hook any more
            %% = note: the value of `packet` cannot be had any more
            %% = rewrite: suggestion
            %%                             ^^^^^^^^^^^^^^^^^^ error[changed-params]: `filter_room_packet` has no parameter `event_data`
            %% = rewrite: suggestion
                {ok, label(Acc, Packet, Data)}.
            "#,
        );
    }

    #[test]
    fn an_address_has_a_port_now() {
        check_rule(
            RULE,
            r#"
            start(_HostType, _Opts) ->
                gen_hook:add_handlers([{check_bl_c2s, global, fun ?MODULE:blacklisted/3, #{}, 25}]).

            blacklisted(Acc, #{ip := IP}, _) ->
            %%                 ^^^^^^^^ error[changed-params]: `ip` of `check_bl_c2s` has another form in 6.1.0, `{IP, _Port}`
            %% = help: match `ip := {IP, _Port}`
            %% = rewrite: mechanical
                {ok, Acc orelse ets:member(bad_ips, IP)}.
            "#,
        );
    }

    #[test]
    fn an_address_by_its_parts() {
        check_rule(
            RULE,
            r#"
            start(_HostType, _Opts) ->
                gen_hook:add_handlers([{check_bl_c2s, global, fun ?MODULE:blacklisted/3, #{}, 25}]).

            blacklisted(_, #{ip := {10, _, _, _}}, _) ->
            %%               ^^^^^^^^^^^^^^^^^^^ error[changed-params]: `ip` of `check_bl_c2s` has another form in 6.1.0: this clause is never entered, and a later one silently takes over
                {stop, false};
            blacklisted(Acc, Params, _) ->
                Address = maps:get(ip, Params),
            %%            ^^^^^^^^^^^^^^^^^^^^ error[changed-params]: `ip` of `check_bl_c2s` has another form in 6.1.0, `{IP, _Port}`
            %% = rewrite: suggestion
                {ok, Acc orelse ets:member(bad_ips, Address)}.
            "#,
        );
    }

    #[test]
    fn answers_are_elements() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 50}]).

            answered(Acc, #{response := #iq{type = error}, jid := Jid}, _) ->
            %%              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-params]: `response` of `user_ping_response` is no `#iq{}` in 6.1.0: this clause is never entered; where no other matches, `mod_a:answered/3` fails with `function_clause`
            %% = rewrite: suggestion
                refused(Jid), {ok, Acc};
            answered(Acc, #{response := timeout, jid := Jid}, _) ->
                lost(Jid), {ok, Acc};
            answered(Acc, #{response := Response, time_delta := Delta}, _) when Response =/= timeout ->
                log(Delta), {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn reasons_that_never_come() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{sm_remove_connection_hook, HostType, fun ?MODULE:closed/3, #{}, 50},
                                       {sm_remove_connection_hook, HostType, fun ?MODULE:left/3, #{}, 60},
                                       {sm_remove_connection_hook, HostType, fun ?MODULE:gone/3, #{}, 70}]).

            closed(Acc, #{reason := replaced, jid := Jid}, _) ->
            %%            ^^^^^^^^^^^^^^^^^^ warning[changed-params]: `reason` of `sm_remove_connection_hook` is never `replaced` in 6.1.0: this clause is never entered, and a later one silently takes over
            %% = help: Match `reason := <<"Replaced by new connection">>` where `replaced` was matched
            %% = rewrite: suggestion
                kicked(Jid), {ok, Acc};
            closed(Acc, #{jid := _Jid}, #{host_type := _}) ->
                {ok, Acc}.

            left(Acc, #{reason := Reason, jid := Jid}, _) ->
                case Reason of
                    resumed -> ok;
            %%      ^^^^^^^ warning[changed-params]: `reason` of `sm_remove_connection_hook` is never `resumed` in 6.1.0: what is done for it is dead code
            %% = help: and `mod_stream_management` and `{shutdown, resumed}` where `resumed` was
                    _ -> tell(Jid, as_text(Reason))
                end,
                {ok, Acc}.

            as_text(replaced) -> <<"elsewhere">>;
            %%      ^^^^^^^^ warning[changed-params]: is never `replaced` in 6.1.0: what is done for it is dead code
            as_text(normal) -> <<"logout">>;
            as_text(_Other) -> <<"lost">>.

            gone(Acc, Params, _) ->
                maps:get(reason, Params) =:= resumed orelse forget(Params),
            %%                               ^^^^^^^ warning[changed-params]: is never `resumed` in 6.1.0
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn one_function_for_two_hooks_cannot_be_edited_for_one() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{Hook, HostType, fun ?MODULE:seen/3, #{}, 50}
                                       || Hook <- [user_receive_packet, user_available_hook]]).

            seen(Acc, #{jid := Jid}, _) ->
            %%          ^^^^^^^^^^ error[changed-params]: `user_receive_packet` has no parameter `jid` in 6.1.0
            %% = note: the function is the handler of `user_available_hook` as well
            %% = rewrite: suggestion
                touch(Jid), {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_failure_that_is_caught_is_not_logged() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:received/3, #{}, 50}]).

            received(Acc, Params, _) ->
                try touch(Params) catch Class:Reason -> report(Class, Reason) end,
                {ok, Acc}.

            touch(Params) -> clear(maps:get(jid, Params)).
            %%                     ^^^^^^^^^^^^^^^^^^^^^ error[changed-params]: this fails with `badkey`, and `mod_a:received/3` goes on with what catches that
            "#,
        );
    }

    #[test]
    fn parameters_that_are_not_read() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {filter_room_packet, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {user_ping_response, HostType, fun ?MODULE:b/3, #{}, 50},
                                       {check_bl_c2s, global, fun ?MODULE:c/3, #{}, 50}]).

            a(Acc, _Params, _Extra) -> {ok, Acc}.
            b(Acc, #{jid := Jid, time_delta := Delta}, _) -> note(Jid, Delta), {ok, Acc}.
            c(_, #{ip := _}, _) -> {stop, false}.
            "#,
        );
    }

    #[test]
    fn values_of_which_only_the_rest_is_used() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {user_ping_response, HostType, fun ?MODULE:b/3, #{}, 51},
                                       {user_ping_response, HostType, fun ?MODULE:c/3, #{}, 52},
                                       {user_ping_response, HostType, fun ?MODULE:d/3, #{}, 53},
                                       {user_ping_response, HostType, fun ?MODULE:e/3, #{}, 54}]).

            a(Acc, #{response := timeout} = P, _) -> lost(maps:get(jid, P)), {ok, Acc};
            a(Acc, #{response := _}, _) -> {ok, Acc}.

            b(Acc, #{response := Response, jid := Jid}, _) ->
                case Response of
                    timeout -> lost(Jid);
                    _ -> ok
                end,
                {ok, Acc}.

            c(Acc, Params, _) ->
                case maps:get(response, Params) of
                    timeout -> lost(maps:get(jid, Params)), {ok, Acc};
                    _ -> {ok, Acc}
                end.

            d(Acc, #{response := Response} = Params, _) ->
                ?LOG_DEBUG(#{what => ping, response => Response}),
                log(outcome(Response), Params),
                {ok, Acc}.

            outcome(timeout) -> lost;
            outcome(_Answer) -> answered.

            e(Acc, #{response := Response, jid := Jid}, _) when Response == timeout -> lost(Jid), {ok, Acc};
            e(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn values_in_the_new_form() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{check_bl_c2s, global, fun ?MODULE:a/3, #{}, 50},
                                       {check_bl_c2s, global, fun ?MODULE:b/3, #{}, 50},
                                       {user_ping_response, HostType, fun ?MODULE:c/3, #{}, 50},
                                       {sm_remove_connection_hook, HostType, fun ?MODULE:d/3, #{}, 50}]).

            a(Acc, #{ip := {IP, _Port} = Peer}, _) -> {ok, Acc orelse is_bad(IP, Peer)}.
            b(Acc, Params, _) -> {IP, _} = maps:get(ip, Params), {ok, Acc orelse is_bad(IP)}.
            c(Acc, #{response := #xmlel{attrs = Attrs}}, _) -> answered(Attrs), {ok, Acc};
            c(Acc, #{response := timeout}, _) -> {ok, Acc}.
            d(Acc, #{reason := <<"Replaced by new connection">>, jid := Jid}, _) -> kicked(Jid), {ok, Acc};
            d(Acc, #{reason := Reason}, _) when Reason =:= normal; Reason =:= socket_closed -> {ok, Acc};
            d(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn code_for_both_releases() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:received/3, #{}, 50},
                                       {filter_room_packet, HostType, fun ?MODULE:filter/3, #{}, 50}]).

            received(Acc, Params, _) -> touch(jid_of(Params)), {ok, Acc}.

            jid_of(#{c2s_data := Data}) -> mongoose_c2s:get_jid(Data);
            jid_of(#{jid := Jid}) -> Jid.

            filter(Packet, #{event_data := #{role := Role}}, _) -> {ok, by_role(Role, Packet)};
            filter(Packet, #{role := Role}, _) -> {ok, by_role(Role, Packet)}.
            "#,
        );
    }

    #[test]
    fn the_same_keys_of_other_hooks() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_available_hook, HostType, fun ?MODULE:available/3, #{}, 50},
                                       {room_packet, HostType, fun ?MODULE:packet/3, #{}, 50},
                                       {auth_failed, HostType, fun ?MODULE:failed/3, #{}, 50}]).

            available(Acc, #{jid := Jid}, _) -> touch(Jid), {ok, Acc}.
            packet(Acc, #{packet := Packet, event_data := Data}, _) -> index(Packet, Data), {ok, Acc}.
            failed(Acc, #{ip := IP}, _) -> count(IP), {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn parameters_that_cannot_be_followed() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:received/3, #{}, 50}]).

            received(Acc, Params, #{callback := Callback}) ->
                acme_stats:count(Params),
            %%  ^^^^^^^^^^^^^^^^^^^^^^^^ info[changed-params]: the parameters of `user_receive_packet` go to `acme_stats:count/1` here, where they are not followed: `jid` is not among them in 6.1.0
            %% = rewrite: advice
                Callback(Params),
            %%  ^^^^^^^^^^^^^^^^ info[changed-params]: go to a function that is known only when the code runs here
                acme_queue ! {received, Params},
            %%               ^^^^^^^^^^^^^^^^^^ info[changed-params]: go into a term here
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn parameters_that_are_logged_are_not_handed_on() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:received/3, #{}, 50},
                                       {user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 50}]).

            received(Acc, Params, _) ->
                ?LOG_DEBUG(#{what => received, params => Params}),
                {ok, Acc}.

            %% Everything that it could read here is there.
            answered(Acc, Params, _) ->
                acme_stats:pong(Params),
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_pattern_that_a_macro_stands_for() {
        check_rule(
            RULE,
            r#"
            -define(FOR(Jid), #{jid := Jid}).

            start(HostType, _) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:received/3, #{}, 50}]).

            received(Acc, ?FOR(Jid), _) -> touch(Jid), {ok, Acc}.
            %%            ^^^^^^^^^ error[changed-params]: has no parameter `jid`
            "#,
        );
        fixed_unsafely(
            RULE,
            "the value of `jid` decides which clause is taken",
            r#"
            -export([start/2, received/3]).
            -define(FOR(Jid), #{jid := Jid}).

            start(HostType, _) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:received/3, #{}, 50}]).

            received(Acc, ?FOR(Jid), _) -> touch(Jid), {ok, Acc}.
            "#,
            r#"
            -export([start/2, received/3, user_receive_packet/3]).
            -define(FOR(Jid), #{jid := Jid}).

            start(HostType, _) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:user_receive_packet/3, #{}, 50}]).

            received(Acc, ?FOR(Jid), _) -> touch(Jid), {ok, Acc}.

            %% Calls received/3 as MongooseIM 6.0.0 did for user_receive_packet.
            user_receive_packet(Acc, #{c2s_data := C2SData} = Params, Extra) ->
                received(Acc, Params#{jid => mongoose_c2s:get_jid(C2SData)}, Extra).
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
                [{user_receive_packet, HostType, fun ?MODULE:received/3, #{}, 50},
                 {filter_room_packet, HostType, fun ?MODULE:filter/3, #{}, 45},
                 {user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 50}].

            received(Acc, #{c2s_data := C2SData}, _) -> touch(mongoose_c2s:get_jid(C2SData)), {ok, Acc}.
            filter(Packet, #{affiliation := none, from_nick := Nick}, _) -> {ok, label(Packet, Nick)};
            filter(Packet, _, _) -> {ok, Packet}.
            answered(Acc, #{response := Response}, _) -> note(Response), {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_key_that_was_forgotten_in_a_migrated_module() {
        check_rule(
            RULE,
            r#"
            -export([hooks/1]).

            hooks(HostType) ->
                [{user_receive_message, HostType, fun ?MODULE:message/3, #{}, 50},
                 {user_receive_packet, HostType, fun ?MODULE:received/3, #{}, 50}].

            message(Acc, #{c2s_data := C2SData}, _) -> touch(mongoose_c2s:get_jid(C2SData)), {ok, Acc}.
            received(Acc, #{jid := Jid}, _) -> touch(Jid), {ok, Acc}.
            %%              ^^^^^^^^^^ error[changed-params]: `mod_a:received/3` fails with `function_clause` every time
            "#,
        );
    }
}
