//! Many repositories, as `docs/fleet.md` has them checked: by a plain loop, by GNU parallel, and by Dask on workers of this machine.
//! All of them have to come to the same.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::docs::blocks;
use super::{FILTER, HOOKSHIFT, QUIET, command, git_repository, repository, run, succeed, tool, yaml};

/// A dozen of repositories, and the list of them.
struct Fleet {
    directory: TempDir,
    _repositories: Vec<TempDir>,
}

/// Names of those that cannot be checked: there is none, and its configuration is wrong.
const BROKEN: [&str; 2] = ["acme/gone", "acme/wrong"];

impl Fleet {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut fleet = Self { directory, _repositories: Vec::new() };
        fleet.add("acme/all", &corpus("corpus/acme/src"));
        fleet.add("acme/legacy", &corpus("corpus/legacy"));
        for number in 0..4 {
            let name = format!("mod_filter_{number}");
            fleet.add(
                &format!("filters/{name}"),
                &[(format!("src/{name}.erl"), FILTER.replace("mod_acme_filter", &name))],
            );
            fleet.add(&format!("quiet.{number}"), &[("mod_acme_quiet.erl".to_owned(), QUIET.to_owned())]);
        }
        fleet.add(
            BROKEN[1],
            &[("hookshift.toml".to_owned(), "to = 7".to_owned()), ("a.erl".to_owned(), QUIET.to_owned())],
        );
        fleet.list(BROKEN[0], &fleet.path().join("nowhere"));
        fs::create_dir(fleet.path().join("docs")).unwrap();
        std::os::unix::fs::symlink(repository().join("docs/fleet"), fleet.path().join("docs/fleet")).unwrap();
        fleet
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn add<T: AsRef<[u8]>>(&mut self, name: &str, files: &[(String, T)]) {
        let files: Vec<(&str, &T)> = files.iter().map(|(path, text)| (path.as_str(), text)).collect();
        let repository = git_repository(&files);
        self.list(name, repository.path());
        self._repositories.push(repository);
    }

    fn list(&self, name: &str, source: &Path) {
        let list = self.path().join("repositories.txt");
        let text = fs::read_to_string(&list).unwrap_or_default();
        fs::write(list, format!("{text}{name} file://{}\n", source.display())).unwrap();
    }

    /// Runs a script of the page in the directory with the list.
    fn bash(&self, script: &str) -> (Option<i32>, String, String) {
        let bin = |path: PathBuf| path.parent().unwrap().display().to_string();
        let (hookshift, python) = (bin(PathBuf::from(HOOKSHIFT)), bin(tool("python/bin/python")));
        let mut bash = command("bash", self.path());
        // Its workers are processes of its own that nobody else shall meet.
        bash.env("PATH", format!("{hookshift}:{python}:{}", std::env::var("PATH").unwrap()));
        bash.env("GIT_CONFIG_GLOBAL", "/dev/null").env("PARALLEL_HOME", self.path().join("parallel"));
        run(bash.args(["-euc", script]))
    }

    /// What is merged of a directory of reports, without the names of the files.
    fn merged(&self, reports: &str) -> Value {
        succeed(command("bash", self.path()).args(["-c", "cut -d ' ' -f 1 repositories.txt > expected.txt"]));
        let mut merge = command(HOOKSHIFT, self.path());
        let (code, stdout, stderr) =
            run(merge.args(["merge", reports, "--expect", "expected.txt", "--format", "json"]));
        assert_eq!(code, Some(2), "{stderr}");
        let mut merged: Value = serde_json::from_str(&stdout).unwrap();
        for repository in merged["repositories"].as_array_mut().unwrap() {
            repository.as_object_mut().unwrap().remove("report");
        }
        merged
    }

    fn names(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path().join("repositories.txt")).unwrap();
        text.lines().map(|line| line.split_once(' ').unwrap().0.to_owned()).collect()
    }
}

/// The modules of a directory of this repository, in whatever directories below it; of cases with a before and an after, the before.
fn corpus(directory: &str) -> Vec<(String, Vec<u8>)> {
    let below = repository().join(directory);
    let listed = succeed(command("find", &below).args([".", "-name", "*.[eh]rl", "-not", "-name", "*.after.erl"]));
    let sources = listed.lines().filter(|path| !path.ends_with(".stage.erl"));
    let file = |path: &str| (path[2..].replace(".before.", "."), fs::read(below.join(path)).unwrap());
    let files: Vec<_> = sources.map(file).collect();
    assert!(files.len() > 5, "{listed}");
    files
}

