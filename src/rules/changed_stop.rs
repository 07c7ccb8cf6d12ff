//! `changed-stop`.

use super::conditions;
use super::{Rule, Serving};
use crate::catalog::HookStatus;
use crate::finding::{Finding, Label};
use crate::project::handlers::Return;

rule! {
    /// Finds a handler that returns `{stop, Acc}` on a hook where stopping now does more than skip the remaining
    /// handlers.
    ///
    /// ## Why it matters
    ///
    /// In 6.0.0 `{stop, Acc}` only kept later handlers from being called. In 6.1.0 the session that runs the hook looks at the
    /// tag too: on `user_send_packet` stopping drops the stanza, on `user_receive_packet` it keeps the stanza from
    /// the client. Nothing is logged, and the sender is not told.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// user_send_packet(Acc, _Params, _Extra) ->
    ///     case is_duplicate(Acc) of
    ///         true -> {stop, Acc};   % 6.0.0: not archived; 6.1.0: not sent at all
    ///         false -> {ok, Acc}
    ///     end.
    /// ```
    ///
    /// Return `{ok, Acc}` where the stanza shall pass, and mark it in the accumulator for handlers that shall leave it alone:
    ///
    /// ```erlang
    ///         true -> {ok, mongoose_acc:set(?MODULE, duplicate, true, Acc)};
    /// ```
    ChangedStop, "changed-stop", Warning
}

impl Rule for ChangedStop {
    declared!();

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if !matches!(serving.status(), HookStatus::Changed | HookStatus::Meaning) || serving.migrated {
            return;
        }
        let Some(change) = serving.fate.change().filter(|change| !change.stop.is_empty()) else { return };
        let returns = serving.handler.returns();
        let mut stops = returns.iter().filter(|path| matches!(path.what, Return::Stop(_)));
        let Some(first) = stops.next() else { return };
        let message = format!(
            "stopping `{}` means something else in {}: {}",
            serving.hook,
            serving.target(),
            change.stop.trim_end_matches('.'),
        );
        let mut finding = serving
            .finding(self, first.place.clone(), message)
            .label(format!("`{}` stops here", serving.handler.mfa()))
            .note(format!("Before: {}", change.stop_before))
            .help(change.advice.clone())
            .evidence(&change.evidence);
        finding.related.extend(stops.map(|path| Label { place: path.place.clone(), message: "and here".to_owned() }));
        finding.related.push(serving.registered_here());
        finding.rewrite = conditions::judge(serving, change).rewrite;
        out.push(finding);
    }
}
