//! What several steps say of the server's configuration, put together: what a configuration of the old release is told.

use super::Upgrade;
use crate::catalog::config_path::{behind, last};
use crate::catalog::model::{ConfigChange, ConfigKind, Evidence};

/// What became of a part of the server's configuration in the end.
#[derive(Clone, Debug)]
pub struct ConfigFate {
    /// With the path that it has in the old release; what has to be given, or can be, with that in the new one.
    pub change: ConfigChange,
    /// Where it stands: in a configuration of the old release, and in one whose tables have their new names already.
    pub names: Vec<ConfigName>,
    /// For an option that has to be given: the names of the table or the option that makes it necessary. Empty when it always is.
    pub given: Vec<String>,
    /// For a value that is gone: the names of what makes it one all the same, with `*` for the value.
    pub unless: Vec<String>,
}

/// A name under which something may stand, and what it has to be called there in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigName {
    pub path: String,
    /// In the same tables where these have to be renamed as well.
    pub now: String,
}

impl Upgrade {
    /// Modules with the names under which configurations have them before and after they are renamed.
    #[must_use]
    pub fn under_all_names(&self, modules: &[String]) -> Vec<String> {
        let module = |path: &str| path.strip_prefix("modules.").filter(|it| !it.contains('.')).map(str::to_owned);
        let mut all = modules.to_vec();
        for fate in self.config_changes_of(ConfigKind::Renamed) {
            let Some((old, new)) = module(&fate.change.path).zip(module(&fate.change.after)) else { continue };
            let (has_old, has_new) = (all.contains(&old), all.contains(&new));
            all.extend((has_new && !has_old).then_some(old));
            all.extend((has_old && !has_new).then_some(new));
        }
        all
    }
}

/// One entry on its way.
struct Fact {
    /// With the path of the old release.
    change: ConfigChange,
    /// Its path after the steps so far; of something that is gone, none.
    now: String,
    /// What makes it necessary, after the steps so far.
    given: String,
    /// What makes a value that is gone one all the same, after the steps so far.
    unless: String,
    /// The old release does not have it.
    is_new: bool,
}

#[derive(Default)]
struct Facts {
    all: Vec<Fact>,
}

/// All entries of all steps, as far as they matter in the end.
pub(super) fn all(upgrade: &Upgrade) -> Vec<ConfigFate> {
    let mut facts = Facts::default();
    for step in &upgrade.steps {
        facts.step(&step.changes.get().config);
    }
    // Nobody waits for a hook that is gone.
    let is_run =
        |it: &Fact| it.change.kind != ConfigKind::Precondition || upgrade.new_release().hook(&it.change.hook).is_some();
    facts.all.retain(|it| !is_rename_to_itself(it) && is_run(it));
    facts.fates()
}

fn is_rename_to_itself(fact: &Fact) -> bool {
    fact.change.kind == ConfigKind::Renamed && fact.change.path == fact.now
}

/// A path in which what one of the renames is about has its new name. The one that says most counts.
fn renamed(path: &str, renames: &[(String, String)]) -> String {
    let rest = renames.iter().filter_map(|(old, new)| Some((behind(path, old)?, new)));
    let closest = rest.min_by_key(|(rest, _)| rest.len());
    closest.map_or_else(|| path.to_owned(), |(rest, new)| format!("{new}{rest}"))
}

impl Facts {
    fn step(&mut self, step: &[ConfigChange]) {
        let of = |kind| step.iter().filter(move |change| change.kind == kind);
        for change in of(ConfigKind::RemovedOption) {
            self.remove(change);
        }
        let origins: Vec<Option<String>> = of(ConfigKind::Renamed).map(|change| self.origin(&change.path)).collect();
        let renames: Vec<(String, String)> =
            of(ConfigKind::Renamed).map(|change| (change.path.clone(), change.after.clone())).collect();
        for (change, origin) in of(ConfigKind::Renamed).zip(origins) {
            self.rename(change, origin);
        }
        for fact in &mut self.all {
            fact.follow(&renames);
        }
        let settled = [ConfigKind::RemovedOption, ConfigKind::Renamed];
        for change in step.iter().filter(|change| !settled.contains(&change.kind)) {
            // What comes is named as it will be.
            let comes = matches!(change.kind, ConfigKind::NewOption | ConfigKind::RequiredOption);
            let now = if comes { change.path.clone() } else { renamed(&change.path, &renames) };
            self.add(change, now);
        }
    }

    /// The path in the old release of what has one now. `None` where that release has nothing of the kind.
    fn origin(&self, now: &str) -> Option<String> {
        let moved = self.all.iter().filter(|it| it.is_new || it.change.kind == ConfigKind::Renamed);
        let known = moved.filter_map(|fact| Some((behind(now, &fact.now)?, fact)));
        match known.min_by_key(|(rest, _)| rest.len()) {
            Some((_, fact)) if fact.is_new => None,
            Some((rest, fact)) => Some(format!("{}{rest}", fact.change.path)),
            None => Some(now.to_owned()),
        }
    }

