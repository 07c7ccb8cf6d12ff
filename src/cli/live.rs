//! `hookshift live`.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::handlers::TableFormat;
use super::output::Output;
use super::project_args::{Project, ProjectArgs, unreadable};
use super::{Outcome, progress};
use crate::finding::Severity;
use crate::live::{self, EXPRESSION, Row, Verdict, Witness};
use crate::project::options::Options;
use crate::report::summary::Count;
use crate::report::table::{Cell, Table};
use crate::report::{escape, json};

/// Ask a running node which handlers it really has, and hold them against the source
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without --dump, an expression is printed for the shell of a node (`mongooseimctl debug`): it changes nothing there, and prints a \
line for each handler. Save what it prints, and give the file to --dump, before the upgrade and after it.

Exit codes: 0 when the node has what the source registers and nothing else, 1 when not, 2 when the job could not be done.")]
pub struct Args {
    #[command(flatten)]
    project: ProjectArgs,

    /// What the expression printed; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,

    /// How the result is shown
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let Some(dump) = &args.dump else {
        output.write(|out| out.write_all(EXPRESSION.as_bytes()))?;
        super::say("note", "run this in the shell of a node, and give what it prints to --dump");
        return Ok(Outcome::Clean);
    };
    let live = live::read(&text(dump)?).with_context(|| dump.display().to_string())?;
    ensure!(
        !live.is_empty(),
        "{}: there is no line as the expression prints it; `hookshift live` shows the expression",
        dump.display()
    );
    let project = Project::open(&args.project)?;
    let files = project.files();
    project.warn_of_no_files(&files);
    let rules = project.settings.config.rules();
    let options = Options { inventory: true, ..project.options(&args.project, files.paths.clone(), rules)? };
    let mut analysis = progress::with_bar(&options.progress, || crate::check::check(&options))?;
    analysis.skipped.extend(unreadable(&files));
    analysis.settle(|_, own| Some(own), Severity::Info);
    project.tell_unreadable(&analysis.skipped);
    let upgrade = project.settings.config.catalog().upgrade(project.taken_from(&analysis), project.settings.to.0)?;
    let is_own = |module: &str| {
        let mut names = files.paths.iter().filter_map(|path| path.file_stem());
        names.any(|name| name == module)
    };
    let witness = Witness::new(&upgrade, &analysis.inventory, &live, is_own, &project.shown);
    match args.format {
        TableFormat::Json => output.write(|out| json::write_pretty(&witness, out))?,
        TableFormat::Table => output.write(|out| table(&witness, output.table_width(), out))?,
    }
    let is_all_live = witness.rows.iter().all(|row| row.verdict == Verdict::Live);
    Ok(match (analysis.failed(), is_all_live) {
        (true, _) => Outcome::Failure,
        (_, true) => Outcome::Clean,
        _ => Outcome::Findings,
    })
}

fn text(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    } else {
        bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    }
    // Names are what matters, and a terminal's log may have other bytes around them.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn table(witness: &Witness, width: usize, out: &mut dyn Write) -> io::Result<()> {
    if !witness.rows.is_empty() {
        let mut table = Table::new(["NODE", "HOOK", "HANDLER", "PRIORITY", "TAGS", "IN THE TARGET", "PLACE"]);
        witness.rows.iter().for_each(|it| table.row(row(it)));
        table.write(out, width)?;
        writeln!(out)?;
    }
    writeln!(
        out,
        "{} → {}: {} live, {} missing, {} with another priority, {} unexplained; {} of the server itself.",
        witness.from,
        witness.to,
        witness.count(Verdict::Live),
        witness.count(Verdict::Missing),
        witness.count(Verdict::OtherPriority),
        witness.count(Verdict::Unexplained),
        Count(witness.of_server, "handler"),
    )?;
    if witness.unresolved > 0 {
        let which = Count(witness.unresolved, "registration");
        writeln!(out, "{which} could not be followed, and may explain some: see `hookshift handlers`.")?;
    }
    Ok(())
}

fn row(row: &Row) -> Vec<Cell> {
    let verdict = match row.verdict {
        Verdict::Missing => "missing",
        Verdict::Unexplained => "unexplained",
        Verdict::OtherPriority => "other priority",
        Verdict::Live => "live",
    };
    let list = |numbers: &[i64]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let live = list(&row.live_priorities);
    let priority = match (row.priority, row.verdict) {
        (Some(own), Verdict::OtherPriority) => format!("{live} (source: {own})"),
        (Some(own), Verdict::Missing) => own.to_string(),
        _ => live,
    };
    let target = match &row.replacements[..] {
        [] => row.status.as_str().to_owned(),
        names => format!("{}: {}", row.status.as_str(), names.join(", ")),
    };
    let place = row.place.as_deref().unwrap_or("");
    let texts = [verdict, &row.hook, &row.handler, &priority, &row.tags.join(", "), &target, place];
    texts.into_iter().map(|text| Cell::from(escape::one_line(text).into_owned())).collect()
}
