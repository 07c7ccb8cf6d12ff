//! An expression of the form of one piece of the catalog's code, made one of another, with what stands in it left as it is.

use super::template::{Bound, Snippet, substitute, variable_ranges};
use crate::outline::Module;
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Ast, Expr, NodeId};

impl Snippet {
    /// The edits that make a node of this form one of another, `after`. Variables of that for which `instead` has
    /// something become that; all others keep what they stand for, and what stands around them.
    ///
    /// # Errors
    /// The expression is written in a way that does not allow it.
    pub fn rewrite(
        &self,
        module: &Module,
        ast: &Ast,
        node: NodeId,
        bound: &Bound,
        after: &str,
        instead: &[(&str, &str)],
    ) -> Result<Vec<Edit>, String> {
        let source = module.source();
        let replaced = |name: &str| instead.iter().find(|(it, _)| *it == name).map(|(_, text)| (*text).to_owned());
        let after = substitute(after, replaced);
        let text_of = |name: &str| bound.get(name).map(|node| source.slice(ast.span(node)).to_owned());
        // What was put in by `instead` is text of the code, and no variable of the form.
        let kept: Vec<(std::ops::Range<usize>, NodeId)> = variable_ranges(&after)
            .into_iter()
            .filter_map(|range| bound.get(&after[range.clone()]).map(|node| (range, node)))
            .collect();
        let before = substitute(&self.text, |name| {
            let stays = kept.iter().any(|(range, _)| &after[range.clone()] == name);
            if stays { None } else { text_of(name) }
        });
        let old: Vec<std::ops::Range<usize>> = variable_ranges(&before)
            .into_iter()
            .filter(|range| kept.iter().any(|(new, _)| after[new.clone()] == before[range.clone()]))
            .collect();
        let same_order = old.len() == kept.len()
            && old.iter().zip(&kept).all(|(old, (new, _))| before[old.clone()] == after[new.clone()]);
        if !same_order {
            let leaf = |&(_, node): &(_, NodeId)| {
                matches!(ast.expr(node), Expr::Var(_) | Expr::Atom(_) | Expr::Macro { args: None, .. })
            };
            if !kept.iter().all(leaf) {
                return Err("the call's arguments change places".to_owned());
            }
            return Ok(vec![Edit::replace(module.place(ast.span(node)), substitute(&after, text_of))]);
        }
        let mut edits = Vec::new();
        for at in 0..=kept.len() {
            let gap = |ranges: &[std::ops::Range<usize>], text: &str| {
                let start = at.checked_sub(1).map_or(0, |before| ranges[before].end);
                text[start..ranges.get(at).map_or(text.len(), |range| range.start)].to_owned()
            };
            let new_ranges: Vec<_> = kept.iter().map(|(range, _)| range.clone()).collect();
            let (old, new) = (gap(&old, &before), gap(&new_ranges, &after));
            let start = at.checked_sub(1).map_or(ast.span(node).start, |before| ast.span(kept[before].1).end);
            let end = kept.get(at).map_or(ast.span(node).end, |(_, next)| ast.span(*next).start);
            edits.extend(between(module, Span { start, end }, &old, &new)?);
        }
        Ok(edits)
    }
}

/// The edit of what stands between two parts that stay.
fn between(module: &Module, span: Span, old: &str, new: &str) -> Result<Option<Edit>, String> {
    if old == new {
        return Ok(None);
    }
    let source = module.source().slice(span);
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    if plain(source) != plain(old) {
        return Err("a comment or parentheses stand between the parts of the call".to_owned());
    }
    let near = module.place(span);
    if let Some(added) = new.strip_prefix(old) {
        return Ok(Some(Edit::insert(&near, span.end, added)));
    }
    if let Some(added) = new.strip_suffix(old) {
        return Ok(Some(Edit::insert(&near, span.start, added)));
    }
    // What breaks the line stays behind what is written anew.
    let blanks = match new.ends_with(char::is_whitespace) {
        true => "",
        false => &source[source.trim_end().len()..],
    };
    let kept = if old.ends_with(char::is_whitespace) { "" } else { blanks };
    Ok(Some(Edit::replace(near, format!("{new}{kept}"))))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::Source;

    fn rewritten(code: &str, before: &str, after: &str, instead: &[(&str, &str)]) -> Option<Result<String, String>> {
        let source = Source::from_bytes("m.erl".into(), format!("f() -> {code}.").into_bytes()).unwrap();
        let module = Module::new(Arc::new(source));
        let (form, _) = module.forms().next().unwrap();
        let ast = module.ast(form).unwrap();
        let clause = ast.function_clauses().next().unwrap();
        let node = ast.list(clause.body)[0];
        let form = Snippet::parse(before).unwrap();
        let bound = form.bind(ast, node)?;
        let mut edits = match form.rewrite(&module, ast, node, &bound, after, instead) {
            Ok(edits) => edits,
            Err(why) => return Some(Err(why)),
        };
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.place.span));
        let mut text = module.source().text().to_owned();
        for edit in edits {
            text.replace_range(edit.place.span.range(), &edit.text);
        }
        Some(Ok(text["f() -> ".len()..text.len() - 1].to_owned()))
    }

    #[test]
    fn arguments_stay_as_they_are_written() {
        let send = |code| rewritten(code, "a:send(Pid, Tag, Args)", "b:cast(Pid, Tag, Args)", &[]);
        assert_eq!(send("a:send(P, % who\n  t, {x,  y})"), Some(Ok("b:cast(P, % who\n  t, {x,  y})".to_owned())));
        assert_eq!(send("a:send(P, t)"), None);
        assert_eq!(send("a:sent(P, t, x)"), None);
        let later = |code| rewritten(code, "a:later(D, P, T)", "timer:f(D, b, cast, [P, T])", &[]);
        assert_eq!(later("a:later(1,\n  P, t)"), Some(Ok("timer:f(1,\n  b, cast, [P, t])".to_owned())));
    }

    #[test]
    fn a_message_becomes_a_call() {
        let send = |code| rewritten(code, "Pid ! {run, Tag, Args}", "b:cast(Pid, Tag, Args)", &[]);
        assert_eq!(send("whereis(x) ! {run, t, [1]}"), Some(Ok("b:cast(whereis(x), t, [1])".to_owned())));
        assert_eq!(send("P ! {run, t}"), None);
        assert!(send("(P) ! {run, t, 1}").unwrap().is_err());
    }

    #[test]
    fn what_goes_away_and_what_takes_its_place() {
        let instead = [("Acc", "Acc1")];
        let write = |code| rewritten(code, "a:set(Key, Value, State)", "b:to(Acc, {Key, Value})", &instead);
        assert_eq!(write("a:set(k, V#{x => 1},\n   S)"), Some(Ok("b:to(Acc1, {k, V#{x => 1}})".to_owned())));
        assert!(write("a:set(k, V, % old\n   S)").unwrap().is_err());
        let read = |code| rewritten(code, "a:get(Key, State)", "b:get(C2SData, Key)", &[("C2SData", "Data")]);
        assert_eq!(read("a:get(?MODULE, S)"), Some(Ok("b:get(Data, ?MODULE)".to_owned())));
        assert_eq!(read("a:get(f(x), S)"), Some(Ok("b:get(Data, f(x))".to_owned())));
    }
}
