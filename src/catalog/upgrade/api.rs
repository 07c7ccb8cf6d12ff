//! What becomes of the functions, headers and records around the hooks.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Upgrade, outlived};
use crate::catalog::delta::{ApiDelta, FunctionName, LostExports, LostRecord, split_arity};
use crate::catalog::model::{Api, ApiChange, ApiHeader, ApiKind};
use crate::catalog::version::Version;

/// What became of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FunctionStatus {
    /// Its whole module is gone.
    ModuleRemoved,
    /// Its module no longer exports it with this arity.
    Removed,
    /// Same name and arity, other behaviour.
    Changed,
}

/// What became of a function that code of the old release calls.
#[derive(Clone, Debug)]
pub struct FunctionFate<'u> {
    pub status: FunctionStatus,
    /// What is known about it, at most one entry of each step, in their order. Empty when it is merely gone.
    pub entries: Vec<&'u ApiChange>,
    /// The release to which the last of these steps leads; the target release, when there is none.
    pub since: Version,
}

impl<'u> FunctionFate<'u> {
    /// The entry that says most about what happened: the latest of the kind that decided.
    #[must_use]
    pub fn entry(&self) -> Option<&'u ApiChange> {
        let decides =
            |entry: &&&ApiChange| (entry.kind == ApiKind::ChangedFunction) == (self.status == FunctionStatus::Changed);
        self.entries.iter().rfind(decides).or(self.entries.last()).copied()
    }

    /// What to use instead, as code; empty when nothing is known.
    #[must_use]
    pub fn instead(&self) -> &'u str {
        self.entry().map_or("", |entry| entry.instead.as_str())
    }
}

/// A header of the old release that is gone.
#[derive(Clone, Debug)]
pub struct HeaderFate<'u> {
    /// File name below `include/`.
    pub name: &'u str,
    pub entries: Vec<&'u ApiChange>,
}

/// A record of the old release's headers that is gone or lost fields.
#[derive(Clone, Debug)]
pub struct RecordFate<'u> {
    pub lost: &'u LostRecord,
    /// What is known about the record or about single fields of it (`record.field`).
    pub entries: Vec<&'u ApiChange>,
}

impl<'u> RecordFate<'u> {
    /// Whether the record no longer has this field.
    #[must_use]
    pub fn lacks(&self, field: &str) -> bool {
        self.lost.fields.iter().any(|lost| lost == field)
    }

    /// What is known about a field, or, failing that, about the whole record.
    #[must_use]
    pub fn entry(&self, field: &str) -> Option<&'u ApiChange> {
        let of_field = |entry: &&&ApiChange| entry.name.split_once('.').is_some_and(|(_, name)| name == field);
        let of_record = |entry: &&&ApiChange| !entry.name.contains('.');
        self.entries.iter().rfind(of_field).or_else(|| self.entries.iter().rfind(of_record)).copied()
    }
}

impl Upgrade {
    /// Whether both releases' exports and headers are in the catalog. Otherwise only what people wrote down is
    /// known about functions.
    #[must_use]
    pub fn knows_api(&self) -> bool {
        self.from.api.is_some() && self.to.api.is_some()
    }

    /// What the old release exported or declared and the new one does not, complete.
    #[must_use]
    pub fn api_delta(&self) -> &ApiDelta {
        // The comparison of one step was made when hookshift was built; a longer way is compared end to end, as a
        // function may have come back.
        if let [step] = self.steps.as_slice()
            && let Some(delta) = &step.delta
        {
            return delta.get();
        }
        self.compared.get_or_init(|| match (&self.from.api, &self.to.api) {
            (Some(old), Some(new)) if self.from() != self.to() => ApiDelta::between(old.get(), new.get()),
            _ => ApiDelta::default(),
        })
    }

    /// All functions that are gone, by module, sorted.
    #[must_use]
    pub fn removed_functions(&self) -> &[LostExports] {
        &self.api_delta().modules
    }

    /// The modules that the target release has and the old one has not, sorted, each with the first release of the way that
    /// has it.
    #[must_use]
    pub fn added_modules(&self) -> &[(String, Version)] {
        self.added_modules.get_or_init(|| {
            let (Some(old), Some(new)) = (&self.from.api, &self.to.api) else { return Vec::new() };
            let has = |api: &Api, name: &str| api.modules.binary_search_by(|it| it.name.as_str().cmp(name)).is_ok();
            let since = |name: &str| {
                let mut on_the_way = self.passed.iter().filter_map(|it| Some((it.version, it.api.as_ref()?)));
                on_the_way.find(|(_, api)| has(api.get(), name)).map_or(self.to.version, |(version, _)| version)
            };
            let added = new.get().modules.iter().filter(|module| !has(old.get(), &module.name));
            added.map(|module| (module.name.clone(), since(&module.name))).collect()
        })
    }

