//! `hookshift catalog`.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use super::Outcome;
use super::handlers::TableFormat;
use super::output::Output;
use super::project_args::{config_here, parse_release};
use crate::catalog::{Catalog, Version, text};
use crate::examples;
use crate::extract;
use crate::extract::draft::{self, Side};
use crate::report::summary::Count;
use crate::report::{escape, json};
use crate::rewrite::write;

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
    Draft(DraftArgs),
    Test(TestArgs),
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

/// Compare two source trees and write a change file with what is left to say
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 when it is written, 2 when a tree cannot be read.")]
pub struct DraftArgs {
    /// The root of a MongooseIM checkout, or of a fork of it: the older one first, and once more for the newer one
    #[arg(long, value_name = "DIR", required = true)]
    pub source: Vec<PathBuf>,

    /// The release that the older tree is [default: as its file VERSION says]
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub from: Option<Version>,

    /// The release that the newer tree is [default: as its file VERSION says]
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub to: Option<Version>,

    /// The file to write; it must not be there [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Run the examples in change files, and tell what is left to say in them
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 when every example is right and no TODO is left, 1 when one is, 2 when the files cannot be read or are no catalog."
)]
pub struct TestArgs {
    /// A directory with releases/ and changes/ [default: the one that hookshift.toml names]
    pub directory: Option<PathBuf>,

    /// How the result is shown
    #[arg(long, value_enum, default_value_t)]
    pub format: TableFormat,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    match &args.command {
        Command::Extract(args) => extract(args, output),
        Command::Verify(args) => verify(args, output),
        Command::Draft(args) => draft(args, output),
        Command::Test(args) => test(args, output),
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
        write::put(&path, |out| out.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))?;
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
    let version = release_of(&args.source, args.release, "--release")?;
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

/// Runs examples; [`Outcome::Findings`] when one fails, or something is left to say.
fn test(args: &TestArgs, output: Output) -> anyhow::Result<Outcome> {
    let directory = match &args.directory {
        Some(directory) => directory.clone(),
        None => {
            let named = config_here()?.catalog_directory;
            named.context("no hookshift.toml names a directory for [catalog]: give one")?
        }
    };
    ensure!(directory.is_dir(), "{}: no such directory", directory.display());
    let report = examples::run(&directory)?;
    match args.format {
        TableFormat::Json => output.write(|out| json::write_pretty(&report, out))?,
        TableFormat::Table => output.write(|out| write_report(&report, out))?,
    }
    Ok(if report.is_clean() { Outcome::Clean } else { Outcome::Findings })
}

fn write_report(report: &examples::Report, out: &mut dyn io::Write) -> io::Result<()> {
    for entry in &report.entries {
        let place = format!("{}:{}: {} `{}`", entry.file, entry.line, entry.kind, entry.name);
        let place = escape::one_line(&place);
        let failed: Vec<_> = entry.examples.iter().enumerate().filter(|(_, it)| !it.passed).collect();
        if failed.is_empty() {
            writeln!(out, "{place}: {}: right", Count(entry.examples.len(), "example"))?;
        }
        for (at, example) in failed {
            let list = |rules: &[String]| if rules.is_empty() { "nothing".to_owned() } else { rules.join(", ") };
            let number = at + 1;
            if example.expected == example.found {
                writeln!(out, "{place}: example {number}: the code that comes of it is another one")?;
            } else {
                let (expected, found) = (list(&example.expected), list(&example.found));
                writeln!(out, "{place}: example {number}: expected {expected}, found {found}")?;
            }
            if let (Some(expected), Some(found)) = (&example.expected_code, &example.found_code) {
                for (sign, code) in [('-', expected), ('+', found)] {
                    for line in code.trim_end().lines() {
                        writeln!(out, "  {sign} {}", escape::line(line))?;
                    }
                }
            }
        }
    }
    for todo in &report.todos {
        writeln!(out, "{}:{}: {}", escape::one_line(&todo.file), todo.line, escape::line(&todo.text))?;
    }
    let (all, passed) = report.counts();
    writeln!(
        out,
        "{}, {passed} right; {} left; {} without examples.",
        Count(all, "example"),
        Count(report.todos.len(), "TODO"),
        Count(report.without_examples, "entry"),
    )
}

/// The release of a tree: the one that is given with an option, or what the tree says.
fn release_of(source: &Path, given: Option<Version>, option: &str) -> anyhow::Result<Version> {
    if let Some(version) = given.or_else(|| extract::release_of(source)) {
        return Ok(version);
    }
    if !source.is_dir() {
        return Err(extract::ExtractError::NoDirectory(source.to_path_buf()).into());
    }
    let file = source.join("VERSION");
    bail!("{} does not say which release this is: give {option}", file.display())
}

/// Writes what differs between two source trees as a change file.
fn draft(args: &DraftArgs, output: Output) -> anyhow::Result<Outcome> {
    let [old, new] = &args.source[..] else {
        bail!("--source is given twice, for the older tree and then for the newer one");
    };
    let (from, to) = (release_of(old, args.from, "--from")?, release_of(new, args.to, "--to")?);
    ensure!(from < to, "{to} does not come after {from}: the older tree is given first");
    let (before, after) = (extract::extract(old, from)?, extract::extract(new, to)?);
    let (old_config, new_config) = (extract::config_options(old)?, extract::config_options(new)?);
    let draft = draft::draft(
        Side { extraction: &before, config: &old_config },
        Side { extraction: &after, config: &new_config },
    );
    tell(&after.notes);
    let not_followed = new_config.not_followed;
    if not_followed > 0 {
        let which = Count(not_followed, "expression");
        super::say(
            "note",
            &format!("{which} in specs of the configuration could not be followed: compare these by hand"),
        );
    }
    let counts = draft.counts;
    let summary = format!(
        "{from} to {to}: {} removed, {} of them with a proposal for what took their place; {} changed, {} added; {}, {}; {} to fill in",
        Count(counts.removed, "hook"),
        counts.renamed,
        counts.changed,
        counts.added,
        Count(counts.functions, "function"),
        Count(counts.options, "option"),
        Count(counts.todos, "TODO"),
    );
    match &args.output {
        None => output.write(|out| out.write_all(draft.text.as_bytes()))?,
        Some(path) => {
            // What somebody has filled in must not be lost.
            write::create(path, draft.text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    super::say("note", &summary);
    Ok(Outcome::Clean)
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
