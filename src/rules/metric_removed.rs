//! `metric-removed`.

use super::metrics::{in_calls, in_text};
use super::{Context, ModuleView, Rule};
use crate::catalog::MetricKind;
use crate::finding::Finding;
use crate::project::metrics::MetricText;

rule! {
    /// Finds names of metrics that the target release does not have any more.
    ///
    /// Looked at are calls that read metrics, as `mongoose_metrics:get_metric_value/2`, and the files that
    /// `hookshift check --metrics PATH` names: dashboards, rules for alerts, any text. A metric is known by the last part of its name,
    /// whatever stands before it and whatever stands between its parts.
    ///
    /// ## Why it matters
    ///
    /// A graph of a metric that is gone stays empty, and an alert on it never fires. Nothing says so.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// stanza_bytes() ->
    ///     exometer:get_value([global, data, xmpp, received, compressed_size]).
    /// ```
    MetricRemoved, "metric-removed", Warning
}

impl Rule for MetricRemoved {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        in_calls((self.name(), self.severity()), MetricKind::Removed, view, out);
    }

    fn metrics(&self, context: &Context<'_>, text: &MetricText<'_>, out: &mut Vec<Finding>) {
        in_text((self.name(), self.severity()), MetricKind::Removed, context, text, out);
    }
}

#[cfg(test)]
mod tests {
    use super::MetricRemoved;
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = MetricRemoved::NAME;

    #[test]
    fn calls_that_read_what_is_gone() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            bytes() ->
                exometer:get_value([global, data, xmpp, sent, compressed_size]).
            %%                                                ^^^^^^^^^^^^^^^ warning[metric-removed]: the metric `global.data.xmpp.*.compressed_size` is gone in 6.1.0
            %% = note: Nothing is measured any more
            runs(HostType) ->
                mongoose_metrics:get_metric_value(HostType, c2s_unauthenticated_iq).
            %%                                              ^^^^^^^^^^^^^^^^^^^^^^ warning[metric-removed]: the metric `*.c2s_unauthenticated_iq` is gone
            %% = help: `*.user_send_xmlel`
            %% = hook: c2s_unauthenticated_iq
            "#,
        );
    }

    #[test]
    fn dashboards_that_show_what_is_gone() {
        check_rule(
            RULE,
            r#"
            //- metrics/rules.yml
            - alert: NoPubsub
              expr: rate(mongooseim_global_backends_mod_pubsub_db_count_get_states_by_full[5m]) == 0
            %%                                                          ^^^^^^^^^^^^^^^^^^ warning[metric-removed]: the metric `global.backends.mod_pubsub_db.*.
            //- metrics/clients.json
            {"target": "mim.global.data.xmpp.{sent,received}.encrypted_size.mean"}
            %%                                               ^^^^^^^^^^^^^^ warning[metric-removed]: the metric `global.data.xmpp.*.
            "#,
        );
    }

    #[test]
    fn what_stays_is_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            f(HostType) ->
                mongoose_metrics:get_metric_value(HostType, sessionCount),
                io:format("~p", [compressed_size]),
                mongoose_metrics:get_metric_value(HostType, xmppStanzaSent).
            //- metrics/a.json
            {"target": "mim.global.data.xmpp.sent.xml_stanza_size.mean", "title": "uncompressed_sizes"}
            "#,
        );
    }
}
