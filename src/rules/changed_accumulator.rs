//! `changed-accumulator`.

use super::conditions;
use super::{Rule, Serving};
use crate::catalog::HookStatus;
use crate::finding::{Finding, Label};

rule! {
    /// Finds a handler that looks into its accumulator, or returns one of its own making, on a hook whose
    /// accumulator has another type now.
    ///
    /// ## Why it matters
    ///
    /// What a handler returns is what the next handler, and in the end the server, goes on with. Code for the old type fails
    /// on the new one (logged as `hook_failed`, the handler is skipped), or hands on something that others fail on.
    /// A handler that only passes its accumulator on is not affected, and not reported.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// user_ping_response(Acc, #{response := timeout, jid := Jid}, _Extra) ->
    ///     notify(mongoose_acc:host_type(Acc), Jid),
    ///     {ok, Acc}.
    /// ```
    ///
    /// In 6.1.0 the accumulator of this hook is an empty map. The host type is in the third argument:
    ///
    /// ```erlang
    /// user_ping_response(Acc, #{response := timeout, jid := Jid}, #{host_type := HostType}) ->
    ///     notify(HostType, Jid),
    ///     {ok, Acc}.
    /// ```
    ChangedAccumulator, "changed-accumulator", Error
}

impl Rule for ChangedAccumulator {
    declared!();

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if !matches!(serving.status(), HookStatus::Changed | HookStatus::Meaning) || serving.migrated {
            return;
        }
        let Some(change) = serving.fate.change() else { return };
        let Some(accumulator) = &change.accumulator else { return };
        let uses = serving.handler.accumulator();
        let mut places = uses.looks.iter().chain(&uses.makes);
        let Some(first) = places.next() else { return };
        let message = format!(
            "the accumulator of `{}` is `{}` in {}, and was `{}`: `{}` looks into it, or makes one of its own, and fails",
            serving.hook,
            accumulator.after,
            serving.target(),
            accumulator.before,
            serving.handler.mfa(),
        );
        let mut finding = serving
            .finding(self, first.clone(), message)
            .label(format!("`{}` in {}", accumulator.after, serving.target()))
            .note(accumulator.note.clone())
            .help(change.advice.clone())
            .evidence(&change.evidence);
        let also = |place: &crate::finding::Place| Label { place: place.clone(), message: "and here".to_owned() };
        finding.related.extend(places.map(also));
        finding.related.push(serving.registered_here());
        finding.rewrite = conditions::judge(serving, change).rewrite;
        out.push(finding);
    }
}
