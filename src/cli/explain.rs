//! `hookshift explain`.

use anyhow::bail;

use super::Outcome;
use super::output::Output;
use super::project_args::{config_here, parse_release};
use crate::catalog::Version;
use crate::project::settings::{DEFAULT_FROM, DEFAULT_TO};
use crate::report::explain;
use crate::rules;
use crate::suggest::did_you_mean;

/// Longer lines of prose are hard to read, however wide the terminal is.
const MAX_WIDTH: usize = 100;

/// Explain a hook or a rule: what happened, what to write, an example, the evidence
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 when it is explained, 2 when nothing has that name.")]
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
pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let width = output.terminal_width().unwrap_or(MAX_WIDTH).min(MAX_WIDTH);
    let name = args.name.as_str();
    if let Some(documentation) = rules::documentation(name) {
        output.write(|out| explain::write_rule(out, name, documentation, width))?;
        return Ok(Outcome::Clean);
    }
    let config = config_here()?;
    let catalog = config.catalog();
    let upgrade = catalog.upgrade(args.from.unwrap_or(DEFAULT_FROM), args.to.unwrap_or(DEFAULT_TO))?;
    let mut explained = false;
    output.write(|out| {
        explained = explain::write_hook(out, &upgrade, name, width)?;
        Ok(())
    })?;
    if !explained {
        let names = catalog.hook_names().into_iter().chain(rules::names());
        bail!("neither a hook nor a rule is called `{name}`{}", did_you_mean(name, names));
    }
    Ok(Outcome::Clean)
}
