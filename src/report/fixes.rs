//! What fixing came to: lines for people, and a document for programs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::escape;
use super::json::{EditOut, FindingOut};
use super::paths::Shown;
use crate::finding::Finding;
use crate::fixing::{Applied, Failed, Outcome, Proof};
use crate::rewrite::{Applicability, Fix, diff};

/// The version of the document; raised when a field changes its meaning or goes away.
const VERSION: u32 = 1;

/// A finished run of `fix`, and how it shall be shown.
pub struct Told<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub outcome: &'a Outcome,
    pub paths: &'a Shown,
    /// The files were written, but for those that could not be.
    pub written: bool,
    /// Files that could not be written, with the reason.
    pub unwritten: &'a BTreeMap<PathBuf, String>,
    /// Fixes that a person has to look at were wanted, too.
    pub unsafe_too: bool,
}

impl Told<'_> {
    /// The changes as one unified diff, for `git apply`.
    #[must_use]
    pub fn diff(&self) -> Vec<u8> {
        let files = self.outcome.files.iter();
        files.flat_map(|file| diff::unified_bytes(&self.paths.show(file.source.path()), &file.old, &file.new)).collect()
    }

    /// The changes for a terminal.
    #[must_use]
    pub fn diff_for_terminal(&self) -> String {
        let files = self.outcome.files.iter();
        files
            .map(|file| super::diff::for_terminal(&self.paths.show(file.source.path()), file.source.text(), &file.text))
            .collect()
    }

    /// What was fixed, what a person has to look at, and what is left.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for failed in &self.outcome.failed {
            let at = self.place(&failed.finding);
            writeln!(
                out,
                "bug: {at}: not applied: {}: {}",
                escape::one_line(&failed.fix.title),
                escape::one_line(&failed.why)
            )?;
        }
        if !self.outcome.failed.is_empty() {
            writeln!(out, "bug: these files stay as they were; please report this, with the code if you can")?;
        }
        for (fix, findings, proof) in self.applied() {
            let at = self.place(findings[0]);
            writeln!(
                out,
                "{}: {at}: [{}] {} ({})",
                self.done(fix),
                findings[0].rule,
                escape::one_line(&fix.title),
                proof.describe()
            )?;
            for reason in &fix.reasons {
                writeln!(out, "    look: {}", escape::one_line(reason))?;
            }
        }
        for (path, why) in &self.outcome.unproved {
            writeln!(out, "not proved: {}: {}", escape::one_line(&self.paths.show(path)), escape::one_line(why))?;
        }
        for warning in &self.outcome.new_warnings {
            writeln!(out, "new warning of the compiler: {}", escape::one_line(warning))?;
        }
        for finding in self.outcome.left() {
            writeln!(out, "left: {}: [{}] {}", self.place(finding), finding.rule, self.why_left(finding))?;
        }
        self.summary(out)
    }

    fn summary(&self, out: &mut dyn Write) -> io::Result<()> {
        let (mut applied, files) = (self.applied(), self.outcome.files.len() - self.unwritten.len());
        let all = applied.len();
        applied.retain(|(fix, ..)| matches!(self.reach(fix), Reach::Whole));
        let to_look = applied.iter().filter(|(fix, ..)| !fix.is_safe()).count();
        let look = if to_look > 0 { format!(", {to_look} of them to be looked at") } else { String::new() };
        let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "es" });
        let in_files = format!("{files} file{}", if files == 1 { "" } else { "s" });
        let would = if self.written { "applied" } else { "to apply" };
        let mut text =
            format!("{} → {}: {} {would} in {in_files}{look}", self.from, self.to, count(applied.len(), "fix"));
        if !self.written && files > 0 {
            text.push_str("; nothing is written without --write");
        }
        writeln!(out, "{text}.")?;
        self.tell_unwritten(all - applied.len(), out)?;
        let more = self.outcome.after.findings.iter().filter(|it| it.fix.as_ref().is_some_and(|fix| !fix.is_safe()));
        let more = more.count();
        if more > 0 && !self.unsafe_too {
            writeln!(
                out,
                "{more} more {} with --unsafe; a person has to look at them.",
                findings(more, "could be fixed")
            )?;
        }
        let left = self.outcome.left().count();
        let remarks = self.outcome.after.findings.len() - left;
        if left > 0 {
            writeln!(out, "{left} {} left.", findings(left, if left == 1 { "is" } else { "are" }))?;
        }
        let suppressed = self.outcome.after.summary.suppressed;
        if suppressed > 0 {
            writeln!(
                out,
                "{suppressed} {} suppressed.",
                findings(suppressed, if suppressed == 1 { "is" } else { "are" })
            )?;
        }
        if !self.outcome.last_seen.is_empty() {
            let files: BTreeSet<String> = self.last_seen().map(|it| self.paths.show(it.place.source.path())).collect();
            let files: Vec<String> = files.into_iter().collect();
            writeln!(
                out,
                "{} of them will not be found again: {} will look as if written for {}. Settle them now, or keep this list.",
                self.outcome.last_seen.len(),
                escape::one_line(&files.join(", ")),
                self.to,
            )?;
        }
        if remarks > 0 {
            writeln!(
                out,
                "{remarks} {} to nothing that could be written: see hookshift check.",
                findings(remarks, if remarks == 1 { "of severity info comes" } else { "of severity info come" })
            )?;
        }
        Ok(())
    }

    fn tell_unwritten(&self, fixes: usize, out: &mut dyn Write) -> io::Result<()> {
        let number = self.unwritten.len();
        if number == 0 {
            return Ok(());
        }
        let (is, fixes_are) =
            (if number == 1 { " is" } else { "s are" }, if fixes == 1 { "fix is" } else { "fixes are" });
        writeln!(out, "{number} file{is} not written, so {fixes} {fixes_are} missing, or there by half:")?;
        for (path, why) in self.unwritten {
            writeln!(out, "    {}: {}", escape::one_line(&self.paths.show(path)), escape::one_line(why))?;
        }
        Ok(())
    }

    fn last_seen(&self) -> impl Iterator<Item = &Finding> {
        self.outcome.last_seen.iter().filter_map(|&at| self.outcome.after.findings.get(at))
    }

    /// Each fix once, with the findings that it answers, and the least that was seen of its results.
    fn applied(&self) -> Vec<(&Fix, Vec<&Finding>, Proof)> {
        let mut found: Vec<(&Fix, Vec<&Finding>, Proof)> = Vec::new();
        for Applied { finding, fix, proof } in &self.outcome.applied {
            match found.iter_mut().find(|(known, ..)| known.same(fix)) {
                Some((_, findings, least)) => {
                    findings.push(finding);
                    *least = (*least).min(*proof);
                }
                None => found.push((fix, vec![finding], *proof)),
            }
        }
        found
    }

    fn why_left(&self, finding: &Finding) -> String {
        match (&finding.fix, &finding.no_fix) {
            (Some(fix), _) if fix.is_safe() => escape::one_line(&fix.title).into_owned(),
            (Some(fix), _) => {
                format!("{} (look: {})", escape::one_line(&fix.title), escape::one_line(&fix.reasons.join("; ")))
            }
            (None, Some(why)) => {
                format!("{} (not fixed: {})", escape::one_line(&finding.message), escape::one_line(why))
            }
            (None, None) => escape::one_line(&finding.message).into_owned(),
        }
    }

    fn done(&self, fix: &Fix) -> &'static str {
        match (self.written, self.reach(fix)) {
            (false, _) => "fix",
            (true, Reach::Whole) => "fixed",
            (true, Reach::Half) => "half written",
            (true, Reach::None) => "not written",
        }
    }

    /// How much of a fix is in files that were written.
    fn reach(&self, fix: &Fix) -> Reach {
        let mut unwritten = fix.edits.iter().map(|edit| self.unwritten.contains_key(edit.place.source.path()));
        let first = unwritten.next().unwrap_or(false);
        match (first, unwritten.all(|it| it == first)) {
            (false, true) => Reach::Whole,
            (true, true) => Reach::None,
            (_, false) => Reach::Half,
        }
    }

    fn place(&self, finding: &Finding) -> String {
        let at = finding.place.source.position(finding.place.span.start);
        format!("{}:{}:{}", escape::one_line(&self.paths.show(finding.place.source.path())), at.line, at.column)
    }

    /// Everything as JSON.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        super::json::write_pretty(&Document::of(self), out)
    }
}

