//! `split-hook`.

use super::{Rule, Serving};
use crate::catalog::HookStatus;
use crate::finding::{Finding, Rewrite};
use crate::migrate::registration::split;

rule! {
    /// Finds a handler of a general hook that serves several kinds of stanzas, each of which has a hook of its own.
    ///
    /// This is a modernisation, not a repair, so it speaks only when it is selected: `--select split-hook`. A handler that
    /// serves one kind alone is told by [`granular-hook`](granular-hook.md).
    ///
    /// ## Why it matters
    ///
    /// A handler of `user_send_packet` is called for every element that a client sends, in 6.1.0 for many more than before. One
    /// that acts on messages and presences can be registered for these two kinds and is left alone with the rest.
    ///
    /// The fix registers it once for each kind, and deletes it so. A person has to look: the hook for a kind is run behind
    /// all of the general one.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{user_send_packet, HostType, fun ?MODULE:note/3, #{}, 55}].
    ///
    /// note(Acc, _Params, _Extra) ->
    ///     case mongoose_acc:stanza_name(Acc) of
    ///         <<"message">> -> {ok, note_message(Acc)};
    ///         <<"presence">> -> {ok, note_presence(Acc)};
    ///         _ -> {ok, Acc}
    ///     end.
    /// ```
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{user_send_message, HostType, fun ?MODULE:note/3, #{}, 55},
    ///      {user_send_presence, HostType, fun ?MODULE:note/3, #{}, 55}].
    /// ```
    SplitHook, "split-hook", Info
}

impl Rule for SplitHook {
    declared!();

    fn only_when_selected(&self) -> bool {
        true
    }

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if serving.status() != HookStatus::Changed || serving.migrated {
            return;
        }
        let (Some(change), Some(kinds)) = (serving.fate.change(), split::kinds(serving)) else { return };
        let hooks: Vec<String> = kinds.iter().map(|(_, target)| format!("`{}`", target.hook)).collect();
        let names: Vec<String> = kinds.iter().map(|(kind, _)| format!("`{kind}`")).collect();
        let message = format!(
            "`{}` serves stanzas of the kinds {}: {} are for them",
            serving.handler.mfa(),
            names.join(", "),
            hooks.join(", "),
        );
        let mut finding = serving
            .finding(self, serving.registration.place.clone(), message)
            .label(format!("called for every element in {}", serving.target()))
            .help(format!("register once for each of {}", hooks.join(", ")))
            .rewrite(Rewrite::Suggestion)
            .evidence(&change.evidence);
        if serving.wants_fix() {
            finding = finding.fix(split::split(serving, change, &kinds));
        }
        out.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{check_rule, fixed_unsafely, unfixed, untouched};

    const RULE: &str = "split-hook";

    const BEFORE: &str = r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers(hooks(HostType)).

        stop(HostType) ->
            gen_hook:delete_handlers(hooks(HostType)).

        hooks(HostType) ->
            [{remove_user, HostType, fun ?MODULE:gone/3, #{}, 50},
             {user_send_packet, HostType, fun ?MODULE:note/3, #{}, 55}].

        note(Acc, _Params, _Extra) ->
            case mongoose_acc:stanza_name(Acc) of
                <<"message">> -> {ok, note_message(Acc)};
                <<"presence">> -> {ok, note_presence(Acc)};
                _ -> {ok, Acc}
            end.

        gone(Acc, _Params, _Extra) -> {ok, Acc}.
        "#;

    #[test]
    fn two_kinds() {
        let after = BEFORE.replace(
            "{user_send_packet, HostType, fun ?MODULE:note/3, #{}, 55}",
            "{user_send_message, HostType, fun ?MODULE:note/3, #{}, 55},\n             \
             {user_send_presence, HostType, fun ?MODULE:note/3, #{}, 55}",
        );
        fixed_unsafely(RULE, "is run behind all of `user_send_packet`", BEFORE, &after);
    }

    #[test]
    fn it_is_told_at_the_registration() {
        check_rule(
            RULE,
            &BEFORE.replace(
                "55}].\n",
                "55}].\n        %%    ^^^^^^^^^^^^^^^^ info[split-hook]: `mod_a:note/3` serves stanzas of the kinds `message`, `presence`\n",
            ),
        );
    }

    #[test]
    fn several_registrations_one_by_one_stay() {
        unfixed(
            RULE,
            "not registered by a tuple of its own",
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handler(user_send_packet, HostType, fun ?MODULE:note/3, #{}, 55).

            note(Acc, _Params, _Extra) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> {ok, note_message(Acc)};
                    <<"iq">> -> {ok, note_iq(Acc)};
                    _ -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn parameters_that_changed_come_first() {
        unfixed(
            RULE,
            "have to be read in another way first",
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:note/3, #{}, 55}]).

            note(Acc, #{jid := Jid}, _Extra) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> {ok, note_message(Acc, Jid)};
                    <<"iq">> -> {ok, note_iq(Acc, Jid)};
                    _ -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn one_kind_and_all_kinds_are_left_alone() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:one/3, #{}, 55},
                                       {user_send_packet, HostType, fun ?MODULE:all/3, #{}, 56}]).

            one(Acc, _Params, _Extra) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> {ok, note_message(Acc)};
                    _ -> {ok, Acc}
                end.

            all(Acc, _Params, _Extra) ->
                {ok, note(Acc)}.
            "#,
        );
    }
}
