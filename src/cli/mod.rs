//! The command line: one file per command.

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod add_ignores;
mod ask;
mod baseline;
mod catalog;
mod check;
mod ci;
mod completions;
mod dev;
mod docs;
mod explain;
mod finding_args;
mod fix;
mod formats;
mod git;
mod handlers;
mod hints;
mod hooks;
mod live;
mod lsp;
mod man;
mod merge;
mod output;
mod packaging;
mod parse_diff;
mod plan;
mod progress;
mod project_args;
mod review;
mod rule_args;
mod schema;
mod server_args;
mod settings;
mod show_files;
mod since;
mod site;
mod target;
mod writing;

/// How a command went, which becomes the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did its job and found nothing: 0.
    Clean,
    /// It did its job and found something: 1.
    Findings,
    /// It could not do its job, or not all of it: 2.
    Failure,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        ExitCode::from(match outcome {
            Outcome::Clean => 0,
            Outcome::Findings => 1,
            Outcome::Failure => 2,
        })
    }
}

/// Checks custom MongooseIM modules against the hooks of another release.
#[derive(Debug, Parser)]
#[command(name = "hookshift", version, max_term_width = 100)]
struct Cli {
    /// Colour the output
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t, help_heading = "Global options")]
    color: output::ColorWhen,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Args),
    Fix(fix::Args),
    Baseline(baseline::Args),
    Review(review::Args),
    Plan(plan::Args),
    Handlers(handlers::Args),
    Live(live::Args),
    Hooks(hooks::Args),
    Explain(explain::Args),
    Merge(merge::Args),
    Catalog(catalog::Args),
    Lsp(lsp::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
    #[command(hide = true)]
    Dev(dev::Args),
}

/// Runs the command that the process was called with.
#[must_use]
pub fn main() -> ExitCode {
    if std::env::args_os().len() == 1 {
        hints::tell_where_to_begin();
        return Outcome::Failure.into();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match run(cli) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            complain(&error);
            Outcome::Failure.into()
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<Outcome> {
    let output = output::Output::new(cli.color);
    match cli.command {
        Command::Check(args) => check::run(&args, output),
        Command::Fix(args) => fix::run(&args, output),
        Command::Baseline(args) => baseline::run(&args, output),
        Command::Review(args) => review::run(&args, output),
        Command::Plan(args) => plan::run(&args, output),
        Command::Handlers(args) => handlers::run(&args, output),
        Command::Live(args) => live::run(&args, output),
        Command::Hooks(args) => hooks::run(&args, output),
        Command::Explain(args) => explain::run(&args, output),
        Command::Merge(args) => merge::run(&args, output),
        Command::Catalog(args) => catalog::run(&args, output),
        Command::Lsp(args) => lsp::run(&args),
        Command::Schema(args) => schema::run(&args, output),
        Command::Completions(args) => completions::run(&args, output),
        Command::Man(args) => man::run(&args, output),
        Command::Dev(args) => dev::run(&args, output),
    }
}

/// Prints help, version or a usage error. Nobody is left to be told when that fails.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = output::write_usage(error);
    let outcome = if error.use_stderr() { Outcome::Failure } else { Outcome::Clean };
    outcome.into()
}

/// Tells an error on standard error, each of its lines on its own, causes behind it.
fn complain(error: &anyhow::Error) {
    let text = format!("{error:#}");
    for line in text.lines() {
        say("error", line);
    }
}

/// Writes a line to standard error. Where that is closed, there is nobody to tell.
fn say(title: &str, text: &str) {
    let text = crate::report::escape::line(text);
    to_stderr(&format!("{title}: {text}"), title.len() + 2);
}

/// Writes lines, of which nothing is to be escaped any more, to standard error.
fn say_lines(text: &str) {
    text.lines().for_each(|line| to_stderr(line, 4));
}

/// Writes a line, in several where the terminal has no room.
fn to_stderr(line: &str, hang: usize) {
    let width = terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| usize::from(width.0));
    let _ = output::write_error(|out| crate::report::wrap::write(out, line, width, hang));
}
