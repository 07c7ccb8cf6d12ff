//! A map pattern's new fields, written so that nothing between those that stay is touched.

use super::clause::{Clause, Where};
use crate::source::Span;
use crate::syntax::ast::{Field, NodeId};
use crate::syntax::scan::{Token, Tokens};

/// What stands in a map's pattern in place of a field.
pub(super) type Fields = Vec<String>;

impl<'a> Clause<'a> {
    /// Writes the map's new fields. Between fields that stay, nothing is touched.
    pub(super) fn write(
        &mut self,
        pattern: NodeId,
        map: NodeId,
        alias: Option<NodeId>,
        fields: &[Field],
        new: &[Option<Fields>],
    ) {
        let gone = |at: usize| matches!(&new[at], Some(texts) if texts.is_empty());
        if !fields.is_empty() && (0..fields.len()).all(gone) {
            return self.write_empty(pattern, map, alias);
        }
        let source = self.editor.at.module.source();
        let mut at = 0;
        while at < fields.len() {
            if gone(at) {
                let last = (at..fields.len()).take_while(|&it| gone(it)).last().unwrap_or(at);
                // Where commas start the lines, each belongs to the field behind it.
                let leading = at > 0 && {
                    let before = source.slice(Span { start: fields[at - 1].span.end, end: fields[at].span.start });
                    before.rfind(',').is_some_and(|comma| before.rfind('\n').is_some_and(|line| line < comma))
                };
                let span = match fields.get(last + 1) {
                    Some(next) if !leading => Span { start: fields[at].span.start, end: next.span.start },
                    _ => Span { start: fields[at - 1].span.end, end: fields[last].span.end },
                };
                if source.slice(span).contains('%') {
                    self.cut(span, &fields[at..=last]);
                } else {
                    self.editor.replace(span, "");
                }
                at = last + 1;
                continue;
            }
            if let Some(texts) = &new[at] {
                let text = texts.join(", ");
                if text != source.slice(fields[at].span) {
                    self.editor.replace(fields[at].span, text);
                }
            }
            at += 1;
        }
    }

    /// Nothing is left of a map's pattern.
    fn write_empty(&mut self, pattern: NodeId, map: NodeId, alias: Option<NodeId>) {
        let ast = self.editor.ast;
        let behind = std::mem::take(&mut self.behind);
        match (self.place, alias) {
            (Where::Match(whole), _) if !behind.is_empty() => {
                let separator = self.editor.separator(whole);
                self.editor.replace(ast.span(whole), behind.join(&separator));
            }
            (_, Some(alias)) => {
                let text = self.editor.text(alias);
                self.editor.replace(ast.span(pattern), text);
            }
            (Where::Head, None) => {
                let name = self.editor.fresh("_Params");
                self.editor.replace(ast.span(map), name);
            }
            _ => self.editor.replace(ast.span(map), "_"),
        }
    }

    /// Takes fields out of a map between whose fields there are comments, which stay.
    fn cut(&mut self, span: Span, fields: &[Field]) {
        let source = self.editor.at.module.source();
        let mut gone: Vec<Span> = fields.iter().map(|field| field.span).collect();
        let inside = |span: Span| fields.iter().any(|field| field.span.contains(span));
        let tokens = Tokens::new(source.slice(span), span.start as usize);
        let commas = tokens.filter(|(token, at)| *token == Token::Punct(b',') && !inside(*at));
        gone.extend(commas.map(|(_, at)| at));
        gone.sort_by_key(|span| span.start);
        let mut joined: Vec<Span> = Vec::new();
        for one in gone {
            let beside = |last: &&mut Span| {
                let between = source.slice(Span { start: last.end, end: one.start });
                between.trim().is_empty() && !between.contains('\n')
            };
            match joined.last_mut().filter(beside) {
                Some(last) => last.end = one.end,
                None => joined.push(one),
            }
        }
        for mut one in joined {
            // A line of which nothing is left goes, too.
            let text = source.text();
            let line = text[..one.start as usize].rfind('\n').map_or(0, |at| at + 1);
            let rest = &text[one.end as usize..];
            if rest.starts_with(['\n', '\r']) {
                let before = text[..one.start as usize].trim_end_matches([' ', '\t']).len();
                let start = if before == line && line > 0 { line - 1 } else { before };
                one.start = u32::try_from(start).unwrap_or(one.start);
            }
            self.editor.replace(one, "");
        }
    }
}
