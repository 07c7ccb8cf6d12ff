//! `granular-hook`.

use super::conditions;
use super::{Rule, Serving};
use crate::catalog::HookStatus;
use crate::finding::Finding;
use crate::project::handlers::Return;

rule! {
    /// Finds a handler of a general hook that serves one kind of stanza: the hook for that kind fits better.
    ///
    /// ## Why it matters
    ///
    /// From 6.1.0 on, `user_send_packet` and `user_receive_packet` are run for every element of a session, and
    /// messages, IQs and presences have hooks of their own. The server's handlers moved there. A handler that stays on the
    /// general hook works, is called more often than it needs to be, and runs before all of those that moved, whatever its priority.
    ///
    /// This is advice: the specific hook is not called for stanzas that privacy lists block before the handler's priority.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{user_send_packet, HostType, fun ?MODULE:archive/3, #{}, 55}].
    ///
    /// archive(Acc, _Params, _Extra) ->
    ///     case mongoose_acc:stanza_name(Acc) of
    ///         <<"message">> -> {ok, store(Acc)};
    ///         _ -> {ok, Acc}
    ///     end.
    /// ```
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{user_send_message, HostType, fun ?MODULE:archive/3, #{}, 55}].
    /// ```
    GranularHook, "granular-hook", Info
}

impl Rule for GranularHook {
    declared!();

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if serving.status() != HookStatus::Changed || serving.migrated {
            return;
        }
        let Some(change) = serving.fate.change() else { return };
        let stanzas = serving.handler.stanzas();
        let Some(kind) = stanzas.only_kind() else { return };
        let Some(better) = serving.fate.replacements.iter().find(|successor| successor.serves == kind) else { return };
        let message = format!(
            "`{}` serves stanzas of the kind `{kind}` only: `{}` is for them",
            serving.handler.mfa(),
            better.hook.name,
        );
        let priority = better.priority.map(|priority| format!(" with priority {priority}")).unwrap_or_default();
        let mut finding = serving
            .finding(self, serving.registration.place.clone(), message)
            .label(format!("called for every element in {}", serving.target()))
            .help(format!("register for `{}`{priority}", better.hook.name))
            .evidence(&change.evidence);
        if !better.note.is_empty() {
            finding.notes.push(better.note.to_owned());
        }
        let stops = serving.handler.returns().iter().any(|path| matches!(path.what, Return::Stop(_)));
        if stops && !change.stop.is_empty() {
            finding.notes.push("On that hook too, `{stop, Acc}` keeps the stanza from going on.".to_owned());
        }
        if let Some(dispatch) = stanzas.dispatches.first() {
            finding = finding.related(dispatch.place.clone(), format!("only `{kind}` is acted on"));
        }
        let verdict = conditions::judge(serving, change);
        finding.rewrite = verdict.rewrite;
        finding.notes.extend(super::removed_hook::assessment(change, &verdict));
        out.push(finding);
    }
}
