//! Comments that suppress findings, written for a whole project at once, in memory.
//!
//! A comment shall suppress what it is written for and nothing that comes later, so it stands where it is for one line only,
//! and for a whole form where there is no other place. Whether it does what it should is not concluded but seen, by another run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Changed, analyse, with_release_of, written};
use crate::finding::{Finding, Place};
use crate::outline::Module;
use crate::outline::directives::{Directive, Reach};
use crate::project::options::Options;
use crate::rewrite::compose::Composition;
use crate::rewrite::{Edit, Fix};
use crate::rules::suppressions::{self, can_be_suppressed};
use crate::source::{Source, Span, is_unseen};
use crate::syntax::scan::{FormKind, Tokens};

/// What came of it.
pub struct Outcome {
    /// Changed files, sorted by path.
    pub files: Vec<Changed>,
    /// Findings that are suppressed in them, in the order in which they were given.
    pub suppressed: Vec<Suppressed>,
    /// Findings that are not, each with the reason.
    pub left: Vec<(Finding, String)>,
    /// How many other findings are suppressed as well, as they are of the same rules in the same code.
    pub more: usize,
}

/// A finding that a new comment suppresses.
pub struct Suppressed {
    pub finding: Finding,
    /// The comment is for all of the form.
    pub in_whole_form: bool,
}

/// The reason as it is written; or what is wrong with it.
///
/// # Errors
/// It says nothing, or cannot stand in a comment.
pub fn check_reason(reason: &str) -> Result<String, String> {
    let reason = reason.trim();
    if reason.contains(['\n', '\r']) {
        return Err("it has to stand in one line".to_owned());
    }
    if reason.chars().any(is_unseen) {
        return Err("it has characters that nobody sees".to_owned());
    }
    // Who reads comments knows best.
    let text = format!("f() -> ok. {}\n", comment("%%", &["removed-hook"], reason));
    let source = Source::from_text("reason.erl".into(), text).map_err(|error| error.to_string())?;
    let module = Module::new(Arc::new(source));
    match module.directives() {
        [directive] if directive.mistake.is_some() => Err("it has to say why".to_owned()),
        [directive] if reason_of(&module, directive) == Some(reason) => Ok(reason.to_owned()),
        _ => Err("it would be read as something else than a reason".to_owned()),
    }
}

/// Writes comments with a reason for findings, which are sorted, and of a project that is read with the same options.
///
/// # Errors
/// Those of [`crate::check::check`].
pub fn ignore(options: &Options, findings: &[Finding], reason: &str) -> anyhow::Result<Outcome> {
    let before = analyse(options)?;
    let options = with_release_of(options, &before);
    let mut planned = plan(&options, findings, reason);
    loop {
        let mut composition = Composition::default();
        planned.files.retain(|path, file| {
            let is_sound = composition.add(&Fix::new("", file.edits.clone())).is_ok();
            planned.left.extend((!is_sound).then(|| (path.clone(), "comments for it would overlap".to_owned())));
            is_sound
        });
        let (mut texts, mut options) = (Vec::new(), options.clone());
        for (source, text) in composition.texts() {
            match written(source, &text).and_then(|new| same_code(source, &text).map(|()| new)) {
                Ok(new) => {
                    let new: Arc<[u8]> = new.into();
                    options.overlay.insert(source.path().to_path_buf(), Arc::clone(&new));
                    texts.push((Arc::clone(source), text, new));
                }
                Err(why) => planned.leave(source.path(), &why),
            }
        }
        let seen = Seen::of(&planned, &composition, &before.findings, &analyse(&options)?.findings);
        if seen.wrong.is_empty() {
            return Ok(planned.outcome(findings, texts, seen.more));
        }
        seen.wrong.iter().for_each(|(path, why)| planned.leave(path, why));
    }
}

