//! Comments that speak to hookshift, as in `%% hookshift: ignore[removed-hook] it is run by our fork`.
//!
//! What is read here is how they are written, and which code they are for. Whether there are such rules is asked elsewhere. They are
//! written alike in all languages; where comments and code are in a text, its [`Layout`] says.

use super::Module;
use crate::source::{Source, Span};
use crate::syntax::scan::{FormKind, Tokens};

/// What all directives have in them.
pub const NAME: &str = "hookshift";

/// How a directive may start, the signs of a comment and blanks aside; prose starts otherwise. The last two lack the colon, and nobody
/// would write them who means something else.
pub const STARTS: [&str; 3] = ["hookshift:", "hookshift ignore[", "hookshift ignore-file["];

/// What an editor writes in the place of a reason, for a person to replace it.
pub const PLACEHOLDER: &str = "<why>";

/// A comment, or a part of one, that is meant for hookshift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// From the first sign of the comment to its last letter.
    pub span: Span,
    /// The names between the brackets; none when they cannot be read.
    pub rules: Vec<Span>,
    pub reach: Reach,
    /// What is wrong with it, names aside.
    pub mistake: Option<Mistake>,
}

/// Which findings a directive is for: those that start there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// In a line, or a whole form, option or table.
    Within(Span),
    /// Anywhere in the file.
    File,
    /// Nowhere, as no code follows.
    Nothing,
}

impl Reach {
    #[must_use]
    pub fn covers(self, offset: u32) -> bool {
        match self {
            Reach::Within(span) => (span.start..span.end).contains(&offset),
            Reach::File => true,
            Reach::Nothing => false,
        }
    }
}

/// How a directive is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// The colon behind `hookshift` is missing.
    NoColon,
    /// It says neither `ignore` nor `ignore-file`, but this.
    Verb(Span),
    /// No bracket follows the verb.
    NoBracket,
    /// The bracket never closes.
    NotClosed,
    /// There is nothing between two commas, or no name at all.
    EmptyName,
    /// It is for the whole file, and stands within a form or an option.
    Within,
    NoReason,
}

/// What directives stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Erlang,
    Toml,
}

impl Language {
    /// What a comment starts with, once or several times.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            Language::Erlang => '%',
            Language::Toml => '#',
        }
    }
}

/// Where comments and code are in a text.
pub trait Layout {
    fn language(&self) -> Language;

    /// All comments in which a directive can be, in order, without blanks at their ends.
    fn comments(&self) -> Vec<Span>;

    /// Everything else, in order, as far as there can be a directive about it.
    fn tokens(&self) -> Vec<Span>;

    /// Whether no code stands before a comment in its line.
    fn is_alone(&self, comment: Span) -> bool;

    /// Whether what is there is for a part of the file only: it is in a form, or in the value of an option.
    fn is_within(&self, comment: Span) -> bool;

    /// Where code goes on behind an offset, with what a comment there is for: the line, or the whole of what starts there.
    fn below(&self, offset: usize) -> (usize, Reach);

    /// What a comment above a line is for, where that is more than lines of code are.
    fn whole(&self, line: Span) -> Option<Span>;
}

/// All directives of a text, in order.
pub fn of(source: &Source, layout: &dyn Layout) -> Box<[Directive]> {
    let (text, sign) = (source.text(), layout.language().sign());
    let mut found = Vec::new();
    // Comments in a row are for the same code, which is looked for once.
    let mut last_below: Option<(usize, Reach)> = None;
    for comment in layout.comments() {
        let parts = parts(text, comment, sign);
        if parts.is_empty() {
            continue;
        }
        let is_within = layout.is_within(comment);
        let reach = if layout.is_alone(comment) {
            let known = last_below.filter(|(first, _)| comment.end as usize <= *first);
            last_below.insert(known.unwrap_or_else(|| layout.below(comment.end as usize))).1
        } else {
            Reach::Within(source.line_span(source.line_index(comment.start)))
        };
        for span in parts {
            let (rules, is_for_file, mistake) = match read(text, span, sign) {
                Ok(read) => (read.rules, read.is_for_file, read.mistake),
                Err(mistake) => (Vec::new(), false, Some(mistake)),
            };
            let reach = if is_for_file { Reach::File } else { reach };
            let mistake = mistake.or((is_for_file && is_within).then_some(Mistake::Within));
            found.push(Directive { span, rules, reach, mistake });
        }
    }
    found.into()
}

