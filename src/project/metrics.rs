//! Metrics that changed, and where a text names them.
//!
//! A metric is written in many ways: `[global, data, xmpp, sent, compressed_size]` in Erlang, with dots for Graphite, with
//! underscores for Prometheus, behind whatever prefix a server has. What all of them have is its last part, and that no other
//! metric ends in it.

use std::cell::OnceCell;
use std::sync::Arc;

use memchr::memmem::Finder;

use crate::catalog::{HOOK, MetricChange, MetricKind, Upgrade};
use crate::source::{Source, Span};

/// Functions that read metrics, by module.
pub const READERS: [(&str, &[&str]); 3] = [
    ("mongoose_metrics", &["get_metric_value", "get_metric_values", "get_aggregated_values"]),
    ("exometer", &["get_value", "get_values", "info", "find_entries", "select", "reset"]),
    ("exometer_report", &["subscribe", "unsubscribe", "list_subscriptions"]),
];

/// What is measured of a metric, which for some is the last part of its name.
const DATAPOINTS: [&str; 14] =
    ["one", "count", "value", "mean", "median", "min", "max", "n", "50", "75", "90", "95", "99", "999"];

/// What is known of a metric that is looked for.
#[derive(Clone, Copy)]
pub enum Metric<'u> {
    Described(&'u MetricChange),
    /// How often a hook was run that is not run any more.
    OfHook(&'u str),
    /// How often a hook is run, where what counts it changed.
    Counter(&'u MetricChange, &'u str),
}

impl<'u> Metric<'u> {
    #[must_use]
    pub fn kind(self) -> MetricKind {
        match self {
            Self::Described(change) | Self::Counter(change, _) => change.kind,
            Self::OfHook(_) => MetricKind::Removed,
        }
    }

    /// As in `*.xmppStanzaSent`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Described(change) => change.name.clone(),
            Self::OfHook(hook) => format!("*.{hook}"),
            Self::Counter(change, hook) => change.name.replace(HOOK, hook),
        }
    }

    /// The new name of one that was renamed; empty otherwise.
    #[must_use]
    pub fn after(self) -> String {
        match self {
            Self::Described(change) => change.after.clone(),
            Self::OfHook(_) => String::new(),
            Self::Counter(change, hook) => change.after.replace(HOOK, hook),
        }
    }

    fn word(self) -> &'u str {
        match self {
            Self::Described(change) => change.word(),
            Self::OfHook(hook) | Self::Counter(_, hook) => hook,
        }
    }

    fn under(self) -> &'u str {
        match self {
            Self::Described(change) => &change.under,
            Self::OfHook(_) | Self::Counter(..) => "",
        }
    }

    fn has_parts_behind(self) -> bool {
        matches!(self, Self::Described(change) if change.has_parts_behind())
    }
}

/// All metrics that went or changed between two releases.
pub struct Metrics<'u> {
    known: Vec<(Finder<'u>, Metric<'u>)>,
}

impl<'u> Metrics<'u> {
    #[must_use]
    pub fn new(upgrade: &'u Upgrade) -> Self {
        let described = upgrade.metric_changes().filter(|change| change.kind != MetricKind::Added);
        let (of_hooks, described): (Vec<_>, Vec<_>) = described.partition(|change| change.is_of_hooks());
        let all = described.into_iter().map(Metric::Described).chain(upgrade.removed_hooks().map(Metric::OfHook));
        let kept =
            || upgrade.old_release().hooks.iter().filter(|hook| upgrade.new_release().hook(&hook.name).is_some());
        let counters = of_hooks.iter().flat_map(|&change| kept().map(move |hook| Metric::Counter(change, &hook.name)));
        let all = all.chain(counters);
        Self { known: all.map(|metric| (Finder::new(metric.word()), metric)).collect() }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = Metric<'u>> {
        self.known.iter().map(|(_, metric)| *metric)
    }

