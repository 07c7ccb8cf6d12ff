//! Findings and inventory as JSON. The types here are the published contract: their schemas are printed by
//! `hookshift schema`, and a change that an existing reader could stumble over raises [`VERSION`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::paths::Shown;
use super::{Report, Run, escape};
use crate::baseline::{Compared, Entry, Verdict};
use crate::catalog::HookStatus;
use crate::check::analysis::{Action, Registration, Rewrites, SkipKind, Skipped};
use crate::finding::{Finding, Place, Rewrite, Severity};
use crate::fingerprint::{self, Fingerprint};
use crate::rewrite::{Applicability, Fix};
use crate::source::Source;

/// The version of the output of `check`.
pub const VERSION: u32 = 1;

/// The format `json`.
pub struct Json;

impl Report for Json {
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
        write_pretty(&Document::of(run), out)
    }
}

/// Writes a value as indented JSON with a line end.
///
/// # Errors
/// Those of `out`.
pub fn write_pretty(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(escape::Json(&mut *out), value)?;
    writeln!(out)
}

/// Writes a value as a line of JSON.
///
/// # Errors
/// Those of `out`.
pub fn write_line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(escape::Json(&mut *out), value)?;
    writeln!(out)
}

/// The result of `hookshift check`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "hookshift check")]
pub(super) struct Document<'a> {
    /// The version of this format.
    version: u32,
    tool: Tool,
    /// The release that the code is written for.
    from: &'a str,
    /// The release that it shall run on.
    to: &'a str,
    summary: Figures,
    /// Only with `--statistics`.
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<Statistics<'a>>,
    /// Sorted by path and place.
    findings: Vec<FindingOut<'a>>,
    /// What became of the baseline, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<BaselineOut<'a>>,
    /// What was not analysed, or not for sure: whole files, and parts of files.
    skipped: Vec<SkippedOut<'a>>,
}

/// The tool that wrote this.
#[derive(Serialize, JsonSchema)]
pub(super) struct Tool {
    pub name: &'static str,
    pub version: &'static str,
}

/// This hookshift.
pub(super) const TOOL: Tool = Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };

/// The figures of the run, or of several together.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
// What is read may be of a hookshift that did not count all of this yet.
#[serde(default)]
#[schemars(!default)]
pub(super) struct Figures {
    /// Files that were read.
    pub files: usize,
    /// Modules among them.
    pub modules: usize,
    /// Hook registrations that were seen, deletions not counted.
    pub registrations: usize,
    /// Registrations of which hook and handler could be found out.
    pub resolved: usize,
    pub unresolved: usize,
    /// Places that delete a handler.
    pub deletions: usize,
    /// Findings in `findings`, by severity.
    pub errors: usize,
    pub warnings: usize,
    pub infos: usize,
    /// Findings below the severity that was asked for, which are not in `findings`.
    pub hidden: usize,
    /// Findings that comments in the code suppress, which are not in `findings` either.
    pub suppressed: usize,
    /// Findings that are in the baseline, whatever their severity, and not in `findings`.
    pub known: usize,
    /// Findings of which no place is in a line that was asked for, which are not in `findings` either.
    pub untouched: usize,
    /// Files and directories in `skipped` that could not be read.
    pub unreadable: usize,
    /// Parts of files in `skipped` of which nothing is known.
    pub not_analysed: usize,
    /// Findings in `findings` by how far their rewrite could be left to a machine.
    pub rewrites: Rewrites,
}

/// What `--statistics` adds.
#[derive(Serialize, JsonSchema)]
struct Statistics<'a> {
    /// Findings in `findings`, by rule.
    rules: &'a BTreeMap<&'static str, usize>,
    bytes_read: u64,
    bytes_parsed: u64,
    /// In the order in which they ran.
    phases: Vec<PhaseOut>,
}

#[derive(Serialize, JsonSchema)]
struct PhaseOut {
    name: &'static str,
    milliseconds: f64,
}

/// What became of the entries of a baseline.
#[derive(Serialize, JsonSchema)]
struct BaselineOut<'a> {
    /// Relative to the current directory when the file is below it, with forward slashes.
    path: String,
    /// Entries that are not found any more. Their paths are relative to the directory of the baseline.
    fixed: Vec<&'a Entry>,
    /// Entries of rules that are switched off.
    rule_off: usize,
    /// Entries of rules that there are not in this version.
    no_rule: usize,
    /// Entries of files that were not looked at, or could not be understood.
    not_looked: usize,
}

