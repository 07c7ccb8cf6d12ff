//! `hookshift handlers`.

use super::output::Output;
use super::project_args::{Project, ProjectArgs, unreadable};
use super::{Outcome, progress};
use crate::check::analysis::Analysis;
use crate::finding::Severity;
use crate::project::files::Files;
use crate::project::options::Options;
use crate::report::inventory;

/// List every registration: hook, tag, handler, priority, place, and its fate in the target release
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes: 0 when the list is complete, 2 when the job could not be done, or not for all files.")]
pub struct Args {
    #[command(flatten)]
    project: ProjectArgs,

    /// How the list is shown
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum TableFormat {
    /// Aligned columns
    #[default]
    Table,
    /// For programs; `hookshift schema` has its schema
    Json,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let project = Project::open(&args.project)?;
    let files = project.files();
    project.warn_of_no_files(&files);
    let analysis = analyse(args, &project, &files)?;
    project.tell_unreadable(&analysis.skipped);
    let (inventory, paths) = (&analysis.inventory, &project.shown);
    let releases = (project.taken_from(&analysis), project.settings.to.0);
    match args.format {
        TableFormat::Json => output.write(|out| inventory::json(inventory, paths, out))?,
        TableFormat::Table if project.nothing_to_do(&files) => {}
        TableFormat::Table => {
            let look = (output.color(), output.table_width());
            output.write(|out| inventory::text(inventory, releases, paths, look, out))?;
        }
    }
    Ok(if analysis.failed() { Outcome::Failure } else { Outcome::Clean })
}

fn analyse(args: &Args, project: &Project, files: &Files) -> anyhow::Result<Analysis> {
    let rules = project.settings.config.rules();
    let options = Options { inventory: true, ..project.options(&args.project, files.paths.clone(), rules)? };
    let mut analysis = progress::with_bar(&options.progress, || crate::check::check(&options))?;
    analysis.skipped.extend(unreadable(files));
    analysis.settle(|_, own| Some(own), Severity::Info);
    Ok(analysis)
}
