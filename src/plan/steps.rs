//! The releases between the two: what each step asks of this project, and where it is wise to stop.

use std::collections::BTreeSet;

use super::{Basis, Item, State};
use crate::catalog::{Changes, Phase, Task, Upgrade, Version};
use crate::finding::Finding;
use crate::report::summary::Count;

/// An entry for each step, when there are several.
pub(super) fn section(basis: &Basis<'_>) -> Vec<Item> {
    if basis.upgrade.steps().len() < 2 {
        return Vec::new();
    }
    let found: Vec<(&Finding, Version)> =
        basis.matters().filter_map(|finding| Some((finding, step_of(basis.upgrade, finding)?))).collect();
    let item = |(step, changes): ((Version, Version), &Changes)| {
        let here: Vec<&Finding> = found.iter().filter(|(_, to)| *to == step.1).map(|(finding, _)| *finding).collect();
        let mut item = Item::new(State::Note, format!("{} → {}: {}", step.0, step.1, what(&here)));
        item.text.extend(hooks(&here));
        if !changes.no_rolling.is_empty() {
            item.text.push(format!("Nodes of both releases cannot be in one cluster. {}", changes.no_rolling));
        }
        if !changes.pause.is_empty() {
            item.text.push(format!("Stop before this step, with {} in production. {}", step.0, changes.pause));
        }
        item
    };
    basis.upgrade.described().map(item).collect()
}

/// The release with which something came that was found: the last one, where several changed it.
fn step_of(upgrade: &Upgrade, finding: &Finding) -> Option<Version> {
    let by_hook = finding.hook.as_deref().and_then(|hook| upgrade.history(hook).map(|((_, to), _)| to).last());
    let told = finding.evidence.iter().filter_map(|evidence| evidence.release.parse().ok());
    let told = told.filter(|release| upgrade.steps().any(|(_, to)| to == *release));
    by_hook.or_else(|| told.max())
}

fn what(findings: &[&Finding]) -> String {
    if findings.is_empty() {
        return "nothing that was found here".to_owned();
    }
    let files: BTreeSet<_> = findings.iter().map(|finding| finding.place.source.path()).collect();
    format!("{} in {}", Count(findings.len(), "finding"), Count(files.len(), "file"))
}

fn hooks(findings: &[&Finding]) -> Option<String> {
    let names: BTreeSet<&str> = findings.iter().filter_map(|finding| finding.hook.as_deref()).collect();
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| format!("Hooks: {}.", names.join(", ")))
}

/// Why the nodes cannot be upgraded one after another in their cluster, with the step that forbids it.
pub(super) fn no_rolling(upgrade: &Upgrade) -> Option<((Version, Version), &str)> {
    let mut reasons = upgrade.described().map(|(step, changes)| (step, changes.no_rolling.as_str()));
    reasons.find(|(_, why)| !why.is_empty())
}

/// What has to be done besides, each with its step where there are several. What is done to the nodes themselves is done once,
/// however many steps want it.
pub(super) fn tasks(upgrade: &Upgrade, phase: Phase) -> Vec<(Option<Version>, Task)> {
    let once = phase == Phase::During || phase == Phase::After;
    let step_told = |to| (upgrade.steps().len() > 1 && !once).then_some(to);
    let is_possible = |task: &&Task| !task.rolling || no_rolling(upgrade).is_none();
    let mut all: Vec<(Option<Version>, Task)> = Vec::new();
    for ((_, to), changes) in upgrade.described() {
        for task in changes.tasks.iter().filter(|task| task.phase == phase).filter(is_possible) {
            let task = with_ends(task, upgrade);
            if !once || all.iter().all(|(_, known)| known.title != task.title) {
                all.push((step_told(to), task));
            }
        }
    }
    all
}

/// A task with the ends of the whole upgrade put in.
fn with_ends(task: &Task, upgrade: &Upgrade) -> Task {
    let fill =
        |text: &String| text.replace("{from}", &upgrade.from().to_string()).replace("{to}", &upgrade.to().to_string());
    let commands = task.commands.iter().map(fill).collect();
    Task { title: fill(&task.title), text: fill(&task.text), commands, ..task.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upgrade(from: &str, to: &str) -> Upgrade {
        Upgrade::between(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    #[test]
    fn one_step_is_no_way() {
        let titles =
            |from, to| tasks(&upgrade(from, to), Phase::During).into_iter().map(|(step, task)| (step, task.title));
        let one: Vec<_> = titles("6.0.0", "6.1.0").collect();
        assert!(one.iter().all(|(step, _)| step.is_none()), "{one:?}");
        assert!(one.iter().any(|(_, title)| title.contains("second cluster with 6.1.0")), "{one:?}");
    }

    #[test]
    fn what_is_done_before_belongs_to_a_step() {
        let before = tasks(&upgrade("5.1.0", "6.1.0"), Phase::Before);
        assert!(!before.is_empty() && before.iter().all(|(step, _)| step.is_some()));
    }
}
