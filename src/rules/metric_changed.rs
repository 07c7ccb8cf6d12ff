//! `metric-changed`.

use super::metrics::{in_calls, in_text};
use super::{Context, ModuleView, Rule};
use crate::catalog::MetricKind;
use crate::finding::Finding;
use crate::project::metrics::MetricText;

rule! {
    /// Finds names of metrics that count something else in the target release.
    ///
    /// Looked at are calls that read metrics, as `mongoose_metrics:get_metric_value/2`, and the files that
    /// `hookshift check --metrics PATH` names: dashboards, rules for alerts, any text. A metric is known by the last part of its name,
    /// whatever stands before it and whatever stands between its parts.
    ///
    /// ## Why it matters
    ///
    /// Numbers go up or down with the upgrade, and nothing is wrong. Thresholds and comparisons with the time before have to
    /// be set anew.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// is_quiet(HostType) ->
    ///     {ok, [{one, N}]} = mongoose_metrics:get_metric_value(HostType, xmppStanzaSent),
    ///     N < 100.
    /// ```
    MetricChanged, "metric-changed", Info
}

impl Rule for MetricChanged {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        in_calls((self.name(), self.severity()), MetricKind::Changed, view, out);
    }

    fn metrics(&self, context: &Context<'_>, text: &MetricText<'_>, out: &mut Vec<Finding>) {
        in_text((self.name(), self.severity()), MetricKind::Changed, context, text, out);
    }
}

#[cfg(test)]
mod tests {
    use super::MetricChanged;
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = MetricChanged::NAME;

    #[test]
    fn what_means_something_else() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            sent(HostType) ->
                mongoose_metrics:get_metric_value(HostType, xmppStanzaSent).
            %%                                              ^^^^^^^^^^^^^^ info[metric-changed]: the metric `*.xmppStanzaSent` means something else in 6.1.0
            %% = help: Expect larger numbers
            //- metrics/a.json
            {"target": "mim.localhost.modPrivacyPush.one"}
            %%                        ^^^^^^^^^^^^^^ info[metric-changed]: means something else
            "#,
        );
    }

    #[test]
    fn what_means_the_same_is_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            f(HostType) ->
                mongoose_metrics:get_metric_value(HostType, sessionCount),
                mongoose_metrics:update(HostType, xmppStanzaSent, 1).
            //- metrics/a.json
            {"target": "mim.localhost.xmppErrorTotal.one"}
            "#,
        );
    }
}