/// What is to be done, by file.
#[derive(Default)]
struct Plan {
    files: BTreeMap<PathBuf, File>,
    /// Files in which nothing is done.
    left: BTreeMap<PathBuf, String>,
    /// Findings, by their index, for which there is no comment.
    alone: BTreeMap<usize, String>,
}

#[derive(Default)]
struct File {
    edits: Vec<Edit>,
    /// Findings, by their index, with whether the comment is for all of the form.
    findings: BTreeMap<usize, bool>,
    /// What shall not be found any more.
    keys: Vec<(&'static str, u32)>,
}

impl Plan {
    fn leave(&mut self, path: &Path, why: &str) {
        self.files.remove(path);
        self.left.entry(path.to_path_buf()).or_insert_with(|| why.to_owned());
    }

    fn outcome(self, findings: &[Finding], texts: Vec<(Arc<Source>, String, Arc<[u8]>)>, more: usize) -> Outcome {
        let (mut suppressed, mut left) = (Vec::new(), Vec::new());
        for (at, finding) in findings.iter().enumerate() {
            let path = finding.place.source.path();
            let done = self.files.get(path).and_then(|file| file.findings.get(&at));
            if let Some(&in_whole_form) = done {
                suppressed.push(Suppressed { finding: finding.clone(), in_whole_form });
            } else {
                let why = self.alone.get(&at).or_else(|| self.left.get(path)).cloned().unwrap_or_default();
                left.push((finding.clone(), why));
            }
        }
        let changed = |(source, text, new): (Arc<Source>, String, Arc<[u8]>)| {
            let old = source.encode(source.text()).unwrap_or_default();
            Changed { source, text, old, new }
        };
        Outcome { files: texts.into_iter().map(changed).collect(), suppressed, left, more }
    }
}

/// Decides where comments go. Findings of one line share one.
fn plan(options: &Options, findings: &[Finding], reason: &str) -> Plan {
    let checked: BTreeSet<&Path> = options.files.iter().map(PathBuf::as_path).collect();
    let mut plan = Plan::default();
    let mut by_line: BTreeMap<(&Path, usize), Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        let source = &finding.place.source;
        if !can_be_suppressed(finding) {
            plan.alone.insert(at, "what this rule finds cannot be suppressed".to_owned());
        } else if !checked.contains(source.path()) {
            plan.alone.insert(at, "its file is not among those that are checked".to_owned());
        } else {
            by_line.entry((source.path(), source.line_index(finding.place.span.start))).or_default().push(at);
        }
    }
    let mut last: Option<Code> = None;
    for ((path, line), group) in by_line {
        let source = &findings[group[0]].place.source;
        let code = match &mut last {
            Some(code) if code.module.source().path() == path => code,
            last => last.insert(Code::of(source)),
        };
        let rules: BTreeSet<&'static str> = group.iter().map(|&at| findings[at].rule).collect();
        match code.comment(line, &rules.into_iter().collect::<Vec<_>>(), reason) {
            Ok((edit, in_whole_form)) => {
                let file = plan.files.entry(path.to_path_buf()).or_default();
                file.edits.push(edit);
                file.keys.extend(group.iter().map(|&at| (findings[at].rule, findings[at].place.span.start)));
                file.findings.extend(group.into_iter().map(|at| (at, in_whole_form)));
            }
            Err(why) => plan.alone.extend(group.into_iter().map(|at| (at, why.clone()))),
        }
    }
    plan
}

/// A file with what stands where in it.
struct Code {
    module: Module,
    /// In order.
    tokens: Vec<Span>,
}

impl Code {
    fn of(source: &Arc<Source>) -> Self {
        let module = Module::new(Arc::clone(source));
        let tokens = tokens(&module).collect();
        Self { module, tokens }
    }

