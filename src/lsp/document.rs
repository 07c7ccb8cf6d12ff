//! One text that the editor has open.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use gen_lsp_types::{Position, Range, Uri};

use super::params::ContentChange;
use crate::outline::Module;
use crate::source::{Lines, Source, Unit};

/// A text that is open, and where its lines start.
pub(super) struct Document {
    /// As the client spells it.
    pub uri: Uri,
    pub path: PathBuf,
    pub version: i32,
    content: Content,
    lines: Rc<Lines>,
}

enum Content {
    Erlang(Arc<Module>),
    /// Called Erlang, with a zero byte in it, so that it is none for now. An empty module stands for it: what was found in it
    /// before is no longer true.
    NoText(String, Arc<Module>),
    /// A configuration file.
    Other(String),
}

impl Document {
    pub fn new(uri: Uri, path: PathBuf, version: i32, is_erlang: bool, text: String) -> Self {
        let lines = Rc::new(Lines::new(&text));
        let content = match is_erlang {
            true => Content::erlang(&path, text, None),
            false => Content::Other(text),
        };
        Self { uri, path, version, content, lines }
    }

    pub fn text(&self) -> &str {
        match &self.content {
            Content::Erlang(module) => module.source().text(),
            Content::NoText(text, _) | Content::Other(text) => text,
        }
    }

    /// Whether it is read as Erlang.
    pub fn is_erlang(&self) -> bool {
        !matches!(self.content, Content::Other(_))
    }

    /// The module or header, when it is one that can be looked at.
    pub fn module(&self) -> Option<&Arc<Module>> {
        match &self.content {
            Content::Erlang(module) => Some(module),
            Content::NoText(..) | Content::Other(_) => None,
        }
    }

    /// What is analysed in the place of the file on disk.
    pub fn analysed(&self) -> Option<&Arc<Module>> {
        match &self.content {
            Content::Erlang(module) | Content::NoText(_, module) => Some(module),
            Content::Other(_) => None,
        }
    }

    /// Applies changes, each to what the ones before it have left.
    pub fn change(&mut self, changes: Vec<ContentChange>, unit: Unit) {
        let mut text = self.text().to_owned();
        let mut lines: Option<Lines> = None;
        for change in changes {
            match change.range {
                None => text = change.text,
                Some(range) => {
                    let lines = lines.as_ref().unwrap_or(&*self.lines);
                    let offset = |at: Position| lines.offset(&text, at.line as usize, at.character as usize, unit);
                    let (start, end) = (offset(range.start), offset(range.end));
                    text.replace_range(start.min(end)..end.max(start), &change.text);
                }
            }
            lines = Some(Lines::new(&text));
        }
        if let Some(lines) = lines {
            self.lines = Rc::new(lines);
        }
        self.content = match self.is_erlang() {
            true => Content::erlang(&self.path, text, self.module()),
            false => Content::Other(text),
        };
    }

    pub fn lines(&self) -> &Rc<Lines> {
        &self.lines
    }

    pub fn offset(&self, at: Position, unit: Unit) -> usize {
        self.lines.offset(self.text(), at.line as usize, at.character as usize, unit)
    }

    /// The offsets of a range, from the smaller one to the larger.
    pub fn offsets(&self, range: Range, unit: Unit) -> (usize, usize) {
        let (start, end) = (self.offset(range.start, unit), self.offset(range.end, unit));
        (start.min(end), end.max(start))
    }
}

impl Content {
    /// What is the same as before is not parsed again.
    fn erlang(path: &std::path::Path, text: String, before: Option<&Arc<Module>>) -> Self {
        // Asked first, as the text is needed again then.
        let (refused, text) = if text.contains('\0') { (Some(text), String::new()) } else { (None, text) };
        let source = match Source::from_text(path.to_path_buf(), text) {
            Ok(source) => Arc::new(source),
            Err(_) => return Content::Other(String::new()),
        };
        match (refused, before) {
            (Some(text), _) => Content::NoText(text, Arc::new(Module::for_editor(source))),
            (None, Some(before)) => Content::Erlang(Arc::new(before.edited(source))),
            (None, None) => Content::Erlang(Arc::new(Module::for_editor(source))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        let uri: Uri = "file:///x/mod_x.erl".parse().unwrap();
        Document::new(uri, "/x/mod_x.erl".into(), 1, true, text.to_owned())
    }

    fn change(from: (u32, u32), to: (u32, u32), text: &str) -> ContentChange {
        let at = |(line, character)| Position { line, character };
        ContentChange { range: Some(Range { start: at(from), end: at(to) }), text: text.to_owned() }
    }

    #[test]
    fn each_change_is_applied_to_what_the_others_left() {
        let mut document = document("a() -> \"\u{1f980}\", x.\r\nb() -> y.\r\n");
        let changes = vec![change((0, 13), (0, 14), "xx"), change((1, 0), (1, 1), "c"), change((0, 0), (0, 0), "%%\n")];
        document.change(changes, Unit::Utf16);
        assert_eq!(document.text(), "%%\na() -> \"\u{1f980}\", xx.\r\nc() -> y.\r\n");
    }

    #[test]
    fn ranges_that_lie_outside_or_backwards_do_no_harm() {
        let mut document = document("ab\n");
        document.change(vec![change((9, 9), (0, 1), "c"), change((0, 99), (0, 99), "d")], Unit::Utf8);
        assert_eq!(document.text(), "acd");
    }

    #[test]
    fn what_is_no_text_is_kept_until_it_is_one_again() {
        let mut document = document("a() -> b.\n");
        document.change(vec![change((0, 0), (0, 0), "\0")], Unit::Utf16);
        assert!(document.module().is_none() && document.text() == "\0a() -> b.\n");
        // Nothing is found in it, and it is still called Erlang.
        assert!(document.is_erlang() && document.analysed().is_some_and(|module| module.forms().count() == 0));
        document.change(vec![change((0, 0), (0, 1), "")], Unit::Utf16);
        assert!(document.module().is_some());
    }
}
