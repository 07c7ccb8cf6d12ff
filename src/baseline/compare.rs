//! A baseline held against what a run found.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::names::canonical;
use super::{Baseline, Entry, Names};
use crate::finding::Finding;
use crate::fingerprint::Fingerprint;

/// What a run looked at, and so could have found something in.
#[derive(Debug, Default)]
pub struct Looked {
    /// Names of files that were read and understood from start to end.
    whole: HashSet<String>,
    /// Files and directories, canonical, below which all was looked for.
    roots: Vec<PathBuf>,
}

impl Looked {
    /// At `files`, which were looked for in `roots`. Parts of files in `incomplete` are not understood, so nothing is known
    /// of what is not found there.
    pub fn at<'p>(
        files: impl IntoIterator<Item = &'p Path>,
        incomplete: impl IntoIterator<Item = &'p Path>,
        roots: &[PathBuf],
        names: &mut Names,
    ) -> Self {
        let incomplete: HashSet<&Path> = incomplete.into_iter().collect();
        let whole = files.into_iter().filter(|path| !incomplete.contains(path)).map(|path| names.of(path));
        Self { whole: whole.collect(), roots: roots.iter().map(|root| canonical(root)).collect() }
    }
}

/// What is to be said of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is still found.
    Known,
    /// It is not found any more.
    Fixed,
    /// Its rule is switched off, so nobody looked.
    RuleOff,
    /// There is no such rule, in this version.
    NoRule,
    /// Its file was not looked at, or not all of it.
    NotLooked,
}

/// What became of a comparison.
#[derive(Debug, Default)]
pub struct Compared {
    /// The baseline.
    pub path: PathBuf,
    /// For each finding, in their order, whether it is known.
    pub known: Vec<bool>,
    /// The entries, sorted, each with its verdict. Path and line of one that is known are those that it has now.
    pub entries: Vec<(Entry, Verdict)>,
}

impl Compared {
    /// The entries with a verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |(_, it)| *it == verdict).map(|(entry, _)| entry)
    }

    /// How many entries have a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.with(verdict).count()
    }
}

/// Holds a baseline against findings, which are sorted, and of which none was left out. `is_on` says whether a rule is, and
/// `None` where there is none of that name.
///
/// A finding takes an entry of its own file, and else one whose file is gone: modules move, and their names stay. Each
/// entry is taken once, so that one more of what is known is new.
#[must_use]
pub fn compare(
    baseline: &Baseline,
    findings: &[Finding],
    names: &mut Names,
    looked: &Looked,
    is_on: impl Fn(&str) -> Option<bool>,
) -> Compared {
    let found = Entry::of_all(findings, names);
    let is_gone = |entry: &Entry| names.path(&entry.path).symlink_metadata().is_err();
    let mut free = Free::new(&baseline.entries);
    let mut entry_of: Vec<Option<usize>> =
        found.iter().map(|it| free.take(it, |entry| entry.path == it.path)).collect();
    for (it, taken) in found.iter().zip(&mut entry_of) {
        *taken = taken.or_else(|| free.take(it, is_gone));
    }
    let mut entries: Vec<(Entry, Verdict)> = baseline
        .entries
        .iter()
        .map(|entry| {
            let could_be_found =
                || looked.whole.contains(&entry.path) || is_gone(entry) && looked.is_below(names, entry);
            let verdict = match is_on(&entry.rule) {
                None => Verdict::NoRule,
                Some(false) => Verdict::RuleOff,
                Some(true) if could_be_found() => Verdict::Fixed,
                Some(true) => Verdict::NotLooked,
            };
            (entry.clone(), verdict)
        })
        .collect();
    for (it, taken) in found.iter().zip(&entry_of) {
        if let Some(at) = *taken {
            entries[at] = (it.clone(), Verdict::Known);
        }
    }
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    Compared { path: baseline.path.clone(), known: entry_of.iter().map(Option::is_some).collect(), entries }
}

impl Looked {
    fn is_below(&self, names: &Names, entry: &Entry) -> bool {
        let path = names.path(&entry.path);
        self.roots.iter().any(|root| path.starts_with(root))
    }
}

/// The entries that no finding has taken, by fingerprint.
struct Free<'b> {
    entries: &'b [Entry],
    by_fingerprint: HashMap<Fingerprint, Vec<usize>>,
}

