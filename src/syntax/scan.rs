//! A small exact tokenizer for Erlang, and the form splitter built on it.
//!
//! The splitter walks a file once and jumps from one byte that can matter to the next: quotes, `$`, `%`, `~`
//! and the dot. It knows strings, triple-quoted strings, sigils, quoted atoms, character literals and comments, so a dot
//! in one of these ends nothing. It allocates nothing but the list of forms.
//!
//! A stray quote turns code into string and string into code up to the end of the file. When a file ends inside
//! a literal, it is split again, and a literal is then given up where a line behind a final dot looks like the
//! start of a form: the damage stays within the form that has the quote.

use crate::source::Span;

/// A top-level form: an attribute or a function with all of its clauses, from its first token to behind its dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    pub kind: FormKind,
    /// Byte range in the decoded text; comments before the form are not part of it.
    pub span: Span,
    /// The attribute's or function's name, as it stands in the text (possibly in single quotes).
    pub name: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormKind {
    /// `-name(...)`.
    Attribute,
    /// `name(...) -> ...`.
    Function,
    /// Anything else: a macro call at top level, or broken text.
    Other,
}

/// The forms of a file, in order.
#[derive(Debug, Default)]
pub struct Forms {
    pub forms: Vec<Form>,
    /// Spans of forms in which a literal never ended; the text around them was split as if it had.
    pub broken: Vec<Span>,
    /// Lines between forms that mark a conflict of a merge; both sides of it are split.
    pub conflicts: Vec<Span>,
}

/// Splits a file into its top-level forms.
#[must_use]
pub fn split(text: &str) -> Forms {
    let mut splitter = Splitter::new(text.as_bytes(), false);
    splitter.run();
    if splitter.out.broken.is_empty() {
        return splitter.out;
    }
    let mut careful = Splitter::new(text.as_bytes(), true);
    careful.run();
    careful.out
}

struct Splitter<'a> {
    bytes: &'a [u8],
    /// Give a literal up where a form seems to start inside it.
    resync: bool,
    triple: TripleQuotes,
    out: Forms,
}

/// Where a literal ended.
enum Literal {
    /// Offset behind the closing delimiter.
    Ends(usize),
    /// It never ends; scanning goes on at this offset as if a form had just ended there.
    Broken(usize),
}

const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    table[b'"' as usize] = true;
    table[b'\'' as usize] = true;
    table[b'$' as usize] = true;
    table[b'%' as usize] = true;
    table[b'.' as usize] = true;
    table[b'~' as usize] = true;
    table
};

impl<'a> Splitter<'a> {
    fn new(bytes: &'a [u8], resync: bool) -> Self {
        Self { bytes, resync, triple: TripleQuotes::new(), out: Forms::default() }
    }

    fn run(&mut self) {
        let mut at = if self.bytes.starts_with(b"#!") { line_end(self.bytes, 0) } else { 0 };
        while let Some(start) = skip_blanks_and_comments(self.bytes, at) {
            at = if is_conflict_marker(self.bytes, start) {
                let end = line_end(self.bytes, start);
                self.out.conflicts.push(Span::new(start, end));
                end
            } else {
                self.form(start)
            };
        }
    }

    /// Scans one form that starts at `start`; returns the offset behind it.
    fn form(&mut self, start: usize) -> usize {
        let mut at = start;
        loop {
            at = self.next_special(at);
            let Some(&byte) = self.bytes.get(at) else {
                self.push(start, self.bytes.len());
                return self.bytes.len();
            };
            let literal = match byte {
                b'.' => match dot(self.bytes, at) {
                    Dot::End(end) => {
                        self.push(start, end);
                        return end;
                    }
                    Dot::Inside(next) => Literal::Ends(next),
                },
                b'%' => Literal::Ends(line_end(self.bytes, at)),
                b'$' => Literal::Ends(skip_char(self.bytes, at)),
                b'"' => self.string(at),
                b'\'' => self.quoted(at, b'\''),
                _ => self.sigil(at),
            };
            match literal {
                Literal::Ends(next) => at = next,
                Literal::Broken(next) => {
                    self.out.broken.push(Span::new(start, next));
                    self.push(start, next);
                    return next;
                }
            }
        }
    }

