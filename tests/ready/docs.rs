//! The pages about CI and many repositories say what is: options exist, and what is shown of a console happens.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use snapbox::Data;
use snapbox::assert_data_eq;

use super::{FILTER, HOOKSHIFT, QUIET, command, git, git_repository, read, run};

/// The pages with what is to be copied.
pub const PAGES: [&str; 2] = ["docs/ci.md", "docs/fleet.md"];

/// A block of code in a page.
pub struct Block {
    pub page: &'static str,
    pub language: String,
    pub text: String,
}

/// The blocks of code in a page, those in lists without their indentation.
pub fn blocks(page: &'static str) -> Vec<Block> {
    let text = read(page);
    let mut lines = text.lines();
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        let bare = line.trim_start();
        let Some(language) = bare.strip_prefix("```") else { continue };
        let indentation = &line[..line.len() - bare.len()];
        let code = lines.by_ref().take_while(|line| line.trim() != "```");
        let code = code.map(|line| line.strip_prefix(indentation).unwrap_or(line).to_owned() + "\n");
        blocks.push(Block { page, language: language.trim().to_owned(), text: code.collect() });
    }
    blocks
}

/// The long options of each command, as its help has them.
fn options(subcommand: &str) -> Vec<String> {
    let words: Vec<&str> = subcommand.split(' ').collect();
    let (code, help, _) = run(command(HOOKSHIFT, Path::new(".")).args(words).arg("--help"));
    assert_eq!(code, Some(0), "there is no command {subcommand}");
    let words = help.split_whitespace().filter(|word| word.starts_with("--"));
    words.map(|word| word.split(['=', ',', ']']).next().unwrap().to_owned()).collect()
}

/// What is called in a text, from `hookshift COMMAND` to the end of the command, over lines that are continued.
fn calls(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let mut calls = Vec::new();
    for line in joined.lines() {
        for (at, _) in line.match_indices("hookshift ") {
            let is_word = line[..at].chars().next_back().is_none_or(|c| " `'/(".contains(c));
            let call = &line[at + "hookshift ".len()..];
            let end = call.find(['`', '|', '>', '<', ';', '\'', '(']).unwrap_or(call.len());
            let call = call[..end].trim();
            let is_command = call.starts_with(|c: char| c.is_ascii_lowercase());
            if is_word && is_command {
                calls.push(call.to_owned());
            }
        }
    }
    calls
}

static COMMANDS: LazyLock<BTreeMap<&str, Vec<String>>> = LazyLock::new(|| {
    ["check", "fix", "review", "merge", "baseline write", "baseline prune", "schema"]
        .into_iter()
        .map(|name| (name, options(name)))
        .collect()
});

/// What is wrong with a call, if anything.
fn wrong(call: &str) -> Option<String> {
    let (name, options) = COMMANDS.iter().find(|(name, _)| call == **name || call.starts_with(&format!("{name} ")))?;
    // What is behind `--` is no option.
    let words = call[name.len()..].split_whitespace().take_while(|word| *word != "--");
    let used = words.filter(|word| word.starts_with("--")).map(|word| word.split(['=', ',', '.']).next().unwrap());
    let unknown = used.filter(|option| !options.iter().any(|known| known == option)).collect::<Vec<_>>();
    (!unknown.is_empty()).then(|| format!("`hookshift {name}` has no {}", unknown.join(", ")))
}

#[test]
fn options_that_are_shown_exist() {
    let mut texts: Vec<(&str, String)> = PAGES.iter().map(|page| (*page, read(page))).collect();
    for file in ["ci/gitlab.yml", ".pre-commit-hooks.yaml", "docs/fleet/check-one"] {
        texts.push((file, read(file)));
    }
    let mut seen = 0;
    for (file, text) in texts {
        for call in calls(&text) {
            let is_known = COMMANDS.keys().any(|name| call == *name || call.starts_with(&format!("{name} ")));
            seen += usize::from(is_known);
            assert_eq!(wrong(&call), None, "{file}: hookshift {call}");
        }
    }
    assert!(seen > 20, "{seen}");
    assert_eq!(wrong("check --form json"), Some("`hookshift check` has no --form".to_owned()));
    let page = "`hookshift check --a\\\n  --b` and a hookshift that is, or `x/hookshift merge --c | d`";
    assert_eq!(calls(page), ["check --a   --b", "that is, or", "merge --c"]);
}