    /// The first release of the way that has a module which the target release has and the old one has not.
    #[must_use]
    pub fn module_added_in(&self, name: &str) -> Option<Version> {
        let added = self.added_modules();
        added.binary_search_by(|(added, _)| added.as_str().cmp(name)).ok().map(|at| added[at].1)
    }

    /// Whether only the target release has a module of this name.
    #[must_use]
    pub fn has_added_module(&self, name: &str) -> bool {
        self.module_added_in(name).is_some()
    }

    /// Whether the target release has a module of this name, as far as is known.
    #[must_use]
    pub fn has_new_module(&self, name: &str) -> bool {
        let api = self.to.api.as_ref();
        api.is_some_and(|api| api.get().modules.binary_search_by(|module| module.name.as_str().cmp(name)).is_ok())
    }

    /// The names of all modules that either release has; none when that is not known of both.
    pub fn module_names(&self) -> impl Iterator<Item = &str> {
        let both = self.from.api.as_ref().zip(self.to.api.as_ref());
        let both = both.map(|(old, new)| [old.get(), new.get()]).into_iter().flatten();
        both.flat_map(|api| api.modules.iter().map(|module| module.name.as_str()))
    }

    /// What became of a function; `None` when nothing did as far as is known.
    #[must_use]
    pub fn function_fate(&self, module: &str, function: &str, arity: usize) -> Option<FunctionFate<'_>> {
        let lost = self.api_delta().module(module);
        let known = self.function_entries().get(module);
        // Nearly every call asks about a module to which nothing happened.
        if lost.is_none() && known.is_none() {
            return None;
        }
        let known = known.into_iter().flatten().copied();
        let entries = self.best_entries(known, (module, function, arity), |step, at| &self.api_entries(step)[at]);
        let since = entries.last().map_or(self.to.version, |&(step, _)| self.steps[step].to);
        let entries: Vec<&ApiChange> = entries.into_iter().map(|(_, entry)| entry).collect();
        let status = match lost {
            Some(lost) if lost.gone => FunctionStatus::ModuleRemoved,
            Some(lost) if lost.has(function, arity) => FunctionStatus::Removed,
            _ => status_of(&entries)?,
        };
        Some(FunctionFate { status, entries, since })
    }

    /// What became of a header, named as in an `-include`: below `include/`, or with any directories before that.
    #[must_use]
    pub fn header_fate(&self, include: &str) -> Option<HeaderFate<'_>> {
        let name = include.rsplit_once("include/").map_or(include, |(_, name)| name);
        let headers = &self.api_delta().headers;
        let entries: Vec<_> = self.entries(ApiKind::RemovedHeader).filter(|entry| entry.name == name).collect();
        let at = headers.binary_search_by(|header| header.as_str().cmp(name)).ok();
        let name = match at {
            Some(at) => headers[at].as_str(),
            None => entries.last()?.name.as_str(),
        };
        Some(HeaderFate { name, entries })
    }

    /// What a header of the old release declares; `None` when it is not known.
    #[must_use]
    pub fn old_header(&self, name: &str) -> Option<&ApiHeader> {
        header(self.from.api.as_ref()?.get(), name)
    }

    /// What a header of the target release declares.
    #[must_use]
    pub fn new_header(&self, name: &str) -> Option<&ApiHeader> {
        header(self.to.api.as_ref()?.get(), name)
    }

    /// What became of a record that the old release's headers defined.
    #[must_use]
    pub fn record_fate(&self, record: &str) -> Option<RecordFate<'_>> {
        let lost = self.api_delta().record(record)?;
        let is_about = |entry: &&ApiChange| entry.name.split('.').next() == Some(record);
        let entries = self.entries(ApiKind::RemovedRecordField).filter(is_about).collect();
        Some(RecordFate { lost, entries })
    }

    /// Whether no header of the new release defines this macro (`NAME`, or `NAME/arity`) any more.
    #[must_use]
    pub fn is_removed_macro(&self, name: &str) -> bool {
        self.api_delta().macros.binary_search_by(|lost| lost.as_str().cmp(name)).is_ok()
    }

    /// What people wrote down of one kind, in the order of the steps.
    pub fn entries(&self, kind: ApiKind) -> impl Iterator<Item = &ApiChange> {
        self.entries_of_steps(kind).map(|(_, entry)| entry)
    }

    /// The same, each with the release to which its step leads.
    pub fn entries_of_steps(&self, kind: ApiKind) -> impl Iterator<Item = (Version, &ApiChange)> {
        let of_step = move |step: usize| self.api_entries(step).iter().map(move |entry| (self.steps[step].to, entry));
        (0..self.steps.len()).flat_map(of_step).filter(move |(_, entry)| entry.kind == kind)
    }

    /// What people wrote down of a step, as it counts on this way.
    pub(super) fn api_entries(&self, step: usize) -> &[ApiChange] {
        let outlived = self.outlived.get_or_init(|| outlived::all(self));
        outlived[step].as_deref().unwrap_or(&self.steps[step].changes.get().api)
    }

    /// What is known about a message that the server's processes no longer understand: an atom, or a tuple of so many
    /// elements that starts with one. Messages that are not telling enough are not among them: the atom or pair that one
    /// process understands is as good as any other's.
    #[must_use]
    pub fn message_fate(&self, tag: &str, size: Option<usize>) -> Option<&ApiChange> {
        self.telling_messages().filter(|(message, _)| *message == (tag, size)).map(|(_, entry)| entry).last()
    }

    /// What is known about any message that the server's processes no longer understand: for code that is seen to send
    /// to such a process.
    #[must_use]
    pub fn session_message_fate(&self, tag: &str, size: Option<usize>) -> Option<&ApiChange> {
        self.entries(ApiKind::RemovedMessage).filter(|entry| message(&entry.name) == (tag, size)).last()
    }

    /// Functions, as in `ejabberd_sm:get_session_pid`, whose results hold the processes of sessions.
    pub fn session_pids(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| &step.changes.get().session_pids).map(String::as_str)
    }

    /// Functions that make a process one with a session, to which the server sends other messages than it did.
    pub fn session_openers(&self) -> impl Iterator<Item = &str> {
        let received = self.entries(ApiKind::RemovedMessage).filter_map(|entry| entry.received.as_ref());
        received.flat_map(|received| &received.opened_by).map(String::as_str)
    }

    /// The first elements of the messages of [`Upgrade::message_fate`], sorted.
    #[must_use]
    pub fn message_needles(&self) -> Vec<String> {
        sorted(self.telling_messages().map(|((tag, _), _)| tag.to_owned()))
    }

    fn telling_messages(&self) -> impl Iterator<Item = ((&str, Option<usize>), &ApiChange)> {
        let telling = |(_, size): (&str, Option<usize>)| size.is_some_and(|size| size >= TELLING);
        let messages = self.entries(ApiKind::RemovedMessage).map(|entry| (message(&entry.name), entry));
        messages.filter(move |(message, _)| telling(*message))
    }

    /// The functions that are gone or different, by module: a file that names none of them has no such call. `None`
    /// stands for everything in a module.
    #[must_use]
    pub fn changed_functions(&self) -> FxHashMap<&str, Option<FxHashSet<&str>>> {
        let mut changed: FxHashMap<&str, Option<FxHashSet<&str>>> = FxHashMap::default();
        for lost in &self.api_delta().modules {
            let functions = (!lost.gone).then(|| lost.functions().map(|(function, _)| function).collect());
            changed.insert(&lost.module, functions);
        }
        for (module, entries) in self.function_entries() {
            let known = changed.entry(module).or_insert_with(|| Some(FxHashSet::default()));
            for &(step, at) in entries {
                match FunctionName::parse(&self.api_entries(step)[at].name).function {
                    Some(function) => known.as_mut().is_some_and(|functions| functions.insert(function)),
                    None => known.take().is_some(),
                };
            }
        }
        changed
    }

    /// The names of the modules of which something was called that is gone or different, sorted: a file that names
    /// none of them has no such call.
    #[must_use]
    pub fn api_needles(&self) -> Vec<String> {
        let lost = self.api_delta().modules.iter().map(|lost| &lost.module);
        sorted(lost.chain(self.function_entries().keys()).cloned())
    }

    /// The names of the headers that are gone, sorted.
    #[must_use]
    pub fn header_needles(&self) -> Vec<String> {
        let known = self.entries(ApiKind::RemovedHeader).map(|entry| &entry.name);
        sorted(self.api_delta().headers.iter().chain(known).cloned())
    }

    /// The names of the behaviours of which a callback is called no longer, sorted.
    #[must_use]
    pub fn behaviour_needles(&self) -> Vec<&str> {
        let entries = self.entries(ApiKind::RemovedCallback);
        sorted(entries.map(|entry| FunctionName::parse(&entry.name).module))
    }

    /// The names of the records of which a field has another form, sorted: a file that names none of them has no such field.
    #[must_use]
    pub fn record_needles(&self) -> Vec<String> {
        let records = self.entries(ApiKind::ChangedRecordField).filter_map(|entry| entry.name.split('.').next());
        sorted(records.map(ToOwned::to_owned))
    }

    /// Where entries about functions stand, by module: what they are about is the same on every way.
    pub(super) fn function_entries(&self) -> &FxHashMap<String, Vec<(usize, usize)>> {
        self.functions.get_or_init(|| {
            let mut by_module: FxHashMap<String, Vec<(usize, usize)>> = FxHashMap::default();
            for (step, described) in self.steps.iter().enumerate() {
                for (at, entry) in described.changes.get().api.iter().enumerate() {
                    if matches!(entry.kind, ApiKind::RemovedFunction | ApiKind::ChangedFunction) {
                        let module = FunctionName::parse(&entry.name).module;
                        by_module.entry(module.to_owned()).or_default().push((step, at));
                    }
                }
            }
            by_module
        })
    }

    /// Of each step the entry that names the function most precisely, among `known` ones, with its step.
    pub(super) fn best_entries<'e>(
        &self,
        known: impl Iterator<Item = (usize, usize)>,
        (module, function, arity): (&str, &str, usize),
        entry: impl Fn(usize, usize) -> &'e ApiChange,
    ) -> Vec<(usize, &'e ApiChange)> {
        let mut best: Vec<(usize, usize, &ApiChange)> = Vec::new();
        for (step, at) in known {
            let entry = entry(step, at);
            let name = FunctionName::parse(&entry.name);
            if !name.covers(module, function, arity) || self.came_back(entry, module, function, arity) {
                continue;
            }
            match best.last_mut() {
                // A module's end says nothing of a function that was gone before, and of which more is known.
                Some((before, precision, gone))
                    if *before != step && gone.kind == ApiKind::RemovedFunction && *precision > name.precision() => {}
                Some(last) if last.0 == step => {
                    if name.precision() > last.1 {
                        *last = (step, name.precision(), entry);
                    }
                }
                _ => best.push((step, name.precision(), entry)),
            }
        }
        best.into_iter().map(|(step, _, entry)| (step, entry)).collect()
    }

    /// Whether a function that some step removed is there in the new release after all, which only a way of several
    /// steps can bring about.
    fn came_back(&self, entry: &ApiChange, module: &str, function: &str, arity: usize) -> bool {
        entry.kind == ApiKind::RemovedFunction
            && self.steps.len() > 1
            && self.to.api.as_ref().is_some_and(|api| exports(api.get(), module, function, arity))
    }
}

