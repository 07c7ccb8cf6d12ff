//! Input that is made to cost much: what is left out is told, the same on every machine and with any number of threads, and
//! nothing takes stack by how deep or how long its input is. Times are what `cargo bench --bench worst` is for.

#[cfg(unix)]
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

#[cfg(unix)]
use rayon::prelude::*;
use serde_json::Value;
#[cfg(unix)]
use serde_json::json;

#[path = "../../benches/worst/inputs.rs"]
mod inputs;

use inputs::{Files, Input};

/// The input of a name.
fn named(name: &str) -> &'static Input {
    inputs::ALL.iter().find(|it| it.name == name).unwrap_or_else(|| panic!("no input is named {name:?}"))
}

/// A directory with files.
fn tree(files: &Files) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    directory
}

fn hookshift(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(snapbox::cmd::cargo_bin!("hookshift"));
    command.current_dir(directory).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What was not analysed, as `path: reason`.
fn not_analysed(directory: &Path, arguments: &[&str]) -> Vec<String> {
    let output = hookshift(directory, &[&["check", "--from", "6.0.0", "--format", "json"], arguments].concat());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", text(&output.stderr).chars().take(2000).collect::<String>());
    });
    let skipped = document["skipped"].as_array().unwrap();
    assert_eq!(document["summary"]["not_analysed"], skipped.iter().filter(|it| it["kind"] == "not-analysed").count());
    let show = |it: &Value| format!("{}: {}", it["path"].as_str().unwrap(), it["reason"].as_str().unwrap());
    skipped.iter().map(show).collect()
}

#[track_caller]
fn tells(told: &[String], part: &str) {
    assert!(told.iter().any(|it| it.contains(part)), "{part}\n{told:#?}");
}

/// Code that means nothing can be taken in more ways than anybody has time to try.
#[test]
fn a_form_that_takes_the_parser_too_many_steps_is_told() {
    for name in ["one form of [a]][", "one form of a: ,"] {
        let tree = tree(&(named(name).make)(20_000));
        tells(&not_analysed(tree.path(), &[]), "src/a.erl: the form of 20");
        for format in ["full", "concise", "sarif", "html", "markdown"] {
            let output = hookshift(tree.path(), &["check", "--from", "6.0.0", "--format", format]);
            assert!(text(&output.stdout).contains("takes too many steps to parse"), "{name}: {format}");
        }
    }
}

#[test]
fn registrations_that_take_too_many_steps_are_told() {
    for name in ["comprehensions of comprehensions", "macros that double, few"] {
        let tree = tree(&(named(name).make)(20_000));
        tells(&not_analysed(tree.path(), &[]), "registers takes too many steps to follow");
        // What stands beside it is found.
        let output = hookshift(tree.path(), &["check", "--from", "6.0.0", "--format", "concise"]);
        assert!(text(&output.stdout).contains("`c2s_presence_in`"), "{name}");
    }
}

/// Each operator of a row can be that of a message, and none of them must be looked at again for each that follows.
#[test]
fn a_row_of_uses_is_analysed_however_long_it_is() {
    for bytes in [2_000, 200_000] {
        let tree = tree(&(named("+ with calls").make)(bytes));
        assert_eq!(not_analysed(tree.path(), &[]), [""; 0]);
        let output = hookshift(tree.path(), &["check", "--from", "6.0.0", "--format", "concise"]);
        assert!(text(&output.stdout).contains("`ejabberd_c2s:stop/1` is gone"), "{bytes}");
    }
}

