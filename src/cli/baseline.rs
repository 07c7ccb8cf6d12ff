//! `hookshift baseline`, and what `check` does with what it wrote.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::check;
use super::output::Output;
use super::project_args::{Project, ProjectArgs};
use super::rule_args::RuleArgs;
use super::server_args::ServerArgs;
use super::{Outcome, say};
use crate::baseline::{Baseline, Compared, Entry, FILE_NAME, Looked, Verdict, compare};
use crate::check::analysis::{Analysis, SkipKind};
use crate::finding::Severity;
use crate::project::config;
use crate::project::files::Files;
use crate::project::options::RuleSelection;
use crate::report::summary::{Count, fixed_line};
use crate::rewrite::write;

/// Keep a file of known findings, so that `check` tells only new ones
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Write(WriteArgs),
    Prune(PruneArgs),
}

/// Take what is found now for known
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What the file has of other files than those that are looked at, and of rules that are off, stays in it.

Exit codes: 0 when the file is written, 2 when the job could not be done, or not for all files.")]
struct WriteArgs {
    #[command(flatten)]
    common: CommonArgs,

    /// The least severity that is taken
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = Severity::Info)]
    severity: Severity,
}

/// Drop known findings that are not found any more, and never add one
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What the file has of other files than those that are looked at, and of rules that are off, stays in it. A handler is found by way \
of its registration, so look at both: at all that `check` looks at.

Exit codes: 0 when the file has nothing more to drop, 2 when the job could not be done, or not for all files.")]
struct PruneArgs {
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, clap::Args)]
struct CommonArgs {
    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    rules: RuleArgs,

    #[command(flatten)]
    server: ServerArgs,

    /// The file of known findings [default: as hookshift.toml has it, else hookshift-baseline.toml beside that or here]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

/// Which findings `check` takes for known.
#[derive(Debug, clap::Args)]
pub struct KnownArgs {
    /// Do not tell findings that are in this file, made by `hookshift baseline write` [default: as hookshift.toml has it]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Tell them all, also where hookshift.toml names such a file
    #[arg(long, conflicts_with = "baseline")]
    no_baseline: bool,
}

impl KnownArgs {
    /// The baseline that is asked for, or that the configuration names.
    ///
    /// # Errors
    /// It is not there, or not understood.
    pub fn read(&self, project: &Project) -> anyhow::Result<Option<Baseline>> {
        if self.no_baseline {
            return Ok(None);
        }
        let path = self.baseline.as_deref().or(project.settings.config.baseline.as_deref());
        path.map(|path| read(path, project)).transpose()
    }
}

fn read(path: &Path, project: &Project) -> anyhow::Result<Baseline> {
    let baseline = Baseline::read(path).map_err(|mut error| {
        error.path = project.shown.show(path).into();
        error
    })?;
    Ok(baseline)
}

/// Holds a settled result of which nothing is hidden against a baseline.
pub fn compared(
    baseline: &Baseline,
    analysis: &Analysis,
    project: &Project,
    files: &Files,
    rules: &RuleSelection,
) -> Compared {
    let mut names = baseline.names();
    let read = files.paths.iter().chain(&files.server_configs).chain(&files.metrics).map(PathBuf::as_path);
    let read = read.chain(project.stdin_name());
    let incomplete = analysis.skipped.iter().filter(|it| it.kind != SkipKind::Guessed).map(|it| it.path.as_path());
    let looked = Looked::at(read, incomplete, project.roots(), &mut names);
    let known = crate::rules::names();
    let is_on = |rule: &str| known.contains(&rule).then(|| rules.enabled(rule));
    compare(baseline, &analysis.findings, &mut names, &looked, is_on)
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    match &args.command {
        Command::Write(args) => Job::start(&args.common)?.write(args.severity, output),
        Command::Prune(args) => Job::start(&args.common)?.prune(output),
    }
}

/// A project with what is found in it, and the file as it is.
struct Job {
    project: Project,
    files: Files,
    rules: RuleSelection,
    analysis: Analysis,
    path: PathBuf,
}

impl Job {
    fn start(args: &CommonArgs) -> anyhow::Result<Self> {
        let mut project = Project::open(&args.project)?;
        ensure!(project.stdin_name().is_none(), "baseline works on files; `-` is for check");
        args.server.name(&mut project);
        let path = args.baseline.clone().unwrap_or_else(|| default_path(&project));
        let rules = args.rules.selection(&project);
        let mut files = project.files();
        args.server.add_to(&project, &mut files);
        project.warn_of_no_files(&files);
        let (options, skipped) = check::options(&project, &args.project, &files, &rules)?;
        let analysis = check::analyse(&options, skipped, false)?;
        project.tell_unreadable(&analysis.skipped);
        Ok(Self { project, files, rules, analysis, path })
    }

    fn compared(&self, baseline: &Baseline) -> Compared {
        compared(baseline, &self.analysis, &self.project, &self.files, &self.rules)
    }

