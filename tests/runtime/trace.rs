//! Driving modules in both worlds, and comparing what could be seen.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

use hookshift::catalog::Catalog;

use crate::{AFTER, BEFORE, OLDEST, root};

/// What is driven in a release.
pub struct Job {
    pub name: String,
    pub what: What,
    pub drive: Option<Vec<String>>,
}

pub enum What {
    /// The source of a module.
    Module(PathBuf),
    Project {
        sources: Vec<PathBuf>,
        /// The modules to start, in this order.
        started: Vec<String>,
        /// The module among the sources that has the project's own events.
        events: &'static str,
    },
}

impl What {
    /// As the VM takes it.
    fn term(&self) -> String {
        let text = |path: &PathBuf| format!("{:?}", path.to_str().unwrap());
        match self {
            Self::Module(path) => text(path),
            Self::Project { sources, started, events } => {
                let sources: Vec<String> = sources.iter().map(text).collect();
                format!("{{project, [{}], [{}], {events}}}", sources.join(", "), started.join(", "))
            }
        }
    }
}

/// What could be seen of a module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// What the compiler said; the module did not run when it says so.
    pub warnings: Vec<String>,
    pub not_compiled: Vec<String>,
    pub events: Vec<Event>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub name: String,
    /// Erlang terms, one on a line.
    pub seen: Vec<String>,
}

/// The VM in which the modules of a release run, one after the other, for all tests.
struct Vm {
    /// Its input is closed when the tests end, which is what ends it.
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Vm {
    fn start(release: &str) -> Mutex<Self> {
        let mut child = Command::new("escript")
            .arg(root().join("corpus/runtime/run.escript"))
            .arg(release)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("escript cannot be run ({error}); ./test installs Erlang"));
        let output = BufReader::new(child.stdout.take().unwrap());
        Mutex::new(Self { child, output })
    }

    /// What is printed for a file of jobs.
    fn run(&mut self, jobs: &Path) -> Vec<String> {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{}", jobs.display()).expect("the stand-ins run; what they say stands above");
        let mut printed = Vec::new();
        for line in self.output.by_ref().lines() {
            match line.unwrap() {
                done if done == "done." => return printed,
                line => printed.push(line),
            }
        }
        let status = self.child.wait().unwrap();
        panic!("the VM ended with {status}; what it says stands above, and this is what it printed: {printed:#?}");
    }
}

/// The releases that have a world, each with its VM once it was asked for.
static VMS: LazyLock<BTreeMap<String, OnceLock<Mutex<Vm>>>> = LazyLock::new(|| {
    let releases = Catalog::embedded().releases().map(|release| release.to_string());
    releases.chain([OLDEST.to_owned()]).map(|release| (release, OnceLock::new())).collect()
});

fn vm(release: &str) -> &'static Mutex<Vm> {
    let vm = VMS.get(release).unwrap_or_else(|| panic!("there is no world for {release}"));
    vm.get_or_init(|| Vm::start(release))
}

/// Drives modules in the world of a release.
fn drive(release: &str, jobs: &[Job]) -> BTreeMap<String, Trace> {
    if jobs.is_empty() {
        return BTreeMap::new();
    }
    let directory = tempfile::tempdir().unwrap();
    let job_file = directory.path().join("jobs.config");
    let text: String = jobs.iter().map(job_term).collect();
    std::fs::write(&job_file, text).unwrap();
    // Another test that failed says so by itself.
    let mut vm = vm(release).lock().unwrap_or_else(PoisonError::into_inner);
    parse(&vm.run(&job_file))
}

fn job_term(job: &Job) -> String {
    let groups = job.drive.as_ref().map_or_else(|| "default".to_owned(), |groups| groups.join(","));
    format!("{{{:?}, {}, [{groups}]}}.\n", job.name, job.what.term())
}

