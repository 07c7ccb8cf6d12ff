//! Tests of rules: Erlang code in which comments mark what must be found.
//!
//! A comment under a line of code marks a finding in that line:
//!
//! ```erlang
//! hooks(HostType) ->
//!     [{user_send_pakcet, HostType, fun ?MODULE:sent/3, #{}, 50}].
//! %%    ^^^^^^^^^^^^^^^^ warning[unknown-hook]: did you mean
//! %%    = help: user_send_packet
//! ```
//!
//! * The carets stand under the primary span, in code points; of a span of several lines they mark the first line.
//!   `%%<^^` lets the span start under the first `%`.
//! * The text is part of the message. Lines with `=` below a marker name parts of its `label`, `help`, of one `note`
//!   or `related` place, or its whole `rewrite` class, `hook` or `handler`.
//! * Several markers for one line of code stand one under the other.
//! * `//- src/mod_b.erl` starts a further file; what stands before the first such line is `src/mod_a.erl`. Of files
//!   named `hookshift.toml` and `mongooseim.toml` the settings are taken.
//! * `//- from 6.3.1 to 6.3.2` asks about these two releases instead of 6.0.0 and 6.1.0.
//! * Whatever indentation all lines have in common is taken off.
//!
//! Findings and markers must be the same, no more and no less.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use crate::finding::{Finding, Severity};
use crate::fixing::verify::run_verified;
use crate::project::bounds::Bounds;
use crate::project::config::Config;
use crate::project::options::{Options, RuleSelection};
use crate::project::server_config::{ServerConfig, is_named_as_vars};

/// Asserts that all rules together find what is marked.
#[track_caller]
pub(crate) fn check(fixture: &str) {
    Case::new(fixture).check();
}

/// Asserts that a rule finds what is marked. There must be a marker: see [`untouched`].
#[track_caller]
pub(crate) fn check_rule(rule: &str, fixture: &str) {
    let case = Case::new(fixture).rules(&[rule]);
    assert!(!case.markers().is_empty(), "nothing is marked in this fixture; is `untouched` meant?");
    case.check();
}

/// Asserts that a rule finds nothing.
#[track_caller]
pub(crate) fn untouched(rule: &str, fixture: &str) {
    let case = Case::new(fixture).rules(&[rule]);
    assert!(case.markers().is_empty(), "there are markers in a fixture in which nothing shall be found");
    case.check();
}

/// Asserts that applying a rule's safe fixes to `before` gives `after`.
///
/// Of several files, `after` needs to have only those that change. Every fix goes through here: see
/// [`Case::fix`] for what else is asserted.
#[track_caller]
pub(crate) fn fixed(rule: &str, before: &str, after: &str) {
    fixed_together(&[rule], before, after);
}

/// The same for several rules, which meet in the code.
#[track_caller]
pub(crate) fn fixed_together(rules: &[&str], before: &str, after: &str) {
    let done = Case::new(before).rules(rules).fix(false);
    done.is(before, after);
    // Who takes unsafe ones as well must not be offered what undoes or repeats these.
    Case::new(before).rules(rules).fix(true);
}

/// Asserts that a rule has no safe fix for `before`, and that applying its unsafe ones gives `after`. `reason` is part
/// of what a person has to look at.
#[track_caller]
pub(crate) fn fixed_unsafely(rule: &str, reason: &str, before: &str, after: &str) {
    let done = Case::new(before).rules(&[rule]).fix(true);
    let reasons: Vec<&String> = done.outcome.applied.iter().flat_map(|applied| &applied.fix.reasons).collect();
    assert!(reasons.iter().any(|it| it.contains(reason)), "`{reason}` is in none of {reasons:#?}");
    done.is(before, after);
    let safe = Case::new(before).rules(&[rule]).fix(false);
    assert!(safe.outcome.files.is_empty(), "there is a safe fix, too");
}

