//! Offsets, lines and columns in every unit, held against counting character by character.

use hookshift::source::{Encoding, Lines, Source, Unit};

use super::source;

/// At about so many places of a text it is looked closely.
const PLACES: usize = 100;

pub fn run(data: &[u8]) {
    let Some(source) = source("src/mod_a.erl", data) else {
        assert!(data.contains(&0), "a file without zero bytes is always read");
        return;
    };
    on_disk(&source, data);
    for_people(&source);
    for unit in [Unit::Utf8, Unit::Utf16, Unit::Utf32] {
        for_editors(source.text(), unit);
    }
}

/// Every character stands on disk where it is said to, and all of them together are the file.
fn on_disk(source: &Source, data: &[u8]) {
    let text = source.text();
    assert_eq!(source.encode(text).as_deref(), Some(data), "what is read is written back as something else");
    let mark = if source.has_byte_order_mark() { 3 } else { 0 };
    let latin_1 = matches!(source.encoding(), Encoding::Latin1 { .. });
    let mut expected = mark;
    let step = 1 + text.len() / PLACES;
    for (number, (at, c)) in text.char_indices().enumerate() {
        if number % step == 0 {
            let found = source.byte_on_disk(offset(at));
            assert_eq!(found, expected, "of the character at {at}");
            let mut bytes = [0; 4];
            let is_there = match latin_1 {
                true => data[found] == u8::try_from(u32::from(c)).expect("Latin-1 has no more than bytes"),
                false => data[found..].starts_with(c.encode_utf8(&mut bytes).as_bytes()),
            };
            assert!(is_there, "{c:?} does not stand at {found}");
        }
        expected += if latin_1 { 1 } else { c.len_utf8() };
    }
    assert_eq!(source.byte_on_disk(u32::MAX), data.len());
}

fn for_people(source: &Source) {
    let text = source.text();
    let (mut line, mut column) = (1, 1);
    let step = 1 + text.len() / PLACES;
    for (number, (at, c)) in text.char_indices().enumerate() {
        if number % step == 0 {
            let position = source.position(offset(at));
            assert_eq!((position.line, position.column), (line, column), "of the character at {at}");
            assert_eq!(source.line_index(offset(at)), line - 1);
            // An offset inside a character is that character's.
            assert_eq!(source.position(offset(at + c.len_utf8() - 1)), position);
            let span = source.line_span(line - 1);
            assert!(span.start as usize <= at, "line {line} starts behind a character of it");
            assert!(span.end as usize > at || matches!(c, '\r' | '\n'), "line {line} ends before a character of it");
        }
        (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    let end = source.position(u32::MAX);
    assert_eq!((end.line, end.column), (line, column));
}

fn for_editors(text: &str, unit: Unit) {
    let lines = Lines::new(text);
    let width = |c: char| match unit {
        Unit::Utf8 => c.len_utf8(),
        Unit::Utf16 => c.len_utf16(),
        Unit::Utf32 => 1,
    };
    let (mut line, mut column) = (0, 0);
    let step = 1 + text.len() / PLACES;
    let mut before = '\n';
    for (number, (at, c)) in text.char_indices().enumerate() {
        // The second half of a line ending is still behind the end of the line, where no column leads to.
        let in_line_end = matches!(c, '\r' | '\n');
        if number % step == 0 {
            assert_eq!(lines.position(text, at, unit), (line, column), "of the character at {at} in {unit:?}");
            if !in_line_end {
                for part in 0..width(c) {
                    let found = lines.offset(text, line, column + part, unit);
                    assert_eq!(found, at, "of {line}:{} in {unit:?}", column + part);
                }
            } else if before != '\r' || c != '\n' {
                assert_eq!(lines.offset(text, line, usize::MAX, unit), at, "of the end of line {line} in {unit:?}");
            }
        }
        let ends = c == '\n' || (c == '\r' && !text[at + 1..].starts_with('\n'));
        (line, column) = if ends { (line + 1, 0) } else { (line, column + width(c)) };
        before = c;
    }
    assert_eq!(lines.count(), line + 1);
    assert_eq!(lines.position(text, usize::MAX, unit), (line, column));
    assert_eq!(lines.offset(text, line, usize::MAX, unit), text.len());
    assert_eq!(lines.offset(text, usize::MAX, 0, unit), text.len());
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("files are smaller than that")
}
