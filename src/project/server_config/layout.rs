//! Where comments and code are in a configuration.

use std::sync::Arc;

use super::template::{Template, Without};
use super::{Entry, Form};
use crate::outline::directives::{Language, Layout, Reach, line_end};
use crate::source::{Source, Span};

/// The layout of a configuration that is TOML, or a template of one.
pub struct TomlLayout {
    source: Arc<Source>,
    /// What TOML is read from: the text without tags.
    read: String,
    comments: Vec<Span>,
    tokens: Vec<Span>,
    /// Where tables are named, in order.
    headers: Vec<Span>,
    /// Options that have lines of their own, with their values, in order.
    options: Vec<Span>,
}

impl TomlLayout {
    pub(super) fn of(source: &Arc<Source>, template: &Template, entries: &[Entry]) -> Self {
        let mut layout = Self {
            source: Arc::clone(source),
            read: template.text.clone(),
            comments: Vec::new(),
            tokens: Vec::new(),
            headers: Vec::new(),
            options: Vec::new(),
        };
        layout.split();
        for entry in entries {
            match entry.form {
                Form::Section => layout.headers.push(entry.name),
                Form::Option(_) => layout.options.push(entry.extent),
                Form::Inline(_) | Form::Implied => {}
            }
        }
        layout.headers.sort_unstable();
        layout.options.sort_unstable();
        layout
    }

    /// Finds comments, and what is none.
    fn split(&mut self) {
        let bytes = self.read.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let start = at;
            match bytes[at] {
                b'#' => {
                    at = line_end(&self.read, start);
                    self.comments.push(without_last_conditions(self.source.text(), Span::new(start, at)));
                    continue;
                }
                quote @ (b'"' | b'\'') => at = behind_string(bytes, start, quote),
                byte if byte.is_ascii_whitespace() => {
                    at += 1;
                    continue;
                }
                _ => {
                    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'#' | b'"' | b'\'');
                    at = bytes[start..].iter().position(ends).map_or(bytes.len(), |length| start + length);
                }
            }
            self.tokens.push(Span::new(start, at));
        }
    }

    /// The line, with all of the option or of the table that starts in it: a table goes on to the next header.
    fn with_whole(&self, line: Span) -> Span {
        let in_line = |span: &&Span| line.start <= span.start && span.start < line.end;
        let first = |spans: &[Span]| spans.partition_point(|span| span.start < line.start);
        let header = first(&self.headers);
        if self.headers.get(header).filter(in_line).is_some() {
            let next = self.headers.get(header + 1).map_or(self.read.len(), |next| next.start as usize);
            return Span::new(line.start as usize, self.read[..next].trim_end().len().max(line.end as usize));
        }
        let option = self.options.get(first(&self.options)).filter(in_line);
        Span { end: option.map_or(line.end, |option| option.end.max(line.end)), ..line }
    }
}

impl Layout for TomlLayout {
    fn language(&self) -> Language {
        Language::Toml
    }

    fn comments(&self) -> Vec<Span> {
        self.comments.clone()
    }

    fn tokens(&self) -> Vec<Span> {
        self.tokens.clone()
    }

    fn is_alone(&self, comment: Span) -> bool {
        let line = self.source.line_span(self.source.line_index(comment.start));
        self.read[line.start as usize..comment.start as usize].trim().is_empty()
    }

    fn is_within(&self, comment: Span) -> bool {
        let behind = self.options.partition_point(|option| option.start <= comment.start);
        behind > 0 && self.options[behind - 1].contains(comment)
    }

    fn below(&self, offset: usize) -> (usize, Reach) {
        let text = self.source.text();
        let mut start = line_end(text, offset) + 1;
        while start < text.len() {
            let end = line_end(text, start);
            // A value that is put in is code; what only says whether there is some is none.
            let code = Without::Conditions.of(&text[start..end]);
            if !code.trim().is_empty() && !code.trim_start().starts_with('#') {
                let line = Span::new(start, end);
                return (start, Reach::Within(self.with_whole(line)));
            }
            start = end + 1;
        }
        (text.len(), Reach::Nothing)
    }

