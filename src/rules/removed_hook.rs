//! `removed-hook`.

use super::changed_meaning::title;
use super::conditions::{self, Verdict};
use super::{Context, Rule, Serving};
use crate::catalog::{HookChange, HookStatus, ParameterFate, Successor};
use crate::finding::{Finding, Rewrite};
use crate::migrate::handler::{self, Target};
use crate::project::eval::Style;
use crate::project::handlers::Return;
use crate::project::registrations::Registration;

rule! {
    /// Finds a handler of a hook that the target release no longer runs.
    ///
    /// ## Why it matters
    ///
    /// Hooks are atoms. A handler for a hook that nobody runs still compiles, is still registered when the module starts,
    /// and is never called. Neither the compiler nor the server says a word.
    ///
    /// The finding says which hook takes the old one's place, with which priority, what of this handler's parameters,
    /// accumulator and results has to change, and whether a machine could do it.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, 50}].
    /// ```
    ///
    /// In 6.1.0 the presence that a client sends is seen by `user_send_presence`, and a handler that has to be there
    /// before the server's own needs a priority below 10:
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{user_send_presence, HostType, fun ?MODULE:stamp/3, #{}, 5}].
    /// ```
    RemovedHook, "removed-hook", Error
}

impl Rule for RemovedHook {
    declared!();

    fn judges(&self, _style: Style) -> bool {
        true
    }

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if serving.status() != HookStatus::Removed {
            return;
        }
        // What calls `ejabberd_hooks` fails already, unless that is there.
        let consequence = match serving.is_legacy() && !serving.context.has_ejabberd_hooks() {
            true => "would never be called, however it were registered",
            false => "is never called, and nothing is logged",
        };
        let (hook, target) = (serving.hook, serving.target());
        let message = format!("`{hook}` is not run any more in {target}: `{}` {consequence}", serving.handler.mfa());
        let mut finding = serving
            .finding(self, serving.registration.place.clone(), message)
            .label(format!("not run in {}", serving.target()));
        finding.related.extend(serving.handler_here());
        if let Some(change) = serving.fate.change() {
            let verdict = conditions::judge(serving, change);
            describe(serving, change, &verdict, &mut finding);
            finding.rewrite = verdict.rewrite;
            finding = finding.evidence(&change.evidence).fix(serving.fix());
        }
        out.push(finding);
    }

    fn unserved(&self, context: &Context<'_>, registration: &Registration, hook: &str, out: &mut Vec<Finding>) {
        let fate = context.upgrade.fate(hook);
        if fate.status != HookStatus::Removed {
            return;
        }
        let target = context.upgrade.to();
        let message = format!(
            "`{hook}` is not run any more in {target}: the handler that is registered here is never called, and nothing is logged",
        );
        let mut finding = Finding::new(self.name(), self.severity(), registration.place.clone(), message)
            .hook(hook)
            .label(format!("not run in {target}"))
            .note("The handler itself could not be looked at, so what has to change in it is not known.");
        if let Some(change) = fate.change() {
            let best = fate.replacements.iter().find(|it| it.serves.is_empty()).or(fate.replacements.first());
            finding = finding
                .help(help(change, best, best.and_then(|best| best.priority)))
                .rewrite(Rewrite::Advice)
                .evidence(&change.evidence);
        }
        out.push(finding);
    }
}

fn describe(serving: &Serving<'_>, change: &HookChange, verdict: &Verdict, finding: &mut Finding) {
    // To know the kind, much of the module has to be parsed.
    let by_kind = serving.fate.replacements.iter().any(|successor| !successor.serves.is_empty());
    let kind = by_kind.then(|| serving.handler.stanzas().only_kind()).flatten();
    let priority = Target::of(serving).and_then(|target| target.priority);
    finding.help = Some(help(change, handler::successor(serving), priority));
    if let Some(kind) = kind
        && serving.fate.replacements.iter().any(|successor| successor.serves == kind)
    {
        finding.notes.push(format!("The handler serves stanzas of the kind `{kind}` only."));
    }
    parameters(serving, change, finding);
    accumulator(serving, change, finding);
    results(serving, change, finding);
    if !change.requires.is_empty() {
        finding.notes.push(format!("The new hook runs only with {} enabled.", one_of(&change.requires)));
    }
    finding.notes.extend(assessment(change, verdict));
    // What other steps made of the hook, or of the one in its place, is told by no other rule.
    if serving.fate.is_of_several_steps() {
        finding
            .notes
            .extend(change.meanings.iter().map(|meaning| format!("{}: {}", title(meaning.aspect), meaning.text)));
    }
}

