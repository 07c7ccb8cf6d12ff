//! `removed-record-field`.

use super::common::rewrite_of;
use super::uses::lost_records;
use super::{ModuleView, Rule};
use crate::catalog::{ApiKind, LostRecord};
use crate::finding::Finding;
use crate::syntax::uses::{FieldUse, Use};

rule! {
    /// Finds fields of records that the server's headers no longer declare.
    ///
    /// ## Why it matters
    ///
    /// Without the record's header the module does not compile. With a copy of the record it does, and the access fails with
    /// `badrecord`, as no value of that record comes from the server any more.
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
        for used in view.uses() {
            let Use::Field(used) = used else { continue };
            let record = lost
                .iter()
                .find(|record| record.name == used.record && record.fields.contains(&used.field.to_string()));
            out.extend(record.map(|record| self.field(view, used, record)));
        }
    }
}

impl RemovedRecordField {
    fn field(&self, view: &ModuleView<'_>, used: &FieldUse, record: &LostRecord) -> Finding {
        let target = view.context.upgrade.to();
        let name = format!("{}.{}", used.record, used.field);
        let message = if record.gone {
            format!(
                "`#{name}` is gone in {target}, with the whole record and `{}`: the module does not compile",
                record.header
            )
        } else {
            format!(
                "`#{}{{}}` of `{}` has no field `{}` in {target}: the module does not compile",
                used.record, record.header, used.field
            )
        };
        let mut finding = Finding::new(self.name(), self.severity(), view.module.place(used.span), message)
            .label(format!("no such field in {target}"));
        let mut entries = view.context.upgrade.entries(ApiKind::RemovedRecordField);
        let Some(entry) = entries.find(|entry| entry.name == name) else { return finding };
        finding.notes.push(entry.note.clone());
        if !entry.instead.is_empty() {
            finding = finding.help(format!("use `{}`", entry.instead));
        }
        finding.rewrite = rewrite_of(entry.rewrite);
        finding.evidence(&entry.evidence)
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