fn findings(number: usize, verb: &str) -> String {
    format!("finding{} {verb}", if number == 1 { "" } else { "s" })
}

enum Reach {
    Whole,
    Half,
    None,
}

/// What `fix --format json` prints.
#[derive(Serialize, JsonSchema)]
pub struct Document<'a> {
    version: u32,
    from: &'a str,
    to: &'a str,
    /// Whether the files were written, but for those that could not be.
    written: bool,
    files: Vec<FileOut>,
    /// The fixes that were applied, or would be.
    fixes: Vec<AppliedOut<'a>>,
    /// Fixes that were taken back because their result did not hold what a fix promises: mistakes of this program.
    failed: Vec<FailedOut<'a>>,
    /// Files that the compiler could not judge.
    unproved: Vec<UnprovedOut<'a>>,
    /// Warnings of the compiler that the old text did not give.
    new_warnings: &'a [String],
    /// What `check` finds afterwards.
    left: Vec<LeftOut<'a>>,
    /// How many findings comments in the code suppress afterwards, which are not in `left`.
    suppressed: usize,
}

#[derive(Serialize, JsonSchema)]
struct FileOut {
    path: String,
    /// A unified diff; bytes that are no UTF-8 are replaced in it.
    diff: String,
    /// Why it could not be written, where it was to be.
    not_written: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct AppliedOut<'a> {
    rule: &'a str,
    path: String,
    /// 1-based, of the file as it was when this fix was made.
    line: usize,
    hook: Option<&'a str>,
    handler: Option<String>,
    title: &'a str,
    applicability: Applicability,
    /// Why a person has to look; empty for a safe fix.
    reasons: &'a [String],
    proof: Proof,
    edits: Vec<EditOut<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct FailedOut<'a> {
    rule: &'a str,
    path: String,
    title: &'a str,
    why: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct UnprovedOut<'a> {
    path: String,
    why: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct LeftOut<'a> {
    #[serde(flatten)]
    finding: FindingOut<'a>,
    /// A later `check` will not find it, because its module looks now as if it were written for the target release.
    last_seen: bool,
}

