//! `config-changed-type`.

use super::server_config::finding;
use super::{Context, Rule};
use crate::catalog::ConfigKind;
use crate::finding::{Finding, Rewrite};
use crate::project::server_config::{Form, Kind, ServerConfig};

rule! {
    /// Finds options of `mongooseim.toml` that take another kind of value in the target release.
    ///
    /// A value that a template puts in is not known, and nothing is said of it.
    ///
    /// ## Why it matters
    ///
    /// The server does not start with a value of the wrong kind.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [services.service_mongoose_system_metrics]
    ///   tracking_id = "UA-123456789"
    /// ```
    ///
    /// ```toml
    /// [services.service_mongoose_system_metrics]
    ///   tracking_id.id = "G-12345678"
    ///   tracking_id.secret = "Secret"
    /// ```
    ConfigChangedType, "config-changed-type", Error
}

impl Rule for ConfigChangedType {
    declared!();

    fn server_config(&self, context: &Context<'_>, config: &ServerConfig, out: &mut Vec<Finding>) {
        let changes = context.upgrade.config_changes_of(ConfigKind::ChangedType);
        for fate in changes {
            let change = &fate.change;
            let refused = |form| {
                let (Form::Option(kind) | Form::Inline(kind)) = form else { return false };
                matches!((change.before.as_str(), kind), ("string", Kind::String) | ("table", Kind::Table))
            };
            let is_known = |text: &str| !text.contains("{{");
            let named = fate.names.iter().flat_map(|name| config.at(&name.path));
            let wrong = named.filter(|it| refused(it.form) && is_known(config.source.slice(it.extent)));
            for entry in wrong {
                let message = format!(
                    "`{}` is a {} in {}, and no {}: the server refuses to start with this",
                    change.path.replace("[]", ""),
                    change.after,
                    context.upgrade.to(),
                    change.before
                );
                let rule = (self.name(), self.severity());
                let found = finding(rule, config, entry.extent, change, message);
                out.push(found.label(format!("a {} is expected", change.after)).rewrite(Rewrite::Advice));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ConfigChangedType;
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = ConfigChangedType::NAME;

    #[test]
    fn a_string_where_a_table_is_expected() {
        check_rule(
            RULE,
            r#"
            //- mongooseim.toml
            [services.service_mongoose_system_metrics]
              tracking_id = "UA-1"
            ##^^^^^^^^^^^^^^^^^^^^ error[config-changed-type]: `services.service_mongoose_system_metrics.tracking_id` is a table in 6.1.0, and no string
            ## = help: tracking_id.secret
            ## = label: a table is expected
            //- mongooseim-two.toml
            services.service_mongoose_system_metrics = {report = true, tracking_id = "UA-1"}
            ##                                                         ^^^^^^^^^^^^^^^^^^^^ error[config-changed-type]:
            "#,
        );
    }

    #[test]
    fn a_table_and_what_a_template_puts_in_are_left_alone() {
        untouched(
            RULE,
            r#"
            //- mongooseim.toml
            [services.service_mongoose_system_metrics]
              tracking_id.id = "G-1"
              tracking_id.secret = "s"
            //- mongooseim-two.toml
            [services.service_mongoose_system_metrics.tracking_id]
              id = "G-1"
            //- mongooseim-three.toml
            [services.service_mongoose_system_metrics]
              tracking_id = {{{tracking}}}
            //- mongooseim-four.toml
            [services.service_mongoose_system_metrics]
              report = true
            "#,
        );
    }
}