impl<'a> BaselineOut<'a> {
    fn of(compared: &'a Compared, paths: &Shown) -> Self {
        Self {
            path: paths.show(&compared.path),
            fixed: compared.with(Verdict::Fixed).collect(),
            rule_off: compared.count(Verdict::RuleOff),
            no_rule: compared.count(Verdict::NoRule),
            not_looked: compared.count(Verdict::NotLooked),
        }
    }
}

/// Something that was found.
#[derive(Serialize, JsonSchema)]
pub(super) struct FindingOut<'a> {
    /// The rule's name.
    rule: &'a str,
    /// What makes it the same finding in another run, whatever line it stands in then.
    fingerprint: Fingerprint,
    severity: Severity,
    /// What is wrong and what happens at run time; the first sentence stands on its own.
    message: &'a str,
    #[serde(flatten)]
    place: PlaceOut<'a>,
    /// The module in which this is; null in headers and scripts.
    module: Option<Cow<'a, str>>,
    hook: Option<&'a str>,
    /// As in `module:function/arity`.
    handler: Option<String>,
    /// What is to be said right at the place.
    label: &'a str,
    /// Further places: the registration, the handler, a helper.
    related: Vec<RelatedOut<'a>>,
    notes: &'a [String],
    /// What to write instead; may have several lines.
    help: Option<&'a str>,
    /// Where in the server's source the facts can be read on which this rests.
    evidence: Vec<EvidenceOut<'a>>,
    /// How far the rewrite could be left to a machine; null when there is nothing to rewrite.
    rewrite: Option<Rewrite>,
    fix: Option<FixOut<'a>>,
    /// Why there is no fix, where one could be expected.
    no_fix: Option<&'a str>,
    /// Other ways to fix the same thing, which are never applied by themselves.
    alternatives: Vec<FixOut<'a>>,
}

/// A part of a file.
#[derive(Serialize, JsonSchema)]
struct PlaceOut<'a> {
    /// Relative to the current directory when the file is below it, with forward slashes.
    path: Cow<'a, str>,
    range: RangeOut,
}

/// Start is in, end is out.
#[derive(Serialize, JsonSchema)]
struct RangeOut {
    start: PositionOut,
    end: PositionOut,
}

/// A position in a file.
#[derive(Serialize, JsonSchema)]
struct PositionOut {
    /// 1-based.
    #[schemars(range(min = 1))]
    line: usize,
    /// 1-based, in Unicode code points.
    #[schemars(range(min = 1))]
    column: usize,
    /// 0-based offset into the file as it is on disk, in bytes.
    byte: usize,
}

/// A further place of a finding.
#[derive(Serialize, JsonSchema)]
struct RelatedOut<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: PlaceOut<'a>,
}

/// Where in the server's source a fact can be read.
#[derive(Serialize, JsonSchema)]
struct EvidenceOut<'a> {
    release: &'a str,
    /// Path and line in that release's source tree.
    at: &'a str,
    /// What stands there; may be empty.
    what: &'a str,
}

/// A change that belongs together.
#[derive(Serialize, JsonSchema)]
struct FixOut<'a> {
    title: &'a str,
    applicability: Applicability,
    /// Why a person has to look; empty for a safe fix.
    reasons: &'a [String],
    /// No two of them overlap.
    edits: Vec<EditOut<'a>>,
}

/// A replacement of a part of a file by new text.
#[derive(Serialize, JsonSchema)]
pub(super) struct EditOut<'a> {
    #[serde(flatten)]
    place: PlaceOut<'a>,
    /// With line ends as the file has them.
    text: Cow<'a, str>,
}

/// Something that was not analysed, or not for sure.
#[derive(Serialize, JsonSchema)]
pub(super) struct SkippedOut<'a> {
    path: String,
    /// The part that is meant; null for a whole file.
    range: Option<RangeOut>,
    kind: SkipKind,
    reason: &'a str,
}

