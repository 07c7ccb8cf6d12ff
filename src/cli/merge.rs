//! `hookshift merge`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};
use serde_json::Value;

use super::output::Output;
use super::target::{self, Target};
use super::{Outcome, say};
use crate::report::document;
use crate::report::json::write_pretty;
use crate::report::merge::inputs::{self, Kind, Repositories};
use crate::report::merge::sarif::{JoinedRuns, MOST_RUNS, SarifReport};
use crate::report::merge::{self, CheckReport, Failed, Merged, Shard};

/// Join the reports of checks of many repositories into one, with totals for each of them
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A report is what `hookshift check` writes with `--output json=FILE` or `--output sarif=FILE`. Text, JSON and Markdown are made of JSON \
reports, SARIF is made of SARIF reports. A repository is named by NAME=FILE, else after its file, else, when that is called \
hookshift.json or hookshift.sarif, after the directory of the file; in a directory that is searched, the directories \
below it are part of the name.

A report that is missing, empty, broken or of another tool is listed with the reason; the others are merged.

Exit codes: 0 when no report has a finding, 1 when one has, 2 when a report could not be merged, or says itself that it \
is not complete.")]
pub struct Args {
    /// Reports, and directories that are searched for *.json and *.sarif
    #[arg(required = true, value_name = "[NAME=]REPORT")]
    reports: Vec<PathBuf>,

    /// What is printed on standard output [default: text; nothing when only SARIF is asked for]
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// Write the joined report to a file as well, in the format before the `=` (may be repeated)
    #[arg(short, long = "output", value_name = "FORMAT=FILE", value_parser = target::parse::<Format>)]
    outputs: Vec<Target<Format>>,

    /// A file with the names of the repositories that must have a report, one a line
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,

    /// Exit with 0 even when something is found
    #[arg(long)]
    exit_zero: bool,
}

/// A form in which joined reports can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A table of repositories and one of rules
    Text,
    /// For programs; `hookshift schema merge` has its schema
    Json,
    /// A run for each repository; files get at most 20 of them, as code scanning takes no more
    Sarif,
    /// The tables of `text`, for summaries of jobs and for comments
    Markdown,
    /// One page for a browser, with all findings
    Html,
}

impl Format {
    /// The format of the reports that it is made of.
    fn made_of(self) -> Kind {
        match self {
            Self::Sarif => Kind::Sarif,
            Self::Text | Self::Json | Self::Markdown | Self::Html => Kind::Json,
        }
    }
}

/// What there is of the reports of one format.
struct Joined {
    /// Made of JSON reports; empty where none are wanted.
    merged: Merged,
    /// Made of SARIF reports; empty where none are wanted.
    runs: JoinedRuns,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let files: Vec<PathBuf> = args.outputs.iter().map(|it| it.file.clone()).collect();
    let repositories = inputs::find(&args.reports, &files).map_err(|error| anyhow!(error))?;
    let expected = args.expect.as_deref().map(expected).transpose()?;
    let joined = args.join(&repositories, expected.as_ref());
    for failed in joined.failed() {
        let file = failed.report.as_deref().map_or(String::new(), |file| format!(" {file}"));
        say("error", &format!("{}:{file} {}", failed.name, failed.reason));
    }
    args.write_files(&joined)?;
    args.print(&joined, output)?;
    Ok(joined.outcome(args.exit_zero))
}

/// The names in a file, one a line.
fn expected(file: &Path) -> anyhow::Result<BTreeSet<String>> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let names: BTreeSet<String> = text.lines().map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
    ensure!(!names.is_empty(), "{} names no repository", file.display());
    Ok(names)
}

impl Args {
    /// What goes to standard output.
    fn printed(&self) -> Option<Format> {
        let only_sarif = !self.outputs.is_empty() && self.outputs.iter().all(|it| it.format == Format::Sarif);
        self.format.or((!only_sarif).then_some(Format::Text))
    }

    fn join(&self, repositories: &Repositories, expected: Option<&BTreeSet<String>>) -> Joined {
        let wanted = |kind| {
            self.printed().into_iter().chain(self.outputs.iter().map(|it| it.format)).any(|it| it.made_of() == kind)
        };
        let (shards, failed) = match wanted(Kind::Json) {
            true => read_all(repositories, expected, Kind::Json, CheckReport::parse),
            false => Default::default(),
        };
        let shards = shards.into_iter().map(|(name, file, report)| Shard { name, file, report });
        let (runs, failed_runs) = match wanted(Kind::Sarif) {
            true => read_all(repositories, expected, Kind::Sarif, SarifReport::parse),
            false => Default::default(),
        };
        let runs = runs.into_iter().map(|(name, _, report)| (name, report));
        Joined { merged: Merged::of(shards.collect(), failed), runs: JoinedRuns::of(runs.collect(), failed_runs) }
    }

