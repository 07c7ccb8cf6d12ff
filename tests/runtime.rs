//! What rewrites do when they run: the modules of `corpus/fixes` before and after, each driven by stand-ins for the
//! server of its release (`corpus/runtime`), and their traces compared. All modules of a release share one Erlang VM.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde::Deserialize;

const BEFORE: &str = "6.0.0";
const AFTER: &str = "6.1.0";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

// --- The modules ---

/// A module of `corpus/fixes`, with what is said about it beside it.
#[derive(Debug)]
struct Case {
    /// `recipe/name`.
    name: String,
    before: PathBuf,
    /// None when the module must not be touched.
    after: Option<PathBuf>,
    sidecar: Sidecar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sidecar {
    applicability: Option<Applicability>,
    /// What a module that must not be touched is, and why.
    kept: Option<String>,
    /// The groups of events it is driven with, instead of all that are the default.
    drive: Option<Vec<String>>,
    /// Releases that a module that is not touched can run in; both unless said otherwise.
    releases: Option<Vec<String>>,
    #[serde(default)]
    differences: Vec<Explained>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Applicability {
    Safe,
    Unsafe,
}

/// A difference that is right, since the releases differ.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Explained {
    event: String,
    why: String,
    #[serde(default)]
    lost: Vec<String>,
    #[serde(default)]
    gained: Vec<String>,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = directories(&root().join("corpus/fixes"))
        .iter()
        .flat_map(|recipe| entries(recipe).into_iter().map(move |path| (recipe.clone(), path)))
        .filter_map(|(recipe, path)| {
            let name = path.file_name()?.to_str()?.strip_suffix(".before.erl")?.to_owned();
            let beside = |end: &str| recipe.join(format!("{name}{end}"));
            let after = Some(beside(".after.erl")).filter(|path| path.exists());
            let sidecar = read_sidecar(&beside(".toml"));
            let name = format!("{}/{name}", recipe.file_name()?.to_str()?);
            Some(Case { name, before: path, after, sidecar })
        })
        .collect();
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    cases
}

fn read_sidecar(path: &Path) -> Sidecar {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn directories(directory: &Path) -> Vec<PathBuf> {
    entries(directory).into_iter().filter(|path| path.is_dir()).collect()
}

// --- Running them ---

/// A module to be driven in a release.
struct Job {
    name: String,
    path: PathBuf,
    drive: Option<Vec<String>>,
}

/// What could be seen of a module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Trace {
    /// What the compiler said; the module did not run when it says so.
    warnings: Vec<String>,
    not_compiled: Vec<String>,
    events: Vec<Event>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Event {
    name: String,
    /// Erlang terms, one on a line.
    seen: Vec<String>,
}

/// Drives modules in the world of a release.
fn drive(release: &str, jobs: &[Job]) -> BTreeMap<String, Trace> {
    let directory = tempfile::tempdir().unwrap();
    let job_file = directory.path().join("jobs.config");
    let text: String = jobs.iter().map(job_term).collect();
    std::fs::write(&job_file, text).unwrap();
    let output = Command::new("escript")
        .arg(root().join("corpus/runtime/run.escript"))
        .arg(release)
        .arg(&job_file)
        .output()
        .unwrap_or_else(|error| panic!("escript cannot be run ({error}); ./test installs Erlang"));
    parse(&output)
}

fn job_term(job: &Job) -> String {
    let groups = job.drive.as_ref().map_or_else(|| "default".to_owned(), |groups| format!("[{}]", groups.join(",")));
    format!("{{{:?}, {:?}, {groups}}}.\n", job.name, job.path.to_str().unwrap())
}

fn parse(output: &Output) -> BTreeMap<String, Trace> {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the stand-ins do not run:\n{said}");
    let mut traces: BTreeMap<String, Trace> = BTreeMap::new();
    let mut name = String::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let argument = |tag: &str| line.strip_prefix(tag).and_then(|rest| rest.strip_suffix("}."));
        if let Some(job) = argument("{job,") {
            job.trim_matches('"').clone_into(&mut name);
            traces.insert(name.clone(), Trace::default());
            continue;
        }
        let trace = traces.get_mut(&name).unwrap_or_else(|| panic!("before the first job: {line}"));
        if let Some(warnings) = argument("{compiled,") {
            trace.warnings.extend(Some(warnings.to_owned()).filter(|warnings| warnings != "[]"));
        } else if let Some(errors) = argument("{not_compiled,") {
            trace.not_compiled.push(errors.to_owned());
        } else if let Some(event) = argument("{event,") {
            trace.events.push(Event { name: event.to_owned(), seen: Vec::new() });
        } else {
            trace.events.last_mut().unwrap().seen.push(line.trim_end_matches('.').to_owned());
        }
    }
    traces
}

/// Drives both sides at the same time, as there is a VM for each.
fn drive_both(before: &[Job], after: &[Job]) -> (BTreeMap<String, Trace>, BTreeMap<String, Trace>) {
    std::thread::scope(|scope| {
        let before = scope.spawn(|| drive(BEFORE, before));
        let after = drive(AFTER, after);
        (before.join().unwrap(), after)
    })
}

// --- Comparing ---

/// What is seen in an event in only one of two traces.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Difference {
    event: String,
    lost: Vec<String>,
    gained: Vec<String>,
}

