//! What the rules about metrics have in common: where metrics are named, in Erlang code and in any other text.

use super::{Context, ModuleView};
use crate::catalog::{HOOK, MetricKind, Upgrade};
use crate::finding::{Finding, Place, Rewrite, Severity};
use crate::project::metrics::{Metric, MetricText, Metrics, READERS};
use crate::syntax::uses::Use;

/// A rule's name and severity.
pub(super) type Named = (&'static str, Severity);

/// What is named in a dashboard, or a rule for alerts.
pub(super) fn in_text(
    rule: Named,
    kind: MetricKind,
    context: &Context<'_>,
    text: &MetricText<'_>,
    out: &mut Vec<Finding>,
) {
    for &(span, metric) in text.found() {
        if metric.kind() == kind {
            out.push(finding(rule, context, Place::new(text.source(), span), metric));
        }
    }
}

/// What is named in calls that read metrics.
pub(super) fn in_calls(rule: Named, kind: MetricKind, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
    let reads = |module: &str, function: &str| READERS.iter().any(|(it, of)| *it == module && of.contains(&function));
    let mut metrics = None;
    for used in view.uses() {
        let Use::Function(used) = used else { continue };
        if !reads(&used.module, &used.function) {
            continue;
        }
        let metrics = metrics.get_or_insert_with(|| Metrics::new(view.context.upgrade));
        for (span, metric) in metrics.find(view.module.source().slice(used.whole)) {
            if metric.kind() == kind {
                let place = view.module.place(span.shifted(i64::from(used.whole.start)));
                out.push(finding(rule, view.context, place, metric));
            }
        }
    }
}

fn finding(rule: Named, context: &Context<'_>, place: Place, metric: Metric<'_>) -> Finding {
    let to = context.upgrade.to();
    let name = metric.name();
    let after = metric.after();
    let message = match metric.kind() {
        MetricKind::Removed => format!("the metric `{name}` is gone in {to}"),
        MetricKind::Renamed => format!("the metric `{name}` is `{after}` in {to}"),
        _ => format!("the metric `{name}` means something else in {to}"),
    };
    let spelled = (metric.kind() == MetricKind::Renamed).then(|| spelled(&after, &place));
    let finding = Finding::new(rule.0, rule.1, place, message).rewrite(Rewrite::Advice);
    let finding = match spelled {
        Some(spelled) => finding.label(format!("`{spelled}`")),
        None => finding,
    };
    match metric {
        Metric::Described(change) | Metric::Counter(change, _) => {
            let finding = finding.note(change.summary.clone()).evidence(&change.evidence);
            if change.advice.is_empty() { finding } else { finding.help(change.advice.clone()) }
        }
        Metric::OfHook(hook) => {
            let successors = context.upgrade.fate(hook).replacements;
            let counter = counter(context.upgrade);
            let names: Vec<String> =
                successors.iter().map(|it| format!("`{}`", counter.replace(HOOK, &it.hook.name))).collect();
            let finding = finding
                .hook(hook)
                .note(format!("It counts how often `{hook}` is run, which the server does not do any more."));
            match names.is_empty() {
                true => finding.help("delete what shows it"),
                false => finding
                    .help(format!("see whether {} is what is wanted; not all hooks have a counter", names.join(", "))),
            }
        }
    }
}

/// What the counters of hooks are called in the target release.
fn counter(upgrade: &Upgrade) -> String {
    let renamed = upgrade.metric_changes().find(|change| change.is_of_hooks() && change.kind == MetricKind::Renamed);
    renamed.map_or_else(|| format!("*.{HOOK}"), |change| change.after.clone())
}

/// A name in the spelling that another one has where it stands: with underscores for Prometheus, as a list in Erlang, otherwise
/// with dots.
fn spelled(name: &str, place: &Place) -> String {
    let text = place.source.text();
    let before = text[..place.span.start as usize].trim_end().chars().next_back();
    match before {
        Some('_') => name.replace('.', "_"),
        Some(',' | '[') => format!("[{}]", name.replace('.', ", ").replace('*', "_")),
        _ => name.to_owned(),
    }
}