    /// The edit that makes a comment for a 0-based line, and whether that is for a whole form.
    fn comment(&self, line: usize, rules: &[&str], reason: &str) -> Result<(Edit, bool), String> {
        let source = self.module.source();
        let span = source.line_span(line);
        if let Some(known) = self.comment_with(line, reason) {
            let at = known.rules.last().map_or(known.span.start, |name| name.end);
            return Ok((self.insert(at, format!(", {}", rules.join(", "))), false));
        }
        let above = || (comment_above(source, line, rules, reason), self.starts_form(span));
        let is_free_above = !self.is_within_token(span.start);
        if is_free_above && !self.starts_form(span) {
            return Ok(above());
        }
        match self.end_of_code(span).and_then(|end| self.end_for_comment(span, end)) {
            Some(at) => Ok((self.insert(at, format!(" {}", comment("%%", rules, reason))), false)),
            _ if is_free_above => Ok(above()),
            _ => {
                Err("there is no place for a comment: the line begins within a string, and does not end in code"
                    .to_owned())
            }
        }
    }

    fn insert(&self, at: u32, text: String) -> Edit {
        Edit::replace(self.module.place(Span { start: at, end: at }), text)
    }

    /// The comment for this line alone that has the same reason already.
    fn comment_with(&self, line: usize, reason: &str) -> Option<&Directive> {
        let source = self.module.source();
        let is_for_it = |span: Span| {
            let last = span.end.saturating_sub(1).max(span.start);
            source.line_index(span.start) == line && source.line_index(last) == line
        };
        let mut known = suppressions::of(&self.module).map(|it| it.directive);
        known.find(|it| {
            matches!(it.reach, Reach::Within(span) if is_for_it(span)) && reason_of(&self.module, it) == Some(reason)
        })
    }

    fn token_before(&self, offset: u32) -> Option<Span> {
        let behind = self.tokens.partition_point(|token| token.start < offset);
        behind.checked_sub(1).map(|at| self.tokens[at])
    }

    fn is_within_token(&self, offset: u32) -> bool {
        self.token_before(offset).is_some_and(|token| token.end > offset)
    }

    /// Where the code in a line ends; `None` when the last of it goes on in the next line.
    fn end_of_code(&self, line: Span) -> Option<u32> {
        let end = self.token_before(line.end).map_or(line.start, |token| token.end);
        (end <= line.end).then_some(end.max(line.start))
    }

    /// Where a comment can be added to a line: behind its code, or behind a directive, which another one may follow.
    fn end_for_comment(&self, line: Span, end_of_code: u32) -> Option<u32> {
        let is_blank = |start: u32| self.module.source().slice(Span { start, ..line }).trim().is_empty();
        if is_blank(end_of_code) {
            return Some(end_of_code);
        }
        let behind = Span { start: end_of_code, ..line };
        let mut directives = self.module.directives().iter().map(|it| it.span);
        directives.find(|span| behind.contains(*span) && is_blank(span.end)).map(|span| span.end)
    }

    /// Whether a comment above a line is for all of the form that starts there.
    fn starts_form(&self, line: Span) -> bool {
        let text = self.module.source().slice(line);
        let first = line.start as usize + (text.len() - text.trim_start().len());
        let first = Span::new(first, first).start;
        let form = self.module.form_at(first).map(|index| self.module.form(index));
        form.is_some_and(|form| {
            form.span.start == first && matches!(form.kind, FormKind::Attribute | FormKind::Function)
        })
    }
}

fn tokens(module: &Module) -> impl Iterator<Item = Span> {
    let forms = module.forms().map(|(_, form)| form.span);
    forms.flat_map(|span| Tokens::new(module.source().slice(span), span.start as usize).map(|(_, token)| token))
}

/// Whether a text has the very code that a file has, comments aside.
fn same_code(source: &Arc<Source>, text: &str) -> Result<(), String> {
    let changed = |_| "the comments would change the code".to_owned();
    let new = Source::from_text(source.path().to_path_buf(), text.to_owned()).map_err(|_| changed(()))?;
    let (old, new) = (Module::new(Arc::clone(source)), Module::new(Arc::new(new)));
    let (ours, theirs) = (tokens(&old).map(|it| old.source().slice(it)), tokens(&new).map(|it| new.source().slice(it)));
    if ours.eq(theirs) { Ok(()) } else { Err(changed(())) }
}

