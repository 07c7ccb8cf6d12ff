//! `hookshift schema`.

use super::Outcome;
use super::output::Output;
use crate::report::{json, schema};

/// Print the JSON Schema of what a command prints with --format json
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The command
    #[arg(value_enum)]
    command: Described,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Described {
    Check,
    Fix,
    Handlers,
    Hooks,
    Merge,
    Plan,
    Live,
    CatalogTest,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let schema = match args.command {
        Described::Check => schema::check(),
        Described::Fix => schema::fix(),
        Described::Handlers => schema::handlers(),
        Described::Hooks => schema::hooks(),
        Described::Merge => schema::merge(),
        Described::Plan => schema::plan(),
        Described::Live => schema::live(),
        Described::CatalogTest => schema::catalog_test(),
    };
    output.write(|out| json::write_pretty(&schema, out))?;
    Ok(Outcome::Clean)
}
