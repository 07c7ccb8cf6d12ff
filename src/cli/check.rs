//! `hookshift check`.

use std::path::PathBuf;
use std::time::Instant;

use super::add_ignores::AddIgnoresArgs;
use super::baseline::{KnownArgs, compared};
use super::ci::{self, Ci};
use super::formats::{FormatArgs, Wanted};
use super::output::Output;
use super::project_args::{Project, ProjectArgs, unreadable};
use super::rule_args::RuleArgs;
use super::since::SinceArgs;
use super::{Outcome, progress, settings, show_files};
use crate::check::analysis::{Analysis, Phase};
use crate::finding::Severity;
use crate::project::files::Files;
use crate::project::options::{Options, RuleSelection};
use crate::project::server_config::ServerConfig;
use crate::report::Run;

/// Say what the target release breaks in hook handlers, why, and what to write instead
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes: 0 when nothing is found, 1 when something is (of any severity that is shown), 2 when the job could not \
be done, or not for all files.

Settings come from the nearest hookshift.toml above the paths; options win over it. Files that .gitignore or .ignore \
leave out are not read, nor are hidden files, _build, _checkouts, and deps beside a build file: see --show-files.")]
pub struct Args {
    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    formats: FormatArgs,

    #[command(flatten)]
    rules: RuleArgs,

    /// The server's configuration, for hooks that it runs only with certain modules
    #[arg(long, value_name = "FILE")]
    mongooseim_toml: Option<PathBuf>,

    /// The least severity that is shown
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = Severity::Info)]
    severity: Severity,

    #[command(flatten)]
    known: KnownArgs,

    #[command(flatten)]
    since: SinceArgs,

    #[command(flatten)]
    add_ignores: AddIgnoresArgs,

    /// Add figures: findings by rule, bytes read and parsed, time taken
    #[arg(long)]
    statistics: bool,

    /// Exit with 0 even when something is found
    #[arg(long)]
    exit_zero: bool,

    /// List what would be read, and what is left out and why, and do nothing else
    #[arg(long, conflicts_with = "show_settings")]
    show_files: bool,

    /// Print the settings in force, and where they come from, and do nothing else
    #[arg(long)]
    show_settings: bool,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let mut project = Project::open(&args.project)?;
    if let Some(path) = &args.mongooseim_toml {
        project.mongooseim_toml = Some(path.clone());
    }
    let rules = args.rules.selection(&project);
    if args.show_settings {
        project.settle_release(&args.project)?;
        return settings::show(&project, &rules, output);
    }
    let started = Instant::now();
    let files = project.files();
    if args.show_files {
        return show_files::show(&project, &files, output);
    }
    let walk = Phase { name: "find files", elapsed: started.elapsed() };
    project.warn_of_no_files(&files);
    // What is wrong with these is told before anybody has waited.
    let baseline = args.known.read(&project)?;
    let branch = args.since.branch(&project)?;
    args.add_ignores.must_be_possible(&project)?;
    let wanted = args.formats.wanted(Ci::detect().as_ref());
    let options = options(&project, &args.project, &files, &rules)?;
    let mut analysis = analyse(&options, &files, wanted.has_fixes() && !args.add_ignores.is_wanted())?;
    analysis.summary.phases.insert(0, walk);
    project.tell_unreadable(&analysis.skipped);
    if let Some(baseline) = &baseline {
        analysis.take_known(compared(baseline, &analysis, &project, &files, &rules));
    }
    if let Some(branch) = branch {
        branch.take_untouched(&mut analysis)?;
    }
    analysis.hide_below(args.severity);
    if args.add_ignores.is_wanted() {
        return args.add_ignores.run(&project, &options, &analysis, output);
    }
    let shows = wanted.is_for_programs() || !project.nothing_to_do(&files);
    report(args, &project, &analysis, &wanted, shows.then_some(output))?;
    Ok(args.outcome(&analysis))
}

/// What is asked of the analysis.
pub(super) fn options(
    project: &Project,
    args: &ProjectArgs,
    files: &Files,
    rules: &RuleSelection,
) -> anyhow::Result<Options> {
    let mut options = project.options(args, files.paths.clone(), rules.clone())?;
    options.server_config = project.mongooseim_toml.as_deref().map(ServerConfig::read).transpose()?;
    Ok(options)
}

/// The settled result, of which nothing is hidden.
pub(super) fn analyse(options: &Options, files: &Files, with_fixes: bool) -> anyhow::Result<Analysis> {
    let mut analysis = progress::with_bar(&options.progress, || match with_fixes {
        true => crate::fixing::check_with_fixes(options),
        false => crate::check::check(options),
    })?;
    analysis.skipped.extend(unreadable(files));
    analysis.settle(|rule, own| options.rules.severity(rule, own), Severity::Info);
    Ok(analysis)
}

/// Writes the files that are wanted, and to standard output where something is to be shown there.
fn report(
    args: &Args,
    project: &Project,
    analysis: &Analysis,
    wanted: &Wanted,
    output: Option<Output>,
) -> anyhow::Result<()> {
    let (from, to) = (project.taken_from(analysis).to_string(), project.settings.to.0.to_string());
    let files_url = ci::files_url();
    let run = Run {
        from: &from,
        to: &to,
        analysis,
        paths: &project.shown,
        repository_paths: &project.shown_in_repository,
        files_url: files_url.as_deref(),
        statistics: args.statistics,
        color: output.is_some_and(Output::color),
    };
    let written = wanted.write_files(&run);
    if let Some(output) = output {
        wanted.print(&run, output)?;
    }
    written
}

impl Args {
    fn outcome(&self, analysis: &Analysis) -> Outcome {
        if analysis.failed() {
            Outcome::Failure
        } else if analysis.findings.is_empty() || self.exit_zero {
            Outcome::Clean
        } else {
            Outcome::Findings
        }
    }
}
