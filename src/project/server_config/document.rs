//! A configuration as a list of what is written in it, each with its place.

use toml_edit::{Document, InlineTable, Item, Key, Table, Value};

use crate::catalog::config_path::join;
use crate::source::Span;

/// An option, or a table of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The keys from the root, with dots between them and `[]` behind each that has a list of tables: `listen.c2s[].port`. Keys
    /// with other characters than names have are in quotes.
    pub path: String,
    /// Where it is named: its key, or the whole header of a table, brackets included.
    pub name: Span,
    /// From the name to the end of all that belongs to it.
    pub extent: Span,
    pub form: Form,
    /// What it says, when that is a string, or a list with strings in it.
    pub strings: Vec<String>,
}

/// How an entry is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In lines of its own, with `=`.
    Option(Kind),
    /// Between the braces of a table, or the brackets of a list.
    Inline(Kind),
    /// Under a header.
    Section,
    /// Named by the headers or keys of what is in it.
    Implied,
}

/// The kind of a value, as far as anybody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    String,
    Table,
    Other,
}

/// Why a text is no TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where it shows.
    pub span: Span,
    pub message: String,
}

/// Everything that is written in a text, each table before what is in it, otherwise in no particular order.
///
/// # Errors
/// The text is no TOML.
pub fn entries(text: &str) -> Result<Vec<Entry>, SyntaxError> {
    let document = Document::parse(text).map_err(|error| SyntaxError {
        span: error.span().map_or_else(Span::default, span),
        message: error.message().lines().next().unwrap_or("is no TOML").to_owned(),
    })?;
    let mut walk = Walk::default();
    walk.table(document.as_table(), "");
    Ok(walk.entries)
}

fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

#[derive(Default)]
struct Walk {
    entries: Vec<Entry>,
}

impl Walk {
    /// Returns the end of what is in it.
    fn table(&mut self, table: &Table, path: &str) -> u32 {
        let mut end = 0;
        for (name, item) in table {
            let Some(key) = table.key(name) else { continue };
            end = end.max(self.item(key, item, &join(path, name)));
        }
        end
    }

    fn item(&mut self, key: &Key, item: &Item, path: &str) -> u32 {
        let Some(name) = key.span().map(span) else { return 0 };
        match item {
            Item::Value(value) => self.value(name, value, path, false),
            Item::Table(table) => self.section(table, name, path),
            Item::ArrayOfTables(tables) => {
                tables.iter().map(|table| self.section(table, name, &format!("{path}[]"))).max().unwrap_or(0)
            }
            Item::None => 0,
        }
    }

    fn section(&mut self, table: &Table, key: Span, path: &str) -> u32 {
        let is_implied = table.is_implicit() || table.is_dotted();
        let name = table.span().map(span).filter(|_| !is_implied).unwrap_or(key);
        let form = if is_implied { Form::Implied } else { Form::Section };
        let at = self.entries.len();
        self.entries.push(Entry { path: path.to_owned(), name, extent: name, form, strings: Vec::new() });
        let end = self.table(table, path).max(name.end);
        self.entries[at].extent.end = end;
        end
    }

    fn value(&mut self, name: Span, value: &Value, path: &str, is_inline: bool) -> u32 {
        let end = value.span().map_or(name.end, |range| span(range).end);
        let kind = match value {
            Value::String(_) => Kind::String,
            Value::InlineTable(_) => Kind::Table,
            _ => Kind::Other,
        };
        let form = if is_inline { Form::Inline(kind) } else { Form::Option(kind) };
        let extent = Span { start: name.start, end };
        let strings = match value {
            Value::Array(array) => array.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            value => value.as_str().map(str::to_owned).into_iter().collect(),
        };
        self.entries.push(Entry { path: path.to_owned(), name, extent, form, strings });
        match value {
            Value::InlineTable(table) => self.inline(table, path),
            Value::Array(array) => {
                let path = format!("{path}[]");
                for table in array.iter().filter_map(Value::as_inline_table) {
                    let Some(name) = table.span().map(span) else { continue };
                    let form = Form::Inline(Kind::Table);
                    self.entries.push(Entry { path: path.clone(), name, extent: name, form, strings: Vec::new() });
                    self.inline(table, &path);
                }
            }
            _ => {}
        }
        end
    }

    fn inline(&mut self, table: &InlineTable, path: &str) {
        for (name, value) in table {
            if let Some(key) = table.key(name).and_then(Key::span) {
                self.value(span(key), value, &join(path, name), true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let slice = |span: Span| text[span.range()].replace('\n', "⏎");
        let show = |it: &Entry| format!("{} | {} | {} | {:?}", it.path, slice(it.name), slice(it.extent), it.form);
        entries(text).unwrap().iter().map(show).collect()
    }

    #[test]
    fn options_and_tables_have_their_places() {
        assert_eq!(
            shown("[[listen.c2s]] # x\n  port = 5222\n  tls.mode = 'a'\n[[listen.c2s]]\n[modules.mod_ping]\n"),
            [
                "listen | listen | listen.c2s]] # x⏎  port = 5222⏎  tls.mode = 'a'⏎[[listen.c2s]] | Implied",
                "listen.c2s[] | [[listen.c2s]] | [[listen.c2s]] # x⏎  port = 5222⏎  tls.mode = 'a' | Section",
                "listen.c2s[].port | port | port = 5222 | Option(Other)",
                "listen.c2s[].tls | tls | tls.mode = 'a' | Implied",
                "listen.c2s[].tls.mode | mode | mode = 'a' | Option(String)",
                "listen.c2s[] | [[listen.c2s]] | [[listen.c2s]] | Section",
                "modules | modules | modules.mod_ping] | Implied",
                "modules.mod_ping | [modules.mod_ping] | [modules.mod_ping] | Section",
            ]
        );
    }

    #[test]
    fn tables_between_braces_are_looked_into() {
        assert_eq!(
            shown("listen.c2s = [{port = 1, zlib = 2}]\n"),
            [
                "listen | listen | listen.c2s = [{port = 1, zlib = 2}] | Implied",
                "listen.c2s | c2s | c2s = [{port = 1, zlib = 2}] | Option(Other)",
                "listen.c2s[] | {port = 1, zlib = 2} | {port = 1, zlib = 2} | Inline(Table)",
                "listen.c2s[].port | port | port = 1 | Inline(Other)",
                "listen.c2s[].zlib | zlib | zlib = 2 | Inline(Other)",
            ]
        );
    }

    #[test]
    fn strings_are_read() {
        let entries = entries("a = \"x\\ty\"\nb = ['x', 1, 'y']\nc = 1\n").unwrap();
        let strings: Vec<_> = entries.iter().map(|it| it.strings.join(",")).collect();
        assert_eq!(strings, ["x\ty", "x,y", ""]);
    }

    #[test]
    fn a_mistake_has_its_place() {
        let error = entries("a = 1\nb = [\n").unwrap_err();
        assert!(error.span.start >= 6, "{error:?}");
        assert!(!error.message.is_empty());
    }
}
