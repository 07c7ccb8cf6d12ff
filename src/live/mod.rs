//! A running node as a witness: which handlers are really registered there, held against what the source registers.
//!
//! The node is asked by a person, who runs [`EXPRESSION`] in its shell; what that prints is read here. From 5.0.0 to 6.1.0 all
//! handlers are in one table of the server, `gen_hook`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::{HookStatus, Upgrade};
use crate::check::analysis::{Action, Registration};
use crate::finding::Mfa;
use crate::report::paths::Shown;
use crate::report::prose;

/// For the shell of a node: prints a line for each handler. Up to 5.1.0, handlers that were added in the old style have no arity
/// there, and 0 stands for it.
pub const EXPRESSION: &str = include_str!("expression.erl");

/// What each line starts with.
const MARK: &str = "hookshift|";

/// A handler that a node has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Handler {
    pub hook: String,
    /// The host type, or `global`.
    pub tag: String,
    pub priority: i64,
    pub module: String,
    pub function: String,
    /// 0 when it does not show.
    pub arity: u8,
}

/// A line that is not as the expression prints it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: not as the expression prints it: {text}")]
pub struct BadLine {
    /// 1-based.
    pub line: usize,
    pub text: String,
}

/// The handlers in what a shell has shown: whatever else stands there is left out.
///
/// # Errors
/// A line starts as one of a handler does and is none, as when a terminal has broken it.
pub fn read(dump: &str) -> Result<Vec<Handler>, BadLine> {
    let mut found = BTreeSet::new();
    for (at, line) in dump.lines().enumerate() {
        let Some(fields) = line.find(MARK).map(|start| &line[start + MARK.len()..]) else { continue };
        // The expression itself is echoed by some shells.
        if fields.starts_with('~') {
            continue;
        }
        let bad = || BadLine { line: at + 1, text: line.to_owned() };
        let fields: Vec<&str> = fields.trim_end().split('|').collect();
        let [hook, tag, priority, module, function, arity, ""] = fields[..] else { return Err(bad()) };
        let (Ok(priority), Ok(arity)) = (priority.parse(), arity.parse()) else { return Err(bad()) };
        let [hook, tag, module, function] = [hook, tag, module, function].map(str::to_owned);
        found.insert(Handler { hook, tag, priority, module, function, arity });
    }
    Ok(found.into_iter().collect())
}

/// What the node and the source say of one handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The source registers it, and the node does not have it.
    Missing,
    /// The node has it, and no source explains it.
    Unexplained,
    /// The node has it with another priority than the source says.
    OtherPriority,
    Live,
}

/// One handler on one hook.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Row {
    pub verdict: Verdict,
    pub hook: String,
    /// As in `module:function/arity`.
    pub handler: String,
    /// In the source; null where it is not written as a number, or where there is no source.
    pub priority: Option<i64>,
    /// On the node.
    pub live_priorities: Vec<i64>,
    /// Host types for which the node has it, or `global`.
    pub tags: Vec<String>,
    /// As `path:line`; null where no source explains it.
    pub place: Option<String>,
    /// What becomes of the hook in the target release.
    pub status: HookStatus,
    /// Hooks that take its place there.
    pub replacements: Vec<String>,
}

/// A node held against the source.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "hookshift live")]
pub struct Witness {
    /// The version of this format.
    pub version: u32,
    pub from: String,
    pub to: String,
    /// What is not as it should be comes first.
    pub rows: Vec<Row>,
    /// Handlers of the node that belong to the server itself.
    pub of_server: usize,
    /// Registrations in the source that could not be followed, and might explain a handler.
    pub unresolved: usize,
}

/// The version of [`Witness`] as JSON.
const VERSION: u32 = 1;

impl Witness {
    /// `is_own` says whether the checked code has a module.
    #[must_use]
    pub fn new(
        upgrade: &Upgrade,
        inventory: &[Registration],
        live: &[Handler],
        is_own: impl Fn(&str) -> bool,
        paths: &Shown,
    ) -> Self {
        let added: Vec<&Registration> = inventory.iter().filter(|it| it.action == Action::Add).collect();
        let mut rows: Vec<Row> = Vec::new();
        let mut explained: BTreeSet<&Handler> = BTreeSet::new();
        for registration in &added {
            let (Some(hook), Some(handler)) = (&registration.hook, &registration.handler) else { continue };
            let of: Vec<&Handler> =
                live.iter().filter(|it| it.hook == *hook && is(it, handler) && fits(it, registration)).collect();
            explained.extend(&of);
            let mut row = row(upgrade, hook, handler.to_string(), &of);
            row.priority = registration.priority;
            row.place = Some(prose::place(&registration.place, paths));
            let has_other = |priority| !row.live_priorities.contains(&priority);
            row.verdict = match registration.priority {
                _ if of.is_empty() => Verdict::Missing,
                Some(priority) if has_other(priority) => Verdict::OtherPriority,
                _ => Verdict::Live,
            };
            let same = |it: &Row| (&it.hook, &it.handler, it.priority) == (&row.hook, &row.handler, row.priority);
            if !rows.iter().any(same) {
                rows.push(row);
            }
        }
        let servers: BTreeSet<&str> = upgrade.module_names().collect();
        let (mut of_server, mut others) = (0, Vec::new());
        for handler in live.iter().filter(|it| !explained.contains(it)) {
            if !is_own(&handler.module) && servers.contains(handler.module.as_str()) {
                of_server += 1;
            } else {
                others.push(handler);
            }
        }
        for group in others.chunk_by(|a, b| (&a.hook, &a.module, &a.function) == (&b.hook, &b.module, &b.function)) {
            let Handler { hook, module, function, arity, .. } = group[0];
            rows.push(row(upgrade, hook, format!("{module}:{function}/{arity}"), group));
        }
        rows.sort_by(|a, b| {
            (a.verdict, &a.hook, &a.handler, &a.place).cmp(&(b.verdict, &b.hook, &b.handler, &b.place))
        });
        Self {
            version: VERSION,
            from: upgrade.from().to_string(),
            to: upgrade.to().to_string(),
            rows,
            of_server,
            unresolved: added.iter().filter(|it| !it.resolved).count(),
        }
    }