/// As it has to be written into a sidecar.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "[[differences]]\nevent = \"{}\"\nwhy = \"\"", self.event)?;
        for (key, entries) in [("lost", &self.lost), ("gained", &self.gained)] {
            if !entries.is_empty() {
                writeln!(f, "{key} = [")?;
                entries.iter().try_for_each(|entry| writeln!(f, "  '''{entry}''',"))?;
                writeln!(f, "]")?;
            }
        }
        Ok(())
    }
}

fn differences(before: &Trace, after: &Trace) -> Vec<Difference> {
    if !before.not_compiled.is_empty() || !after.not_compiled.is_empty() {
        let (lost, gained) = (before.not_compiled.clone(), after.not_compiled.clone());
        return vec![Difference { event: "compile".to_owned(), lost, gained }];
    }
    let names = |trace: &Trace| -> Vec<String> { trace.events.iter().map(|event| event.name.clone()).collect() };
    let (before_names, after_names) = (names(before), names(after));
    if before_names != after_names {
        return vec![Difference { event: "world".to_owned(), lost: before_names, gained: after_names }];
    }
    let events = before.events.iter().zip(&after.events);
    events.filter_map(|(before, after)| difference(before, after)).collect()
}

fn difference(before: &Event, after: &Event) -> Option<Difference> {
    let (lost, gained) = only_in_one(&before.seen, &after.seen);
    let any = !lost.is_empty() || !gained.is_empty();
    any.then(|| Difference { event: before.name.clone(), lost, gained })
}

/// What is not part of the longest common subsequence.
fn only_in_one(before: &[String], after: &[String]) -> (Vec<String>, Vec<String>) {
    let mut common = vec![vec![0_usize; after.len() + 1]; before.len() + 1];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            common[i][j] = if before[i] == after[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let (mut lost, mut gained) = (Vec::new(), Vec::new());
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == after.len() || (i < before.len() && common[i + 1][j] >= common[i][j + 1]) {
            lost.push(before[i].clone());
            i += 1;
        } else {
            gained.push(after[j].clone());
            j += 1;
        }
    }
    (lost, gained)
}

/// What remains when the differences that the servers have without any module are taken out. These are taken out of an
/// event only when all of them are there: a module that changes one of them has a difference of its own.
fn beyond_the_servers(found: Vec<Difference>, servers: &[Difference]) -> Vec<Difference> {
    let mut remaining = found;
    for difference in &mut remaining {
        let Some(own) = servers.iter().find(|own| own.event == difference.event) else { continue };
        let lost = without(&difference.lost, &own.lost);
        let gained = without(&difference.gained, &own.gained);
        if let (Some(lost), Some(gained)) = (lost, gained) {
            (difference.lost, difference.gained) = (lost, gained);
        }
    }
    remaining.retain(|difference| !difference.lost.is_empty() || !difference.gained.is_empty());
    remaining
}

/// The entries without those of another list, each taken out once; None if one is not there.
fn without(entries: &[String], out: &[String]) -> Option<Vec<String>> {
    let mut left = entries.to_vec();
    for entry in out {
        let at = left.iter().position(|it| it == entry)?;
        left.remove(at);
    }
    Some(left)
}

/// A module without any handlers, for what the servers do by themselves.
const NO_HANDLERS: &str = "-module(mod_without_handlers).
-behaviour(gen_mod).
-export([start/2, stop/1]).

start(_HostType, _Opts) -> ok.

stop(_HostType) -> ok.
";

const ALL_GROUPS: [&str; 15] = [
    "messages",
    "iqs",
    "presences",
    "elements",
    "others",
    "api",
    "pings",
    "ping_errors",
    "rooms",
    "inbox",
    "broadcasts",
    "roster_broadcasts",
    "pep",
    "login",
    "delays",
];

/// What differs between the releases without a module.
static SERVERS: LazyLock<Vec<Difference>> = LazyLock::new(|| {
    let groups = ALL_GROUPS.map(str::to_owned).to_vec();
    let traces = traces_of_texts(&[(NO_HANDLERS, NO_HANDLERS)], Some(&groups));
    let (before, after) = &traces[0];
    differences(before, after)
});

