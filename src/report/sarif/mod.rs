//! SARIF 2.1.0, as GitHub's code scanning takes it, and whatever else reads that.
//!
//! GitHub shows of a result its message, its first location, and further ones that the message links to. Fixes it does not
//! show, so what to write stands in the message too.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

mod line_hash;
mod log;

use super::document::{self, Block};
use super::paths::Shown;
use super::{Report, Run, escape, explain, json, prose, uri};
use crate::check::analysis::{SkipKind, Skipped};
use crate::finding::{Finding, Place, Severity};
use crate::fingerprint;
use crate::rewrite;
use crate::rules::{self, Rule};
use crate::source::{Encoding, Source};
use log::{
    Artifact, ArtifactChange, ArtifactLocation, AutomationDetails, BaseId, Configuration, Driver, Fix, Invocation,
    Location, Log, Message, Notification, PhysicalLocation, ROOT, Reference, Region, Replacement, RuleProperties, Text,
    Tool,
};

/// GitHub refuses a file with more results.
const MOST_RESULTS: usize = 25_000;
/// GitHub keeps no more, the most severe.
const MOST_SHOWN: usize = 5_000;
/// GitHub shows no more.
const MOST_RELATED: usize = 100;
/// The longest description of a rule, in characters.
const LONGEST_DESCRIPTION: usize = 1024;

/// The key of our own fingerprint.
const FINGERPRINT: &str = "hookshiftFinding/v1";
/// The key of the fingerprint that GitHub tells alerts by.
const LINE_HASH: &str = "primaryLocationLineHash";

/// The format `sarif`.
pub struct Sarif;

impl Report for Sarif {
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
        let log = Log { schema: log::SCHEMA, version: log::VERSION, runs: [sarif_run(run, MOST_RESULTS)] };
        json::write_line(&log, out)
    }

    fn does_not_fit(&self, run: &Run<'_>) -> Option<String> {
        let findings = run.analysis.findings.len();
        let shown = format!("GitHub shows the {MOST_SHOWN} most severe ones");
        if findings > MOST_RESULTS {
            return Some(format!("{}; {shown}", left_out(findings, MOST_RESULTS)));
        }
        (findings > MOST_SHOWN).then(|| format!("{findings} findings are in the SARIF report; {shown}"))
    }
}

fn left_out(findings: usize, most: usize) -> String {
    format!(
        "{} of {findings} findings, the least severe, are not in the SARIF report, which may hold {most}; they are in \
         other formats",
        findings - most
    )
}

fn sarif_run<'a>(run: &Run<'a>, most: usize) -> log::Run<'a> {
    let findings = most_severe(&run.analysis.findings, most);
    let sources: BTreeMap<&Path, &Arc<Source>> =
        findings.iter().map(|it| (it.place.source.path(), &it.place.source)).collect();
    let mut fingerprints = Fingerprints::of(&sources);
    let results = findings.iter().map(|finding| result(finding, run.repository_paths, &mut fingerprints)).collect();
    let skipped = run.analysis.skipped.iter().map(|it| notification(it, run.repository_paths));
    let more = (run.analysis.findings.len() > most).then(|| left_out(run.analysis.findings.len(), most));
    let id = format!("hookshift/{}-{}/", run.from, run.to);
    let root = run.repository_paths.directory().to_string_lossy().replace('\\', "/");
    log::Run {
        tool: Tool { driver: driver() },
        invocations: [Invocation {
            execution_successful: !run.analysis.failed(),
            tool_execution_notifications: skipped
                .chain(more.map(|text| notice("left-out", "warning", &text, None)))
                .collect(),
        }],
        automation_details: AutomationDetails {
            id,
            description: plain(&format!("From MongooseIM {} to {}.", run.from, run.to)),
        },
        original_uri_base_ids: BTreeMap::from([(
            ROOT,
            BaseId { uri: uri::of_directory(&root), description: plain("The root of the repository.") },
        )]),
        column_kind: "unicodeCodePoints",
        default_encoding: "UTF-8",
        artifacts: sources.values().filter_map(|source| artifact(source, run.repository_paths)).collect(),
        results,
    }
}

