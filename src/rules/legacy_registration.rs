//! `legacy-registration`.

use super::common::is_for_ejabberd;
use super::{ModuleView, Rule};
use crate::catalog::Version;
use crate::finding::{Finding, Rewrite};
use crate::outline::Module;
use crate::source::Span;
use crate::syntax::scan::FormKind;

rule! {
    /// Finds a module that registers its handlers with `ejabberd_hooks`, as was done before MongooseIM 6.0.0.
    ///
    /// ## Why it matters
    ///
    /// The module `ejabberd_hooks` is gone since 6.0.0: a call of it fails with `undef`, and a module that does so in
    /// `start/2` does not start. Its handlers take positional arguments and return a bare accumulator, and have to be
    /// rewritten as well. They are recognised, and not yet looked into: there is one finding for each module.
    ///
    /// Modules for ejabberd, whose current API has this name, are left alone.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// start(HostType, _Opts) ->
    ///     ejabberd_hooks:add(remove_user, HostType, ?MODULE, remove_user, 50).
    ///
    /// remove_user(Acc, User, Server) -> ... Acc.
    /// ```
    ///
    /// ```erlang
    /// start(HostType, _Opts) ->
    ///     gen_hook:add_handler(remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50).
    ///
    /// remove_user(Acc, #{jid := JID}, _Extra) -> ... {ok, Acc}.
    /// ```
    LegacyRegistration, "legacy-registration", Warning
}

/// The first release without `ejabberd_hooks`.
const GONE_SINCE: Version = Version::new(6, 0, 0);

impl Rule for LegacyRegistration {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        let target = view.context.upgrade.to();
        let is_server = view.context.modules.has(MODULE);
        if target < GONE_SINCE || is_server {
            return;
        }
        let calls = calls(view.module);
        let Some(&first) = calls.first() else { return };
        if is_for_ejabberd(view.module) {
            return;
        }
        let handlers = if calls.len() == 1 { "a handler".to_owned() } else { format!("{} handlers", calls.len()) };
        let message = format!(
            "`{}` adds or deletes {handlers} with `ejabberd_hooks`, which {target} does not have: it fails with `undef`",
            view.module.name()
        );
        let mut finding = Finding::new(self.name(), self.severity(), view.module.place(first), message)
            .label("recognised, and not analysed")
            .note("Handlers that are registered this way take positional arguments; hookshift does not look into them yet.")
            .help("use `gen_hook:add_handler(Hook, HostType, fun ?MODULE:function/3, #{}, Priority)`, and let handlers take `(Acc, Params, Extra)` and return `{ok, Acc}` or `{stop, Acc}`")
            .rewrite(Rewrite::Advice);
        for &call in calls.iter().skip(1).take(MAX_RELATED) {
            finding = finding.related(view.module.place(call), "also here");
        }
        out.push(finding);
    }
}

const MODULE: &str = "ejabberd_hooks";

/// How many further calls are shown.
const MAX_RELATED: usize = 5;

/// Functions that add or delete handlers.
const FUNCTIONS: [&str; 6] = ["add(", "delete(", "add_dist(", "delete_dist(", "add_dist_once(", "delete_dist_once("];

/// The calls of `ejabberd_hooks` that add or delete handlers, from the module's name to the function's.
fn calls(module: &Module) -> Vec<Span> {
    let text = module.source().text();
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), MODULE.as_bytes()) {
        let rest = &text[at + MODULE.len()..];
        let Some(rest) = rest.strip_prefix(':') else { continue };
        let Some(function) = FUNCTIONS.iter().find(|function| rest.starts_with(**function)) else { continue };
        let span = Span::new(at, at + MODULE.len() + function.len());
        if is_code(module, span) {
            found.push(span);
        }
    }
    found
}

fn is_code(module: &Module, span: Span) -> bool {
    let Some(form) = module.form_at(span.start) else { return false };
    let line = module.source().line_span(module.source().line_index(span.start));
    let before = module.source().slice(Span { start: line.start, end: span.start });
    module.form(form).kind == FormKind::Function && !before.contains('%')
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{Case, check_rule, untouched};

    const RULE: &str = "legacy-registration";

    #[test]
    fn one_finding_for_a_module() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -include("mongoose.hrl").
            -include("jlib.hrl").
            start(HostType, _Opts) ->
                ejabberd_hooks:add(remove_user, HostType, ?MODULE, removed, 50),
            %%  ^^^^^^^^^^^^^^^^^^ warning[legacy-registration]: `mod_a` adds or deletes 2 handlers with `ejabberd_hooks`, which 6.1.0 does not have
            %% = related: also here
            %% = help: gen_hook:add_handler
                ok.
            stop(HostType) ->
                ejabberd_hooks:delete(remove_user, HostType, ?MODULE, removed, 50).
            removed(Acc, User, Server) -> Acc.
            "#,
        );
    }

    #[test]
    fn a_list_of_handlers() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -include_lib("exml/include/exml.hrl").
            start(Host, _Opts) -> ejabberd_hooks:add(hooks(Host)).
            %%                    ^^^^^^^^^^^^^^^^^^ warning[legacy-registration]: adds or deletes a handler
            "#,
        );
    }

    #[test]
    fn modules_for_ejabberd_are_left_alone() {
        for sign in [
            "-include(\"logger.hrl\").",
            "-include_lib(\"xmpp/include/xmpp.hrl\").",
            "-export([depends/2, mod_options/1]).",
            "from(P) -> xmpp:get_from(P).",
        ] {
            let code = format!(
                "-module(mod_a).\n{sign}\n%% jlib\nstart(Host, _) ->\n    ejabberd_hooks:add(remove_user, Host, ?MODULE, f, 50).\n"
            );
            untouched(RULE, &code);
        }
    }

    #[test]
    fn a_module_that_shows_nothing_of_ejabberd() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -include_lib("kernel/include/logger.hrl").
            start(Host, _) -> ejabberd_hooks:add(remove_user, Host, ?MODULE, removed, 50).
            %%                ^^^^^^^^^^^^^^^^^^ warning[legacy-registration]: adds or deletes a handler
            "#,
        );
    }

    #[test]
    fn what_only_speaks_of_it_is_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -include("mongoose.hrl").
            %% was: ejabberd_hooks:add(remove_user, HostType, ?MODULE, removed, 50)
            start(HostType, _) ->
                % ejabberd_hooks:add(remove_user, HostType, ?MODULE, removed, 50),
                ejabberd_hooks:run(remove_user, HostType, []),
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:removed/3, #{}, 50).
            "#,
        );
    }

    #[test]
    fn where_the_module_is_still_there_nothing_is_wrong() {
        let code = r#"
            -module(mod_a).
            -include("mongoose.hrl").
            start(HostType, _) -> ejabberd_hooks:add(remove_user, HostType, ?MODULE, removed, 50).
            "#;
        let found = |release: &str| Case::new(code).from(release).to(release).rules(&[RULE]).findings().len();
        assert_eq!((found("5.1.0"), found("6.0.0")), (0, 1));
    }
}