/// Names in their order, each once.
fn sorted<T: Ord>(names: impl Iterator<Item = T>) -> Vec<T> {
    let mut names: Vec<T> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// How many elements a message must have to be told from messages of other processes.
const TELLING: usize = 3;

/// Tag and number of elements of a message's pattern, as in `{route, From, To, Acc}` or `replaced`.
fn message(pattern: &str) -> (&str, Option<usize>) {
    match pattern.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(elements) => {
            let tag = elements.split(',').next().unwrap_or(elements).trim();
            (tag, Some(elements.split(',').count()))
        }
        None => (pattern, None),
    }
}

/// What the entries alone say, for a function that the comparison does not know to be gone.
fn status_of(entries: &[&ApiChange]) -> Option<FunctionStatus> {
    let removed = entries.iter().rfind(|entry| entry.kind == ApiKind::RemovedFunction);
    match removed {
        Some(entry) if FunctionName::parse(&entry.name).function.is_none() => Some(FunctionStatus::ModuleRemoved),
        Some(_) => Some(FunctionStatus::Removed),
        None if entries.is_empty() => None,
        None => Some(FunctionStatus::Changed),
    }
}

fn header<'a>(api: &'a Api, name: &str) -> Option<&'a ApiHeader> {
    let at = api.headers.binary_search_by(|header| header.name.as_str().cmp(name)).ok()?;
    Some(&api.headers[at])
}

