//! What comes of a check, and where it goes: one format on standard output, others in files, all from one analysis.

use std::path::Path;

use anyhow::Context;

use super::ci::Ci;
use super::output::Output;
use super::target::{self, Target};
use crate::report::checkstyle::Checkstyle;
use crate::report::concise::Concise;
use crate::report::full::Full;
use crate::report::github::Github;
use crate::report::gitlab::Gitlab;
use crate::report::html::Html;
use crate::report::json::Json;
use crate::report::junit::Junit;
use crate::report::markdown::Markdown;
use crate::report::rdjson::{Rdjson, Rdjsonl};
use crate::report::sarif::Sarif;
use crate::report::{Report, Run};

/// Where GitLab's documentation puts its report.
const GITLAB_REPORT: &str = "gl-code-quality-report.json";

/// A form in which the result of a check can be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// With the source around each finding, notes, help and evidence
    #[default]
    Full,
    /// One line for each finding
    Concise,
    /// For programs; `hookshift schema check` has its schema
    Json,
    /// SARIF 2.1.0, for GitHub's code scanning and others
    Sarif,
    /// Workflow commands of GitHub Actions, which become annotations
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// The Reviewdog Diagnostic Format, with suggestions
    Rdjson,
    /// The same, one line for each finding
    Rdjsonl,
    /// Checkstyle's XML, for Jenkins and others
    Checkstyle,
    /// JUnit's XML: a finding is a test that fails
    Junit,
    /// For the page of a job: figures, a table, and the findings of each file
    Markdown,
    /// One page for a browser, with the source, the changes and the plan
    Html,
}

impl Format {
    /// Whether it shows fixes, which are made only for somebody who does.
    fn has_fixes(self) -> bool {
        matches!(self, Self::Json | Self::Sarif | Self::Rdjson | Self::Rdjsonl | Self::Markdown | Self::Html)
    }

    /// Whether a program reads it, which expects a whole document even where there was nothing to do.
    fn is_for_programs(self) -> bool {
        !matches!(self, Self::Full | Self::Concise)
    }

    /// What writes it behind something that has so many bytes already.
    fn report(self, behind: usize) -> Box<dyn Report> {
        match self {
            Self::Full => Box::new(Full),
            Self::Concise => Box::new(Concise),
            Self::Json => Box::new(Json),
            Self::Sarif => Box::new(Sarif),
            Self::Github => Box::new(Github),
            Self::Gitlab => Box::new(Gitlab),
            Self::Rdjson => Box::new(Rdjson),
            Self::Rdjsonl => Box::new(Rdjsonl),
            Self::Checkstyle => Box::new(Checkstyle),
            Self::Junit => Box::new(Junit),
            Self::Markdown => Box::new(Markdown::behind(behind)),
            Self::Html => Box::new(Html),
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct FormatArgs {
    /// How findings are shown on standard output [default: full, and in GitHub Actions and GitLab CI what fits there]
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// Write findings to a file as well, in the format before the `=` (may be repeated)
    #[arg(long = "output", value_name = "FORMAT=FILE", value_parser = target::parse::<Format>)]
    outputs: Vec<Target<Format>>,
}

/// All that is wanted of a run.
#[derive(Default)]
pub struct Wanted {
    /// On standard output.
    format: Format,
    /// Those that are appended to are what a service shows of a job; that they cannot be written is no failure.
    files: Vec<Target<Format>>,
    /// What nobody asked for, and is to be told when it is done.
    note: Option<String>,
}

impl FormatArgs {
    /// What is asked for; what fits the service that runs this, when nothing is.
    pub fn wanted(&self, ci: Option<&Ci>) -> Wanted {
        match ci {
            Some(ci) if self.format.is_none() && self.outputs.is_empty() => Wanted::of_service(ci),
            _ => Wanted { format: self.format.unwrap_or_default(), files: self.outputs.clone(), note: None },
        }
    }
}

impl Wanted {
    /// What a service shows without being told more.
    pub fn of_service(ci: &Ci) -> Self {
        match ci {
            Ci::GithubActions { step_summary } => {
                let summary = step_summary.iter().cloned();
                let summary = summary.map(|file| Target { format: Format::Markdown, file, appends: true });
                Self { format: Format::Github, files: summary.collect(), note: None }
            }
            Ci::GitlabCi => {
                let report = Target { format: Format::Gitlab, file: Path::new(GITLAB_REPORT).into(), appends: false };
                let note = format!("GitLab CI: a code quality report is written to {GITLAB_REPORT}");
                Self { format: Format::default(), files: vec![report], note: Some(note) }
            }
        }
    }

    fn formats(&self) -> impl Iterator<Item = Format> {
        std::iter::once(self.format).chain(self.files.iter().map(|it| it.format))
    }

    /// Whether any of them shows fixes.
    pub fn has_fixes(&self) -> bool {
        self.formats().any(Format::has_fixes)
    }

    /// Whether any of them shows the plan.
    pub fn has_plan(&self) -> bool {
        self.formats().any(|it| it == Format::Html)
    }

    /// Whether standard output is read by a program.
    pub fn is_for_programs(&self) -> bool {
        self.format.is_for_programs()
    }

    /// Writes the files.
    ///
    /// # Errors
    /// One of them cannot be written; the others are.
    pub fn write_files(&self, run: &Run<'_>) -> anyhow::Result<()> {
        let run = Run { color: false, width: None, ..*run };
        if let Some(note) = &self.note {
            super::say("note", note);
        }
        let mut failed = None;
        for target in &self.files {
            let behind = if target.appends { std::fs::metadata(&target.file).map_or(0, |it| it.len()) } else { 0 };
            let report = target.format.report(usize::try_from(behind).unwrap_or(usize::MAX));
            tell_what_does_not_fit(&*report, &run);
            let written = target.write(|out| report.write(&run, out));
            match written.with_context(|| format!("cannot write {}", target.file.display())) {
                Ok(()) => {}
                Err(error) if target.appends => super::say("warning", &format!("{error:#}")),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Writes what goes to standard output.
    ///
    /// # Errors
    /// Those of [`Output::write`].
    pub fn print(&self, run: &Run<'_>, output: Output) -> anyhow::Result<()> {
        let report = self.format.report(0);
        tell_what_does_not_fit(&*report, run);
        match self.format {
            Format::Github => output.write_commands(|out| report.write(run, out)),
            _ => output.write(|out| report.write(run, out)),
        }
    }
}

fn tell_what_does_not_fit(report: &dyn Report, run: &Run<'_>) {
    if let Some(text) = report.does_not_fit(run) {
        super::say("warning", &text);
    }
}
