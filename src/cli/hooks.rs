//! `hookshift hooks`.

use super::Outcome;
use super::handlers::TableFormat;
use super::output::Output;
use super::project_args::parse_release;
use crate::catalog::Version;

/// List the hooks of a release, or what changed between two releases
#[derive(Debug, clap::Args)]
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

/// Lists [`crate::report::hooks::HookEntry`]s.
pub fn run(_args: &Args, _output: Output) -> anyhow::Result<Outcome> {
    anyhow::bail!("not wired yet")
}
