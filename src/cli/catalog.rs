//! `hookshift catalog`.

use std::path::PathBuf;

use super::Outcome;
use super::output::Output;
use super::project_args::parse_release;
use crate::project::release::Version;

/// Build and verify the data about a release's hooks
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Extract(ExtractArgs),
    Verify(VerifyArgs),
}

/// Read a server's source tree and write what its hooks are
#[derive(Debug, clap::Args)]
pub struct ExtractArgs {
    /// The root of a MongooseIM checkout, or of a fork of it
    #[arg(long, value_name = "DIR")]
    pub source: PathBuf,

    /// The release that the tree is
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub release: Version,

    /// Where to write the data files [default: standard output]
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Compare a server's source tree with the data that is built in, and fail on any difference
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// The root of a MongooseIM checkout
    #[arg(long, value_name = "DIR")]
    pub source: PathBuf,

    /// The release that the tree is [default: as the tree says]
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub release: Option<Version>,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    match &args.command {
        Command::Extract(args) => extract(args, output),
        Command::Verify(args) => verify(args, output),
    }
}

/// Writes the release file of a source tree.
fn extract(_args: &ExtractArgs, _output: Output) -> anyhow::Result<Outcome> {
    anyhow::bail!("not wired yet")
}

/// Reports differences between a source tree and the embedded release file; [`Outcome::Findings`] when there are any.
fn verify(_args: &VerifyArgs, _output: Output) -> anyhow::Result<Outcome> {
    anyhow::bail!("not wired yet")
}