fn parse(printed: &[String]) -> BTreeMap<String, Trace> {
    let mut traces: BTreeMap<String, Trace> = BTreeMap::new();
    let mut name = String::new();
    for line in printed {
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

/// Drives both sides at the same time.
pub fn drive_both(before: &[Job], after: &[Job]) -> (BTreeMap<String, Trace>, BTreeMap<String, Trace>) {
    let [before, after] = drive_all([(BEFORE, before), (AFTER, after)]);
    (before, after)
}

/// Drives modules in several releases at the same time.
pub fn drive_all<const N: usize>(sides: [(&str, &[Job]); N]) -> [BTreeMap<String, Trace>; N] {
    std::thread::scope(|scope| {
        let driven = sides.map(|(release, jobs)| scope.spawn(move || drive(release, jobs)));
        driven.map(|side| side.join().unwrap())
    })
}

/// What is seen in an event in only one of two traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub event: String,
    pub lost: Vec<String>,
    pub gained: Vec<String>,
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

pub fn differences(before: &Trace, after: &Trace) -> Vec<Difference> {
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
            common[i][j] =
                if before[i] == after[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
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
pub fn beyond_the_servers(found: Vec<Difference>, servers: &[Difference]) -> Vec<Difference> {
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
pub const NO_HANDLERS: &str = "-module(mod_without_handlers).
-behaviour(gen_mod).
-export([start/2, stop/1]).

start(_HostType, _Opts) -> ok.

stop(_HostType) -> ok.
";

const ALL_GROUPS: [&str; 25] = [
    "messages",
    "iqs",
    "presences",
    "elements",
    "others",
    "api",
    "api_blocked",
    "pings",
    "ping_errors",
    "rooms",
    "inbox",
    "broadcasts",
    "roster_broadcasts",
    "pep",
    "login",
    "ending",
    "accounts",
    "failed_logins",
    "offline",
    "rosters",
    "discovery",
    "accounts_of_others",
    "archives",
    "memberships",
    "delays",
];

/// What can be seen of the servers without a module, by release.
static WITHOUT_HANDLERS: LazyLock<BTreeMap<&str, OnceLock<Trace>>> =
    LazyLock::new(|| VMS.keys().map(|release| (release.as_str(), OnceLock::new())).collect());

/// What can be seen of the server of a release without a module, whatever happens to it.
pub fn server_alone(release: &str) -> &'static Trace {
    let trace = WITHOUT_HANDLERS.get(release).unwrap_or_else(|| panic!("there is no world for {release}"));
    trace.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mod_without_handlers.erl");
        std::fs::write(&path, NO_HANDLERS).unwrap();
        let groups = ALL_GROUPS.map(str::to_owned).to_vec();
        let job = Job { name: "servers".to_owned(), what: What::Module(path), drive: Some(groups) };
        drive(release, &[job]).remove("servers").unwrap()
    })
}

/// What differs between two releases without a module.
pub fn servers(from: &str, to: &str) -> Vec<Difference> {
    differences(server_alone(from), server_alone(to))
}

/// What differs between the releases without a module.
pub static SERVERS: LazyLock<Vec<Difference>> = LazyLock::new(|| servers(BEFORE, AFTER));

/// A module before and after, and what it is driven with when that is not the default.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    pub before: &'a str,
    pub after: &'a str,
    pub drive: Option<&'a [String]>,
}

/// The traces of modules before and after, in the order in which they are given.
pub fn traces_of_texts(modules: &[Texts]) -> Vec<(Trace, Trace)> {
    traces_between([BEFORE, AFTER], modules)
}

/// The same for any two releases.
pub fn traces_between(releases: [&str; 2], modules: &[Texts]) -> Vec<(Trace, Trace)> {
    let directory = tempfile::tempdir().unwrap();
    let job = |index: usize, side: &str, text: &str, drive: Option<&[String]>| {
        let under = directory.path().join(format!("{index}/{side}"));
        std::fs::create_dir_all(&under).unwrap();
        let path = under.join(format!("{}.erl", module_name(text)));
        std::fs::write(&path, text).unwrap();
        Job { name: index.to_string(), what: What::Module(path), drive: drive.map(<[String]>::to_vec) }
    };
    let numbered = || modules.iter().enumerate();
    let before: Vec<Job> = numbered().map(|(index, it)| job(index, "before", it.before, it.drive)).collect();
    let after: Vec<Job> = numbered().map(|(index, it)| job(index, "after", it.after, it.drive)).collect();
    let [mut before, mut after] = drive_all([(releases[0], &before), (releases[1], &after)]);
    let names = (0..modules.len()).map(|index| index.to_string());
    names.map(|name| (before.remove(&name).unwrap(), after.remove(&name).unwrap())).collect()
}

pub fn module_name(text: &str) -> &str {
    let behind = text.split_once("-module(").expect("a module has a name").1;
    behind.split_once(')').expect("an attribute ends").0
}

/// How modules behave differently after a rewrite, beyond what the releases do differently by themselves.
pub fn compare(modules: &[Texts]) -> Vec<Vec<Difference>> {
    let traces = traces_of_texts(modules);
    traces.iter().map(|(before, after)| beyond_the_servers(differences(before, after), &SERVERS)).collect()
}
