//! `double-registration`.

use rustc_hash::FxHashSet;

use super::{ModuleView, Rule};
use crate::catalog::ApiChange;
use crate::finding::{Finding, Place, Rewrite, Severity};
use crate::migrate::registration::callback;
use crate::outline::Module;
use crate::project::eval::{Action, Interpreter, Style, Val, Value, What};
use crate::project::registrations::{HandlerRef, Registration};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::syntax::scan::{FormKind, Token, Tokens};

rule! {
    /// Finds a module of `gen_mod` that exports `hooks/1` and adds the same handlers itself, and one whose exported
    /// `hooks/1` is something else.
    ///
    /// ## Why it matters
    ///
    /// From 6.1.0 on, `gen_mod` asks a module that exports `hooks/1` for its handlers, adds them once `start/2` has
    /// returned, and deletes them before `stop/1`. What the module adds as well gives a warning `duplicated_handler`
    /// for each handler in the server's log; what it adds only under a condition is now added in any case. When the
    /// function returns no list of handlers, the module does not start.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// -export([start/2, stop/1, hooks/1]).
    ///
    /// start(HostType, _Opts) ->
    ///     gen_hook:add_handlers(hooks(HostType)).
    ///
    /// stop(HostType) ->
    ///     gen_hook:delete_handlers(hooks(HostType)).
    /// ```
    ///
    /// ```erlang
    /// -export([start/2, stop/1, hooks/1]).
    ///
    /// start(_HostType, _Opts) -> ok.
    ///
    /// stop(_HostType) -> ok.
    /// ```
    DoubleRegistration, "double-registration", Warning
}

impl Rule for DoubleRegistration {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        // What the callback of a module in the old style comes to shows when the module is rewritten.
        if view.registrations.iter().any(|it| it.style == Style::EjabberdHooks) {
            return;
        }
        if !view.module.exports("hooks", 1) || !view.module.defines("hooks", 1) || !callback::is_gen_mod(view.module) {
            return;
        }
        let Some(entry) = callback::entry(view.context.upgrade) else { return };
        let returned = Returned::of(view);
        if let Some(bad) = &returned.bad {
            out.push(self.no_handlers(view, bad, entry));
            return;
        }
        let own = |it: &&Registration| it.action == Action::Add && it.through != "hooks/1" && returned.has(it);
        let doubled: Vec<&Registration> = view.registrations.iter().filter(own).collect();
        if !doubled.is_empty() {
            out.push(self.doubled(view, &doubled, entry));
        }
    }
}

impl DoubleRegistration {
    fn doubled(&self, view: &ModuleView<'_>, doubled: &[&Registration], entry: &ApiChange) -> Finding {
        let count = match doubled.len() {
            1 => "a handler".to_owned(),
            count => format!("{count} handlers"),
        };
        let message = format!(
            "`{}` exports `hooks/1`, which {} registers by itself, and registers {count} of it as well: each is logged as `duplicated_handler`",
            view.module.name(),
            view.context.upgrade.to(),
        );
        let mut finding = Finding::new(self.name(), self.severity(), export_of_hooks(view.module), message)
            .label("called by the server")
            .note("What is registered only under a condition is registered in any case now, unless `hooks/1` knows the condition.")
            .help("call neither `gen_hook:add_handlers` nor `gen_hook:delete_handlers` for it, or give the function another name, or do not export it")
            .rewrite(Rewrite::Suggestion)
            .evidence(&entry.evidence);
        finding = finding.fix(callback::fix(view.module));
        if let Some(first) = doubled.first() {
            finding = finding.related(first.tuple.clone(), "registered by the module itself");
        }
        finding
    }

    fn no_handlers(&self, view: &ModuleView<'_>, bad: &Val, entry: &ApiChange) -> Finding {
        let target = view.context.upgrade.to();
        let message = format!(
            "{target} takes what the exported `hooks/1` of `{}` returns for a list of handlers, and it is none: the module does not start",
            view.module.name(),
        );
        Finding::new(self.name(), Severity::Error, export_of_hooks(view.module), message)
            .label("called by the server")
            .related(bad.at.clone(), "this is no list of handlers")
            .help("give the function another name, or do not export it")
            .rewrite(Rewrite::Suggestion)
            .evidence(&entry.evidence)
    }
}

/// What `hooks/1` returns.
struct Returned {
    /// Hook, handler's module and function.
    handlers: FxHashSet<(Name, Name, Name)>,
    /// What is no list of handlers for sure.
    bad: Option<Val>,
}

impl Returned {
    fn of(view: &ModuleView<'_>) -> Self {
        let wrappers = FxHashSet::default();
        let mut interpreter = Interpreter::new(view.context.modules, &wrappers);
        let mut bad = None;
        for form in view.module.function("hooks", 1) {
            for value in interpreter.function(view.module, form) {
                let value = interpreter.force(&value);
                bad = bad.or_else(|| no_list(&mut interpreter, &value));
                interpreter.callback(&value);
            }
        }
        let handler = |what: &What| match what {
            What::Handler(it) => match (&it.hook.value, &it.function.value) {
                (Value::Atom(hook), Value::Fun { module, function, .. }) => {
                    Some((hook.clone(), module.clone(), function.clone()))
                }
                _ => None,
            },
            What::Unresolved { .. } => None,
        };
        let handlers = interpreter.events.iter().filter_map(|event| handler(&event.what)).collect();
        Self { handlers, bad }
    }

    fn has(&self, registration: &Registration) -> bool {
        match (&registration.hook, &registration.handler) {
            (Some(hook), HandlerRef::External { module, function, .. }) => {
                self.handlers.contains(&(hook.clone(), module.clone(), function.clone()))
            }
            _ => false,
        }
    }
}

