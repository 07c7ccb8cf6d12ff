//! The whole upgrade as a list of things to do, in the order in which they are done, for one project.
//!
//! What is done shows in the project: an entry is ticked when nothing is found of what it is about. What cannot be seen from here,
//! as what is done to servers, stays open.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::{ConfigChange, ConfigFate, ConfigKind, Evidence, MetricKind, Phase, Task, Upgrade, Version, When};
use crate::check::Analysis;
use crate::check::analysis::SkipKind;
use crate::finding::{Finding, Rewrite, Severity};
use crate::project::metrics::{Metric, Metrics};
use crate::project::server_config::{Entry, ServerConfig};
use crate::project::settings::DEFAULT_TO;
use crate::report::paths::Shown;
use crate::report::prose;

mod markdown;
mod steps;

pub use markdown::markdown;

/// The version of the document; raised when a field changes its meaning or goes away.
const VERSION: u32 = 1;

/// The rule whose findings are advice for a plan, and nothing to settle.
const DEFAULTS: &str = "config-changed-default";

/// What has to be done for an upgrade.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "hookshift plan")]
pub struct Plan {
    /// The version of this format.
    version: u32,
    /// The release that the code is written for.
    pub from: String,
    /// The release that it shall run on.
    pub to: String,
    /// In the order in which they are gone through.
    pub sections: Vec<Section>,
}

/// A part of the upgrade.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Section {
    pub title: String,
    pub items: Vec<Item>,
}

/// One thing to do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Item {
    pub state: State,
    /// In a few words; backticks mark code.
    pub title: String,
    /// Sentences about it.
    pub text: Vec<String>,
    /// Where it has to be done, as `path:line: what`.
    pub places: Vec<String>,
    /// For a shell, one after another.
    pub commands: Vec<String>,
    /// Where the facts can be read.
    pub evidence: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nothing is left of it in the project.
    Done,
    Open,
    /// Whether it is done, or has to be, cannot be seen from here.
    Unseen,
    /// Nothing has to be done; good to know.
    Note,
}

/// What a plan is made of.
pub struct Basis<'a> {
    pub upgrade: &'a Upgrade,
    /// Settled.
    pub analysis: &'a Analysis,
    pub configs: &'a [ServerConfig],
    /// Whether dashboards and their like were looked at.
    pub metrics_were_given: bool,
    pub paths: &'a Shown,
    /// The paths that were checked, as they are typed.
    pub roots: &'a [PathBuf],
}

impl Item {
    fn new(state: State, title: impl Into<String>) -> Self {
        let title = title.into();
        Self { state, title, text: Vec::new(), places: Vec::new(), commands: Vec::new(), evidence: Vec::new() }
    }

    fn text(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.text.extend((!text.is_empty()).then_some(text));
        self
    }

    /// How it is done, which nobody has to know when it is.
    fn how(self, text: &str) -> Self {
        if self.state == State::Done { self } else { self.text(text) }
    }

    fn evidence(mut self, evidence: &[Evidence]) -> Self {
        self.evidence.extend(evidence.iter().map(ToString::to_string));
        self
    }
}

impl Plan {
    #[must_use]
    pub fn new(basis: &Basis<'_>) -> Self {
        let code = Section { title: "Code".to_owned(), items: basis.code() };
        let config = Section { title: "Configuration".to_owned(), items: basis.configuration() };
        let metrics = Section { title: "Metrics".to_owned(), items: basis.metrics() };
        let phases = [
            (Phase::Database, "Database"),
            (Phase::Before, "Before the upgrade"),
            (Phase::During, "The upgrade"),
            (Phase::After, "After the upgrade"),
        ];
        let phases = phases.into_iter().map(|(phase, title)| {
            let mut items = basis.tasks(phase);
            if phase == Phase::During {
                items.splice(0..0, basis.procedure());
            }
            Section { title: title.to_owned(), items }
        });
        let way = Section { title: "The way".to_owned(), items: steps::section(basis) };
        let sections = [way, code, config, metrics].into_iter().chain(phases).filter(|it| !it.items.is_empty());
        Self {
            version: VERSION,
            from: basis.upgrade.from().to_string(),
            to: basis.upgrade.to().to_string(),
            sections: sections.collect(),
        }
    }