    /// How many handlers have a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }
}

fn row(upgrade: &Upgrade, hook: &str, handler: String, live: &[&Handler]) -> Row {
    let fate = upgrade.fate(hook);
    let (tags, priorities): (BTreeSet<_>, BTreeSet<_>) = live.iter().map(|it| (it.tag.clone(), it.priority)).unzip();
    Row {
        verdict: Verdict::Unexplained,
        hook: hook.to_owned(),
        handler,
        priority: None,
        live_priorities: priorities.into_iter().collect(),
        tags: tags.into_iter().collect(),
        place: None,
        status: fate.status,
        replacements: fate.replacements.iter().map(|it| it.hook.name.clone()).collect(),
    }
}

fn is(live: &Handler, handler: &Mfa) -> bool {
    (&live.module, &live.function) == (&handler.module, &handler.function)
        && (live.arity == 0 || live.arity == handler.arity)
}

/// Whether a handler can be there by a registration: what is `global` stays so, and everything else is for some host type.
fn fits(live: &Handler, registration: &Registration) -> bool {
    match registration.tag.as_str() {
        "global" => live.tag == "global",
        "HostType" => live.tag != "global",
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Version;
    use crate::report::samples;

    const DUMP: &str = "\
        Eshell V13.1\n\
        (mongooseim@localhost)1> lists:foreach(... \"hookshift|~ts|~ts|~b|~ts|~ts|~b|~n\" ...\n\
        hookshift|acme_gone|localhost|50|acme_words|check|3|\n\
        hookshift|acme_gone|other|50|acme_words|check|3|\r\n\
        hookshift|remove_user|localhost|50|mod_roster|remove_user|3|\n\
        hookshift|remove_user|localhost|50|acme_words|forget|3|\n\
        hookshift|remove_user|localhost|70|mod_stray|forget|3|\n\
        ok\n";

    fn upgrade() -> Upgrade {
        Upgrade::between(Version::new(6, 0, 0), Version::new(6, 1, 0)).unwrap()
    }

    fn witness(dump: &str) -> Vec<String> {
        let analysis = samples::analysis();
        let is_own = |module: &str| module.starts_with("acme_");
        let live = read(dump).unwrap();
        let witness = Witness::new(&upgrade(), &analysis.inventory, &live, is_own, &Shown::relative_to("/"));
        let show =
            |it: &Row| format!("{:?} {} {} {:?} {:?}", it.verdict, it.hook, it.handler, it.tags, it.live_priorities);
        witness.rows.iter().map(show).chain([format!("{} {}", witness.of_server, witness.unresolved)]).collect()
    }

    #[test]
    fn a_node_is_held_against_the_source() {
        assert_eq!(
            witness(DUMP),
            [
                "Unexplained remove_user acme_words:forget/3 [\"localhost\"] [50]",
                "Unexplained remove_user mod_stray:forget/3 [\"localhost\"] [70]",
                "Live acme_gone acme_words:check/3 [\"localhost\", \"other\"] [50]",
                "1 1",
            ]
        );
    }

    #[test]
    fn what_is_missing_or_has_another_priority_is_told() {
        assert_eq!(witness("nothing\n")[0], "Missing acme_gone acme_words:check/3 [] []");
        // A handler for a host type is none for all.
        assert!(witness("hookshift|acme_gone|global|50|acme_words|check|3|\n")[0].starts_with("Missing acme_gone"));
        let other = witness("hookshift|acme_gone|localhost|51|acme_words|check|3|\n");
        assert_eq!(other[0], "OtherPriority acme_gone acme_words:check/3 [\"localhost\"] [51]");
    }

    #[test]
    fn handlers_of_the_old_style_are_known_without_their_arity() {
        let live = witness("hookshift|acme_gone|localhost|50|acme_words|check|0|\n");
        assert!(live[0].starts_with("Live "), "{live:?}");
    }

    #[test]
    fn a_line_that_a_terminal_has_broken_is_refused() {
        let error = read("x\nhookshift|acme_gone|localhost|50|acme_wo\nrds|check|3|\n").unwrap_err();
        assert_eq!(error.line, 2);
        assert!(read("hookshift|a|b|c|d|e|3|\n").is_err());
        assert_eq!(read("").unwrap(), []);
    }
}
