//! `reload-hooks`.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{ModuleView, Rule};
use crate::catalog::{ApiChange, ApiKind, FunctionName};
use crate::finding::{Finding, Rewrite};
use crate::migrate::api::tree::Tree;
use crate::migrate::code::bodies::{bodies_of, parents};
use crate::migrate::code::clause::indentation;
use crate::outline::{FormIndex, Module};
use crate::project::handlers::{Callee, callee};
use crate::project::modules::Modules;
use crate::rewrite::{Edit, Fix};
use crate::syntax::ast::{Ast, Expr, Name, NodeId};

rule! {
    /// Finds handlers that are added or deleted while the server runs, outside the start and the stop of a module, where the
    /// change has to be made known.
    ///
    /// ## Why it matters
    ///
    /// Up to 6.5.0 a running server called a handler as soon as it was added. From 6.6.0 on it does so once
    /// `gen_hook:reload_hooks/0` was called, which the server itself does when it has started and whenever it starts or
    /// stops a module or a service. A handler that is added at another time is not called, and one that is deleted still is,
    /// until somebody happens to start or stop a module.
    ///
    /// What is reached from `start`, `stop`, `start_link`, `init` or `terminate` counts as start and stop.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// enable_tracing(HostType) ->
    ///     gen_hook:add_handlers(tracing_hooks(HostType)).
    /// ```
    ///
    /// ```erlang
    /// enable_tracing(HostType) ->
    ///     gen_hook:add_handlers(tracing_hooks(HostType)),
    ///     gen_hook:reload_hooks().
    /// ```
    ReloadHooks, "reload-hooks", Warning
}

/// What makes the changes known.
const RELOAD: &str = "reload_hooks";

/// The functions in which the server starts and stops what registers handlers, and those that run within them.
const STARTING: [&str; 6] = ["hooks", "init", "start", "start_link", "stop", "terminate"];

impl Rule for ReloadHooks {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        let deferred: Vec<&ApiChange> = view.context.upgrade.entries(ApiKind::DeferredFunction).collect();
        // A server that is checked itself knows when it reloads.
        if deferred.is_empty() || view.context.modules.has("gen_hook") {
            return;
        }
        let mut found = Vec::new();
        for (form, _) in view.module.forms() {
            let text = view.module.text_of(form);
            if text.contains("gen_hook") && !text.contains(RELOAD) {
                self.form(view, form, &deferred, &mut found);
            }
        }
        // Asked last, as it costs most.
        if !found.is_empty() && !view.is_for_ejabberd() {
            out.extend(found);
        }
    }
}

impl ReloadHooks {
    fn form(&self, view: &ModuleView<'_>, form: FormIndex, deferred: &[&ApiChange], found: &mut Vec<Finding>) {
        let Ok(ast) = view.module.ast(form) else { return };
        let calls: Vec<(NodeId, &ApiChange)> =
            ast.nodes().filter_map(|(id, _)| Some((id, deferred_by(ast, id, deferred)?))).collect();
        let Some(first) = ast.function_clauses().next().filter(|_| !calls.is_empty()) else { return };
        let Some(name) = first.name.and_then(|name| ast.atom(name)) else { return };
        let function = Function { module: Arc::clone(view.module), name: name.clone(), arity: first.patterns.len() };
        if !runs_later(view.context.modules, &function) {
            return;
        }
        let nodes: Vec<NodeId> = calls.iter().map(|(node, _)| *node).collect();
        for (node, entry) in &calls {
            let target = view.context.upgrade.to();
            let adds = entry.name.contains(":add_");
            let becomes = if adds { "is not called" } else { "is still called" };
            let message = format!(
                "what is {} here while the server runs {becomes} in {target} before `{}`",
                if adds { "added" } else { "deleted" },
                entry.instead,
            );
            let finding = Finding::new(self.name(), self.severity(), view.module.place(ast.span(*node)), message)
                .label("not reached from the start or the stop of a module")
                .note(entry.note.clone())
                .help(format!("call `{}` behind it", entry.instead))
                .rewrite(Rewrite::Suggestion)
                .evidence(&entry.evidence);
            found.push(finding.fix(fix(view.module, form, *node, &nodes, &entry.instead)));
        }
    }
}