impl Layout for &Module {
    fn language(&self) -> Language {
        Language::Erlang
    }

    fn comments(&self) -> Vec<Span> {
        comments(self)
    }

    fn tokens(&self) -> Vec<Span> {
        let forms = self.forms().map(|(_, form)| form.span);
        let of_form = |span: Span| Tokens::new(self.source().slice(span), span.start as usize).map(|(_, token)| token);
        forms.flat_map(of_form).collect()
    }

    fn is_alone(&self, comment: Span) -> bool {
        let line = self.source().line_span(self.source().line_index(comment.start));
        self.source().slice(Span { end: comment.start, ..line }).trim().is_empty()
    }

    fn is_within(&self, comment: Span) -> bool {
        self.form_at(comment.start).is_some()
    }

    fn below(&self, offset: usize) -> (usize, Reach) {
        below(self, offset)
    }

    fn whole(&self, line: Span) -> Option<Span> {
        let text = self.source().slice(line);
        let first = line.start as usize + (text.len() - text.trim_start().len());
        whole(self, first)
    }
}

/// Whether a directive can be in a text.
#[must_use]
pub fn may_have(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), NAME.as_bytes()).is_some()
}

/// The comments of those parts of a module in which a directive can be.
fn comments(module: &Module) -> Vec<Span> {
    let text = module.source().text();
    let mut found = Vec::new();
    let mut done = if text.starts_with("#!") { line_end(text, 0) } else { 0 };
    let forms = module.forms().map(|(_, form)| (form.span, true));
    // Lines that mark a conflict are neither code nor comments.
    let mut between: Vec<(Span, bool)> = forms.chain(module.conflicts().iter().map(|&span| (span, false))).collect();
    between.sort_unstable();
    for (span, is_form) in between {
        let (start, end) = (span.start as usize, span.end as usize);
        find_comments(text, done, start, &mut found);
        if is_form && may_have(&text[start..end]) {
            let mut at = start;
            for (_, token) in Tokens::new(&text[start..end], start) {
                find_comments(text, at, token.start as usize, &mut found);
                at = token.end as usize;
            }
            find_comments(text, at, end, &mut found);
        }
        done = done.max(end);
    }
    find_comments(text, done, text.len(), &mut found);
    found
}

/// The comments of a piece of text in which there is nothing else but blanks.
fn find_comments(text: &str, from: usize, to: usize, out: &mut Vec<Span>) {
    let mut at = from;
    while let Some(found) = text.get(at..to).and_then(|rest| memchr::memchr(b'%', rest.as_bytes())) {
        let start = at + found;
        at = line_end(text, start);
        out.push(Span::new(start, start + text[start..at].trim_end().len()));
    }
}

/// Where the line ends that an offset is in.
pub(crate) fn line_end(text: &str, from: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[from..]).map_or(text.len(), |found| from + found)
}

/// Where code goes on behind an offset, with its line; the whole form, when one starts there.
fn below(module: &Module, offset: usize) -> (usize, Reach) {
    let text = module.source().text();
    let mut start = line_end(text, offset) + 1;
    while start < text.len() {
        let end = line_end(text, start);
        let code = text[start..end].trim_start();
        let first = end - code.len();
        let is_conflict = module.conflicts().binary_search_by_key(&first, |span| span.start as usize).is_ok();
        if !code.is_empty() && !code.starts_with('%') && !is_conflict {
            return (first, Reach::Within(whole(module, first).unwrap_or(Span::new(start, end))));
        }
        start = end + 1;
    }
    (text.len(), Reach::Nothing)
}

/// The form that starts at an offset.
fn whole(module: &Module, first: usize) -> Option<Span> {
    let form = module.form(module.form_at(Span::new(first, first).start)?);
    let is_declared = matches!(form.kind, FormKind::Attribute | FormKind::Function);
    (form.span.start as usize == first && is_declared).then_some(form.span)
}

