//! What is ready-made for CI: the action, the template for GitLab, the hooks for pre-commit, the pages about them, and the script
//! that checks many repositories. Everything is judged by the tools that it is for, and run.

mod action;
mod docs;
mod fleet;
mod gitlab;
mod lint;
mod pre_commit;
mod sarif;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The program under test.
const HOOKSHIFT: &str = env!("CARGO_BIN_EXE_hookshift");

/// The top of this repository.
fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of this repository.
fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A program that `tests/tools/install` has installed.
fn tool(name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let path = target.join("tools").join(name);
    assert!(path.exists(), "{} is needed: run tests/tools/install {}/tools", path.display(), target.display());
    path
}

/// A program that runs in a directory, with only what it needs of the environment: not that of a service that runs these tests.
fn command(program: impl AsRef<OsStr>, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory).env_clear().stdin(Stdio::null());
    for name in ["PATH", "HOME", "TMPDIR", "LANG"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// What a program says and how it ends.
fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} is needed: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let Output { status, stdout, stderr } = output;
    (status.code(), text(&stdout), text(&stderr))
}

/// Runs what must not fail.
fn succeed(command: &mut Command) -> String {
    let (code, stdout, stderr) = run(command);
    assert_eq!(code, Some(0), "{command:?}\n{stdout}\n{stderr}");
    stdout
}

/// Reads YAML as JSON, which is its own business and not that of a program that only writes JSON.
fn yaml(text: &str) -> Value {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("in.yml");
    fs::write(&file, text).unwrap();
    let script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf-8'))))";
    let json = succeed(command(tool("python/bin/python"), directory.path()).args(["-c", script]).arg(&file));
    serde_json::from_str(&json).unwrap()
}

/// A Git repository with the given files in one commit.
fn git_repository<T: AsRef<[u8]>>(files: &[(&str, T)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), &["init", "--quiet", "--initial-branch=main"]);
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    git(directory.path(), &["add", "--all"]);
    git(directory.path(), &["commit", "--quiet", "--message=All"]);
    directory
}

fn git(directory: &Path, args: &[&str]) -> String {
    let who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    succeed(command("git", directory).args(who).args(args))
}

/// A module with an error, a warning and advice.
const FILTER: &str = "\
-module(mod_acme_filter).
-behaviour(gen_mod).
-export([start/2, stop/1, hooks/1, supported_features/0, words/3, local/3, lost/3]).

start(_HostType, _Opts) -> ok.

stop(_HostType) -> ok.

supported_features() -> [dynamic_domains].

hooks(HostType) ->
    [{c2s_preprocessing_hook, HostType, fun ?MODULE:words/3, #{}, 5},
     {filter_local_packet, HostType, fun ?MODULE:local/3, #{}, 20},
     {acme_lost, HostType, fun ?MODULE:lost/3, #{}, 50}].

words(Acc, _Params, _Extra) -> {ok, Acc}.

local({From, _To, _Acc, _Packet} = Packet, _Params, _Extra) ->
    case jid:nameprep(From) of
        error -> {ok, drop};
        _ -> {ok, Packet}
    end.

lost(Acc, _Params, _Extra) -> {ok, Acc}.
";

/// A module in which nothing is found.
const QUIET: &str = "\
-module(mod_acme_quiet).
-export([start/2, stop/1]).

start(_HostType, _Opts) -> ok.

stop(_HostType) -> ok.
";

/// Figures of a check of what is in a directory, as errors, warnings and advice.
fn figures(directory: &Path) -> [u64; 3] {
    let (_, stdout, _) = run(command(HOOKSHIFT, directory).args(["check", "--format=json"]));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    ["errors", "warnings", "infos"].map(|figure| report["summary"][figure].as_u64().unwrap())
}

#[test]
fn the_modules_of_these_tests_have_what_they_say() {
    assert_eq!(figures(git_repository(&[("a.erl", FILTER)]).path()), [1, 1, 1]);
    assert_eq!(figures(git_repository(&[("a.erl", QUIET)]).path()), [0, 0, 0]);
}
