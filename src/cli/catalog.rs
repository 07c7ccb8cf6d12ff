//! `hookshift catalog`.

use std::path::PathBuf;

use anyhow::Context;

use super::Outcome;
use super::output::Output;
use super::project_args::parse_release;
use crate::catalog::{Catalog, Version, text};
use crate::extract;

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
#[command(after_help = "Exit codes: 0 when all is written, 2 when the tree cannot be read.")]
pub struct ExtractArgs {
    /// The root of a MongooseIM checkout, or of a fork of it
    #[arg(long, value_name = "DIR")]
    pub source: PathBuf,

    /// The release that the tree is
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub release: Version,

    /// Where to write <release>.toml and <release>.api.toml [default: the first of them to standard output]
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Compare a server's source tree with the data that is built in, and fail on any difference
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 when they agree, 1 when they differ, 2 when the tree cannot be read.")]
pub struct VerifyArgs {
    /// The root of a MongooseIM checkout
    #[arg(long, value_name = "DIR")]
    pub source: PathBuf,

    /// The release that the tree is [default: as its file VERSION says]
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

/// Compares what a source tree says with what is built in; [`Outcome::Findings`] when they differ.
fn verify(args: &VerifyArgs, output: Output) -> anyhow::Result<Outcome> {
    let version = match args.release {
        Some(version) => version,
        None => extract::release_of(&args.source).with_context(|| unknown_release(args))?,
    };
    let catalog = Catalog::embedded();
    let known = catalog.require(version)?;
    let extraction = extract::extract(&args.source, version)?;
    let built_in_api = catalog.api(version).map(text::api).unwrap_or_default();
    let files = [
        (format!("{version}.toml"), text::release(known), text::release(&extraction.release)),
        (format!("{version}.api.toml"), built_in_api, text::api(&extraction.api)),
    ];
    let mut outcome = Outcome::Clean;
    output.write(|out| {
        for (name, built_in, source) in &files {
            let Some((line, old, new)) = text::first_difference(built_in, source) else { continue };
            outcome = Outcome::Findings;
            writeln!(out, "{name}:{line}: differs\n  built in: {old}\n  source:   {new}")?;
        }
        match outcome {
            Outcome::Clean => writeln!(out, "{}", agreement(&extraction)),
            _ => Ok(()),
        }
    })?;
    Ok(outcome)
}

/// The complaint when a tree's release is neither given nor known.
fn unknown_release(args: &VerifyArgs) -> String {
    if !args.source.is_dir() {
        return extract::ExtractError::NoDirectory(args.source.clone()).to_string();
    }
    let file = args.source.join("VERSION");
    format!("{} does not say which release this is: give --release", file.display())
}

fn agreement(extraction: &extract::Extraction) -> String {
    let extract::Extraction { release, api, .. } = extraction;
    format!(
        "{}: {} hooks, {} handlers, {} modules and {} headers are as built in",
        release.release,
        release.hooks.len(),
        release.handlers.len(),
        api.modules.len(),
        api.headers.len(),
    )
}
