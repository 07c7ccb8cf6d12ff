//! `hookshift explain`.

use super::Outcome;
use super::output::Output;
use super::project_args::parse_release;
use crate::catalog::Version;

/// Explain a hook or a rule: what happened, what to write, an example, the evidence
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The name of a hook or of a rule
    pub name: String,

    /// The release that the code is written for [default: 6.0.0]
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub from: Option<Version>,

    /// The release that it shall run on [default: 6.1.0]
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub to: Option<Version>,
}

/// Explains the hook or rule of that name; when there is none, fails with a suggestion.
pub fn run(_args: &Args, _output: Output) -> anyhow::Result<Outcome> {
    anyhow::bail!("not wired yet")
}