/// The entry about the function that an expression calls.
fn deferred_by<'e>(ast: &Ast, node: NodeId, deferred: &[&'e ApiChange]) -> Option<&'e ApiChange> {
    let Expr::Call { module: Some(module), function, args } = ast.expr(node) else { return None };
    let (module, function) = (ast.atom(*module)?, ast.atom(*function)?);
    deferred.iter().find(|entry| FunctionName::parse(&entry.name).covers(module, function, args.len())).copied()
}

/// A function of the project.
struct Function {
    module: Arc<Module>,
    name: Name,
    arity: usize,
}

/// Whether a function is run at other times than when something starts or stops, as far as the project's code tells, and
/// none of the functions that lead to it makes known what it did.
fn runs_later(modules: &Modules, function: &Function) -> bool {
    let mut seen: FxHashSet<(Name, Name, usize)> = FxHashSet::default();
    let mut waiting =
        vec![Function { module: Arc::clone(&function.module), name: function.name.clone(), arity: function.arity }];
    let mut is_run = false;
    while let Some(next) = waiting.pop() {
        if !seen.insert((next.module.name().clone(), next.name.clone(), next.arity)) {
            continue;
        }
        let mut forms = next.module.function(&next.name, next.arity).into_iter();
        if STARTING.contains(&next.name.as_str()) || forms.any(|form| next.module.text_of(form).contains(RELOAD)) {
            return false;
        }
        is_run |= next.module.exports(&next.name, next.arity);
        waiting.extend(users(&next.module, &next, None));
        if next.module.exports(&next.name, next.arity) {
            let word = format!("{}:{}", next.module.name(), next.name);
            for other in modules.with_word(&word) {
                if !Arc::ptr_eq(&other, &next.module) {
                    waiting.extend(users(&other, &next, Some(next.module.name())));
                }
            }
        }
    }
    // What nobody can call is never run.
    is_run
}

/// The functions of a module that call a function, or hand it to another one. What registers it as a handler does not: it is
/// the server that calls it then, at any time.
fn users(module: &Arc<Module>, used: &Function, from: Option<&Name>) -> Vec<Function> {
    let mut found = Vec::new();
    for (form, _) in module.forms().filter(|(form, _)| module.text_of(*form).contains(used.name.as_str())) {
        let Ok(ast) = module.ast(form) else { continue };
        let parents = parents(ast);
        let is_handed_on = |node: NodeId| match parents.get(&node).map(|&parent| ast.expr(parent)) {
            Some(Expr::Call { module, .. }) => {
                module.and_then(|it| ast.atom(it)).is_none_or(|module| module != "gen_hook")
            }
            _ => false,
        };
        let uses = ast.nodes().any(|(id, node)| match &node.expr {
            Expr::Call { module: target, function, args } => {
                args.len() == used.arity && is_named(module, ast, *target, *function, used, from)
            }
            Expr::FunRef { module: target, function, .. } => {
                is_handed_on(id) && is_named(module, ast, *target, *function, used, from)
            }
            _ => false,
        });
        let clause = ast.function_clauses().next().filter(|_| uses);
        let Some((name, clause)) = clause.and_then(|clause| Some((ast.atom(clause.name?)?, clause))) else { continue };
        found.push(Function { module: Arc::clone(module), name: name.clone(), arity: clause.patterns.len() });
    }
    found
}

/// Whether the names before and behind a colon, or one alone, are those of a function: of the module itself, or `from` another one.
fn is_named(
    module: &Module,
    ast: &Ast,
    target: Option<NodeId>,
    function: NodeId,
    used: &Function,
    from: Option<&Name>,
) -> bool {
    match from {
        Some(from) => target.and_then(|it| ast.atom(it)) == Some(from) && ast.atom(function) == Some(&used.name),
        None => callee(module, ast, target, function) == Callee::Local(used.name.clone()),
    }
}

