//! Configurations that are templates: `{{...}}` stands where a value is put in later.
//!
//! What is read is TOML, so tags are made into something that is TOML, at the same offsets. What they stand for is not known; what
//! stands between `{{#name}}` and `{{/name}}` may not be there.

use crate::source::Span;

/// A text in which no tags are left.
pub struct Template {
    /// As long as what it was made of, with all line ends where they were.
    pub text: String,
    /// What is there only under a condition, with the tags around it, in the order of their ends.
    pub sections: Vec<Span>,
    /// Those among them that are read: of two that exclude each other, the first one is.
    pub conditional: Vec<Span>,
    /// The first tag; none when it is no template.
    pub first_tag: Option<Span>,
}

/// Where a tag stands, which decides what can take its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// Alone in its line, or in a comment: it can go.
    Nothing,
    /// In a string, or in a key: letters.
    Letters,
    /// Where a value stands.
    Value,
}

impl Template {
    /// Reads a text, which need be neither a template nor TOML.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut out = text.as_bytes().to_vec();
        let (mut sections, mut conditional, mut first_tag) = (Vec::new(), Vec::new(), None);
        let (mut open, mut given) = (Vec::new(), Vec::new());
        let (mut at, mut line) = (0, None);
        while let Some(tag) = next_tag(text, at) {
            at = tag.end as usize;
            first_tag = first_tag.or(Some(tag));
            let content = text[tag.range()].trim_matches(['{', '}', '&']).trim();
            let (kind, name) = (content.chars().next(), content.get(1..).unwrap_or_default().trim());
            let fill: &[u8] = match kind {
                Some('#' | '^') => {
                    open.push(Section { name, is_inverted: kind == Some('^'), start: tag.start });
                    b" "
                }
                Some('/') => {
                    // A section ends with those that were opened in it and never closed.
                    if let Some(at) = open.iter().rposition(|it| it.name == name) {
                        let section = open.swap_remove(at);
                        open.truncate(at);
                        let span = Span { start: section.start, end: tag.end };
                        sections.push(span);
                        // Of two that exclude each other, the first is read: both may give the same key.
                        if section.is_inverted && given.contains(&name) {
                            blank(&mut out[span.range()]);
                        } else {
                            conditional.push(span);
                        }
                        given.push(name);
                    }
                    b" "
                }
                Some('!' | '>') | None => b" ",
                _ => {
                    let known = line.take().filter(|it: &Line<'_>| it.has(tag.start as usize));
                    let known = line.insert(known.unwrap_or_else(|| Line::around(text, tag.start as usize)));
                    match known.place(tag) {
                        Around::Nothing => b" ",
                        Around::Letters => b"x",
                        Around::Value => b"\"x",
                    }
                }
            };
            for (at, byte) in tag.range().enumerate() {
                let is_last = at + 1 == tag.len();
                let with = if at == 0 || is_last { fill[0] } else { fill[fill.len() - 1] };
                if !matches!(out[byte], b'\n' | b'\r') {
                    out[byte] = with;
                }
            }
        }
        // Every byte of a tag became one of ASCII.
        let text = String::from_utf8(out).unwrap_or_else(|_| text.to_owned());
        Self { text, sections, conditional, first_tag }
    }

    /// Whether something is there only under a condition.
    #[must_use]
    pub fn is_conditional(&self, offset: u32) -> bool {
        self.conditional.iter().any(|span| (span.start..span.end).contains(&offset))
    }
}

/// A section that was opened.
struct Section<'t> {
    name: &'t str,
    /// It is there when the other ones of its name are not.
    is_inverted: bool,
    start: u32,
}

/// Takes everything away but the ends of lines.
fn blank(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
}

/// The next tag from an offset on, with its braces.
fn next_tag(text: &str, from: usize) -> Option<Span> {
    let start = from + text[from..].find("{{")?;
    let close = if text[start..].starts_with("{{{") { "}}}" } else { "}}" };
    let end = start + text[start..].find(close)? + close.len();
    Some(Span::new(start, end))
}

/// A line with tags, read once from its start to its end, however many there are.
struct Line<'t> {
    text: &'t str,
    /// Offsets in the whole text.
    start: usize,
    end: usize,
    /// There is nothing in it but tags.
    is_alone: bool,
    starts_with_bracket: bool,
    last_equals: Option<usize>,
    /// How far it is read, and what was seen up to there.
    at: usize,
    quote: Option<u8>,
    is_comment: bool,
    has_equals: bool,
}

impl<'t> Line<'t> {
    fn around(text: &'t str, offset: usize) -> Self {
        let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
        let line = &text[start..end];
        Self {
            text,
            start,
            end,
            is_alone: Without::Tags.of(line).trim().is_empty(),
            starts_with_bracket: line.trim_start().starts_with('['),
            last_equals: line.rfind('=').map(|at| start + at),
            at: start,
            quote: None,
            is_comment: false,
            has_equals: false,
        }
    }

    fn has(&self, offset: usize) -> bool {
        (self.start..=self.end).contains(&offset)
    }

