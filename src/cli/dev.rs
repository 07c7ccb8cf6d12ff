//! `hookshift dev`: what hookshift's own development needs, hidden from the help.

use super::output::Output;
use super::{Outcome, docs, packaging, parse_diff, site};

/// Commands for the development of hookshift itself
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Docs(docs::Args),
    Site(site::Args),
    Packaging(packaging::Args),
    ParseDiff(parse_diff::Args),
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    match &args.command {
        Command::Docs(args) => docs::run(args),
        Command::Site(args) => site::run(args),
        Command::Packaging(args) => packaging::run(args),
        Command::ParseDiff(args) => parse_diff::run(args, output),
    }
}
