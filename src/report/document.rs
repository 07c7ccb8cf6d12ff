//! Explanations as a list of blocks, written as text for the terminal or as Markdown.
//!
//! Within a block, text is plain except for backticks, which mark code. So the same facts make the `explain`
//! command and the reference in `docs/`, and cannot come to differ.

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::table::{Cell, Table};
use super::wrap;

const HEADING: Style = Style::new().bold();
const CODE: Style = AnsiColor::Cyan.on_default();

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A title of a level from 1, the document's own, downwards.
    Heading(usize, String),
    Paragraph(String),
    List(Vec<String>),
    /// Every row has as many cells as the head; cells of the head may be empty.
    Table(Vec<String>, Vec<Vec<String>>),
    /// Lines that are kept as they are, and their language.
    Code(String, String),
}

/// Marks text as code. Backticks inside would end it early, and no fact of the catalog needs them.
#[must_use]
pub fn code(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    format!("`{}`", text.trim().replace('`', "'"))
}

/// Writes blocks as text, prose in lines of at most `width` characters.
///
/// # Errors
/// Those of the stream.
pub fn write_text(out: &mut dyn Write, blocks: &[Block], width: usize) -> io::Result<()> {
    for (at, block) in blocks.iter().enumerate() {
        // A heading stands close to what it heads; the document's title has room.
        let after_heading = at > 0 && matches!(blocks[at - 1], Block::Heading(level, _) if level > 1);
        if at > 0 && !after_heading {
            writeln!(out)?;
        }
        write_block(out, block, width)?;
    }
    Ok(())
}

fn write_block(out: &mut dyn Write, block: &Block, width: usize) -> io::Result<()> {
    let bare = |text: &str| super::escape::lines(text).replace('`', "");
    match block {
        Block::Heading(_, text) => writeln!(out, "{HEADING}{}{HEADING:#}", bare(text)),
        Block::Paragraph(text) => write_prose(out, text, "", "", width),
        Block::List(items) => items.iter().try_for_each(|item| write_prose(out, item, "* ", "  ", width)),
        Block::Code(_, text) => text.trim_end().lines().try_for_each(|line| match line {
            "" => writeln!(out),
            line => writeln!(out, "    {}", super::escape::line(line)),
        }),
        Block::Table(head, rows) => {
            let mut table = Table::new(head.iter().map(|title| bare(title)));
            for row in rows {
                let cells = row.iter().map(|cell| Cell::from(bare(cell)));
                table.row(cells.collect());
            }
            table.write(out, width)
        }
    }
}

/// Writes prose, the first line behind `first`, the others behind `next`; both are equally wide.
fn write_prose(out: &mut dyn Write, text: &str, first: &str, next: &str, width: usize) -> io::Result<()> {
    let mut lead = first;
    for line in prose_lines(text, width.saturating_sub(next.len())) {
        write!(out, "{lead}")?;
        for (at, word) in line.iter().enumerate() {
            let blank = if at == 0 { "" } else { " " };
            write!(out, "{blank}")?;
            write_word(out, word)?;
        }
        writeln!(out)?;
        lead = next;
    }
    Ok(())
}

/// Breaks prose into lines of words. Short code counts as one word, whatever blanks it has.
fn prose_lines(text: &str, width: usize) -> Vec<Vec<String>> {
    let mut lines: Vec<Vec<String>> = Vec::new();
    let mut room = 0;
    let text = super::escape::lines(text);
    for word in wrap::words(&text).into_iter().map(str::trim_end).filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if length < room => {
                room -= length + 1;
                line.push(word.to_owned());
            }
            _ => {
                room = width.saturating_sub(length);
                lines.push(vec![word.to_owned()]);
            }
        }
    }
    lines
}

/// Code keeps its backticks in prose, where without colours nothing else would mark it.
fn write_word(out: &mut dyn Write, word: &str) -> io::Result<()> {
    if word.matches('`').count() % 2 == 1 {
        return write!(out, "{word}");
    }
    for (at, part) in word.split('`').enumerate() {
        if at % 2 == 1 {
            write!(out, "{CODE}`{part}`{CODE:#}")?;
        } else {
            write!(out, "{part}")?;
        }
    }
    Ok(())
}

