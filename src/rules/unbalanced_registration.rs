//! `unbalanced-registration`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::common::named_handler;
use super::{ModuleView, Rule};
use crate::finding::{Finding, Rewrite};
use crate::project::eval::{Action, Style};
use crate::project::registrations::{HandlerRef, Priority, Registration, Tag};
use crate::syntax::ast::{Expr, NodeId};
use crate::syntax::{self, Ast};

rule! {
    /// Finds handlers that are added and never deleted, and deletions that delete nothing because their priority, tag,
    /// function or extra map is not that of the addition.
    ///
    /// ## Why it matters
    ///
    /// `gen_hook` deletes a handler only when all of it is the same. A handler that stays behind when its module is stopped
    /// is still called, often with tables and processes that are gone, and fails each time; after a restart
    /// with other options it is there twice.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// start(HostType, _Opts) ->
    ///     gen_hook:add_handler(remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 30).
    ///
    /// stop(HostType) ->
    ///     gen_hook:delete_handler(remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50).
    /// ```
    ///
    /// ```erlang
    /// stop(HostType) ->
    ///     gen_hook:delete_handler(remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 30).
    /// ```
    UnbalancedRegistration, "unbalanced-registration", Warning
}

impl Rule for UnbalancedRegistration {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        let deletes: Vec<&Registration> = of(view, Action::Delete);
        let adds: Vec<&Registration> = of(view, Action::Add);
        // What an unknown deletion deletes is unknown as well; a test suite ends with its node.
        if adds.is_empty() || deletes.iter().any(|it| it.unresolved.is_some()) || is_test(view) {
            return;
        }
        let mut left = Vec::new();
        let mut used = vec![false; deletes.len()];
        for add in adds.iter().copied().filter(|add| add.unresolved.is_none()) {
            let twins: Vec<usize> = (0..deletes.len()).filter(|&at| is_twin(add, deletes[at])).collect();
            twins.iter().for_each(|&at| used[at] = true);
            if twins.is_empty() {
                left.push(add);
            } else if let Some(difference) = difference_of_all(add, &twins, &deletes) {
                out.push(self.deletes_nothing(add, deletes[twins[0]], &difference));
            }
        }
        // A deletion with another function or hook than the addition that it was meant for.
        for (delete, _) in deletes.iter().zip(&used).filter(|(_, used)| !**used) {
            let Some(add) = left.iter().position(|add| is_near(add, delete)) else { continue };
            let add = left.remove(add);
            let difference = if add.hook == delete.hook {
                format!("the function `{}`, and not `{}`", named_handler(delete), named_handler(add))
            } else {
                format!("the hook `{}`, and not `{}`", name(delete), name(add))
            };
            out.push(self.deletes_nothing(add, delete, &difference));
        }
        self.never_deleted(view, &left, !deletes.is_empty(), out);
    }
}

impl UnbalancedRegistration {
    fn deletes_nothing(&self, add: &Registration, delete: &Registration, difference: &str) -> Finding {
        let message = format!(
            "nothing is deleted here: the deletion has {difference}, with which `{}` was added for `{}`",
            named_handler(add),
            name(add)
        );
        Finding::new(self.name(), self.severity(), delete.place.clone(), message)
            .label("not what was added")
            .related(add.place.clone(), "added here")
            .note(format!("{} The handler is still called after its module was stopped.", compared(add.style)))
            .help(format!("let one function make the list, and hand it to both {}", takers(add.style)))
            .rewrite(Rewrite::Suggestion)
            .hook(name(add))
    }

    fn never_deleted(&self, view: &ModuleView<'_>, left: &[&Registration], deletes: bool, out: &mut Vec<Finding>) {
        if left.is_empty() || !(deletes || is_stopped_without_hooks(view)) {
            return;
        }
        for (at, add) in left.iter().enumerate() {
            // A module that deletes nothing at all needs to be told once.
            if at > 0 && !deletes {
                break;
            }
            let message = format!(
                "`{}` is added for `{}` and never deleted: it is still called after `{}` was stopped",
                named_handler(add),
                name(add),
                view.module.name()
            );
            let mut finding = Finding::new(self.name(), self.severity(), add.place.clone(), message)
                .label("added, and never deleted")
                .help("delete it where the module stops, with the same arguments")
                .rewrite(Rewrite::Suggestion)
                .hook(name(add));
            let more = left.len() - 1;
            if !deletes && more > 0 {
                finding =
                    finding.note(format!("So are {more} more: nothing in `{}` deletes handlers.", view.module.name()));
            }
            out.push(finding);
        }
    }
}

