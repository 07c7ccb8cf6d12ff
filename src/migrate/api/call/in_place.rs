//! A call of another function with the same arguments and perhaps further ones among them: the arguments stay where they are.

use rustc_hash::FxHashMap;

use crate::migrate::api::tree::Tree;
use crate::migrate::code::template::{Snippet, substitute, variables};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Name, NodeId};

pub(super) struct InPlace {
    pub(super) module: String,
    pub(super) function: String,
    /// Each with the number of old ones before it.
    pub(super) further: Vec<(usize, String)>,
}

impl InPlace {
    /// The further arguments, put among those that are there.
    pub(super) fn inserted(
        &self,
        tree: &Tree<'_>,
        inside: Span,
        items: &[NodeId],
        values: &FxHashMap<&str, String>,
    ) -> Vec<Edit> {
        let regions = tree.regions(inside, items);
        let near = tree.module.place(inside);
        let insert = |(before, code): &(usize, String)| {
            let code = substitute(code, |name| values.get(name).cloned());
            match (before.checked_sub(1).and_then(|last| regions.get(last)), regions.get(*before)) {
                (Some(last), _) => Edit::insert(&near, last.end, format!(", {code}")),
                (None, Some(next)) => Edit::insert(&near, next.start, format!("{code}, ")),
                (None, None) => Edit::insert(&near, inside.start, code),
            }
        };
        // Several at one place would be several insertions there.
        let mut joined: Vec<(usize, String)> = Vec::new();
        for (before, code) in &self.further {
            match joined.last_mut().filter(|(known, _)| known == before) {
                Some((_, codes)) => *codes = format!("{codes}, {code}"),
                None => joined.push((*before, code.clone())),
            }
        }
        joined.iter().map(insert).collect()
    }
}

/// `None` where the new code is not of that kind.
pub(super) fn of(was: &Snippet, new: &Snippet) -> Option<InPlace> {
    let ((_, _, before), (module, function, after)) = (was.call()?, new.call()?);
    let var = |snippet: &Snippet, node: NodeId| snippet.ast().var(node).cloned();
    let old: Vec<Name> = before.iter().map(|&node| var(was, node)).collect::<Option<_>>()?;
    let mut seen = 0;
    let mut further = Vec::new();
    for &node in after {
        if var(new, node).is_some_and(|name| old.get(seen) == Some(&name)) {
            seen += 1;
        } else if variables(new.text_of(node)).iter().any(|name| old.iter().any(|it| it == name)) {
            return None;
        } else {
            further.push((seen, new.text_of(node).to_owned()));
        }
    }
    (seen == old.len()).then(|| InPlace { module: module.to_owned(), function: function.to_owned(), further })
}
