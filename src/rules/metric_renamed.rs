//! `metric-renamed`.

use super::metrics::{in_calls, in_text};
use super::{Context, ModuleView, Rule};
use crate::catalog::MetricKind;
use crate::finding::Finding;
use crate::project::metrics::MetricText;

rule! {
    /// Finds names of metrics that have another name in the target release.
    ///
    /// Looked at are calls that read metrics, as `mongoose_metrics:get_metric_value/2`, and the files that
    /// `hookshift check --metrics PATH` names: dashboards, rules for alerts, any text. A metric is known by the last word of its
    /// name, whatever stands before it and whatever stands between its parts. The new name is told in the spelling of the old one:
    /// as a list of Erlang, with dots, or with underscores. `*` stands for what stood there before.
    ///
    /// ## Why it matters
    ///
    /// A graph of the old name stays empty, and an alert on it never fires. Nothing says so.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// expr: sum(rate(mongooseim_localhost_xmppMessageSent_count[5m]))
    /// ```
    MetricRenamed, "metric-renamed", Warning
}

impl Rule for MetricRenamed {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        in_calls((self.name(), self.severity()), MetricKind::Renamed, view, out);
    }

    fn metrics(&self, context: &Context<'_>, text: &MetricText<'_>, out: &mut Vec<Finding>) {
        in_text((self.name(), self.severity()), MetricKind::Renamed, context, text, out);
    }
}

#[cfg(test)]
mod tests {
    use super::MetricRenamed;
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = MetricRenamed::NAME;

    #[test]
    fn the_new_name_is_told_in_the_spelling_of_the_old_one() {
        check_rule(
            RULE,
            r#"
            //- from 6.2.1 to 6.3.0
            -module(mod_a).
            sent(HostType) ->
                mongoose_metrics:get_metric_value(HostType, xmppMessageSent),
            %%                                              ^^^^^^^^^^^^^^^ warning[metric-renamed]: the metric `*.xmppMessageSent` is `*.c2s_element_in.message_count` in 6.3.0
            %% = label: `[_, c2s_element_in, message_count]`
                exometer:get_value([global, totalSessionCount]).
            %%                              ^^^^^^^^^^^^^^^^^ warning[metric-renamed]: `global.sm_total_sessions.count`
            %% = label: `[global, sm_total_sessions, count]`
            //- metrics/a.yml
            expr: rate(mongooseim_localhost_xmppMessageSent_count[5m])
            %%                              ^^^^^^^^^^^^^^^ warning[metric-renamed]: is `*.c2s_element_in.message_count`
            %% = label: `*_c2s_element_in_message_count`
            //- metrics/b.json
            {"target": "mim.localhost.xmppMessageSent.one"}
            %%                        ^^^^^^^^^^^^^^^ warning[metric-renamed]: is `*.c2s_element_in.message_count`
            %% = label: `*.c2s_element_in.message_count`
            {"target": "mim.localhost.filter_local_packet.count"}
            %%                        ^^^^^^^^^^^^^^^^^^^ warning[metric-renamed]: `*.hook_
            "#,
        );
    }

    #[test]
    fn over_several_steps_the_last_name_is_told() {
        check_rule(
            RULE,
            r#"
            //- from 6.2.1 to 6.4.0
            //- metrics/b.json
            {"target": "mim.localhost.xmppMessageSent.one"}
            %%                        ^^^^^^^^^^^^^^^ warning[metric-renamed]: is `*.xmpp_element_in.c2s.message_count` in 6.4.0
            "#,
        );
    }

    #[test]
    fn other_names_are_left_alone() {
        untouched(
            RULE,
            r#"
            //- from 6.2.1 to 6.3.0
            -module(mod_a).
            sent(HostType) ->
                mongoose_metrics:update(HostType, xmppMessageSent, 1),
                exometer:get_value([HostType, myXmppMessageSent]),
                exometer:get_value([HostType, c2s_element_in, message_count]).
            //- metrics/b.json
            {"target": "mim.localhost.xmppMessageSents.one", "t": "c2s_element_in_message_count"}
            "#,
        );
        untouched(RULE, "\n//- metrics/b.json\n{\"target\": \"mim.localhost.xmppMessageSent.one\"}\n");
    }
}