    fn whole(&self, line: Span) -> Option<Span> {
        let whole = self.with_whole(line);
        (whole.end > line.end).then_some(whole)
    }
}

/// Where a string ends. What is read is TOML, so it does.
fn behind_string(bytes: &[u8], start: usize, quote: u8) -> usize {
    let is_long = |at: usize| bytes[at..].starts_with(&[quote; 3]);
    let length = if is_long(start) { 3 } else { 1 };
    let mut at = start + length;
    while at < bytes.len() {
        if bytes[at] == b'\\' && quote == b'"' {
            at += 2;
        } else if bytes[at] == quote && (length == 1 || is_long(at)) {
            // Up to two quotes may be the last of what is in it.
            let more = bytes[at + length..].iter().take(length - 1).take_while(|byte| **byte == quote).count();
            return at + length + more;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

/// A comment without blanks at its end, and without the tags there that say how far a condition of a template goes.
fn without_last_conditions(text: &str, comment: Span) -> Span {
    let mut content = text[comment.range()].trim_end();
    while let Some(at) = content.rfind("{{").filter(|_| content.ends_with("}}")) {
        let tag = &content[at..];
        if tag.find("}}") != Some(tag.len() - 2) || !tag[2..].starts_with(['#', '^', '/']) {
            break;
        }
        content = content[..at].trim_end();
    }
    let start = comment.start as usize;
    Span::new(start, start + content.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::server_config::ServerConfig;

    fn config(text: &str) -> ServerConfig {
        ServerConfig::of(&Arc::new(Source::from_text("mongooseim.toml".into(), text.to_owned()).unwrap())).unwrap()
    }

    /// Each directive with its names, and what it is for.
    #[track_caller]
    fn are(text: &str, expected: &[(&str, &str)]) {
        let config = config(text);
        let slice = |span| config.source.slice(span);
        let found: Vec<(String, &str)> = config
            .directives()
            .iter()
            .map(|it| {
                let names: Vec<&str> = it.rules.iter().map(|&name| slice(name)).collect();
                let names = it.mistake.map_or_else(|| names.join(" "), |mistake| format!("{mistake:?}"));
                let reach = match it.reach {
                    Reach::Within(span) => slice(span).trim_end(),
                    Reach::File => "(file)",
                    Reach::Nothing => "(nothing)",
                };
                (names, reach)
            })
            .collect();
        let found: Vec<_> = found.iter().map(|(names, reach)| (names.as_str(), *reach)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn behind_an_option_or_a_header_it_is_for_the_line() {
        are("a = 1 # hookshift: ignore[x] why\nb = 2\n", &[("x", "a = 1 # hookshift: ignore[x] why")]);
        are("[a] ## hookshift: ignore[x] why\nb = 2", &[("x", "[a] ## hookshift: ignore[x] why")]);
        are("a = 1 # hookshift: ignore[x] why", &[("x", "a = 1 # hookshift: ignore[x] why")]);
    }

    #[test]
    fn above_an_option_it_is_for_all_of_its_value() {
        are("# hookshift: ignore[x] why\n\n # more\na = 1\nb = 2\n", &[("x", "a = 1")]);
        are("# hookshift: ignore[x] why\na.b = [\n  1,\n  2\n]\nb = 2\n", &[("x", "a.b = [\n  1,\n  2\n]")]);
        are("# hookshift: ignore[x] why\na = \"\"\"\n1\n\"\"\" # y\n", &[("x", "a = \"\"\"\n1\n\"\"\"")]);
    }

    #[test]
    fn in_a_list_it_is_for_the_next_line_of_it() {
        are(
            "a = [\n  # hookshift: ignore[x] why\n  {b = 1},\n  {b = 2}, # hookshift: ignore[y] why\n]\n",
            &[("x", "  {b = 1},"), ("y", "  {b = 2}, # hookshift: ignore[y] why")],
        );
    }

    #[test]
    fn above_a_header_it_is_for_the_table_up_to_the_next_header() {
        are(
            "# hookshift: ignore[x] why\n[[a]]\n  b = 1\n\n  c = 2\n  [a.d]\n  e = 1\n",
            &[("x", "[[a]]\n  b = 1\n\n  c = 2")],
        );
        are("# hookshift: ignore[x] why\n[a]\nb = 1\nc = 2", &[("x", "[a]\nb = 1\nc = 2")]);
    }

    #[test]
    fn behind_everything_it_is_for_nothing() {
        are("a = 1\n# hookshift: ignore[x] why\n# the end\n", &[("x", "(nothing)")]);
        are("# hookshift: ignore[x] why", &[("x", "(nothing)")]);
    }

    #[test]
    fn for_a_file_it_stands_outside_of_values() {
        are("# hookshift: ignore-file[x] why\n[a]\n", &[("x", "(file)")]);
        are("[a]\nb = 1 # hookshift: ignore-file[x] why\n", &[("x", "(file)")]);
        are("[a]\n# hookshift: ignore-file[x] why", &[("x", "(file)")]);
        are("a = [\n# hookshift: ignore-file[x] why\n]\n", &[("Within", "(file)")]);
    }

    #[test]
    fn in_strings_there_are_no_comments() {
        for string in [
            "\"# hookshift: ignore[x] why\"",
            "'# hookshift: ignore[x] why'",
            "\"\\\"# hookshift: ignore[x] why\"",
            "'\\' # y",
            "\"\"\"\n# hookshift: ignore[x] why\n\\\"\"\"\n# hookshift: ignore[x] why\"\"\"",
            "'''\n# hookshift: ignore[x] why\n'\n''' # y",
            "\"\"\"x\"\"\"\"",
            "'''x'''''",
            "[\"\", '', \"#\"]",
        ] {
            let line = "b = 1 # hookshift: ignore[y] why";
            are(&format!("a = {string}\n{line}\n"), &[("y", line)]);
        }
        are("\"# hookshift: ignore[x] why\" = 1\n", &[]);
        are("[\"a # hookshift: ignore[x] why\"]\n", &[]);
    }

    #[test]
    fn line_ends_are_no_part_of_it() {
        are("# hookshift: ignore[x]\r\na = 1\r\nb = 2\r\n", &[("NoReason", "a = 1")]);
        let config = config("a = 1 # hookshift: ignore[x] why \r\n");
        assert_eq!(config.source.slice(config.directives()[0].span), "# hookshift: ignore[x] why");
    }

    #[test]
    fn several_in_one_comment_have_a_reason_each() {
        let line = "a = 1 # hookshift: ignore[x] one % # hookshift: ignore[y] two";
        are(&format!("{line}\n"), &[("x", line), ("y", line)]);
        are("a = 1 # see # hookshift: ignore[x] why\n", &[]);
        are("a = 1 # %% hookshift: ignore[x] why\n", &[]);
    }

    #[test]
    fn conditions_of_a_template_are_passed_over() {
        are("# hookshift: ignore[x] why\n{{#z}}\nz = {{{z}}}\n{{/z}}\n", &[("x", "z = {{{z}}}")]);
        are("{{#z}} # hookshift: ignore[x] why\nz = 1\n{{/z}}\n", &[("x", "z = 1")]);
        are("# hookshift: ignore[x] why\n{{{more}}}\nz = 1\n", &[("x", "{{{more}}}")]);
        are("# hookshift: ignore[x] why\n{{#z}}[a.{{{z}}}]{{/z}}\nb = 1\n", &[("x", "{{#z}}[a.{{{z}}}]{{/z}}\nb = 1")]);
        let config = config("{{#z}}a = 1 # hookshift: ignore[x] {{{why}}} {{/z}}{{#y}}\n{{/y}}");
        assert_eq!(config.source.slice(config.directives()[0].span), "# hookshift: ignore[x] {{{why}}}");
    }
}
