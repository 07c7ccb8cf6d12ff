//! `missing-clause`.

use super::{Rule, Serving};
use crate::catalog::HookStatus;
use crate::finding::{Finding, Rewrite};

rule! {
    /// Finds a handler without a fall-through for the further elements that its hook is now called with.
    ///
    /// ## Why it matters
    ///
    /// In 6.0.0 `user_send_packet` was run for messages, presences and IQs. In 6.1.0 it is run for everything that a
    /// client sends in a session: stream management's `a` and `r`, `active` and `inactive`, and whatever else. A `case` over
    /// three names fails on all of these with `case_clause`; each time `hook_failed` is logged, with the whole accumulator.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// count(Acc, _Params, _Extra) ->
    ///     case mongoose_acc:stanza_name(Acc) of
    ///         <<"message">> -> bump(messages);
    ///         <<"presence">> -> bump(presences);
    ///         <<"iq">> -> bump(iqs)
    ///     end,
    ///     {ok, Acc}.
    /// ```
    ///
    /// ```erlang
    ///         <<"iq">> -> bump(iqs);
    ///         _ -> ok
    ///     end,
    /// ```
    MissingClause, "missing-clause", Warning
}

impl Rule for MissingClause {
    declared!();

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if serving.status() != HookStatus::Changed || serving.migrated {
            return;
        }
        let Some(change) = serving.fate.change().filter(|change| !change.more_calls.is_empty()) else { return };
        let stanzas = serving.handler.stanzas();
        let Some(dispatch) = stanzas.without_fall_through() else { return };
        let message = format!(
            "`{}` is called with further elements in {}, on which `{}` fails with `{}`, which is logged as `hook_failed`",
            serving.hook,
            serving.target(),
            serving.handler.mfa(),
            dispatch.fails_with,
        );
        let mut finding = serving
            .finding(self, dispatch.place.clone(), message)
            .label(format!("no branch for anything but `{}`", dispatch.kinds.join("`, `")))
            .note(format!("It is now called for: {}", change.more_calls))
            .help("add a branch for everything else that returns the accumulator as it is")
            .evidence(&change.evidence)
            .rewrite(Rewrite::Suggestion);
        finding.related.push(serving.registered_here());
        out.push(finding);
    }
}