/// Asserts that a rule finds something and has no fix for it, for a reason of which `why` is part.
#[track_caller]
pub(crate) fn unfixed(rule: &str, why: &str, before: &str) {
    let done = Case::new(before).rules(&[rule]).fix(true);
    assert!(done.outcome.files.is_empty(), "it was fixed:\n{}", done.texts(&[]));
    let left: Vec<_> = done.outcome.after.findings.iter().map(|finding| finding.no_fix.as_deref()).collect();
    assert!(!left.is_empty(), "nothing was found");
    assert!(left.iter().flatten().any(|it| it.contains(why)), "`{why}` is in none of {left:#?}");
}

/// What fixing a fixture came to.
pub(crate) struct Fixed {
    pub(crate) outcome: crate::fixing::Outcome,
    root: std::path::PathBuf,
}

impl Fixed {
    #[track_caller]
    pub(crate) fn is(&self, before: &str, after: &str) {
        let expected = files(after);
        let (before, paths): (Vec<_>, Vec<&str>) =
            (files(before), expected.iter().map(|(path, _)| path.as_str()).collect());
        let mut wanted = String::new();
        for (path, text) in &expected {
            if before.iter().any(|(known, old)| known == path && old == text) {
                panic!("{path} shall not change, and need not be named");
            }
            let _ = writeln!(wanted, "//- {path}\n{text}");
        }
        let found = self.texts(&paths);
        assert!(!self.outcome.files.is_empty(), "nothing was fixed: {:#?}", self.left());
        assert!(found == wanted, "expected:\n{wanted}\nfound:\n{found}\nleft: {:#?}", self.left());
    }

    fn left(&self) -> Vec<String> {
        let left = self.outcome.after.findings.iter();
        left.map(|it| format!("{}: {}: {:?}", it.rule, it.message, it.no_fix)).collect()
    }

    /// The changed files, in the order of `paths`, then the others.
    fn texts(&self, paths: &[&str]) -> String {
        let name = |file: &crate::fixing::Changed| {
            let path = file.source.path();
            path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned()
        };
        let mut texts: Vec<_> = self.outcome.files.iter().map(|file| (name(file), file.text.as_str())).collect();
        texts.sort_by_key(|(path, _)| paths.iter().position(|it| it == path).unwrap_or(usize::MAX));
        texts.iter().fold(String::new(), |mut out, (path, text)| {
            let _ = writeln!(out, "//- {path}\n{text}");
            out
        })
    }
}

/// A fixture with the question that is asked about it.
pub(crate) struct Case {
    files: Vec<(String, String)>,
    from: String,
    from_is_guess: bool,
    to: String,
    rules: Vec<String>,
}

impl Case {
    /// All rules, from 6.0.0 to 6.1.0.
    pub(crate) fn new(fixture: &str) -> Self {
        let ends = fixture.lines().find_map(ends);
        let (from, to) = ends.unwrap_or(("6.0.0", "6.1.0"));
        Self {
            files: files(fixture),
            from: from.to_owned(),
            from_is_guess: false,
            to: to.to_owned(),
            rules: Vec::new(),
        }
    }

    pub(crate) fn from(mut self, release: &str) -> Self {
        release.clone_into(&mut self.from);
        self
    }

    /// Code that shows to be older is taken to be so.
    pub(crate) fn guessed(mut self) -> Self {
        self.from_is_guess = true;
        self
    }

    pub(crate) fn to(mut self, release: &str) -> Self {
        release.clone_into(&mut self.to);
        self
    }

    /// Only these rules. Markers of other rules are mistakes.
    #[track_caller]
    pub(crate) fn rules(mut self, rules: &[&str]) -> Self {
        let known = super::names();
        for rule in rules {
            assert!(known.contains(rule), "there is no rule {rule}; there are {known:?}");
        }
        self.rules = rules.iter().map(|&rule| rule.to_owned()).collect();
        self
    }

    fn markers(&self) -> Vec<Marker> {
        self.files.iter().flat_map(|(path, text)| markers(path, text)).collect()
    }