impl<'a> Document<'a> {
    fn of(told: &Told<'a>) -> Self {
        let (outcome, paths) = (told.outcome, told.paths);
        let path = |finding: &Finding| paths.show(finding.place.source.path());
        let file = |file: &crate::fixing::Changed| {
            let path = paths.show(file.source.path());
            let diff = diff::unified_bytes(&path, &file.old, &file.new);
            FileOut {
                path,
                diff: String::from_utf8_lossy(&diff).into_owned(),
                not_written: told.unwritten.get(file.source.path()).cloned(),
            }
        };
        let applied = |Applied { finding, fix, proof }: &'a Applied| AppliedOut {
            rule: finding.rule,
            path: path(finding),
            line: finding.place.source.position(finding.place.span.start).line,
            hook: finding.hook.as_deref(),
            handler: finding.handler.as_ref().map(ToString::to_string),
            title: &fix.title,
            applicability: fix.applicability,
            reasons: &fix.reasons,
            proof: *proof,
            edits: fix.edits.iter().map(|edit| EditOut::of(edit, paths)).collect(),
        };
        let failed = |Failed { finding, fix, why }: &'a Failed| FailedOut {
            rule: finding.rule,
            path: path(finding),
            title: &fix.title,
            why,
        };
        let left = |(at, it): (usize, &'a Finding)| LeftOut {
            finding: FindingOut::of(it, paths),
            last_seen: outcome.last_seen.contains(&at),
        };
        Self {
            version: VERSION,
            from: told.from,
            to: told.to,
            written: told.written,
            files: outcome.files.iter().map(file).collect(),
            fixes: outcome.applied.iter().map(applied).collect(),
            failed: outcome.failed.iter().map(failed).collect(),
            unproved: outcome.unproved.iter().map(|(path, why)| UnprovedOut { path: paths.show(path), why }).collect(),
            new_warnings: &outcome.new_warnings,
            left: outcome.after.findings.iter().enumerate().map(left).collect(),
            suppressed: outcome.after.summary.suppressed,
        }
    }
}
