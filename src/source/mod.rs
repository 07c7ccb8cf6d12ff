//! A file's text, its encoding, and the one place that turns byte offsets into lines and columns.
//!
//! Everything above this module works on the *decoded* text, which is always UTF-8. For a file that is
//! UTF-8 on disk the decoded text is the file's own bytes; for a Latin-1 file each byte above 127
//! takes two bytes of decoded text, and [`Source::byte_on_disk`] maps back.

use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

mod decode;
mod lines;
mod overlay;

pub use decode::Encoding;
pub use lines::{Lines, Unit};
pub use overlay::Overlay;

/// Whether nobody sees a character that can make text look like another one: control characters, line ends other than `\n`,
/// marks that change the reading direction, and those that have no width or are tags.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        || matches!(c, '\u{00AD}' | '\u{200B}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// A range of bytes in the decoded text of one file: `start` is in, `end` is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        // Files over 4 GiB are refused when they are read, so the cast cannot lose anything.
        Self { start: u32::try_from(start).unwrap_or(u32::MAX), end: u32::try_from(end).unwrap_or(u32::MAX) }
    }

    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    #[must_use]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same range of a text before which `by` bytes were put, or taken away.
    #[must_use]
    pub fn shifted(self, by: i64) -> Self {
        let shift = |offset: u32| u32::try_from(i64::from(offset) + by).unwrap_or(u32::MAX);
        Self { start: shift(self.start), end: shift(self.end) }
    }
}

/// A place in a file as people and most formats count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 1-based.
    pub line: usize,
    /// 1-based, in Unicode code points.
    pub column: usize,
    /// 0-based offset into the file as it is on disk, in bytes.
    pub byte: usize,
}

/// A span in a file.
#[derive(Clone)]
pub struct Place {
    pub source: Arc<Source>,
    pub span: Span,
}

impl Place {
    #[must_use]
    pub fn new(source: &Arc<Source>, span: Span) -> Self {
        Self { source: Arc::clone(source), span }
    }

    /// Sorts places of one run: by path, then by offset.
    #[must_use]
    pub fn sort_key(&self) -> (&Path, Span) {
        (self.source.path(), self.span)
    }

    /// The file's name, without its directory, and the line, from 1: `mod_a.erl:12`.
    #[must_use]
    pub fn file_and_line(&self) -> String {
        let name = self.source.path().file_name().unwrap_or_default().to_string_lossy();
        format!("{name}:{}", self.source.position(self.span.start).line)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.source.position(self.span.start);
        write!(f, "{}:{}:{}", self.source.path().display(), at.line, at.column)
    }
}

/// One file, decoded. Made by [`Source::from_bytes`] or [`Source::read`].
pub struct Source {
    path: PathBuf,
    text: Box<str>,
    encoding: Encoding,
    /// A UTF-8 byte order mark stood before the text and was taken off.
    bom: bool,
    line_starts: OnceLock<Vec<u32>>,
    /// How many characters start before each block of [`BLOCK`] bytes; counted where lines are long.
    starts_before: OnceLock<Vec<u32>>,
}

/// In bytes.
const BLOCK: usize = 1024;

/// Why a file could not become a [`Source`].
#[derive(Debug)]
pub enum ReadError {
    Io { path: PathBuf, error: std::io::Error },
    Binary { path: PathBuf, offset: usize },
    TooLarge { path: PathBuf, limit: u64 },
}

impl ReadError {
    /// The file, as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            ReadError::Io { path, .. } | ReadError::Binary { path, .. } | ReadError::TooLarge { path, .. } => path,
        }
    }

    /// What happened, without the path.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            ReadError::Io { error, .. } => error.to_string(),
            ReadError::Binary { offset, .. } => format!("is a binary file (a zero byte at offset {offset})"),
            ReadError::TooLarge { limit, .. } => format!("is larger than {limit} bytes"),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path().display(), self.reason())
    }
}

impl std::error::Error for ReadError {}

/// The largest file that is read, in bytes. Hand-written modules are some thousand times smaller.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// The largest file that is looked into when it has words that matter, in bytes. Generated code gets that large, and
/// modules that somebody wrote are a hundred times smaller.
pub const MAX_ANALYSED_BYTES: usize = 16 * 1024 * 1024;

/// Nearly all modules are shorter.
const READ_AHEAD: usize = 64 * 1024;