fn of<'a>(view: &ModuleView<'a>, action: Action) -> Vec<&'a Registration> {
    let own = |it: &&Registration| it.action == action && it.through != "hooks/1";
    view.registrations.iter().filter(own).collect()
}

fn name(registration: &Registration) -> &str {
    registration.hook.as_deref().unwrap_or("?")
}

fn is_test(view: &ModuleView<'_>) -> bool {
    ["_SUITE", "_tests", "_test", "_helper"].iter().any(|ending| view.module.name().ends_with(ending))
}

/// What has to be the same for a handler to be deleted.
fn compared(style: Style) -> &'static str {
    match style {
        Style::GenHook => "`gen_hook` compares hook, tag, function, extra map and priority.",
        Style::EjabberdHooks => "`ejabberd_hooks` compares hook, host type, module, function and priority.",
    }
}

/// The functions that take a list of handlers.
fn takers(style: Style) -> &'static str {
    match style {
        Style::GenHook => "`add_handlers` and `delete_handlers`",
        Style::EjabberdHooks => "`ejabberd_hooks:add/1` and `delete/1`, or to those of `gen_hook`",
    }
}

/// The same handler on the same hook.
fn is_twin(add: &Registration, delete: &Registration) -> bool {
    add.hook == delete.hook && add.handler == delete.handler && !matches!(add.handler, HandlerRef::Inline)
}

/// What a deletion was meant for, as far as the rest of it tells.
fn is_near(add: &Registration, delete: &Registration) -> bool {
    let same_priority = match (&add.priority, &delete.priority) {
        (Priority::Known(a), Priority::Known(b)) => a == b,
        _ => true,
    };
    same_priority && (add.hook == delete.hook || add.handler == delete.handler)
}

/// What a deletion has that no addition has; `None` when one of the deletions may fit.
fn difference_of_all(add: &Registration, twins: &[usize], deletes: &[&Registration]) -> Option<String> {
    let mut differences = twins.iter().map(|&at| difference(add, deletes[at]));
    let first = differences.next()??;
    differences.all(|difference| difference.is_some()).then_some(first)
}

fn difference(add: &Registration, delete: &Registration) -> Option<String> {
    match (&add.priority, &delete.priority) {
        (Priority::Known(a), Priority::Known(b)) if a != b => {
            return Some(format!("the priority {b}, and not {a}"));
        }
        _ => {}
    }
    let other_tag = match (&add.tag, &delete.tag) {
        (Tag::HostType(a), Tag::HostType(b)) => a != b && a.starts_with("<<") && b.starts_with("<<"),
        (a, b) => a != b,
    };
    if other_tag {
        return Some(format!("the tag `{}`, and not `{}`", delete.tag, add.tag));
    }
    is_other_map(&add.extra, &delete.extra)
        .then(|| format!("the extra map `{}`, and not `{}`", delete.extra, add.extra))
}

/// Whether two expressions are literal maps that cannot be equal: they have other keys, or other literal values.
fn is_other_map(one: &str, other: &str) -> bool {
    if one == other {
        return false;
    }
    let (Some(one), Some(other)) = (Literal::parse(one), Literal::parse(other)) else { return false };
    let (a, b) = (one.fields(), other.fields());
    let differ = |(key, value): (&String, &Option<String>)| match (value, &b[key]) {
        (Some(value), Some(other)) => value != other,
        _ => false,
    };
    !a.keys().eq(b.keys()) || a.iter().any(differ)
}

/// A map whose keys are all literal.
struct Literal {
    text: String,
    ast: Ast,
    map: NodeId,
}

impl Literal {
    fn parse(map: &str) -> Option<Self> {
        let text = format!("f() -> {map}.");
        let ast = syntax::parse(&text, 0).ok().filter(|ast| ast.errors.is_empty())?;
        let map = *ast.list(ast.function_clauses().next()?.body).first()?;
        let Expr::Map { base: None, fields } = ast.expr(map) else { return None };
        let literal_keys = ast.fields(*fields).iter().all(|field| is_literal(ast.expr(field.key)));
        literal_keys.then_some(Self { text, ast, map })
    }