/// The most severe of some findings, in the order in which they were.
fn most_severe(findings: &[Finding], most: usize) -> Vec<&Finding> {
    let mut chosen: Vec<(usize, &Finding)> = findings.iter().enumerate().collect();
    if chosen.len() > most {
        chosen.sort_by_key(|(at, finding)| (std::cmp::Reverse(finding.severity), *at));
        chosen.truncate(most);
        chosen.sort_by_key(|(at, _)| *at);
    }
    chosen.into_iter().map(|(_, finding)| finding).collect()
}

/// What results are told by, and how often it was given.
struct Fingerprints<'a> {
    /// The hash of each line of a file.
    hashes: HashMap<&'a Path, Vec<String>>,
    /// How many results a rule has in a line of a file.
    given: HashMap<(&'static str, &'a Path, usize), usize>,
}

impl<'a> Fingerprints<'a> {
    fn of(sources: &BTreeMap<&'a Path, &Arc<Source>>) -> Self {
        // GitHub reads the file as it is on disk, and so a text is put back into its encoding, which has all of it.
        let hashes = |source: &Source| line_hash::of_lines(&source.encode(source.text()).unwrap_or_default());
        Self { hashes: sources.iter().map(|(path, source)| (*path, hashes(source))).collect(), given: HashMap::new() }
    }

    fn give(&mut self, finding: &'a Finding, line: usize) -> BTreeMap<&'static str, String> {
        let path = finding.place.source.path();
        let mut fingerprints = BTreeMap::from([(FINGERPRINT, fingerprint::of(finding).to_string())]);
        if let Some(hash) = self.hashes.get(path).and_then(|hashes| hashes.get(line - 1)) {
            // Results of one rule with one hash would be one alert. What GitHub expects goes to the first of a line.
            let number = self.given.entry((finding.rule, path, line)).or_default();
            *number += 1;
            let hash = if *number == 1 { hash.clone() } else { format!("{hash}:{number}") };
            fingerprints.insert(LINE_HASH, hash);
        }
        fingerprints
    }
}

fn driver() -> Driver {
    Driver {
        name: env!("CARGO_PKG_NAME"),
        full_name: format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        // All, so that what is not found is known to have been looked for.
        rules: rules::all().iter().map(|rule| described(*rule)).collect(),
    }
}

fn described(rule: &dyn Rule) -> log::Rule {
    let blocks = document::parse_markdown(&explain::without_comment_blanks(rule.documentation()));
    let first = blocks.iter().find_map(|block| match block {
        Block::Paragraph(text) => Some(text.as_str()),
        _ => None,
    });
    let description = first.unwrap_or(rule.name());
    let sentence = description.split_once(". ").map_or(description.to_owned(), |(first, _)| format!("{first}."));
    let shortened = |text: &str| plain(&text.chars().take(LONGEST_DESCRIPTION).collect::<String>());
    let (precision, problem_severity) = match rule.severity() {
        Severity::Error => ("very-high", "error"),
        Severity::Warning => ("high", "warning"),
        Severity::Info => ("medium", "recommendation"),
    };
    log::Rule {
        id: rule.name(),
        name: pascal_case(rule.name()),
        short_description: shortened(&sentence),
        full_description: shortened(description),
        help: Message { text: document::plain(&blocks), markdown: Some(document::markdown(&blocks)) },
        help_uri: rules::page(rule.name()),
        default_configuration: Configuration { level: level(rule.severity()) },
        properties: RuleProperties { precision, problem_severity, tags: vec!["erlang", "mongooseim", "migration"] },
    }
}

/// `removed-hook` as `RemovedHook`, which is what names of rules look like to some readers.
fn pascal_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    words.collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result<'a>(finding: &'a Finding, paths: &Shown, fingerprints: &mut Fingerprints<'a>) -> log::Result<'a> {
    let region = region(&finding.place);
    let rule_index = rules::all().iter().position(|rule| rule.name() == finding.rule);
    let related = finding.related.iter().take(MOST_RELATED).enumerate();
    log::Result {
        rule_id: finding.rule,
        rule_index: rule_index.expect("findings are made by rules"),
        level: level(finding.severity),
        message: message(finding, paths),
        locations: [location(&finding.place, paths, None)],
        related_locations: related
            .map(|(at, label)| Location {
                id: Some(at + 1),
                ..location(&label.place, paths, Some(escape::one_line(&label.message)))
            })
            .collect(),
        partial_fingerprints: fingerprints.give(finding, region.start_line),
        fixes: finding.fix.iter().map(|it| fix(it, paths)).collect(),
    }
}

/// The message as text, in which square brackets are links unless they are escaped, and as Markdown.
fn message(finding: &Finding, paths: &Shown) -> Message {
    let mut text = literal(&prose::plain(finding));
    for (at, label) in finding.related.iter().take(MOST_RELATED).enumerate() {
        let said = if label.message.is_empty() { "see here" } else { &label.message };
        text.push_str(&format!("\nSee: [{}]({})", literal(&escape::one_line(said)), at + 1));
    }
    if finding.related.len() > MOST_RELATED {
        text.push_str(&format!("\nAnd {} more places.", finding.related.len() - MOST_RELATED));
    }
    let mut markdown = prose::markdown(finding, paths);
    if let Some(look) = finding.fix.as_ref().and_then(prose::to_look) {
        text.push_str(&format!("\n{}", literal(&look)));
        markdown.push_str(&format!("\n{}", document::markdown(&[Block::Paragraph(look)])));
    }
    Message { text, markdown: Some(markdown) }
}

fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

fn plain(text: &str) -> Message {
    Message { text: text.to_owned(), markdown: None }
}

fn artifact_location(path: &Path, paths: &Shown) -> ArtifactLocation {
    let uri = uri::of_path(&paths.show(path));
    let uri_base_id = (!uri.starts_with("file:")).then_some(ROOT);
    ArtifactLocation { uri, uri_base_id }
}

fn artifact(source: &Source, paths: &Shown) -> Option<Artifact> {
    let is_latin1 = matches!(source.encoding(), Encoding::Latin1 { .. });
    is_latin1.then(|| Artifact { location: artifact_location(source.path(), paths), encoding: "ISO-8859-1" })
}

fn location<'a>(place: &Place, paths: &Shown, message: Option<Cow<'a, str>>) -> Location<'a> {
    let artifact_location = artifact_location(place.source.path(), paths);
    Location {
        id: None,
        physical_location: PhysicalLocation { artifact_location, region: Some(region(place)) },
        message: message.filter(|text| !text.is_empty()).map(|text| Text { text }),
    }
}