    fn next_special(&self, from: usize) -> usize {
        self.bytes[from..]
            .iter()
            .position(|&byte| SPECIAL[byte as usize])
            .map_or(self.bytes.len(), |found| from + found)
    }

    fn push(&mut self, start: usize, end: usize) {
        let text = &self.bytes[start..end];
        let (kind, name) = classify(text);
        let name = Span::new(start + name.start, start + name.end);
        self.out.forms.push(Form { kind, span: Span::new(start, end), name });
    }

    fn string(&mut self, at: usize) -> Literal {
        match self.triple.end(self.bytes, at) {
            Some(end) => Literal::Ends(end),
            None => self.quoted(at, b'"'),
        }
    }

    fn quoted(&self, at: usize, quote: u8) -> Literal {
        if self.resync {
            return match quoted_or_form(self.bytes, at, quote) {
                Ok(end) => Literal::Ends(end),
                Err(next) => Literal::Broken(next),
            };
        }
        let end = skip_quoted(self.bytes, at, quote);
        end.map_or(Literal::Broken(self.bytes.len()), Literal::Ends)
    }

    fn sigil(&mut self, at: usize) -> Literal {
        match skip_sigil(self.bytes, at, &mut self.triple) {
            Some(Some(end)) => Literal::Ends(end),
            Some(None) => Literal::Broken(self.bytes.len()),
            None => Literal::Ends(at + 1),
        }
    }
}

/// Whether a line that starts at `at` is one of those that version control puts around the sides of a conflict.
fn is_conflict_marker(bytes: &[u8], at: usize) -> bool {
    const MARKERS: [&[u8]; 4] = [b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>"];
    let at_line_start = at == 0 || bytes[at - 1] == b'\n';
    at_line_start && MARKERS.iter().any(|marker| bytes[at..].starts_with(marker))
}

/// What a form is by its first tokens, and the range of its name within the form.
fn classify(form: &[u8]) -> (FormKind, std::ops::Range<usize>) {
    let nothing = (FormKind::Other, 0..0);
    if form.first() == Some(&b'-') {
        let Some(start) = skip_blanks_and_comments(form, 1) else {
            return nothing;
        };
        return match name_end(form, start) {
            Some(end) => (FormKind::Attribute, start..end),
            None => nothing,
        };
    }
    match name_end(form, 0) {
        Some(end) if skip_blanks_and_comments(form, end).is_some_and(|at| form[at] == b'(') => {
            (FormKind::Function, 0..end)
        }
        _ => nothing,
    }
}

/// The end of an atom, plain or quoted, that starts at `start`.
fn name_end(bytes: &[u8], start: usize) -> Option<usize> {
    match bytes.get(start)? {
        b'\'' => skip_quoted(bytes, start, b'\''),
        byte if byte.is_ascii_lowercase() || *byte >= 0x80 => Some(skip_name(bytes, start)),
        _ => None,
    }
}

/// The length of a name with an opening bracket right behind it, as at the start of a function's clause.
pub(crate) fn head_at(bytes: &[u8]) -> Option<usize> {
    let is_start = bytes.first().is_some_and(|&byte| byte.is_ascii_lowercase() || byte >= 0x80);
    let length = if is_start { skip_name(bytes, 0) } else { return None };
    (bytes.get(length) == Some(&b'(')).then_some(length)
}

fn skip_name(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start..];
    start + rest.iter().position(|&byte| !is_name_byte(byte)).unwrap_or(rest.len())
}

/// Bytes above 127 are taken for letters: in decoded text they are parts of letters in all but malformed code.
fn is_name_byte(byte: u8) -> bool {
    NAME[byte as usize]
}

