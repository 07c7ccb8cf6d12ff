//! How long an editor waits: from a keystroke to published diagnostics, beside what tree-sitter needs to parse the same
//! text again after the same edit. `cargo bench --bench editor`, or `cargo bench --bench editor -- DIRECTORY FILE` for a
//! module of another project. Both are measured in turns in one run.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hookshift::lsp::{Connection, Message, Notification, Request, memory, serve};
use hookshift::project::bounds::Bounds;
use hookshift::project::files::{self, Excludes};
use hookshift::syntax::scan::{FormKind, split};
use serde_json::{Value, json};
use tree_sitter::{InputEdit, Parser, Point};

/// How many keystrokes are measured.
const KEYSTROKES: usize = 1_000;
/// How long the module is that is made from the corpus.
const LINES: usize = 5_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let made = tempfile::tempdir().expect("a temporary directory");
    let (root, file) = match arguments.as_slice() {
        [root, file, ..] => (PathBuf::from(root), PathBuf::from(file)),
        _ => make_project(made.path()),
    };
    let root = root.canonicalize().expect("the directory exists");
    let file = file.canonicalize().expect("the file exists");
    let text = std::fs::read_to_string(&file).expect("the file is UTF-8");
    println!("{}: {} lines, {} bytes", file.display(), text.lines().count(), text.len());

    let (server, client) = memory();
    let serving = std::thread::spawn(move || serve(&server));
    let mut editor = Editor { client, uri: uri(&file), version: 1, next: 0 };
    editor.start(&root, &text);

    typing(&mut editor, &text);
    stray_quote(&mut editor, &text);

    editor.request("shutdown", Value::Null);
    editor.notify("exit", Value::Null);
    let _ = serving.join();
}

/// Single characters typed into words and taken back, all over the module.
fn typing(editor: &mut Editor, text: &str) {
    let mut tree = Tree::new(text);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut dice = 0x5eed_u64;
    for _ in 0..KEYSTROKES / 2 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut at = usize::try_from(dice >> 33).unwrap_or(0) % text.len();
        while !text.as_bytes()[at].is_ascii_lowercase() {
            at = (at + 1) % text.len();
        }
        let mut edited = text.to_owned();
        edited.insert(at, 'x');
        theirs.push(tree.change(&edited, at, 0, 1));
        ours.push(editor.change(text, at, 0, "x"));
        theirs.push(tree.change(text, at, 1, 0));
        ours.push(editor.change(&edited, at, 1, ""));
    }
    report("a keystroke", &mut ours, &mut theirs);
}

/// A quote that opens a string which never ends, and is taken back.
fn stray_quote(editor: &mut Editor, text: &str) {
    let mut tree = Tree::new(text);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let lines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    for at in lines.iter().step_by(lines.len().div_ceil(60).max(1)) {
        let at = *at;
        let mut edited = text.to_owned();
        edited.insert(at, '"');
        theirs.push(tree.change(&edited, at, 0, 1));
        ours.push(editor.change(text, at, 0, "\""));
        theirs.push(tree.change(text, at, 1, 0));
        ours.push(editor.change(&edited, at, 1, ""));
    }
    report("a stray quote", &mut ours, &mut theirs);
}

fn report(what: &str, ours: &mut [Duration], theirs: &mut [Duration]) {
    ours.sort_unstable();
    theirs.sort_unstable();
    let at = |all: &[Duration], percent: usize| all[(all.len() * percent / 100).min(all.len() - 1)];
    for percent in [50, 99] {
        let (ours, theirs) = (at(ours, percent), at(theirs, percent));
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        println!("{what}, {percent} %: {ours:>10.1?} to diagnostics, {theirs:>10.1?} for tree-sitter: {ratio:.2}");
    }
}

struct Tree {
    parser: Parser,
    tree: tree_sitter::Tree,
    text: String,
}

impl Tree {
    fn new(text: &str) -> Self {
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_erlang::LANGUAGE.into()).expect("the grammar fits");
        let tree = parser.parse(text, None).expect("a tree");
        Self { parser, tree, text: text.to_owned() }
    }

    /// Parses the text again in which `old` bytes at an offset became `new` bytes.
    fn change(&mut self, text: &str, at: usize, old: usize, new: usize) -> Duration {
        let point = |text: &str, offset: usize| {
            let before = &text[..offset];
            let column = offset - before.rfind('\n').map_or(0, |newline| newline + 1);
            Point { row: before.matches('\n').count(), column }
        };
        let edit = InputEdit {
            start_byte: at,
            old_end_byte: at + old,
            new_end_byte: at + new,
            start_position: point(text, at),
            old_end_position: point(&self.text, at + old),
            new_end_position: point(text, at + new),
        };
        let started = Instant::now();
        self.tree.edit(&edit);
        self.tree = self.parser.parse(text, Some(&self.tree)).expect("a tree");
        let elapsed = started.elapsed();
        text.clone_into(&mut self.text);
        elapsed
    }
}