    /// What the rules find, in the order of files and places.
    #[track_caller]
    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.run().0
    }

    /// Asserts that findings and markers are the same.
    #[track_caller]
    pub(crate) fn check(&self) {
        let (findings, root) = self.run();
        let mut missing = self.markers();
        for marker in &missing {
            let asked = self.rules.is_empty() || self.rules.contains(&marker.rule);
            assert!(asked, "{}:{}: the rule {} is not asked", marker.path, marker.line, marker.rule);
        }
        let mut unexpected: Vec<Found<'_>> = findings.iter().map(|finding| Found::new(finding, root.path())).collect();
        missing.retain(|marker| match unexpected.iter().position(|found| found.is(marker)) {
            Some(at) => {
                unexpected.remove(at);
                false
            }
            None => true,
        });
        if !missing.is_empty() || !unexpected.is_empty() {
            panic!("findings (+) and markers (-) differ\n{}", self.differences(&missing, &unexpected));
        }
    }

    #[track_caller]
    fn run(&self) -> (Vec<Finding>, tempfile::TempDir) {
        let root = tempfile::tempdir().unwrap();
        self.write(root.path());
        let analysis = crate::check::check(&self.options(root.path())).unwrap();
        let mut findings = analysis.findings;
        findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        (findings, root)
    }

    /// Applies the fixes in memory.
    ///
    /// Asserts that none of them had to be taken back (so the result has no finding that was not there before), and what
    /// [`run_verified`] does: that the result parses, that what no edit names is as it was, and that a second run changes
    /// nothing.
    #[track_caller]
    pub(crate) fn fix(&self, unsafe_too: bool) -> Fixed {
        let root = tempfile::tempdir().unwrap();
        self.write(root.path());
        let options = self.options(root.path());
        let mut wanted = |_: &Finding, fix: &crate::rewrite::Fix| unsafe_too || fix.is_safe();
        let outcome = run_verified(&options, &mut wanted).unwrap_or_else(|broken| panic!("{broken:#}"));
        let failed: Vec<_> = outcome.failed.iter().map(|it| format!("{}: {}", it.fix.title, it.why)).collect();
        assert!(failed.is_empty(), "taken back: {failed:#?}");
        Fixed { outcome, root: root.path().to_path_buf() }
    }

    fn write(&self, root: &Path) {
        for (path, text) in &self.files {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    fn options(&self, root: &Path) -> Options {
        let is_erlang = |path: &str| [".erl", ".hrl"].iter().any(|extension| path.ends_with(extension));
        let mut files: Vec<_> = self.files.iter().map(|(path, _)| path).filter(|path| is_erlang(path)).collect();
        files.sort_unstable();
        let config = self.files.iter().find(|(path, _)| path.ends_with("hookshift.toml"));
        let config =
            config.map(|(path, _)| Config::read(&root.join(path), &super::names(), &Bounds::default()).unwrap());
        let config = config.unwrap_or_default();
        let server = self.files.iter().filter(|(path, _)| path.contains("mongooseim") && path.ends_with(".toml"));
        let select = (!self.rules.is_empty()).then(|| self.rules.iter().cloned().collect::<BTreeSet<_>>());
        Options {
            files: files.into_iter().map(|path| root.join(path)).collect(),
            from: self.from.clone(),
            from_is_guess: self.from_is_guess,
            to: self.to.clone(),
            rules: RuleSelection { select, ..RuleSelection::default() },
            catalog: config.catalog,
            hooks: config.hooks,
            macros: config.macros,
            include_paths: config.include_paths,
            server_configs: server.map(|(path, _)| ServerConfig::read(&root.join(path)).unwrap()).collect(),
            template_vars: self
                .files
                .iter()
                .filter(|(path, _)| is_named_as_vars(Path::new(path)))
                .map(|(path, _)| root.join(path))
                .collect(),
            metric_files: self
                .files
                .iter()
                .filter(|(path, _)| path.starts_with("metrics/"))
                .map(|(path, _)| root.join(path))
                .collect(),
            fixes: true,
            // Starting threads takes longer than a fixture.
            threads: std::num::NonZeroUsize::new(1),
            ..Options::default()
        }
    }

    /// The lines in question with what is too much and what is missing below them.
    fn differences(&self, missing: &[Marker], unexpected: &[Found<'_>]) -> String {
        let mut shown = String::new();
        for (path, text) in &self.files {
            for (at, content) in text.lines().enumerate() {
                let mut below = String::new();
                for found in unexpected.iter().filter(|found| found.path == *path && found.line == at + 1) {
                    let _ = writeln!(below, "   + {}", found.show());
                }
                for marker in missing.iter().filter(|marker| marker.path == *path && marker.line == at + 1) {
                    let _ = writeln!(below, "   - {}", marker.show());
                }
                if !below.is_empty() {
                    let _ = writeln!(shown, "{path}:{}\n     {content}\n{below}", at + 1);
                }
            }
        }
        let elsewhere = |found: &&Found<'_>| !self.files.iter().any(|(path, _)| *path == found.path);
        for found in unexpected.iter().filter(elsewhere) {
            let _ = writeln!(shown, "{}:{}\n   + {}", found.path, found.line, found.show());
        }
        shown
    }
}

/// What a comment marks.
struct Marker {
    path: String,
    /// 1-based.
    line: usize,
    /// 1-based, in code points; the second is behind the last.
    columns: (usize, usize),
    severity: String,
    rule: String,
    text: String,
    details: Vec<(String, String)>,
}

impl Marker {
    fn show(&self) -> String {
        let details: String = self.details.iter().map(|(what, text)| format!("\n       = {what}: {text}")).collect();
        format!("{}{}[{}]: {}{details}", carets(self.columns), self.severity, self.rule, self.text)
    }
}

fn carets((start, end): (usize, usize)) -> String {
    format!("{}{} ", " ".repeat(start - 1), "^".repeat(end.saturating_sub(start).max(1)))
}

/// A finding as a marker would mark it.
struct Found<'a> {
    finding: &'a Finding,
    path: String,
    line: usize,
    columns: (usize, usize),
}

impl<'a> Found<'a> {
    fn new(finding: &'a Finding, root: &Path) -> Self {
        let source = &finding.place.source;
        let path = source.path().strip_prefix(root).unwrap_or(source.path());
        let start = source.position(finding.place.span.start);
        let line_end = source.position(source.line_span(start.line - 1).end);
        let end = source.position(finding.place.span.end).min(line_end);
        let path = path.to_string_lossy().into_owned();
        Self { finding, path, line: start.line, columns: (start.column, end.column) }
    }

    fn is(&self, marker: &Marker) -> bool {
        (self.path.as_str(), self.line, self.columns) == (marker.path.as_str(), marker.line, marker.columns)
            && self.finding.severity.to_string() == marker.severity
            && self.finding.rule == marker.rule
            && self.finding.message.contains(&marker.text)
            && marker.details.iter().all(|(what, text)| self.says(what, text))
    }

    fn says(&self, what: &str, text: &str) -> bool {
        let finding = self.finding;
        match what {
            "label" => finding.label.contains(text),
            "help" => finding.help.as_ref().is_some_and(|help| help.contains(text)),
            "note" => finding.notes.iter().any(|note| note.contains(text)),
            "related" => finding.related.iter().any(|label| label.message.contains(text)),
            "rewrite" => finding.rewrite.is_some_and(|class| class_name(class) == text),
            "hook" => finding.hook.as_deref() == Some(text),
            "handler" => finding.handler.as_ref().is_some_and(|handler| handler.to_string() == text),
            _ => panic!("`= {what}:` means nothing in a marker"),
        }
    }

    fn show(&self) -> String {
        let finding = self.finding;
        let mut shown = format!("{}{}[{}]: {}", carets(self.columns), finding.severity, finding.rule, finding.message);
        let mut detail = |what: &str, text: &str| {
            let _ = write!(shown, "\n       = {what}: {text}");
        };
        if !finding.label.is_empty() {
            detail("label", &finding.label);
        }
        finding.related.iter().for_each(|label| detail("related", &label.message));
        finding.notes.iter().for_each(|note| detail("note", note));
        if let Some(help) = &finding.help {
            detail("help", help);
        }
        if let Some(rewrite) = finding.rewrite {
            detail("rewrite", &class_name(rewrite));
        }
        shown
    }
}

fn class_name(class: crate::finding::Rewrite) -> String {
    serde_json::to_value(class).unwrap().as_str().unwrap().to_owned()
}

/// The default name of a file in a fixture.
const FIRST: &str = "src/mod_a.erl";

/// The two releases that a line of a fixture names.
fn ends(line: &str) -> Option<(&str, &str)> {
    line.trim().strip_prefix("//- from ")?.split_once(" to ")
}

pub(crate) fn files(fixture: &str) -> Vec<(String, String)> {
    let indentation = fixture.lines().filter(|line| !line.trim().is_empty());
    let indentation = indentation.map(|line| line.len() - line.trim_start_matches(' ').len()).min().unwrap_or(0);
    let mut files = vec![(FIRST.to_owned(), String::new())];
    // What follows the opening quotes on their line is no line of the code.
    for line in fixture.strip_prefix('\n').unwrap_or(fixture).lines() {
        let line = line.get(indentation..).unwrap_or("");
        if ends(line).is_some() {
            continue;
        }
        if let Some(path) = line.strip_prefix("//- ") {
            files.push((path.trim().to_owned(), String::new()));
        } else if let Some((_, text)) = files.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    files.retain(|(path, text)| path != FIRST || !text.trim().is_empty());
    files
}

fn markers(path: &str, text: &str) -> Vec<Marker> {
    let mut found: Vec<Marker> = Vec::new();
    let mut code_line = 0;
    // Whether the line before is a marker, to which details can be added.
    let mut open = false;
    for (at, line) in text.lines().enumerate() {
        if let Some(marker) = marker(path, code_line, line) {
            found.push(marker);
            open = true;
        } else if let Some(detail) = detail(path, line).filter(|_| open) {
            found.last_mut().unwrap().details.push(detail);
        } else {
            code_line = at + 1;
            open = false;
        }
    }
    found
}

fn marker(path: &str, line: usize, comment: &str) -> Option<Marker> {
    let (before, content) = comment.split_once(comment_sign(path))?;
    let from_comment = content.starts_with('<');
    let content = content.strip_prefix('<').unwrap_or(content);
    let blanks = content.len() - content.trim_start().len();
    let carets = content.trim_start().bytes().take_while(|&byte| byte == b'^').count();
    if !before.trim().is_empty() || carets == 0 {
        return None;
    }
    let before = before.chars().count();
    let first = before + "%%".len() + usize::from(from_comment) + blanks;
    let columns = (if from_comment { before } else { first } + 1, first + carets + 1);
    let said = content.trim_start()[carets..].trim();
    let parts = said.split_once('[').and_then(|(severity, rest)| Some((severity, rest.split_once("]:")?)));
    let Some((severity, (rule, text))) = parts else {
        panic!("{path}: a marker says `error[some-rule]: text`, not `{said}`");
    };
    let known = [Severity::Error, Severity::Warning, Severity::Info].map(|it| it.to_string());
    assert!(known.contains(&severity.to_owned()), "{path}: `{severity}` is no severity");
    assert!(line > 0, "{path}: a marker stands above all code");
    let (severity, rule, text) = (severity.to_owned(), rule.to_owned(), text.trim().to_owned());
    Some(Marker { path: path.to_owned(), line, columns, severity, rule, text, details: Vec::new() })
}

/// Both are two characters, so that the carets of either are as far to the left.
fn comment_sign(path: &str) -> &'static str {
    if path.ends_with(".toml") { "##" } else { "%%" }
}

fn detail(path: &str, comment: &str) -> Option<(String, String)> {
    let content = comment.trim_start().strip_prefix(comment_sign(path))?.trim_start().strip_prefix("= ")?;
    let (what, text) = content.split_once(':')?;
    Some((what.trim().to_owned(), text.trim().to_owned()))
}

mod tests {
    use super::*;

    const FIXTURE: &str = r#"
        f() ->
            g(x, 'ü'),
            %%   ^^^ warning[some-rule]: a text: with more
            %% = help: do this
            %%<^^ error[other-rule]:
            % no marker: ^^^
            h().
        %%<^^^^^^^^ info[some-rule]: x
        //- include/b.hrl
        -define(A, 1).
    "#;

    #[test]
    fn a_fixture_is_taken_apart() {
        let files = files(FIXTURE);
        let paths: Vec<_> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["src/mod_a.erl", "include/b.hrl"]);
        assert!(files[0].1.starts_with("f() ->\n    g(x"), "{}", files[0].1);
        assert_eq!(files[1].1.trim(), "-define(A, 1).");
    }

    #[test]
    fn markers_know_their_places() {
        let files = files(FIXTURE);
        let found = markers(&files[0].0, &files[0].1);
        let places: Vec<_> = found.iter().map(|it| (it.line, it.columns, it.rule.as_str())).collect();
        let expected = [(2, (10, 13), "some-rule"), (2, (5, 10), "other-rule"), (7, (1, 12), "some-rule")];
        assert_eq!(places, expected);
        assert_eq!(found[0].text, "a text: with more");
        assert_eq!(found[0].details, [("help".to_owned(), "do this".to_owned())]);
        assert_eq!((found[0].severity.as_str(), found[2].severity.as_str()), ("warning", "info"));
        assert!(markers(&files[1].0, &files[1].1).is_empty());
    }

    #[test]
    fn all_rules_speak_at_once() {
        check(
            r#"
            -module(mod_a).
            -export([start/2, failed/3]).
            start(HostType, _) ->
                gen_hook:add_handler(auth_faild, HostType, fun ?MODULE:failed/3, #{}, 50),
            %%                       ^^^^^^^^^^ warning[unknown-hook]: did you mean `auth_failed`?
                gen_hook:add_handler(auth_failed, global, fun failed/3, #{}, 50).
            %%                       ^^^^^^^^^^^ error[wrong-scope]: it is never called
            %%                                            ^^^^^^^^^^^^ error[local-handler]: cannot be a handler
            failed(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    #[should_panic(expected = "findings (+) and markers (-) differ")]
    fn what_is_not_marked_is_too_much() {
        untouched("unknown-hook", "start(H, _) -> gen_hook:add_handler(auth_faild, H, fun ?MODULE:f/3, #{}, 5).\n");
    }

    #[test]
    #[should_panic(expected = "a marker says")]
    fn a_marker_without_a_rule_is_a_mistake() {
        markers("a.erl", "f().\n%% ^^ error: x\n");
    }

    fn finding(text: &str, at: &str, severity: Severity, message: &str) -> Finding {
        let source = crate::source::Source::from_bytes("/p/src/mod_a.erl".into(), text.as_bytes().to_vec()).unwrap();
        let start = text.find(at).unwrap();
        let span = crate::source::Span::new(start, start + at.len());
        let place = crate::finding::Place::new(&std::sync::Arc::new(source), span);
        Finding::new("some-rule", severity, place, message)
    }

    #[test]
    fn a_finding_is_its_marker_only_when_everything_fits() {
        let (path, text) = files(FIXTURE).swap_remove(0);
        let marker = markers(&path, &text).swap_remove(0);
        let is = |finding: Finding| Found::new(&finding, Path::new("/p")).is(&marker);
        let good = || finding(&text, "'ü'", Severity::Warning, "so a text: with more and more").help("now do this");
        assert!(is(good()));
        assert!(!is(finding(&text, "'ü'", Severity::Warning, "a text: with more")));
        assert!(!is(finding(&text, "'ü'", Severity::Warning, "another text").help("do this")));
        assert!(!is(finding(&text, "'ü'", Severity::Error, "a text: with more").help("do this")));
        assert!(!is(finding(&text, "'ü')", Severity::Warning, "a text: with more").help("do this")));
        assert!(!is(finding(&text, "'ü", Severity::Warning, "a text: with more").help("do this")));
        let mut other = good();
        other.rule = "other-rule";
        assert!(!is(other));
    }

    #[test]
    fn differences_show_the_code_with_both_sides() {
        let case = Case::new(FIXTURE);
        let (path, text) = case.files[0].clone();
        let missing = markers(&path, &text);
        let found = finding(&text, "h()", Severity::Error, "what was found").note("because");
        let shown = case.differences(&missing[..1], &[Found::new(&found, Path::new("/p"))]);
        let expected = "src/mod_a.erl:2\n         g(x, 'ü'),\n   -          ^^^ warning[some-rule]: a text: with more\n       \
                        = help: do this\n\nsrc/mod_a.erl:7\n         h().\n   +     ^^^ error[some-rule]: what was found\n       \
                        = note: because\n\n";
        assert_eq!(shown, expected);
    }
}
