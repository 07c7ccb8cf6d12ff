//! The examples in change files, run: does what an entry says lead to the findings, and to the code, that its author had in mind?
//!
//! An example is judged as a project of one file between the two releases of its change file, with all rules. What is left to
//! say, a `TODO` in any of the files, is listed as well.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::{Catalog, Changes, Example, OwnError, Parts};
use crate::extract::draft::TODO;
use crate::finding::{Finding, Severity};
use crate::fixing;
use crate::project::options::Options;
use crate::project::server_config::ServerConfig;

/// What became of all examples of a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Report {
    /// One for each entry that has examples, in the order of files and entries.
    pub entries: Vec<Entry>,
    /// Entries about hooks, functions and options that have none.
    pub without_examples: usize,
    /// What is left to say, in the order of files and lines.
    pub todos: Vec<Todo>,
}

/// An entry of a change file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entry {
    /// The file, as it is found from the directory.
    pub file: String,
    /// The 1-based line that has the entry's name.
    pub line: usize,
    /// `hook`, `api` or `config`.
    pub kind: &'static str,
    pub name: String,
    pub examples: Vec<Verdict>,
}

/// What became of an example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verdict {
    /// The rules that have to find something, sorted.
    pub expected: Vec<String>,
    /// Those that do, sorted, each once: all with errors or warnings, and what is expected besides.
    pub found: Vec<String>,
    /// The code that fixing has to give, and what it gives, where these differ.
    pub expected_code: Option<String>,
    pub found_code: Option<String>,
    pub passed: bool,
}

/// A place where something is left to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Todo {
    pub file: String,
    /// 1-based.
    pub line: usize,
    /// The line.
    pub text: String,
}

impl Report {
    /// How many examples there are, and how many of them are as they should be.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let all = self.entries.iter().flat_map(|entry| &entry.examples);
        (all.clone().count(), all.filter(|it| it.passed).count())
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let (all, passed) = self.counts();
        all == passed && self.todos.is_empty()
    }
}

/// Why the examples of a directory cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum ExamplesError {
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Files(Vec<OwnError>),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// Runs the examples in the change files below a directory.
///
/// # Errors
/// A file cannot be read, or the files are no catalog.
pub fn run(directory: &Path) -> Result<Report, ExamplesError> {
    let catalog = Arc::new(catalog(directory)?);
    let mut report = Report::default();
    for path in files(directory)? {
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let file = path.strip_prefix(directory).unwrap_or(&path).display().to_string();
        let is_todo = |(_, line): &(usize, &str)| line.contains(TODO) && !line.trim_start().starts_with('#');
        report.todos.extend(text.lines().enumerate().filter(is_todo).map(|(at, line)| Todo {
            file: file.clone(),
            line: at + 1,
            text: line.trim().to_owned(),
        }));
        if path.parent().and_then(Path::file_name).is_some_and(|name| name == "changes") {
            // It was read with the catalog, so it is one.
            let changes: Changes = toml::from_str(&text).with_context(|| file.clone())?;
            entries(&catalog, &changes, &file, &text, &mut report)?;
        }
    }
    Ok(report)
}

/// The catalog that the files are, or, where they describe only a part, the one that is built in with them over it.
fn catalog(directory: &Path) -> Result<Catalog, ExamplesError> {
    if let Ok(parts) = Parts::read(directory)
        && !directory.join("hooks.toml").exists()
        && !parts.changes.is_empty()
        && parts.changes.iter().all(|((from, to), _)| parts.release(*from).is_some() && parts.release(*to).is_some())
    {
        return Ok(Catalog::from_parts(parts));
    }
    Catalog::embedded().with_own(directory, directory).map_err(ExamplesError::Files)
}

