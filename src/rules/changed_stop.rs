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
            .help(
                "return `{ok, Acc}` unless the stanza is to be dropped; a mark in the accumulator can tell later handlers \
                 to leave it alone",
            )
            .evidence(&change.evidence);
        finding.related.extend(stops.map(|path| Label { place: path.place.clone(), message: "and here".to_owned() }));
        finding.related.push(serving.registered_here());
        finding.rewrite = conditions::judge(serving, change).rewrite;
        out.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_rule, untouched};
    use super::*;

    const RULE: &str = ChangedStop::NAME;

    #[test]
    fn a_stanza_that_only_later_handlers_should_not_see() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:throttle/3, #{}, 30}]).

            throttle(Acc, _Params, _Extra) ->
                case is_flood(mongoose_acc:from_jid(Acc)) of
                    true -> {stop, Acc};
            %%              ^^^^^^^^^^^ warning[changed-stop]: stopping `user_send_packet` means something else in 6.1.0: `{stop, Acc}` drops the stanza: no later handler sees it, no hook for its kind is run, and it is not routed
            %% = label: `mod_a:throttle/3` stops here
            %% = help: return `{ok, Acc}` unless the stanza is to be dropped
            %% = note: Before: `{stop, Acc}` skipped the remaining handlers; the stanza was always routed
            %% = related: `mod_a:throttle/3` is registered for `user_send_packet` here
            %% = rewrite: suggestion
                    false -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn stops_in_heads_and_branches() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:received/3, #{}, 30}]).

            received(#{stanza := #{type := <<"error">>}} = Acc, _, _) ->
                {stop, Acc};
            %%  ^^^^^^^^^^^ warning[changed-stop]: stopping `user_receive_packet` means something else in 6.1.0: `{stop, Acc}` drops the stanza silently
            %% = related: and here
            received(Acc, _, _) ->
                Result = try is_muted(Acc) of
                             true -> {stop, Acc};
                             false -> {ok, Acc}
                         catch
                             error:_ -> {ok, Acc}
                         end,
                Result.
            "#,
        );
    }

    #[test]
    fn a_tag_out_of_a_variable() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, _, _) ->
                Tag = case is_archived(Acc) of
                          true -> stop;
                          false -> ok
                      end,
                {Tag, Acc}.
            %%  ^^^^^^^^^^ warning[changed-stop]: stopping `user_send_packet` means something else in 6.1.0
            "#,
        );
    }

    #[test]
    fn a_tag_out_of_a_function() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, _, _) -> {verdict(Acc), Acc}.
            %%                 ^^^^^^^^^^^^^^^^^^^ warning[changed-stop]: stopping `user_send_packet`

            verdict(Acc) ->
                if map_size(Acc) > 100 -> stop;
                   true -> ok
                end.
            "#,
        );
    }

    #[test]
    fn a_helper_of_another_module_stops() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, Params, Extra) ->
                maybe
                    ok ?= mod_b:is_due(Extra),
                    {ok, Acc}
                else
                    _ -> mod_b:refuse(Acc, Params)
                end.
            //- src/mod_b.erl
            -module(mod_b).

            is_due(_) -> ok.

            refuse(Acc, _) ->
                {stop, mark(Acc)}.
            %%  ^^^^^^^^^^^^^^^^^ warning[changed-stop]: stopping `user_send_packet`
            %% = label: `mod_a:sent/3` stops here

            mark(Acc) -> mongoose_acc:set(acme, refused, true, Acc).
            "#,
        );
    }

    #[test]
    fn a_macro_for_the_result() {
        untouched(
            RULE,
            r#"
            -define(STOP(Acc), {stop, Acc}).
            -define(LATER, {stop, later}).

            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, _, _) ->
                case mongoose_acc:stanza_type(Acc) of
                    <<"headline">> -> ?STOP(Acc);
                    _ -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn a_case_over_the_result_of_a_helper() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, _, _) ->
                case check(Acc) of
                    {stop, Acc1} -> {ok, mongoose_acc:set(acme, suspicious, true, Acc1)};
                    {ok, _} = Ok -> Ok
                end.

            check(Acc) ->
                case is_bad(Acc) of
                    true -> {stop, Acc};
                    false -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn only_ok() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30},
                                       {user_receive_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, _, _) ->
                ok = acme_srv:stop(),
                {stop, _} = decide(Acc),
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn stopping_where_it_is_as_it_was() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:filter/3, #{}, 30},
                                       {offline_message_hook, HostType, fun ?MODULE:offline/3, #{}, 30},
                                       {user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 30},
                                       {privacy_check_packet, HostType, fun ?MODULE:check/3, #{}, 30}]).

            filter(_, _, _) -> {stop, drop}.
            offline(Acc, _, _) -> {stop, Acc}.
            answered(Acc, _, _) -> {stop, Acc}.
            check(Acc, _, _) -> {stop, mongoose_acc:set(hook, result, deny, Acc)}.
            "#,
        );
    }

    #[test]
    fn what_cannot_be_followed_is_not_said_to_stop() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).

            sent(Acc, Params, #{callback := Callback}) ->
                case acme_rules:verdict(Acc) of
                    {error, _} -> {ok, Acc};
                    Other when is_tuple(Other) -> Other;
                    _ -> Callback(Acc, Params)
                end.
            "#,
        );
    }

    #[test]
    fn migrated() {
        untouched(
            RULE,
            r#"
            -export([hooks/1]).

            hooks(HostType) ->
                [{user_send_packet, HostType, fun ?MODULE:throttle/3, #{}, 30},
                 {user_receive_packet, HostType, fun ?MODULE:mute/3, #{}, 5}].

            throttle(Acc, #{c2s_data := C2SData}, _Extra) ->
                case is_flood(mongoose_c2s:get_jid(C2SData)) of
                    true -> {stop, Acc};
                    false -> {ok, Acc}
                end.

            mute(Acc, _, _) -> {stop, Acc}.
            "#,
        );
    }

    #[test]
    fn a_handler_that_reads_the_session_in_an_older_module() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:throttle/3, #{}, 30}]).

            throttle(Acc, #{c2s_state := session_established}, _Extra) -> {stop, Acc};
            throttle(Acc, _, _Extra) -> {ok, Acc}.
            "#,
        );
    }
}