impl<'b> Free<'b> {
    fn new(entries: &'b [Entry]) -> Self {
        let mut by_fingerprint: HashMap<Fingerprint, Vec<usize>> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            by_fingerprint.entry(entry.fingerprint).or_default().push(at);
        }
        Self { entries, by_fingerprint }
    }

    /// Takes the first entry for a finding that will do.
    fn take(&mut self, finding: &Entry, will_do: impl Fn(&Entry) -> bool) -> Option<usize> {
        let free = self.by_fingerprint.get_mut(&finding.fingerprint)?;
        let at = free.iter().position(|&at| will_do(&self.entries[at]))?;
        Some(free.remove(at))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::finding::{Place, Severity};
    use crate::scratch::Scratch;
    use crate::source::{Source, Span};

    /// A project in a directory, with a baseline beside it, in which every `gone` is a finding.
    struct Project {
        root: Scratch,
    }

    impl Project {
        fn new(files: &[(&str, &str)]) -> Self {
            Self { root: Scratch::of(files) }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.root.path(name)
        }

        fn write(&self, name: &str, text: &str) {
            self.root.write(name, text);
        }

        fn rename(&self, from: &str, to: &str) {
            std::fs::create_dir_all(self.path(to).parent().unwrap()).unwrap();
            std::fs::rename(self.path(from), self.path(to)).unwrap();
        }

        fn findings(&self, files: &[&str]) -> Vec<Finding> {
            let mut findings = Vec::new();
            for name in files {
                let source = Arc::new(Source::read(&self.path(name)).unwrap());
                let places: Vec<_> =
                    source.text().match_indices("gone").map(|(at, it)| Span::new(at, at + it.len())).collect();
                let finding = |span| Finding::new("removed-hook", Severity::Error, Place::new(&source, span), "gone");
                findings.extend(places.into_iter().map(finding));
            }
            findings.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
            findings
        }

        fn baseline(&self, files: &[&str]) -> Baseline {
            let mut baseline = Baseline { path: self.path("b.toml"), entries: Vec::new() };
            baseline.entries = Entry::of_all(&self.findings(files), &mut baseline.names());
            baseline.entries.sort();
            baseline
        }

        /// What is new, as lines of code, and what is fixed, as paths, in a run over files that were looked for in roots.
        fn compared(&self, baseline: &Baseline, files: &[&str], roots: &[&str]) -> (Vec<String>, Vec<String>) {
            let findings = self.findings(files);
            let mut names = baseline.names();
            let paths: Vec<PathBuf> = files.iter().map(|name| self.path(name)).collect();
            let roots: Vec<PathBuf> = roots.iter().map(|name| self.path(name)).collect();
            let looked = Looked::at(paths.iter().map(PathBuf::as_path), [], &roots, &mut names);
            let compared = compare(baseline, &findings, &mut names, &looked, |_| Some(true));
            let new = findings.iter().zip(&compared.known).filter(|(_, known)| !**known);
            let new = new.map(|(finding, _)| crate::fingerprint::line(finding)).collect();
            (new, compared.with(Verdict::Fixed).map(|entry| entry.path.clone()).collect())
        }
    }

    const NOTHING: [&str; 0] = [];

    #[test]
    fn one_of_two_alike_stays_known_and_one_more_is_new() {
        let project = Project::new(&[("a.erl", "gone,\ngone,\n")]);
        let baseline = project.baseline(&["a.erl"]);
        project.write("a.erl", "ok,\ngone,\n");
        assert_eq!(project.compared(&baseline, &["a.erl"], &["."]), (vec![], vec!["a.erl".to_owned()]));
        project.write("a.erl", "gone,\ngone,\ngone,\n");
        assert_eq!(project.compared(&baseline, &["a.erl"], &["."]), (vec!["gone,".to_owned()], vec![]));
    }

    #[test]
    fn what_is_fixed_makes_no_room_for_another_one() {
        let project = Project::new(&[("a.erl", "[gone].\n"), ("b.erl", "")]);
        let baseline = project.baseline(&["a.erl"]);
        let a_fixed = vec!["a.erl".to_owned()];
        project.write("a.erl", "[gone, x].\n");
        assert_eq!(project.compared(&baseline, &["a.erl"], &["."]), (vec!["[gone, x].".to_owned()], a_fixed.clone()));
        project.write("a.erl", "");
        project.write("b.erl", "[gone].\n");
        assert_eq!(project.compared(&baseline, &["a.erl", "b.erl"], &["."]), (vec!["[gone].".to_owned()], a_fixed));
    }

    #[test]
    fn a_file_that_moved_keeps_what_is_known_of_it() {
        let project = Project::new(&[("src/a.erl", "gone\ngone\n"), ("src/b.erl", "gone")]);
        let baseline = project.baseline(&["src/a.erl", "src/b.erl"]);
        project.rename("src/a.erl", "lib/x/a.erl");
        let files = ["lib/x/a.erl", "src/b.erl"];
        assert_eq!(project.compared(&baseline, &files, &["."]), (vec![], vec![]));
        // A copy is new: what it was copied from is still there.
        project.write("lib/y/a.erl", "gone\n");
        let (new, _) = project.compared(&baseline, &["lib/x/a.erl", "lib/y/a.erl"], &["."]);
        assert_eq!(new, ["gone"]);
    }

    #[test]
    fn only_what_was_looked_at_can_be_fixed() {
        let project = Project::new(&[("src/a.erl", "gone"), ("src/b.erl", "gone"), ("lib/c.erl", "gone")]);
        let baseline = project.baseline(&["src/a.erl", "src/b.erl", "lib/c.erl"]);
        project.write("src/a.erl", "");
        assert_eq!(project.compared(&baseline, &["src/b.erl"], &["src/b.erl"]).1, NOTHING);
        assert_eq!(project.compared(&baseline, &["src/a.erl"], &["src/a.erl"]).1, ["src/a.erl"]);
        // A file that is gone is missed by those who look where it was.
        std::fs::remove_file(project.path("src/b.erl")).unwrap();
        assert_eq!(project.compared(&baseline, &["src/a.erl"], &["src/a.erl"]).1, ["src/a.erl"]);
        assert_eq!(project.compared(&baseline, &["src/a.erl"], &["src"]).1, ["src/a.erl", "src/b.erl"]);
        assert_eq!(project.compared(&baseline, &["lib/c.erl"], &["lib"]).1, NOTHING);
    }

    #[test]
    fn modules_of_one_name_are_known_each_by_its_own_file() {
        let project = Project::new(&[("x/a.erl", "gone"), ("y/a.erl", "gone")]);
        let both = project.baseline(&["x/a.erl", "y/a.erl"]);
        assert_eq!(project.compared(&both, &["y/a.erl"], &["y"]), (vec![], vec![]));
        let one = project.baseline(&["x/a.erl"]);
        assert_eq!(project.compared(&one, &["y/a.erl"], &["y"]), (vec!["gone".to_owned()], vec![]));
    }

    #[test]
    fn of_rules_that_do_not_run_nothing_is_fixed() {
        let project = Project::new(&[("a.erl", "gone")]);
        let mut baseline = project.baseline(&["a.erl"]);
        baseline.entries.push(Entry { rule: "no-such-rule".to_owned(), ..baseline.entries[0].clone() });
        baseline.entries.push(Entry { rule: "changed-stop".to_owned(), ..baseline.entries[0].clone() });
        let mut names = baseline.names();
        let looked = Looked::at([project.path("a.erl").as_path()], [], &[project.path(".")], &mut names);
        let is_on = |rule: &str| (rule != "no-such-rule").then_some(rule != "changed-stop");
        let compared = compare(&baseline, &[], &mut names, &looked, is_on);
        let verdicts: Vec<_> =
            compared.entries.iter().map(|(entry, verdict)| (entry.rule.as_str(), *verdict)).collect();
        let expected =
            [("changed-stop", Verdict::RuleOff), ("no-such-rule", Verdict::NoRule), ("removed-hook", Verdict::Fixed)];
        assert_eq!(verdicts, expected);
        assert_eq!(compared.count(Verdict::Fixed), 1);
    }

    #[test]
    fn where_a_file_is_not_understood_nothing_is_fixed() {
        let project = Project::new(&[("a.erl", "gone")]);
        let baseline = project.baseline(&["a.erl"]);
        let mut names = baseline.names();
        let path = project.path("a.erl");
        let looked = Looked::at([path.as_path()], [path.as_path()], &[project.path(".")], &mut names);
        let compared = compare(&baseline, &[], &mut names, &looked, |_| Some(true));
        assert_eq!(compared.entries[0].1, Verdict::NotLooked);
    }
}