/// A table, as most bytes of code belong to names.
const NAME: [bool; 256] = {
    let mut table = [true; 256];
    let mut byte = 0u8;
    while byte < 0x80 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'@';
        byte += 1;
    }
    table
};

fn skip_blanks_and_comments(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b'%' => at = line_end(bytes, at),
            0..=b' ' => at += 1,
            // A no-break space, which Erlang's scanner takes for a blank too.
            0xC2 if bytes.get(at + 1) == Some(&0xA0) => at += 2,
            _ => return Some(at),
        }
    }
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |found| from + found)
}

enum Dot {
    /// The dot ends a form; offset behind it.
    End(usize),
    /// The dot, or dots, stand inside; offset behind them.
    Inside(usize),
}

fn dot(bytes: &[u8], at: usize) -> Dot {
    let dots = bytes[at..].iter().take(3).take_while(|&&byte| byte == b'.').count();
    if dots > 1 {
        return Dot::Inside(at + dots);
    }
    match bytes.get(at + 1) {
        None | Some(0..=b' ' | b'%') => Dot::End(at + 1),
        Some(0xC2) if bytes.get(at + 2) == Some(&0xA0) => Dot::End(at + 1),
        Some(_) => Dot::Inside(at + 1),
    }
}

/// The offset behind a character literal such as `$a`, `$"`, `$\n`, `$\x41`, `$\x{1F}`, `$\101` or `$\^A`.
fn skip_char(bytes: &[u8], at: usize) -> usize {
    let digits = |from: usize, most: usize, is_digit: fn(&u8) -> bool| {
        from + bytes[from..].iter().take(most).take_while(|byte| is_digit(byte)).count()
    };
    match bytes.get(at + 1) {
        Some(b'\\') => match bytes.get(at + 2) {
            Some(b'^') => skip_one(bytes, at + 3),
            Some(b'x') if bytes.get(at + 3) == Some(&b'{') => {
                memchr::memchr(b'}', &bytes[at..]).map_or(bytes.len(), |found| at + found + 1)
            }
            Some(b'x') => digits(at + 3, 2, u8::is_ascii_hexdigit),
            Some(b'0'..=b'7') => digits(at + 2, 3, |byte| matches!(byte, b'0'..=b'7')),
            _ => skip_one(bytes, at + 2),
        },
        _ => skip_one(bytes, at + 1),
    }
}

/// The offset behind the character that starts at `at`, with all of its bytes; the end where there is none.
fn skip_one(bytes: &[u8], at: usize) -> usize {
    let behind = bytes.get(at + 1..).unwrap_or_default();
    let continued = behind.iter().take_while(|&&byte| byte & 0xC0 == 0x80).count();
    (at + 1 + continued).min(bytes.len())
}

/// The offset behind a string or quoted atom that starts at `at`, `None` when it never ends.
fn skip_quoted(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let mut from = at + 1;
    loop {
        let found = from + memchr::memchr2(quote, b'\\', bytes.get(from..)?)?;
        if bytes[found] == quote {
            return Some(found + 1);
        }
        from = found + 2;
    }
}

/// Triple-quoted strings: three or more quotes, the rest of the line blank, up to a line that starts with as many quotes.
///
/// What was found out is kept, so that to ask for one quote after the other, from the first to the last, takes no longer than to read the
/// text a few times, whatever the quotes are.
struct TripleQuotes {
    /// Where the row of quotes ends that was looked at last.
    row_end: usize,
    /// Nothing but blanks is behind it in its line.
    ends_line: bool,
    /// More quotes than these begin no line any more.
    most: usize,
}

impl TripleQuotes {
    const fn new() -> Self {
        Self { row_end: 0, ends_line: false, most: usize::MAX }
    }

