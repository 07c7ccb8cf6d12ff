//! A function whose result is a pair with its parts in the other places now.

use std::sync::Arc;

use super::tree::Tree;
use crate::catalog::ApiChange;
use crate::migrate::code::template::Snippet;
use crate::outline::Module;
use crate::rewrite::{Edit, Fix};
use crate::syntax::ast::{Clauses, Expr, NodeId};
use crate::syntax::uses::{FunctionUse, How};

/// Whether an entry says that the parts of a pair changed places.
#[must_use]
pub fn is_swap(entry: &ApiChange) -> bool {
    let parts = |code: &str| {
        let snippet = Snippet::parse(code)?;
        let Expr::Match { left, right } = snippet.expr() else { return None };
        let Expr::Tuple(items) = snippet.ast().expr(*left) else { return None };
        let &[first, second] = snippet.ast().list(*items) else { return None };
        let text = |node: NodeId| snippet.text_of(node).to_owned();
        Some((text(first), text(second), text(*right)))
    };
    match (parts(&entry.was), parts(&entry.instead)) {
        (Some((a, b, call)), Some((second, first, same))) => (a, b, call) == (first, second, same),
        _ => false,
    }
}

/// Swaps the parts of the pairs that a call's result is matched with. `old_way` says whether a pair, or the part of one that
/// is taken, is seen to be the old way round.
///
/// # Errors
/// Why it cannot be done: a clause without a full stop.
pub fn fix(module: &Arc<Module>, used: &FunctionUse, old_way: bool) -> Result<Fix, String> {
    if used.how != How::Call {
        return Err("what becomes of the pair is not seen where the function is named".to_owned());
    }
    let tree = Tree::around(module, used.whole)?;
    let call = tree.find(used.whole, |expr| matches!(expr, Expr::Call { .. })).ok_or("the call was not found")?;
    let edits = pairs(&tree, call)?;
    if !old_way {
        return Err("it is not seen whether the pair is taken the old way or the new way round already".to_owned());
    }
    Ok(Fix::new("swap the parts of the pair", edits))
}

fn pairs(tree: &Tree<'_>, call: NodeId) -> Result<Vec<Edit>, String> {
    let parent = tree.parent(call).ok_or("the pair is returned, or not looked at")?;
    match *tree.ast.expr(parent) {
        Expr::Match { left, right } if right == call => {
            // What the match itself gives is the pair again.
            if tree.usage(parent) != super::Usage::Ignored {
                return Err("the pair is the value of the whole match, too, and used further on".to_owned());
            }
            swapped(tree, left)
        }
        Expr::CondMatch { left, right } if right == call => {
            let fails = !parts(tree, left)?.iter().all(|&part| tree.ast.is_var(part));
            if fails {
                return Err("what does not match goes on as the value of the `maybe`".to_owned());
            }
            swapped(tree, left)
        }
        Expr::Case { subject, clauses } if subject == call => in_clauses(tree, clauses),
        Expr::Try { body, of, .. } if tree.ast.list(body).last() == Some(&call) && !of.is_empty() => {
            in_clauses(tree, of)
        }
        Expr::Call { module: None, function, args } if tree.ast.atom(function).is_some_and(|it| it == "element") => {
            let &[index, pair] = tree.ast.list(args) else { return Err(elsewhere()) };
            let new = match tree.ast.expr(index) {
                Expr::Integer(Some(1)) => "2",
                Expr::Integer(Some(2)) => "1",
                _ => return Err("which part is taken is not written out".to_owned()),
            };
            if pair != call { Err(elsewhere()) } else { Ok(vec![Edit::replace(tree.place(index), new)]) }
        }
        _ => Err(elsewhere()),
    }
}

fn elsewhere() -> String {
    "the pair goes on as a whole: look at what takes it apart".to_owned()
}

fn in_clauses(tree: &Tree<'_>, clauses: Clauses) -> Result<Vec<Edit>, String> {
    let mut edits = Vec::new();
    for pattern in tree.patterns(clauses) {
        // What matches anything does so with its parts in any order.
        if tree.ast.var(pattern).is_some_and(|name| name == "_") {
            continue;
        }
        edits.extend(swapped(tree, pattern)?);
    }
    Ok(edits)
}

fn parts(tree: &Tree<'_>, pattern: NodeId) -> Result<[NodeId; 2], String> {
    match tree.ast.expr(pattern) {
        Expr::Tuple(items) if items.len() == 2 => {
            let items = tree.ast.list(*items);
            Ok([items[0], items[1]])
        }
        Expr::Var(name) => Err(format!("the pair is bound to `{name}`: look at what takes it apart")),
        _ => Err(format!("`{}` is no plain pair", tree.text(pattern))),
    }
}

