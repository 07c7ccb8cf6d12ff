//! A project: its files, its configuration, its modules, and its registrations resolved to handlers.

pub mod analysis;
pub mod config;
pub mod eval;
pub mod files;
pub mod handlers;
pub mod modules;
pub mod options;
pub mod registrations;
pub mod release;

pub use analysis::Analysis;
pub use options::Options;

/// # Errors
/// There is no way from the one release to the other.
pub fn check(_options: &Options) -> anyhow::Result<Analysis> {
    anyhow::bail!("being written")
}
