//! Where keys are written: in headers, before `=`, and between braces.

use std::collections::BTreeSet;

use toml_parser::Source as Toml;
use toml_parser::parser::{Event, EventKind, parse_document};

use super::document::Entry;
use crate::catalog::config_path::join;
use crate::source::Span;

/// A header, or what stands before `=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// The table from which its keys count; empty for a header, whose keys count from the root.
    pub base: String,
    /// The keys, each with the path that leads to it. A header's last key has `[]` when it starts one more table of a list.
    pub keys: Vec<(String, Span)>,
}

/// Everything that names a table or an option, in the order of the text, which has to be TOML.
#[must_use]
pub fn namings(text: &str) -> Vec<Naming> {
    let source = Toml::new(text);
    let tokens = source.lex().into_vec();
    let mut events: Vec<Event> = Vec::with_capacity(tokens.len());
    parse_document(&tokens, &mut events, &mut ());
    let mut reader = Reader::default();
    for event in &events {
        let key = (event.kind() == EventKind::SimpleKey).then(|| {
            let mut key = std::borrow::Cow::default();
            if let Some(raw) = source.get(event) {
                raw.decode_key(&mut key, &mut ());
            }
            key
        });
        reader.event(event, key.as_deref().unwrap_or_default());
    }
    reader.done
}

/// What is open between brackets or braces.
struct Open {
    /// The path of what is in it.
    path: String,
    is_list: bool,
}

#[derive(Default)]
struct Reader {
    done: Vec<Naming>,
    /// The table under the last header.
    table: String,
    /// The keys that are being read.
    keys: Vec<(String, Span)>,
    /// The path of the value that follows.
    value: String,
    open: Vec<Open>,
    /// Paths, without their last `[]`, of lists of tables that have headers.
    lists: BTreeSet<String>,
}

impl Reader {
    fn event(&mut self, event: &Event, key: &str) {
        let span = Span::new(event.span().start(), event.span().end());
        match event.kind() {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => self.table.clear(),
            EventKind::SimpleKey => self.key(key, span),
            EventKind::StdTableClose => self.header(false),
            EventKind::ArrayTableClose => self.header(true),
            EventKind::KeyValSep => self.named(),
            EventKind::InlineTableOpen | EventKind::ArrayOpen => {
                let path = match self.open.last() {
                    Some(open) if open.is_list => format!("{}[]", open.path),
                    _ => self.value.clone(),
                };
                self.open.push(Open { path, is_list: event.kind() == EventKind::ArrayOpen });
            }
            EventKind::InlineTableClose | EventKind::ArrayClose => {
                self.open.pop();
            }
            _ => {}
        }
    }

    fn base(&self) -> &str {
        self.open.last().map_or(&self.table, |open| &open.path)
    }

    fn key(&mut self, key: &str, span: Span) {
        let above = match self.keys.last() {
            Some((path, _)) if self.lists.contains(path) => format!("{path}[]"),
            Some((path, _)) => path.clone(),
            None => self.base().to_owned(),
        };
        if let Some((path, _)) = self.keys.last_mut() {
            path.clone_from(&above);
        }
        self.keys.push((join(&above, key), span));
    }

    fn header(&mut self, starts_one: bool) {
        let mut keys = std::mem::take(&mut self.keys);
        let Some((path, _)) = keys.last_mut() else { return };
        if starts_one {
            // What was in the one before is no part of this one.
            let inside = format!("{path}[].");
            self.lists.retain(|list| !list.starts_with(&inside));
            self.lists.insert(path.clone());
            path.push_str("[]");
        }
        self.table.clone_from(path);
        self.done.push(Naming { base: String::new(), keys });
    }

    fn named(&mut self) {
        let keys = std::mem::take(&mut self.keys);
        let Some((path, _)) = keys.last() else { return };
        self.value.clone_from(path);
        self.done.push(Naming { base: self.base().to_owned(), keys });
    }
}

impl Naming {
    /// The key that names an entry here, by its number.
    #[must_use]
    pub fn of(&self, entry: &Entry) -> Option<usize> {
        self.keys.iter().position(|(path, _)| *path == entry.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |it: &Naming| {
            let keys: Vec<_> = it.keys.iter().map(|(path, span)| format!("{path}@{}", &text[span.range()])).collect();
            format!("{}: {}", it.base, keys.join(" "))
        };
        namings(text).iter().map(show).collect()
    }

    #[test]
    fn keys_are_found_wherever_they_are_written() {
        assert_eq!(
            shown(
                "a.'b c' = 1\n[[l.x]]\n[l.x.y]\nk = {m.n = [{o = 1}, [{p = 2}]], q = 3}\n[[l.x]]\n[l.x.\"z\"]\nr = [1, 2]\n"
            ),
            [
                ": a@a a.\"b c\"@'b c'",
                ": l@l l.x[]@x",
                ": l@l l.x[]@x l.x[].y@y",
                "l.x[].y: l.x[].y.k@k",
                "l.x[].y.k: l.x[].y.k.m@m l.x[].y.k.m.n@n",
                "l.x[].y.k.m.n[]: l.x[].y.k.m.n[].o@o",
                "l.x[].y.k.m.n[][]: l.x[].y.k.m.n[][].p@p",
                "l.x[].y.k: l.x[].y.k.q@q",
                ": l@l l.x[]@x",
                ": l@l l.x[]@x l.x[].z@\"z\"",
                "l.x[].z: l.x[].z.r@r",
            ]
        );
    }

    #[test]
    fn a_table_is_no_list_because_another_one_of_its_name_was() {
        assert_eq!(shown("[[l]]\n[[l.x]]\n[[l]]\n[l.x]\n")[3], ": l[]@l l[].x@x");
    }
}