fn swapped(tree: &Tree<'_>, pattern: NodeId) -> Result<Vec<Edit>, String> {
    let [first, second] = parts(tree, pattern)?;
    if tree.text(first) == tree.text(second) {
        return Ok(Vec::new());
    }
    Ok(vec![Edit::replace(tree.place(first), tree.text(second)), Edit::replace(tree.place(second), tree.text(first))])
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{fixed, unfixed, untouched};

    const RULE: &str = "changed-function";

    #[test]
    fn a_match_with_a_pair() {
        fixed(
            RULE,
            r#"
            whisper(Acc, Jid, List, To) ->
                {Acc1, Decision} = % what the lists say
                    mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out),
                case Decision of
                    allow -> {ok, Acc1};
                    _ -> {stop, Acc1}
                end.

            may(Acc, Jid, List, From, To) ->
                {_, Res} = mongoose_privacy:privacy_check_packet(Acc, Jid, List, From, To, in),
                Res =:= allow.
            "#,
            r#"
            whisper(Acc, Jid, List, To) ->
                {Decision, Acc1} = % what the lists say
                    mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out),
                case Decision of
                    allow -> {ok, Acc1};
                    _ -> {stop, Acc1}
                end.

            may(Acc, Jid, List, From, To) ->
                {Res, _} = mongoose_privacy:privacy_check_packet(Acc, Jid, List, From, To, in),
                Res =:= allow.
            "#,
        );
    }

    #[test]
    fn every_clause_of_a_case() {
        fixed(
            RULE,
            r#"
            out(Acc, Jid, List, To) ->
                case mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out) of
                    {Acc1, allow} -> {ok, Acc1};
                    {Acc1, deny} when To =/= Jid -> {stop, Acc1};
                    {_, block} -> blocked;
                    _ -> other
                end.
            "#,
            r#"
            out(Acc, Jid, List, To) ->
                case mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out) of
                    {allow, Acc1} -> {ok, Acc1};
                    {deny, Acc1} when To =/= Jid -> {stop, Acc1};
                    {block, _} -> blocked;
                    _ -> other
                end.
            "#,
        );
    }

    #[test]
    fn a_part_that_is_taken_at_once() {
        fixed(
            RULE,
            "may(A, J, L, T) -> allow == element(2, mongoose_privacy:privacy_check_packet(A, J, L, T, in)).\n",
            "may(A, J, L, T) -> allow == element(1, mongoose_privacy:privacy_check_packet(A, J, L, T, in)).\n",
        );
        unfixed(
            RULE,
            "it is not seen whether",
            "may(A, J, L, T) -> element(2, mongoose_privacy:privacy_check_packet(A, J, L, T, in)).\n",
        );
    }

    #[test]
    fn a_pair_of_which_nothing_is_known() {
        unfixed(
            RULE,
            "it is not seen whether",
            r#"
            check(A, Jid, List, To) ->
                {X, Y} = mongoose_privacy:privacy_check_packet(A, Jid, List, To, out),
                done(X, Y).
            "#,
        );
    }

    #[test]
    fn a_pair_that_goes_on() {
        unfixed(
            RULE,
            "the pair is bound to `Both`",
            r#"
            check(Acc, Jid, List, To) ->
                Both = mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out),
                log(Both),
                Both.
            "#,
        );
        unfixed(
            RULE,
            "the pair is returned, or not looked at",
            "check(Acc, J, L, T) -> mongoose_privacy:privacy_check_packet(Acc, J, L, T, out).\n",
        );
        unfixed(
            RULE,
            "the value of the whole match",
            "check(Acc, J, L, T) -> {Acc1, allow} = mongoose_privacy:privacy_check_packet(Acc, J, L, T, out).\n",
        );
        unfixed(
            RULE,
            "the pair is bound to `Other`",
            r#"
            check(Acc, Jid, List, To) ->
                case mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out) of
                    {Acc1, allow} -> Acc1;
                    Other -> refused(Other)
                end.
            "#,
        );
        unfixed(RULE, "where the function is named", "check() -> fun mongoose_privacy:privacy_check_packet/5.\n");
    }

    #[test]
    fn the_new_way_round_stays() {
        untouched(
            RULE,
            r#"
            a(Acc, Jid, List, To) ->
                case element(1, mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, in)) of
                    allow -> Acc;
                    deny -> stop
                end.
            b(Acc, Jid, List, To) ->
                {deny, Acc1} = mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, in),
                Acc1.
            "#,
        );
    }
}
