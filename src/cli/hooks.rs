//! `hookshift hooks`.

use super::Outcome;
use super::handlers::TableFormat;
use super::output::Output;
use super::project_args::{config_here, parse_release};
use crate::catalog::{Catalog, Upgrade, Version};
use crate::project::settings::{DEFAULT_FROM, DEFAULT_TO};
use crate::report::hooks;

/// List the hooks of a release, or what changed between two releases
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 when the list is printed, 2 when a release is not known.")]
pub struct Args {
    /// The hooks of this release
    #[arg(long, value_name = "RELEASE", value_parser = parse_release, conflicts_with_all = ["from", "to"])]
    pub release: Option<Version>,

    /// Changes since this release [default: 6.0.0]
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub from: Option<Version>,

    /// Changes up to this release [default: 6.1.0]
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub to: Option<Version>,

    /// How the list is shown
    #[arg(long, value_enum, default_value_t)]
    pub format: TableFormat,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let config = config_here()?;
    match args.release {
        Some(version) => release(config.catalog(), version, args.format, output)?,
        None => {
            let upgrade = config.catalog().upgrade(args.from.unwrap_or(DEFAULT_FROM), args.to.unwrap_or(DEFAULT_TO))?;
            changes(&upgrade, args.format, output)?;
        }
    }
    Ok(Outcome::Clean)
}

fn release(catalog: &Catalog, version: Version, format: TableFormat, output: Output) -> anyhow::Result<()> {
    let release = catalog.require(version)?;
    output.write(|out| match format {
        TableFormat::Table => hooks::write_release(out, release, output.table_width()),
        TableFormat::Json => hooks::write_json(out, &hooks::entries(release)),
    })
}

fn changes(upgrade: &Upgrade, format: TableFormat, output: Output) -> anyhow::Result<()> {
    output.write(|out| match format {
        TableFormat::Table => hooks::write_changes(out, upgrade, output.table_width()),
        TableFormat::Json => hooks::write_json(out, &hooks::change_entries(upgrade)),
    })
}
