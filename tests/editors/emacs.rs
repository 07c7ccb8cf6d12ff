//! Emacs, with eglot, on a terminal that `script` makes.

use std::path::Path;

use serde_json::{Value, json};

use super::drive::Desk;
use super::project::Project;
use super::{scenarios, snippet};

fn emacs(desk: &Desk, directory: &Path, file: &str, steps: &[Value]) -> Vec<Value> {
    run(desk, &snippet(SECTION, "elisp"), directory, file, steps)
}

/// The same, with the settings of the page.
fn emacs_with_settings(desk: &Desk, directory: &Path, file: &str, steps: &[Value]) -> Vec<Value> {
    let settings = snippet(SECTION, "elisp").replacen(";; (setq-default", "(setq-default", 1);
    run(desk, &settings, directory, file, steps)
}

const SECTION: &str = "### Emacs with eglot";

fn run(desk: &Desk, settings: &str, directory: &Path, file: &str, steps: &[Value]) -> Vec<Value> {
    desk.put(".emacs.d/init.el", settings);
    // It would compile in the background what it loads, for nobody.
    desk.put(".emacs.d/early-init.el", "(setq native-comp-deferred-compilation nil)\n");
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/editors/emacs.el");
    let line = format!("emacs -nw {file} -l '{}'", driver.display());
    let mut script = desk.command("script", directory);
    script.args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"]);
    desk.run(script, steps)
}

#[test]
fn findings_follow_what_is_typed() {
    scenarios::findings_follow_what_is_typed(emacs);
}

#[test]
fn a_safe_fix_is_preferred_and_writes_what_the_command_line_writes() {
    scenarios::a_safe_fix_is_preferred_and_writes_what_the_command_line_writes(emacs);
}

#[test]
fn all_safe_fixes_write_what_the_command_line_writes() {
    scenarios::all_safe_fixes_write_what_the_command_line_writes(emacs);
}

/// What is asked is only whether a file may be changed that is not open: this client does not know of edits that want to be
/// confirmed.
#[test]
fn a_fix_that_needs_a_look_says_so() {
    let answer = scenarios::a_fix_that_needs_a_look_says_so(emacs);
    let asked = answer["asked"].as_array().unwrap();
    assert!(asked.len() == 1 && asked[0].as_str().unwrap().contains("acme_audit_writer.erl"), "{answer}");
}

/// This client wants to have all edits at once, so that it is known where they lead.
#[test]
fn an_old_module_is_rewritten_to_the_end() {
    let run = scenarios::an_old_module_is_rewritten_to_the_end;
    let (answer, _) = run(emacs, "plain_clean_rooms", &[]);
    assert_eq!(answer["preferred"], "rewrite `plain_clean_rooms` for `gen_hook`", "{answer}");
    let (answer, _) = run(emacs, "nasty_phrase", &["--unsafe"]);
    let title = answer["titles"][0].as_str().unwrap();
    assert!(title.contains("(look at it: `preprocess/3`: the handler reads its parameters"), "{answer}");
}

#[test]
fn what_is_set_in_the_editor_counts() {
    scenarios::what_is_set_in_the_editor_counts(emacs_with_settings);
}

/// Nothing is asked of this client that it does not understand.
#[test]
fn nobody_is_warned() {
    const FILE: &str = "src/mod_acme_push.erl";
    let project = Project::acme();
    let found = json!({"do": "await", "findings": project.findings(FILE)});
    project.commit();
    let answers = emacs(&Desk::new(), project.root(), FILE, &[found, json!({"do": "messages"})]);
    let messages = answers[1].as_str().unwrap();
    assert!(messages.contains("Connected!"), "{messages}");
    assert!(!messages.to_lowercase().contains("warning"), "{messages}");
}

#[test]
fn a_finding_can_be_suppressed() {
    scenarios::a_finding_can_be_suppressed(emacs);
}

#[test]
fn what_is_known_can_be_asked() {
    scenarios::what_is_known_can_be_asked(emacs);
}

#[test]
fn characters_of_all_sizes_may_stand_before_a_fix() {
    scenarios::characters_of_all_sizes_may_stand_before_a_fix(emacs);
}

#[test]
fn line_ends_of_windows_stay() {
    scenarios::line_ends_of_windows_stay(emacs);
}

#[test]
fn latin_1_stays() {
    scenarios::latin_1_stays(emacs);
}
