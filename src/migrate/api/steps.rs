//! A call in whose place several expressions are put.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::tree::{Tree, Usage};
use crate::catalog::ApiChange;
use crate::migrate::code::template::{Snippet, substitute, variables};
use crate::outline::Module;
use crate::rewrite::{Edit, Fix};
use crate::source::Span;
use crate::syntax::ast::{Expr, NodeId};
use crate::syntax::uses::{FunctionUse, How};

/// The variable of an entry's steps that stands for what the old call gave.
const RESULT: &str = "Result";

/// Puts an entry's steps in place of a call.
///
/// # Errors
/// Why it cannot be done: a clause without a full stop.
pub fn fix(module: &Arc<Module>, used: &FunctionUse, entry: &ApiChange) -> Result<Fix, String> {
    if used.how != How::Call {
        return Err("several expressions take its place, and it is not called where it is named".to_owned());
    }
    let tree = Tree::around(module, used.whole)?;
    let call = tree.find(used.whole, |expr| matches!(expr, Expr::Call { .. })).ok_or("the call was not found")?;
    let position = position(&tree, call)?;
    let mut values = arguments(&tree, call, entry)?;
    let mut taken = Vec::new();
    let mut steps: Vec<&str> = entry.steps.lines().collect();
    let mut reasons = vec![super::reason(entry)];
    // What the function was given need not be asked for.
    steps.retain(|step| {
        let Some((name, _)) = step.split_once(" = ") else { return true };
        let known = tree.argument(call, name).filter(|known| *known == name);
        if known.is_some() {
            reasons.push(format!("`{name}` of the function's head is taken instead of asking the accumulator"));
            values.insert(name.to_owned(), name.to_owned());
        }
        known.is_none()
    });
    for name in variables(&entry.steps) {
        if !values.contains_key(name) && name != RESULT {
            let fresh = tree.fresh(call, name, &taken);
            taken.push(fresh.clone());
            values.insert(name.to_owned(), fresh);
        }
    }
    let result = match &position.result {
        Wanted::In(name) => name.clone(),
        Wanted::Nowhere => "_".to_owned(),
        Wanted::Value => tree.fresh(call, "Acc1", &taken),
    };
    values.insert(RESULT.to_owned(), result.clone());
    let text = module.source().text();
    let start = tree.ast.span(position.node).start as usize;
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let column = text[line..start].chars().count();
    let mut lines: Vec<String> = steps.iter().map(|line| substitute(line, |name| values.get(name).cloned())).collect();
    if position.result == Wanted::Value {
        lines.push(result);
    }
    let new = lines.join(&format!(",\n{}", " ".repeat(column)));
    let edits = vec![Edit::replace(tree.place(position.node), new)];
    Ok(Fix::new(format!("use `{}`", entry.instead), edits).because(reasons))
}

/// Where the steps are put.
struct Position {
    /// The expression of a body that they replace.
    node: NodeId,
    result: Wanted,
}

#[derive(PartialEq, Eq)]
enum Wanted {
    /// In a variable.
    In(String),
    /// As the value of the last expression.
    Value,
    Nowhere,
}

fn position(tree: &Tree<'_>, call: NodeId) -> Result<Position, String> {
    if tree.clause(call).is_none() {
        return Err("it stands in a macro".to_owned());
    }
    let inside = || "it stands inside another expression, and several expressions take its place".to_owned();
    if is_in_body(tree, call) {
        let result = if tree.usage(call) == Usage::Ignored { Wanted::Nowhere } else { Wanted::Value };
        return Ok(Position { node: call, result });
    }
    let parent = tree.parent(call).ok_or_else(inside)?;
    let Expr::Match { left, right } = *tree.ast.expr(parent) else { return Err(inside()) };
    let name = tree.ast.var(left).filter(|_| right == call && is_in_body(tree, parent)).ok_or_else(inside)?;
    if name != "_" && tree.usage(parent) != Usage::Ignored {
        return Err(inside());
    }
    let result = if name == "_" { Wanted::Nowhere } else { Wanted::In(name.to_string()) };
    Ok(Position { node: parent, result })
}

/// Whether a node is one of the expressions of a body.
fn is_in_body(tree: &Tree<'_>, node: NodeId) -> bool {
    let has = |clauses| tree.ast.clauses(clauses).iter().any(|clause| tree.ast.list(clause.body).contains(&node));
    match tree.parent(node) {
        None => tree.clause(node).is_some_and(|clause| tree.ast.list(clause.body).contains(&node)),
        Some(parent) => match *tree.ast.expr(parent) {
            Expr::Case { clauses, .. }
            | Expr::If { clauses }
            | Expr::Receive { clauses, .. }
            | Expr::Fun { clauses } => has(clauses),
            Expr::Try { body, of, catch, after } => {
                let among = |nodes| tree.ast.list(nodes).contains(&node);
                among(body) || among(after) || has(of) || has(catch)
            }
            Expr::Block(items) => tree.ast.list(items).contains(&node),
            _ => false,
        },
    }
}