struct Editor {
    client: Connection,
    uri: String,
    version: i32,
    next: i32,
}

impl Editor {
    fn start(&mut self, root: &Path, text: &str) {
        let folders = json!([{"uri": uri(root), "name": "bench"}]);
        let started = Instant::now();
        self.request("initialize", json!({"capabilities": {}, "workspaceFolders": folders}));
        self.notify("initialized", json!({}));
        let document = json!({"uri": self.uri, "languageId": "erlang", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
        self.published();
        println!("first diagnostics of the open file: {:.1?}", started.elapsed());
        // The next ones come when all files were read.
        self.published();
        println!("diagnostics of the workspace: {:.1?}", started.elapsed());
        while self.client.receiver.recv_timeout(Duration::from_millis(500)).is_ok() {}
    }

    /// Until the diagnostics of that version are published.
    fn change(&mut self, text: &str, at: usize, old: usize, new: &str) -> Duration {
        let position = |offset: usize| {
            let line_start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
            let character = text[line_start..offset].encode_utf16().count();
            json!({"line": text[..offset].matches('\n').count(), "character": character})
        };
        self.version += 1;
        let change = json!({"range": {"start": position(at), "end": position(at + old)}, "text": new});
        let document = json!({"uri": self.uri, "version": self.version});
        let params = json!({"textDocument": document, "contentChanges": [change]});
        let started = Instant::now();
        self.notify("textDocument/didChange", params);
        self.published();
        started.elapsed()
    }

    fn published(&mut self) {
        while let Ok(message) = self.client.receiver.recv() {
            if let Message::Notification(it) = message
                && it.method == "textDocument/publishDiagnostics"
                && it.params["uri"] == self.uri.as_str()
                && it.params["version"] == self.version
            {
                return;
            }
        }
    }

    fn notify(&self, method: &str, params: Value) {
        let _ = self.client.sender.send(Notification { method: method.to_owned(), params }.into());
    }

    fn request(&mut self, method: &str, params: Value) {
        self.next += 1;
        let _ = self.client.sender.send(Request { id: self.next.into(), method: method.to_owned(), params }.into());
        while let Ok(message) = self.client.receiver.recv() {
            if matches!(message, Message::Response(_)) {
                return;
            }
        }
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// The corpus, and a module of its functions in many copies.
fn make_project(directory: &Path) -> (PathBuf, PathBuf) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/acme/src");
    let mut parts = Vec::new();
    for path in files::find(&[corpus], &Excludes::default(), &Bounds::default()).paths {
        let target = directory.join(path.file_name().unwrap_or_default());
        std::fs::copy(&path, target).expect("the corpus can be copied");
        if let Ok(text) = std::fs::read_to_string(&path)
            && path.extension().is_some_and(|it| it == "erl")
        {
            parts.push(text);
        }
    }
    let mut all = "-module(mod_acme_all).\n-export([start/2]).\n".to_owned();
    for number in 0.. {
        let part = &parts[number % parts.len()];
        all.push_str(&copy_of(part, number));
        if all.lines().count() >= LINES {
            break;
        }
    }
    let file = directory.join("mod_acme_all.erl");
    std::fs::write(&file, all).expect("the module can be written");
    (directory.to_path_buf(), file)
}

/// A module's functions under names of their own.
fn copy_of(text: &str, number: usize) -> String {
    let forms = split(text).forms;
    let names: Vec<&str> =
        forms.iter().filter(|form| form.kind == FormKind::Function).map(|form| &text[form.name.range()]).collect();
    let mut copy = String::new();
    for form in forms.iter().filter(|form| form.kind == FormKind::Function) {
        let mut function = text[form.span.range()].to_owned();
        for name in &names {
            for behind in ["(", "/"] {
                function = rename(&function, name, behind, number);
            }
        }
        copy.push_str(&function);
        copy.push_str("\n\n");
    }
    copy
}

fn rename(text: &str, name: &str, behind: &str, number: usize) -> String {
    let mut renamed = String::new();
    let mut rest = text;
    let wanted = format!("{name}{behind}");
    while let Some(at) = rest.find(&wanted) {
        let starts = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        renamed.push_str(&rest[..at + name.len()]);
        if starts {
            renamed.push_str(&format!("_{number}"));
        }
        renamed.push_str(behind);
        rest = &rest[at + wanted.len()..];
    }
    renamed + rest
}