/// The advice, and the hook to register for.
fn help(change: &HookChange, best: Option<&Successor<'_>>, priority: Option<u32>) -> String {
    let Some(best) = best else { return change.advice.clone() };
    let priority = priority.map(|priority| format!(" with priority {priority}")).unwrap_or_default();
    let mut text = format!("register for `{}`{priority}", best.hook.name);
    if !best.note.is_empty() {
        text.push_str(". ");
        text.push_str(best.note);
    }
    if !text.ends_with('.') {
        text.push('.');
    }
    format!("{text}\n{}", change.advice)
}

fn parameters(serving: &Serving<'_>, change: &HookChange, finding: &mut Finding) {
    if let Some(escape) = serving.handler.params().escapes.first() {
        let message = format!("the parameters go {} here, where they are not followed", escape.to);
        finding.related.push(crate::finding::Label { place: escape.place.clone(), message });
    }
    let mut told = Vec::new();
    for read in conditions::changed_reads(serving, change) {
        let Some(parameter) = change.parameters.iter().find(|parameter| parameter.key == read.key.as_str()) else {
            continue;
        };
        finding.related.push(crate::finding::Label {
            place: read.place.clone(),
            message: match parameter.change {
                _ if serving.fate.replacements.is_empty() => format!("reads `{}`", read.key),
                ParameterFate::Gone => format!("reads `{}`, which the new hook does not have", read.key),
                ParameterFate::Retyped | ParameterFate::Revalued => {
                    format!("reads `{}`, which has another form in the new hook", read.key)
                }
            },
        });
        if told.contains(&parameter.key) {
            continue;
        }
        told.push(parameter.key.clone());
        let instead = if parameter.now.is_empty() {
            format!("`{}` cannot be had any more.", parameter.key)
        } else {
            format!("Instead of `{}`: `{}`.", parameter.key, parameter.now)
        };
        finding.notes.push(format!("{instead} {}", parameter.note).trim_end().to_owned());
    }
}

fn accumulator(serving: &Serving<'_>, change: &HookChange, finding: &mut Finding) {
    if let Some(accumulator) = &change.accumulator
        && !serving.handler.accumulator().only_passed_on()
    {
        finding.notes.push(format!(
            "The accumulator was `{}` and is `{}`: {}",
            accumulator.before, accumulator.after, accumulator.note
        ));
    }
}

fn results(serving: &Serving<'_>, change: &HookChange, finding: &mut Finding) {
    let stops = serving.handler.returns().iter().find(|path| matches!(path.what, Return::Stop(_)));
    if let Some(path) = stops.filter(|_| !change.stop.is_empty()) {
        finding.related.push(crate::finding::Label {
            place: path.place.clone(),
            message: "stops here, which means something else on the new hook".to_owned(),
        });
        finding.notes.push(format!("On the new hook {}", lower_first(&change.stop)));
    }
    if let Some(drop) = &change.drop {
        let places: Vec<_> = serving.handler.result_drops().collect();
        for place in places {
            let message = format!("becomes `{}`", drop.after);
            finding.related.push(crate::finding::Label { place, message });
        }
    }
}

/// What a machine could do, and what stands against it.
pub(super) fn assessment(change: &HookChange, verdict: &Verdict) -> Option<String> {
    use crate::catalog::RewriteClass;
    match (verdict.rewrite?, change.rewrite) {
        (Rewrite::Mechanical, _) => {
            Some("Everything that a mechanical rewrite needs was found on this handler.".to_owned())
        }
        (Rewrite::Suggestion, RewriteClass::Mechanical) => {
            Some(format!("A person has to look at the rewrite: {}.", verdict.against.join("; ")))
        }
        _ => None,
    }
}

/// `a`, or `a or b`, or `one of a, b, c`, in backticks.
pub(super) fn one_of(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match &quoted[..] {
        [one] => one.clone(),
        [one, other] => format!("{one} or {other}"),
        more => format!("one of {}", more.join(", ")),
    }
}

