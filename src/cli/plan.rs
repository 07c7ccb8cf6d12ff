//! `hookshift plan`.

use super::output::Output;
use super::project_args::{Project, ProjectArgs};
use super::server_args::ServerArgs;
use super::{Outcome, check};
use crate::check::Analysis;
use crate::plan::{Basis, Plan, markdown};
use crate::project::files::Files;
use crate::project::options::Options;
use crate::report::json;

/// List everything that the upgrade takes, for this very project: code, configuration, metrics, servers
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Boxes are ticked when nothing is left of what they are about; what is done to servers cannot be seen, and stays open.

Exit codes: 0 when nothing that shows is left to do, 1 when something is, 2 when the job could not be done, or not for \
all files.")]
pub struct Args {
    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    server: ServerArgs,

    /// How the plan is shown
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    #[default]
    Markdown,
    /// For programs; `hookshift schema plan` has its schema
    Json,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let mut project = Project::open(&args.project)?;
    args.server.name(&mut project);
    let mut files = project.files();
    args.server.add_to(&project, &mut files);
    project.warn_of_no_files(&files);
    let mut rules = project.settings.config.rules();
    // What only speaks when it is asked by name is part of a plan.
    let on = crate::rules::names().into_iter().filter(|rule| rules.enabled(rule));
    rules.select = Some(on.map(str::to_owned).collect());
    let (options, skipped) = check::options(&project, &args.project, &files, &rules)?;
    let analysis = check::analyse(&options, skipped, true)?;
    project.tell_unreadable(&analysis.skipped);
    let plan = of(&project, &args.project, &files, &options, &analysis)?;
    output.write(|out| match args.format {
        Format::Markdown => out.write_all(markdown(&plan).as_bytes()),
        Format::Json => json::write_pretty(&plan, out),
    })?;
    let (done, all) = plan.progress();
    Ok(match (analysis.failed(), done == all) {
        (true, _) => Outcome::Failure,
        (_, true) => Outcome::Clean,
        _ => Outcome::Findings,
    })
}

/// The plan for a project that was analysed.
///
/// # Errors
/// There is no described way between the releases.
pub(super) fn of(
    project: &Project,
    args: &ProjectArgs,
    files: &Files,
    options: &Options,
    analysis: &Analysis,
) -> anyhow::Result<Plan> {
    let upgrade = options.upgrade(project.taken_from(analysis), project.settings.to.0)?;
    Ok(Plan::new(&Basis {
        upgrade: &upgrade,
        analysis,
        configs: &options.server_configs,
        metrics_were_given: !files.metrics.is_empty(),
        paths: &project.shown,
        roots: &args.paths,
    }))
}
