//! `legacy-run`.

use super::{ModuleView, Rule};
use crate::catalog::{Catalog, HookStatus};
use crate::finding::{Finding, Rewrite};
use crate::outline::FormIndex;
use crate::project::runs::is_legacy_run;
use crate::syntax::scan::FormKind;
use crate::syntax::uses::{FunctionUse, Use};

rule! {
    /// Finds code that runs a hook with `ejabberd_hooks`, as was done before MongooseIM 6.0.0.
    ///
    /// ## Why it matters
    ///
    /// `ejabberd_hooks:run/2,3` and `run_fold/3,4` are gone since 5.0.0, and their module since 6.0.0: a call fails with
    /// `undef`. Each hook of the server has a function in `mongoose_hooks` that runs it, with the values that handlers expect.
    /// A hook of your own is run with `gen_hook:run_fold/4`, which takes a map in place of the list of arguments; handlers of
    /// it take this map.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// Acc1 = ejabberd_hooks:run_fold(acme_order_placed, Host, Acc, [Order, Customer])
    /// ```
    ///
    /// ```erlang
    /// {_, Acc1} = gen_hook:run_fold(acme_order_placed, HostType, Acc, #{order => Order, customer => Customer})
    /// ```
    LegacyRun, "legacy-run", Error
}

impl Rule for LegacyRun {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        if view.context.has_ejabberd_hooks() {
            return;
        }
        let forms: Vec<FormIndex> = forms(view).collect();
        // Asked last, as it costs most.
        if forms.is_empty() || view.is_for_ejabberd() {
            return;
        }
        for form in forms {
            let uses = view.module.uses_in(form).unwrap_or_default();
            let functions = uses.iter().filter_map(|used| match used {
                Use::Function(used) if is_legacy_run(&used.module, &used.function, used.arity) => Some(used),
                _ => None,
            });
            out.extend(functions.map(|used| self.run(view, used)));
        }
    }
}

impl LegacyRun {
    fn run(&self, view: &ModuleView<'_>, used: &FunctionUse) -> Finding {
        let name = format!("{}:{}/{}", used.module, used.function, used.arity);
        let what = match used.first.as_deref() {
            Some(hook) => format!("`{name}`, which runs `{hook}` here,"),
            None => format!("`{name}`"),
        };
        let consequence = super::uses::consequence(used.how);
        let finding = Finding::new(
            self.name(),
            self.severity(),
            view.module.place(used.name),
            format!("{what} is gone with the whole module `ejabberd_hooks`: {consequence}"),
        );
        let finding = finding.label(format!("not there in {}", view.context.upgrade.to())).rewrite(Rewrite::Advice);
        match used.first.as_deref() {
            Some(hook) => {
                let finding = advise(view, hook, finding.hook(hook));
                // The server's own hooks are run by the functions that the advice names.
                let is_own = Catalog::embedded().releases_with(hook).is_empty();
                let fix = is_own.then(|| view.context.legacy_fix(view.module.name())).flatten();
                finding.fix(fix)
            }
            None => finding.help("run a hook of your own with `gen_hook:run_fold/4`, and one of the server with its function in `mongoose_hooks`"),
        }
    }
}

fn advise(view: &ModuleView<'_>, hook: &str, finding: Finding) -> Finding {
    let (upgrade, catalog) = (view.context.upgrade, Catalog::embedded());
    let fate = upgrade.fate(hook);
    // What only the last release with positional arguments had is no hook of one's own either.
    let before = catalog.last_positional().and_then(|(last, _)| catalog.release(last)?.hook(hook));
    match (fate.after, before.or(fate.before)) {
        (Some(after), _) if after.run.contains('/') => finding.help(format!("use `{}`, which runs it in {}", after.run, upgrade.to())),
        (Some(_), _) => finding.help("let the server run its own hook, or run it with `gen_hook:run_fold/4`"),
        (None, Some(_)) => match fate.change().filter(|_| fate.status == HookStatus::Removed) {
            Some(change) => finding
                .note(format!("`{hook}` is not run any more in {}.", upgrade.to()))
                .help(change.advice.clone())
                .evidence(&change.evidence),
            None => finding.note(format!("`{hook}` is not run any more in {}.", upgrade.to())),
        },
        (None, None) => finding.help(format!(
            "use `gen_hook:run_fold({hook}, HostType, Acc, #{{...}})`, which returns `{{ok, Acc}}` or `{{stop, Acc}}`, and let its handlers take the map"
        )),
    }
}

