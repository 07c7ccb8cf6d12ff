//! XML as other tools read it: what has no way to be written is replaced, and what would be read as something else is not.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::escape;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesStart, BytesText, Event};
use quick_xml::name::QName;

/// An element that is open.
pub struct Element<'a>(BytesStart<'a>);

impl<'a> Element<'a> {
    pub fn new(name: &'a str) -> Self {
        Self(BytesStart::new(name))
    }

    /// Adds an attribute. Line ends and tabs in it are kept: as they are, readers make blanks of them.
    pub fn with(mut self, key: &str, value: &str) -> Self {
        let value = escape::escape(text(value)).replace('\n', "&#10;").replace('\t', "&#9;");
        self.0.push_attribute(Attribute { key: QName(key), value: value.into() });
        self
    }
}

/// A document that is written element by element.
pub struct Document<W>(Writer<W>);

impl<W: Write> Document<W> {
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = Writer::new_with_indent(out, b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(Self(writer))
    }

    /// An element with what `inside` writes.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn element(
        &mut self,
        element: Element<'_>,
        inside: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let end = element.0.to_end().into_owned();
        self.0.write_event(Event::Start(element.0))?;
        inside(self)?;
        self.0.write_event(Event::End(end))
    }

    /// An element with nothing in it.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn empty(&mut self, element: Element<'_>) -> io::Result<()> {
        self.0.write_event(Event::Empty(element.0))
    }

    /// An element with text in it.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn text(&mut self, element: Element<'_>, content: &str) -> io::Result<()> {
        self.element(element, |inside| inside.0.write_event(Event::Text(BytesText::new(&text(content)))))
    }

    /// Ends the document, whose elements are all closed, with a line end.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn finish(self) -> io::Result<()> {
        writeln!(self.0.into_inner())
    }
}

/// A text of several lines with every character visible, none of which XML 1.0 does not have.
fn text(text: &str) -> String {
    super::escape::lines(&text.replace("\r\n", "\n"))
        .trim_end_matches('\n')
        .replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_has_no_way_to_write_is_replaced_and_line_ends_stay() {
        let mut out = Vec::new();
        let mut document = Document::new(&mut out).unwrap();
        let element = Element::new("a").with("b", "<\u{1}\u{fffe}>\n\t\"&'");
        document.text(element, "]]>\u{8}\n\u{202e}x").unwrap();
        document.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <a b=\"&lt;␁\u{fffd}&gt;&#10;&#9;&quot;&amp;&apos;\">]]&gt;␈\n\u{fffd}x</a>\n"
        );
    }
}
