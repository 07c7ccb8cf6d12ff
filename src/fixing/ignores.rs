//! Comments that suppress findings, written for a whole project at once, in memory.
//!
//! A comment shall suppress what it is written for and nothing that comes later, so it stands where it is for one line only,
//! and for a whole form where there is no other place. Whether it does what it should is not concluded but seen, by another run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Changed, analyse, with_release_of, written};
use crate::check::Analysis;
use crate::finding::{Finding, Place};
use crate::outline::Module;
use crate::outline::directives::{Directive, Language, Layout, Reach};
use crate::project::options::Options;
use crate::project::server_config::ServerConfig;
use crate::rewrite::compose::Composition;
use crate::rewrite::{Edit, Fix};
use crate::rules::suppressions::{self, Commented, can_be_suppressed, is_about_whole_config};
use crate::source::{Source, Span, is_unseen};

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
    let source = |name: &str, code: &str, sign| {
        let text = format!("{code} {}\n", comment(sign, &["removed-hook"], reason));
        Source::from_text(name.into(), text).map(Arc::new).map_err(|error| error.to_string())
    };
    let module = Module::new(source("reason.erl", "f() -> ok.", "%%")?);
    let config = ServerConfig::of(&source("reason.toml", "a = 1", "#")?).map_err(|error| error.to_string())?;
    for file in [Commented::Module(&module), Commented::Config(&config)] {
        match file.directives() {
            [directive] if directive.mistake.is_some() => return Err("it has to say why".to_owned()),
            [directive] if reason_of(file, directive) == Some(reason) => {}
            _ => return Err("it would be read as something else than a reason".to_owned()),
        }
    }
    Ok(reason.to_owned())
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
            let is_sound = composition.add(&Fix::new("", file.edits())).is_ok();
            planned.left.extend((!is_sound).then(|| (path.clone(), "comments for it would overlap".to_owned())));
            is_sound
        });
        let (mut texts, mut options) = (Vec::new(), options.clone());
        for (source, text) in composition.texts() {
            match written(source, &text).and_then(|new| same_code(&options, source, &text).map(|()| new)) {
                Ok(new) => {
                    let new: Arc<[u8]> = new.into();
                    options.overlay.insert(source.path().to_path_buf(), Arc::clone(&new));
                    texts.push((Arc::clone(source), text, new));
                }
                Err(why) => planned.leave(source.path(), &why),
            }
        }
        let seen = Seen::of(&planned, &composition, &before, &analyse(&options)?);
        if seen.wrong.is_empty() && seen.vain.is_empty() {
            return Ok(planned.outcome(findings, texts, seen.more));
        }
        seen.vain.iter().for_each(|(path, lines)| planned.leave_lines(path, lines));
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

/// Comments, by the 0-based lines of what they suppress.
#[derive(Default)]
struct File {
    comments: BTreeMap<usize, Comment>,
    /// Some of its comments did not do what they should, and are not written.
    has_left: bool,
}

struct Comment {
    edit: Edit,
    /// It is for all of the form.
    in_whole_form: bool,
    /// What it is for: indices of findings, and what is no longer found then.
    findings: Vec<usize>,
    keys: Vec<(&'static str, u32)>,
}

impl File {
    fn edits(&self) -> Vec<Edit> {
        self.comments.values().map(|it| it.edit.clone()).collect()
    }
}

impl Plan {
    /// Writes no comments for these lines. Where that was not enough the first time, nothing is written to the file.
    fn leave_lines(&mut self, path: &Path, lines: &BTreeSet<usize>) {
        const WHY: &str = "a comment would change what is made of this code, which cannot be parsed as a whole";
        let Some(file) = self.files.get_mut(path) else { return };
        if std::mem::replace(&mut file.has_left, true) {
            return self
                .leave(path, "comments would change what is made of its code, which cannot be parsed as a whole");
        }
        for comment in lines.iter().filter_map(|line| file.comments.remove(line)) {
            self.alone.extend(comment.findings.into_iter().map(|at| (at, WHY.to_owned())));
        }
        if file.comments.is_empty() {
            self.files.remove(path);
        }
    }

    fn leave(&mut self, path: &Path, why: &str) {
        self.files.remove(path);
        self.left.entry(path.to_path_buf()).or_insert_with(|| why.to_owned());
    }

