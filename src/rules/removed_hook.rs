//! `removed-hook`.

use super::conditions::{self, Verdict};
use super::{Context, Rule, Serving};
use crate::catalog::{HookChange, HookFate, HookStatus, ParameterFate, Successor};
use crate::finding::{Finding, Rewrite};
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

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if serving.status() != HookStatus::Removed {
            return;
        }
        let message = format!(
            "`{}` is not run any more in {}: `{}` is never called, and nothing is logged",
            serving.hook,
            serving.target(),
            serving.handler.mfa(),
        );
        let mut finding = serving
            .finding(self, serving.registration.place.clone(), message)
            .label(format!("not run in {}", serving.target()));
        finding.related.extend(serving.handler_here());
        if let Some(change) = serving.fate.change() {
            let verdict = conditions::judge(serving, change);
            describe(serving, change, &verdict, &mut finding);
            finding.rewrite = verdict.rewrite;
            finding = finding.evidence(&change.evidence);
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
            finding = finding.help(help(change, &fate, None)).rewrite(Rewrite::Advice).evidence(&change.evidence);
        }
        out.push(finding);
    }
}

fn describe(serving: &Serving<'_>, change: &HookChange, verdict: &Verdict, finding: &mut Finding) {
    let kind = serving.handler.stanzas().only_kind();
    finding.help = Some(help(change, &serving.fate, kind));
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
}

/// The advice, and the hook to register for.
fn help(change: &HookChange, fate: &HookFate<'_>, kind: Option<&str>) -> String {
    let fits = |successor: &&Successor<'_>| Some(successor.serves) == kind;
    let general = |successor: &&Successor<'_>| successor.serves.is_empty();
    let best = fate.replacements.iter().find(fits).or_else(|| fate.replacements.iter().find(general));
    let Some(best) = best.or(fate.replacements.first()) else { return change.advice.clone() };
    let priority = best.priority.map(|priority| format!(" with priority {priority}")).unwrap_or_default();
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
    let mut told = Vec::new();
    for read in conditions::changed_reads(serving, change) {
        let Some(parameter) = change.parameters.iter().find(|parameter| parameter.key == read.key.as_str()) else {
            continue;
        };
        finding.related.push(crate::finding::Label {
            place: read.place.clone(),
            message: match parameter.change {
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
