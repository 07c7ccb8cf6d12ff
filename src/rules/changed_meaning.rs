//! `changed-meaning`.

use super::{Rule, Serving};
use crate::catalog::{Aspect, HookChange, HookStatus, Meaning, RewriteClass};
use crate::finding::{Finding, Place, Rewrite, Severity};
use crate::project::handlers::{At, Return};

rule! {
    /// Finds a handler of a hook that keeps its contract and means something else: it is run at another moment, in
    /// another process, with other values, in another order, or only under a condition.
    ///
    /// ## Why it matters
    ///
    /// Such a handler works as it did, and may do the wrong thing. Whether it does, only somebody who knows what it is for can say,
    /// so most of these findings are advice. A hook that is run only when a certain server module is enabled is reported
    /// as a warning, since without that module the handler is silently never called.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// {set_presence_hook, HostType, fun ?MODULE:seen/3, #{}, 50}
    /// ```
    ///
    /// In 6.0.0 every session ran this hook. In 6.1.0 `mod_presence` does, and `mongooseim.toml` has to enable it:
    ///
    /// ```toml
    /// [modules.mod_presence]
    /// ```
    ChangedMeaning, "changed-meaning", Warning
}

impl Rule for ChangedMeaning {
    declared!();

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if !matches!(serving.status(), HookStatus::Changed | HookStatus::Meaning) || serving.migrated {
            return;
        }
        let Some(change) = serving.fate.change() else { return };
        let meanings: Vec<&Meaning> =
            change.meanings.iter().filter(|meaning| concerns(serving, change, meaning)).collect();
        if meanings.is_empty() {
            return;
        }
        let for_dropped = clause_for_dropped(serving).filter(|_| change.drop.is_some());
        let message = match serving.status() {
            _ if for_dropped.is_some() => format!(
                "the clause of `{}` for an accumulator `drop` is entered less often in {}, or never",
                serving.handler.mfa(),
                serving.target(),
            ),
            // What breaks a changed hook's handler is reported by other rules; its summary would say it again.
            HookStatus::Changed => format!(
                "`{}` is run in another way in {}; look whether `{}` still does what it is for",
                serving.hook,
                serving.target(),
                serving.handler.mfa(),
            ),
            _ => change.summary.trim_end_matches('.').to_owned(),
        };
        let mut finding = serving
            .finding(self, serving.registration.place.clone(), message)
            .label(format!("means something else in {}", serving.target()))
            .help(change.advice.clone())
            .evidence(&change.evidence);
        finding.severity = severity(serving, change, &meanings);
        match for_dropped {
            Some(place) => finding = finding.related(place, "the clause for `drop`"),
            None => finding.related.extend(serving.handler_here()),
        }
        finding.notes.extend(meanings.iter().map(|meaning| format!("{}: {}", title(meaning.aspect), meaning.text)));
        finding.rewrite = match change.rewrite {
            RewriteClass::Suggestion => Some(Rewrite::Suggestion),
            _ => None,
        };
        out.push(finding);
    }
}

/// Whether a difference can matter to this handler.
fn concerns(serving: &Serving<'_>, change: &HookChange, meaning: &Meaning) -> bool {
    let may = |wanted: fn(&Return) -> bool| {
        serving.handler.returns().iter().any(|path| wanted(&path.what) || matches!(path.what, Return::Unknown(_)))
    };
    match meaning.aspect {
        // How others drop concerns those who do something about it.
        Aspect::Stop if change.drop.is_some() => clause_for_dropped(serving).is_some(),
        Aspect::Stop => may(|what| matches!(what, Return::Stop(_))),
        _ => true,
    }
}

/// The head of a clause for stanzas that were dropped before which does more than to pass that on.
fn clause_for_dropped(serving: &Serving<'_>) -> Option<Place> {
    let does_more = |at: &&At| {
        at.clause().is_some_and(|clause| {
            let ast = at.ast();
            let first = ast.list(clause.patterns).first();
            first.is_some_and(|&pattern| ast.atom(pattern).is_some_and(|atom| atom == "drop")) && clause.body.len() > 1
        })
    };
    serving.handler.clauses().iter().find(does_more).map(At::head)
}

fn severity(serving: &Serving<'_>, change: &HookChange, meanings: &[&Meaning]) -> Severity {
    let conditional = meanings.iter().any(|meaning| meaning.aspect == Aspect::Precondition);
    let new_condition = conditional && !change.requires.iter().any(|module| knew(serving, module));
    // What is to be done about a parameter or a result is told to those who use it, by other rules.
    let told_elsewhere = change.drop.is_some() || !change.parameters.is_empty();
    let to_do = matches!(change.rewrite, RewriteClass::Suggestion | RewriteClass::Mechanical) && !told_elsewhere;
    let decided_by_meaning = serving.status() == HookStatus::Meaning;
    if decided_by_meaning && (new_condition || to_do) { Severity::Warning } else { Severity::Info }
}

/// Whether the old release's server registered or ran hooks from this module already, so that needing it is not new.
fn knew(serving: &Serving<'_>, module: &str) -> bool {
    let upgrade = serving.context.upgrade;
    !upgrade.added_modules().iter().any(|added| added == module) && !matches!(module, "mod_privacy" | "mod_blocking")
}

fn title(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Order => "Order",
        Aspect::Stop => "Stopping",
        Aspect::Values => "Values",
        Aspect::Process => "Process",
        Aspect::Moment => "Moment",
        Aspect::Precondition => "Condition",
    }
}