fn region(place: &Place) -> Region {
    let (start, end) = (place.source.position(place.span.start), place.source.position(place.span.end));
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

fn fix<'a>(fix: &'a rewrite::Fix, paths: &Shown) -> Fix<'a> {
    let mut changes: Vec<(&Path, ArtifactChange<'a>)> = Vec::new();
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| edit.place.sort_key());
    for edit in edits {
        let text = match edit.place.source.newline() {
            "\n" => Cow::Borrowed(edit.text.as_str()),
            newline => Cow::Owned(edit.text.replace('\n', newline)),
        };
        let replacement = Replacement { deleted_region: region(&edit.place), inserted_content: Text { text } };
        let path = edit.place.source.path();
        match changes.last_mut() {
            Some((known, change)) if *known == path => change.replacements.push(replacement),
            _ => {
                let artifact_location = artifact_location(path, paths);
                changes.push((path, ArtifactChange { artifact_location, replacements: vec![replacement] }));
            }
        }
    }
    let look = prose::to_look(fix).map(|look| format!(" {look}")).unwrap_or_default();
    Fix {
        description: plain(&literal(&format!("{}{look}", prose::sentence(&fix.title)))),
        artifact_changes: changes.into_iter().map(|(_, change)| change).collect(),
    }
}

fn notification<'a>(skipped: &Skipped, paths: &Shown) -> Notification<'a> {
    let (id, level) = match skipped.kind {
        SkipKind::Unreadable => ("unreadable", "error"),
        SkipKind::NotAnalysed => ("not-analysed", "warning"),
        SkipKind::Guessed => ("guessed", "note"),
    };
    let location = match &skipped.place {
        Some(place) => location(place, paths, None),
        None => {
            let artifact_location = artifact_location(&skipped.path, paths);
            let physical_location = PhysicalLocation { artifact_location, region: None };
            Location { id: None, physical_location, message: None }
        }
    };
    notice(id, level, &prose::sentence(&skipped.reason), Some(location))
}

