//! `legacy-registration`.

use std::sync::Arc;

use super::{ModuleView, Rule};
use crate::catalog::Catalog;
use crate::finding::{Finding, Place, Rewrite};
use crate::project::eval::Style;

rule! {
    /// Finds a module that adds or deletes handlers with `ejabberd_hooks`, as was done before MongooseIM 6.0.0.
    ///
    /// ## Why it matters
    ///
    /// The module `ejabberd_hooks` is gone since 6.0.0: a call of it fails with `undef`, and a module that does so in
    /// `start/2` does not start. Its handlers take positional arguments and return a bare accumulator, and have to change
    /// as well: see `legacy-handler`. There is one finding for each module, and its fix changes all of them at once.
    ///
    /// A project that has a module `ejabberd_hooks` of its own is left in peace.
    ///
    /// ## Modules for ejabberd
    ///
    /// There, `ejabberd_hooks` is the current interface. A module is taken for one of ejabberd when more kinds of signs
    /// speak for it than for MongooseIM, and then no rule looks at it; a line of the report names it. For ejabberd speak:
    ///
    /// * headers that only ejabberd has, such as `logger.hrl`, `xmpp.hrl` and `translate.hrl`
    /// * modules that only ejabberd has, such as `xmpp`, `fxml` and `ejabberd_option`
    /// * the callbacks `depends/2`, `mod_options/1`, `mod_opt_type/1`, `mod_doc/0` and `reload/3`
    /// * functions of `ejabberd_hooks` that only ejabberd has, such as `add_dist` and `subscribe`
    /// * elements as tuples `{xmlelement, ...}`, which MongooseIM never had in its own modules
    ///
    /// For MongooseIM speak its headers and those of `exml`, and modules such as `mongoose_acc`, `exml_query` and `gen_hook`.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// start(HostType, _Opts) ->
    ///     ejabberd_hooks:add(remove_user, HostType, ?MODULE, remove_user, 50).
    ///
    /// remove_user(Acc, LUser, LServer) ->
    ///     forget(LUser, LServer),
    ///     Acc.
    /// ```
    ///
    /// ```erlang
    /// start(HostType, _Opts) ->
    ///     gen_hook:add_handler(remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50).
    ///
    /// remove_user(Acc, #{jid := #jid{luser = LUser, lserver = LServer}}, _Extra) ->
    ///     forget(LUser, LServer),
    ///     {ok, Acc}.
    /// ```
    LegacyRegistration, "legacy-registration", Error
}

impl Rule for LegacyRegistration {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        if view.context.has_ejabberd_hooks() {
            return;
        }
        let places = places(view);
        let Some((&first, others)) = places.split_first() else { return };
        let gone = Catalog::embedded().last_positional().map(|(_, gone)| format!("since {gone}")).unwrap_or_default();
        let message = format!(
            "`{}` adds or deletes handlers with `ejabberd_hooks`, which is gone {gone}: the call fails with `undef`",
            view.module.name()
        );
        let mut finding = Finding::new(self.name(), self.severity(), first.clone(), message)
            .label(format!("no module `ejabberd_hooks` in {}", view.context.upgrade.to()))
            .help("use `gen_hook:add_handlers/1` and `gen_hook:delete_handlers/1` with `{Hook, HostType, fun ?MODULE:function/3, #{}, Priority}`")
            .rewrite(Rewrite::Suggestion);
        for &place in others.iter().take(MAX_RELATED) {
            finding = finding.related(place.clone(), "also here");
        }
        out.push(finding.fix(view.context.legacy_fix(view.module.name())));
    }
}

/// How many further calls are shown.
const MAX_RELATED: usize = 5;

/// Where the module adds and deletes handlers, in source order: the calls, or what it hands to a function elsewhere that
/// makes them.
fn places<'a>(view: &'a ModuleView<'_>) -> Vec<&'a Place> {
    let is_own = |place: &Place| Arc::ptr_eq(&place.source, view.module.source());
    let legacy = view.registrations.iter().filter(|it| it.style == Style::EjabberdHooks);
    let mut places: Vec<&Place> = legacy.map(|it| if is_own(&it.call) { &it.call } else { &it.place }).collect();
    places.sort_by_key(|place| (!is_own(place), place.sort_key()));
    places.dedup_by_key(|place| place.sort_key());
    places
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
            %%  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[legacy-registration]: `mod_a` adds or deletes handlers with `ejabberd_hooks`, which is gone since 6.0.0: the call fails with `undef`
            %% = related: also here
            %% = help: gen_hook:add_handlers
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
            %%                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[legacy-registration]: adds or deletes handlers
            hooks(Host) -> [{remove_user, Host, ?MODULE, removed, 50}].
            removed(Acc, _, _) -> Acc.
            "#,
        );
    }

    #[test]
    fn a_list_that_cannot_be_followed() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(Host, Opts) -> ejabberd_hooks:add(gen_mod:get_opt(hooks, Opts)).
            %%                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[legacy-registration]: adds or deletes handlers
            "#,
        );
    }

    #[test]
    fn through_a_helper_of_another_module() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(Host, _) -> acme_hooks:each(add, [{remove_user, Host, ?MODULE, removed, 50}]).
            %%                                       ^^^^^^^^^^^ error[legacy-registration]: `mod_a` adds or deletes
            removed(Acc, _, _) -> Acc.
            //- src/acme_hooks.erl
            -module(acme_hooks).
            each(Action, Hooks) -> [apply(ejabberd_hooks, Action, tuple_to_list(H)) || H <- Hooks].
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
            %%                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[legacy-registration]: adds or deletes handlers
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
            -spec hooks(binary()) -> [ejabberd_hooks:hook()].
            hooks(_) -> [].
            start(HostType, _) ->
                % ejabberd_hooks:add(remove_user, HostType, ?MODULE, removed, 50),
                ejabberd_hooks:run(remove_user, HostType, []),
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:removed/3, #{}, 50).
            test() -> meck:expect(ejabberd_hooks, add, fun(_, _, _, _, _) -> ok end).
            "#,
        );
    }

    #[test]
    fn where_the_module_is_still_there_nothing_is_wrong() {
        let code = "-module(mod_a).
-include(\"mongoose.hrl\").
start(HostType, _) -> ejabberd_hooks:add(remove_user, HostType, ?MODULE, removed, 50).
";
        let found = |release: &str| Case::new(code).from(release).to(release).rules(&[RULE]).findings().len();
        assert_eq!((found("5.1.0"), found("6.0.0")), (0, 1));
        untouched(
            RULE,
            &format!("{code}//- src/ejabberd_hooks.erl\n-module(ejabberd_hooks).\nadd(_, _, _, _, _) -> ok.\n"),
        );
    }
}