/// The blocks as text without colours.
#[must_use]
pub fn plain(blocks: &[Block]) -> String {
    const WIDTH: usize = 100;
    let mut text = Vec::new();
    write_text(&mut text, blocks, WIDTH).expect("memory takes whatever is written");
    anstream::adapter::strip_str(&String::from_utf8_lossy(&text)).to_string()
}

/// The blocks as Markdown.
#[must_use]
pub fn markdown(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks {
        if !text.is_empty() {
            text.push('\n');
        }
        match block {
            Block::Heading(level, title) => {
                let _ = writeln!(text, "{} {}", "#".repeat(*level), escape(title));
            }
            Block::Paragraph(prose) => push_filled(&mut text, prose, "", ""),
            Block::List(items) => {
                for item in items {
                    push_filled(&mut text, item, "* ", "  ");
                }
            }
            Block::Table(head, rows) => push_table(&mut text, head, rows),
            Block::Code(language, code) => {
                let fence = fence(code);
                let _ = writeln!(text, "{fence}{language}\n{}\n{fence}", super::escape::lines(code.trim_matches('\n')));
            }
        }
    }
    text
}

/// What stands above and below code: more backticks than it has in a row anywhere, and at least three.
#[must_use]
pub fn fence(code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat((longest + 1).max(3))
}

fn push_filled(text: &mut String, prose: &str, first: &str, next: &str) {
    const WIDTH: usize = 100;
    // Code may begin in one line and end in another.
    let lines: Vec<String> = prose_lines(prose, WIDTH).iter().map(|line| line.join(" ")).collect();
    let mut lead = first;
    for line in escape(&lines.join("\n")).lines() {
        let _ = writeln!(text, "{lead}{line}");
        lead = next;
    }
}

fn push_table(text: &mut String, head: &[String], rows: &[Vec<String>]) {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| escape(cell).replace('|', "\\|")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let _ = writeln!(text, "{}", line(head));
    let _ = writeln!(text, "|{}", "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(text, "{}", line(row));
    }
}

/// A line of prose as Markdown.
#[must_use]
pub fn inline_markdown(text: &str) -> String {
    escape(&super::escape::one_line(text))
}

/// Escapes what Markdown would take for markup, outside code, and what platforms would take for somebody to be told of it.
/// Underscores within words are none.
fn escape(text: &str) -> String {
    let text = super::escape::lines(text);
    let mut escaped = String::with_capacity(text.len());
    let mut in_code = false;
    let mut before = ' ';
    // The last of an odd number opens no code.
    let mut paired_backticks = text.matches('`').count() & !1;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let within_word = before.is_alphanumeric() && characters.peek().is_some_and(|c| c.is_alphanumeric());
        let is_markup = match character {
            '`' if paired_backticks > 0 => {
                paired_backticks -= 1;
                in_code = !in_code;
                false
            }
            '_' => !within_word,
            '*' | '<' | '[' | ']' | '\\' | '`' => true,
            _ => false,
        };
        let names_somebody = character == '@' && !before.is_alphanumeric();
        match in_code {
            // It has no escape but to be code.
            false if names_somebody => escaped.push_str("`@`"),
            false if is_markup => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
        before = character;
    }
    escaped
}

/// Reads the Markdown that documentation of rules is written in: headings, paragraphs, lists of one level, tables
/// and fenced code. Links become their text, emphasis is dropped.
#[must_use]
pub fn parse_markdown(text: &str) -> Vec<Block> {
    let mut parser = MarkdownParser::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            parser.flush();
            let code: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != "```").collect();
            parser.blocks.push(Block::Code(language.trim().to_owned(), code.join("\n")));
        } else {
            parser.line(line);
        }
    }
    parser.flush();
    parser.blocks
}

#[derive(Default)]
struct MarkdownParser {
    blocks: Vec<Block>,
    /// The paragraph, list or table that is being read.
    open: Option<Block>,
}

