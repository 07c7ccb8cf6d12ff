//! What else there is to do: configuration, metrics, and tasks of people who run servers.

use serde::{Deserialize, Serialize};

use super::{Evidence, Example};

/// Something to do for an upgrade that shows neither in code nor in a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub phase: Phase,
    #[serde(default)]
    pub when: When,
    /// Whether it is a part of upgrading the nodes one after another in their cluster, which not every step allows.
    #[serde(default)]
    pub rolling: bool,
    /// In the imperative. In all texts and commands, `{from}` and `{to}` stand for the two ends of the upgrade, which may be
    /// more than this step.
    pub title: String,
    /// Sentences.
    #[serde(default)]
    pub text: String,
    /// For a shell, one after another.
    #[serde(default)]
    pub commands: Vec<String>,
    pub evidence: Vec<Evidence>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Database,
    Before,
    /// The upgrade of the nodes itself.
    During,
    After,
}

/// In which case a task is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    #[default]
    Always,
    /// Mnesia keeps what users would miss.
    Mnesia,
    /// It keeps nothing of the kind.
    NoMnesia,
}

/// What happened to a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricChange {
    /// With dots between its parts, and `*` for any part; the last one that is written out is a word that no other metric has
    /// there, unless it is an added one. A `*` behind it stands for one or more parts. `{hook}` stands for the name of each
    /// hook that both releases have.
    pub name: String,
    pub kind: MetricKind,
    /// The part that has to stand right before the last one, where that is a word that others have there, too. Empty otherwise.
    #[serde(default)]
    pub under: String,
    /// The new name, in the same form, of one that was renamed; `*` stands for what it stands for in the old one, in order.
    #[serde(default)]
    pub after: String,
    /// What it means for who reads it, in one sentence.
    pub summary: String,
    /// What to do.
    pub advice: String,
    pub evidence: Vec<Evidence>,
}

/// Stands for a hook's name in the names of metrics.
pub const HOOK: &str = "{hook}";

impl ConfigChange {
    /// What makes the option necessary: a path, and the value that has to stand there, as TOML, when it is not any.
    #[must_use]
    pub fn condition(&self) -> (&str, Option<&str>) {
        match self.given.split_once('=') {
            Some((path, value)) => (path.trim(), Some(value.trim())),
            None => (&self.given, None),
        }
    }
}

impl MetricChange {
    /// Whether it is about the counters of all hooks.
    #[must_use]
    pub fn is_of_hooks(&self) -> bool {
        self.name.contains(HOOK)
    }

    /// The part of the name by which it is found in a text.
    #[must_use]
    pub fn word(&self) -> &str {
        self.name.rsplit('.').find(|part| *part != "*").unwrap_or_default()
    }

    /// Whether parts follow that word.
    #[must_use]
    pub fn has_parts_behind(&self) -> bool {
        self.name.ends_with(".*")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricKind {
    Removed,
    /// The same name, and something else is counted.
    Changed,
    Added,
    /// The same thing is counted under the name `after`.
    Renamed,
}

/// What happened to a part of the server's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigChange {
    /// The keys from the root, with dots between them, `[]` behind each that has a list of tables, and `*` for any key, as in
    /// `listen.c2s[].zlib` and `outgoing_pools.*.*.host`. For a module to enable: its table, as in `modules.mod_presence`.
    pub path: String,
    pub kind: ConfigKind,
    /// What it means for a configuration of the old release, in one sentence.
    pub summary: String,
    /// What to do, in one to three sentences.
    pub advice: String,
    /// Why a person has to look when it is done by machine; empty when nobody has to.
    #[serde(default)]
    pub look: String,
    /// For another type: the kind of value that is refused. For another default: the old one, as TOML.
    #[serde(default)]
    pub before: String,
    /// The kind of value that is expected; the new default, as TOML.
    #[serde(default)]
    pub after: String,
    /// For a module to enable: modules that bring it along.
    #[serde(default)]
    pub implied_by: Vec<String>,
    /// For a precondition: the hook, which is not run where the option is `before` or is not given.
    #[serde(default)]
    pub hook: String,
    /// For an option that has to be given: what makes it necessary; empty when it always is. A table or an option, as a path,
    /// or an option with its value, as in `listen.c2s[].tls.module = "just_tls"`. Where the path of what has to be given leads
    /// through that table, or through the one with that option, it has to be given there; elsewhere in each table of the
    /// last list that it leads through, or anywhere.
    #[serde(default)]
    pub given: String,
    /// For an option that has to be given: a line of TOML, as in `verify_mode = "none"`, that does instead of it when it
    /// stands in the same table. For a value that is gone: the path of what makes it one all the same, as in `shaper.*`, where
    /// `*` stands for the value.
    #[serde(default)]
    pub unless: String,
    pub evidence: Vec<Evidence>,
    /// Not shown to users of the catalog.
    #[serde(default)]
    pub examples: Vec<Example>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfigKind {
    /// The server does not start with it.
    RemovedOption,
    /// The server does not start with the value that it had.
    ChangedType,
    /// Where it is not given, something else holds.
    ChangedDefault,
    /// It can be given, and need not be.
    NewOption,
    /// A module without which the server no longer does what it did.
    RequiredModule,
    /// A hook is run only where it is set.
    Precondition,
    /// The same under another name or at another place: `after` is its new path, with the same number of `[]`.
    Renamed,
    /// The option stays, and the server does not start with the value `before` (TOML; in a list: with it among the items).
    RemovedValue,
    /// The server does not start without it, or does without it what nobody wants: `after` is the TOML to write, if a machine can
    /// know it.
    RequiredOption,
}