    /// The offset behind the string that starts with the quote at `at`.
    fn end(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        if at >= self.row_end {
            self.row_end = at + count_quotes(&bytes[at..]);
            let is_blank = |byte: &&u8| byte.is_ascii_whitespace() && **byte != b'\n';
            self.ends_line = self.row_end - at >= 3
                && match bytes[self.row_end..].iter().find(|byte| !is_blank(byte)) {
                    Some(&byte) => byte == b'\n',
                    None => true,
                };
        }
        let quotes = self.row_end - at;
        if quotes < 3 || !self.ends_line || quotes > self.most {
            return None;
        }
        let mut most = 0;
        let mut line = line_end(bytes, self.row_end);
        while line < bytes.len() {
            let start = line + 1;
            line = line_end(bytes, start);
            let text = bytes[start..line].trim_ascii_start();
            let first = count_quotes(text);
            if first >= quotes {
                return Some(line - text.len() + quotes);
            }
            most = first.max(most);
        }
        self.most = most;
        None
    }
}

fn count_quotes(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&byte| byte == b'"').count()
}

/// For a `~` that starts a sigil: the offset behind it, or `Some(None)` when it never ends.
/// `None` for any other `~`.
fn skip_sigil(bytes: &[u8], at: usize, triple: &mut TripleQuotes) -> Option<Option<usize>> {
    let prefix = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let open = at + 1 + prefix;
    let close = match bytes.get(open)? {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        quote @ (b'/' | b'|' | b'\'' | b'"' | b'`' | b'#') => *quote,
        _ => return None,
    };
    if close == b'"'
        && let Some(end) = triple.end(bytes, open)
    {
        return Some(Some(end));
    }
    let verbatim = prefix > 0 && bytes[at + 1].is_ascii_uppercase();
    Some(if verbatim {
        memchr::memchr(close, &bytes[open + 1..]).map(|found| open + found + 2)
    } else {
        skip_quoted(bytes, open, close)
    })
}

/// The offset behind a string or quoted atom that starts at `at`; an error when it does not end before a line that looks like
/// a form and stands behind a line ending in a dot, or before the end of the text: where that is.
///
/// It looks at one line after the other, and never further than it goes: in a damaged file this is asked again and again.
fn quoted_or_form(bytes: &[u8], at: usize, quote: u8) -> Result<usize, usize> {
    let from = at + 1;
    let (mut after_dot, mut line_start) = (false, from);
    // Where the search for the end of the literal goes on: behind a backslash, that can be in the next line.
    let mut search = from;
    while line_start < bytes.len() {
        let line_end = line_end(bytes, line_start);
        let end = loop {
            let rest = bytes.get(search..line_end).unwrap_or_default();
            match memchr::memchr2(quote, b'\\', rest).map(|found| search + found) {
                Some(found) if bytes[found] == quote => break Some(found),
                Some(found) => search = found + 2,
                None => break None,
            }
        };
        search = search.max(line_end);
        let line = &bytes[line_start..end.unwrap_or(line_end)];
        if after_dot && line_start > from && looks_like_form(line) {
            return Err(line_start);
        }
        if let Some(end) = end {
            return Ok(end + 1);
        }
        let code = line.trim_ascii();
        if !code.is_empty() && !code.starts_with(b"%") {
            after_dot = code.ends_with(b".");
        }
        line_start = line_end + 1;
    }
    Err(bytes.len())
}

fn looks_like_form(line: &[u8]) -> bool {
    let name = if line.first() == Some(&b'-') { 1 } else { 0 };
    if !line.get(name).is_some_and(u8::is_ascii_lowercase) {
        return false;
    }
    line.get(skip_name(line, name)) == Some(&b'(')
}

/// A token of Erlang, as far as hookshift tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// An atom or keyword; quoted when it starts with `'`.
    Atom,
    Var,
    Number,
    /// A string of any kind.
    String,
    Char,
    /// A single punctuation byte; `->` comes as `-` and `>`.
    Punct(u8),
}

/// The tokens of a piece of text with their spans, without blanks and comments.
pub struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
    base: usize,
    triple: TripleQuotes,
}

impl<'a> Tokens<'a> {
    /// `base` is the offset of `text` in its file; spans count from there.
    #[must_use]
    pub fn new(text: &'a str, base: usize) -> Self {
        Self { bytes: text.as_bytes(), at: 0, base, triple: TripleQuotes::new() }
    }
}