    /// Keys with their values, where these are literal.
    fn fields(&self) -> BTreeMap<String, Option<String>> {
        let Expr::Map { fields, .. } = self.ast.expr(self.map) else { return BTreeMap::new() };
        let text = |node: NodeId| self.text[self.ast.span(node).range()].to_owned();
        let value = |node: NodeId| is_literal(self.ast.expr(node)).then(|| text(node));
        self.ast.fields(*fields).iter().map(|field| (text(field.key), field.value.and_then(value))).collect()
    }
}

fn is_literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Atom(_) | Expr::Integer(_) | Expr::String(_) | Expr::Binary(_))
}

/// Whether this is a module of `gen_mod` whose `stop/1` has nothing to do with hooks, and which registers itself.
fn is_stopped_without_hooks(view: &ModuleView<'_>) -> bool {
    let module: &Arc<_> = view.module;
    let is_gen_mod = module.header().behaviours.iter().any(|behaviour| behaviour == "gen_mod");
    let stop = module.function("stop", 1);
    let speaks_of_hooks = stop.iter().any(|&form| module.text_of(form).contains("hook"));
    // From 6.1.0 on the server deletes what an exported hooks/1 returns.
    is_gen_mod && !stop.is_empty() && !speaks_of_hooks && view.callback.is_none()
}

#[cfg(test)]
mod tests {
    use super::is_other_map;
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = "unbalanced-registration";