    /// Where the next tag stands.
    fn place(&mut self, tag: Span) -> Around {
        let bytes = self.text.as_bytes();
        while self.at < tag.start as usize {
            // What another tag is made of says nothing.
            if bytes[self.at..].starts_with(b"{{")
                && let Some(other) = next_tag(self.text, self.at)
            {
                self.at = other.end as usize;
                continue;
            }
            match (self.quote, bytes[self.at]) {
                (None, b'#') => self.is_comment = true,
                (None, b'=') => self.has_equals = true,
                (None, quote @ (b'"' | b'\'')) => self.quote = Some(quote),
                (Some(b'"'), b'\\') => self.at += 1,
                (Some(open), byte) if open == byte => self.quote = None,
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.at.max(tag.end as usize);
        if self.is_alone || self.is_comment {
            return Around::Nothing;
        }
        let leads_to_value = self.last_equals.is_some_and(|at| at >= tag.end as usize);
        let is_key = !self.has_equals && (self.starts_with_bracket || leads_to_value);
        if self.quote.is_some() || is_key { Around::Letters } else { Around::Value }
    }
}

/// The variables that a text names in its tags, each with its tag.
#[must_use]
pub fn variables(text: &str) -> Vec<(&str, Span)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(tag) = next_tag(text, at) {
        at = tag.end as usize;
        let content = text[tag.range()].trim_matches(['{', '}']).trim();
        if !content.starts_with(['!', '>']) {
            found.push((content.trim_start_matches(['#', '^', '/', '&']).trim(), tag));
        }
    }
    found
}

/// Which tags are taken out of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// All whole ones.
    Tags,
    /// Those among them for which nothing is put in.
    Conditions,
}

impl Without {
    #[must_use]
    pub fn of(self, text: &str) -> String {
        let (mut out, mut at) = (String::new(), 0);
        while let Some(tag) = next_tag(text, at) {
            let is_value = !text[tag.range()].trim_start_matches('{').starts_with(['#', '^', '/', '!', '>']);
            let end = if self == Without::Conditions && is_value { tag.end } else { tag.start };
            out.push_str(&text[at..end as usize]);
            at = tag.end as usize;
        }
        out.push_str(&text[at..]);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(text: &str, expected: &str) {
        let template = Template::of(text);
        assert_eq!(template.text, expected);
        assert_eq!(template.text.len(), text.len());
    }

    #[test]
    fn tags_become_what_toml_takes_there() {
        becomes("port = {{{port}}}\n", "port = \"xxxxxxxx\"\n");
        becomes("hosts = [{{{hosts}}}, 'a']\n", "hosts = [\"xxxxxxxxx\", 'a']\n");
        becomes("a = \"x-{{ b }}\"\n", "a = \"x-xxxxxxx\"\n");
        becomes("[auth.{{{m}}}]\n", "[auth.xxxxxxx]\n");
        becomes("{{key}} = 1\n", "xxxxxxx = 1\n");
        becomes("{{#z}}a = {{{b}}}{{/z}}\n", "      a = \"xxxxx\"      \n");
        becomes("  {{{tls}}}\r\nb = 1\r\n", "           \r\nb = 1\r\n");
        becomes("# {{x}} {\na = 1", "#       {\na = 1");
        becomes("[a.{{{b}}}]{{#c}}\n  {{{c}}}{{/c}}\n", "[a.xxxxxxx]      \n               \n");
        becomes("{{! über\nalles }}a = 1\n", "         \n        a = 1\n");
    }

    #[test]
    fn what_is_no_template_stays_as_it_is() {
        for text in ["a = {b = {c = 1}}\n", "", "a = \"{{\"\n", "}}{{"] {
            becomes(text, text);
            assert!(Template::of(text).first_tag.is_none(), "{text}");
        }
    }

    /// Each would take minutes if a line were read anew for each of its tags.
    #[test]
    fn many_tags_in_a_line_are_read_once() {
        let text = format!("a = \"{}\"\n", "{{x}}".repeat(100_000));
        assert_eq!(Template::of(&text).text, format!("a = \"{}\"\n", "xxxxx".repeat(100_000)));
        let text = "{{#x}}{{/x}}".repeat(100_000);
        assert_eq!(Template::of(&text).conditional.len(), 100_000);
        assert!(Template::of(&"{{".repeat(100_000)).first_tag.is_none());
    }

    #[test]
    fn of_two_sections_that_exclude_each_other_the_first_is_read() {
        becomes("{{#a}}\nx = 1\n{{/a}}\n{{^a}}\nx = 2\n{{/a}}\n", "      \nx = 1\n      \n      \n     \n      \n");
        becomes("{{^a}}\nx = 2\n{{/a}}\n", "      \nx = 2\n      \n");
    }

    #[test]
    fn conditions_are_known() {
        let text = "a = 1\n{{#x}}\nb = 1\n{{^y}}\nc = 1\n{{/y}}\n{{/x}}\nd = 1\n{{/z}}";
        let template = Template::of(text);
        let is = |key: &str| template.is_conditional(u32::try_from(text.find(key).unwrap()).unwrap());
        assert_eq!(["a =", "b =", "c =", "d ="].map(is), [false, true, true, false]);
        assert_eq!(template.conditional.len(), 2);
    }
}
