//! What GitHub's runner makes of output: each line of it may be a command.

use std::process::{Command, Output, Stdio};

use super::shown::{FORMATS, hostile};
use super::{Tree, hookshift};

/// The lines that a runner of workflows takes for commands, as it does.
fn commands(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let mut until: Option<String> = None;
    let mut found = Vec::new();
    for line in text.split(['\n', '\r']) {
        match &until {
            Some(token) if line.trim_start().starts_with(&format!("::{token}::")) => until = None,
            Some(_) => {}
            None => {
                until = line.strip_prefix("::stop-commands::").map(str::to_owned);
                if until.is_none() && (line.trim_start().starts_with("::") || line.contains("##[")) {
                    found.push(line.to_owned());
                }
            }
        }
    }
    assert_eq!(until, None, "nobody else could give commands any more");
    found
}

fn run(tree: &Tree, arguments: &[&str]) -> Output {
    let mut command = hookshift(&tree.path("project"));
    command.env("GITHUB_ACTIONS", "true").env_remove("GITHUB_STEP_SUMMARY").args(arguments).output().unwrap()
}

#[test]
fn source_gives_no_commands() {
    let tree = hostile();
    let outside = String::from_utf8(tree.run(&["check", "--format", "concise"]).stdout).unwrap();
    assert!(!commands(outside.as_bytes()).is_empty(), "there is something to be taken for a command: {outside}");
    let mut runs: Vec<Vec<&str>> = FORMATS.iter().map(|format| vec!["check", "--format", format]).collect();
    runs.extend([
        vec!["check", "--format", "full", "--color", "always"],
        vec!["check", "--show-settings"],
        vec!["check", "--show-files"],
        vec!["check", "##[error]none"],
        vec!["check", "--none-such\n::error::x"],
        vec!["check", "--format", "##[error]x"],
        vec!["##[error]none"],
        vec!["check", "--add-ignores", "later", "--dry-run"],
        vec!["fix", "--unsafe"],
        vec!["fix", "--unsafe", "--color", "always"],
        vec!["fix", "--unsafe", "--format", "json"],
        vec!["plan"],
        vec!["handlers"],
        vec!["handlers", "--format", "json"],
        vec!["live", "--dump", "node.txt"],
        vec!["baseline", "write"],
    ]);
    for arguments in runs {
        let Output { stdout, stderr, .. } = run(&tree, &arguments);
        assert!(stdout.len() + stderr.len() > 50, "{arguments:?}");
        for stream in [&stdout, &stderr] {
            let found = commands(stream);
            // The format that is made of commands is chosen by itself.
            let has_own = arguments.contains(&"github") || !arguments.contains(&"--format");
            let ours = |line: &String| {
                let titles = ["::error title=hookshift", "::warning title=hookshift", "::notice title=hookshift"];
                has_own && titles.iter().any(|it| line.starts_with(it))
            };
            assert!(found.iter().all(ours), "{arguments:?}: {found:#?}");
        }
    }
}

/// What programs read says the same in a workflow.
#[test]
fn json_is_the_same_in_a_workflow() {
    let tree = hostile();
    let read = |output: Output| serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();
    let arguments = ["check", "--format", "json"];
    assert_eq!(read(run(&tree, &arguments)), read(tree.run(&arguments)));
}

/// A field whose type stands on a line of its own is in what a diff shows around its changes.
const FIELD: &str = "-module(mod_acme).\n-export([hooks/1, sent/3]).\n-record(sent, {to\n               ::binary()}).\n\
    hooks(HostType) ->\n    [{c2s_update_presence, HostType, fun ?MODULE:sent/3, #{}, 50}].\n\n\
    sent(Acc, _Params, _Extra) ->\n    {stop, Acc}.\n";

#[test]
fn a_diff_applies_and_gives_no_commands() {
    let tree = Tree::new(&[("project/src/mod_acme.erl", FIELD)]);
    let plain = tree.run(&["fix", "--unsafe"]).stdout;
    assert!(!commands(&plain).is_empty(), "{}", String::from_utf8_lossy(&plain));
    let Output { stdout, .. } = run(&tree, &["fix", "--unsafe"]);
    assert_eq!(commands(&stdout), Vec::<String>::new());
    assert!(stdout.len() > plain.len());
    std::fs::remove_dir_all(tree.path("project/.git")).unwrap();
    for program in [&["git", "apply"][..], &["patch", "-p1"]] {
        tree.write("project/src/mod_acme.erl", FIELD);
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).current_dir(tree.path("project")).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut applied = command.spawn().unwrap();
        std::io::Write::write_all(&mut applied.stdin.take().unwrap(), &stdout).unwrap();
        assert!(applied.wait().unwrap().success(), "{program:?}");
        let changed = std::fs::read_to_string(tree.path("project/src/mod_acme.erl")).unwrap();
        assert!(changed != FIELD && changed.contains("::binary()}"), "{program:?}: {changed}");
    }
}