    fn write(self, severity: Severity, output: Output) -> anyhow::Result<Outcome> {
        let old = match fs::exists(&self.path) {
            Ok(false) => None,
            _ => Some(read(&self.path, &self.project)?),
        };
        let mut new = Baseline { path: self.path.clone(), entries: Vec::new() };
        let compared = self.compared(old.as_ref().unwrap_or(&new));
        let mut added = 0;
        let findings = &self.analysis.findings;
        let entries = Entry::of_all(findings, &mut new.names());
        for ((entry, finding), is_known) in entries.into_iter().zip(findings).zip(&compared.known) {
            if finding.severity >= severity {
                added += usize::from(!is_known);
                new.entries.push(entry);
            }
        }
        let others = [Verdict::NotLooked, Verdict::RuleOff].into_iter().flat_map(|verdict| compared.with(verdict));
        new.entries.extend(others.cloned());
        let kept = new.entries.len() - added;
        let dropped = compared.entries.len() - kept;
        self.replace(old.as_ref(), &new)?;
        let shown = self.project.shown.show(&self.path);
        output.write(|out| {
            let known = Count(new.entries.len(), "known finding");
            writeln!(out, "{shown}: {known}: {added} added, {kept} kept, {dropped} dropped.")?;
            tell_others(&compared, false, out)
        })?;
        if self.project.settings.config.baseline.is_none() {
            let name = self.path.file_name().unwrap_or_default().to_string_lossy();
            let text = format!(
                "use it with `hookshift check --baseline {shown}`, or always, with `baseline = \"{name}\"` in {}",
                config::FILE_NAME
            );
            say("note", &text);
        }
        Ok(self.outcome())
    }

    fn prune(self, output: Output) -> anyhow::Result<Outcome> {
        let old = read(&self.path, &self.project)?;
        let compared = self.compared(&old);
        let left = compared.entries.iter().filter(|(_, verdict)| *verdict != Verdict::Fixed);
        let new = Baseline { path: self.path.clone(), entries: left.map(|(entry, _)| entry.clone()).collect() };
        self.replace(Some(&old), &new)?;
        let shown = self.project.shown.show(&self.path);
        output.write(|out| {
            for entry in compared.with(Verdict::Fixed) {
                writeln!(out, "{}", fixed_line(entry))?;
            }
            let known = Count(new.entries.len(), "known finding");
            writeln!(out, "{shown}: {known}: {} dropped.", compared.count(Verdict::Fixed))?;
            tell_others(&compared, true, out)?;
            let new = compared.known.iter().filter(|known| !**known).count();
            if new > 0 {
                writeln!(out, "{} not in it, and prune adds none: see `hookshift check`.", are(new, "finding"))?;
            }
            Ok(())
        })?;
        Ok(self.outcome())
    }

    /// Puts the new content in the place of the old one; nothing is written where nothing changes.
    fn replace(&self, old: Option<&Baseline>, new: &Baseline) -> anyhow::Result<()> {
        let text = new.text();
        if old.is_some() {
            let expected = fs::read(&self.path).with_context(|| format!("cannot read {}", self.path.display()))?;
            if let Some(directory) = self.path.parent() {
                write::clean_leftovers(directory);
            }
            return Ok(write::replace(&self.path, &expected, text.as_bytes())?);
        }
        let create = || {
            if let Some(parent) = self.path.parent() {
                fs::create_dir_all(parent)?;
            }
            write::create(&self.path, text.as_bytes())
        };
        create().with_context(|| format!("cannot write {}", self.project.shown.show(&self.path)))
    }

    fn outcome(&self) -> Outcome {
        if self.analysis.failed() { Outcome::Failure } else { Outcome::Clean }
    }
}

/// Where the configuration has it; beside that, when it has none; in the current directory, when there is no configuration.
fn default_path(project: &Project) -> PathBuf {
    let config = &project.settings.config;
    config.baseline.clone().unwrap_or_else(|| config.path.parent().unwrap_or(Path::new("")).join(FILE_NAME))
}

/// Says of entries that nobody looked for why they are still there.
fn tell_others(compared: &Compared, keeps_unknown: bool, out: &mut dyn Write) -> io::Result<()> {
    let count = |verdict| compared.count(verdict);
    let (elsewhere, off, unknown) = (count(Verdict::NotLooked), count(Verdict::RuleOff), count(Verdict::NoRule));
    if elsewhere > 0 {
        writeln!(
            out,
            "{} of files that were not looked at, or could not be understood, and kept.",
            are(elsewhere, "entry")
        )?;
    }
    if off > 0 {
        writeln!(out, "{} of rules that are off, and kept.", are(off, "entry"))?;
    }
    if unknown > 0 && keeps_unknown {
        let entries = are(unknown, "entry");
        writeln!(
            out,
            "{entries} of rules that there are not in this version, and kept; `hookshift baseline write` drops them."
        )?;
    } else if unknown > 0 {
        writeln!(out, "{} of rules that there are not in this version, and dropped.", are(unknown, "entry"))?;
    }
    Ok(())
}

/// How many there are, with the verb.
fn are(count: usize, what: &'static str) -> String {
    match (count, what) {
        (1, what) => format!("1 {what} is"),
        (count, "entry") => format!("{count} entries are"),
        (count, what) => format!("{count} {what}s are"),
    }
}