    fn outcome(self, findings: &[Finding], texts: Vec<(Arc<Source>, String, Arc<[u8]>)>, more: usize) -> Outcome {
        let comments = self.files.values().flat_map(|file| file.comments.values());
        let done: BTreeMap<usize, bool> =
            comments.flat_map(|it| it.findings.iter().map(|&at| (at, it.in_whole_form))).collect();
        let (mut suppressed, mut left) = (Vec::new(), Vec::new());
        for (at, finding) in findings.iter().enumerate() {
            let path = finding.place.source.path();
            if let Some(&in_whole_form) = done.get(&at) {
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
    let configs = options.server_configs.iter().map(ServerConfig::path);
    let checked: BTreeSet<&Path> = options.files.iter().map(PathBuf::as_path).chain(configs).collect();
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
    let mut last: Option<(&Path, Result<Code, String>)> = None;
    for ((path, line), group) in by_line {
        let source = &findings[group[0]].place.source;
        let (_, code) = match &mut last {
            Some(known) if known.0 == path => known,
            last => last.insert((path, Code::of(options, source))),
        };
        let rules: BTreeSet<&'static str> = group.iter().map(|&at| findings[at].rule).collect();
        let rules: Vec<_> = rules.into_iter().collect();
        let comment = match code {
            Ok(code) if group.iter().any(|&at| is_about_whole_config(code.file().language(), &findings[at])) => {
                Err("it is about the whole file, and only `ignore-file` would suppress it".to_owned())
            }
            Ok(code) => code.comment(line, &rules, reason),
            Err(why) => Err(why.clone()),
        };
        match comment {
            Ok((edit, in_whole_form)) => {
                let file = plan.files.entry(path.to_path_buf()).or_default();
                let keys = group.iter().map(|&at| (findings[at].rule, findings[at].place.span.start)).collect();
                file.comments.insert(line, Comment { edit, in_whole_form, findings: group, keys });
            }
            Err(why) => plan.alone.extend(group.into_iter().map(|at| (at, why.clone()))),
        }
    }
    plan
}

/// A file with what stands where in it.
struct Code {
    text: Text,
    /// In order.
    tokens: Vec<Span>,
}

enum Text {
    Module(Box<Module>),
    Config(Box<ServerConfig>),
}

impl Code {
    fn of(options: &Options, source: &Arc<Source>) -> Result<Self, String> {
        let is_config = options.server_configs.iter().any(|it| it.path() == source.path());
        let text = match is_config {
            true => Text::Config(Box::new(ServerConfig::of(source).map_err(|error| error.message)?)),
            false => Text::Module(Box::new(Module::new(Arc::clone(source)))),
        };
        let mut code = Self { text, tokens: Vec::new() };
        let tokens = code.layout().tokens();
        code.tokens = tokens;
        Ok(code)
    }

    fn file(&self) -> Commented<'_> {
        match &self.text {
            Text::Module(module) => Commented::Module(module),
            Text::Config(config) => Commented::Config(config),
        }
    }

    fn source(&self) -> &Arc<Source> {
        self.file().source()
    }

    fn layout(&self) -> Box<dyn Layout + '_> {
        self.file().layout()
    }

    /// The edit that makes a comment for a 0-based line, and whether that is for a whole form.
    fn comment(&self, line: usize, rules: &[&str], reason: &str) -> Result<(Edit, bool), String> {
        let (source, layout) = (self.source(), self.layout());
        let (span, language) = (source.line_span(line), layout.language());
        let is_whole = layout.whole(span).is_some();
        if let Some(known) = self.comment_with(line, reason) {
            let at = known.rules.last().map_or(known.span.start, |name| name.end);
            return Ok((self.insert(at, format!(", {}", rules.join(", "))), false));
        }
        let above = || (comment_above(source, language, line, rules, reason), is_whole);
        let behind = match language {
            Language::Erlang => "%%",
            Language::Toml => "#",
        };
        let is_free_above = !self.is_within_token(span.start);
        if is_free_above && !is_whole {
            return Ok(above());
        }
        match self.end_of_code(span).and_then(|end| self.end_for_comment(span, end)) {
            Some(at) => Ok((self.insert(at, format!(" {}", comment(behind, rules, reason))), false)),
            _ if is_free_above => Ok(above()),
            _ => {
                Err("there is no place for a comment: the line begins within a string, and does not end in code"
                    .to_owned())
            }
        }
    }

    fn insert(&self, at: u32, text: String) -> Edit {
        Edit::replace(self.file().place(Span { start: at, end: at }), text)
    }

    /// The comment for this line alone that has the same reason already.
    fn comment_with(&self, line: usize, reason: &str) -> Option<&Directive> {
        let source = self.source();
        let is_for_it = |span: Span| {
            let last = span.end.saturating_sub(1).max(span.start);
            source.line_index(span.start) == line && source.line_index(last) == line
        };
        let mut known = suppressions::of(self.file()).map(|it| it.directive);
        known.find(|it| {
            matches!(it.reach, Reach::Within(span) if is_for_it(span)) && reason_of(self.file(), it) == Some(reason)
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
        let is_blank = |start: u32| self.source().slice(Span { start, ..line }).trim().is_empty();
        if is_blank(end_of_code) {
            return Some(end_of_code);
        }
        let behind = Span { start: end_of_code, ..line };
        let mut directives = self.file().directives().iter().map(|it| it.span);
        directives.find(|span| behind.contains(*span) && is_blank(span.end)).map(|span| span.end)
    }
}

/// Whether a text has the very code that a file has, comments aside.
fn same_code(options: &Options, source: &Arc<Source>, text: &str) -> Result<(), String> {
    let changed = || "the comments would change the code".to_owned();
    let new = Source::from_text(source.path().to_path_buf(), text.to_owned()).map_err(|_| changed())?;
    let (old, new) = (Code::of(options, source)?, Code::of(options, &Arc::new(new))?);
    let slices = |code: &Code| code.tokens.iter().map(|it| code.source().slice(*it).to_owned()).collect::<Vec<_>>();
    let is_template = |code: &Code| match &code.text {
        Text::Module(_) => (false, 0),
        Text::Config(config) => (config.first_tag.is_some(), config.sections.len()),
    };
    let same = slices(&old) == slices(&new) && is_template(&old) == is_template(&new);
    if same { Ok(()) } else { Err(changed()) }
}

/// What stands behind the names of a directive.
fn reason_of<'f>(file: Commented<'f>, directive: &Directive) -> Option<&'f str> {
    let behind = Span { start: directive.rules.last()?.end, ..directive.span };
    Some(file.source().slice(behind).split_once(']')?.1.trim())
}

fn comment(sign: &str, rules: &[&str], reason: &str) -> String {
    format!("{sign} hookshift: ignore[{}] {reason}", rules.join(", "))
}

/// Inserts a comment above a 0-based line that suppresses what rules find there.
#[must_use]
pub fn comment_above(source: &Arc<Source>, language: Language, line: usize, rules: &[&str], reason: &str) -> Edit {
    let span = source.line_span(line);
    let indentation: String = source.slice(span).chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let sign = match language {
        Language::Erlang if indentation.is_empty() => "%%",
        Language::Erlang => "%",
        Language::Toml => "#",
    };
    let text = format!("{indentation}{}\n", comment(sign, rules, reason));
    Edit::replace(Place::new(source, Span { start: span.start, end: span.start }), text)
}

/// What another run shows.
struct Seen {
    /// Files in which something is other than it shall be.
    wrong: BTreeMap<PathBuf, String>,
    /// Lines whose comments suppress nothing, though what they are for is not found: the grammar understands broken code
    /// in another way when there is a comment in it.
    vain: BTreeMap<PathBuf, BTreeSet<usize>>,
    more: usize,
}

/// A place of what is found: by which rule, in which file, and where.
type Key<'a> = (&'a Path, &'static str, usize);

impl Seen {
    fn of(plan: &Plan, composition: &Composition, before: &Analysis, after: &Analysis) -> Self {
        let shifts: BTreeMap<&Path, Shifts> =
            composition.edits().map(|(source, edits)| (source.path(), Shifts::of(&edits))).collect();
        let moved = |path: &Path, offset: u32| shifts.get(path).map_or(0, |it| it.before(offset)) + offset as usize;
        let (mut found, mut suppressed) = (count(&before.findings, &moved), count(&before.suppressed, &moved));
        let mut targeted: BTreeMap<Key<'_>, usize> = BTreeMap::new();
        let mut known = before.suppressed.len();
        for (path, file) in &plan.files {
            for (line, comment) in &file.comments {
                known += comment.keys.len();
                for (rule, start) in &comment.keys {
                    let key = (path.as_path(), *rule, moved(path, *start));
                    *found.entry(key).or_default() -= 1;
                    *suppressed.entry(key).or_default() += 1;
                    targeted.insert(key, *line);
                }
            }
        }
        let in_place = |_: &Path, offset: u32| offset as usize;
        let found_after = count(&after.findings, &in_place);
        let suppressed_after = count(&after.suppressed, &in_place);
        let wanted = |counts: &BTreeMap<Key<'_>, isize>, key: &Key<'_>| counts.get(key).copied().unwrap_or_default();
        let over = found_after.iter().filter(|(key, count)| wanted(&found, key) < **count);
        let wrong = over.map(|((path, rule, _), _)| ((*path).to_path_buf(), format!("`{rule}` would still be found")));
        let mut vain: BTreeMap<PathBuf, BTreeSet<usize>> = BTreeMap::new();
        for (key, line) in &targeted {
            if wanted(&suppressed_after, key) < wanted(&suppressed, key) {
                vain.entry(key.0.to_path_buf()).or_default().insert(*line);
            }
        }
        Self {
            wrong: wrong.filter(|(path, _)| plan.files.contains_key(path)).collect(),
            vain,
            more: after.suppressed.len().saturating_sub(known),
        }
    }
}

/// How many findings there are at each place, with the offsets that they have now or will have.
fn count<'f>(findings: &'f [Finding], offset: &dyn Fn(&Path, u32) -> usize) -> BTreeMap<Key<'f>, isize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        let (path, start) = (finding.place.source.path(), finding.place.span.start);
        *counts.entry((path, finding.rule, offset(path, start))).or_default() += 1;
    }
    counts
}

/// Where text is inserted, and how many bytes come in up to there, in order.
struct Shifts(Vec<(u32, usize)>);

impl Shifts {
    fn of(edits: &[(Span, String)]) -> Self {
        let mut length = 0;
        let total = |(span, text): &(Span, String)| {
            length += text.len();
            (span.start, length)
        };
        Self(edits.iter().map(total).collect())
    }

    /// How many bytes come in at an offset or before it.
    fn before(&self, offset: u32) -> usize {
        let behind = self.0.partition_point(|(at, _)| *at <= offset);
        behind.checked_sub(1).map_or(0, |last| self.0[last].1)
    }
}

#[cfg(test)]
mod tests;
