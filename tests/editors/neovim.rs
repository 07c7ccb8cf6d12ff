//! Neovim, with its own client.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::drive::Desk;
use super::project::Project;
use super::{scenarios, snippet};

fn neovim(desk: &Desk, directory: &Path, file: &str, steps: &[Value]) -> Vec<Value> {
    run(desk, &snippet(section(), "lua"), directory, file, steps)
}

/// The same, with the settings of the page.
fn neovim_with_settings(desk: &Desk, directory: &Path, file: &str, steps: &[Value]) -> Vec<Value> {
    let settings = snippet(section(), "lua").replacen("-- init_options", "init_options", 1);
    run(desk, &settings, directory, file, steps)
}

/// The part of the page that is for the Neovim at hand.
fn section() -> &'static str {
    let run = Command::new("nvim").arg("--version").output().expect("Neovim runs");
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    let version =
        text.lines().next().and_then(|line| line.strip_prefix("NVIM v0.")).and_then(|it| it.split('.').next());
    match version.and_then(|it| it.parse().ok()) {
        Some(0..=7) => "### Neovim 0.7",
        Some(8..=10) => "### Neovim 0.8 to 0.10",
        _ => "### Neovim 0.11",
    }
}

fn run(desk: &Desk, settings: &str, directory: &Path, file: &str, steps: &[Value]) -> Vec<Value> {
    desk.put(".config/nvim/init.lua", settings);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/editors/neovim.lua");
    let mut nvim = desk.command("nvim", directory);
    nvim.args(["--headless", file, "-c"]).arg(format!("luafile {}", script.display()));
    let answers = desk.run(nvim, steps);
    assert_eq!(desk.ends(), "0\n", "{}", desk.story(steps));
    answers
}

#[test]
fn findings_follow_what_is_typed() {
    scenarios::findings_follow_what_is_typed(neovim);
}

#[test]
fn a_safe_fix_is_preferred_and_writes_what_the_command_line_writes() {
    scenarios::a_safe_fix_is_preferred_and_writes_what_the_command_line_writes(neovim);
}

#[test]
fn all_safe_fixes_write_what_the_command_line_writes() {
    scenarios::all_safe_fixes_write_what_the_command_line_writes(neovim);
}

/// Nothing is asked: this client does not know of edits that want to be confirmed.
#[test]
fn a_fix_that_needs_a_look_says_so() {
    let answer = scenarios::a_fix_that_needs_a_look_says_so(neovim);
    assert!(answer["preferred"].is_null() && answer["asked"] == json!([]), "{answer}");
}

/// Where the rewriting leads is not known before it is chosen, and told then.
#[test]
fn an_old_module_is_rewritten_to_the_end() {
    let look = "for `gen_hook` (look at what comes of it: one change leads to others)";
    let run = scenarios::an_old_module_is_rewritten_to_the_end;
    let (answer, messages) = run(neovim, "plain_clean_rooms", &[]);
    assert!(answer["preferred"].is_null() && answer["titles"][0].as_str().unwrap().ends_with(look), "{answer}");
    assert!(!messages.contains("look at it: "), "{messages}");
    let (answer, messages) = run(neovim, "nasty_phrase", &["--unsafe"]);
    assert!(answer["preferred"].is_null() && answer["titles"][0].as_str().unwrap().ends_with(look), "{answer}");
    assert!(messages.contains("look at it: `preprocess/3`: the handler reads its parameters"), "{messages}");
}

#[test]
fn what_is_set_in_the_editor_counts() {
    scenarios::what_is_set_in_the_editor_counts(neovim_with_settings);
}

#[test]
fn a_finding_can_be_suppressed() {
    scenarios::a_finding_can_be_suppressed(neovim);
}

#[test]
fn what_is_known_can_be_asked() {
    scenarios::what_is_known_can_be_asked(neovim);
}

#[test]
fn handlers_have_lenses() {
    const FILE: &str = "src/mod_acme_push.erl";
    let project = Project::acme();
    let steps = [json!({"do": "await", "findings": project.findings(FILE)}), json!({"do": "lenses"})];
    project.commit();
    let lenses = neovim(&Desk::new(), project.root(), FILE, &steps);
    let lenses: Vec<&str> = lenses[1].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    for hook in ["user_receive_packet", "offline_message_hook", "unacknowledged_message"] {
        assert!(lenses.iter().any(|lens| lens.contains(hook)), "{hook}: {lenses:?}");
    }
}

#[test]
fn characters_of_all_sizes_may_stand_before_a_fix() {
    scenarios::characters_of_all_sizes_may_stand_before_a_fix(neovim);
}

#[test]
fn line_ends_of_windows_stay() {
    scenarios::line_ends_of_windows_stay(neovim);
}

#[test]
fn latin_1_stays() {
    scenarios::latin_1_stays(neovim);
}
