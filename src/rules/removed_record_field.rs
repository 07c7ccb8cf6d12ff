//! `removed-record-field`.

use super::common::{copied_header, rewrite_of, with_fix};
use super::uses::{is_path_of, lost_records};
use super::{ModuleView, Rule};
use crate::catalog::{ApiKind, LostRecord};
use crate::finding::{Finding, Severity};
use crate::migrate::api;
use crate::outline::Module;
use crate::syntax::ast::{Item, Name};
use crate::syntax::uses::{FieldUse, Use};

rule! {
    /// Finds fields of records that the server's headers no longer declare.
    ///
    /// ## Why it matters
    ///
    /// Without the record's header the module does not compile. With a copy of the header in the project it does, and
    /// the access fails with `badrecord`, as no value of that record comes from the server any more; then the finding is
    /// a warning, as values of the project's own making are as good as before.
    ///
    /// Only modules that include the record's header are looked at; a `#state{}` of your own is another one.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// -include("ejabberd_c2s.hrl").
    ///
    /// owner(State) -> State#state.jid.
    /// ```
    ///
    /// ```erlang
    /// owner(C2SData) -> mongoose_c2s:get_jid(C2SData).
    /// ```
    RemovedRecordField, "removed-record-field", Error
}

impl Rule for RemovedRecordField {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        let lost = lost_records(view);
        // The server's own sources.
        if lost.is_empty() || view.context.modules.has("gen_hook") {
            return;
        }
        let lost: Vec<_> = lost.into_iter().map(|record| (record, Copied::of(view, record))).collect();
        for used in view.uses() {
            let Use::Field(used) = used else { continue };
            let is_lost =
                |record: &LostRecord| record.name == used.record && record.fields.iter().any(|it| used.field == *it);
            let Some((record, copied)) = lost.iter().find(|(record, _)| is_lost(record)) else { continue };
            match copied {
                // It compiles as little today.
                Copied::With(fields) if !fields.contains(&used.field) => {}
                copied => out.push(self.field(view, used, record, copied)),
            }
        }
    }
}

/// Whether the project has a copy of a record's header.
enum Copied {
    No,
    /// The record has these fields there; none when the copy does not declare it.
    With(Vec<Name>),
}

impl Copied {
    fn of(view: &ModuleView<'_>, record: &LostRecord) -> Self {
        let includes = view.module.header().includes.iter().filter(|it| is_path_of(&it.path, &record.header));
        // Where another include still means the server's header, that one decides.
        let copies: Option<Vec<_>> = includes.map(|include| copied_header(view, include)).collect();
        let Some(copies) = copies else { return Self::No };
        let further = copies.iter().flat_map(|copy| view.context.modules.headers(copy)).collect::<Vec<_>>();
        Self::With(copies.iter().chain(&further).flat_map(|header| fields_of(header, &record.name)).collect())
    }
}

/// The fields of a record that a header declares.
fn fields_of(header: &Module, record: &str) -> Vec<Name> {
    let mut fields = Vec::new();
    for (_, form) in header.header().records.iter().filter(|(name, _)| name == record) {
        let Ok(ast) = header.ast(*form) else { continue };
        for item in &ast.items {
            if let Item::Record { fields: declared, .. } = item {
                fields.extend(ast.fields(*declared).iter().filter_map(|field| ast.atom(field.key).cloned()));
            }
        }
    }
    fields
}

