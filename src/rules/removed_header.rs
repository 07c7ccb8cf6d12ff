//! `removed-header`.

use super::common::{copied_header, rewrite_of, with_fix};
use super::{ModuleView, Rule};
use crate::finding::{Finding, Severity};
use crate::migrate::api;

rule! {
    /// Finds an include of a header that the server no longer has.
    ///
    /// ## Why it matters
    ///
    /// The module does not compile. A header that was copied into the project still does, and describes records that the
    /// server no longer uses; then the finding is a warning.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// -include("ejabberd_c2s.hrl").
    /// ```
    ///
    /// Delete the line. `#userlist{}`, which it brought along, is in another header:
    ///
    /// ```erlang
    /// -include("mod_privacy.hrl").
    /// ```
    RemovedHeader, "removed-header", Error
}

impl Rule for RemovedHeader {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        let modules = view.context.modules;
        let includer = api::include::Includer::new(view.context, view.module);
        for include in &view.module.header().includes {
            let Some(fate) = view.context.upgrade.header_fate(&include.path) else { continue };
            let target = view.context.upgrade.to();
            // The server's own sources.
            if modules.has("gen_hook") && modules.has_header(fate.name) {
                continue;
            }
            let copied = copied_header(view, include).is_some();
            let message = if copied {
                format!(
                    "`{}` is gone in {target}: the copy in this project describes what the server no longer uses",
                    fate.name
                )
            } else {
                format!("`{}` is gone in {target}: the module does not compile", fate.name)
            };
            let severity = if copied { Severity::Warning } else { self.severity() };
            let mut finding = Finding::new(self.name(), severity, view.module.place(include.span), message)
                .label(format!("no such header in {target}"));
            if let Some(entry) = fate.entries.last() {
                finding.notes.push(entry.note.clone());
                finding = finding.help(match entry.instead.as_str() {
                    "" => "delete the line".to_owned(),
                    instead => format!("delete the line, or, where something of it is still used, write\n{instead}"),
                });
                finding.rewrite = rewrite_of(entry.rewrite);
                finding = finding.evidence(&entry.evidence);
            }
            let fix = includer.fix(include, fate.name, fate.entries.last().copied());
            out.push(with_fix(finding, fix));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = "removed-header";

    #[test]
    fn a_header_that_is_gone() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -include("mongoose.hrl").
            -include("ejabberd_c2s.hrl").
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^ error[removed-header]: `ejabberd_c2s.hrl` is gone in 6.1.0: the module does not compile
            %% = help: -include("mod_privacy.hrl").
            "#,
        );
    }

    #[test]
    fn a_header_by_its_whole_path() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -include_lib("mongooseim/include/ejabberd_c2s.hrl").
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[removed-header]: does not compile
            //- include/acme.hrl
              -include( "ejabberd_c2s.hrl" ).
            %%^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[removed-header]: does not compile
            "#,
        );
    }

    #[test]
    fn a_copy_in_the_project() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -include("ejabberd_c2s.hrl").
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[removed-header]: the copy in this project
            //- include/ejabberd_c2s.hrl
            -record(state, {jid}).
            "#,
        );
    }

    #[test]
    fn a_copy_does_not_stand_for_the_servers_application() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -include_lib("mongooseim/include/ejabberd_c2s.hrl").
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[removed-header]: does not compile
            -include_lib("acme/include/ejabberd_c2s.hrl").
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[removed-header]: the copy in this project
            //- include/ejabberd_c2s.hrl
            -record(state, {jid}).
            "#,
        );
    }

    #[test]
    fn other_headers_are_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -include("mongoose.hrl").
            -include_lib("exml/include/exml.hrl").
            -include("my_ejabberd_c2s.hrl").
            -include("acme/include/ejabberd_c2s_more.hrl").
            %% -include("ejabberd_c2s.hrl").
            f() -> "ejabberd_c2s.hrl".
            "#,
        );
    }

    #[test]
    fn the_servers_own_sources_are_left_alone() {
        untouched(
            RULE,
            r#"
            -module(ejabberd_c2s).
            -include("ejabberd_c2s.hrl").
            //- src/gen_hook.erl
            -module(gen_hook).
            //- include/ejabberd_c2s.hrl
            -record(state, {jid}).
            "#,
        );
    }
}