/// The part of a value for which it is no list of handlers, whatever the rest of it may be.
fn no_list(interpreter: &mut Interpreter<'_>, value: &Val) -> Option<Val> {
    let is_bad = match &value.value {
        Value::List(items) => {
            return items.iter().find_map(|item| {
                let item = interpreter.force(item);
                no_handler(&item.value).then_some(item)
            });
        }
        Value::Choice(options) => {
            return options.iter().find_map(|option| {
                let option = interpreter.force(option);
                no_list(interpreter, &option)
            });
        }
        Value::Atom(_) | Value::Int(_) | Value::Tuple(_) | Value::Map(_) | Value::Fun { .. } | Value::Closure(_) => {
            true
        }
        Value::Text(_) | Value::Param { .. } | Value::Rest(_) | Value::Unknown(_) | Value::Lazy(_) => false,
    };
    is_bad.then(|| value.clone())
}

fn no_handler(value: &Value) -> bool {
    const PARTS: usize = 5;
    match value {
        Value::Tuple(parts) => parts.len() != PARTS,
        Value::Atom(_) | Value::Int(_) | Value::Text(_) | Value::Map(_) | Value::Fun { .. } | Value::Closure(_) => true,
        _ => false,
    }
}

/// `hooks/1` in the attribute that exports it; the function when everything is exported.
fn export_of_hooks(module: &Module) -> Place {
    let exports = module
        .forms()
        .filter(|(_, form)| form.kind == FormKind::Attribute && module.source().slice(form.name) == "export");
    for (_, form) in exports {
        let rest = Span { start: form.name.end, end: form.span.end };
        let tokens: Vec<_> = Tokens::new(module.source().slice(rest), rest.start as usize).collect();
        let found = tokens.windows(3).find(|window| {
            let texts = window.iter().map(|(_, span)| module.source().slice(*span));
            window[0].0 == Token::Atom && texts.eq(["hooks", "/", "1"])
        });
        if let Some([(_, name), _, (_, arity)]) = found {
            return module.place(Span { start: name.start, end: arity.end });
        }
    }
    let head = module.clauses("hooks", 1).first().and_then(|(ast, clause)| Some(ast.span(clause.name?)));
    module.place(head.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{Case, check_rule, untouched};

    const RULE: &str = "double-registration";

    #[test]
    fn exported_and_added() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([start/2,
                     stop/1]).
            %% only for the tests
            -export([sent/3, hooks/1]).
            %%               ^^^^^^^ warning[double-registration]: `mod_a` exports `hooks/1`, which 6.1.0 registers by itself, and registers 2 handlers
            %% = related: registered by the module itself
            start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).
            stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).
            hooks(HostType) -> more(HostType) ++ [{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 85}].
            more(HostType) -> [{remove_user, HostType, fun ?MODULE:sent/3, #{}, 85}].
            sent(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn something_else_of_that_name() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -export([start/2, stop/1, hooks/1]).
            %%                        ^^^^^^^ error[double-registration]: and it is none: the module does not start
            %% = related: this is no list of handlers
            start(_, _) -> ok.
            stop(_) -> ok.
            hooks(HostType) -> [user_send_packet, remove_user].
            //- src/mod_b.erl
            -module(mod_b).
            -behaviour(gen_mod).
            -compile(export_all).
            start(_, _) -> ok.
            hooks(Count) -> #{hooks => Count}.
            %%<^^ error[double-registration]: `mod_b`
            "#,
        );
    }

    #[test]
    fn what_the_server_registers_alone_is_right() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([start/2, stop/1, hooks/1]).
            start(HostType, _) ->
                gen_hook:add_handler(node_cleanup, global, fun ?MODULE:down/3, #{}, 50).
            stop(_) ->
                gen_hook:delete_handler(node_cleanup, global, fun ?MODULE:down/3, #{}, 50).
            hooks(HostType) -> [{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 85}].
            "#,
        );
    }

    #[test]
    fn a_function_that_is_not_exported_is_nobodys_business() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([start/2, stop/1]).
            start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).
            stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).
            hooks(HostType) -> [{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 85}].
            "#,
        );
    }

    #[test]
    fn modules_that_are_none_of_the_servers_may_export_it() {
        untouched(
            RULE,
            r#"
            -module(acme_worker).
            -behaviour(gen_server).
            -export([init/1, hooks/1]).
            init([HostType]) -> gen_hook:add_handlers(hooks(HostType)).
            hooks(HostType) -> [{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 85}].
            //- src/acme_hooks.erl
            -module(acme_hooks).
            -export([hooks/1]).
            hooks(Module) -> #{module => Module}.
            "#,
        );
    }

    #[test]
    fn what_cannot_be_followed_is_believed() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([start/2, stop/1, hooks/1, hooks/2]).
            start(_, _) -> ok.
            stop(_) -> ok.
            hooks(HostType) -> acme_hooks:hooks(HostType, ?MODULE) ++ [acme_hooks:hook(HostType) | hooks(HostType, a)].
            hooks(HostType, _) -> [].
            "#,
        );
    }

    #[test]
    fn before_the_callback_there_is_nothing_double() {
        let code = r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([start/2, stop/1, hooks/1]).
            start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).
            hooks(HostType) -> [{remove_user, HostType, fun ?MODULE:f/3, #{}, 85}].
            "#;
        assert!(Case::new(code).from("6.0.0").to("6.0.0").rules(&[RULE]).findings().is_empty());
        assert_eq!(Case::new(code).rules(&[RULE]).findings().len(), 1);
    }
}