/// The directives in one comment: usually none, and several when there are several reasons for one line.
fn parts(text: &str, comment: Span, sign: char) -> Vec<Span> {
    let start = comment.start as usize;
    let content = &text[comment.range()];
    let is_start = |&at: &usize| !content[..at].ends_with(sign) && verb_at(&content[at..], sign).is_some();
    // Only what the comment starts with is meant: the rest of any other comment is prose.
    if !is_start(&0) {
        return Vec::new();
    }
    let starts: Vec<usize> = content.match_indices(sign).map(|(at, _)| at).filter(is_start).collect();
    let ends = starts[1..].iter().copied().chain([content.len()]);
    let trimmed = |(from, to): (usize, usize)| from..from + content[from..to].trim_end().len();
    let parts = starts.iter().copied().zip(ends).map(trimmed);
    parts.map(|part| Span::new(start + part.start, start + part.end)).collect()
}

/// Where the verb of a directive starts that is written here, and whether a colon stands before it.
fn verb_at(comment: &str, sign: char) -> Option<(usize, bool)> {
    let content = comment.trim_start_matches(sign).trim_start();
    let has_colon = content.starts_with(STARTS[0]);
    let is_start = has_colon || STARTS.iter().any(|start| content.starts_with(start));
    let behind = content.get(if has_colon { STARTS[0].len() } else { NAME.len() }..).filter(|_| is_start)?.trim_start();
    behind.starts_with("ignore").then_some((comment.len() - behind.len(), has_colon))
}

/// What one directive says.
struct Read {
    rules: Vec<Span>,
    is_for_file: bool,
    mistake: Option<Mistake>,
}

