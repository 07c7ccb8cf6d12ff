//! `removed-callback`.

use super::{ModuleView, Rule};
use crate::catalog::{ApiKind, FunctionName};
use crate::finding::{Finding, Rewrite};

rule! {
    /// Finds functions that a module exports for a behaviour of the server and that the server no longer calls.
    ///
    /// ## Why it matters
    ///
    /// The module compiles, perhaps with a warning about a behaviour that is not known, and starts. What the function was
    /// for is never done.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// -behaviour(mod_event_pusher).
    ///
    /// push_event(Acc, #chat_event{} = Event) ->
    ///     queue:send(Event),
    ///     Acc.
    /// ```
    ///
    /// From 6.5.0 on events are published by a hook:
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{push_event, HostType, fun ?MODULE:push_event/3, #{}, 50}].
    ///
    /// push_event(HookAcc, #{event := #chat_event{} = Event}, _Extra) ->
    ///     queue:send(Event),
    ///     {ok, HookAcc}.
    /// ```
    RemovedCallback, "removed-callback", Error
}

impl Rule for RemovedCallback {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        if view.context.modules.has("gen_hook") {
            return;
        }
        let upgrade = view.context.upgrade;
        for entry in upgrade.entries(ApiKind::RemovedCallback) {
            let name = FunctionName::parse(&entry.name);
            let FunctionName { module: behaviour, function: Some(function), arity: Some(arity) } = name else {
                continue;
            };
            let implements = view.module.header().behaviours.iter().any(|it| it == behaviour);
            if !implements || !view.module.exports(function, arity) || serves_both(view, behaviour, function) {
                continue;
            }
            let Some((ast, clause)) = view.module.clauses(function, arity).into_iter().next() else { continue };
            let Some(head) = clause.name else { continue };
            let message =
                format!("`{function}/{arity}`, of the behaviour `{behaviour}`, is not called in {}", upgrade.to());
            let finding = Finding::new(self.name(), self.severity(), view.module.place(ast.span(head)), message)
                .label(format!("never called in {}", upgrade.to()))
                .note(entry.note.clone())
                .help(format!("write `{}`", entry.instead))
                .rewrite(Rewrite::Advice)
                .evidence(&entry.evidence);
            out.push(finding);
        }
    }
}

/// Whether the module has what the target release calls as well: a handler of a hook of the callback's name, or a callback
/// of this name that is new.
fn serves_both(view: &ModuleView<'_>, behaviour: &str, function: &str) -> bool {
    let new = view.context.upgrade.entries(ApiKind::NewCallback).any(|entry| {
        let name = FunctionName::parse(&entry.name);
        name.module == behaviour
            && name.function == Some(function)
            && name.arity.is_some_and(|arity| view.module.exports(function, arity))
    });
    new || view.registrations.iter().any(|it| it.hook.as_deref() == Some(function))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::Case;

    const RULE: &str = "removed-callback";

    #[test]
    fn a_backend_of_the_event_pusher() {
        let fixture = r#"
            -module(mod_event_pusher_acme).
            -behaviour(mod_event_pusher).
            -export([push_event/2]).
            push_event(Acc, Event) ->
        %%  ^^^^^^^^^^ error[removed-callback]: `push_event/2`, of the behaviour `mod_event_pusher`, is not called in 6.5.0
        %%  = note: The behaviour `mod_event_pusher` is gone
        %%  = rewrite: advice
                acme_queue:send(Event),
                Acc.
            "#;
        Case::new(fixture).from("6.4.0").to("6.5.0").rules(&[RULE]).check();
    }

    #[test]
    fn a_probe() {
        let fixture = r#"
            -module(mod_a).
            -behaviour(mongoose_instrument_probe).
            -export([probe/2]).
            probe(acme_queue_length, _Labels) ->
        %%  ^^^^^ error[removed-callback]: `probe/2`, of the behaviour `mongoose_instrument_probe`, is not called in 6.8.0
                #{count => acme_queue:length()}.
            "#;
        Case::new(fixture).from("6.7.0").to("6.8.0").rules(&[RULE]).check();
    }

    #[test]
    fn what_serves_the_new_release_is_left_alone() {
        let fixture = r#"
            -module(mod_a).
            -behaviour(mongoose_instrument_probe).
            -export([probe/2, probe/3]).
            probe(Event, Labels) -> probe(Event, Labels, #{}).
            probe(acme_queue_length, _Labels, _Extra) ->
                #{count => acme_queue:length()}.
            "#;
        Case::new(fixture).from("6.7.0").to("6.8.0").rules(&[RULE]).check();
        let fixture = r#"
            -module(mod_event_pusher_acme).
            -behaviour(mod_event_pusher).
            -export([push_event/2, push_event/3, hooks/1]).
            hooks(HostType) ->
                [{push_event, HostType, fun ?MODULE:push_event/3, #{}, 50}].
            push_event(Acc, Event) -> acme_queue:send(Event), Acc.
            push_event(#{acc := Acc} = HookAcc, #{event := Event}, _Extra) ->
                {ok, HookAcc#{acc := push_event(Acc, Event)}}.
            "#;
        Case::new(fixture).from("6.4.0").to("6.5.0").rules(&[RULE]).check();
    }

    #[test]
    fn functions_of_other_behaviours_are_left_alone() {
        let fixture = r#"
            -module(mod_a).
            -behaviour(acme_pusher).
            -export([push_event/2, probe/2]).
            push_event(Acc, _Event) -> Acc.
            probe(_Event, _Labels) -> #{}.
            "#;
        Case::new(fixture).from("6.4.0").to("6.5.0").rules(&[RULE]).check();
        Case::new(fixture).from("6.7.0").to("6.8.0").rules(&[RULE]).check();
    }
}
