//! `hookshift dev`: what hookshift's own development needs, hidden from the help.

use super::output::Output;
use super::{Outcome, parse_diff};

/// Commands for the development of hookshift itself
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    ParseDiff(parse_diff::Args),
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    match &args.command {
        Command::ParseDiff(args) => parse_diff::run(args, output),
    }
}
