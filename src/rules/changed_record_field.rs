//! `changed-record-field`.

use super::common::{rewrite_of, with_fix};
use super::{ModuleView, Rule};
use crate::catalog::ApiKind;
use crate::finding::{Finding, Rewrite, Severity};
use crate::migrate::pairs::{self, Field, Group};

rule! {
    /// Finds values for fields of records that have another form now: `#xmlel.attrs` was a list of pairs, and is a map
    /// since 6.3.2.
    ///
    /// ## Why it matters
    ///
    /// The module compiles. An element that is made with a list fails when it is sent or looked into, and a clause that
    /// matches a list never fits again, so that the next clause is taken.
    ///
    /// Values are followed through the module: through variables, branches, and its own functions. What belongs together is
    /// one finding, with all places where the value is taken for a list, and is rewritten together. Where a value comes
    /// from another module, or goes to one, nothing says what it is there, and the rest is left to you. Where it is a map
    /// already, nothing is found.
    ///
    /// A map has no order, and each name once. Rewrites are safe where neither matters, which is nearly everywhere; where
    /// it may, the reason is given.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// reply(To, #xmlel{attrs = Attrs} = El) ->
    ///     Id = proplists:get_value(<<"id">>, Attrs),
    ///     El#xmlel{attrs = [{<<"to">>, To}, {<<"id">>, Id}]}.
    /// ```
    ///
    /// ```erlang
    /// reply(To, #xmlel{attrs = Attrs} = El) ->
    ///     Id = maps:get(<<"id">>, Attrs, undefined),
    ///     El#xmlel{attrs = #{<<"to">> => To, <<"id">> => Id}}.
    /// ```
    ChangedRecordField, "changed-record-field", Error
}

/// More places than these need not be shown one by one.
const SHOWN: usize = 8;

impl Rule for ChangedRecordField {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        let entries = || view.context.upgrade.entries_of_steps(ApiKind::ChangedRecordField);
        let text = view.module.source().text();
        let own = |record: &str| view.module.header().records.iter().any(|(name, _)| name == record);
        let fields: Vec<Field<'_>> = entries()
            .filter_map(|(_, it)| Field::of(it))
            .filter(|it| text.contains(it.record) && !own(it.record))
            .collect();
        if fields.is_empty() || view.is_for_ejabberd() {
            return;
        }
        let groups = pairs::groups(view.module, &fields);
        // Who writes a map anywhere is not asked what is meant elsewhere.
        let since = entries().map(|(release, _)| release).max();
        let is_new =
            since.is_some_and(|since| view.written_for >= since) || groups.iter().any(|group| !group.as_map.is_empty());
        for mut group in groups {
            if !is_new || !group.as_list.is_empty() {
                group.as_list.extend(std::mem::take(&mut group.as_either));
                group.as_list.sort_unstable_by_key(|span| span.start);
            }
            if !group.as_list.is_empty() {
                out.push(self.list(view, group));
            } else if group.is_open && group.as_map.is_empty() && !is_new {
                out.extend(self.unknown(view, group));
            }
        }
    }
}

impl ChangedRecordField {
    fn list(&self, view: &ModuleView<'_>, group: Group<'_>) -> Finding {
        let (field, target) = (&group.field, view.context.upgrade.to());
        let first = group.as_list[0];
        let place = view.module.place(first);
        let message = format!(
            "`#{}.{}` is a map in {target}, and a list of pairs here: the module compiles, and fails at run time",
            field.record, field.field
        );
        let mut finding = Finding::new(self.name(), self.severity(), place, message)
            .label("a list")
            .note(field.entry.note.clone())
            .help(format!("write `{}` instead of `{}`", field.entry.instead, field.entry.was));
        for &span in group.as_list.iter().skip(1).take(SHOWN) {
            finding = finding.related(view.module.place(span), "taken for a list here, too");
        }
        finding.rewrite = rewrite_of(field.entry.rewrite);
        with_fix(finding, group.fix).evidence(&field.entry.evidence)
    }

    /// Nothing shows what form a value has.
    fn unknown(&self, view: &ModuleView<'_>, group: Group<'_>) -> Option<Finding> {
        let (field, target) = (&group.field, view.context.upgrade.to());
        let place = view.module.place(*group.roots.first()?);
        let message = format!(
            "`#{}.{}` is a map in {target}, and nothing in this module shows what it is here",
            field.record, field.field
        );
        let mut finding = Finding::new(self.name(), Severity::Info, place, message)
            .label("a list, or a map?")
            .help(format!("see that it is `{}`, not `{}`", field.entry.instead, field.entry.was));
        finding.rewrite = Some(Rewrite::Advice);
        Some(finding.fix(group.fix.map_err(|why| format!("left to you: {why}"))).evidence(&field.entry.evidence))
    }
}