/// The traces of texts before and after, in this order.
fn traces_of_texts(texts: &[(&str, &str)], groups: Option<&[String]>) -> Vec<(Trace, Trace)> {
    let directory = tempfile::tempdir().unwrap();
    let job = |index: usize, side: &str, text: &str| {
        let name = module_name(text);
        let under = directory.path().join(format!("{index}/{side}"));
        std::fs::create_dir_all(&under).unwrap();
        let path = under.join(format!("{name}.erl"));
        std::fs::write(&path, text).unwrap();
        Job { name: index.to_string(), path, drive: groups.map(<[String]>::to_vec) }
    };
    let before: Vec<Job> = texts.iter().enumerate().map(|(index, (text, _))| job(index, "before", text)).collect();
    let after: Vec<Job> = texts.iter().enumerate().map(|(index, (_, text))| job(index, "after", text)).collect();
    let (mut before, mut after) = drive_both(&before, &after);
    let names = (0..texts.len()).map(|index| index.to_string());
    names.map(|name| (before.remove(&name).unwrap(), after.remove(&name).unwrap())).collect()
}

fn module_name(text: &str) -> &str {
    let behind = text.split_once("-module(").expect("a module has a name").1;
    behind.split_once(')').expect("an attribute ends").0
}

/// How handlers behave differently after a rewrite, beyond what the releases do differently by themselves. For each
/// pair of texts (before, after) of the same module.
fn compare(texts: &[(&str, &str)]) -> Vec<Vec<Difference>> {
    let traces = traces_of_texts(texts, None);
    traces.iter().map(|(before, after)| beyond_the_servers(differences(before, after), &SERVERS)).collect()
}

// --- Tests ---

#[test]
fn every_recipe_has_a_plain_case_a_nasty_one_and_one_to_be_kept() {
    let mut kinds: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for case in cases() {
        let (recipe, name) = case.name.split_once('/').unwrap();
        let kind = match case.after {
            None => "kept",
            Some(_) if name.starts_with("nasty") => "nasty",
            Some(_) => "plain",
        };
        kinds.entry(recipe.to_owned()).or_default().insert(kind);
        let (applicability, kept) = (case.sidecar.applicability, &case.sidecar.kept);
        let what_it_says = (applicability.is_some(), kept.is_some());
        assert_eq!(what_it_says, (case.after.is_some(), case.after.is_none()), "{}", case.name);
    }
    let recipes: Vec<&str> = kinds.keys().map(String::as_str).collect();
    for number in 1..=14 {
        let prefix = format!("r{number:02}_");
        assert!(recipes.iter().any(|recipe| recipe.starts_with(&prefix)), "nothing for recipe {number}");
    }
    for (recipe, kinds) in kinds {
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["kept", "nasty", "plain"], "{recipe}");
    }
}

#[test]
fn every_case_behaves_as_is_said() {
    let cases = cases();
    let runs_in = |case: &Case, release: &str| {
        case.sidecar.releases.as_ref().is_none_or(|releases| releases.iter().any(|it| it == release))
    };
    let job = |case: &Case, path: &Path| Job {
        name: case.name.clone(),
        path: path.to_owned(),
        drive: case.sidecar.drive.clone(),
    };
    let before = cases.iter().filter(|case| runs_in(case, BEFORE)).map(|case| job(case, &case.before)).collect::<Vec<_>>();
    let after = cases.iter().filter(|case| runs_in(case, AFTER));
    let after: Vec<Job> = after.map(|case| job(case, case.after.as_ref().unwrap_or(&case.before))).collect();
    let (before, after) = drive_both(&before, &after);
    let problems: String =
        cases.iter().map(|case| problems(case, before.get(&case.name), after.get(&case.name))).collect();
    assert!(problems.is_empty(), "{problems}");
}

/// What a case does otherwise than is said beside it.
fn problems(case: &Case, before: Option<&Trace>, after: Option<&Trace>) -> String {
    let mut problems = String::new();
    for (release, trace) in [(BEFORE, before), (AFTER, after)] {
        // A module that is not touched may call what is gone.
        let excused = case.after.is_none() && release == AFTER;
        if let Some(trace) = trace.filter(|_| !excused) {
            let said = trace.warnings.iter().chain(&trace.not_compiled);
            said.for_each(|said| writeln!(problems, "{} in {release}: {said}", case.name).unwrap());
        }
    }
    let (Some(before), Some(after)) = (before, after) else { return problems };
    let found = beyond_the_servers(differences(before, after), &SERVERS);
    let explained = &case.sidecar.differences;
    for difference in &found {
        let is_it = |it: &&Explained| {
            (&it.event, &it.lost, &it.gained) == (&difference.event, &difference.lost, &difference.gained)
        };
        if !explained.iter().any(|it| is_it(&it)) {
            writeln!(problems, "{} has a difference that its sidecar does not:\n{difference}", case.name).unwrap();
        }
    }
    for it in explained {
        if !found.iter().any(|found| found.event == it.event && found.lost == it.lost && found.gained == it.gained) {
            writeln!(problems, "{} does not differ in {} as its sidecar says", case.name, it.event).unwrap();
        }
        if it.why.is_empty() {
            writeln!(problems, "{} does not say why it differs in {}", case.name, it.event).unwrap();
        }
    }
    problems
}
