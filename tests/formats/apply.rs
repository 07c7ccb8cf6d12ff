//! Fixes, applied to the bytes of a file as their readers do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The new bytes of each file that a fix changes.
pub type Changed = BTreeMap<PathBuf, Vec<u8>>;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A file in the encoding that it says it is in.
struct File {
    text: Vec<char>,
    is_latin1: bool,
    has_mark: bool,
}

impl File {
    fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let declares = String::from_utf8_lossy(&bytes).lines().take(2).any(|line| line.contains("coding: latin-1"));
        let has_mark = bytes.starts_with(BOM);
        let bytes = if has_mark { &bytes[BOM.len()..] } else { &bytes[..] };
        match std::str::from_utf8(bytes) {
            Ok(text) if !declares => Self { text: text.chars().collect(), is_latin1: false, has_mark },
            _ => Self { text: bytes.iter().map(|&byte| char::from(byte)).collect(), is_latin1: true, has_mark },
        }
    }

    fn encode(&self, text: &str) -> Vec<u8> {
        if self.is_latin1 {
            return text.chars().map(|c| u8::try_from(c).unwrap()).collect();
        }
        text.as_bytes().to_vec()
    }

    /// The 0-based offset of a position, both 1-based, in characters.
    fn offset(&self, line: u64, column: u64) -> usize {
        let starts = self.text.iter().enumerate().filter(|(_, c)| **c == '\n').map(|(at, _)| at + 1);
        let start = std::iter::once(0).chain(starts).nth(number(line) - 1).unwrap();
        let offset = start + number(column) - 1;
        assert!(offset <= self.text.len(), "{line}:{column}");
        offset
    }
}

fn number(value: u64) -> usize {
    usize::try_from(value).unwrap()
}

/// Replaces ranges of something by something else.
fn replaced<T: Clone>(old: &[T], mut edits: Vec<(usize, usize, Vec<T>)>) -> Vec<T> {
    edits.sort_by_key(|(start, end, _)| (*start, *end));
    let (mut new, mut done) = (Vec::new(), 0);
    for (start, end, text) in edits {
        assert!(done <= start && start <= end, "edits overlap");
        new.extend_from_slice(&old[done..start]);
        new.extend(text);
        done = end;
    }
    new.extend_from_slice(&old[done..]);
    new
}

/// A fix in the format `json`: bytes of the file on disk.
pub fn json(fix: &Value, directory: &Path) -> Changed {
    let mut edits: BTreeMap<PathBuf, Vec<_>> = BTreeMap::new();
    for edit in fix["edits"].as_array().unwrap() {
        let path = directory.join(edit["path"].as_str().unwrap());
        let byte = |end: &str| number(edit["range"][end]["byte"].as_u64().unwrap());
        let text = File::read(&path).encode(edit["text"].as_str().unwrap());
        edits.entry(path).or_default().push((byte("start"), byte("end"), text));
    }
    edits.into_iter().map(|(path, edits)| (path.clone(), replaced(&std::fs::read(&path).unwrap(), edits))).collect()
}

/// A fix of SARIF: lines and columns in code points.
pub fn sarif(fix: &Value, root: &Path) -> Changed {
    let changed = fix["artifactChanges"].as_array().unwrap().iter().map(|change| {
        let path = root.join(decoded(change["artifactLocation"]["uri"].as_str().unwrap()));
        let file = File::read(&path);
        let edits = change["replacements"].as_array().unwrap().iter().map(|replacement| {
            let region = |key: &str| replacement["deletedRegion"][key].as_u64().unwrap();
            let text = replacement["insertedContent"]["text"].as_str().unwrap();
            let (start, end) = (("startLine", "startColumn"), ("endLine", "endColumn"));
            let offset = |(line, column)| file.offset(region(line), region(column));
            (offset(start), offset(end), text.chars().collect())
        });
        let new: String = replaced(&file.text, edits.collect()).into_iter().collect();
        let mark = if file.has_mark { BOM } else { &[] };
        (path, [mark, &file.encode(&new)].concat())
    });
    changed.collect()
}

/// A suggestion of rdjson: whole lines, or columns in bytes.
pub fn rdjson(suggestion: &Value, path: PathBuf) -> Changed {
    let old = std::fs::read(&path).unwrap();
    let starts: Vec<usize> =
        std::iter::once(0).chain(old.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1)).collect();
    let range = &suggestion["range"];
    let line = |end: &str| number(range[end]["line"].as_u64().unwrap());
    let column = |end: &str| range[end]["column"].as_u64().map(|column| number(column) - 1);
    let text = suggestion["text"].as_str().unwrap();
    let start = starts[line("start") - 1] + column("start").unwrap_or(0);
    let end = match column("end") {
        Some(column) => starts[line("end") - 1] + column,
        None => {
            let end = starts.get(line("end")).copied().unwrap_or(old.len());
            let line_end = if old[..end].ends_with(b"\r\n") { 2 } else { usize::from(old[..end].ends_with(b"\n")) };
            // Without any text, lines go with their ends.
            if text.is_empty() { end } else { end - line_end }
        }
    };
    BTreeMap::from([(path, replaced(&old, vec![(start, end, text.as_bytes().to_vec())]))])
}

/// A URI's path.
pub fn decoded(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}