/// A project in which everything that the pages show can be called.
fn project() -> tempfile::TempDir {
    let project = git_repository(&[
        ("mod_acme_filter.erl", FILTER),
        ("repositories.txt", "acme/push file:///x/push.git\nacme/filter file:///x/filter.git\n"),
    ]);
    let reports = project.path().join("reports/acme");
    fs::create_dir_all(&reports).unwrap();
    for (name, text) in [("filter", FILTER), ("push", QUIET)] {
        let repository = git_repository(&[("a.erl", text)]);
        let report = format!("--output=json={}", reports.join(name).with_extension("json").display());
        run(command(HOOKSHIFT, repository.path()).args(["check", &report]));
    }
    project
}

#[test]
fn consoles_show_what_happens() {
    let mut seen = 0;
    for page in PAGES {
        let project = project();
        for block in blocks(page).iter().filter(|block| block.language == "console") {
            let mut lines = block.text.lines().peekable();
            while let Some(line) = lines.next() {
                let call = line.strip_prefix("$ ").unwrap_or_else(|| panic!("{page}: {line}"));
                let code = lines.next_if(|line| line.starts_with("? ")).map_or(0, |line| line[2..].parse().unwrap());
                let mut expected = String::new();
                while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                    expected += &format!("{line}\n");
                }
                let bin = Path::new(HOOKSHIFT).parent().unwrap().display().to_string();
                let mut bash = command("bash", project.path());
                bash.env("PATH", format!("{bin}:{}", std::env::var("PATH").unwrap())).args(["-c", call]);
                let (got, stdout, stderr) = run(&mut bash);
                assert_eq!(got, Some(code), "{page}: {call}\n{stdout}\n{stderr}");
                if expected.trim() != "..." {
                    assert_data_eq!(
                        stdout.trim_end().to_owned() + "\n",
                        Data::text(expected.trim_end().to_owned() + "\n")
                    );
                }
                seen += 1;
            }
        }
    }
    assert!(seen >= 6, "{seen}");
}

#[test]
fn a_baseline_is_adopted_step_by_step() {
    let project = git_repository(&[("mod_acme_filter.erl", FILTER)]);
    let hookshift = |args: &[&str]| run(command(HOOKSHIFT, project.path()).args(args));
    assert_eq!(hookshift(&["check"]).0, Some(1));
    assert_eq!(hookshift(&["baseline", "write"]).0, Some(0));
    let page = blocks("docs/ci.md");
    let configuration = page.iter().find(|block| block.language == "toml").unwrap();
    fs::write(project.path().join("hookshift.toml"), &configuration.text).unwrap();
    git(project.path(), &["add", "hookshift-baseline.toml", "hookshift.toml"]);
    assert_eq!(hookshift(&["check"]).0, Some(0), "all is known");
    // Something new.
    let new = FILTER.replace("mod_acme_filter", "mod_acme_other");
    fs::write(project.path().join("mod_acme_other.erl"), new).unwrap();
    assert_eq!(hookshift(&["check"]).0, Some(1));
    fs::remove_file(project.path().join("mod_acme_other.erl")).unwrap();
    // What is fixed leaves the file.
    let before = fs::read_to_string(project.path().join("hookshift-baseline.toml")).unwrap();
    fs::write(project.path().join("mod_acme_filter.erl"), FILTER.replace("{ok, drop}", "{stop, drop}")).unwrap();
    assert_eq!(hookshift(&["baseline", "prune"]).0, Some(0));
    let after = fs::read_to_string(project.path().join("hookshift-baseline.toml")).unwrap();
    assert!(before.contains("drop-result") && !after.contains("drop-result"), "{after}");
    assert!(after.contains("removed-hook"), "{after}");
}
