//! `drop-result`.

use super::conditions;
use super::{Rule, Serving};
use crate::catalog::HookStatus;
use crate::finding::{Finding, Rewrite, Severity};
use crate::project::handlers::Return;

rule! {
    /// Finds a handler that drops a stanza by `{ok, drop}` where `{stop, drop}` is expected now.
    ///
    /// ## Why it matters
    ///
    /// `{ok, drop}` still drops the stanza. But the handlers that follow are called with the atom `drop` as
    /// their accumulator, and those of the server that had a clause for it in 6.0.0 lost it in 6.1.0: each of them fails
    /// on every dropped stanza, and each time `hook_failed` is logged.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// filter({From, _To, _Acc, _Packet} = FPacket, _Params, _Extra) ->
    ///     case is_banned(From) of
    ///         true -> {ok, drop};
    ///         false -> {ok, FPacket}
    ///     end.
    /// ```
    ///
    /// ```erlang
    ///         true -> {stop, drop};
    /// ```
    DropResult, "drop-result", Warning
}

impl Rule for DropResult {
    declared!();

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if !matches!(serving.status(), HookStatus::Changed | HookStatus::Meaning) {
            return;
        }
        let Some(change) = serving.fate.change() else { return };
        let Some(drop) = &change.drop else { return };
        for path in serving.handler.returns() {
            let Return::Ok(payload) = &path.what else { continue };
            if !payload.drop {
                continue;
            }
            let shared = conditions::shared_with(serving, change);
            let mechanical = payload.drop_is_literal && shared.is_none();
            let message = format!(
                "`{}` drops the stanza with `{}`: handlers of `{}` that follow get `drop` as their accumulator, for which \
                 some of the server's own lost their clause in {}",
                serving.handler.mfa(),
                drop.before,
                serving.hook,
                serving.target(),
            );
            let mut finding = serving
                .finding(self, path.place.clone(), message)
                .label(format!("return `{}`", drop.after))
                .note(drop.note.clone())
                .help(format!("return `{}`", drop.after))
                .evidence(&change.evidence)
                .rewrite(if mechanical { Rewrite::Mechanical } else { Rewrite::Suggestion });
            if let Some(other) = shared {
                let note =
                    format!("The function is the handler of `{other}` as well, where the result means something else.");
                finding.notes.push(note);
            }
            if serving.migrated {
                finding.severity = Severity::Info;
            }
            finding.related.push(serving.registered_here());
            out.push(finding);
        }
    }
}