    #[test]
    fn another_priority_deletes_nothing() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -define(PRIO, 50).
            init([HostType, Limit]) ->
                ok = gen_hook:add_handler(user_send_packet, HostType, fun ?MODULE:throttle/3,
                                          #{limit => Limit}, 30).
            terminate(_Reason, #state{host_type = HT, limit = L}) ->
                gen_hook:delete_handler(user_send_packet, HT, fun ?MODULE:throttle/3, #{limit => L}, ?PRIO).
            %%                          ^^^^^^^^^^^^^^^^ warning[unbalanced-registration]: the deletion has the priority 50, and not 30
            %% = related: added here
            throttle(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn another_tag_or_extra_map_deletes_nothing() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:removed/3, #{table => t}, 50),
                gen_hook:add_handler(node_cleanup, global, fun ?MODULE:down/3, #{}, 50).
            stop(HostType) ->
                gen_hook:delete_handler(remove_user, HostType, fun ?MODULE:removed/3, #{}, 50),
            %%                          ^^^^^^^^^^^ warning[unbalanced-registration]: the extra map `#{}`, and not `#{table => t}`
                gen_hook:delete_handler(node_cleanup, HostType, fun ?MODULE:down/3, #{}, 50).
            %%                          ^^^^^^^^^^^^ warning[unbalanced-registration]: the tag `HostType`, and not `global`
            "#,
        );
    }

    #[test]
    fn another_function_or_hook_deletes_nothing() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50},
                                       {vcard_set, HostType, fun ?MODULE:vcard/3, #{}, 60}]).
            stop(HostType) ->
                gen_hook:delete_handlers([{remove_user, HostType, fun ?MODULE:remove/3, #{}, 50},
            %%                             ^^^^^^^^^^^ warning[unbalanced-registration]: the function `mod_a:remove/3`, and not `mod_a:removed/3`
                                          {set_vcard, HostType, fun ?MODULE:vcard/3, #{}, 60}]).
            %%                             ^^^^^^^^^ warning[unbalanced-registration]: the hook `set_vcard`, and not `vcard_set`
            "#,
        );
    }

    #[test]
    fn one_of_several_is_forgotten() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:removed/3, #{}, 50),
                gen_hook:add_handler(register_user, HostType, fun ?MODULE:registered/3, #{}, 60).
            %%                       ^^^^^^^^^^^^^ warning[unbalanced-registration]: `mod_a:registered/3` is added for `register_user` and never deleted
            stop(HostType) ->
                gen_hook:delete_handler(remove_user, HostType, fun ?MODULE:removed/3, #{}, 50).
            "#,
        );
    }

    #[test]
    fn a_module_that_deletes_nothing_is_told_once() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([start/2, stop/1]).
            start(HostType, _Opts) ->
                gen_hook:add_handlers(
                  [{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50},
            %%      ^^^^^^^^^^^ warning[unbalanced-registration]: it is still called after `mod_a` was stopped
            %% = note: So are 1 more
                   {vcard_set, HostType, fun ?MODULE:vcard/3, #{}, 60}]).
            stop(_HostType) ->
                ok.
            "#,
        );
    }

    #[test]
    fn one_list_for_both_is_balanced() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            start(HostType, Opts) -> gen_hook:add_handlers(hooks(HostType, Opts)).
            stop(HostType) ->
                gen_hook:delete_handlers(hooks(HostType, gen_mod:get_loaded_module_opts(HostType, ?MODULE))).
            hooks(HostType, #{priority := Prio} = Opts) ->
                [{remove_user, HostType, fun ?MODULE:removed/3, Opts, Prio} | more(HostType, Opts)].
            more(HostType, #{sync := true}) -> [{vcard_set, HostType, fun ?MODULE:vcard/3, #{}, 60}];
            more(_, _) -> [].
            "#,
        );
    }

    #[test]
    fn what_may_be_the_same_is_balanced() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            init([HT, Opts]) ->
                Prio = maps:get(priority, Opts),
                gen_hook:add_handler(remove_user, HT, fun ?MODULE:removed/3, #{opts => Opts, kind => a}, Prio),
                gen_hook:add_handler(vcard_set, HT, fun ?MODULE:vcard/3, extra(HT), 10).
            terminate(_, #state{host_type = HostType, opts = O, priority = Priority}) ->
                gen_hook:delete_handler(remove_user, HostType, fun mod_a:removed/3, #{kind => a, opts => O}, Priority),
                gen_hook:delete_handler(vcard_set, HostType, fun ?MODULE:vcard/3, #{}, 10).
            "#,
        );
    }

    #[test]
    fn moving_a_handler_is_balanced() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) -> add(HostType, 50).
            boost(HostType) -> delete(HostType, 50), add(HostType, 10).
            relax(HostType) -> delete(HostType, 10), add(HostType, 50).
            stop(HostType) -> delete(HostType, 10), delete(HostType, 50).
            add(HostType, P) -> gen_hook:add_handler(remove_user, HostType, fun ?MODULE:f/3, #{}, P).
            delete(HostType, P) -> gen_hook:delete_handler(remove_user, HostType, fun ?MODULE:f/3, #{}, P).
            "#,
        );
    }

    #[test]
    fn handlers_that_stay_on_purpose_are_left_alone() {
        untouched(
            RULE,
            r#"
            -module(acme_app).
            -behaviour(application).
            start(_, _) ->
                gen_hook:add_handler(node_cleanup, global, fun ?MODULE:down/3, #{}, 50),
                acme_sup:start_link().
            stop(_) -> ok.
            //- src/mod_b.erl
            -module(mod_b).
            -behaviour(gen_mod).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:removed/3, #{}, 50).
            stop(HostType) -> acme_util:forget_hooks(?MODULE, HostType).
            //- test/acme_SUITE.erl
            -module(acme_SUITE).
            init_per_suite(C) ->
                gen_hook:add_handler(node_cleanup, global, fun ?MODULE:down/3, #{}, 50),
                gen_hook:add_handler(remove_user, <<"h">>, fun ?MODULE:down/3, #{}, 50),
                C.
            end_per_suite(C) ->
                gen_hook:delete_handler(remove_user, <<"h">>, fun ?MODULE:down/3, #{}, 50),
                C.
            "#,
        );
    }

    #[test]
    fn what_the_server_registers_it_deletes() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([start/2, stop/1, hooks/1]).
            start(_HostType, _) -> ok.
            stop(_HostType) -> ok.
            hooks(HostType) -> [{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}].
            "#,
        );
    }

    #[test]
    fn maps_are_compared_as_far_as_they_are_literal() {
        assert!(is_other_map("#{}", "#{a => 1}"));
        assert!(is_other_map("#{a => 1}", "#{a => 2}"));
        assert!(is_other_map("#{a => X}", "#{b => X}"));
        assert!(!is_other_map("#{a => X, b => 1}", "#{b => 1, a => Y}"));
        assert!(!is_other_map("#{a => f(1)}", "#{a => 1}"));
        assert!(!is_other_map("Extra", "#{a => 1}"));
        assert!(!is_other_map("Base#{a => 1}", "#{b => 1}"));
        assert!(!is_other_map("#{K => 1}", "#{b => 1}"));
    }
}
