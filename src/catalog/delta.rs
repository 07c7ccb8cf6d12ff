//! What the server's modules and headers lost from one release to another.
//!
//! Compiled by the build script as well, which compares the releases of every change file, so that a run
//! need not read ten thousand exports to know the few hundred that are gone.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::model::{Api, ApiModule, ApiRecord};

/// The difference of two releases' APIs: what the old one had and the new one lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiDelta {
    /// Modules that lost at least one export, sorted by name.
    pub modules: Vec<LostExports>,
    /// Names of headers that are gone, sorted.
    pub headers: Vec<String>,
    /// Records that are gone or lost fields, sorted by name, then by header. A record that moved to another header is
    /// not gone.
    pub records: Vec<LostRecord>,
    /// Macros (`NAME` or `NAME/arity`) that no header defines any more, sorted.
    pub macros: Vec<String>,
}

/// What one module no longer exports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostExports {
    pub module: String,
    /// Whether the whole module is gone.
    pub gone: bool,
    /// `function/arity`, separated by single blanks, sorted.
    pub exports: String,
}

/// What happened to one record of the server's headers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostRecord {
    pub name: String,
    /// The header that defined it in the old release.
    pub header: String,
    /// Whether the record is gone: its header no longer defines it, and it did not move to another.
    pub gone: bool,
    /// Names of the fields it no longer has (all of them when it is gone), in the old order.
    pub fields: Vec<String>,
}

impl ApiDelta {
    /// Compares two releases.
    #[must_use]
    pub fn between(old: &Api, new: &Api) -> Self {
        Self {
            modules: lost_modules(old, new),
            headers: lost_headers(old, new),
            records: lost_records(old, new),
            macros: macros(old).difference(&macros(new)).map(|&name| name.to_owned()).collect(),
        }
    }

    /// What a module lost.
    #[must_use]
    pub fn module(&self, name: &str) -> Option<&LostExports> {
        let at = self.modules.binary_search_by(|lost| lost.module.as_str().cmp(name));
        at.ok().map(|at| &self.modules[at])
    }

    /// What a record lost.
    #[must_use]
    pub fn record(&self, name: &str) -> Option<&LostRecord> {
        let at = self.records.binary_search_by(|lost| lost.name.as_str().cmp(name));
        at.ok().map(|at| &self.records[at])
    }
}

impl LostExports {
    /// Whether the module exported this function and does so no longer.
    #[must_use]
    pub fn has(&self, function: &str, arity: usize) -> bool {
        self.functions().any(|lost| lost == (function, arity))
    }

    /// The functions that are gone, with their arities.
    pub fn functions(&self) -> impl Iterator<Item = (&str, usize)> {
        self.exports.split(' ').filter_map(split_arity)
    }
}

/// Takes `function/arity` apart.
#[must_use]
pub fn split_arity(export: &str) -> Option<(&str, usize)> {
    let (function, arity) = export.rsplit_once('/')?;
    Some((function, arity.parse().ok()?))
}

/// What the name of a function in an [`ApiChange`](super::model::ApiChange) stands for: `module:function/arity`,
/// `module:function` for all arities, or `module` for everything in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionName<'a> {
    pub module: &'a str,
    pub function: Option<&'a str>,
    pub arity: Option<usize>,
}

impl<'a> FunctionName<'a> {
    /// Takes the name apart. What is no arity stays part of the function's name.
    #[must_use]
    pub fn parse(name: &'a str) -> Self {
        let Some((module, function)) = name.split_once(':') else {
            return Self { module: name, function: None, arity: None };
        };
        let (function, arity) = match split_arity(function) {
            Some((function, arity)) => (function, Some(arity)),
            None => (function, None),
        };
        Self { module, function: Some(function), arity }
    }

    /// Whether this function is meant.
    #[must_use]
    pub fn covers(&self, module: &str, function: &str, arity: usize) -> bool {
        self.module == module
            && self.function.is_none_or(|name| name == function)
            && self.arity.is_none_or(|number| number == arity)
    }

    /// How much of the name is given: the more, the better it fits.
    #[must_use]
    pub fn precision(&self) -> usize {
        usize::from(self.function.is_some()) + usize::from(self.arity.is_some())
    }
}

fn lost_modules(old: &Api, new: &Api) -> Vec<LostExports> {
    let new: BTreeMap<&str, &ApiModule> = new.modules.iter().map(|m| (m.name.as_str(), m)).collect();
    let mut lost: Vec<_> =
        old.modules.iter().filter_map(|module| lost_exports(module, new.get(module.name.as_str()).copied())).collect();
    lost.sort_unstable_by(|a, b| a.module.cmp(&b.module));
    lost
}

fn lost_exports(old: &ApiModule, new: Option<&ApiModule>) -> Option<LostExports> {
    let now = new.map_or("", |module| module.exports.as_str());
    // Most modules stay as they are: their lists need not be taken apart.
    if new.is_some() && now == old.exports {
        return None;
    }
    let now: BTreeSet<&str> = words(now).collect();
    let lost: Vec<&str> = words(&old.exports).filter(|export| !now.contains(export)).collect();
    let gone = new.is_none();
    (gone || !lost.is_empty()).then(|| LostExports { module: old.name.clone(), gone, exports: lost.join(" ") })
}

fn lost_headers(old: &Api, new: &Api) -> Vec<String> {
    let new: BTreeSet<&str> = new.headers.iter().map(|header| header.name.as_str()).collect();
    let old: BTreeSet<&str> = old.headers.iter().map(|header| header.name.as_str()).collect();
    old.difference(&new).map(|&name| name.to_owned()).collect()
}

