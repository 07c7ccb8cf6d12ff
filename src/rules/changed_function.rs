//! `changed-function`.

use super::common::{rewrite_of, with_fix};
use super::{ModuleView, Rule};
use crate::catalog::{ApiChange, FunctionStatus, RewriteClass};
use crate::finding::{Finding, Severity};
use crate::migrate::api;
use crate::rewrite::Fix;
use crate::source::Span;
use crate::syntax::ast::{Ast, Expr, Name, NodeId, Op};
use crate::syntax::uses::{FunctionUse, How};

rule! {
    /// Finds calls of functions that kept their name and arity and do something else.
    ///
    /// ## Why it matters
    ///
    /// Nothing fails at once. `mongoose_privacy:privacy_check_packet`, for one, returns its pair the other way round: code
    /// that was not adapted takes the decision for the accumulator, and the accumulator for the decision.
    ///
    /// Where the old code may stay as it is, and only has to be thought about, the finding is advice.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// {Acc1, Decision} = mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out)
    /// ```
    ///
    /// ```erlang
    /// {Decision, Acc1} = mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out)
    /// ```
    ChangedFunction, "changed-function", Error
}

impl Rule for ChangedFunction {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        for (used, fate) in view.changed_functions() {
            if fate.status != FunctionStatus::Changed || view.hook_run_by(used).is_some() {
                continue;
            }
            let Some(entry) = fate.entry() else { continue };
            // What is written for the new release may be taken to know what the function does there, unless it shows
            // that it does not.
            let adapted = is_adapted(view, used, entry);
            if !adapted.unwrap_or(view.written_for >= fate.since) {
                let finding = self.finding(view, used, entry);
                out.push(match entry.rewrite {
                    RewriteClass::Mechanical | RewriteClass::Suggestion => with_fix(finding, fix(view, used, entry)),
                    RewriteClass::None | RewriteClass::Advice => finding,
                });
            }
        }
    }
}

impl ChangedFunction {
    fn finding(&self, view: &ModuleView<'_>, used: &FunctionUse, entry: &ApiChange) -> Finding {
        let target = view.context.upgrade.to();
        let name = format!("{}:{}/{}", used.module, used.function, used.arity);
        let place = view.module.place(used.name);
        let must_change = !(entry.instead.is_empty() && entry.stuck.is_empty());
        let (severity, message) = if must_change {
            (
                self.severity(),
                format!("`{name}` is another function in {target}, under the same name: {}", first(entry)),
            )
        } else {
            (Severity::Info, format!("`{name}` does something else in {target}: {}", first(entry)))
        };
        let mut finding = Finding::new(self.name(), severity, place, message).label(format!("different in {target}"));
        let rest = entry.note[first(entry).len()..].trim_start_matches('.').trim_start();
        if !rest.is_empty() {
            finding = finding.note(rest);
        }
        if !entry.instead.is_empty() {
            finding = finding.help(format!("write `{}`", entry.instead));
        }
        finding.rewrite = rewrite_of(entry.rewrite);
        finding.evidence(&entry.evidence)
    }
}

/// What takes the place of a function under the same name.
fn fix(view: &ModuleView<'_>, used: &FunctionUse, entry: &ApiChange) -> Result<Fix, String> {
    if !api::swap::is_swap(entry) {
        return api::call::fix(view.module, view.registrations, used, entry);
    }
    let now = accumulator_in(&entry.instead);
    let old_way = accumulators_taken(view, used)
        .is_some_and(|taken| !taken.is_empty() && taken.iter().all(|&position| Some(position) != now));
    api::swap::fix(view.module, used, old_way)
}

/// The first sentence of an entry's note, without its full stop.
fn first(entry: &ApiChange) -> &str {
    entry.note.split_once(". ").map_or_else(|| entry.note.trim_end_matches('.'), |(first, _)| first)
}

/// Whether the code around a call takes its result in the new way already: where the new way is a pair with an accumulator,
/// by what the code calls the parts of the pair, and does with them. `None` when that cannot be seen.
fn is_adapted(view: &ModuleView<'_>, used: &FunctionUse, entry: &ApiChange) -> Option<bool> {
    let now = accumulator_in(&entry.instead)?;
    let positions = accumulators_taken(view, used)?;
    (!positions.is_empty()).then(|| positions.iter().all(|&position| position == now))
}