impl Iterator for Tokens<'_> {
    type Item = (Token, Span);

    fn next(&mut self) -> Option<Self::Item> {
        let start = skip_blanks_and_comments(self.bytes, self.at)?;
        let bytes = self.bytes;
        let byte = bytes[start];
        let (token, end) = match byte {
            b'\'' => (Token::Atom, skip_quoted(bytes, start, b'\'').unwrap_or(bytes.len())),
            b'"' => {
                let end = self.triple.end(bytes, start).or_else(|| skip_quoted(bytes, start, b'"'));
                (Token::String, end.unwrap_or(bytes.len()))
            }
            b'$' => (Token::Char, skip_char(bytes, start)),
            b'~' => match skip_sigil(bytes, start, &mut self.triple) {
                Some(end) => (Token::String, end.unwrap_or(bytes.len())),
                None => (Token::Punct(byte), start + 1),
            },
            b'0'..=b'9' => (Token::Number, skip_number(bytes, start)),
            b'A'..=b'Z' | b'_' => (Token::Var, skip_name(bytes, start)),
            _ if is_name_byte(byte) => (Token::Atom, skip_name(bytes, start)),
            _ => (Token::Punct(byte), start + 1),
        };
        self.at = end;
        Some((token, Span::new(self.base + start, self.base + end)))
    }
}

/// Digits, a base, a fraction, an exponent. `1.` at the end of a form keeps its dot for the form.
fn skip_number(bytes: &[u8], start: usize) -> usize {
    let word = |from: usize| {
        bytes[from..].iter().position(|&b| !(is_name_byte(b) || b == b'#')).map_or(bytes.len(), |n| from + n)
    };
    let mut end = word(start);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = word(end + 1);
        let exponent = matches!(bytes.get(end - 1), Some(b'e' | b'E'));
        if exponent && matches!(bytes.get(end), Some(b'-' | b'+')) {
            end = word(end + 1);
        }
    }
    end
}

/// How many arguments stand between the parentheses that open right behind the name of a function or macro.
/// `None` when there are none, or they never close.
#[must_use]
pub fn arity_at(text: &str, behind_name: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut commas = 0;
    let mut empty = true;
    let rest = text.get(behind_name..)?;
    let mut tokens = Tokens::new(rest, 0).peekable();
    while let Some((token, span)) = tokens.next() {
        let doubled = tokens.peek().is_some_and(|&(next, at)| next == token && at.start == span.end);
        match token {
            // A binary's commas separate its own elements, so its two-byte brackets count as one level.
            Token::Punct(b'<') if doubled && depth > 0 => {
                tokens.next();
                empty = false;
                depth += 1;
            }
            Token::Punct(b'>') if doubled && depth > 1 => {
                tokens.next();
                depth -= 1;
            }
            Token::Punct(b'(' | b'[' | b'{') => {
                if depth > 0 {
                    empty = false;
                }
                depth += 1;
            }
            _ if depth == 0 => return None,
            Token::Punct(b')' | b']' | b'}') => {
                depth -= 1;
                if depth == 0 {
                    return Some(if empty { 0 } else { commas + 1 });
                }
            }
            Token::Punct(b',') if depth == 1 => commas += 1,
            _ => empty = false,
        }
    }
    None
}

/// The deepest nesting of brackets and of `case`, `fun`, `begin` and their kin in a form.
#[must_use]
pub fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    for (token, span) in Tokens::new(text, 0) {
        match token {
            Token::Punct(b'(' | b'[' | b'{') => depth += 1,
            Token::Punct(b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            Token::Atom => match text.get(span.range()).unwrap_or_default() {
                "case" | "if" | "begin" | "receive" | "try" | "maybe" => depth += 1,
                "end" => depth = depth.saturating_sub(1),
                _ => {}
            },
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[cfg(test)]
mod tests;