impl Source {
    /// Reads and decodes a file.
    ///
    /// # Errors
    /// The file cannot be read, is larger than [`MAX_FILE_BYTES`], or is binary.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        Self::from_bytes(path.to_path_buf(), with_bytes(path, <[u8]>::to_vec)?)
    }

    /// Decodes bytes that were read from `path` (or from standard input in its name).
    ///
    /// # Errors
    /// The bytes hold a zero byte, so they are no Erlang source.
    pub fn from_bytes(path: PathBuf, bytes: Vec<u8>) -> Result<Self, ReadError> {
        if let Some(offset) = memchr::memchr(0, &bytes) {
            return Err(ReadError::Binary { path, offset });
        }
        let decode::Decoded { text, encoding, bom } = decode::decode(bytes);
        Ok(Self {
            path,
            text: text.into_boxed_str(),
            encoding,
            bom,
            line_starts: OnceLock::new(),
            starts_before: OnceLock::new(),
        })
    }

    /// The text of a file as an editor has it, which decodes files by itself. When it is written, its encoding is what
    /// the text says of it.
    ///
    /// # Errors
    /// The text holds a zero byte, so it is no Erlang source.
    pub fn from_text(path: PathBuf, text: String) -> Result<Self, ReadError> {
        if let Some(offset) = memchr::memchr(0, text.as_bytes()) {
            return Err(ReadError::Binary { path, offset });
        }
        let encoding = decode::encoding_of(&text);
        Ok(Self {
            path,
            text: text.into_boxed_str(),
            encoding,
            bom: false,
            line_starts: OnceLock::new(),
            starts_before: OnceLock::new(),
        })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The decoded text, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether a byte order mark stands before the text on disk.
    #[must_use]
    pub fn has_byte_order_mark(&self) -> bool {
        self.bom
    }

    /// The bytes with which another text stands in this file: in its encoding, with its byte order mark. `None` when the
    /// encoding does not have a character of the text.
    #[must_use]
    pub fn encode(&self, text: &str) -> Option<Vec<u8>> {
        let mark = if self.bom { decode::BOM } else { &[] };
        match self.encoding {
            Encoding::Utf8 => Some([mark, text.as_bytes()].concat()),
            Encoding::Latin1 { .. } => text.chars().map(|c| u8::try_from(c).ok()).collect(),
        }
    }

    /// How the file ends its lines, by its first one.
    #[must_use]
    pub fn newline(&self) -> &'static str {
        match memchr::memchr(b'\n', self.text.as_bytes()) {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    /// The text of a span; empty when the span does not lie on character boundaries of this text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let newlines = memchr::memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0).chain(newlines.map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX))).collect()
        })
    }

    /// The 0-based line in which an offset of the decoded text lies.
    #[must_use]
    pub fn line_index(&self, offset: u32) -> usize {
        self.line_starts().partition_point(|&start| start <= offset) - 1
    }

    /// The span of a 0-based line in the decoded text, without its line ending.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Span {
        let starts = self.line_starts();
        let start = starts.get(line).copied().unwrap_or(0) as usize;
        let end = starts.get(line + 1).map_or(self.text.len(), |&next| next as usize);
        let trimmed = self.text[start..end].trim_end_matches(['\n', '\r']);
        Span::new(start, start + trimmed.len())
    }

    /// The span of lines, from the first to the last, 0-based and both in, with the line end of the last. There are no lines behind the
    /// end of the text.
    #[must_use]
    pub fn whole_lines(&self, first: usize, last: usize) -> Span {
        let starts = self.line_starts();
        let start = |line: usize| starts.get(line).map_or(self.text.len(), |&start| start as usize);
        Span::new(start(first), start(last.saturating_add(1)))
    }

    /// The position of an offset of the decoded text. An offset behind the end counts as the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let offset = self.floor_char_boundary(offset);
        let line = self.line_index(offset);
        let line_start = self.line_starts()[line] as usize;
        let column = self.characters(line_start, offset as usize) + 1;
        Position { line: line + 1, column, byte: self.byte_on_disk(offset) }
    }

    /// The offset in the file on disk that belongs to an offset of the decoded text, both in bytes.
    #[must_use]
    pub fn byte_on_disk(&self, offset: u32) -> usize {
        let before = &self.text.as_bytes()[..self.floor_char_boundary(offset) as usize];
        let bom = if self.bom { decode::BOM.len() } else { 0 };
        match self.encoding {
            Encoding::Utf8 => before.len() + bom,
            // Every character was one byte; continuation bytes are those that decoding added.
            Encoding::Latin1 { .. } => self.characters(0, before.len()),
        }
    }

    /// How many characters there are between two offsets. It does not matter how far apart they are: there can be as many
    /// findings in one line as in many.
    fn characters(&self, from: usize, to: usize) -> usize {
        let count =
            |from: usize, to: usize| self.text.as_bytes()[from..to].iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        if to - from <= 2 * BLOCK {
            return count(from, to);
        }
        let before = self.starts_before.get_or_init(|| {
            let blocks = self.text.as_bytes().chunks(BLOCK);
            let counted = blocks.scan(0u32, |before, block| {
                let here = *before;
                let starts = block.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
                *before += u32::try_from(starts).unwrap_or(u32::MAX);
                Some(here)
            });
            counted.collect()
        });
        let up_to = |at: usize| {
            let block = (at / BLOCK).min(before.len() - 1);
            before[block] as usize + count(block * BLOCK, at)
        };
        up_to(to) - up_to(from)
    }

    fn floor_char_boundary(&self, offset: u32) -> u32 {
        let mut at = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        u32::try_from(at).unwrap_or(u32::MAX)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("path", &self.path)
            .field("bytes", &self.text.len())
            .field("encoding", &self.encoding)
            .finish()
    }
}