/// For a sentence that goes on after its beginning; code keeps its case.
pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first != '`' => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_rule, fixed_unsafely, untouched};
    use super::*;

    const RULE: &str = RemovedHook::NAME;

    #[test]
    fn a_hook_with_another_name_behind_another_meaning() {
        let module = |hook: &str| {
            format!(
                r#"
-module(mod_acme_online).
-behaviour(gen_mod).
-export([start/2, stop/1, online/3]).
start(HostType, _Opts) ->
    gen_hook:add_handler({hook}, HostType, fun ?MODULE:online/3, #{{}}, 50).
stop(HostType) ->
    gen_hook:delete_handler({hook}, HostType, fun ?MODULE:online/3, #{{}}, 50).
online(Acc, #{{jid := Jid}}, _Extra) ->
    online:add(Jid),
    {{ok, Acc}}.
"#
            )
        };
        let before = format!("//- from 6.0.0 to 6.3.0{}", module("user_available_hook"));
        fixed_unsafely(RULE, "a module that is new in 6.1.0", &before, &module("user_available"));
    }

    #[test]
    fn presence_hooks_move_to_those_of_the_session() {
        check_rule(
            RULE,
            r#"
            -behaviour(gen_mod).
            -export([start/2, stop/1, presence_in/3, stamp/3]).

            start(HostType, _Opts) ->
                gen_hook:add_handlers(hooks(HostType)).

            stop(HostType) ->
                gen_hook:delete_handlers(hooks(HostType)).

            hooks(HostType) ->
                [{c2s_presence_in, HostType, fun ?MODULE:presence_in/3, #{}, 60},
            %%    ^^^^^^^^^^^^^^^ error[removed-hook]: `c2s_presence_in` is not run any more in 6.1.0: `mod_a:presence_in/3` is never called, and nothing is logged
            %% = help: register for `user_receive_presence` with priority 5
            %% = related: reads `from`, which the new hook does not have
            %% = note: Instead of `from`: `mongoose_acc:from_jid(Acc)`.
            %% = note: The accumulator was `ejabberd_c2s:state()` and is `mongoose_acc:t()`
            %% = rewrite: suggestion
                 {c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, 40}].
            %%    ^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:stamp/3` is never called
            %% = help: register for `user_send_presence` with priority 5
            %% = note: Everything that a mechanical rewrite needs was found on this handler.
            %% = rewrite: mechanical

            presence_in(State, #{from := From}, _Extra) ->
                {ok, ejabberd_c2s:set_aux_field(last_from, From, State)}.

            stamp(Acc, _Params, _Extra) ->
                {From, To, El} = mongoose_acc:packet(Acc),
                Stanza = #{from_jid => From, to_jid => To, element => El},
                {ok, mongoose_acc:update_stanza(Stanza, Acc)}.
            "#,
        );
    }

    #[test]
    fn a_presence_that_may_be_stopped_needs_a_person() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handler(c2s_update_presence, HostType, fun ?MODULE:veto/3, #{}, 30).
            %%                       ^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:veto/3` is never called
            %% = related: stops here, which means something else on the new hook
            %% = note: On the new hook `{stop, Acc}` below priority 50 suppresses the presence
            %% = note: A person has to look at the rewrite: not every path is seen to return `{ok, _}`.
            %% = rewrite: suggestion

            veto(Acc, _, _) ->
                case is_quiet(mongoose_acc:from_jid(Acc)) of
                    true -> {stop, Acc};
                    false -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn messages_that_preprocessing_dropped_by_the_accumulator() {
        check_rule(
            RULE,
            r#"
            hooks(HostType) ->
                [{c2s_preprocessing_hook, HostType, fun ?MODULE:preprocess/3, #{}, 15}].
            %%    ^^^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:preprocess/3` is never called
            %% = help: register for `user_send_message` with priority 5
            %% = note: The handler serves stanzas of the kind `message` only.
            %% = note: Instead of `state`: `C2SData`.
            %% = related: becomes `{stop, Acc}`
            %% = note: A person has to look at the rewrite: the handler reads its parameters; the handler uses `hook`/`result`
            %% = rewrite: suggestion

            start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).

            preprocess(Acc, #{state := State}, _Extra) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> {ok, check(Acc, ejabberd_c2s_state:jid(State))};
                    _ -> {ok, Acc}
                end.

            check(Acc, #jid{luser = <<"staff">>}) -> Acc;
            check(Acc, _Jid) -> drop(Acc).

            drop(Acc) -> mongoose_acc:set(hook, result, drop, Acc).
            "#,
        );
    }

    #[test]
    fn what_is_asked_before_a_choice_serves_nobody() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:preprocess/3, #{}, 15}]).
            %%                          ^^^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:preprocess/3` is never called
            %% = help: register for `user_send_iq` with priority 5

            preprocess(Acc, #{state := State}, #{host_type := HostType}) ->
                #jid{lserver = LServer} = ejabberd_c2s_state:jid(State),
                IsStaff = LServer =:= gen_mod:get_module_opt(HostType, ?MODULE, staff_domain),
                Known = acme_users:is_known(LServer) orelse has_account(LServer),
                case mongoose_acc:stanza_name(Acc) of
                    <<"iq">> when not IsStaff -> {ok, mongoose_acc:set(acme, known, Known, Acc)};
                    _ -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn preprocessing_of_anything_is_mechanical() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:count/3, #{}, 50}]).
            %%                          ^^^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:count/3` is never called
            %% = help: register for `user_send_packet` with priority 21
            %% = rewrite: mechanical

            count(Acc, _Params, #{host_type := HostType}) ->
                mongoose_metrics:update(HostType, sent, 1),
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn preprocessing_without_a_fall_through_is_not() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:count/3, #{}, 50}]).
            %%                          ^^^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:count/3` is never called
            %% = note: the handler has no fall-through clause for other elements
            %% = rewrite: suggestion

            count(Acc, _Params, _Extra) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> bump(messages);
                    <<"presence">> -> bump(presences);
                    <<"iq">> -> bump(iqs)
                end,
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn hooks_around_pep_and_remote_hooks() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                [gen_hook:add_handler(Hook, HostType, Fun, #{}, 75) || {Hook, Fun} <- handlers()].

            handlers() ->
                [{c2s_filter_packet, fun ?MODULE:filter/3},
            %%    ^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:filter/3` is never called
            %% = help: register for `filter_pep_recipient`
            %% = related: reads `feature`, which has another form in the new hook
            %% = note: The new hook runs only with `mod_pubsub` enabled.
            %% = rewrite: suggestion
                 {c2s_broadcast_recipients, fun ?MODULE:recipients/3},
            %%    ^^^^^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:recipients/3` is never called
            %% = help: register for `get_pep_recipients`
            %% = note: `packet` cannot be had any more.
            %% = rewrite: suggestion
                 {c2s_remote_hook, fun ?MODULE:remote/3}].
            %%    ^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:remote/3` is never called
            %% = help: register for `foreign_event`
            %% = note: Instead of `hook_args`: `maps:get(event_content, Params)`.
            %% = rewrite: suggestion

            filter(Drop, #{feature := {pep_message, Feature}, to := To}, _) ->
                {ok, Drop orelse is_muted(Feature, To)};
            filter(Drop, _, _) ->
                {ok, Drop}.

            recipients(Acc, #{type := {pep_message, Feature}, packet := Packet}, _) ->
                {ok, interested(Feature, Packet) ++ Acc};
            recipients(Acc, _, _) ->
                {ok, Acc}.

            remote(_State, #{tag := ?MODULE, hook_args := Args}, _) ->
                {ok, Args};
            remote(State, _, _) ->
                {ok, State}.
            "#,
        );
    }

    #[test]
    fn iqs_before_login() {
        check_rule(
            RULE,
            r#"
            -define(HANDLER(F), fun ?MODULE:F/3).

            start(HostType, _Opts) ->
                gen_hook:add_handlers([{c2s_unauthenticated_iq, HostType, ?HANDLER(iq), #{}, 40}]).
            %%                          ^^^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:iq/3` is never called
            %% = help: register for `user_send_xmlel`. `mod_register` moved here
            %% = note: Instead of `ip`: `mongoose_c2s:get_ip(C2SData)`.
            %% = note: The accumulator was `exml:element() | empty` and is `mongoose_acc:t()`
            %% = rewrite: suggestion

            iq(_Acc, #{iq := #iq{xmlns = <<"acme:sign-up">>} = IQ, server := Server, ip := IP}, _) ->
                {stop, reply(IQ, Server, IP)};
            iq(Acc, _, _) ->
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn inbox_extensions_that_only_pass_on() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{extend_inbox_message, HostType, fun mod_b:seen/3, #{}, 50}]).
            %%                          ^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_b:seen/3` is never called
            %% = help: register for `extend_inbox_result`
            %% = rewrite: mechanical
            //- src/mod_b.erl
            -module(mod_b).

            seen(Elements, #{inbox_res := Entry}, _) ->
                note(Entry),
                {ok, Elements}.
            "#,
        );
    }

    #[test]
    fn ping_timeouts_belong_to_ping_responses() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers(
                  [{user_ping_timeout, HostType, fun ?MODULE:lost/3, #{}, 50}]).
            %%      ^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:lost/3` is never called
            %% = help: register for `user_ping_response`
            %% = rewrite: mechanical

            lost(Acc, #{jid := Jid}, _) ->
                mod_acme:lost(Jid),
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn two_handlers_of_pings_have_to_be_merged() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers(
                  [{user_ping_timeout, HostType, fun ?MODULE:lost/3, #{}, 50},
            %%      ^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:lost/3` is never called
            %% = note: the module has a handler for `user_ping_response` already
            %% = rewrite: suggestion
                   {user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 50}]).

            lost(Acc, #{jid := Jid}, _) -> mod_acme:lost(Jid), {ok, Acc}.
            answered(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn broadcasts_of_privacy_lists() {
        check_rule(
            RULE,
            r#"
            -ifdef(WITH_BROADCASTS).
            broadcasts(HostType) -> [{sm_broadcast, HostType, fun ?MODULE:broadcast/3, #{}, 50}].
            %%                        ^^^^^^^^^^^^ error[removed-hook]: `mod_a:broadcast/3` is never called
            %% = help: register for `privacy_list_push`
            %% = note: The new hook runs only with `mod_privacy` or `mod_blocking` enabled.
            %% = rewrite: suggestion
            -else.
            broadcasts(_HostType) -> [].
            -endif.

            start(HostType, _Opts) -> gen_hook:add_handlers(broadcasts(HostType)).

            broadcast(Acc, #{broadcast := {broadcast, Item}, session_count := N}, _) ->
                count(Item, N),
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn hooks_without_anything_in_their_place() {
        check_rule(
            RULE,
            r#"
            -define(HOOKS, [pubsub_create_node, pubsub_delete_node]).

            start(HostType, _Opts) ->
                gen_hook:add_handlers([{Hook, HostType, fun ?MODULE:node/3, #{}, 50} || Hook <- ?HOOKS]),
            %%                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `pubsub_create_node` is not run any more in 6.1.0: `mod_a:node/3` is never called
            %% = help: Write a pubsub node plugin
            %% = rewrite: advice
            %%                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `pubsub_delete_node` is not run any more in 6.1.0: `mod_a:node/3` is never called
            %% = rewrite: advice
                gen_hook:add_handler(pubsub_publish_item, HostType, fun ?MODULE:item/3, #{}, 50),
            %%                       ^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:item/3` is never called
            %% = related: reads `payload`
            %% = rewrite: advice
                gen_hook:add_handler(find_s2s_bridge, global, fun ?MODULE:bridge/3, #{}, 50),
            %%                       ^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:bridge/3` is never called
            %% = note: `server` cannot be had any more.
            %% = rewrite: advice
                gen_hook:add_handler(s2s_connect_hook, global, fun ?MODULE:connected/3, #{}, 50),
            %%                       ^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:connected/3` is never called
            %% = help: use `s2s_allow_host`
            %% = rewrite: advice
                gen_hook:add_handler(user_sent_keep_alive, HostType, fun ?MODULE:alive/3, #{}, 50).
            %%                       ^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:alive/3` is never called
            %% = help: use `user_send_packet`
            %% = rewrite: advice

            node(Acc, _, _) -> {ok, Acc}.
            item(Acc, #{payload := Payload}, _) -> index(Payload), {ok, Acc}.
            bridge(_, #{server := Server}, _) -> {stop, {?MODULE, relay, Server}}.
            connected(Acc, _, _) -> {ok, Acc}.
            alive(Acc, #{jid := Jid}, _) -> touch(Jid), {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_handler_that_cannot_be_looked_at() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handler(user_sent_keep_alive, HostType, fun elsewhere:alive/3, #{}, 50).
            %%                       ^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: the handler that is registered here is never called, and nothing is logged
            %% = note: The handler itself could not be looked at
            %% = rewrite: advice
            "#,
        );
    }

    #[test]
    fn a_module_that_has_moved_on_in_part() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers(
                  [{user_send_presence, HostType, fun ?MODULE:stamp/3, #{}, 5},
                   {c2s_presence_in, HostType, fun ?MODULE:presence_in/3, #{}, 60}]).
            %%      ^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:presence_in/3` is never called

            stamp(Acc, #{c2s_data := C2SData}, _) -> note(mongoose_c2s:get_jid(C2SData)), {ok, Acc}.
            presence_in(State, _, _) -> {ok, State}.
            "#,
        );
    }

    #[test]
    fn hooks_that_stay() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers(
                  [{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 50},
                   {remove_user, HostType, fun ?MODULE:removed/3, #{}, 50},
                   {node_cleanup, global, fun ?MODULE:cleanup/3, #{}, 50}]).

            sent(Acc, _, _) -> {ok, Acc}.
            removed(Acc, _, _) -> {ok, Acc}.
            cleanup(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn only_deleted() {
        untouched(
            RULE,
            r#"
            %% Left over from an older version, so that an upgrade at run time takes the handler away.
            stop(HostType) ->
                gen_hook:delete_handler(c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, 40).

            stamp(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn names_of_hooks_in_other_places() {
        untouched(
            RULE,
            r#"
            -define(WAS, c2s_preprocessing_hook).

            %% c2s_presence_in: see user_receive_presence.
            start(_HostType, _Opts) ->
                ets:insert(acme_names, {sm_broadcast, "sm_broadcast"}),
                logger:info("~p", [[user_ping_timeout, ?WAS]]).

            c2s_update_presence(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn ejabberd_has_hooks_of_the_same_names() {
        untouched(
            RULE,
            r#"
            -include("logger.hrl").
            start(Host, _Opts) ->
                ejabberd_hooks:add(c2s_presence_in, Host, ?MODULE, presence_in, 50),
                ejabberd_hooks:add(pubsub_publish_item, Host, ?MODULE, item, 50).

            presence_in(State, _) -> State.
            item(_, _, _, _, _) -> ok.
            "#,
        );
    }

    #[test]
    fn a_handler_that_cannot_be_parsed_needs_a_person() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, 40}]).
            %%                          ^^^^^^^^^^^^^^^^^^^ error[removed-hook]: `mod_a:stamp/3` is never called
            %% = note: a clause of the handler could not be parsed
            %% = rewrite: suggestion

            stamp(Acc, _, _) ->
                case is_quiet( of true -> {stop, Acc} end,
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn migrated() {
        untouched(
            RULE,
            r#"
            -behaviour(gen_mod).
            -export([start/2, stop/1, hooks/1, note_presence/3, foreign_event/3, results/3]).

            start(_HostType, _Opts) -> ok.
            stop(_HostType) -> ok.

            hooks(HostType) ->
                [{user_receive_presence, HostType, fun ?MODULE:note_presence/3, #{}, 5},
                 {foreign_event, HostType, fun ?MODULE:foreign_event/3, #{}, 100},
                 {extend_inbox_result, HostType, fun ?MODULE:results/3, #{}, 50}].

            note_presence(Acc, #{c2s_data := C2SData}, _Extra) ->
                Jid = mongoose_c2s:get_jid(C2SData),
                {ok, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, Jid})}.

            foreign_event(Acc, #{event_tag := ?MODULE, event_content := New}, _Extra) ->
                {stop, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, New})};
            foreign_event(Acc, _Params, _Extra) ->
                {ok, Acc}.

            results(Entries, _Params, _Extra) -> {ok, Entries}.
            "#,
        );
    }
}
