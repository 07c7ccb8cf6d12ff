//! `hookshift dev`: what hookshift's own development needs, hidden from the help.

use super::output::Output;
use super::{Outcome, docs};

/// Commands for the development of hookshift itself
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Docs(docs::Args),
}

pub fn run(args: &Args, _output: Output) -> anyhow::Result<Outcome> {
    match &args.command {
        Command::Docs(args) => docs::run(args),
    }
}
