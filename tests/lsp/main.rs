//! The language server as a program, and whether it says what the command line says.

mod client;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use client::{Client, uri};
use hookshift::source::{Lines, Source, Unit};
use serde_json::{Value, json};

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name)
}

fn check(directory: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_hookshift"))
        .args(["check", "--format", "json", "--exit-zero"])
        .arg(directory)
        .current_dir("/")
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What is found, with 0-based lines and columns: path, rule, severity, message and range.
type Found = (String, String, u64, String, [u64; 4]);

fn of_command(report: &Value) -> Vec<Found> {
    let findings = report["findings"].as_array().unwrap().iter().map(|it| {
        let severity = match it["severity"].as_str().unwrap() {
            "error" => 1,
            "warning" => 2,
            _ => 3,
        };
        let text = |key: &str| it[key].as_str().unwrap().to_owned();
        (absolute(it["path"].as_str().unwrap()), text("rule"), severity, text("message"), range_of(&it["range"]))
    });
    let mut found: Vec<Found> = findings.collect();
    found.sort();
    found
}

/// Paths are shown relative to the root, which is where the command ran.
fn absolute(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

fn range_of(range: &Value) -> [u64; 4] {
    let number = |at: &str, of: &str| range[at][of].as_u64().unwrap() - 1;
    [number("start", "line"), number("start", "column"), number("end", "line"), number("end", "column")]
}

fn range_in(range: &Value) -> [u64; 4] {
    let number = |at: &str, of: &str| range[at][of].as_u64().unwrap();
    [number("start", "line"), number("start", "character"), number("end", "line"), number("end", "character")]
}

fn of_server(published: &BTreeMap<String, Value>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (uri, diagnostics) in published {
        for it in diagnostics.as_array().unwrap() {
            let path = uri.strip_prefix("file://").unwrap().to_owned();
            let message = it["message"].as_str().unwrap().lines().next().unwrap().to_owned();
            let rule = it["code"].as_str().unwrap().to_owned();
            found.push((path, rule, it["severity"].as_u64().unwrap(), message, range_in(&it["range"])));
        }
    }
    found.sort();
    found
}

/// Both find the same, and both would write the same.
fn compare(name: &str) -> (usize, usize) {
    let directory = corpus(name);
    let report = check(&directory);
    let mut client = Client::of(&directory);
    client.settle();
    assert_eq!(of_server(&client.published), of_command(&report), "{name}");
    let mut fixes = 0;
    let mut opened = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        let path = PathBuf::from(absolute(finding["path"].as_str().unwrap()));
        if !opened.contains(&path) {
            let source = Source::read(&path).unwrap();
            client.open(&path, source.text());
            opened.push(path.clone());
        }
        fixes += usize::from(compare_fix(&mut client, finding, &path));
    }
    assert_eq!(client.end(), Some(0));
    (report["findings"].as_array().unwrap().len(), fixes)
}

fn compare_fix(client: &mut Client, finding: &Value, path: &Path) -> bool {
    let [line, character, to_line, to_character] = range_of(&finding["range"]);
    let range =
        json!({"start": {"line": line, "character": character}, "end": {"line": to_line, "character": to_character}});
    let params = json!({"textDocument": {"uri": uri(path)}, "range": range, "context": {"diagnostics": [], "only": ["quickfix"]}});
    let actions = client.ask("textDocument/codeAction", params);
    let message = finding["message"].as_str().unwrap();
    let about = |it: &&Value| {
        let diagnostic = &it["diagnostics"][0];
        diagnostic["code"] == finding["rule"]
            && range_in(&diagnostic["range"]) == [line, character, to_line, to_character]
            && diagnostic["message"].as_str().unwrap().lines().next() == Some(message)
    };
    let actions: Vec<&Value> = actions.as_array().unwrap().iter().filter(about).collect();
    let Some(fix) = finding.get("fix").filter(|it| !it.is_null()) else {
        let why = finding.get("no_fix").filter(|it| !it.is_null());
        let disabled = actions.iter().find_map(|it| it.get("disabled"));
        // What is refused only when it is led to its end is an action that fails.
        if let (Some(why), Some(disabled)) = (why, disabled) {
            assert_eq!(&disabled["reason"], why);
        }
        return false;
    };
    let promised = |it: &&&Value| {
        it.get("data").is_some() && it["title"].as_str().unwrap().starts_with(fix["title"].as_str().unwrap())
    };
    let action = actions.iter().find(promised).unwrap_or_else(|| panic!("no action for {finding}\n{actions:#?}"));
    let resolved = client.ask("codeAction/resolve", (*action).clone());
    let mut made: Vec<(String, [u64; 4], String)> = Vec::new();
    for change in resolved["edit"]["documentChanges"].as_array().unwrap() {
        let path = change["textDocument"]["uri"].as_str().unwrap().strip_prefix("file://").unwrap().to_owned();
        for edit in change["edits"].as_array().unwrap() {
            made.push((path.clone(), range_in(&edit["range"]), edit["newText"].as_str().unwrap().to_owned()));
        }
    }
    let edits = fix["edits"].as_array().unwrap().iter();
    let mut wanted: Vec<(String, [u64; 4], String)> = edits
        .map(|it| {
            let path = absolute(it["path"].as_str().unwrap());
            (path, range_of(&it["range"]), it["text"].as_str().unwrap().to_owned())
        })
        .collect();
    made.sort();
    wanted.sort();
    assert_eq!(made, wanted, "{finding}");
    true
}

#[test]
fn the_realistic_project_is_the_same_in_both() {
    let (findings, fixes) = compare("acme");
    assert!(findings > 50 && fixes > 10, "{findings} {fixes}");
}

#[test]
fn pairs_of_before_and_after_are_the_same_in_both() {
    for name in ["fixes/r04_preprocessing", "fixes/r07_remote_hook", "fixes/r12_room_packet"] {
        let (findings, _) = compare(name);
        assert!(findings > 0, "{name}");
    }
}

#[test]
fn modules_of_the_old_style_are_the_same_in_both() {
    let (findings, fixes) = compare("legacy/first");
    assert!(findings > 0 && fixes > 0, "{findings} {fixes}");
}

#[test]
fn every_directory_of_the_corpus_has_the_same_findings_in_both() {
    for name in ["fixes", "legacy/handlers", "legacy/kept", "legacy/registrations", "legacy/results", "legacy/sessions"]
    {
        let directory = corpus(name);
        let mut client = Client::of(&directory);
        client.settle();
        assert_eq!(of_server(&client.published), of_command(&check(&directory)), "{name}");
    }
}

/// What `fix --write` makes of a project, and what an editor makes of it that fixes everything in each of its files.
#[test]
fn all_safe_fixes_file_by_file_are_those_of_the_command() {
    let copy = || {
        let directory = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(corpus("acme/src")).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, directory.path().join(path.file_name().unwrap())).unwrap();
        }
        directory
    };
    let (by_command, by_editor) = (copy(), copy());
    let status = Command::new(env!("CARGO_BIN_EXE_hookshift"))
        .args(["fix", "--write", "--allow-dirty"])
        .arg(by_command.path())
        .output()
        .unwrap();
    assert!(status.status.code().is_some_and(|code| code < 2), "{status:?}");

    let root = by_editor.path().canonicalize().unwrap();
    let mut client = Client::of(&root);
    client.settle();
    let mut changed = 0;
    let mut files: Vec<PathBuf> = std::fs::read_dir(&root).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|it| it.extension().is_some_and(|it| it == "erl")) {
        let source = Source::read(path).unwrap();
        client.open(path, source.text());
        let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9999, "character": 0}});
        let context = json!({"diagnostics": [], "only": ["source.fixAll.hookshift"]});
        let params = json!({"textDocument": {"uri": uri(path)}, "range": whole, "context": context});
        let actions = client.ask("textDocument/codeAction", params);
        for action in actions.as_array().unwrap() {
            let resolved = client.ask("codeAction/resolve", action.clone());
            for change in resolved["edit"]["documentChanges"].as_array().unwrap() {
                let uri = change["textDocument"]["uri"].as_str().unwrap();
                let path = Path::new(uri.strip_prefix("file://").unwrap());
                write(path, &change["edits"]);
                changed += 1;
            }
        }
        client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri(path)}}));
        let events: Vec<Value> = files.iter().map(|it| json!({"uri": uri(it), "type": 2})).collect();
        client.notify("workspace/didChangeWatchedFiles", json!({"changes": events}));
    }
    assert!(changed > 3, "{changed}");
    for path in &files {
        let name = path.file_name().unwrap();
        let (ours, theirs) = (std::fs::read(path).unwrap(), std::fs::read(by_command.path().join(name)).unwrap());
        assert!(ours == theirs, "{}:\n{}", name.display(), String::from_utf8_lossy(&ours));
    }
    assert_eq!(client.end(), Some(0));
}

