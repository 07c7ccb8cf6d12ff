//! `hookshift check`.

use std::time::Instant;

use super::add_ignores::AddIgnoresArgs;
use super::ci::{self, Ci};
use super::finding_args::FindingArgs;
use super::formats::FormatArgs;
use super::output::Output;
use super::project_args::{Project, ProjectArgs, unreadable};
use super::{Outcome, hints, plan, progress, settings, show_files};
use crate::check::analysis::{Analysis, Phase, Skipped};
use crate::finding::Severity;
use crate::project::files::Files;
use crate::project::options::{Options, RuleSelection};
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
    findings: FindingArgs,

    #[command(flatten)]
    formats: FormatArgs,

    #[command(flatten)]
    add_ignores: AddIgnoresArgs,

    /// Add figures: findings by rule, bytes read and parsed, time taken
    #[arg(long)]
    statistics: bool,

    /// List what would be read, and what is left out and why, and do nothing else
    #[arg(long, conflicts_with = "show_settings")]
    show_files: bool,

    /// Print the settings in force, and where they come from, and do nothing else
    #[arg(long)]
    show_settings: bool,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let asked = &args.findings;
    let mut project = asked.open()?;
    let rules = asked.rules(&project);
    if args.show_settings {
        project.settle_release(&asked.project)?;
        return settings::show(&project, &rules, output);
    }
    let started = Instant::now();
    let files = asked.files(&project);
    if args.show_files {
        return show_files::show(&project, &files, output);
    }
    let walk = Phase { name: "find files", elapsed: started.elapsed() };
    project.warn_of_no_files(&files);
    let question = asked.question(&project, &files, &rules)?;
    args.add_ignores.must_be_possible(&project)?;
    let wanted = args.formats.wanted(Ci::detect().as_ref());
    let (options, mut analysis) = question.answer(wanted.has_fixes() && !args.add_ignores.is_wanted())?;
    analysis.summary.phases.insert(0, walk);
    if args.add_ignores.is_wanted() {
        return args.add_ignores.run(&project, &options, &analysis, output);
    }
    let shows = wanted.is_for_programs() || !project.nothing_to_do(&files);
    let plan =
        wanted.has_plan().then(|| plan::of(&project, &asked.project, &files, &options, &analysis)).transpose()?;
    let (from, to) = (project.taken_from(&analysis).to_string(), project.settings.to.0.to_string());
    let files_url = ci::files_url();
    let run = Run {
        from: &from,
        to: &to,
        analysis: &analysis,
        paths: &project.shown,
        repository_paths: &project.shown_in_repository,
        files_url: files_url.as_deref(),
        plan: plan.as_ref(),
        statistics: args.statistics,
        color: shows && output.color(),
        width: output.terminal_width(),
    };
    let written = wanted.write_files(&run);
    if shows {
        wanted.print(&run, output)?;
    }
    written?;
    if !wanted.is_for_programs() && output.terminal_width().is_some() {
        hints::tell_of_releases(&project, &analysis);
    }
    Ok(asked.outcome(&analysis))
}

/// What is asked of the analysis, and what of it cannot be read.
pub(super) fn options(
    project: &Project,
    args: &ProjectArgs,
    files: &Files,
    rules: &RuleSelection,
) -> anyhow::Result<(Options, Vec<Skipped>)> {
    let mut options = project.options(args, files.paths.clone(), rules.clone())?;
    let (configs, unusable) = project.server_configs(files)?;
    options.server_configs = configs;
    options.template_vars.clone_from(&files.template_vars);
    options.metric_files.clone_from(&files.metrics);
    Ok((options, unreadable(files).into_iter().chain(unusable).collect()))
}

/// The settled result, of which nothing is hidden.
pub(super) fn analyse(options: &Options, skipped: Vec<Skipped>, with_fixes: bool) -> anyhow::Result<Analysis> {
    let mut analysis = progress::with_bar(&options.progress, || match with_fixes {
        true => crate::fixing::check_with_fixes(options),
        false => crate::check::check(options),
    })?;
    analysis.skipped.extend(skipped);
    analysis.settle(|rule, own| options.rules.severity(rule, own), Severity::Info);
    Ok(analysis)
}