/// What stands behind the names of a directive.
fn reason_of<'m>(module: &'m Module, directive: &Directive) -> Option<&'m str> {
    let behind = Span { start: directive.rules.last()?.end, ..directive.span };
    Some(module.source().slice(behind).split_once(']')?.1.trim())
}

fn comment(percent: &str, rules: &[&str], reason: &str) -> String {
    format!("{percent} hookshift: ignore[{}] {reason}", rules.join(", "))
}

/// Inserts a comment above a 0-based line that suppresses what rules find there.
#[must_use]
pub fn comment_above(source: &Arc<Source>, line: usize, rules: &[&str], reason: &str) -> Edit {
    let span = source.line_span(line);
    let indentation: String = source.slice(span).chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let percent = if indentation.is_empty() { "%%" } else { "%" };
    let text = format!("{indentation}{}\n", comment(percent, rules, reason));
    Edit::replace(Place::new(source, Span { start: span.start, end: span.start }), text)
}

/// What another run shows.
struct Seen {
    /// Files in which something is other than it shall be.
    wrong: BTreeMap<PathBuf, String>,
    more: usize,
}

impl Seen {
    fn of(plan: &Plan, composition: &Composition, before: &[Finding], after: &[Finding]) -> Self {
        let shifts: BTreeMap<&Path, Vec<(u32, usize)>> = composition
            .edits()
            .map(|(source, edits)| {
                (source.path(), edits.into_iter().map(|(span, text)| (span.start, text.len())).collect())
            })
            .collect();
        let moved = |path: &Path, offset: u32| {
            let inserted = shifts.get(path).into_iter().flatten().filter(|(at, _)| *at <= offset);
            offset as usize + inserted.map(|(_, length)| length).sum::<usize>()
        };
        // How many of each are expected, and how many are there beyond.
        let mut counts: BTreeMap<(&Path, &str, usize), isize> = BTreeMap::new();
        for finding in before {
            let (path, start) = (finding.place.source.path(), finding.place.span.start);
            *counts.entry((path, finding.rule, moved(path, start))).or_default() -= 1;
        }
        let mut targeted = 0;
        for (path, file) in &plan.files {
            for (rule, start) in &file.keys {
                *counts.entry((path, rule, moved(path, *start))).or_default() += 1;
                targeted += 1;
            }
        }
        for finding in after {
            let (path, start) = (finding.place.source.path(), finding.place.span.start as usize);
            *counts.entry((path, finding.rule, start)).or_default() += 1;
        }
        let over = counts.iter().filter(|(_, count)| **count > 0);
        let wrong = over.map(|((path, rule, _), _)| ((*path).to_path_buf(), format!("`{rule}` would still be found")));
        let wrong = wrong.filter(|(path, _)| plan.files.contains_key(path)).collect();
        let more = (before.len() - targeted).saturating_sub(after.len());
        Self { wrong, more }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    /// What a comment with a reason `why` makes of a text, for rules found where a needle is.
    fn commented(text: &str, needles: &[(&str, &[&str])]) -> String {
        let source = Arc::new(Source::from_text("src/mod_a.erl".into(), text.to_owned()).unwrap());
        let code = Code::of(&source);
        let mut edits = Vec::new();
        for (needle, rules) in needles {
            let at = Span::new(text.find(needle).unwrap(), 0).start;
            match code.comment(source.line_index(at), rules, "why") {
                Ok((edit, in_whole_form)) => {
                    edits.push(edit);
                    assert!(!in_whole_form || text.contains("whole"), "{text}");
                }
                Err(why) => return why,
            }
        }
        let mut composition = Composition::default();
        composition.add(&Fix::new("", edits)).unwrap();
        let (_, new) = composition.texts().next().unwrap();
        same_code(&source, &new).unwrap();
        written(&source, &new).unwrap();
        new
    }

    const RULE: &[&str] = &["removed-hook"];

    #[test]
    fn within_a_form_it_stands_above_the_line() {
        assert_eq!(
            commented("f() ->\n    [{gone, x},\n\t {also, y}].\n", &[("gone", RULE), ("also", &["a-rule", "b-rule"])]),
            "f() ->\n    % hookshift: ignore[removed-hook] why\n    [{gone, x},\n\
             \t % hookshift: ignore[a-rule, b-rule] why\n\t {also, y}].\n"
        );
        assert_eq!(
            commented("f(a) ->\n    a;\nf(gone) ->\n    b.\n", &[("gone", RULE)]),
            "f(a) ->\n    a;\n%% hookshift: ignore[removed-hook] why\nf(gone) ->\n    b.\n"
        );
    }

    #[test]
    fn in_the_first_line_of_a_form_it_stands_behind_the_code() {
        assert_eq!(
            commented("f(gone) ->\n    a.\n", &[("gone", RULE)]),
            "f(gone) -> %% hookshift: ignore[removed-hook] why\n    a.\n"
        );
        assert_eq!(
            commented("f() -> gone. \r\n", &[("gone", RULE)]),
            "f() -> gone. %% hookshift: ignore[removed-hook] why \r\n"
        );
        assert_eq!(
            commented("f() ->\r\n  gone.\r\n", &[("gone", RULE)]),
            "f() ->\r\n  % hookshift: ignore[removed-hook] why\r\n  gone.\r\n"
        );
        assert_eq!(commented("f() -> gone.", &[("gone", RULE)]), "f() -> gone. %% hookshift: ignore[removed-hook] why");
    }

    #[test]
    fn where_a_comment_is_already_it_is_for_the_whole_form() {
        assert_eq!(
            commented("f(gone) -> % whole\n    a.\n", &[("gone", RULE)]),
            "%% hookshift: ignore[removed-hook] why\nf(gone) -> % whole\n    a.\n"
        );
        assert_eq!(
            commented("-export([gone/3, % whole\n  b/3]).\n", &[("gone", RULE)]),
            "%% hookshift: ignore[removed-hook] why\n-export([gone/3, % whole\n  b/3]).\n"
        );
    }

    #[test]
    fn what_suppresses_for_the_same_reason_gets_one_more_name() {
        for text in [
            "f() ->\n    % hookshift: ignore[changed-stop] why\n    gone.\n",
            "f() ->\n    gone. % hookshift: ignore[changed-stop] why\n",
            "f(gone) -> % hookshift: ignore[changed-stop] why\n    a.\n",
            "%% hookshift: ignore[changed-stop] why\nf() -> gone.\n",
        ] {
            let expected = text.replace("[changed-stop]", "[changed-stop, removed-hook]");
            assert_eq!(commented(text, &[("gone", RULE)]), expected);
        }
    }

    #[test]
    fn what_suppresses_for_another_reason_stays_as_it_is() {
        assert_eq!(
            commented("f(gone) -> % hookshift: ignore[changed-stop] other\n    a.\n", &[("gone", RULE)]),
            "f(gone) -> % hookshift: ignore[changed-stop] other %% hookshift: ignore[removed-hook] why\n    a.\n"
        );
        assert_eq!(
            commented("%% hookshift: ignore[changed-stop] why\nf(gone) ->\n    a.\n", &[("gone", RULE)]),
            "%% hookshift: ignore[changed-stop] why\nf(gone) -> %% hookshift: ignore[removed-hook] why\n    a.\n"
        );
    }

    #[test]
    fn strings_are_left_alone() {
        assert_eq!(
            commented("f() ->\n    g(\"a\n b\", gone,\n  c).\n", &[("gone", RULE)]),
            "f() ->\n    g(\"a\n b\", gone, %% hookshift: ignore[removed-hook] why\n  c).\n"
        );
        let triple = "f() ->\n    g(\"\"\"\n    %\n    \"\"\", gone, \"\"\"\n    %\n    \"\"\").\n";
        assert!(commented(triple, &[("gone", RULE)]).starts_with("there is no place for a comment"));
        assert_eq!(
            commented("f(gone) -> \"\n whole\n\".\n", &[("gone", RULE)]),
            "%% hookshift: ignore[removed-hook] why\nf(gone) -> \"\n whole\n\".\n"
        );
        // The blank behind the dollar is the character.
        assert_eq!(
            commented("f(gone) -> $ \n whole.\n", &[("gone", RULE)]),
            "f(gone) -> $  %% hookshift: ignore[removed-hook] why\n whole.\n"
        );
        assert_eq!(
            commented("f(gone) -> $%.\n", &[("gone", RULE)]),
            "f(gone) -> $%. %% hookshift: ignore[removed-hook] why\n"
        );
    }

    /// A finding wherever a needle is.
    fn findings(source: &Arc<Source>, needle: &str) -> Vec<Finding> {
        let places = source.text().match_indices(needle).map(|(at, it)| Span::new(at, at + it.len()));
        let finding = |span| Finding::new("removed-hook", Severity::Error, Place::new(source, span), "x");
        places.map(finding).collect()
    }

    #[test]
    fn another_run_shows_what_a_comment_does() {
        let text = "f() ->\n    [gone, gone].\ng() ->\n    gone.\n";
        let source = Arc::new(Source::from_text("mod_a.erl".into(), text.to_owned()).unwrap());
        let before = findings(&source, "gone");
        let options = Options { files: vec!["mod_a.erl".into()], ..Options::default() };
        let planned = plan(&options, &before[..1], "why");
        let mut composition = Composition::default();
        composition.add(&Fix::new("", planned.files[Path::new("mod_a.erl")].edits.clone())).unwrap();
        let new = composition.texts().next().unwrap().1;
        let after = findings(&Arc::new(Source::from_text("mod_a.erl".into(), new).unwrap()), "gone");
        let seen = |after: &[Finding]| {
            let seen = Seen::of(&planned, &composition, &before, after);
            (seen.wrong.into_values().collect::<Vec<_>>(), seen.more)
        };
        let nothing: Vec<String> = Vec::new();
        // The comment suppresses both of its line.
        assert_eq!(seen(&after[2..]), (nothing.clone(), 1));
        assert_eq!(seen(&after[1..]), (nothing, 0));
        // It suppresses nothing, or what it suppresses is another one.
        assert_eq!(seen(&after).0, ["`removed-hook` would still be found"]);
        assert_eq!(seen(&after[..1]).0, ["`removed-hook` would still be found"]);
    }

    #[test]
    fn files_that_are_not_checked_are_not_written_to() {
        let source = Arc::new(Source::from_text("include/x.hrl".into(), "-define(A, gone).\n".to_owned()).unwrap());
        let planned = plan(&Options::default(), &findings(&source, "gone"), "why");
        assert!(planned.files.is_empty());
        assert_eq!(planned.alone[&0], "its file is not among those that are checked");
    }

    #[test]
    fn reasons_say_something_and_are_nothing_else() {
        assert_eq!(
            check_reason("  our fork runs it, 100 % sure [sic] ").unwrap(),
            "our fork runs it, 100 % sure [sic]"
        );
        for reason in ["", " ", "--", "<why>", "<why> --"] {
            assert_eq!(check_reason(reason).unwrap_err(), "it has to say why", "{reason}");
        }
        assert!(check_reason("a %% hookshift: ignore[changed-stop] b").is_err());
        assert_eq!(check_reason("a\nb").unwrap_err(), "it has to stand in one line");
        for reason in ["a\u{202e}b", "a\u{7}b"] {
            assert!(check_reason(reason).unwrap_err().contains("nobody sees"));
        }
    }
}
