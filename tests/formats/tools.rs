//! What judges and reads reports, as `tests/tools/install` has installed it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Where it is.
pub fn tools() -> PathBuf {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("tools");
    assert!(tools.join("installed").exists(), "{} is missing or not complete: run ./test", tools.display());
    tools
}

/// A file beside this one.
pub fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats").join(name)
}

pub fn schema(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub fn assert_valid(schema: &Value, instance: &Value, what: &str) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

/// Runs a program that must succeed, and gives back what it prints.
pub fn output(command: &mut Command, input: &[u8]) -> String {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}: run ./test"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feed = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = feed.join().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

pub fn multitool() -> Command {
    // Its own wrapper for Node.js would choose the same.
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let directory = format!("node_modules/@microsoft/sarif-multitool-{system}");
    Command::new(tools().join(directory).join("Sarif.Multitool"))
}

pub fn python(script: &str) -> Command {
    Command::new(tools().join("python/bin").join(script))
}

pub fn read_xml(kind: &str, schema: &Path, report: &Path) -> Value {
    let text = output(python("python").arg(beside("read.py")).arg(kind).arg(schema).arg(report), b"");
    serde_json::from_str(&text).unwrap()
}

fn node(what: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(beside("read.mjs")).arg(tools()).arg(what);
    command
}

/// The workflow commands that GitHub's own toolkit writes for these.
pub fn workflow_commands(commands: &Value) -> String {
    output(&mut node("commands"), commands.to_string().as_bytes())
}

pub fn read_markdown(report: &Path) -> Value {
    serde_json::from_str(&output(node("markdown").arg(report), b"")).unwrap()
}

pub fn is_valid_rdjson(report: &Path) -> String {
    let program = tools().join("node_modules/@umbrelladocs/rdformat-validator/bin/rdformat-validator.js");
    output(Command::new("node").arg(program).args(["--strict", "--no-extra-fields"]).arg(report), b"")
}