impl MarkdownParser {
    /// Ends what is being read. Only now is inline markup looked at, for it may stretch over lines.
    fn flush(&mut self) {
        let all = |texts: Vec<String>| texts.iter().map(|text| inline(text)).collect();
        self.blocks.extend(self.open.take().map(|block| match block {
            Block::Paragraph(text) => Block::Paragraph(inline(&text)),
            Block::List(items) => Block::List(all(items)),
            Block::Table(head, rows) => Block::Table(all(head), rows.into_iter().map(all).collect()),
            other => other,
        }));
    }

    fn line(&mut self, line: &str) {
        let trimmed = line.trim();
        let item = trimmed.strip_prefix("* ").or_else(|| trimmed.strip_prefix("- "));
        if trimmed.is_empty() {
            self.flush();
        } else if let Some((level, title)) = heading(trimmed) {
            self.flush();
            self.blocks.push(Block::Heading(level, inline(title)));
        } else if let Some(item) = item {
            self.item(item.to_owned());
        } else if let Some(row) = trimmed.strip_prefix('|') {
            self.row(row);
        } else {
            self.continuation(trimmed);
        }
    }

    fn item(&mut self, item: String) {
        if let Some(Block::List(items)) = &mut self.open {
            items.push(item);
        } else {
            self.flush();
            self.open = Some(Block::List(vec![item]));
        }
    }

    fn row(&mut self, row: &str) {
        let row = row.strip_suffix('|').unwrap_or(row);
        let cells = split_cells(row);
        let is_rule = cells.iter().all(|cell| cell.chars().all(|c| "-: ".contains(c)));
        match &mut self.open {
            Some(Block::Table(head, rows)) => {
                if !is_rule {
                    let mut cells = cells;
                    cells.resize(head.len(), String::new());
                    rows.push(cells);
                }
            }
            _ => {
                self.flush();
                self.open = Some(Block::Table(cells, Vec::new()));
            }
        }
    }

    fn continuation(&mut self, text: &str) {
        match &mut self.open {
            Some(Block::Paragraph(open)) => {
                open.push(' ');
                open.push_str(text);
            }
            Some(Block::List(items)) => {
                if let Some(last) = items.last_mut() {
                    last.push(' ');
                    last.push_str(text);
                }
            }
            _ => {
                self.flush();
                self.open = Some(Block::Paragraph(text.to_owned()));
            }
        }
    }
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    let title = title.strip_prefix(' ')?;
    (level > 0).then_some((level, title.trim()))
}

/// A table's cells; a bar behind a backslash belongs to the cell.
fn split_cells(row: &str) -> Vec<String> {
    row.replace("\\|", "\u{0}").split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
}

/// Takes inline markup other than code away.
fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate().map(
        |(at, part)| {
            if at % 2 == 1 { part.to_owned() } else { part.replace("**", "") }
        },
    );
    let text = parts.collect::<Vec<_>>().join("`");
    unlink(&text)
}

/// `[text](target)` becomes `text`; brackets within code, or without a target, stay.
fn unlink(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['[', '`']) {
        let (before, found) = rest.split_at(at);
        plain.push_str(before);
        let (kept, taken) = link(found).unwrap_or_else(|| {
            let length = code_length(found).unwrap_or(1);
            (&found[..length], length)
        });
        plain.push_str(kept);
        rest = &found[taken..];
    }
    plain.push_str(rest);
    plain
}

/// The text of the link that starts here, and the length of the whole link in bytes.
fn link(text: &str) -> Option<(&str, usize)> {
    let (label, target) = text.strip_prefix('[')?.split_once("](")?;
    let end = target.find(')')?;
    (!label.contains('[')).then_some((label, label.len() + end + "[]()".len()))
}