pub(super) fn exports(api: &Api, module: &str, function: &str, arity: usize) -> bool {
    let at = api.modules.binary_search_by(|known| known.name.as_str().cmp(module));
    at.is_ok_and(|at| {
        api.modules[at].exports.split(' ').filter_map(split_arity).any(|export| export == (function, arity))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::testing::{V1_0, V1_1, V1_2, catalog};

    #[test]
    fn a_lost_function_is_joined_with_what_is_known_about_it() {
        let upgrade = catalog().upgrade(V1_0, V1_1).unwrap();
        let state = upgrade.function_fate("c2s", "state", 1).unwrap();
        assert_eq!(state.status, FunctionStatus::ModuleRemoved);
        assert_eq!(state.instead(), "c2s_data:get(Data)");
        let send = upgrade.function_fate("c2s", "send", 2).unwrap();
        assert_eq!(send.entry().unwrap().note, "The module is gone.");
        let lost = upgrade.function_fate("lib", "lost", 1).unwrap();
        assert_eq!(lost.status, FunctionStatus::Removed);
        assert!(lost.entry().is_none());
        let same = upgrade.function_fate("lib", "same", 1).unwrap();
        assert_eq!(same.status, FunctionStatus::Changed);
        assert!(upgrade.function_fate("lib", "lost", 2).is_none());
        assert!(upgrade.function_fate("lib", "same", 2).is_none());
        assert!(upgrade.function_fate("util", "id", 1).is_none());
        assert!(upgrade.function_fate("mod_acme", "id", 1).is_none());
    }

    #[test]
    fn a_function_that_came_back_is_not_lost() {
        let upgrade = catalog().upgrade(V1_0, V1_2).unwrap();
        assert!(upgrade.function_fate("lib", "lost", 1).is_none());
        assert!(upgrade.function_fate("c2s", "state", 1).is_some());
    }

    #[test]
    fn headers_and_records() {
        let upgrade = catalog().upgrade(V1_0, V1_1).unwrap();
        assert_eq!(upgrade.header_fate("c2s.hrl").unwrap().name, "c2s.hrl");
        assert_eq!(upgrade.header_fate("server/include/c2s.hrl").unwrap().name, "c2s.hrl");
        assert!(upgrade.header_fate("jid.hrl").is_none());
        assert!(upgrade.record_fate("state").unwrap().lost.gone);
        let jid = upgrade.record_fate("jid").unwrap();
        assert!(jid.lacks("user") && !jid.lacks("server") && !jid.lost.gone);
        assert!(upgrade.is_removed_macro("TIMEOUT"));
        assert_eq!(upgrade.header_needles(), ["c2s.hrl"]);
    }

    #[test]
    fn functions_that_are_gone_or_different_are_known_by_module() {
        let upgrade = catalog().upgrade(V1_0, V1_1).unwrap();
        let changed = upgrade.changed_functions();
        let mut modules: Vec<_> = changed.keys().copied().collect();
        modules.sort_unstable();
        assert_eq!(modules, ["c2s", "lib"]);
        assert_eq!(changed["c2s"], None);
        assert!(changed["lib"].as_ref().unwrap().contains("lost"));
        assert!(!changed["lib"].as_ref().unwrap().contains("kept"));
        let same = catalog().upgrade(V1_1, V1_1).unwrap();
        assert!(same.changed_functions().is_empty());
        assert!(same.function_fate("c2s", "state", 1).is_none());
    }

    #[test]
    fn messages_have_a_tag_and_a_size() {
        assert_eq!(message("{route, From, To, Acc}"), ("route", Some(4)));
        assert_eq!(message("replaced"), ("replaced", None));
        let upgrade = Upgrade::between("6.0.0".parse().unwrap(), "6.1.0".parse().unwrap()).unwrap();
        assert!(upgrade.message_fate("route", Some(4)).is_some());
        assert!(upgrade.message_fate("route", Some(2)).is_none());
        assert!(upgrade.message_fate("replaced", None).is_none());
        assert!(upgrade.session_message_fate("replaced", None).is_some());
        assert!(upgrade.session_message_fate("replaced", Some(2)).is_none());
        assert!(upgrade.message_needles().contains(&"route".to_owned()));
    }

    #[test]
    fn what_is_known_only_from_people_counts_as_well() {
        let mut catalog = catalog();
        for known in &mut catalog.releases {
            known.api = None;
        }
        let upgrade = catalog.upgrade(V1_0, V1_1).unwrap();
        assert!(!upgrade.knows_api());
        let fate = upgrade.function_fate("c2s", "state", 1).unwrap();
        assert_eq!(fate.status, FunctionStatus::Removed);
        assert!(upgrade.function_fate("lib", "lost", 1).is_none());
    }
}
