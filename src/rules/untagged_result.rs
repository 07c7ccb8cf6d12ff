//! `untagged-result`.

use super::{Rule, Serving};
use crate::finding::{Finding, Rewrite};

rule! {
    /// Finds a path on which a handler returns neither `{ok, Acc}` nor `{stop, Acc}`.
    ///
    /// ## Why it matters
    ///
    /// `gen_hook` catches what goes wrong inside a handler, not what it returns. Anything but a pair with one of the
    /// two tags is a `case_clause` in the process that runs the hook: in a client's session it ends the session. It
    /// is so in 6.0.0 and in 6.1.0.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// remove_user(Acc, #{jid := Jid}, _Extra) ->
    ///     case forget(Jid) of
    ///         ok -> {ok, Acc};
    ///         {error, _} -> Acc
    ///     end.
    /// ```
    ///
    /// ```erlang
    ///         {error, _} -> {ok, Acc}
    /// ```
    UntaggedResult, "untagged-result", Error
}

impl Rule for UntaggedResult {
    declared!();

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        for (what, place) in serving.handler.untagged_returns() {
            let message = format!(
                "`{}` returns {what} here, neither `{{ok, Acc}}` nor `{{stop, Acc}}`: the process that runs `{}` fails with `case_clause`",
                serving.handler.mfa(),
                serving.hook,
            );
            let mut finding = serving
                .finding(self, place, message)
                .label(what)
                .note("`gen_hook` catches exceptions inside a handler, and not a result without a tag; in a client's session it ends the session.")
                .help("return `{ok, Acc}`, with the accumulator that the next handler shall get")
                .rewrite(Rewrite::Suggestion);
            finding.related.push(serving.registered_here());
            out.push(finding);
        }
    }
}
