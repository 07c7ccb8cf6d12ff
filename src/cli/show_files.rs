//! `hookshift check --show-files`.

use std::path::PathBuf;

use super::Outcome;
use super::output::Output;
use super::project_args::{Project, unreadable};
use crate::project::files::Files;
use crate::report::escape;

/// Lists what would be read, then what is left out, with reasons.
pub fn show(project: &Project, files: &Files, output: Output) -> anyhow::Result<Outcome> {
    let problems = unreadable(files);
    let left_out = project.left_out(files);
    output.write(|out| {
        let read = project.stdin_name().into_iter();
        let all = files.paths.iter().chain(&files.server_configs);
        for path in read.chain(all.map(PathBuf::as_path)) {
            let path = project.shown.show(path);
            writeln!(out, "read      {}", escape::one_line(&path))?;
        }
        for it in &left_out {
            let path = project.shown.show(&it.path);
            writeln!(out, "left out  {}: {}", escape::one_line(&path), it.reason)?;
        }
        Ok(())
    })?;
    project.tell_unreadable(&problems);
    Ok(if problems.is_empty() { Outcome::Clean } else { Outcome::Failure })
}
