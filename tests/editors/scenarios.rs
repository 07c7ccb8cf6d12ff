//! What is tried in every editor.

use std::path::Path;

use serde_json::{Value, json};

use super::drive::Desk;
use super::project::Project;

/// Starts an editor in a directory with a file, and runs it through steps.
pub(crate) type Editor = fn(&Desk, &Path, &str, &[Value]) -> Vec<Value>;

const BOT: &str = "src/mod_acme_muc_bot.erl";
const GUARD: &str = "src/mod_acme_session_guard.erl";
const PUSH: &str = "src/mod_acme_push.erl";
const AUDIT: &str = "src/mod_acme_audit.erl";
const WRITER: &str = "src/acme_audit_writer.erl";

/// A comment whose characters count differently in bytes, UTF-16 and code points.
const NOTE: &str = "%% \u{1f980} \u{e9}\u{4e2d}: typed";

/// One open project, with what it is to become.
struct Session {
    project: Project,
    /// What the texts are to be, as far as they were edited by hand.
    mirror: Project,
    steps: Vec<Value>,
    /// Which steps must have come to what.
    expected: Vec<(usize, Value)>,
}

impl Session {
    fn new(project: Project) -> Self {
        let mirror = project.copy();
        project.commit();
        Self { project, mirror, steps: Vec::new(), expected: Vec::new() }
    }

    fn acme() -> Self {
        Self::new(Project::acme())
    }

    /// Adds a step, and returns its number.
    fn step(&mut self, step: Value) -> usize {
        self.steps.push(step);
        self.steps.len() - 1
    }

    /// The editor comes to show what the command line finds in the text as it is now.
    fn sees(&mut self, file: &str) {
        let findings = json!(self.mirror.findings(file));
        let step = self.step(json!({"do": "await", "findings": findings}));
        self.expected.push((step, findings));
    }

    /// Puts a line above the first place with this text.
    fn line(&mut self, file: &str, at: &str, text: &str) {
        self.step(json!({"do": "line", "at": at, "text": text}));
        self.mirror.replace(file, at, &format!("{text}\n{at}"));
    }

    fn save(&mut self) {
        self.step(json!({"do": "save"}));
    }

    fn run(&self, desk: &Desk, editor: Editor, file: &str) -> Vec<Value> {
        let answers = editor(desk, self.project.root(), file, &self.steps);
        for (step, expected) in &self.expected {
            let (step, found) = (*step, &answers[*step]);
            assert_eq!(found, expected, "{}\n{}", self.steps[step], desk.story(&self.steps));
        }
        answers
    }

    /// The whole project is what the command line makes of the mirror.
    fn is_fixed(&self, desk: &Desk, options: &[&str], files: &[&str]) {
        self.has(desk, &self.mirror.fixed(options, files));
    }

    fn has(&self, desk: &Desk, expected: &std::collections::BTreeMap<String, Vec<u8>>) {
        let found = self.project.files();
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (path, bytes) in expected {
            let (found, wanted) = (String::from_utf8_lossy(&found[path]), String::from_utf8_lossy(bytes));
            assert!(
                &self.project.files()[path] == bytes,
                "{path}:\n{found}\n---- and not\n{wanted}\n{}",
                desk.story(&self.steps)
            );
        }
    }
}