/// The script of the page that has this in it.
fn script(needle: &str) -> String {
    let page = blocks("docs/fleet.md");
    let found: Vec<_> = page.iter().filter(|it| it.language == "bash" && it.text.contains(needle)).collect();
    assert_eq!(found.len(), 1, "{needle}");
    found[0].text.clone()
}

#[test]
fn every_engine_comes_to_the_same() {
    let fleet = Fleet::new();
    let (code, _, stderr) = fleet.bash(&script("while read"));
    assert_eq!(code, Some(0), "{stderr}");
    let failed = fs::read_to_string(fleet.path().join("failed.txt")).unwrap();
    assert_eq!(failed.lines().collect::<BTreeSet<_>>(), BROKEN.into());
    let expected = fleet.merged("reports");
    assert_eq!(expected["summary"]["repositories"], fleet.names().len() - 2);
    assert_eq!(expected["failed"][0]["name"], BROKEN[0]);
    assert_eq!(expected["failed"][1]["name"], BROKEN[1]);
    assert_eq!(expected["failed"].as_array().unwrap().len(), 2);
    // Four times the module of these tests, and what is in the two large ones.
    let of = |name: &str| {
        let repositories = expected["repositories"].as_array().unwrap();
        repositories.iter().find(|it| it["name"] == name).unwrap()["summary"]["errors"].as_u64().unwrap()
    };
    assert_eq!(expected["summary"]["errors"], 4 + of("acme/all") + of("acme/legacy"));
    assert!(of("acme/all") > 10);

    // The page has it stop when a fifth fails, which two of twelve are not.
    let parallel = script("parallel --colsep").replace("check-one reports", "check-one by-parallel");
    let (code, _, stderr) = fleet.bash(&parallel);
    assert_ne!(code, Some(0), "{stderr}");
    assert_eq!(fleet.merged("by-parallel"), expected);
    let log = || fs::read_to_string(fleet.path().join("fleet.log")).unwrap();
    let done = log().lines().count();
    assert_eq!(done, fleet.names().len() + 1);
    // Called again, it tries what has failed and nothing else.
    fleet.bash(&parallel);
    assert_eq!(log().lines().count(), done + BROKEN.len(), "{}", log());

    let dask = script("dask_fleet.py").replace("--workers 8", "--workers 2").replace("txt reports", "txt by-dask");
    let (code, stdout, stderr) = fleet.bash(&dask);
    assert_eq!(code, Some(2), "{stderr}");
    assert_eq!(stdout, format!("{} checked, 0 kept from an earlier run, 2 failed\n", fleet.names().len() - 2));
    assert_eq!(fleet.merged("by-dask"), expected);
    for (name, reason) in [(BROKEN[0], "does not appear to be a git repository"), (BROKEN[1], "hookshift.toml")] {
        let told: Vec<&str> = stderr.lines().filter(|line| line.starts_with(&format!("failed: {name}: "))).collect();
        assert!(told.len() == 1 && told[0].contains(reason), "{stderr}");
    }
    assert!(!stderr.contains("Traceback"), "{stderr}");

    // Called again, it checks what has no report: one that is lost, and one that can be had now.
    fs::remove_file(fleet.path().join("by-dask/quiet.1.json")).unwrap();
    let late = git_repository(&[("mod_acme_filter.erl", FILTER)]);
    fs::rename(late.path(), fleet.path().join("nowhere")).unwrap();
    let (code, stdout, stderr) = fleet.bash(&dask);
    assert_eq!(code, Some(2), "{stderr}");
    assert_eq!(stdout, format!("2 checked, {} kept from an earlier run, 1 failed\n", fleet.names().len() - 3));
    assert_eq!(fleet.merged("by-dask")["summary"]["errors"], expected["summary"]["errors"].as_u64().unwrap() + 1);
    assert_eq!(expected_names(&fleet, "by-dask").len(), fleet.names().len() - 1);
}

/// The reports in a directory, and that there is nothing else.
fn expected_names(fleet: &Fleet, reports: &str) -> BTreeSet<String> {
    let listed = succeed(command("find", &fleet.path().join(reports)).args([".", "-type", "f"]));
    let names: BTreeSet<String> = listed.lines().map(|line| line.trim_start_matches("./").to_owned()).collect();
    assert!(names.iter().all(|name| name.ends_with(".json")), "{names:?}");
    names
}

