//! `config-precondition`.

use super::server_config::finding;
use super::{Context, Rule};
use crate::catalog::ConfigKind;
use crate::catalog::config_path::parent;
use crate::finding::{Finding, Rewrite};
use crate::project::server_config::{Entry, ServerConfig};

rule! {
    /// Finds listeners of a `mongooseim.toml` for which a hook is not run that the checked code has handlers for.
    ///
    /// A value that a template puts in is not known, and nothing is said of it.
    ///
    /// ## Why it matters
    ///
    /// A handler of `session_opening_allowed_for_user` decides who may open a session. In 6.1.0 it is asked only where the listener
    /// has an `access` rule, and everybody may open a session elsewhere; nothing is logged.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [[listen.c2s]]
    ///   port = 5222
    /// ```
    ///
    /// ```toml
    /// [[listen.c2s]]
    ///   port = 5222
    ///   access = "c2s"
    ///
    /// [access]
    ///   c2s = [{acl = "all", value = "allow"}]
    /// ```
    ConfigPrecondition, "config-precondition", Warning
}

impl Rule for ConfigPrecondition {
    declared!();

    fn server_config(&self, context: &Context<'_>, config: &ServerConfig, out: &mut Vec<Finding>) {
        for fate in context.upgrade.config_changes_of(ConfigKind::Precondition) {
            let change = &fate.change;
            let hook = change.hook.as_str();
            let Some(registration) = context.registered.added_to(hook).next() else { continue };
            let tables = fate.names.iter().flat_map(|name| config.at(parent(&name.path)));
            for entry in tables {
                let given = fate.names.iter().flat_map(|name| config.at(&name.path));
                let given = given.into_iter().find(|it| entry.extent.contains(it.name));
                if given.is_some_and(|it| !is(config, it, &change.before)) {
                    continue;
                }
                let (place, what) = match given {
                    Some(given) => (given.extent, format!("`{}` lets the hook be passed over", change.before)),
                    None => (entry.name, format!("`{}` is the default", change.before)),
                };
                let message = format!(
                    "`{hook}` is not run for sessions of this listener in {}: its handlers are not asked",
                    context.upgrade.to()
                );
                let rule = (self.name(), self.severity());
                let found = finding(rule, config, place, change, message).label(what).hook(hook);
                let found = found.related(registration.place.clone(), "a handler is registered here");
                out.push(found.rewrite(Rewrite::Advice));
            }
        }
    }
}

/// Whether an option has a value. What a template puts in may be any other.
fn is(config: &ServerConfig, entry: &Entry, value: &str) -> bool {
    let is_put_in = config.source.slice(entry.extent).contains("{{");
    !is_put_in && entry.strings.iter().any(|it| it == value)
}

#[cfg(test)]
mod tests {
    use super::ConfigPrecondition;
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = ConfigPrecondition::NAME;

    #[test]
    fn listeners_without_a_rule() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            hooks(HostType) ->
                [{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}].
            may(_, _, _) -> {stop, deny}.
            -export([hooks/1, may/3]).
            //- mongooseim.toml
            [[listen.c2s]]
            ##<^^^^^^^^^^^ warning[config-precondition]: `session_opening_allowed_for_user` is not run for sessions of this listener in 6.1.0
            ## = label: `all` is the default
            ## = related: a handler is registered here
              port = 5222
            [[listen.c2s]]
              port = 5223
              access = "all"
            ##^^^^^^^^^^^^^^ warning[config-precondition]: its handlers are not asked
            [[listen.c2s]]
              access = "c2s"
            [[listen.s2s]]
            "#,
        );
    }

    #[test]
    fn without_a_handler_or_with_a_rule_nothing_is_said() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            f() -> ok.
            //- mongooseim.toml
            [[listen.c2s]]
              port = 5222
            "#,
        );
        untouched(
            RULE,
            r#"
            -module(mod_a).
            hooks(HostType) ->
                [{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}].
            may(_, _, _) -> {stop, deny}.
            -export([hooks/1, may/3]).
            //- mongooseim.toml
            [[listen.c2s]]
              access = "employees"
            [[listen.c2s]]
              access = {{{access}}}
            "#,
        );
    }
}