    fn push(&mut self, change: &ConfigChange, path: String, now: String) {
        let is_new = change.kind == ConfigKind::NewOption;
        let given = change.condition().0.to_owned();
        let unless = if change.kind == ConfigKind::RemovedValue { change.unless.clone() } else { String::new() };
        self.all.push(Fact { change: ConfigChange { path, ..change.clone() }, now, given, unless, is_new });
    }

    fn remove(&mut self, change: &ConfigChange) {
        let mut origins: Vec<String> = self.origin(&change.path).into_iter().collect();
        let is_gone = |path: &str| behind(path, &change.path).is_some();
        // What was moved into it has another origin.
        for fact in self.all.iter().filter(|it| it.change.kind == ConfigKind::Renamed && is_gone(&it.now)) {
            let is_known = origins.iter().any(|origin| behind(&fact.change.path, origin).is_some());
            origins.extend((!is_known).then(|| fact.change.path.clone()));
        }
        self.all.retain(|fact| !is_gone(&fact.now) && !is_gone(&fact.given));
        let module = change.path.strip_prefix("modules.");
        for fact in &mut self.all {
            fact.change.implied_by.retain(|it| Some(it.as_str()) != module);
        }
        for origin in origins {
            let is_part =
                |it: &Fact| it.change.kind == ConfigKind::RemovedOption && behind(&it.change.path, &origin).is_some();
            self.all.retain(|it| !is_part(it));
            let is_known =
                |it: &Fact| it.change.kind == ConfigKind::RemovedOption && behind(&origin, &it.change.path).is_some();
            if !self.all.iter().any(is_known) {
                self.push(change, origin, String::new());
            }
        }
    }

    fn rename(&mut self, change: &ConfigChange, origin: Option<String>) {
        let known = self.all.iter_mut().find(|it| it.change.kind == ConfigKind::Renamed && it.now == change.path);
        match (known, origin) {
            (Some(known), _) => known.later(change),
            // It follows with all the others.
            (None, Some(origin)) => self.push(change, origin, change.path.clone()),
            (None, None) => {}
        }
    }

    /// An entry that neither takes nor renames anything, at the path that it has after its step.
    fn add(&mut self, change: &ConfigChange, now: String) {
        let kind = change.kind;
        let is_it = |it: &Fact| it.change.kind == kind && it.now == now;
        match kind {
            ConfigKind::NewOption => {
                let before = self.all.len();
                self.all.retain(|it| it.change.kind != ConfigKind::RequiredOption || it.now != now || it.is_new);
                // It was there before it had to be.
                if self.all.len() != before {
                    return;
                }
                self.all.retain(|it| it.change.kind != ConfigKind::RemovedOption || it.change.path != now);
                self.all.retain(|it| !is_it(it));
                self.push(change, now.clone(), now);
            }
            ConfigKind::RequiredOption | ConfigKind::RequiredModule => {
                let is_known = |it: &Fact| (is_it(it) && it.is_covered_by(change)) || (it.is_new && it.now == now);
                let is_new = self.all.iter().any(|it| is_known(it) && it.is_new);
                self.all.retain(|it| !is_known(it));
                self.push(change, now.clone(), now);
                if let Some(fact) = self.all.last_mut() {
                    fact.is_new = is_new;
                }
            }
            ConfigKind::ChangedDefault | ConfigKind::ChangedType => {
                if let Some(known) = self.all.iter_mut().find(|it| is_it(it)) {
                    known.later(change);
                    known.change.after.clone_from(&change.after);
                    self.all.retain(|it| !is_it(it) || it.change.before != it.change.after);
                } else if let Some(origin) = self.origin(&now) {
                    self.push(change, origin, now);
                }
            }
            ConfigKind::RemovedValue => {
                for known in self.all.iter_mut().filter(|it| is_it(it) && it.change.after == change.before) {
                    known.change.after.clone_from(&change.after);
                }
                let is_known = self.all.iter().any(|it| is_it(it) && it.change.before == change.before);
                if let Some(origin) = self.origin(&now).filter(|_| !is_known) {
                    self.push(change, origin, now);
                }
            }
            ConfigKind::Precondition => {
                self.all.retain(|it| !is_it(it) || it.change.hook != change.hook);
                if let Some(origin) = self.origin(&now) {
                    self.push(change, origin, now);
                }
            }
            ConfigKind::RemovedOption | ConfigKind::Renamed => {}
        }
    }

