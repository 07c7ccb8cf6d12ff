//! Running programs that tests need, and what they are run on. The tests of the packages use this file as well.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The program under test.
pub const HOOKSHIFT: &str = env!("CARGO_BIN_EXE_hookshift");

/// The top of this repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of this repository.
pub fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A program that `tests/tools/install` has installed.
pub fn tool(name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let path = target.join("tools").join(name);
    assert!(path.exists(), "{} is needed: run tests/tools/install {}/tools", path.display(), target.display());
    path
}

/// A program that runs in a directory, with only what it needs of the environment: not that of a service that runs these tests.
pub fn command(program: impl AsRef<OsStr>, directory: &Path) -> Command {
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
pub fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} is needed: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let Output { status, stdout, stderr } = output;
    (status.code(), text(&stdout), text(&stderr))
}

/// Runs what must not fail.
pub fn succeed(command: &mut Command) -> String {
    let (code, stdout, stderr) = run(command);
    assert_eq!(code, Some(0), "{command:?}\n{stdout}\n{stderr}");
    stdout
}

/// Reads YAML as JSON, which is its own business and not that of a program that only writes JSON.
pub fn yaml(text: &str) -> Value {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("in.yml");
    fs::write(&file, text).unwrap();
    let script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf-8'))))";
    let json = succeed(command(tool("python/bin/python"), directory.path()).args(["-c", script]).arg(&file));
    serde_json::from_str(&json).unwrap()
}

/// A Git repository with the given files in one commit.
pub fn git_repository<T: AsRef<[u8]>>(files: &[(&str, T)]) -> TempDir {
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

pub fn git(directory: &Path, args: &[&str]) -> String {
    let who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    succeed(command("git", directory).args(who).args(args))
}

/// A module with an error, a warning and advice.
pub const FILTER: &str = "\
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
pub const QUIET: &str = "\
-module(mod_acme_quiet).
-export([start/2, stop/1]).

start(_HostType, _Opts) -> ok.

stop(_HostType) -> ok.
";
