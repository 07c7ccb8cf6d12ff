//! `hookshift man`.

use anyhow::Context;
use clap::CommandFactory;

use super::output::Output;
use super::{Cli, Outcome};
use crate::suggest::did_you_mean;

/// Print a manual page in roff, as `man` reads it
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the page of this command, not that of hookshift as a whole
    command: Vec<String>,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let mut root = Cli::command();
    root.build();
    let mut command = &root;
    let mut page = root.get_name().to_owned();
    for name in &args.command {
        command = command.find_subcommand(name).with_context(|| {
            let known = command.get_subcommands().map(clap::Command::get_name);
            let suggestion = did_you_mean(name, known);
            format!("{page} has no command `{name}`{suggestion}")
        })?;
        page = format!("{page}-{name}");
    }
    let man = self::page(command, &page);
    output.write(|out| man.render(&mut { out }))?;
    Ok(Outcome::Clean)
}

/// The manual page of a command, which has the name that is given to it.
pub fn page(command: &clap::Command, name: &str) -> clap_mangen::Man {
    clap_mangen::Man::new(command.clone())
        .title(name)
        .source(concat!("hookshift ", env!("CARGO_PKG_VERSION")))
        .manual("hookshift")
}