    fn fates(self) -> Vec<ConfigFate> {
        let renames: Vec<(String, String)> = self
            .all
            .iter()
            .filter(|it| it.change.kind == ConfigKind::Renamed)
            .map(|it| (it.change.path.clone(), it.now.clone()))
            .collect();
        let new: Vec<&str> =
            self.all.iter().filter(|it| it.change.kind == ConfigKind::NewOption).map(|it| it.now.as_str()).collect();
        let fate = |fact: &Fact| {
            let mut change = fact.change.clone();
            let now = if fact.now.is_empty() { &fact.change.path } else { &fact.now };
            let comes =
                matches!(change.kind, ConfigKind::NewOption | ConfigKind::RequiredOption | ConfigKind::RequiredModule);
            let old = if comes { self.origin(now).unwrap_or_else(|| now.clone()) } else { change.path.clone() };
            let is_renamed = change.kind == ConfigKind::Renamed;
            let names = spellings(&old, &renames).into_iter().filter(|path| {
                let is_done = is_renamed && path == now;
                path == &old || (!is_done && !new.contains(&path.as_str()))
            });
            let is_gone = fact.now.is_empty();
            let now_of = |path: &str| if is_gone { path.to_owned() } else { in_place(now, path, &renames) };
            let names = names.map(|path| ConfigName { now: now_of(&path), path }).collect();
            let all_names = |now: &str| {
                let mut names = match now {
                    "" => Vec::new(),
                    now => spellings(&self.origin(now).unwrap_or_else(|| now.to_owned()), &renames),
                };
                names.extend((!now.is_empty() && !names.iter().any(|it| it == now)).then(|| now.to_owned()));
                names
            };
            let (given, unless) = (all_names(&fact.given), all_names(&fact.unless));
            if is_renamed {
                change.after.clone_from(now);
            } else if comes {
                change.path.clone_from(now);
            }
            change.given = match change.condition().1 {
                Some(value) => format!("{} = {value}", fact.given),
                None => fact.given.clone(),
            };
            ConfigFate { change, names, given, unless }
        };
        self.all.iter().map(fate).collect()
    }
}

impl Fact {
    fn follow(&mut self, renames: &[(String, String)]) {
        self.now = renamed(&self.now, renames);
        self.given = renamed(&self.given, renames);
        self.unless = renamed(&self.unless, renames);
        for module in self.change.implied_by.clone() {
            let now = renamed(&format!("modules.{module}"), renames);
            let now = now.strip_prefix("modules.").filter(|it| !self.change.implied_by.iter().any(|known| known == it));
            self.change.implied_by.extend(now.map(str::to_owned));
        }
    }

    /// Whether something makes an option necessary in all cases in which this did: the same, or less.
    fn is_covered_by(&self, next: &ConfigChange) -> bool {
        let (given, value) = next.condition();
        let is_same = self.given == given && (value.is_none() || value == self.change.condition().1);
        is_same || (value.is_none() && !given.is_empty() && behind(&self.given, given).is_some())
    }

    /// What a later step says of it counts, and both have to be looked at.
    fn later(&mut self, next: &ConfigChange) {
        let ConfigChange { summary, advice, look, evidence, .. } = &mut self.change;
        summary.clone_from(&next.summary);
        advice.clone_from(&next.advice);
        if look.is_empty() {
            look.clone_from(&next.look);
        } else if !next.look.is_empty() && *look != next.look {
            *look = format!("{look}; {}", next.look);
        }
        let new: Vec<Evidence> = next.evidence.iter().filter(|it| !evidence.contains(it)).cloned().collect();
        evidence.extend(new);
    }
}

/// A path as it is in the old release, and with the tables around it under their new names.
fn spellings(path: &str, renames: &[(String, String)]) -> Vec<String> {
    /// More tables than that are not around an option.
    const MOST: usize = 8;
    let mut all = vec![path.to_owned()];
    let mut at = 0;
    while at < all.len() && all.len() < MOST {
        for (old, new) in renames.iter().filter(|(old, new)| behind(new, old).is_none()) {
            let Some(rest) = behind(&all[at], old).filter(|rest| rest.contains('.')) else { continue };
            let other = format!("{new}{rest}");
            if !all.contains(&other) {
                all.push(other);
            }
        }
        at += 1;
    }
    all
}

/// The new path of something in terms of the tables around the old one, where these have to be renamed themselves.
fn in_place(now: &str, path: &str, renames: &[(String, String)]) -> String {
    let around = renames.iter().filter_map(|(old, new)| {
        behind(path, old).filter(|rest| rest.contains('.'))?;
        Some((old, behind(now, new).filter(|rest| rest.contains('.'))?))
    });
    let closest = around.max_by_key(|(old, _)| old.len());
    closest.map_or_else(|| now.to_owned(), |(old, rest)| format!("{old}{rest}"))
}

impl ConfigName {
    /// The last key of the new name, without `[]`.
    #[must_use]
    pub fn key(&self) -> &str {
        last(&self.now)
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