/// Puts another program in hookshift's place.
fn pretend(directory: &Path, script: &str) -> String {
    let path = directory.join("bin/hookshift");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, format!("#!/bin/bash\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.parent().unwrap().display().to_string()
}

#[test]
fn what_takes_too_long_is_ended_and_what_fails_once_is_tried_again() {
    let mut fleet = Fleet { directory: tempfile::tempdir().unwrap(), _repositories: Vec::new() };
    std::os::unix::fs::symlink(repository().join("docs"), fleet.path().join("docs")).unwrap();
    fleet.add("slow", &[("slow.erl".to_owned(), QUIET.to_owned())]);
    fleet.add("shaky", &[("shaky.erl".to_owned(), QUIET.to_owned())]);
    fleet.add("good", &[("good.erl".to_owned(), QUIET.to_owned())]);
    let (tried, ended) = (fleet.path().join("tried"), fleet.path().join("not-ended"));
    let program = pretend(
        fleet.path(),
        &format!(
            "if [ -e slow.erl ]; then sleep 5; touch '{}'; fi\nif [ -e shaky.erl ] && [ ! -e '{tried}' ]; then touch '{tried}'; exit 2; fi\n\
             exec '{HOOKSHIFT}' \"$@\"",
            ended.display(),
            tried = tried.display()
        ),
    );
    let started = Instant::now();
    let (code, stdout, stderr) = fleet.bash(&format!(
        "PATH={program}:$PATH; python3 docs/fleet/dask_fleet.py --workers 2 --retries 1 --time-limit 2 repositories.txt reports -- --to 6.1.0"
    ));
    assert_eq!(code, Some(2), "{stderr}");
    assert_eq!(stdout, "2 checked, 0 kept from an earlier run, 1 failed\n", "{stderr}");
    assert!(stderr.contains("failed: slow: took more than 2 s"), "{stderr}");
    assert!(tried.exists());
    assert_eq!(expected_names(&fleet, "reports"), ["good.json".to_owned(), "shaky.json".to_owned()].into());
    // Nothing of it goes on behind: had it, the file would be there.
    std::thread::sleep(Duration::from_secs(6).saturating_sub(started.elapsed()) + Duration::from_secs(4));
    assert!(!ended.exists());
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let fleet = Fleet { directory: tempfile::tempdir().unwrap(), _repositories: Vec::new() };
    let source = git_repository(&[("a.erl", QUIET)]);
    let check_one = repository().join("docs/fleet/check-one");
    for name in ["../x", "a/../../x", "./x", "a//x"] {
        let mut check = command(&check_one, fleet.path());
        let (code, _, stderr) = run(check.args(["reports", name]).arg(source.path()));
        assert_eq!(code, Some(2), "{name}");
        assert!(stderr.contains("is no name for a repository"), "{stderr}");
    }
    fleet.list("../x", source.path());
    std::os::unix::fs::symlink(repository().join("docs"), fleet.path().join("docs")).unwrap();
    let (code, _, stderr) = fleet.bash("python3 docs/fleet/dask_fleet.py repositories.txt reports");
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("repositories.txt:1: "), "{stderr}");
    assert_eq!(fs::read_dir(fleet.path()).unwrap().count(), 2);
}

#[test]
fn the_steps_of_the_matrix_come_to_the_same() {
    let fleet = Fleet::new();
    let (_, _, stderr) = fleet.bash(&script("while read"));
    let expected = fleet.merged("reports");
    assert!(expected["summary"]["errors"].as_u64().unwrap() > 10, "{stderr}");
    fs::rename(fleet.path().join("reports"), fleet.path().join("expected")).unwrap();
    let page = blocks("docs/fleet.md");
    let workflow = yaml(&page.iter().find(|block| block.language == "yaml").unwrap().text);
    let step = |job: &str, name: &str| {
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
        steps.iter().find(|step| step["name"] == name).unwrap()["run"].as_str().unwrap().to_owned()
    };
    // The directories of the jobs, which artifacts fill.
    fs::create_dir(fleet.path().join("program")).unwrap();
    fs::copy(HOOKSHIFT, fleet.path().join("program/hookshift")).unwrap();
    fs::copy(repository().join("docs/fleet/check-one"), fleet.path().join("check-one")).unwrap();
    let shards = workflow["jobs"]["check"]["strategy"]["matrix"]["shard"].as_array().unwrap();
    assert_eq!(workflow["jobs"]["check"]["env"]["SHARDS"], shards.len());
    for shard in shards {
        let (code, _, stderr) =
            fleet.bash(&format!("export SHARD={shard} SHARDS={}\n{}", shards.len(), step("check", "Check")));
        assert_eq!(code, Some(0), "{stderr}");
    }
    let merge = format!("export GITHUB_STEP_SUMMARY=summary.md\n{}", step("merge", "Merge"));
    let (code, _, stderr) = fleet.bash(&merge);
    assert_eq!(code, Some(2), "{stderr}");
    assert_eq!(fleet.merged("reports"), expected);
    assert!(fs::read_to_string(fleet.path().join("summary.md")).unwrap().contains("| `acme/all` |"));
}
