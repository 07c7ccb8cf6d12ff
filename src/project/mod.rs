//! A project: its files, its configuration, its modules, and its registrations resolved to handlers.

pub mod config;
pub mod files;
pub mod options;
pub mod release;

pub use options::Options;

use crate::report::model::Analysis;

/// STUB of this branch, to be replaced by the analysis: finds nothing, and only counts the files.
///
/// # Errors
/// The real function fails when there is no way from the one release to the other.
pub fn check(options: &Options) -> anyhow::Result<Analysis> {
    let mut analysis = Analysis::default();
    analysis.summary.files = options.files.len() + usize::from(options.stdin.is_some());
    options.progress.start(analysis.summary.files);
    for _ in &options.files {
        options.progress.advance();
    }
    Ok(analysis)
}