fn titles(answer: &Value) -> Vec<&str> {
    answer["titles"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect()
}

/// What is found is shown, and stays right while somebody types, takes back and saves.
pub(crate) fn findings_follow_what_is_typed(editor: Editor) {
    let mut session = Session::acme();
    session.sees(BOT);
    let intact = session.mirror.copy();
    session.step(json!({"do": "type", "at": "join_room, welcome", "text": "\u{e9}"}));
    session.mirror.replace(BOT, "join_room, welcome", "\u{e9}join_room, welcome");
    session.sees(BOT);
    session.step(json!({"do": "undo"}));
    session.mirror = intact;
    session.sees(BOT);
    session.line(BOT, "hooks(HostType) ->", NOTE);
    session.sees(BOT);
    session.save();
    let desk = Desk::new();
    session.run(&desk, editor, BOT);
    session.has(&desk, &session.mirror.files());
}

/// One safe fix, taken where the finding is.
pub(crate) fn a_safe_fix_is_preferred_and_writes_what_the_command_line_writes(editor: Editor) {
    let mut session = Session::acme();
    session.sees(GUARD);
    session.line(GUARD, "-behaviour(gen_mod).", NOTE);
    session.step(json!({"do": "type", "at": "-behaviour(gen_mod).", "text": "x{"}));
    session.step(json!({"do": "undo"}));
    let title = "let `is_blacklisted/3` take what `check_bl_c2s` gives in 6.1.0";
    let act = session.step(json!({"do": "act", "at": "is_blacklisted(false, #{ip :=", "skip": 25, "title": title}));
    session.save();
    let desk = Desk::new();
    let answers = session.run(&desk, editor, GUARD);
    let answer = &answers[act];
    assert_eq!(answer["preferred"], title, "{answer}");
    assert_eq!(answer["asked"], json!([]), "{answer}");
    for start in ["Suppress `changed-params` here", "Explain `changed-params`"] {
        assert!(titles(answer).iter().any(|title| title.starts_with(start)), "{answer}");
    }
    session.is_fixed(&desk, &["--select", "changed-params"], &[GUARD]);
}

/// All safe fixes of a module at once.
pub(crate) fn all_safe_fixes_write_what_the_command_line_writes(editor: Editor) {
    let mut session = Session::acme();
    session.sees(BOT);
    session.line(BOT, "%% Guests are those", NOTE);
    session.step(json!({"do": "type", "at": "command(Acc,", "text": "x "}));
    session.step(json!({"do": "undo"}));
    session.step(json!({"do": "act", "only": "source.fixAll.hookshift", "title": "Make all safe fixes of hookshift"}));
    session.save();
    let desk = Desk::new();
    session.run(&desk, editor, BOT);
    session.is_fixed(&desk, &[], &[BOT]);
    // What is left is what the command line leaves.
    let mut again = Session::new(session.project.copy());
    again.sees(BOT);
    again.run(&Desk::new(), editor, BOT);
}

/// A fix that needs a look says so, is not preferred, and changes a file that is not open.
pub(crate) fn a_fix_that_needs_a_look_says_so(editor: Editor) -> Value {
    let mut session = Session::acme();
    session.sees(AUDIT);
    let title = "let `on_close/3` take what `sm_remove_connection_hook` gives in 6.1.0";
    let act = session.step(json!({"do": "act", "at": "sm_remove_connection_hook", "title": title}));
    session.save();
    let desk = Desk::new();
    let answer = session.run(&desk, editor, AUDIT).swap_remove(act);
    let needs_look = |title_of: &&str| title_of.starts_with(title) && title_of.contains(" (look at it: ");
    assert_eq!(titles(&answer).iter().copied().filter(needs_look).count(), 1, "{answer}");
    session.is_fixed(&desk, &["--unsafe", "--select", "changed-meaning"], &[WRITER]);
    answer
}

/// Settings of the editor are those of the configuration file.
pub(crate) fn what_is_set_in_the_editor_counts(editor: Editor) {
    let mut session = Session::acme();
    std::fs::write(session.mirror.path("hookshift.toml"), "ignore = [\"changed-meaning\"]\n").unwrap();
    assert_ne!(session.mirror.findings(PUSH), session.project.findings(PUSH));
    session.sees(PUSH);
    session.run(&Desk::new(), editor, PUSH);
}

/// A module that registers with `ejabberd_hooks` is rewritten for the target release, and not only for the one on the way.
/// Returns the answer of the step that did it, with what was said on the way.
pub(crate) fn an_old_module_is_rewritten_to_the_end(editor: Editor, name: &str, options: &[&str]) -> (Value, String) {
    let file = format!("src/{name}.erl");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/legacy/handlers");
    let text = std::fs::read(corpus.join(format!("{name}.before.erl"))).unwrap();
    let mut session = Session::new(Project::of(&[(&file, &text), ("rebar.config", b"{deps, []}.\n")]));
    session.sees(&file);
    let title = format!("rewrite `{name}` for `gen_hook`");
    let act = session.step(json!({"do": "act", "at": "ejabberd_hooks:add", "title": title}));
    session.save();
    let messages = session.step(json!({"do": "messages"}));
    let desk = Desk::new();
    let mut answers = session.run(&desk, editor, &file);
    session.is_fixed(&desk, options, &[&file]);
    let messages = answers[messages].as_str().unwrap().to_owned();
    (answers.swap_remove(act), messages)
}

/// A comment that suppresses a finding.
pub(crate) fn a_finding_can_be_suppressed(editor: Editor) {
    let mut session = Session::acme();
    session.sees(GUARD);
    let at = "is_blacklisted(false, #{ip :=";
    session.step(json!({"do": "act", "at": at, "skip": 25, "title": "Suppress `changed-params` here"}));
    session.mirror.replace(GUARD, at, &format!("%% hookshift: ignore[changed-params] <why>\n{at}"));
    session.sees(GUARD);
    session.save();
    let desk = Desk::new();
    session.run(&desk, editor, GUARD);
    session.has(&desk, &session.mirror.files());
}

/// Hover, definition, completion and explanations.
pub(crate) fn what_is_known_can_be_asked(editor: Editor) {
    let mut session = Session::acme();
    session.sees(AUDIT);
    let hook = "sm_remove_connection_hook";
    let hover = session.step(json!({"do": "hover", "at": hook, "skip": 3}));
    let complete = session.step(json!({"do": "complete", "at": hook, "skip": 3}));
    let definition = session.step(json!({"do": "definition", "at": hook, "skip": 3}));
    let path = session.project.path(AUDIT);
    session.step(json!({"do": "open", "path": path}));
    session.step(json!({"do": "act", "at": hook, "title": "Explain `changed-meaning`", "says": true}));
    let explained = session.step(json!({"do": "explained", "name": "changed-meaning"}));
    let desk = Desk::new();
    let answers = session.run(&desk, editor, AUDIT);
    assert!(answers[hover].as_str().unwrap().contains(hook), "{}", answers[hover]);
    let words = answers[complete].as_array().unwrap();
    for word in [hook, "user_send_message", "filter_room_packet"] {
        assert!(words.iter().any(|it| it == word), "{word}: {}", answers[complete]);
    }
    assert!(answers[explained].as_str().unwrap().contains("changed-meaning"));
    assert_eq!(answers[definition]["path"], session.project.path(WRITER).to_str().unwrap());
    assert_eq!(answers[definition]["word"], "on_close", "{}", answers[definition]);
    session.has(&desk, &session.mirror.files());
}

/// A module in which a safe fix stands behind whatever `before` is, on the same line.
fn module(before: &str) -> String {
    format!(
        "%% -*- coding: CODING -*-
-module(mod_a).
-export([start/2, stop/1, stamp/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

%% Gr\u{f6}\u{df}e: 1
hooks(HostType) ->
\t{before} [{{c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{{}}, 50}}]. %% \u{e9}

stamp(Acc, _Params, _Extra) ->
    {{ok, Acc}}.
"
    )
}

/// Fixes a module, with a line typed into it, and compares the bytes.
fn fix_one(editor: Editor, text: &str, bytes: fn(&str) -> Vec<u8>) {
    const FILE: &str = "src/mod_a.erl";
    const AT: &str = "stop(HostType) ->";
    const LINE: &str = "%% Stra\u{df}e";
    let mut session = Session::new(Project::of(&[(FILE, &bytes(text)), ("rebar.config", b"{deps, []}.\n")]));
    session.sees(FILE);
    session.step(json!({"do": "line", "at": AT, "text": LINE}));
    let typed = text.replacen(AT, &format!("{LINE}\n{AT}"), 1);
    session.mirror = Project::of(&[(FILE, &bytes(&typed)), ("rebar.config", b"{deps, []}.\n")]);
    session.sees(FILE);
    session.step(
        json!({"do": "act", "at": "c2s_update_presence", "title": "register `stamp/3` for `user_send_presence`"}),
    );
    session.save();
    let desk = Desk::new();
    session.run(&desk, editor, FILE);
    session.is_fixed(&desk, &[], &[FILE]);
}

/// Columns are counted right behind characters that lie outside the first plane, and tabs.
pub(crate) fn characters_of_all_sizes_may_stand_before_a_fix(editor: Editor) {
    let text = module("_ = <<\"\u{1f980}\t\u{e9}\u{1f980}\"/utf8>>,\t").replace("CODING", "utf-8");
    fix_one(editor, &text, |text| text.as_bytes().to_vec());
}

pub(crate) fn line_ends_of_windows_stay(editor: Editor) {
    let text = module("_ = \"\u{e9}\",").replace("CODING", "utf-8");
    fix_one(editor, &text, |text| text.replace('\n', "\r\n").into_bytes());
}

pub(crate) fn latin_1_stays(editor: Editor) {
    let text = module("_ = \"\u{e9}\u{fc}\",").replace("CODING", "latin-1");
    fix_one(editor, &text, |text| text.chars().map(|c| u8::try_from(c).unwrap()).collect());
}