fn read(text: &str, span: Span, sign: char) -> Result<Read, Mistake> {
    let content = &text[span.range()];
    let within = |from: usize, to: usize| Span::new(span.start as usize + from, span.start as usize + to);
    let Some((verb, true)) = verb_at(content, sign) else { return Err(Mistake::NoColon) };
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let length = content[verb..].find(|c| !is_name(c)).unwrap_or(content.len() - verb);
    let behind = verb + length;
    let is_for_file = match &content[verb..behind] {
        "ignore" => false,
        "ignore-file" => true,
        _ => return Err(Mistake::Verb(within(verb, behind))),
    };
    if !content[behind..].starts_with('[') {
        return Err(Mistake::NoBracket);
    }
    let open = behind + 1;
    let close = open + content[open..].find(']').ok_or(Mistake::NotClosed)?;
    let mut rules = Vec::new();
    let mut at = open;
    for name in content[open..close].split(',') {
        let start = at + (name.len() - name.trim_start().len());
        if name.trim().is_empty() {
            return Err(Mistake::EmptyName);
        }
        rules.push(within(start, start + name.trim().len()));
        at += name.len() + 1;
    }
    let mut reason = content[close + 1..].split_whitespace();
    let has_reason = reason.any(|word| word != PLACEHOLDER && word.contains(char::is_alphanumeric));
    Ok(Read { rules, is_for_file, mistake: (!has_reason).then_some(Mistake::NoReason) })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::Source;

    fn module(bytes: &[u8]) -> Module {
        Module::new(Arc::new(Source::from_bytes("src/mod_x.erl".into(), bytes.to_vec()).unwrap()))
    }

    /// Each directive with its names, and the code that it is for.
    fn directives(text: &str) -> Vec<(String, String)> {
        let module = module(text.as_bytes());
        let slice = |span| module.source().slice(span);
        let show = |it: &Directive| {
            let names: Vec<_> = it.rules.iter().map(|&name| slice(name)).collect();
            let names = it.mistake.map_or_else(|| names.join(" "), |mistake| format!("{mistake:?}"));
            let reach = match it.reach {
                Reach::Within(span) => slice(span),
                Reach::File => "(file)",
                Reach::Nothing => "(nothing)",
            };
            (names, reach.trim_end().to_owned())
        };
        module.directives().iter().map(show).collect()
    }

    #[track_caller]
    fn are(text: &str, expected: &[(&str, &str)]) {
        let found = directives(text);
        let found: Vec<_> = found.iter().map(|(names, reach)| (names.as_str(), reach.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn behind_code_it_is_for_the_line() {
        are(
            "f() ->\n    a(), %% hookshift: ignore[x] why\n    b().\n",
            &[("x", "    a(), %% hookshift: ignore[x] why")],
        );
        are("f() -> a. % hookshift:ignore[x]: why\ng() -> b.\n", &[("x", "f() -> a. % hookshift:ignore[x]: why")]);
        are("f() -> a.%%% hookshift: ignore[ x , y ] why", &[("x y", "f() -> a.%%% hookshift: ignore[ x , y ] why")]);
    }

    #[test]
    fn above_code_it_is_for_the_next_line_of_it() {
        are("f() ->\n    %% hookshift: ignore[x] why\n\n    % more\n    a(),\n    b().\n", &[("x", "    a(),")]);
        are("f(a) ->\n    a;\n%% hookshift: ignore[x] why\nf(b) ->\n    b.\n", &[("x", "f(b) ->")]);
        are("?FORM(a).\n%% hookshift: ignore[x] why\n?FORM(\n  b).\n", &[("x", "?FORM(")]);
    }

    #[test]
    fn above_a_form_it_is_for_all_of_it() {
        let function = "f(a) ->\n    a;\nf(b) ->\n    b.";
        are(&format!("%% hookshift: ignore[x] why\n\n%% @doc more\n{function}\ng() -> c.\n"), &[("x", function)]);
        are(
            "%% hookshift: ignore[x] why\n-export([f/1,\n         g/1]).\n",
            &[("x", "-export([f/1,\n         g/1]).")],
        );
        are(
            "\t%% hookshift: ignore[x] why\n\t%\thookshift:\tignore[y] why\n\tf() ->\n a.",
            &[("x", "f() ->\n a."), ("y", "f() ->\n a.")],
        );
    }

    #[test]
    fn in_a_list_it_is_for_an_entry() {
        are(
            "hooks() ->\n    [{a,\n      1}, %% hookshift: ignore[x] why\n     %% hookshift: ignore[y] why\n     {b,\n      2}].\n",
            &[("x", "      1}, %% hookshift: ignore[x] why"), ("y", "     {b,")],
        );
    }

    #[test]
    fn behind_all_code_it_is_for_nothing() {
        are("f() -> a.\n\n%% hookshift: ignore[x] why\n%% the end\n", &[("x", "(nothing)")]);
        are("%% hookshift: ignore[x] why", &[("x", "(nothing)")]);
    }

    #[test]
    fn for_a_file_it_stands_outside_of_forms() {
        are("%% hookshift: ignore-file[x] why\n-module(a).\n", &[("x", "(file)")]);
        are("f() -> a. %% hookshift: ignore-file[x] why\n", &[("x", "(file)")]);
        are("f() ->\n    %% hookshift: ignore-file[x] why\n    a.\n", &[("Within", "(file)")]);
    }

    #[test]
    fn several_in_one_comment_have_a_reason_each() {
        let text = "f() ->\n    a(). %% hookshift: ignore[x] one % hookshift: ignore[y] two\n";
        let line = text.lines().nth(1).unwrap();
        are(text, &[("x", line), ("y", line)]);
        let module = module(text.as_bytes());
        let spans: Vec<_> = module.directives().iter().map(|it| module.source().slice(it.span)).collect();
        assert_eq!(spans, ["%% hookshift: ignore[x] one", "% hookshift: ignore[y] two"]);
        are("%% see %% hookshift: ignore[x] why\nf() -> a.\n", &[]);
    }

    #[test]
    fn prose_is_none() {
        for prose in [
            "see hookshift: a tool",
            "hookshift ignores this",
            "hookshift: a tool",
            "hookshift: we ignore[x] that",
            "hookshift ignore",
            "Hookshift: ignore[x] y",
            "hookshifts: ignore[x] y",
            "- hookshift: ignore[x] y",
        ] {
            are(&format!("%% {prose}\nf() -> a. % {prose}\n"), &[]);
        }
    }

    #[test]
    fn what_is_not_written_as_it_should_be() {
        for (written, mistake) in [
            ("hookshift: ignore", "NoBracket"),
            ("hookshift: ignore x why", "NoBracket"),
            ("hookshift: ignore [x] why", "NoBracket"),
            ("hookshift: ignore[x why", "NotClosed"),
            ("hookshift: ignore[] why", "EmptyName"),
            ("hookshift: ignore[x,] why", "EmptyName"),
            ("hookshift: ignore[x]", "NoReason"),
            ("hookshift: ignore[x] <why>", "NoReason"),
            ("hookshift: ignore[x] --", "NoReason"),
            ("hookshift ignore[x] why", "NoColon"),
            ("hookshift ignore-file[x] why", "NoColon"),
        ] {
            are(&format!("%% {written}\nf() -> a.\n"), &[(mistake, "f() -> a.")]);
        }
        let text = "%% hookshift: ignore-line[x] why\nf() -> a.\n";
        let module = module(text.as_bytes());
        let Some(Mistake::Verb(verb)) = module.directives()[0].mistake else { panic!("{:?}", module.directives()) };
        assert_eq!(module.source().slice(verb), "ignore-line");
        are("%% hookshift: ignore[x] <why> indeed\nf() -> a.\n", &[("x", "f() -> a.")]);
        are("%% hookshift: ignore[*] why\nf() -> a.\n", &[("*", "f() -> a.")]);
    }

    #[test]
    fn in_literals_there_are_no_comments() {
        are("f() -> \"%% hookshift: ignore[x] why\".\n", &[]);
        are("f() -> \"\n%% hookshift: ignore[x] why\n\".\n", &[]);
        are("f() -> '%% hookshift: ignore[x] why'.\n", &[]);
        are("f() -> ~s(%% hookshift: ignore[x] why).\n", &[]);
        are("f() ->\n    \"\"\"\n    %% hookshift: ignore[x] \"why\"\n    \"\"\".\n", &[]);
        are("f() -> {$%, \"hookshift: ignore[x] why\"}.\n", &[]);
        are(
            "f() -> {$%, $\", $'}, %% hookshift: ignore[x] why\n a.\n",
            &[("x", "f() -> {$%, $\", $'}, %% hookshift: ignore[x] why")],
        );
    }

    #[test]
    fn line_ends_are_no_part_of_it() {
        are("%% hookshift: ignore[x]\r\nf() -> a.\r\n", &[("NoReason", "f() -> a.")]);
        are("f() ->\r\n    a(). %% hookshift: ignore[x] why\r\n", &[("x", "    a(). %% hookshift: ignore[x] why")]);
        let module = module(b"f() -> a. %% hookshift: ignore[x] why \r\n");
        assert_eq!(module.source().slice(module.directives()[0].span), "%% hookshift: ignore[x] why");
    }

    #[test]
    fn in_latin_1() {
        let module = module(b"%% \xfc\nf() -> \"\xfc\", %% hookshift: ignore[x] f\xfcr\n g().\n");
        let [directive] = module.directives() else { panic!("{:?}", module.directives()) };
        assert_eq!(module.source().slice(directive.span), "%% hookshift: ignore[x] f\u{fc}r");
        assert_eq!(directive.mistake, None);
    }

    #[test]
    fn a_form_that_is_broken_has_those_before_its_stray_quote() {
        let text = "f() ->\n    a(), %% hookshift: ignore[x] why\n    \"b, %% hookshift: ignore[y] why\n    c.\n\n\
                    %% hookshift: ignore[x] why\ng() -> a.\n%% hookshift: ignore[z] why\nh() -> \"b\".\n";
        are(text, &[("x", "    a(), %% hookshift: ignore[x] why"), ("z", "h() -> \"b\".")]);
    }

    #[test]
    fn around_conflicts_code_is_looked_for() {
        are(
            "%% hookshift: ignore[x] why\n<<<<<<< it's %% hookshift: ignore[y] why\nf() -> a.\n=======\nf() -> b.\n>>>>>>> c\n",
            &[("x", "f() -> a.")],
        );
    }

    #[test]
    fn a_first_line_for_escript_is_none() {
        are(
            "#!/usr/bin/env escript %% hookshift: ignore[x] why\n%% hookshift: ignore[y] why\nmain(_) -> a.\n",
            &[("y", "main(_) -> a.")],
        );
    }
}