/// Which parts of the pair that a call gives the code takes for the accumulator, as far as that can be seen.
fn accumulators_taken(view: &ModuleView<'_>, used: &FunctionUse) -> Option<Vec<usize>> {
    let form = view.module.form_at(used.whole.start).filter(|_| used.how == How::Call)?;
    let ast = view.module.ast(form).ok()?;
    let pairs = pairs_of(ast, used.whole);
    Some(pairs.iter().filter_map(|&pair| accumulator_of(ast, pair)).chain(beside_element(ast, used.whole)).collect())
}

/// Which part of the pair is the accumulator when `element/2` takes the other one and the code compares it with atoms.
fn beside_element(ast: &Ast, call: Span) -> Option<usize> {
    let (taken, index) = ast.nodes().find_map(|(id, node)| {
        let Expr::Call { module: None, function, args } = &node.expr else { return None };
        let &[index, pair] = ast.list(*args) else { return None };
        let is_element = ast.atom(*function).is_some_and(|name| name == "element") && ast.span(pair) == call;
        match ast.expr(index) {
            Expr::Integer(Some(index)) if is_element => Some((id, *index)),
            _ => None,
        }
    })?;
    let is_atom = |node: NodeId| ast.atom(node).is_some();
    let is_decision = ast.nodes().any(|(_, node)| match &node.expr {
        Expr::Case { subject, clauses } if *subject == taken => {
            ast.clauses(*clauses).iter().any(|clause| ast.list(clause.patterns).iter().any(|&pattern| is_atom(pattern)))
        }
        Expr::Match { left, right } if *right == taken => match ast.expr(*left) {
            Expr::Atom(_) => true,
            Expr::Var(name) => is_compared(ast, name),
            _ => false,
        },
        Expr::Binop { op: Op::Equal | Op::Differ, left, right } => {
            (*left == taken && is_atom(*right)) || (*right == taken && is_atom(*left))
        }
        _ => false,
    });
    match (is_decision, index) {
        (true, 1) => Some(1),
        (true, 2) => Some(0),
        _ => None,
    }
}

/// Which part of the pair on the left is the accumulator, in code such as `{Decision, Acc1} = ...`.
fn accumulator_in(code: &str) -> Option<usize> {
    let (pair, _) = code.strip_prefix('{')?.split_once("} =")?;
    let mut parts = pair.split(',').map(str::trim);
    let (first, second) = (parts.next()?, parts.next()?);
    match (first.starts_with("Acc"), second.starts_with("Acc")) {
        (true, false) => Some(0),
        (false, true) => Some(1),
        _ => None,
    }
}

/// The pairs against which a call's result is matched, at once or as the subject of a `case`.
fn pairs_of(ast: &Ast, call: Span) -> Vec<(NodeId, NodeId)> {
    let is_call = |node: NodeId| ast.span(node) == call;
    let mut patterns = Vec::new();
    for (_, node) in ast.nodes() {
        match &node.expr {
            Expr::Match { left, right } | Expr::CondMatch { left, right } if is_call(*right) => patterns.push(*left),
            Expr::Case { subject, clauses } if is_call(*subject) => {
                patterns.extend(ast.clauses(*clauses).iter().flat_map(|clause| ast.list(clause.patterns)));
            }
            _ => {}
        }
    }
    let pair = |pattern: NodeId| match ast.expr(pattern) {
        Expr::Tuple(parts) => match ast.list(*parts) {
            &[first, second] => Some((first, second)),
            _ => None,
        },
        _ => None,
    };
    patterns.into_iter().filter_map(pair).collect()
}

/// Which part of a pair the code takes for the accumulator.
fn accumulator_of(ast: &Ast, (first, second): (NodeId, NodeId)) -> Option<usize> {
    let decision = |node: NodeId| match ast.expr(node) {
        Expr::Atom(_) => true,
        Expr::Var(name) => is_compared(ast, name),
        _ => false,
    };
    let named = |node: NodeId| ast.var(node).is_some_and(|name| name.trim_start_matches('_').starts_with("Acc"));
    match (decision(first), decision(second)) {
        (true, false) => return Some(1),
        (false, true) => return Some(0),
        _ => {}
    }
    match (named(first), named(second)) {
        (true, false) => Some(0),
        (false, true) => Some(1),
        _ => None,
    }
}