/// Puts the call behind the last expression of the body that adds or deletes handlers.
///
/// # Errors
/// There is no such expression whose value can be another one; says why.
fn fix(module: &Arc<Module>, form: FormIndex, call: NodeId, calls: &[NodeId], reload: &str) -> Result<Fix, String> {
    let tree = Tree::of(module, form)?;
    let ast = tree.ast;
    let clause = tree.clause(call).ok_or("it stands in no function")?;
    let inside = |statement: NodeId, node: NodeId| ast.span(statement).contains(ast.span(node));
    let body = bodies_of(ast, clause)
        .map(|body| ast.list(body))
        .filter(|body| body.iter().any(|&statement| inside(statement, call)))
        .min_by_key(|body| body.iter().find(|&&it| inside(it, call)).map(|&it| ast.span(it).range().len()))
        .ok_or("it is no expression of a body")?;
    let last = body.iter().rfind(|&&statement| calls.iter().any(|&call| inside(statement, call)));
    let &last = last.ok_or("it is no expression of a body")?;
    let (odd, gives_ok) = value(&tree, last, calls);
    if odd {
        return Err("the call stands in an expression that may run at another time, or not at all".to_owned());
    }
    if body.last() == Some(&last) && !gives_ok {
        return Err("the value of the expression that would no longer be the last one is used".to_owned());
    }
    let span = ast.span(last);
    let text = module.source().text();
    let line = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let alone = text[line..span.start as usize].trim().is_empty();
    let separator =
        if alone { format!(",\n{}", " ".repeat(indentation(text, span.start as usize))) } else { ", ".to_owned() };
    let edit = Edit::insert(&module.place(span), span.end, format!("{separator}{reload}"));
    let reason = "it was not seen when this code runs, and the server may call other handlers that wait as well";
    Ok(Fix::new(format!("call `{reload}` behind it"), vec![edit]).because([reason.to_owned()]))
}