    /// Where a text has the last part of a metric as a word, in the order of places. An underscore before it ends a word, as it
    /// stands between parts for some, and so does one with a datapoint behind it.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<(Span, Metric<'u>)> {
        let bytes = text.as_bytes();
        let is_part = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
        let mut found: Vec<_> = self
            .known
            .iter()
            .flat_map(|(finder, metric)| {
                let length = finder.needle().len();
                let behind = metric.has_parts_behind();
                let is_word = move |at: &usize| {
                    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
                    let ends = behind || bytes.get(at + length) != Some(&b'_') || is_datapoint(&text[at + length..]);
                    !is_part(before)
                        && !is_part(bytes.get(at + length))
                        && ends
                        && stands_under(text, *at, metric.under())
                };
                finder.find_iter(bytes).filter(is_word).map(move |at| (Span::new(at, at + length), *metric))
            })
            .collect();
        found.sort_by_key(|(span, _)| *span);
        found
    }
}

/// A text in which metrics are named, as a dashboard or rules for alerts. It is searched once, for all who ask.
pub struct MetricText<'a> {
    source: Arc<Source>,
    metrics: &'a Metrics<'a>,
    found: OnceCell<Vec<(Span, Metric<'a>)>>,
}

impl<'a> MetricText<'a> {
    #[must_use]
    pub fn new(source: Arc<Source>, metrics: &'a Metrics<'a>) -> Self {
        Self { source, metrics, found: OnceCell::new() }
    }

    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// All metrics that went or changed and are named in it, in the order of places.
    #[must_use]
    pub fn found(&self) -> &[(Span, Metric<'a>)] {
        self.found.get_or_init(|| self.metrics.find(self.source.text()))
    }
}

/// Whether a part of a name stands right before an offset.
fn stands_under(text: &str, at: usize, part: &str) -> bool {
    if part.is_empty() {
        return true;
    }
    let before = text[..at].trim_end_matches(['.', '_', ',', ' ', '\t', '\'', '"']);
    let rest = before.strip_suffix(part).filter(|_| before.len() < at);
    rest.is_some_and(|rest| !rest.ends_with(|c: char| c.is_ascii_alphanumeric()))
}

/// Whether an underscore and a datapoint follow, and nothing else of a name.
fn is_datapoint(behind: &str) -> bool {
    let rest = behind.strip_prefix('_').unwrap_or_default();
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    DATAPOINTS.contains(&&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Version;

    fn found(text: &str) -> Vec<String> {
        let upgrade = Upgrade::between(Version::new(6, 0, 0), Version::new(6, 1, 0)).unwrap();
        let found = Metrics::new(&upgrade).find(text);
        found.iter().map(|(span, metric)| format!("{}: {}", &text[span.range()], metric.name())).collect()
    }

    #[test]
    fn metrics_are_found_in_all_their_spellings() {
        for text in [
            "[global, data, xmpp, received, compressed_size]",
            "stats.mongooseim.global.data.xmpp.received.compressed_size.mean",
            "rate(mongooseim_global_data_xmpp_received_compressed_size{quantile=\"0.5\"}[5m])",
            "\"target\": \"*.global.data.xmpp.{sent,received}.compressed_size\"",
        ] {
            assert_eq!(found(text), ["compressed_size: global.data.xmpp.*.compressed_size"], "{text}");
        }
        assert_eq!(
            found("a.localhost.c2s_unauthenticated_iq.count"),
            ["c2s_unauthenticated_iq: *.c2s_unauthenticated_iq"]
        );
    }

    #[test]
    fn each_metric_is_found_by_its_own_name() {
        let upgrade = Upgrade::between(Version::new(6, 0, 0), Version::new(6, 1, 0)).unwrap();
        let metrics = Metrics::new(&upgrade);
        assert!(metrics.all().count() > 25);
        for metric in metrics.all() {
            let name = metric.name();
            let with_underscores = format!("rate(mim_{}{{job=\"x\"}}[5m])", name.replace(['*', '.'], "_"));
            for text in [name.replace('*', "localhost"), with_underscores] {
                assert_eq!(found(&text), [format!("{}: {name}", metric.word())], "{text}");
            }
        }
        // What came is nobody's trouble.
        for added in upgrade.metric_changes().filter(|it| it.kind == MetricKind::Added) {
            assert_eq!(found(&added.name), [""; 0]);
        }
    }

    #[test]
    fn a_word_that_others_have_counts_in_its_place() {
        let upgrade = Upgrade::between(Version::new(5, 1, 0), Version::new(6, 0, 0)).unwrap();
        let metrics = Metrics::new(&upgrade);
        let found = |text: &str| metrics.find(text).into_iter().map(|(_, it)| it.after()).collect::<Vec<_>>();
        for text in
            ["[HostType, backends, mod_mam, lookup]", "a.backends.mod_mam.lookup.mean", "x_backends_mod_mam_lookup"]
        {
            assert_eq!(found(text), ["*.backends.mod_mam_pm.lookup"], "{text}");
        }
        for text in
            ["lookup", "backends.mod_mam_muc.lookup", "backends_mod_mam_muc_lookup", "mod_mamlookup", "xmod_mam.lookup"]
        {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_word_may_have_parts_behind_it() {
        let upgrade = Upgrade::between(Version::new(6, 3, 3), Version::new(6, 4, 0)).unwrap();
        let metrics = Metrics::new(&upgrade);
        let found = |text: &str| metrics.find(text).into_iter().map(|(_, it)| it.after()).collect::<Vec<_>>();
        let after = "*.xmpp_element_in.c2s.*";
        for text in ["localhost.c2s_element_in.message_count", "rate(c2s_element_in_message_count[5m])"] {
            assert_eq!(found(text), [after], "{text}");
        }
        assert_eq!(found("[global, c2s_tcp_data_in, byte_size]"), ["global.tcp_data_in.c2s.*"]);
        assert_eq!(found("acme_c2s_element_inner xmpp_element_in.c2s.count"), [""; 0]);
    }

    #[test]
    fn counters_of_hooks_are_found_by_the_hook() {
        let upgrade = Upgrade::between(Version::new(6, 2, 1), Version::new(6, 3, 0)).unwrap();
        let metrics = Metrics::new(&upgrade);
        let found = |text: &str| metrics.find(text).into_iter().map(|(_, it)| it.after()).collect::<Vec<_>>();
        assert_eq!(found("mim.localhost.filter_local_packet.count"), ["*.hook_filter_local_packet.count"]);
        assert_eq!(found("mim.localhost.xmppStanzaSent.one"), ["*.c2s_element_in.stanza_count"]);
        assert_eq!(found("mim.localhost.filter_local_packets.count"), [""; 0]);
    }

    #[test]
    fn a_part_of_a_word_is_another_word() {
        assert_eq!(found("rate(mim_localhost_xmppStanzaSent_one[5m])"), ["xmppStanzaSent: *.xmppStanzaSent"]);
        for text in [
            "xmppStanzaSent_ones",
            "xmppStanzaSent_one_x",
            "xmppStanzaSent_",
            "xmppStanzaSentTwice",
            "myxmppStanzaSent",
            "compressed_size_limit",
            "xmppErrorTotal",
            "",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_text_is_searched_once() {
        let upgrade = Upgrade::between(Version::new(6, 0, 0), Version::new(6, 1, 0)).unwrap();
        let metrics = Metrics::new(&upgrade);
        let source = Source::from_text("a.json".into(), "a.localhost.xmppStanzaSent.one".to_owned()).unwrap();
        let text = MetricText::new(Arc::new(source), &metrics);
        let found = text.found();
        assert_eq!(found.len(), 1);
        assert!(std::ptr::eq(found, text.found()));
    }
}
