//! `hookshift check --add-ignores`.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{anyhow, ensure};

use super::Outcome;
use super::git::must_have_no_changes;
use super::output::Output;
use super::project_args::Project;
use super::writing::{self, Unwritten};
use crate::check::Analysis;
use crate::finding::Finding;
use crate::fixing::ignores::{self, Suppressed, check_reason};
use crate::project::options::Options;
use crate::report::diff::for_terminal;
use crate::report::escape;
use crate::report::summary::Count;
use crate::rewrite::diff;
use crate::rewrite::write::Bounds;

#[derive(Debug, clap::Args)]
pub struct AddIgnoresArgs {
    /// Write comments that suppress all findings that would be shown, with this reason, in place of showing them
    #[arg(
        long,
        value_name = "REASON",
        value_parser = check_reason,
        conflicts_with_all = ["format", "outputs", "statistics", "exit_zero", "show_files", "show_settings"],
    )]
    add_ignores: Option<String>,

    /// With --add-ignores, print a diff and write nothing
    #[arg(long, requires = "add_ignores")]
    dry_run: bool,

    /// With --add-ignores, write also files that have changes which are not committed
    #[arg(long, requires = "add_ignores")]
    allow_dirty: bool,
}

impl AddIgnoresArgs {
    pub fn is_wanted(&self) -> bool {
        self.add_ignores.is_some()
    }

    /// Refuses what cannot be written to.
    ///
    /// # Errors
    /// Standard input is to be read.
    pub fn must_be_possible(&self, project: &Project) -> anyhow::Result<()> {
        let is_file = project.stdin_name().is_none();
        ensure!(is_file || !self.is_wanted(), "--add-ignores writes to files; what `-` reads is none");
        Ok(())
    }

    /// Writes comments for all findings.
    ///
    /// # Errors
    /// Files have changes that are not committed, or cannot be written.
    pub fn run(
        &self,
        project: &Project,
        options: &Options,
        analysis: &Analysis,
        output: Output,
    ) -> anyhow::Result<Outcome> {
        let reason = self.add_ignores.as_deref().ok_or_else(|| anyhow!("there is no reason"))?;
        let done = ignores::ignore(options, &analysis.findings, reason)?;
        let mut unwritten = Unwritten::new();
        if self.dry_run {
            print_diff(&done, project, output)?;
        } else {
            if !self.allow_dirty {
                let paths: Vec<PathBuf> = done.files.iter().map(|file| file.source.path().to_path_buf()).collect();
                must_have_no_changes(&paths, &project.shown, "commit them first, or write with --allow-dirty")?;
            }
            writing::clean_leftovers(&options.files, project.roots(), &project.shown);
            let bounds = Bounds::of(project.roots());
            unwritten = writing::write_all(&done.files, &bounds, &project.shown);
        }
        // Where standard error is closed, there is nobody to tell.
        let _ = super::output::write_error(|out| self.tell(&done, &unwritten, project, out));
        Ok(
            match (
                analysis.failed() || !unwritten.is_empty(),
                done.left.is_empty() && (!self.dry_run || done.files.is_empty()),
            ) {
                (true, _) => Outcome::Failure,
                (false, true) => Outcome::Clean,
                (false, false) => Outcome::Findings,
            },
        )
    }

    fn tell(
        &self,
        done: &ignores::Outcome,
        unwritten: &Unwritten,
        project: &Project,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let place = |finding: &Finding| {
            let at = finding.place.source.position(finding.place.span.start);
            let path = project.shown.show(finding.place.source.path());
            format!("{}:{}:{}", escape::one_line(&path), at.line, at.column)
        };
        let what = if self.dry_run { "to suppress" } else { "suppressed" };
        let is_written = |it: &Suppressed| !unwritten.contains_key(it.finding.place.source.path());
        let done_of = done.suppressed.iter().filter(|it| is_written(it));
        for it in done_of.clone() {
            let reach = if it.in_whole_form {
                " (in all of what starts there, as no comment fits behind its first line)"
            } else {
                ""
            };
            writeln!(out, "{what}: {}: [{}]{reach}", place(&it.finding), it.finding.rule)?;
        }
        for (finding, why) in &done.left {
            writeln!(out, "left: {}: [{}] {}", place(finding), finding.rule, escape::one_line(why))?;
        }
        let (suppressed, files) =
            (Count(done_of.count(), "finding"), Count(done.files.len() - unwritten.len(), "file"));
        write!(out, "{suppressed} {what} in {files}")?;
        match done.left.len() {
            0 => {}
            1 => write!(out, ", 1 is left")?,
            left => write!(out, ", {left} are left")?,
        }
        if !unwritten.is_empty() {
            write!(out, "; {} could not be written", Count(unwritten.len(), "file"))?;
        }
        writeln!(out, "{}.", if self.dry_run { "; nothing is written with --dry-run" } else { "" })?;
        if done.more > 0 {
            writeln!(
                out,
                "{} of the same rules in the same code, not shown, go with them.",
                Count(done.more, "finding")
            )?;
        }
        Ok(())
    }
}

fn print_diff(done: &ignores::Outcome, project: &Project, output: Output) -> anyhow::Result<()> {
    let path = |file: &crate::fixing::Changed| project.shown.show(file.source.path());
    if io::stdout().is_terminal() || output.color() {
        let diffs = done.files.iter().map(|file| for_terminal(&path(file), file.source.text(), &file.text));
        let text: String = diffs.collect();
        return output.write(|out| out.write_all(text.as_bytes()));
    }
    let diffs = done.files.iter().flat_map(|file| diff::unified_bytes(&path(file), &file.old, &file.new));
    output.write_raw(&diffs.collect::<Vec<u8>>())
}