/// The functions, macros and imports that name the module.
fn forms<'a>(view: &'a ModuleView<'_>) -> impl Iterator<Item = FormIndex> + use<'a> {
    let module = view.module;
    let names_it = |text: &str| memchr::memmem::find(text.as_bytes(), b"ejabberd_hooks").is_some();
    let anywhere = names_it(module.source().text());
    let forms = anywhere.then(|| module.forms()).into_iter().flatten();
    let is_code = |kind: FormKind, name: &str| match kind {
        FormKind::Function => true,
        FormKind::Attribute => matches!(name, "define" | "import"),
        FormKind::Other => false,
    };
    forms
        .filter(move |(index, form)| {
            is_code(form.kind, module.source().slice(form.name)) && names_it(module.text_of(*index))
        })
        .map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = "legacy-run";

    #[test]
    fn hooks_of_the_server() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            f(Host, Acc, JID) ->
                ejabberd_hooks:run(node_cleanup, [node()]),
            %%  ^^^^^^^^^^^^^^^^^^ error[legacy-run]: `ejabberd_hooks:run/2`, which runs `node_cleanup` here, is gone with the whole module `ejabberd_hooks`: the call compiles, and fails with `undef` when it runs
            %% = help: use `mongoose_hooks:node_cleanup/1`, which runs it in 6.1.0
            %% = hook: node_cleanup
                ejabberd_hooks:run_fold(roster_get, Host, Acc, [JID]).
            %%  ^^^^^^^^^^^^^^^^^^^^^^^ error[legacy-run]: `ejabberd_hooks:run_fold/4`, which runs `roster_get` here,
            "#,
        );
    }

    #[test]
    fn hooks_of_the_project() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -import(ejabberd_hooks, [run/3]).
            %%                       ^^^^^ error[legacy-run]: the import compiles, and each call fails
            -define(RUN(Hook, Host), ejabberd_hooks:run(Hook, Host, [])).
            %%                       ^^^^^^^^^^^^^^^^^^ error[legacy-run]: `ejabberd_hooks:run/3` is gone
            f(Host, Hook) ->
                ejabberd_hooks:run_fold(acme_placed, Host, ok, [Hook]),
            %%  ^^^^^^^^^^^^^^^^^^^^^^^ error[legacy-run]: which runs `acme_placed` here
            %% = help: gen_hook:run_fold(acme_placed, HostType, Acc, #{...})
                timer:tc(ejabberd_hooks, run_fold, [Hook, #{}, [Host]]).
            %%           ^^^^^^^^^^^^^^^^^^^^^^^^ error[legacy-run]: it is named as data
            "#,
        );
    }

    #[test]
    fn other_functions_and_other_modules_of_that_name() {
        let code = r#"
            -module(mod_a).
            %% ejabberd_hooks:run(node_cleanup, [node()])
            -spec hooks() -> [ejabberd_hooks:hook()].
            hooks() -> [].
            f(H) -> ejabberd_hooks:add(hooks()), gen_hook:run_fold(acme_placed, H, ok, #{}), ejabberd_hooks:run(a).
            "#;
        untouched(RULE, code);
        let run = "f() -> ejabberd_hooks:run(node_cleanup, [node()]).";
        untouched(RULE, &format!("-module(mod_a).\n-include(\"logger.hrl\").\n{run}\n"));
        untouched(
            RULE,
            &format!(
                "-module(mod_a).\n{run}\n//- src/ejabberd_hooks.erl\n-module(ejabberd_hooks).\nrun(_, _) -> ok.\n"
            ),
        );
    }
}