/// Whether one of the calls in an expression is not run once for certain when the expression is evaluated, and whether the
/// expression's value is `ok`.
fn value(tree: &Tree<'_>, statement: NodeId, calls: &[NodeId]) -> (bool, bool) {
    let ast = tree.ast;
    let is_foreach = |node: NodeId| match ast.expr(node) {
        Expr::Call { module: Some(module), function, .. } => {
            let is = |node: NodeId, name: &str| ast.atom(node).is_some_and(|it| it == name);
            is(*module, "lists") && (is(*function, "foreach") || is(*function, "map"))
        }
        _ => false,
    };
    let mut odd = false;
    let mut gives_ok = true;
    for &call in calls.iter().filter(|&&call| ast.span(statement).contains(ast.span(call))) {
        for around in tree.ancestors(call).take_while(|&node| ast.span(statement).contains(ast.span(node))) {
            match ast.expr(around) {
                Expr::Match { .. } => {}
                Expr::Fun { .. } if tree.parent(around).is_some_and(is_foreach) => {}
                Expr::Comprehension { .. } => gives_ok = false,
                Expr::Call { function, .. } if is_foreach(around) => {
                    gives_ok &= ast.atom(*function).is_some_and(|name| name == "foreach");
                }
                _ => odd = true,
            }
        }
    }
    (odd, gives_ok)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::Case;

    const RULE: &str = "reload-hooks";

    fn found(fixture: &str) {
        Case::new(fixture).from("6.5.0").to("6.6.0").rules(&[RULE]).check();
    }

    fn fixed(before: &str, after: &str) {
        Case::new(before).from("6.5.0").to("6.6.0").rules(&[RULE]).fix(true).is(before, after);
    }

    #[test]
    fn handlers_of_a_running_server() {
        found(
            r#"
            -module(mod_a).
            -export([start/2, stop/1, enable/1, traced/3]).
            start(_HostType, _Opts) -> ok.
            stop(_HostType) -> ok.
            enable(HostType) ->
                set(add_handlers, HostType).
            set(add_handlers, HostType) ->
                gen_hook:add_handlers(list(HostType)).
            %%  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[reload-hooks]: what is added here while the server runs is not called in 6.6.0 before `gen_hook:reload_hooks()`
            %%  = help: call `gen_hook:reload_hooks()` behind it
            %%  = rewrite: suggestion
            list(HostType) ->
                [{user_send_message, HostType, fun ?MODULE:traced/3, #{}, 50}].
            traced(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn the_call_is_put_behind() {
        fixed(
            r#"
            -module(mod_a).
            -export([enable/1, disable/1, swap/2, all/1, traced/3]).
            enable(HostType) ->
                ok = gen_hook:add_handler(user_send_message, HostType, fun ?MODULE:traced/3, #{}, 50).
            disable(HostType) ->
                gen_hook:delete_handlers(list(HostType)),
                logger:info("disabled").
            swap(Old, New) ->
                gen_hook:delete_handlers(list(Old)),
                gen_hook:add_handlers(list(New)),
                {ok, New}.
            all(HostTypes) ->
                lists:foreach(fun(HostType) -> gen_hook:add_handlers(list(HostType)) end, HostTypes).
            list(HostType) ->
                [{user_send_message, HostType, fun ?MODULE:traced/3, #{}, 50}].
            traced(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
            r#"
            -module(mod_a).
            -export([enable/1, disable/1, swap/2, all/1, traced/3]).
            enable(HostType) ->
                ok = gen_hook:add_handler(user_send_message, HostType, fun ?MODULE:traced/3, #{}, 50),
                gen_hook:reload_hooks().
            disable(HostType) ->
                gen_hook:delete_handlers(list(HostType)),
                gen_hook:reload_hooks(),
                logger:info("disabled").
            swap(Old, New) ->
                gen_hook:delete_handlers(list(Old)),
                gen_hook:add_handlers(list(New)),
                gen_hook:reload_hooks(),
                {ok, New}.
            all(HostTypes) ->
                lists:foreach(fun(HostType) -> gen_hook:add_handlers(list(HostType)) end, HostTypes),
                gen_hook:reload_hooks().
            list(HostType) ->
                [{user_send_message, HostType, fun ?MODULE:traced/3, #{}, 50}].
            traced(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn what_starts_and_stops_is_left_alone() {
        found(
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([start/2, stop/1, init/1, terminate/2, kept/3]).
            start(HostType, _Opts) ->
                change(fun gen_hook:add_handlers/1, HostType),
                add(HostType),
                mod_b:register(HostType).
            stop(HostType) ->
                gen_hook:delete_handlers(list(HostType)).
            init([HostType]) ->
                add(HostType),
                {ok, HostType}.
            terminate(_Reason, HostType) ->
                [gen_hook:delete_handler(Hook, Tag, Fun, Extra, Priority)
                 || {Hook, Tag, Fun, Extra, Priority} <- list(HostType)].
            add(HostType) ->
                gen_hook:add_handlers(list(HostType)).
            change(Change, HostType) ->
                Change(list(HostType)).
            list(HostType) ->
                [{user_send_message, HostType, fun ?MODULE:kept/3, #{}, 50}].
            kept(Acc, _Params, _Extra) -> {ok, Acc}.
            //- src/mod_b.erl
            -module(mod_b).
            -export([register/1, counted/3]).
            register(HostType) ->
                gen_hook:add_handler(user_send_iq, HostType, fun ?MODULE:counted/3, #{}, 50).
            counted(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn what_is_made_known_is_left_alone() {
        found(
            r#"
            -module(mod_a).
            -export([enable/1, on/3]).
            enable(HostTypes) ->
                lists:foreach(fun add/1, HostTypes),
                gen_hook:reload_hooks().
            add(HostType) ->
                gen_hook:add_handler(user_send_message, HostType, fun ?MODULE:on/3, #{}, 50).
            on(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_handler_is_called_at_any_time() {
        found(
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([start/2, stop/1, hooks/1, watched/3, traced/3]).
            start(HostType, _Opts) ->
                gen_hook:add_handler(user_send_iq, HostType, fun ?MODULE:watched/3, #{}, 50).
            stop(_HostType) -> ok.
            hooks(HostType) ->
                [{user_send_message, HostType, fun ?MODULE:watched/3, #{}, 50}].
            watched(Acc, _Params, #{host_type := HostType}) ->
                enable(HostType),
                {ok, Acc}.
            enable(HostType) ->
                gen_hook:add_handler(user_send_message, HostType, fun ?MODULE:traced/3, #{}, 60).
            %%  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[reload-hooks]: what is added here while the server runs
            traced(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn earlier_releases_need_it_not() {
        let fixture = r#"
            -module(mod_a).
            -export([enable/1, on/3]).
            enable(HostType) ->
                gen_hook:add_handler(user_send_message, HostType, fun ?MODULE:on/3, #{}, 50).
            on(Acc, _Params, _Extra) -> {ok, Acc}.
            "#;
        Case::new(fixture).from("6.4.0").to("6.5.0").rules(&[RULE]).check();
    }

    #[test]
    fn a_value_that_is_used_is_kept() {
        let fixture = r#"
            -module(mod_a).
            -export([enable/1, on/3]).
            enable(HostTypes) ->
                [gen_hook:add_handler(user_send_message, It, fun ?MODULE:on/3, #{}, 50) || It <- HostTypes].
            on(Acc, _Params, _Extra) -> {ok, Acc}.
            "#;
        let left = Case::new(fixture).from("6.5.0").to("6.6.0").rules(&[RULE]).findings();
        assert_eq!(left.len(), 1);
        assert!(left[0].no_fix.as_deref().is_some_and(|why| why.contains("is used")), "{:?}", left[0].no_fix);
    }
}
