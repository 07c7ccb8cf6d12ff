//! A field of a record that only the old release's headers declare.

use std::sync::Arc;

use super::call::Template;
use super::tree::Tree;
use super::{judged, proposable};
use crate::catalog::ApiChange;
use crate::outline::Module;
use crate::rewrite::Fix;
use crate::syntax::ast::Expr;
use crate::syntax::uses::FieldUse;

/// What takes a field's place where it is read from what is seen to be the session's data.
///
/// # Errors
/// Why no code can be proposed: a clause without a full stop.
pub fn fix(module: &Arc<Module>, used: &FieldUse, entry: &ApiChange) -> Result<Fix, String> {
    proposable(entry)?;
    let tree = Tree::around(module, used.span)?;
    let read = tree.ast.nodes().find_map(|(id, node)| match &node.expr {
        Expr::RecordField { base, field, .. } if node.span.end == used.span.end && field.field == used.field => {
            Some((id, *base))
        }
        _ => None,
    });
    let Some((node, base)) = read else {
        return Err("the record is matched with, or made, and there is no such record any more".to_owned());
    };
    let session = tree.session(node);
    if session.is_none() || tree.ast.var(base).map(smol_str::SmolStr::as_str) != session {
        return Err(format!(
            "it is not seen here that `{}` is the session's data: its source has to change first",
            tree.text(base)
        ));
    }
    let guards = tree.clause(node).map_or(&[][..], |clause| tree.ast.list(clause.guard));
    let is_guard = guards.iter().any(|&guard| tree.ast.span(guard).contains(tree.ast.span(node)));
    if is_guard {
        return Err("it stands in a guard, in which no function of the server can be called".to_owned());
    }
    let edits = Template::of(entry)?.replace(entry, &tree, node)?;
    judged(entry, &tree, node, format!("use `{}`", entry.instead), edits)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{Case, fixed_unsafely, unfixed, untouched};

    const RULE: &str = "removed-record-field";

    #[test]
    fn fields_of_what_is_the_sessions_data() {
        let before = r#"
            -include("ejabberd_c2s.hrl").

            sent(Acc, #{c2s_data := State}, _Extra) ->
                log(State#state.jid, (State)#state.host_type),
                {ok, Acc}.
            "#;
        let done = Case::new(before).rules(&[RULE]).fix(false);
        assert!(
            done.outcome.files[0].text.contains("log(mongoose_c2s:get_jid(State), "),
            "{}",
            done.outcome.files[0].text
        );
    }

    #[test]
    fn fields_that_are_not_quite_the_same() {
        fixed_unsafely(
            RULE,
            "takes the place of `C2SData#state.user` need not",
            r#"
            -include("ejabberd_c2s.hrl").

            sent(Acc, #{c2s_data := State}, _Extra) ->
                {ok, mark(Acc, State#state.user)}.
            "#,
            r#"
            -include("ejabberd_c2s.hrl").

            sent(Acc, #{c2s_data := State}, _Extra) ->
                {ok, mark(Acc, (mongoose_c2s:get_jid(State))#jid.luser)}.
            "#,
        );
    }

    #[test]
    fn what_is_not_seen_to_be_a_session() {
        unfixed(
            RULE,
            "it is not seen here that `State` is the session's data",
            r#"
            -include("ejabberd_c2s.hrl").
            owner(State) -> State#state.jid.
            "#,
        );
        unfixed(
            RULE,
            "it is not seen here that `S` is the session's data",
            r#"
            -include("ejabberd_c2s.hrl").
            sent(Acc, #{c2s_data := S}, _) -> {ok, lists:foldl(fun(S, A) -> [S#state.jid | A] end, Acc, S)}.
            "#,
        );
    }

    #[test]
    fn patterns_guards_and_what_is_private() {
        unfixed(
            RULE,
            "the record is matched with, or made",
            r#"
            -include("ejabberd_c2s.hrl").
            owner(#state{jid = Jid}) -> Jid.
            "#,
        );
        unfixed(
            RULE,
            "it stands in a guard",
            r#"
            -include("ejabberd_c2s.hrl").
            sent(Acc, #{c2s_data := S}, _) when S#state.jid =/= undefined -> {ok, Acc}.
            "#,
        );
        unfixed(
            RULE,
            "nothing takes its place",
            r#"
            -include("ejabberd_c2s.hrl").
            sent(Acc, #{c2s_data := S}, _) -> {ok, [S#state.csi_buffer | Acc]}.
            "#,
        );
    }

    #[test]
    fn a_state_of_ones_own() {
        untouched(
            RULE,
            r#"
            -record(state, {jid}).
            sent(Acc, #{c2s_data := State}, _) -> {ok, [State#state.jid | Acc]}.
            "#,
        );
    }
}