/// The same file, a little smaller, is analysed.
#[test]
fn a_file_that_is_too_large_is_told() {
    const CAP: usize = 16 * 1024 * 1024;
    let start = "-module(a).\nstart(H, _) -> gen_hook:add_handler(c2s_presence_in, H, fun ?MODULE:f/3, #{}, 40).\n";
    let large = |size: usize| {
        let blanks = "\n".repeat(size - start.len());
        vec![("src/a.erl".to_owned(), format!("{start}{blanks}").into_bytes())]
    };
    let over = tree(&large(CAP + 1));
    let expected = format!("src/a.erl: the file is {} bytes long, and only {CAP} are analysed", CAP + 1);
    assert_eq!(not_analysed(over.path(), &[]), [expected.as_str()]);
    let output = hookshift(over.path(), &["check", "--from", "6.0.0", "--format", "concise"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        text(&output.stdout).contains(&expected.replace(": the", ": not analysed: the")),
        "{}",
        text(&output.stdout)
    );
    let under = tree(&large(CAP));
    assert_eq!(not_analysed(under.path(), &[]), [""; 0]);
    assert_eq!(hookshift(under.path(), &["check", "--from", "6.0.0"]).status.code(), Some(1));
    // Without a word that matters, nobody has to know.
    let other = tree(&vec![("src/a.erl".to_owned(), "x".repeat(CAP + 1).into_bytes())]);
    assert_eq!(not_analysed(other.path(), &[]), [""; 0]);
}

/// What a finding needs must not be beyond the steps of a module that somebody could have written.
#[test]
fn ordinary_modules_are_analysed_as_a_whole() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let told = not_analysed(&corpus, &[]);
    assert!(!told.iter().any(|it| it.contains("too many steps")), "{told:#?}");
}

/// All kinds of bad input beside one another, each small, and each with a module of its own.
fn all_inputs(bytes: usize) -> Files {
    let mut files = Files::new();
    for (number, input) in inputs::ALL.iter().enumerate() {
        for (path, content) in (input.make)(bytes) {
            match path.as_str() {
                // One setting for all of them would be the last one's.
                "hookshift.toml" => {}
                "src/a.erl" => {
                    let rest = content.strip_prefix(b"-module(a)").unwrap_or(&content);
                    let named = [format!("-module(a{number})").as_bytes(), rest].concat();
                    files.push((format!("p{number}/src/a{number}.erl"), named));
                }
                _ => files.push((format!("p{number}/{path}"), content)),
            }
        }
    }
    files
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let bad = tree(&all_inputs(600));
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for directory in [&*corpus, bad.path()] {
        for format in ["json", "sarif", "html", "full"] {
            let run = |threads: &str| {
                let arguments = ["check", "--from", "6.0.0", "--format", format, "--threads", threads];
                let output = hookshift(directory, &arguments);
                assert!(matches!(output.status.code(), Some(1 | 2)), "{}", text(&output.stderr));
                (output.stdout, output.stderr)
            };
            let one = run("1");
            assert!(one.0.len() > 10_000);
            for threads in ["2", "3", "8", "64"] {
                assert!(one == run(threads), "{format} with {threads} threads in {}", directory.display());
            }
        }
    }
}

/// A build of hookshift with optimization, when the tests are given one.
const RELEASE: &str = "HOOKSHIFT_RELEASE";

/// How much stack each thread gets, in kB: of eight megabytes, as are usual for the first one, and two for all others. Walks nest as deeply
/// as forms may nest in brackets, and what nests without brackets takes no stack. Without optimization, each step takes several times
/// as much.
#[cfg(unix)]
fn stack() -> u32 {
    if std::env::var_os(RELEASE).is_some() || !cfg!(debug_assertions) { 256 } else { 1024 }
}

/// What is run with little stack.
#[cfg(unix)]
fn program() -> std::path::PathBuf {
    std::env::var_os(RELEASE)
        .map_or_else(|| snapbox::cmd::cargo_bin!("hookshift").to_path_buf(), std::path::PathBuf::from)
}