impl<'a> Document<'a> {
    fn of(run: &Run<'a>) -> Self {
        let analysis = run.analysis;
        let findings = analysis.findings.iter();
        let skipped = analysis.skipped.iter();
        Self {
            version: VERSION,
            tool: TOOL,
            from: run.from,
            to: run.to,
            summary: Figures::of(run),
            statistics: run.statistics.then(|| Statistics::of(run)),
            findings: findings.map(|it| FindingOut::of(it, run.paths)).collect(),
            baseline: analysis.baseline.as_ref().map(|it| BaselineOut::of(it, run.paths)),
            skipped: skipped.map(|it| SkippedOut::of(it, run.paths)).collect(),
        }
    }
}

impl Figures {
    fn of(run: &Run<'_>) -> Self {
        let summary = &run.analysis.summary;
        Self {
            files: summary.files,
            modules: summary.modules,
            registrations: summary.registrations,
            resolved: summary.resolved,
            unresolved: summary.unresolved,
            deletions: summary.deletions,
            errors: summary.errors,
            warnings: summary.warnings,
            infos: summary.infos,
            hidden: summary.hidden,
            suppressed: summary.suppressed,
            known: summary.known,
            untouched: summary.untouched,
            unreadable: run.analysis.count_skipped(SkipKind::Unreadable),
            not_analysed: run.analysis.count_skipped(SkipKind::NotAnalysed),
            rewrites: summary.rewrites,
        }
    }

    /// Adds the figures of another run. Every figure is named, so that none can be forgotten.
    pub(super) fn add(&mut self, other: &Self) {
        let Self {
            files,
            modules,
            registrations,
            resolved,
            unresolved,
            deletions,
            errors,
            warnings,
            infos,
            hidden,
            suppressed,
            known,
            untouched,
            unreadable,
            not_analysed,
            rewrites,
        } = other;
        let Rewrites { mechanical, suggestion, advice } = rewrites;
        for (sum, figure) in [
            (&mut self.files, files),
            (&mut self.modules, modules),
            (&mut self.registrations, registrations),
            (&mut self.resolved, resolved),
            (&mut self.unresolved, unresolved),
            (&mut self.deletions, deletions),
            (&mut self.errors, errors),
            (&mut self.warnings, warnings),
            (&mut self.infos, infos),
            (&mut self.hidden, hidden),
            (&mut self.suppressed, suppressed),
            (&mut self.known, known),
            (&mut self.untouched, untouched),
            (&mut self.unreadable, unreadable),
            (&mut self.not_analysed, not_analysed),
            (&mut self.rewrites.mechanical, mechanical),
            (&mut self.rewrites.suggestion, suggestion),
            (&mut self.rewrites.advice, advice),
        ] {
            *sum = sum.saturating_add(*figure);
        }
    }
}

impl<'a> Statistics<'a> {
    fn of(run: &Run<'a>) -> Self {
        let summary = &run.analysis.summary;
        let phases = summary
            .phases
            .iter()
            .map(|phase| PhaseOut { name: phase.name, milliseconds: phase.elapsed.as_secs_f64() * 1000.0 });
        Self {
            rules: &summary.rules,
            bytes_read: summary.bytes_read,
            bytes_parsed: summary.bytes_parsed,
            phases: phases.collect(),
        }
    }
}

impl<'a> FindingOut<'a> {
    pub(super) fn of(finding: &'a Finding, paths: &Shown) -> Self {
        let related = finding
            .related
            .iter()
            .map(|label| RelatedOut { message: &label.message, place: PlaceOut::of(&label.place, paths) });
        let evidence =
            finding.evidence.iter().map(|it| EvidenceOut { release: &it.release, at: &it.at, what: &it.what });
        Self {
            rule: finding.rule,
            fingerprint: fingerprint::of(finding),
            severity: finding.severity,
            message: &finding.message,
            place: PlaceOut::of(&finding.place, paths),
            module: module(&finding.place.source),
            hook: finding.hook.as_deref(),
            handler: finding.handler.as_ref().map(ToString::to_string),
            label: &finding.label,
            related: related.collect(),
            notes: &finding.notes,
            help: finding.help.as_deref(),
            evidence: evidence.collect(),
            rewrite: finding.rewrite,
            fix: finding.fix.as_ref().map(|fix| FixOut::of(fix, paths)),
            no_fix: finding.no_fix.as_deref(),
            alternatives: finding.alternatives.iter().map(|fix| FixOut::of(fix, paths)).collect(),
        }
    }
}