/// Each record is held against its namesake in the same header. Where that header no longer has it, it may have moved:
/// to a header that did not define such a record before, since two headers may well each have a record of one name.
fn lost_records(old: &Api, new: &Api) -> Vec<LostRecord> {
    let before: BTreeSet<(&str, &str)> = records(old).map(|(header, record)| (record.name.as_str(), header)).collect();
    let mut now: BTreeMap<&str, Vec<(&str, &ApiRecord)>> = BTreeMap::new();
    for (header, record) in records(new) {
        now.entry(&record.name).or_default().push((header, record));
    }
    let mut lost = Vec::new();
    for (header, record) in records(old) {
        let namesakes = now.get(record.name.as_str()).map_or(&[][..], Vec::as_slice);
        let same_header = namesakes.iter().find(|(other, _)| *other == header);
        let moved = || namesakes.iter().find(|(other, _)| !before.contains(&(record.name.as_str(), *other)));
        let still_there = same_header.or_else(moved).map(|(_, record)| words(&record.fields).collect::<BTreeSet<_>>());
        let missing =
            words(&record.fields).filter(|field| !still_there.as_ref().is_some_and(|fields| fields.contains(field)));
        let fields: Vec<String> = missing.map(str::to_owned).collect();
        let gone = still_there.is_none();
        if gone || !fields.is_empty() {
            lost.push(LostRecord { name: record.name.clone(), header: header.to_owned(), gone, fields });
        }
    }
    lost.sort_by(|a, b| (&a.name, &a.header).cmp(&(&b.name, &b.header)));
    lost
}

fn records(api: &Api) -> impl Iterator<Item = (&str, &ApiRecord)> {
    api.headers.iter().flat_map(|header| header.records.iter().map(|record| (header.name.as_str(), record)))
}

fn macros(api: &Api) -> BTreeSet<&str> {
    api.headers.iter().flat_map(|header| words(&header.macros)).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(text: &str) -> Api {
        toml::from_str(text).unwrap()
    }

    fn old() -> Api {
        api(r#"
            release = "1.0.0"
            modules = [
                { name = "a", exports = "f/1 f/2 g/0" },
                { name = "b", exports = "f/1" },
                { name = "c", exports = "f/1" },
            ]
            headers = [
                { name = "gone.hrl", macros = "LOST MOVED", records = [
                    { name = "moved", fields = "x y" }, { name = "lost", fields = "p q" } ] },
                { name = "kept.hrl", macros = "F/1", records = [{ name = "slim", fields = "a b c" }] },
            ]
        "#)
    }

    fn new() -> Api {
        api(r#"
            release = "1.1.0"
            modules = [
                { name = "a", exports = "f/2 h/0" },
                { name = "c", exports = "f/1" },
            ]
            headers = [
                { name = "kept.hrl", macros = "F/2 MOVED", records = [
                    { name = "slim", fields = "a c" }, { name = "moved", fields = "x y z" } ] },
            ]
        "#)
    }

    #[test]
    fn lost_exports_are_those_the_new_release_lacks() {
        let delta = ApiDelta::between(&old(), &new());
        let names: Vec<_> = delta.modules.iter().map(|m| (m.module.as_str(), m.gone)).collect();
        assert_eq!(names, [("a", false), ("b", true)]);
        let a = delta.module("a").unwrap();
        assert_eq!(a.functions().collect::<Vec<_>>(), [("f", 1), ("g", 0)]);
        assert!(a.has("f", 1) && !a.has("f", 2) && !a.has("h", 0));
        assert!(delta.module("c").is_none());
    }

    #[test]
    fn a_record_or_macro_that_moved_is_not_lost() {
        let delta = ApiDelta::between(&old(), &new());
        assert_eq!(delta.headers, ["gone.hrl"]);
        assert_eq!(delta.macros, ["F/1", "LOST"]);
        assert!(delta.record("moved").is_none());
        assert_eq!(delta.record("slim").unwrap().fields, ["b"]);
        let lost = delta.record("lost").unwrap();
        assert!(lost.gone);
        assert_eq!((lost.header.as_str(), lost.fields.len()), ("gone.hrl", 2));
    }

    #[test]
    fn records_of_one_name_in_two_headers_are_told_apart() {
        let header = |name: &str, fields: &str| {
            format!("{{ name = '{name}', records = [{{ name = 'state', fields = '{fields}' }}] }}")
        };
        let release =
            |headers: &[String]| api(&format!("release = '1.0.0'\nmodules = []\nheaders = [{}]", headers.join(", ")));
        let old = release(&[header("room.hrl", "room users"), header("session.hrl", "socket users")]);
        let new = release(&[header("room.hrl", "room users")]);
        let lost = ApiDelta::between(&old, &new).records;
        let [lost] = &lost[..] else { panic!("{lost:?}") };
        assert_eq!(
            (lost.header.as_str(), lost.gone, lost.fields.join(" ")),
            ("session.hrl", true, "socket users".into())
        );
    }

    #[test]
    fn a_function_name_may_leave_out_arity_and_function() {
        let name = FunctionName::parse("m:f/2");
        assert_eq!((name.function, name.arity), (Some("f"), Some(2)));
        assert!(name.covers("m", "f", 2) && !name.covers("m", "f", 1));
        assert!(FunctionName::parse("m:f").covers("m", "f", 1));
        assert!(!FunctionName::parse("m:f").covers("m", "g", 1));
        assert!(FunctionName::parse("m").covers("m", "g", 1));
        assert!(!FunctionName::parse("m").covers("n", "g", 1));
    }

    #[test]
    fn equal_releases_lose_nothing() {
        assert_eq!(ApiDelta::between(&old(), &old()), ApiDelta::default());
    }
}