    /// How many things are done, and how many there are to do whose state shows.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        let items = || self.sections.iter().flat_map(|section| &section.items);
        let count = |state| items().filter(|item| item.state == state).count();
        (count(State::Done), count(State::Done) + count(State::Open))
    }
}

impl Basis<'_> {
    /// The options that name the releases, where they are not what a command takes without them.
    fn releases(&self) -> String {
        let (from, to) = (self.upgrade.from(), self.upgrade.to());
        if to == DEFAULT_TO { String::new() } else { format!(" --from {from} --to {to}") }
    }

    fn matters<'f>(&'f self) -> impl Iterator<Item = &'f Finding> + 'f {
        self.analysis.findings.iter().filter(|it| it.severity > Severity::Info)
    }

    fn code(&self) -> Vec<Item> {
        let of_code = |it: &&Finding| !is_about_configuration(it) && !it.rule.starts_with("metric-");
        let findings: Vec<&Finding> = self.matters().filter(of_code).collect();
        let (unresolved, findings): (Vec<&Finding>, Vec<&Finding>) =
            findings.into_iter().partition(|it| it.rule == "unresolved-registration");
        let class = |it: &&&Finding| match &it.fix {
            Some(fix) if fix.is_safe() => Rewrite::Mechanical,
            Some(_) => Rewrite::Suggestion,
            None => Rewrite::Advice,
        };
        let of = |wanted| findings.iter().filter(|it| class(it) == wanted).copied().collect::<Vec<_>>();
        let roots = self.roots.iter().map(|root| shell(&root.to_string_lossy())).collect::<Vec<_>>().join(" ");
        let roots = format!("{roots}{}", self.releases());
        let fix = |options: &str| format!("hookshift fix {roots}{options}");
        let summary = &self.analysis.summary;
        let mut items = vec![
            self.item("Let hookshift rewrite what it can show to keep its meaning", &of(Rewrite::Mechanical))
                .how("Look at the difference, then write it.")
                .command(fix(""))
                .command(fix(" --write")),
            self.item("Look at each rewrite for which a person is needed", &of(Rewrite::Suggestion))
                .how("The reason is told with each; answer one by one.")
                .command(fix(" --interactive")),
            self.item("Decide what only you can decide", &of(Rewrite::Advice))
                .how("Nothing is proposed here; `hookshift check` says why, and what to write.")
                .command(format!("hookshift check {roots} --severity warning")),
        ];
        items.push(
            self.item("See yourself what becomes of registrations that could not be followed", &unresolved)
                .text(format!("{} of {} registrations are known.", summary.resolved, summary.registrations)),
        );
        let broken: Vec<String> = self
            .analysis
            .skipped
            .iter()
            .filter(|it| it.kind != SkipKind::Guessed)
            .map(|it| match &it.place {
                Some(place) => format!("{}: {}", prose::place(place, self.paths), it.reason),
                None => format!("{}: {}", self.paths.show(&it.path), it.reason),
            })
            .collect();
        let state = if broken.is_empty() { State::Done } else { State::Open };
        items.push(Item { places: broken, ..Item::new(state, "See yourself what could not be read") });
        items
    }

    /// An entry about findings, done when there are none.
    fn item(&self, title: &str, findings: &[&Finding]) -> Item {
        let state = if findings.is_empty() { State::Done } else { State::Open };
        let mut files: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
        for finding in findings {
            files.entry(self.paths.show(finding.place.source.path())).or_default().push(finding);
        }
        let title = match findings.len() {
            0 => title.to_owned(),
            count => format!("{title} ({count} in {} file{})", files.len(), if files.len() == 1 { "" } else { "s" }),
        };
        let place = |finding: &&Finding| {
            let message = finding.message.split(": ").next().unwrap_or(&finding.message);
            format!("{}: {message}", prose::place(&finding.place, self.paths))
        };
        let mut places: Vec<String> = findings.iter().map(place).collect();
        places.dedup();
        Item { places, ..Item::new(state, title) }
    }

    fn configuration(&self) -> Vec<Item> {
        let mut items = Vec::new();
        if self.configs.is_empty() {
            let item = Item::new(State::Unseen, "Have the server's configuration checked");
            items.push(
                item.text("No `mongooseim.toml` is among the checked files, and none was named.")
                    .command("hookshift plan --mongooseim-toml /etc/mongooseim/mongooseim.toml".to_owned()),
            );
            let changed = [
                ("Delete options that are gone", ConfigKind::RemovedOption),
                ("Give options and tables their new names", ConfigKind::Renamed),
                ("Replace values that are refused", ConfigKind::RemovedValue),
                ("Give options that have to be given", ConfigKind::RequiredOption),
            ];
            for (title, kind) in changed {
                let told = |fate: &ConfigFate| {
                    let ConfigChange { path, before, after, summary, .. } = &fate.change;
                    let path = path.replace("[]", "");
                    match kind {
                        ConfigKind::Renamed => format!("`{path}` → `{}`", after.replace("[]", "")),
                        ConfigKind::RemovedValue if after.is_empty() => format!("`{path}`: not {before}"),
                        ConfigKind::RemovedValue => format!("`{path}`: {after} in place of {before}"),
                        _ => format!("`{path}`: {summary}"),
                    }
                };
                let places: Vec<String> = self.upgrade.config_changes_of(kind).map(told).collect();
                if !places.is_empty() {
                    items.push(Item { places, ..Item::new(State::Unseen, title) });
                }
            }
        }
        for config in self.configs {
            let path = self.paths.show(config.path());
            let here = |it: &&Finding| it.place.source.path() == config.path();
            let found: Vec<&Finding> = self.matters().filter(here).collect();
            let mut item = self.item(&format!("Change `{path}`"), &found);
            if !found.is_empty() {
                item = item.command(format!("hookshift fix --unsafe {}{}", shell(&path), self.releases()));
            }
            if config.first_tag.is_some() {
                item = item.text("It is a template: what is put in is not seen. Look at the values, too.");
            }
            items.push(item);
            let defaults = self.analysis.findings.iter().filter(|it| it.rule == DEFAULTS).filter(here);
            for finding in defaults {
                let place = prose::place(&finding.place, self.paths);
                let item = Item::new(State::Note, prose::sentence(&finding.message));
                items.push(Item { places: vec![place], ..item.text(finding.help.clone().unwrap_or_default()) });
            }
        }
        let lacking: Vec<&Finding> = self.matters().filter(|it| it.rule == "required-module").collect();
        let lacking = self.item("Enable the modules without which hooks of your handlers are not run", &lacking);
        if !self.configs.is_empty() {
            items.push(lacking);
        } else {
            for change in self.upgrade.config_changes_of(ConfigKind::RequiredModule).map(|it| &it.change) {
                let module = change.path.trim_start_matches("modules.");
                let item = Item::new(State::Unseen, format!("Enable `{module}`"));
                items.push(item.text(change.summary.clone()).text(change.advice.clone()).evidence(&change.evidence));
            }
        }
        let new = self.upgrade.config_changes_of(ConfigKind::NewOption).map(|it| &it.change);
        let new: Vec<String> =
            new.map(|it| format!("`{}`: {} {}", it.path.replace("[]", ""), it.summary, it.advice)).collect();
        if !new.is_empty() {
            items.push(Item { places: new, ..Item::new(State::Note, "Options that are new") });
        }
        items
    }

    fn metrics(&self) -> Vec<Item> {
        let named = |rule: &str| self.analysis.findings.iter().filter(|it| it.rule == rule).collect::<Vec<_>>();
        let gone = named("metric-removed");
        let renamed = named("metric-renamed");
        let changed = named("metric-changed");
        let mut items = vec![self.item("Take metrics that are gone out of code, dashboards and alerts", &gone)];
        let mut kinds = vec![MetricKind::Removed];
        // Not every upgrade renames metrics.
        if self.upgrade.metric_changes().any(|it| it.kind == MetricKind::Renamed) {
            items.push(self.item("Give metrics their new names in code, dashboards and alerts", &renamed));
            kinds.push(MetricKind::Renamed);
        }
        let mut item = self.item("Set thresholds of metrics anew that mean something else", &changed);
        // What was made of a threshold does not show.
        if item.state == State::Open {
            item.state = State::Unseen;
        }
        items.push(item);
        kinds.push(MetricKind::Changed);
        if self.metrics_were_given {
            return items;
        }
        let known = Metrics::new(self.upgrade);
        let list = |kind| {
            let of_kind = known.all().filter(move |metric| metric.kind() == kind);
            let told = |metric: Metric<'_>| match metric.after().as_str() {
                "" => format!("`{}`", metric.name()),
                after => format!("`{}` → `{after}`", metric.name()),
            };
            of_kind.map(told).collect::<Vec<_>>()
        };
        for (item, kind) in items.iter_mut().zip(kinds) {
            if item.state == State::Done {
                item.state = State::Unseen;
                item.text.push("Dashboards and alerts were not looked at. These are the metrics:".to_owned());
                item.places = list(kind);
                item.commands.push("hookshift plan --metrics path/to/dashboards".to_owned());
            }
        }
        items
    }

    /// What shows in the configurations of data that Mnesia keeps. `None` where nothing is known.
    fn keeps_in_mnesia(&self) -> Option<Vec<String>> {
        let by_default = self.upgrade.kept_in_mnesia().filter(|_| !self.configs.is_empty())?;
        let mut found = Vec::new();
        for config in self.configs {
            let is_internal = |path: &str| path == "auth.internal" || path == "host_config[].auth.internal";
            found.extend(config.entries.iter().filter(|it| is_internal(&it.path)).map(|_| "auth.internal".to_owned()));
            for sets in ["modules.", "host_config[].modules."] {
                let chosen = config.entries.iter().filter(|it| it.strings.iter().any(|value| value == "mnesia"));
                let chosen = chosen.filter_map(|it| it.path.strip_prefix(sets)?.strip_suffix(".backend"));
                found.extend(chosen.map(str::to_owned));
                for module in by_default {
                    let (table, backend) = (format!("{sets}{module}"), format!("{sets}{module}.backend"));
                    let has_backend = |it: &Entry| config.at(&backend).any(|other| it.extent.contains(other.name));
                    found.extend(config.at(&table).any(|it| !has_backend(it)).then(|| module.clone()));
                }
            }
        }
        found.sort();
        found.dedup();
        Some(found)
    }

    fn procedure(&self) -> Vec<Item> {
        let item = match self.keeps_in_mnesia() {
            None => Item::new(State::Note, "Which of these fits depends on whether Mnesia keeps data of users").text(
                if self.configs.is_empty() { "The server's configuration would show it; see above." } else { "" },
            ),
            Some(kept) if kept.is_empty() => {
                Item::new(State::Note, "Nothing in the configuration keeps data of users in Mnesia")
            }
            Some(kept) => {
                let names: Vec<String> = kept.iter().map(|it| format!("`{it}`")).collect();
                let title = format!("Mnesia keeps data of users here: {}", names.join(", "));
                Item::new(State::Note, title).text("They have no other `backend`, and Mnesia is their default.")
            }
        };
        let item = item.text(
            "Whether there is more than one node does not show in a configuration: a single node is stopped, upgraded and started.",
        );
        let forbidden = steps::no_rolling(self.upgrade).map(|((from, to), why)| {
            let title = format!(
                "Do not upgrade the nodes one after another in their cluster, from {from} or before to {to} or later"
            );
            Item::new(State::Note, title).text(why)
        });
        [Some(item), forbidden].into_iter().flatten().collect()
    }

    fn tasks(&self, phase: Phase) -> Vec<Item> {
        let in_mnesia = self.keeps_in_mnesia().map(|kept| !kept.is_empty());
        let applies = |task: &Task| match task.when {
            When::Always => true,
            When::Mnesia => in_mnesia != Some(false),
            When::NoMnesia => in_mnesia != Some(true),
        };
        let tasks = steps::tasks(self.upgrade, phase);
        let item = |(step, task): (Option<Version>, Task)| {
            let state = if task.commands.is_empty() && phase == Phase::Database { State::Note } else { State::Unseen };
            let title = step.map_or_else(|| task.title.clone(), |step| format!("{step}: {}", task.title));
            let item = Item::new(state, title).text(task.text.clone()).evidence(&task.evidence);
            Item { commands: task.commands.clone(), ..item }
        };
        tasks.into_iter().filter(|(_, task)| applies(task)).map(item).collect()
    }
}