/// What stands for the variables of the old call.
fn arguments(tree: &Tree<'_>, call: NodeId, entry: &ApiChange) -> Result<FxHashMap<String, String>, String> {
    let template = Snippet::parse(&entry.was).ok_or("the catalog's code cannot be read")?;
    let (Expr::Call { args: names, .. }, Expr::Call { args, .. }) = (template.expr(), tree.ast.expr(call)) else {
        return Err("the call was not found".to_owned());
    };
    let (names, args) = (template.ast().list(*names), tree.ast.list(*args));
    if names.len() != args.len() {
        return Err(format!("it does not have the form `{}`", entry.was));
    }
    let spans: Vec<Span> = args.iter().map(|&arg| tree.ast.span(arg)).collect();
    if tree.has_comment(tree.ast.span(call), &spans) {
        return Err("a comment stands inside it".to_owned());
    }
    let used = |name: &str| {
        let uses = |line: &str| substitute_count(line, name);
        entry.steps.lines().map(uses).sum::<usize>()
    };
    let mut values = FxHashMap::default();
    for (&name, &arg) in names.iter().zip(args) {
        let name = template.text_of(name);
        if used(name) != 1 && !tree.is_plain(arg) {
            return Err(format!("what stands for `{name}` would be evaluated another number of times"));
        }
        values.insert(name.to_owned(), tree.text(arg).to_owned());
    }
    Ok(values)
}

/// How often a variable occurs.
fn substitute_count(code: &str, wanted: &str) -> usize {
    let mut count = 0;
    let _unchanged = substitute(code, |name| {
        count += usize::from(name == wanted);
        None
    });
    count
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{fixed_unsafely, unfixed};

    const RULE: &str = "removed-run";

    #[test]
    fn a_result_in_a_variable() {
        fixed_unsafely(
            RULE,
            "for messages `mongoose_c2s_hooks:user_send_message/3` has to follow",
            r#"
            say(Acc, Bot, To, Packet) ->
                Acc1 = mongoose_hooks:user_send_packet(Acc, Bot, To, Packet), % so that it is archived
                ejabberd_router:route(Bot, To, Acc1, Packet).
            "#,
            r#"
            say(Acc, Bot, To, Packet) ->
                HostType = mongoose_acc:host_type(Acc),
                C2SData = mongoose_c2s:create_data(#{host_type => HostType, jid => Bot}),
                Params = mongoose_c2s:hook_arg(C2SData, session_established, internal, Packet, undefined),
                {_, Acc1} = mongoose_c2s_hooks:user_send_packet(HostType, Acc, Params), % so that it is archived
                ejabberd_router:route(Bot, To, Acc1, Packet).
            "#,
        );
    }

    #[test]
    fn a_result_that_is_returned_and_names_that_are_taken() {
        fixed_unsafely(
            RULE,
            "`HostType` of the function's head is taken",
            r#"
            say(HostType, Acc, Opts) ->
                case Opts of
                    #{bot := Bot, el := El, params := Params} ->
                        mongoose_hooks:user_send_packet(Acc, Bot, Bot, El);
                    _ ->
                        {HostType, Acc}
                end.
            "#,
            r#"
            say(HostType, Acc, Opts) ->
                case Opts of
                    #{bot := Bot, el := El, params := Params} ->
                        C2SData = mongoose_c2s:create_data(#{host_type => HostType, jid => Bot}),
                        Params1 = mongoose_c2s:hook_arg(C2SData, session_established, internal, El, undefined),
                        {_, Acc1} = mongoose_c2s_hooks:user_send_packet(HostType, Acc, Params1),
                        Acc1;
                    _ ->
                        {HostType, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn a_call_inside_another_expression() {
        unfixed(
            RULE,
            "it stands inside another expression",
            "say(Acc, F, T, El) -> route(mongoose_hooks:user_send_packet(Acc, F, T, El)).\n",
        );
        unfixed(
            RULE,
            "would be evaluated another number of times",
            r#"
            say(F, T, El) ->
                Acc = mongoose_hooks:user_send_packet(new(F), F, T, El),
                Acc.
            "#,
        );
        unfixed(
            RULE,
            "it stands in a macro",
            r#"
            -define(SAY(Acc, F, T, El), mongoose_hooks:user_send_packet(Acc, F, T, El)).
            say(A, B, C, D) -> ?SAY(A, B, C, D).
            "#,
        );
    }

    #[test]
    fn another_hook_with_other_arguments() {
        unfixed(
            RULE,
            "its arguments are those of another hook",
            "f(HT, Acc, J, F, T, El) -> mongoose_hooks:user_receive_packet(HT, Acc, J, F, T, El).\n",
        );
        unfixed(RULE, "the port is not at hand", "f(IP) -> mongoose_hooks:check_bl_c2s(IP).\n");
        fixed_unsafely(
            RULE,
            "`mongoose_hooks:user_ping_timeout(HostType, JID)` need not do quite the same",
            "f(HT, Jid) -> mongoose_hooks:user_ping_timeout(HT, Jid), ok.\n",
            "f(HT, Jid) -> mongoose_hooks:user_ping_response(HT, #{}, Jid, timeout, 0), ok.\n",
        );
    }
}
