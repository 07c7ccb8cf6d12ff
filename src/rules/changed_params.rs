//! `changed-params`.

use super::conditions::{self, touches};
use super::{Rule, Serving};
use crate::catalog::{Hook, HookChange, HookStatus, ParameterChange, ParameterFate};
use crate::finding::{Finding, Place, Severity};
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
        for read in conditions::changed_reads(serving, change) {
            let Some(parameter) = change.parameters.iter().find(|it| it.key == read.key.as_str()) else { continue };
            let mut add = |place: &Place, severity: Severity, message: String| {
                let mut finding = serving
                    .finding(self, place.clone(), message)
                    .label(label(parameter, serving))
                    .help(help(parameter))
                    .evidence(&change.evidence);
                finding.severity = severity;
                finding.related.push(serving.registered_here());
                if !parameter.note.is_empty() {
                    finding.notes.push(parameter.note.clone());
                }
                finding.rewrite = verdict.rewrite;
                finding.notes.extend(super::removed_hook::assessment(change, &verdict));
                out.push(finding);
            };
            if let Some((severity, message)) = judge_read(serving, change, parameter, read) {
                add(&read.place, severity, message);
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
    let gone = move |atom: &str| keeps_key && !parameter.atoms.iter().any(|known| known == atom);
    read.compared.iter().map(|(atom, place)| (atom.as_str(), place)).filter(move |(atom, _)| gone(atom))
}

/// Whether another pattern or call of the handler reads what only the target release has: it serves both releases.
fn knows_both_releases(serving: &Serving<'_>, read: &KeyRead) -> bool {
    let (Some(before), Some(after)) = (serving.fate.before, serving.fate.after) else { return false };
    let has = |hook: &Hook, key: &str| hook.parameters.iter().any(|parameter| parameter.key == key);
    let is_new = |other: &&KeyRead| has(after, &other.key) && !has(before, &other.key);
    let apart =
        |other: &KeyRead| other.together != read.together || other.place.source.path() != read.place.source.path();
    serving.handler.params().reads.iter().filter(is_new).any(apart)
}

fn label(parameter: &ParameterChange, serving: &Serving<'_>) -> String {
    match parameter.change {
        ParameterFate::Gone => format!("not among the parameters in {}", serving.target()),
        ParameterFate::Retyped => format!("has another form in {}", serving.target()),
        ParameterFate::Revalued => format!("takes other values in {}", serving.target()),
    }
}

fn help(parameter: &ParameterChange) -> String {
    if parameter.now.is_empty() {
        return format!("the value of `{}` cannot be had from this hook any more", parameter.key);
    }
    match parameter.change {
        ParameterFate::Gone => format!("the same value: `{}`", parameter.now),
        ParameterFate::Retyped | ParameterFate::Revalued => format!("match `{} := {}`", parameter.key, parameter.now),
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