/// Runs a command that has little stack in each of its threads.
#[cfg(unix)]
fn with_little_stack(directory: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit -s {} && exec \"$0\" \"$@\"", stack())])
        .arg(program())
        .args(arguments)
        .current_dir(directory)
        .env("RUST_MIN_STACK", (stack() * 1024).to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// What an editor sends that opens all of these modules, asks about each, and types into it.
#[cfg(unix)]
fn session(directory: &Path, files: &Files) -> Vec<u8> {
    let uri = |path: &Path| format!("file://{}", path.display());
    let mut messages = vec![
        json!({"id": 1, "method": "initialize", "params": {"rootUri": uri(directory), "capabilities": {}}}),
        json!({"method": "initialized", "params": {}}),
    ];
    for (path, content) in files.iter().filter(|(path, _)| path.contains("/src/a")) {
        let uri = uri(&directory.join(path));
        let (document, position) = (json!({"uri": uri}), json!({"line": 3, "character": 10}));
        let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 10, "character": 0}});
        let opened = json!({"uri": uri, "languageId": "erlang", "version": 1, "text": text(content)});
        let at = json!({"textDocument": document, "position": position});
        messages.extend([
            json!({"method": "textDocument/didOpen", "params": {"textDocument": opened}}),
            json!({"id": 2, "method": "textDocument/hover", "params": at}),
            json!({"id": 3, "method": "textDocument/codeAction",
                "params": {"textDocument": document, "range": range, "context": {"diagnostics": []}}}),
            json!({"id": 4, "method": "textDocument/completion", "params": at}),
            json!({"method": "textDocument/didChange", "params": {"textDocument": {"uri": uri, "version": 2},
                "contentChanges": [{"range": {"start": position, "end": position}, "text": "("}]}}),
            json!({"id": 5, "method": "textDocument/hover", "params": at}),
            json!({"method": "textDocument/didClose", "params": {"textDocument": document}}),
        ]);
    }
    messages.extend([json!({"id": 9, "method": "shutdown"}), json!({"method": "exit"})]);
    let mut bytes = Vec::new();
    for mut message in messages {
        message["jsonrpc"] = "2.0".into();
        let message = message.to_string();
        bytes.extend(format!("Content-Length: {}\r\n\r\n{message}", message.len()).into_bytes());
    }
    bytes
}

/// Whether a command that has little stack comes to its end.
#[cfg(unix)]
fn ends_well(directory: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = with_little_stack(directory, arguments, b"");
    let said = text(&output.stderr);
    match output.status.code() {
        Some(0..=2) if !said.contains("panicked") => Ok(()),
        _ => Err(format!("{:?}: {:?}: {}", arguments, output.status, said.chars().take(2000).collect::<String>())),
    }
}

/// Whatever is nested, or long, as deep and as long as it gets.
#[cfg(unix)]
#[test]
fn depth_takes_no_stack() {
    let out = tempfile::tempdir().unwrap();
    let to = |format: &str| format!("{format}={}", out.path().join(format).display());
    let outputs: Vec<String> = ["html", "sarif", "markdown", "junit", "checkstyle", "gitlab", "rdjson"].map(to).into();
    let mut check = vec!["check", "--from", "6.0.0", "--format", "json", "--threads", "2"];
    outputs.iter().for_each(|output| check.extend(["--output", output]));
    let commands: [&[&str]; 4] = [
        &check,
        &["check", "--from", "6.0.0", "--threads", "1", "--format", "full"],
        &["handlers", "--from", "6.0.0"],
        &["plan", "--from", "6.0.0"],
    ];
    let bytes = bytes();
    let files = all_inputs(bytes);
    let all = tree(&files);
    for arguments in commands {
        let Err(why) = ends_well(all.path(), arguments) else { continue };
        // Which one it is.
        for input in inputs::ALL {
            let alone = tree(&(input.make)(bytes));
            assert_eq!(ends_well(alone.path(), arguments), Ok(()), "{}", input.name);
        }
        panic!("all together: {why}");
    }
    // Each that is opened is an analysis of all, which takes its time without optimization.
    let opened: Files = files.into_iter().step_by(if stack() == 256 { 1 } else { 5 }).collect();
    let output = with_little_stack(all.path(), &["lsp"], &session(all.path(), &opened));
    assert_eq!(output.status.code(), Some(0), "lsp: {}", text(&output.stderr));
    assert!(text(&output.stdout).contains("\"id\":9"));
}

/// One by one, as a fix makes several analyses of all that there is.
#[cfg(unix)]
#[test]
fn depth_takes_no_stack_when_it_is_rewritten() {
    inputs::ALL.par_iter().for_each(|input| {
        let alone = tree(&(input.make)(bytes() / 2));
        let arguments = ["fix", "--unsafe", "--threads", "1", "--from", "6.0.0"];
        assert_eq!(ends_well(alone.path(), &arguments), Ok(()), "{}", input.name);
    });
}

/// Enough of each input to nest some thousand times.
#[cfg(unix)]
fn bytes() -> usize {
    if stack() == 256 { 8_000 } else { 2_500 }
}