impl Item {
    fn command(mut self, command: String) -> Self {
        // What is done needs no command.
        if self.state != State::Done {
            self.commands.push(command);
        }
        self
    }
}

fn is_about_configuration(finding: &Finding) -> bool {
    finding.rule.starts_with("config-") || finding.rule == "required-module"
}

/// A word for a shell.
fn shell(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::report::samples;
    use crate::source::Source;

    const OLDEST: Version = Version::new(5, 1, 0);
    const OLD: Version = Version::new(6, 0, 0);
    const NEW: Version = Version::new(6, 1, 0);

    fn plan(from: Version, configs: &[&str], analysis: &mut Analysis) -> Plan {
        analysis.settle(|_, own| Some(own), Severity::Info);
        let read = |text: &&str| {
            let source = Source::from_text("mongooseim.toml".into(), (*text).to_owned()).unwrap();
            ServerConfig::of(&Arc::new(source)).unwrap()
        };
        let configs: Vec<ServerConfig> = configs.iter().map(read).collect();
        Plan::new(&Basis {
            upgrade: &Upgrade::between(from, NEW).unwrap(),
            analysis,
            configs: &configs,
            metrics_were_given: false,
            paths: &Shown::relative_to("/"),
            roots: &["src files".into()],
        })
    }

    fn titles(plan: &Plan, section: &str) -> Vec<String> {
        let section = plan.sections.iter().find(|it| it.title == section).unwrap();
        section.items.iter().map(|it| format!("{:?}: {}", it.state, it.title)).collect()
    }

    #[test]
    fn what_is_left_in_code_is_told_by_what_it_takes() {
        let plan = plan(OLD, &[], &mut samples::analysis());
        assert_eq!(
            titles(&plan, "Code"),
            [
                "Done: Let hookshift rewrite what it can show to keep its meaning",
                "Done: Look at each rewrite for which a person is needed",
                "Open: Decide what only you can decide (2 in 2 files)",
                "Done: See yourself what becomes of registrations that could not be followed",
                "Open: See yourself what could not be read",
            ]
        );
        assert_eq!(plan.progress(), (3, 5));
        let open = &plan.sections[0].items[2];
        assert_eq!(open.commands, ["hookshift check 'src files' --severity warning"]);
        assert_eq!(open.places[0], "src/acme_filter.erl:3: The hook `acme_gone` is no longer run. Nothing is logged.");
    }

    #[test]
    fn where_data_are_kept_decides_how_nodes_are_upgraded() {
        let step = |it: &str| format!("Unseen: {it}");
        let second = step("Start a second cluster with 6.1.0, and let the load balancer send clients there");
        let rolling =
            step("Upgrade the nodes one after another in their cluster, or move the data to a database first");
        for (from, config, kept) in [
            (OLD, "[modules.mod_roster]\n", "Note: Mnesia keeps data of users here: `mod_roster`"),
            (OLDEST, "[modules.mod_roster]\n", "Note: Mnesia keeps data of users here: `mod_roster`"),
            (OLD, "[auth.internal]\n", "Note: Mnesia keeps data of users here: `auth.internal`"),
            (
                OLD,
                "[modules.mod_inbox]\nbackend = 'mnesia'\n[modules.mod_event_pusher.push]\nbackend = 'rdbms'\n",
                "Note: Mnesia keeps data of users here: `mod_inbox`",
            ),
        ] {
            let titles = titles(&plan(from, &[config], &mut Analysis::default()), "The upgrade");
            assert_eq!(titles[0], kept, "{config}");
            assert!(titles.contains(&rolling) && !titles.contains(&second), "{titles:?}");
        }
        for config in [
            "[modules.mod_roster]\nbackend = 'rdbms'\n",
            "[modules.mod_event_pusher.sns]\n",
            "[modules.mod_ping]\n",
            "[auth.http]\n",
        ] {
            let titles = titles(&plan(OLD, &[config], &mut Analysis::default()), "The upgrade");
            assert_eq!(titles[0], "Note: Nothing in the configuration keeps data of users in Mnesia");
            assert!(titles.contains(&second) && !titles.contains(&rolling), "{titles:?}");
        }
        let unknown = titles(&plan(OLD, &[], &mut Analysis::default()), "The upgrade");
        assert!(unknown.contains(&second) && unknown.contains(&rolling), "{unknown:?}");
    }

    #[test]
    fn a_longer_way_is_shown_step_by_step() {
        let far = Upgrade::between(OLD, Version::new(6, 8, 0)).unwrap();
        let plan = Plan::new(&Basis {
            upgrade: &far,
            analysis: &samples::analysis(),
            configs: &[],
            metrics_were_given: false,
            paths: &Shown::relative_to("/"),
            roots: &["src".into()],
        });
        let way = titles(&plan, "The way");
        assert_eq!(way.len(), far.steps().len());
        assert!(way[0].starts_with("Note: 6.0.0 → 6.1.0: "), "{way:?}");
        let text = markdown(&plan);
        assert!(text.contains("Stop before this step, with 6.3.1 in production."), "{text}");
        assert!(text.contains("$ hookshift check src --from 6.0.0 --to 6.8.0 --severity warning"), "{text}");
        // What one step forbids is forbidden on the whole way.
        let upgrade = titles(&plan, "The upgrade");
        assert!(
            upgrade.iter().any(|it| it.starts_with("Note: Do not upgrade the nodes one after another")),
            "{upgrade:?}"
        );
        assert!(!upgrade.iter().any(|it| it.contains("rolling upgrade")), "{upgrade:?}");
    }

    #[test]
    fn tasks_of_all_steps_are_there() {
        let plan = plan(OLDEST, &[], &mut Analysis::default());
        assert_eq!(titles(&plan, "Database").len(), 2);
        assert!(markdown(&plan).starts_with("# MongooseIM 5.1.0 → 6.1.0\n"));
    }

    #[test]
    fn without_a_configuration_what_it_may_need_is_listed() {
        let items = |configs: &[&str]| titles(&plan(OLDEST, configs, &mut Analysis::default()), "Configuration");
        let renames = "Unseen: Give options and tables their new names".to_owned();
        assert!(items(&[]).contains(&renames), "{:?}", items(&[]));
        assert!(!items(&["[modules.mod_ping]\n"]).contains(&renames));
        let plan = plan(OLDEST, &[], &mut Analysis::default());
        let text = markdown(&plan);
        assert!(text.contains("`modules.mod_mam_meta` → `modules.mod_mam`"), "{text}");
        assert!(text.contains("`*.backends.mod_mam.lookup` → `*.backends.mod_mam_pm.lookup`"), "{text}");
    }

    #[test]
    fn what_is_typed_into_a_shell_is_one_word() {
        for (text, word) in
            [("src/a.erl", "src/a.erl"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"), ("$x", "'$x'")]
        {
            assert_eq!(shell(text), word);
        }
    }
}