/// A module is named after its file; the compiler sees to that.
fn module(source: &Source) -> Option<Cow<'_, str>> {
    let path = source.path();
    let is_module = path.extension().is_some_and(|it| it == "erl");
    is_module.then(|| path.file_stem().map(|it| it.to_string_lossy()))?
}

impl<'a> FixOut<'a> {
    fn of(fix: &'a Fix, paths: &Shown) -> Self {
        Self {
            title: &fix.title,
            applicability: fix.applicability,
            reasons: &fix.reasons,
            edits: fix.edits.iter().map(|it| EditOut::of(it, paths)).collect(),
        }
    }
}

impl EditOut<'_> {
    pub(super) fn of<'a>(edit: &'a crate::rewrite::Edit, paths: &Shown) -> EditOut<'a> {
        let text = match edit.place.source.newline() {
            "\n" => Cow::Borrowed(edit.text.as_str()),
            newline => Cow::Owned(edit.text.replace('\n', newline)),
        };
        EditOut { place: PlaceOut::of(&edit.place, paths), text }
    }
}

impl PlaceOut<'_> {
    fn of(place: &Place, paths: &Shown) -> Self {
        Self { path: Cow::Owned(paths.show(place.source.path())), range: RangeOut::of(place) }
    }
}

impl RangeOut {
    fn of(place: &Place) -> Self {
        let position = |offset| {
            let at = place.source.position(offset);
            PositionOut { line: at.line, column: at.column, byte: at.byte }
        };
        Self { start: position(place.span.start), end: position(place.span.end) }
    }
}

impl<'a> SkippedOut<'a> {
    fn of(skipped: &'a Skipped, paths: &Shown) -> Self {
        Self {
            path: paths.show(&skipped.path),
            range: skipped.place.as_ref().map(RangeOut::of),
            kind: skipped.kind,
            reason: &skipped.reason,
        }
    }
}

/// One handler that is added to, or deleted from, a hook: an element of the output of `hookshift handlers`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "hookshift handlers")]
pub(super) struct HandlerOut<'a> {
    /// Relative to the current directory when the file is below it, with forward slashes.
    path: String,
    /// 1-based line and column of the registration, the column in Unicode code points.
    #[schemars(range(min = 1))]
    line: usize,
    #[schemars(range(min = 1))]
    column: usize,
    /// The module in which the registration stands.
    module: &'a str,
    /// Null when it could not be found out.
    hook: Option<&'a str>,
    /// `HostType`, `global`, or the source text of something else.
    tag: &'a str,
    /// As in `module:function/arity`; null when it could not be found out.
    handler: Option<String>,
    /// Where the handler is defined, when that is among the files.
    handler_path: Option<String>,
    handler_line: Option<usize>,
    /// Null when it is not a number; then `priority_source` has its text.
    priority: Option<i64>,
    priority_source: Option<&'a str>,
    action: Action,
    /// How it is registered, as in `hooks/1 callback`.
    registered: &'a str,
    /// What becomes of the hook in the target release.
    status: HookStatus,
    resolved: bool,
    /// Why it is not resolved.
    unresolved_reason: Option<&'a str>,
    /// Hooks that take the hook's place in the target release.
    replacements: &'a [String],
}

impl<'a> HandlerOut<'a> {
    pub(super) fn of(registration: &'a Registration, paths: &Shown) -> Self {
        let place = &registration.place;
        let at = place.source.position(place.span.start);
        let handler_place = registration.handler_place.as_ref();
        Self {
            path: paths.show(place.source.path()),
            line: at.line,
            column: at.column,
            module: &registration.module,
            hook: registration.hook.as_deref(),
            tag: &registration.tag,
            handler: registration.handler.as_ref().map(ToString::to_string),
            handler_path: handler_place.map(|it| paths.show(it.source.path())),
            handler_line: handler_place.map(|it| it.source.position(it.span.start).line),
            priority: registration.priority,
            priority_source: registration.priority_source.as_deref(),
            action: registration.action,
            registered: &registration.registered,
            status: registration.status,
            resolved: registration.resolved,
            unresolved_reason: registration.why_unresolved.as_deref(),
            replacements: &registration.replacements,
        }
    }
}