/// Whether a variable is compared with an atom, or is the subject of a `case` with atoms.
fn is_compared(ast: &Ast, variable: &Name) -> bool {
    let is_it = |node: NodeId| ast.var(node) == Some(variable);
    let is_atom = |node: NodeId| ast.atom(node).is_some();
    ast.nodes().any(|(_, node)| match &node.expr {
        Expr::Case { subject, clauses } if is_it(*subject) => {
            ast.clauses(*clauses).iter().any(|clause| ast.list(clause.patterns).iter().any(|&pattern| is_atom(pattern)))
        }
        Expr::Binop { op: Op::Equal | Op::Differ, left, right } => {
            (is_it(*left) && is_atom(*right)) || (is_it(*right) && is_atom(*left))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::accumulator_in;
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = "changed-function";

    #[test]
    fn a_pair_the_old_way_round() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            whisper(Acc, Jid, List, From, To) ->
                {Acc1, Decision} = mongoose_privacy:privacy_check_packet(Acc, Jid, List, From, To, out),
            %%                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-function]: The pair of the result is swapped
            %% = help: write `{Decision, Acc1} = mongoose_privacy:privacy_check_packet(
            %% = rewrite: mechanical
                case Decision of
                    allow -> {ok, Acc1};
                    _ -> {stop, Acc1}
                end.
            "#,
        );
    }

    #[test]
    fn a_case_the_old_way_round() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            out(Acc, Jid, List, To) ->
                case mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out) of
            %%       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-function]: The pair of the result is swapped
                    {Acc1, allow} -> {ok, Acc1};
                    {Acc1, _} -> {stop, Acc1}
                end.
            wrapped(Acc, Jid, List, To) ->
                element(2, mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, in)).
            %%             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-function]: swapped
            "#,
        );
    }

    #[test]
    fn advice_about_what_may_stay() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            devices(#jid{luser = U, lserver = S}) ->
                ejabberd_sm:get_user_present_pids(U, S).
            %%  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ info[changed-function]: A session counts from its opening on
            %% = rewrite: advice
            "#,
        );
    }

    #[test]
    fn adapted_code_is_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            a(Acc, Jid, List, To) ->
                {Decision, Acc1} = mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out),
                {Decision =:= allow, Acc1}.
            b(Acc, Jid, List, To) ->
                case mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out) of
                    {allow, NewAcc} -> {ok, NewAcc};
                    {_, NewAcc} -> {stop, NewAcc}
                end.
            c(Acc, Jid, List, To) ->
                {R, A} = mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out),
                case R of allow -> {ok, A}; deny -> {stop, A} end.
            d(Acc, Jid, List, To) ->
                {R, Acc2} = mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out),
                finish(R, Acc2).
            "#,
        );
    }

    #[test]
    fn migrated_modules_are_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(user_send_message, HostType, fun ?MODULE:sent/3, #{}, 50).
            sent(Acc, Jid, List) ->
                R = mongoose_privacy:privacy_check_packet(Acc, Jid, List, Jid, out),
                ejabberd_sm:is_offline(Jid),
                handle(R).
            "#,
        );
    }

    #[test]
    fn a_migrated_module_can_still_have_the_pair_the_old_way_round() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(user_send_message, HostType, fun ?MODULE:sent/3, #{}, 50).
            sent(Acc, Jid, List) ->
                {Acc1, _} = mongoose_privacy:privacy_check_packet(Acc, Jid, List, Jid, out),
            %%              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-function]: swapped
                {ok, Acc1}.
            "#,
        );
    }

    #[test]
    fn other_functions_of_the_same_modules_are_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            f(Acc, Jid, List, To, HT) ->
                {Acc1, allow} = mongoose_hooks:privacy_check_packet(Acc, Jid, List, {Jid, To, Acc}, out),
                mongoose_privacy:privacy_check_packet(Acc, Jid),
                ejabberd_sm:get_user_resources(Jid),
                mongoose_privacy:get_privacy_list(HT, Jid).
            "#,
        );
    }

    #[test]
    fn the_accumulators_place_is_read_off_the_new_code() {
        assert_eq!(accumulator_in("{Decision, Acc1} = m:f(Acc)"), Some(1));
        assert_eq!(accumulator_in("{Acc1, Decision} = m:f(Acc)"), Some(0));
        assert_eq!(accumulator_in("m:f({A, Acc})"), None);
        assert_eq!(accumulator_in(""), None);
    }
}
