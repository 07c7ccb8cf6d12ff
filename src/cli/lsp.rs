//! `hookshift lsp`.

use super::Outcome;
use crate::lsp::Ended;

/// Serve an editor: findings, fixes and what is known about hooks, over the Language Server Protocol
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Speaks on standard input and output, as editors expect it. How to set an editor up: docs/editors.md.

Exit codes: 0 when the editor said goodbye as it should, 1 when it was gone without.")]
pub struct Args {
    /// Accepted because some editors add it; there is no other way
    #[arg(long, hide = true)]
    stdio: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    let Args { stdio: _ } = args;
    Ok(match crate::lsp::stdio()? {
        Ended::Properly => Outcome::Clean,
        Ended::Abruptly => Outcome::Findings,
    })
}