/// Makes edits as an editor does that keeps a file's encoding.
fn write(path: &Path, edits: &Value) {
    let source = Source::read(path).unwrap();
    let mut text = source.text().to_owned();
    let lines = Lines::new(source.text());
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let [line, character, to_line, to_character] =
                range_in(&it["range"]).map(|number| usize::try_from(number).unwrap());
            let offset = |line, character| lines.offset(source.text(), line, character, Unit::Utf32);
            (offset(line, character), offset(to_line, to_character), it["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort_unstable();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    std::fs::write(path, source.encode(&text).unwrap()).unwrap();
}

#[test]
fn messages_that_are_none_are_answered_and_do_no_harm() {
    let mut client = Client::start();
    for (bytes, code) in [
        (&b"Content-Length: 3\r\n\r\n{x}"[..], -32700),
        (b"Content-Length: 2\r\n\r\n[]", -32600),
        (b"Content-Length: 2\r\n\r\n\xff\xfe", -32700),
        (b"garbage\r\nContent-Length: 1\r\n\r\n1", -32600),
        (b"Content-Length: 22\r\n\r\n{\"id\":[],\"method\":\"x\"}", -32600),
    ] {
        client.raw(bytes);
        let answer = client.wait("a message that is none", |it| it["id"].is_null() && it.get("error").is_some());
        assert_eq!(answer["error"]["code"], code, "{answer}");
    }
    client.ask("initialize", json!({"capabilities": null}));
    client.notify("initialized", json!(null));
    assert_eq!(client.end(), Some(0));
}

#[test]
fn a_client_that_is_gone_ends_the_program() {
    assert_eq!(Client::start().vanish(), Some(1));
    let mut client = Client::of(&corpus("acme"));
    client.open(&corpus("acme/src/mod_acme_push.erl"), "-module(mod_acme_push).\n");
    assert_eq!(client.vanish(), Some(1));
    // In the middle of a message.
    let mut client = Client::of(&corpus("acme"));
    client.raw(b"Content-Length: 1000\r\n\r\n{\"jsonrpc\"");
    assert_eq!(client.vanish(), Some(1));
}

#[test]
fn thousands_of_files_are_read_and_edited_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    for number in 0..3_000 {
        let text = format!(
            "-module(mod_{number}).\n-export([hooks/1, f/3]).\nhooks(H) -> [{{c2s_remote_hook, H, fun mod_{}:f/3, #{{}}, 5}}].\n\
             f(Acc, _, _) -> {{ok, Acc}}.\n",
            number + 1
        );
        std::fs::write(root.join(format!("mod_{number}.erl")), text).unwrap();
    }
    let mut client = Client::of(&root);
    let path = root.join("mod_7.erl");
    client.open(&path, "-module(mod_7).\n");
    for version in 2..50 {
        let text = format!("%% {version}\n");
        let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}});
        let document = json!({"uri": uri(&path), "version": version});
        client.notify(
            "textDocument/didChange",
            json!({"textDocument": document, "contentChanges": [{"range": range, "text": text}]}),
        );
    }
    client.settle();
    // 7 registers nothing any more, and 6 a handler that is not there.
    assert_eq!(client.published.get(&uri(&path)).unwrap_or(&json!([])), &json!([]));
    assert_eq!(client.published.iter().filter(|(_, it)| **it != json!([])).count(), 2_999);
    assert_eq!(client.end(), Some(0));
}