/// The length of the code that starts here, both backticks included, in bytes.
fn code_length(text: &str) -> Option<usize> {
    let end = text.strip_prefix('`')?.find('`')?;
    Some(end + "``".len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(blocks: &[Block], width: usize) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        write_text(&mut out, blocks, width).unwrap();
        String::from_utf8(out.into_inner()).unwrap()
    }

    #[test]
    fn prose_is_wrapped_and_code_is_not() {
        let blocks = [
            Block::Paragraph("one two `{ok, Acc}` three four".to_owned()),
            Block::List(vec!["alpha beta gamma delta".to_owned(), "end".to_owned()]),
            Block::Code("erlang".to_owned(), "a very long line of code -> stays.\n\n  x.\n".to_owned()),
        ];
        assert_eq!(
            text(&blocks, 16),
            "one two\n`{ok, Acc}`\nthree four\n\n* alpha beta\n  gamma delta\n* end\n\n    \
             a very long line of code -> stays.\n\n      x.\n"
        );
    }

    #[test]
    fn lines_are_used_up_to_their_width() {
        let blocks = [Block::Paragraph("aa bb cc dd".to_owned())];
        assert_eq!(text(&blocks, 5), "aa bb\ncc dd\n");
        assert_eq!(text(&blocks, 4), "aa\nbb\ncc\ndd\n");
        assert_eq!(text(&blocks, 11), "aa bb cc dd\n");
    }

    #[test]
    fn an_odd_backtick_is_only_a_backtick() {
        let blocks = [Block::Paragraph("it`s odd ``".to_owned())];
        assert_eq!(text(&blocks, 80), "it`s odd ``\n");
    }

    #[test]
    fn markdown_escapes_outside_code_only() {
        let blocks = [
            Block::Heading(2, "user_send_packet".to_owned()),
            Block::Paragraph("A <message/> gives {ok, _} or `{ok, _}`.".to_owned()),
            Block::Table(vec!["a".to_owned(), "b".to_owned()], vec![vec!["`x | y`".to_owned(), "[x]".to_owned()]]),
            Block::Code("erlang".to_owned(), "f(_) -> ok.\n".to_owned()),
        ];
        assert_eq!(
            markdown(&blocks),
            "## user_send_packet\n\nA \\<message/> gives {ok, \\_} or `{ok, _}`.\n\n\
             | a | b |\n|---|---|\n| `x \\| y` | \\[x\\] |\n\n```erlang\nf(_) -> ok.\n```\n"
        );
    }

    #[test]
    fn markdown_of_a_rule_is_read_into_blocks() {
        let blocks = parse_markdown(
            "# What it does\n\nFinds **every** handler, see [the\nguide](guide.md).\n\n* one\n  more\n* `[x](y)`\n\n\
             | a | b |\n|---|---|\n| 1 |\n\n```erlang\n# no heading\n\nx.\n```\nEnd",
        );
        let strings = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            blocks,
            [
                Block::Heading(1, "What it does".to_owned()),
                Block::Paragraph("Finds every handler, see the guide.".to_owned()),
                Block::List(strings(&["one more", "`[x](y)`"])),
                Block::Table(strings(&["a", "b"]), vec![strings(&["1", ""])]),
                Block::Code("erlang".to_owned(), "# no heading\n\nx.".to_owned()),
                Block::Paragraph("End".to_owned()),
            ]
        );
    }

    #[test]
    fn whatever_backticks_there_are_nothing_else_becomes_markup() {
        let markdown = |block| markdown(&[block]);
        assert_eq!(markdown(Block::Paragraph("`a` and ` <b>".to_owned())), "`a` and \\` \\<b>\n");
        let code = "very long code, broken at its blanks, with [x] and *y* in it, of more than forty characters, [z]";
        let text = markdown(Block::Paragraph(format!("Some words before it, `{code}`.")));
        assert_eq!(text.replace('\n', " "), format!("Some words before it, `{code}`. "));
        assert_eq!(markdown(Block::Code("erlang".to_owned(), "````x".to_owned())), "`````erlang\n````x\n`````\n");
    }

    #[test]
    fn plain_text_has_no_colours() {
        let blocks = [Block::Heading(2, "A".to_owned()), Block::Paragraph("`b` c".to_owned())];
        assert_eq!(plain(&blocks), "A\n`b` c\n");
    }
}