thread_local! {
    /// What files are read into.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Gives back this thread's buffer, which is as large as the largest file that was read.
pub fn release_buffer() {
    BUFFER.take();
}

/// Reads a file and hands its bytes, as they are on disk, to `look`. They lie in a buffer that each thread uses again
/// and again, so whoever wants to keep them copies them.
///
/// # Errors
/// The file cannot be read or is larger than [`MAX_FILE_BYTES`].
pub fn with_bytes<R>(path: &Path, look: impl FnOnce(&[u8]) -> R) -> Result<R, ReadError> {
    // Taken out meanwhile, so that `look` may read another file.
    let mut buffer = BUFFER.take();
    let done = read_into(&mut buffer, path).map(|length| look(&buffer[..length]));
    BUFFER.set(buffer);
    done
}

/// Reads a file to the start of a buffer, which grows as needed; returns how many bytes these are. What stands behind
/// them is left of other files: to clear it would cost more than to read.
fn read_into(buffer: &mut Vec<u8>, path: &Path) -> Result<usize, ReadError> {
    let failed = |error| ReadError::Io { path: path.to_path_buf(), error };
    let mut file = File::open(path).map_err(failed)?;
    let mut length = 0;
    loop {
        if length as u64 > MAX_FILE_BYTES {
            return Err(ReadError::TooLarge { path: path.to_path_buf(), limit: MAX_FILE_BYTES });
        }
        if length == buffer.len() {
            buffer.resize((2 * length).max(READ_AHEAD), 0);
        }
        match file.read(&mut buffer[length..]) {
            Ok(0) => return Ok(length),
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(bytes: &[u8]) -> Source {
        Source::from_bytes(PathBuf::from("mod_x.erl"), bytes.to_vec()).unwrap()
    }

    #[test]
    fn files_of_any_size_are_read_whole_into_one_buffer() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.erl");
        for length in [0, 3 * READ_AHEAD + 1, 10, READ_AHEAD, 2 * READ_AHEAD] {
            let bytes: Vec<u8> = (0..length).map(|at| b'a' + (at % 26) as u8).collect();
            std::fs::write(&path, &bytes).unwrap();
            assert!(with_bytes(&path, |read| read == bytes).unwrap(), "{length}");
            // Another file may be read while one is looked at.
            assert!(with_bytes(&path, |outer| with_bytes(&path, |inner| inner == outer)).unwrap().unwrap());
        }
        assert!(with_bytes(&directory.path().join("none.erl"), <[u8]>::len).is_err());
    }

    #[test]
    fn columns_count_code_points_and_bytes_count_bytes() {
        let source = source("a\n\tʃ🦀x\n".as_bytes());
        let x = source.text().find('x').unwrap();
        let position = source.position(u32::try_from(x).unwrap());
        assert_eq!(position, Position { line: 2, column: 4, byte: 2 + 1 + 2 + 4 });
    }

    #[test]
    fn columns_of_long_lines_are_those_of_short_ones() {
        let line = "a\u{283}\u{1f980}x\u{e9}".repeat(3 * BLOCK);
        let text = format!("first\n{line}\nlast");
        let source = source(text.as_bytes());
        for (column, (at, _)) in line.char_indices().enumerate().step_by(7) {
            let position = source.position(u32::try_from("first\n".len() + at).unwrap());
            assert_eq!((position.line, position.column), (2, column + 1));
        }
        let mut latin_1 = b"%% coding: latin-1\n".to_vec();
        latin_1.extend(b"\xe9x".repeat(3 * BLOCK));
        let source = super::Source::from_bytes(PathBuf::from("mod_x.erl"), latin_1.clone()).unwrap();
        assert_eq!(source.byte_on_disk(u32::MAX), latin_1.len());
        assert_eq!(source.position(u32::MAX).column, 6 * BLOCK + 1);
    }

    #[test]
    fn a_latin1_file_keeps_its_own_byte_offsets() {
        let source = source(b"%% coding: latin-1\n% \xe9\xe9\nx");
        assert!(matches!(source.encoding(), Encoding::Latin1 { declared: true }));
        let x = source.text().rfind('x').unwrap();
        assert_eq!(source.position(u32::try_from(x).unwrap()).byte, 19 + 5);
        assert_eq!(source.position(u32::try_from(x).unwrap()).line, 3);
    }

    #[test]
    fn a_byte_order_mark_counts_in_offsets_but_not_in_columns() {
        let source = source(b"\xEF\xBB\xBF-module(a).\n");
        assert_eq!(source.text(), "-module(a).\n");
        assert_eq!(source.position(0), Position { line: 1, column: 1, byte: 3 });
    }

    #[test]
    fn lines_may_end_in_crlf() {
        let source = source(b"a\r\nbc\r\n");
        assert_eq!(source.slice(source.line_span(1)), "bc");
        assert_eq!(source.position(4).line, 2);
    }

    #[test]
    fn a_zero_byte_means_binary() {
        let error = Source::from_bytes(PathBuf::from("x.erl"), b"ab\0".to_vec()).unwrap_err();
        assert_eq!(error.to_string(), "x.erl: is a binary file (a zero byte at offset 2)");
    }

    #[test]
    fn an_offset_behind_the_end_counts_as_the_end() {
        assert_eq!(source(b"ab").position(99).column, 3);
    }
}