/// All TOML files of a catalog, in the order of their paths.
fn files(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for directory in [directory.to_path_buf(), directory.join("changes"), directory.join("releases")] {
        if !directory.is_dir() {
            continue;
        }
        let list = fs::read_dir(&directory).with_context(|| directory.display().to_string())?;
        for entry in list {
            paths.push(entry.with_context(|| directory.display().to_string())?.path());
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    Ok(paths)
}

fn entries(
    catalog: &Arc<Catalog>,
    changes: &Changes,
    file: &str,
    text: &str,
    report: &mut Report,
) -> anyhow::Result<()> {
    let hooks = changes.hooks.iter().map(|it| ("hook", &it.hook, &it.examples));
    let api = changes.api.iter().map(|it| ("api", &it.name, &it.examples));
    let config = changes.config.iter().map(|it| ("config", &it.path, &it.examples));
    let mut entries = Vec::new();
    for (kind, name, examples) in hooks.chain(api).chain(config) {
        if examples.is_empty() {
            report.without_examples += 1;
            continue;
        }
        let verdicts = examples.iter().map(|example| {
            let verdict = judge(catalog, changes, kind, example);
            verdict.with_context(|| format!("{file}: the example of `{name}` cannot be run"))
        });
        let line = line_of(text, kind, name);
        let examples: anyhow::Result<Vec<Verdict>> = verdicts.collect();
        entries.push(Entry { file: file.to_owned(), line, kind, name: name.clone(), examples: examples? });
    }
    entries.sort_by_key(|entry| entry.line);
    report.entries.extend(entries);
    Ok(())
}

/// The line that gives an entry its name.
fn line_of(text: &str, kind: &str, name: &str) -> usize {
    let (table, key) = match kind {
        "hook" => ("[[hooks]]", "hook"),
        "api" => ("[[api]]", "name"),
        _ => ("[[config]]", "path"),
    };
    // What stands in the tables of an entry can have another one's name.
    let mut is_own = false;
    let is_it = |line: &str| {
        if line.starts_with('[') {
            is_own = line.trim_end() == table;
        }
        let value = line.trim_start().strip_prefix(key).and_then(|rest| rest.trim_start().strip_prefix('='));
        is_own
            && value.is_some_and(|value| value.contains(&format!("\"{name}\"")) || value.contains(&format!("'{name}'")))
    };
    text.lines().position(is_it).map_or(1, |at| at + 1)
}

/// Judges and fixes one example.
fn judge(catalog: &Arc<Catalog>, changes: &Changes, kind: &str, example: &Example) -> anyhow::Result<Verdict> {
    let directory = tempfile::tempdir().context("there is no directory for examples")?;
    let path = directory.path().join(if kind == "config" { "mongooseim.toml" } else { "example.erl" });
    fs::write(&path, &example.code).with_context(|| path.display().to_string())?;
    let mut options = Options {
        from: changes.from.clone(),
        to: changes.to.clone(),
        catalog: Some(catalog.clone()),
        // Starting threads takes longer than an example.
        threads: std::num::NonZeroUsize::new(1),
        ..Options::default()
    };
    if kind == "config" {
        options.server_configs.push(ServerConfig::read(&path)?);
    } else {
        options.files.push(path);
    }
    let outcome = fixing::run(&options, None, &mut |_, _| true)?;
    let mut expected = example.expect.clone();
    expected.sort();
    expected.dedup();
    let matters = |it: &&Finding| it.severity != Severity::Info || expected.iter().any(|rule| rule == it.rule);
    let mut found: Vec<String> = outcome.before.findings.iter().filter(matters).map(|it| it.rule.to_owned()).collect();
    found.sort();
    found.dedup();
    let wanted = example.fixed.as_deref().or_else(|| expected.is_empty().then_some(&*example.code));
    let code = outcome.files.first().map_or(&*example.code, |file| &*file.text);
    let differs = wanted.filter(|wanted| wanted.trim_end() != code.trim_end());
    Ok(Verdict {
        passed: expected == found && differs.is_none(),
        expected,
        found,
        expected_code: differs.map(str::to_owned),
        found_code: differs.map(|_| code.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRIES: &str = r#"
from = "6.0.0"
to = "6.1.0"

[[hooks]]
hook = "shop_placed"
kind = "removed"
summary = "It is called `shop_accepted` now."
advice = "Register for `shop_accepted`."
rewrite = "mechanical"
replacements = [{ hook = "shop_accepted" }]
evidence = [{ release = "6.1.0", at = "src/shop.erl:3" }]

[[hooks]]
hook = "shop_accepted"
kind = "added"
summary = "New."
advice = ""
rewrite = "none"
evidence = [{ release = "6.1.0", at = "src/shop.erl:3" }]
"#;

    const HOOKS: &str = "
[[hooks]]
name = 'shop_placed'
run = 'shop:placed/2'
scope = 'host-type'
accumulator = 'ok'
until = '6.0.0'
[[hooks]]
name = 'shop_accepted'
run = 'shop:accepted/2'
scope = 'host-type'
accumulator = 'ok'
since = '6.1.0'
";

    fn code(hook: &str) -> String {
        format!(
            "-module(example).\n-export([f/3]).\nstart(H, _) ->\n    \
             gen_hook:add_handler({hook}, H, fun ?MODULE:f/3, #{{}}, 50).\nstop(H) ->\n    \
             gen_hook:delete_handler({hook}, H, fun ?MODULE:f/3, #{{}}, 50).\nf(Acc, #{{}}, _) -> {{ok, Acc}}.\n"
        )
    }

    fn report(examples: &str) -> Result<Report, ExamplesError> {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("changes")).unwrap();
        fs::write(directory.path().join("hooks.toml"), HOOKS).unwrap();
        let text = ENTRIES.replacen(
            "\n[[hooks]]\nhook = \"shop_accepted\"",
            &format!("{examples}\n[[hooks]]\nhook = \"shop_accepted\""),
            1,
        );
        fs::write(directory.path().join("changes/6.0.0-to-6.1.0.toml"), text).unwrap();
        run(directory.path())
    }

    fn example(code: &str, rest: &str) -> String {
        format!("\n[[hooks.examples]]\ncode = '''\n{code}'''\n{rest}\n")
    }

    #[test]
    fn what_is_as_expected_passes() {
        let (old, new) = (code("shop_placed"), code("shop_accepted"));
        let examples = [
            example(&old, &format!("expect = ['removed-hook']\nfixed = '''\n{new}'''")),
            example(&old, "expect = ['removed-hook']"),
            example(&new, ""),
        ];
        let report = report(&examples.concat()).unwrap();
        assert_eq!(report.counts(), (3, 3), "{report:#?}");
        assert!(report.is_clean());
        assert_eq!(report.without_examples, 1);
        let [entry] = &report.entries[..] else { panic!("{report:#?}") };
        assert_eq!(
            (entry.file.as_str(), entry.line, entry.name.as_str()),
            ("changes/6.0.0-to-6.1.0.toml", 6, "shop_placed")
        );
    }

    #[test]
    fn what_is_not_as_expected_fails_with_what_came_instead() {
        let old = code("shop_placed");
        let examples = [
            example(&old, ""),
            example(&old, "expect = ['changed-params']"),
            example(&old, &format!("expect = ['removed-hook']\nfixed = '''\n{old}'''")),
        ];
        let report = report(&examples.concat()).unwrap();
        assert_eq!(report.counts(), (3, 0), "{report:#?}");
        let examples = &report.entries[0].examples;
        assert_eq!(examples[1].found, ["removed-hook"]);
        assert!(examples[2].found_code.as_ref().unwrap().contains("shop_accepted"));
        assert!(!report.is_clean());
    }

    #[test]
    fn what_is_left_to_say_is_listed() {
        let report = report("advice_of_nobody = 1").map(|_| ()).unwrap_err().to_string();
        assert!(report.starts_with("changes/6.0.0-to-6.1.0.toml:13:1: unknown field"), "{report}");
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("hooks.toml"), format!("# TODO: nothing\n{HOOKS}at = 'TODO'\n")).unwrap();
        let report = run(directory.path()).unwrap();
        let [todo] = &report.todos[..] else { panic!("{report:#?}") };
        assert_eq!((todo.file.as_str(), todo.text.as_str()), ("hooks.toml", "at = 'TODO'"));
        assert!(!report.is_clean());
    }

    #[test]
    fn the_examples_of_the_built_in_catalog_are_right() {
        let report = run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog")).unwrap();
        assert!(report.is_clean(), "{report:#?}");
        assert!(report.without_examples > 500, "{}", report.without_examples);
    }
}
