//! `changed-accumulator`.

use super::conditions;
use super::{Rule, Serving};
use crate::catalog::HookStatus;
use crate::finding::{Finding, Label, Place, Severity};
use crate::project::handlers::Look;

rule! {
    /// Finds a handler that looks into its accumulator, or returns one of its own making, on a hook whose
    /// accumulator has another type now.
    ///
    /// ## Why it matters
    ///
    /// Code for the old type fails on the new one: every function of `mongoose_acc` does so on a plain map, which is
    /// logged as `hook_failed`, and the handler is skipped. What a handler returns is what the next handler, and in the
    /// end the server, goes on with, so a result of its own making is a warning. A handler that only passes its
    /// accumulator on, or logs it, is not affected, and not reported.
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
        let (hook, mfa) = (serving.hook, serving.handler.mfa());
        let types = format!("`{}` in {} and was `{}`", accumulator.after, serving.target(), accumulator.before);
        let places: Vec<&Place> = uses.looks.iter().map(|look| &look.place).chain(&uses.makes).collect();
        let Some((&first, others)) = places.split_first() else { return };
        let message = match uses.looks.first() {
            Some(Look { mongoose_acc: Some(function), caught: true, .. }) => format!(
                "the accumulator of `{hook}` is {types}: `mongoose_acc:{function}` fails on it, and `{mfa}` goes on \
                 with what catches that",
            ),
            Some(Look { mongoose_acc: Some(function), .. }) => format!(
                "the accumulator of `{hook}` is {types}: `mongoose_acc:{function}` fails on it, which is logged as \
                 `hook_failed`, and `{mfa}` is skipped",
            ),
            Some(_) => format!(
                "the accumulator of `{hook}` is {types}: what `{mfa}` does with it here was written for the old one",
            ),
            None => format!(
                "the accumulator of `{hook}` is {types}: the handlers that follow get what `{mfa}` makes instead of it",
            ),
        };
        let mut finding = serving
            .finding(self, first.clone(), message)
            .label(format!("`{}` in {}", accumulator.after, serving.target()))
            .note(accumulator.note.clone())
            .help(change.advice.clone())
            .evidence(&change.evidence);
        if uses.looks.is_empty() {
            finding.severity = Severity::Warning;
        }
        let also = |&place: &&Place| Label { place: place.clone(), message: "and here".to_owned() };
        finding.related.extend(others.iter().map(also));
        finding.related.push(serving.registered_here());
        let verdict = conditions::judge(serving, change);
        finding.rewrite = verdict.rewrite;
        finding.notes.extend(super::removed_hook::assessment(change, &verdict));
        out.push(finding);
    }
}