fn notice<'a>(id: &'static str, level: &'static str, text: &str, location: Option<Location<'a>>) -> Notification<'a> {
    let locations = location.into_iter().collect();
    Notification { descriptor: Reference { id }, level, message: plain(&literal(text)), locations }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::check::analysis::Analysis;
    use crate::report::samples;

    fn settled() -> Analysis {
        let mut analysis = samples::analysis();
        analysis.settle(|_, own| Some(own), Severity::Info);
        analysis
    }

    fn run(analysis: &Analysis, most: usize) -> Value {
        serde_json::to_value(sarif_run(&samples::run(analysis), most)).unwrap()
    }

    #[test]
    fn a_result_has_what_github_shows() {
        let run = run(&settled(), 100);
        let result = &run["results"][0];
        assert_eq!(
            result["message"]["text"],
            "The hook `acme_gone` is no longer run. Nothing is logged.\nHelp: Register it for another hook:\n  \
             {acme_here, HostType, fun acme_words:check/3, #{}, 50}\nNote: It was run for every stanza.\n\
             See: [this handler is never called](1)"
        );
        let uri = json!({"uri": "src/acme_filter.erl", "uriBaseId": "%SRCROOT%"});
        let region = json!({"startLine": 3, "startColumn": 4, "endLine": 3, "endColumn": 13});
        assert_eq!(result["locations"][0]["physicalLocation"], json!({"artifactLocation": uri, "region": region}));
        assert_eq!(result["relatedLocations"][0]["id"], 1);
        assert_eq!(run["automationDetails"]["id"], "hookshift/6.0.0-6.1.0/");
        let notice = &run["invocations"][0]["toolExecutionNotifications"][0];
        assert_eq!((&notice["level"], &notice["descriptor"]["id"]), (&json!("warning"), &json!("not-analysed")));
    }

    #[test]
    fn two_results_of_a_rule_in_a_line_are_two_alerts() {
        let mut analysis = settled();
        let again = Finding { message: "Another.".to_owned(), ..analysis.findings[0].clone() };
        analysis.findings.insert(1, again);
        let run = run(&analysis, 100);
        let hash = |at: usize| run["results"][at]["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap();
        assert_eq!(hash(1), format!("{}:2", hash(0)));
    }

    #[test]
    fn what_is_too_much_is_the_least_severe_and_is_told() {
        let analysis = settled();
        let run = run(&analysis, 2);
        let rules: Vec<_> = run["results"].as_array().unwrap().iter().map(|it| &it["ruleId"]).collect();
        assert_eq!(rules, ["removed-hook", "changed-params"]);
        let notice = &run["invocations"][0]["toolExecutionNotifications"][1];
        let text = "1 of 3 findings, the least severe, are not in the SARIF report, which may hold 2; they are in other formats";
        assert_eq!((&notice["message"]["text"], &notice["descriptor"]["id"]), (&json!(text), &json!("left-out")));
    }

    #[test]
    fn a_report_over_the_limit_is_cut_and_says_so() {
        let mut analysis = settled();
        let one = analysis.findings[2].clone();
        analysis.findings.resize_with(MOST_RESULTS + 1, || one.clone());
        let told = Sarif.does_not_fit(&samples::run(&analysis)).unwrap();
        assert!(told.starts_with("1 of 25001 findings, the least severe, are not in the SARIF report"), "{told}");
        let mut out = Vec::new();
        Sarif.write(&samples::run(&analysis), &mut out).unwrap();
        let log: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), MOST_RESULTS);
        assert_eq!(Sarif.does_not_fit(&samples::run(&settled())), None);
    }

    #[test]
    fn rules_say_what_github_asks_for() {
        for rule in rules::all() {
            let rule = described(*rule);
            for text in [&rule.short_description.text, &rule.full_description.text] {
                assert!((10..=LONGEST_DESCRIPTION).contains(&text.chars().count()) && text.ends_with('.'), "{text}");
            }
            assert!(!rule.help.text.is_empty() && rule.name.len() <= 255 && rule.properties.tags.len() <= 10);
        }
        assert_eq!(pascal_case("removed-hook"), "RemovedHook");
    }

    #[test]
    fn brackets_of_erlang_are_no_links() {
        assert_eq!(literal("[a](1) \\"), "\\[a\\](1) \\\\");
    }
}