impl RemovedRecordField {
    fn field(&self, view: &ModuleView<'_>, used: &FieldUse, record: &LostRecord, copied: &Copied) -> Finding {
        let target = view.context.upgrade.to();
        let name = format!("{}.{}", used.record, used.field);
        let header = &record.header;
        let lost = if record.gone {
            format!("`#{name}` is gone in {target}, with the whole record and `{header}`")
        } else {
            format!("`#{}{{}}` of `{header}` has no field `{}` in {target}", used.record, used.field)
        };
        let (severity, consequence) = match copied {
            Copied::No => (self.severity(), "the module does not compile".to_owned()),
            Copied::With(_) => {
                let rest = if record.gone { "no value of the record comes" } else { "no value with this field comes" };
                let copy = format!("it compiles with the copy of `{header}` in this project");
                (Severity::Warning, format!("{copy}, and {rest} from the server any more"))
            }
        };
        let message = format!("{lost}: {consequence}");
        let mut finding = Finding::new(self.name(), severity, view.module.place(used.span), message)
            .label(format!("no such field in {target}"));
        let mut entries = view.context.upgrade.entries(ApiKind::RemovedRecordField);
        let Some(entry) = entries.find(|entry| entry.name == name) else { return finding };
        finding.notes.push(entry.note.clone());
        if !entry.instead.is_empty() {
            finding = finding.help(format!("use `{}`", entry.instead));
        }
        finding.rewrite = rewrite_of(entry.rewrite);
        with_fix(finding, api::field::fix(view.module, used, entry)).evidence(&entry.evidence)
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = "removed-record-field";

    #[test]
    fn fields_in_expressions_and_patterns() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -include("ejabberd_c2s.hrl").
            owner(State) ->
                {State#state.user, State#state.resource}.
            %%               ^^^^ error[removed-record-field]: `#state.user` is gone in 6.1.0, with the whole record
            %%                                 ^^^^^^^^ error[removed-record-field]: `#state.resource` is gone
            allowed(#state{jid = #jid{luser = U}, % the owner
            %%             ^^^ error[removed-record-field]: `#state.jid` is gone
            %% = help: use `mongoose_c2s:get_jid(C2SData)`
                           host_type = HT}) ->
            %%             ^^^^^^^^^ error[removed-record-field]: `#state.host_type` is gone
                gen_mod:is_loaded(HT, U).
            "#,
        );
    }

    #[test]
    fn updates_and_indices() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -include_lib("mongooseim/include/ejabberd_c2s.hrl").
            -define(LANG(S), S#state.lang).
            %%                       ^^^^ error[removed-record-field]: `#state.lang`
            f(S) -> {S#state{lang = <<"en">>}, #state.ip}.
            %%               ^^^^ error[removed-record-field]: `#state.lang`
            %%                                        ^^ error[removed-record-field]: `#state.ip`
            "#,
        );
    }

    #[test]
    fn a_copy_of_the_header_compiles() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -include("ejabberd_c2s.hrl").
            owner(State) ->
                State#state.jid.
            %%              ^^^ warning[removed-record-field]: it compiles with the copy of `ejabberd_c2s.hrl` in this project, and no value of the record comes from the server any more
            %% = label: no such field in 6.1.0
            //- include/ejabberd_c2s.hrl
            -include("acme_state.hrl").
            //- include/acme_state.hrl
            -record(state, {jid :: term(), user}).
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
            owner(State) -> State#state.jid.
            %%                          ^^^ error[removed-record-field]: does not compile
            //- include/ejabberd_c2s.hrl
            -record(state, {jid}).
            "#,
        );
    }

    #[test]
    fn what_a_copy_does_not_declare_is_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -include("ejabberd_c2s.hrl").
            owner(State) -> State#state.jid.
            //- include/ejabberd_c2s.hrl
            -record(state, {host_type}).
            -define(JID(S), element(2, S)).
            "#,
        );
    }

    #[test]
    fn a_record_of_ones_own_is_another_one() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -behaviour(gen_server).
            -include("mongoose.hrl").
            -record(state, {jid, host_type, user}).
            init([J, H]) -> {ok, #state{jid = J, host_type = H}}.
            handle_call(who, _, S) -> {reply, S#state.user, S}.
            //- src/mod_b.erl
            -module(mod_b).
            -include("ejabberd_c2s.hrl").
            -record(state, {jid}).
            f(S) -> S#state.jid.
            "#,
        );
    }

    #[test]
    fn without_the_header_it_is_another_record() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -include("acme_state.hrl").
            f(S) -> S#state.jid.
            //- include/acme_state.hrl
            -record(state, {jid}).
            "#,
        );
    }

    #[test]
    fn other_records_of_a_module_with_the_header() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -include("ejabberd_c2s.hrl").
            -include("jlib.hrl").
            f(#iq{type = T}, J, M) -> {T, J#jid.luser, M#{state := 1}, #acme_state{user = 1}}.
            "#,
        );
    }
}