    fn write_files(&self, joined: &Joined) -> anyhow::Result<()> {
        for target in &self.outputs {
            let cannot = |file: &Path| format!("cannot write {}", file.display());
            if target.format == Format::Sarif {
                for (file, document) in sarif_files(&target.file, &joined.runs) {
                    let part = Target { file, ..target.clone() };
                    part.write(|out| write_pretty(&document, out)).with_context(|| cannot(&part.file))?;
                }
            } else {
                let written = target.write(|out| joined.write(target.format, usize::MAX, out));
                written.with_context(|| cannot(&target.file))?;
            }
        }
        Ok(())
    }

    fn print(&self, joined: &Joined, output: Output) -> anyhow::Result<()> {
        let Some(format) = self.printed() else {
            return Ok(());
        };
        if format == Format::Sarif && joined.runs.len() > MOST_RUNS {
            let runs = joined.runs.len();
            say(
                "warning",
                &format!(
                    "{runs} runs are in one document, and code scanning takes {MOST_RUNS}: --output sarif=FILE writes several files"
                ),
            );
        }
        output.write(|out| joined.write(format, output.table_width(), out))
    }
}

/// The files that get the runs, as many as they need, and their documents. Says where there are several.
fn sarif_files(file: &Path, runs: &JoinedRuns) -> Vec<(PathBuf, Value)> {
    let documents = runs.documents();
    let files: Vec<PathBuf> = (1..=documents.len()).map(|number| numbered(file, number)).collect();
    if files.len() > 1 {
        let names: Vec<String> = files.iter().map(|it| it.display().to_string()).collect();
        say(
            "note",
            &format!("{} runs, of which code scanning takes {MOST_RUNS} in a file: {}", runs.len(), names.join(", ")),
        );
    }
    let next = numbered(file, files.len() + 1);
    if next.exists() {
        say("warning", &format!("{} is of an earlier merge, and not of this one", next.display()));
    }
    files.into_iter().zip(documents).collect()
}

/// `fleet.sarif`, `fleet-2.sarif`, `fleet-3.sarif` and so on.
fn numbered(file: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return file.to_path_buf();
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let (stem, ending) = match name.find('.') {
        Some(dot @ 1..) => name.split_at(dot),
        _ => (&*name, ""),
    };
    file.with_file_name(format!("{stem}-{number}{ending}"))
}

impl Joined {
    fn failed(&self) -> impl Iterator<Item = &Failed> {
        self.merged.failed().iter().chain(self.runs.failed())
    }

    fn write(&self, format: Format, width: usize, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        match format {
            Format::Text => merge::write_text(&self.merged, width, out),
            Format::Json => write_pretty(&self.merged, out),
            Format::Sarif => write_pretty(&self.runs.document(), out),
            Format::Markdown => write!(out, "{}", document::markdown(&merge::blocks(&self.merged))),
            Format::Html => merge::write_html(&self.merged, out),
        }
    }

    fn outcome(&self, exit_zero: bool) -> Outcome {
        if self.merged.is_incomplete() || !self.runs.failed().is_empty() {
            Outcome::Failure
        } else if exit_zero || !(self.merged.has_findings() || self.runs.has_findings()) {
            Outcome::Clean
        } else {
            Outcome::Findings
        }
    }
}

/// Names, files and reports.
type Read<T> = Vec<(String, String, T)>;

/// Reads the report of one format of each repository, of those that are expected, too; what cannot be had fails with the reason.
fn read_all<T>(
    repositories: &Repositories,
    expected: Option<&BTreeSet<String>>,
    kind: Kind,
    parse: fn(&[u8]) -> Result<T, String>,
) -> (Read<T>, Vec<Failed>) {
    let (mut read, mut failed) = (Vec::new(), Vec::new());
    let mut names: BTreeSet<&String> = repositories.keys().collect();
    names.extend(expected.into_iter().flatten());
    for name in names {
        let file = repositories.get(name).and_then(|files| files.get(&kind));
        let report = file.map(|it| it.display().to_string());
        let result = match file {
            _ if expected.is_some_and(|expected| !expected.contains(name)) => {
                Err("is not among the expected".to_owned())
            }
            None => Err(format!("has no {} report", kind.as_str())),
            Some(file) => fs::read(file).map_err(|error| format!("cannot be read: {error}")).and_then(|it| parse(&it)),
        };
        match result {
            Ok(parsed) => read.push((name.clone(), report.unwrap_or_default(), parsed)),
            Err(reason) => failed.push(Failed { name: name.clone(), report, reason }),
        }
    }
    (read, failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_numbered_before_their_ending() {
        let numbered = |file: &str, number| numbered(Path::new(file), number).display().to_string();
        assert_eq!(numbered("a/fleet.sarif", 1), "a/fleet.sarif");
        assert_eq!(numbered("a/fleet.sarif", 2), "a/fleet-2.sarif");
        assert_eq!(numbered("fleet.sarif.json", 3), "fleet-3.sarif.json");
        assert_eq!(numbered(".fleet", 2), ".fleet-2");
        assert_eq!(numbered("fleet", 2), "fleet-2");
    }
}
