//! `hookshift catalog`.

use std::path::PathBuf;

use anyhow::Context;

use super::Outcome;
use super::output::Output;
use super::project_args::parse_release;
use crate::catalog::{Version, extract, text};

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

/// Writes the files of a source tree's release.
fn extract(args: &ExtractArgs, output: Output) -> anyhow::Result<Outcome> {
    let extraction = extract::extract(&args.source, args.release)?;
    tell(&extraction.notes);
    let release = text::release(&extraction.release);
    let Some(directory) = &args.output else {
        output.write(|out| out.write_all(release.as_bytes()))?;
        return Ok(Outcome::Clean);
    };
    std::fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    let files = [
        (format!("{}.toml", args.release), release),
        (format!("{}.api.toml", args.release), text::api(&extraction.api)),
    ];
    for (name, text) in files {
        let path = directory.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Outcome::Clean)
}

/// Says what was left out or decided.
fn tell(notes: &[String]) {
    for note in notes {
        super::say("note", note);
    }
}

/// Reports differences between a source tree and the embedded release file; [`Outcome::Findings`] when there are any.
fn verify(_args: &VerifyArgs, _output: Output) -> anyhow::Result<Outcome> {
    anyhow::bail!("not wired yet")
}
