//! The language server in real editors: what a person sees, does and saves there is what the command line says and writes.
//!
//! An editor runs as after an ordinary installation, with the very settings of `docs/editors.md`, and takes the steps of a
//! test one after the other; [`drive`] says how.

mod drive;
mod emacs;
mod neovim;
mod project;
mod scenarios;

use std::path::Path;

/// The first block of code in this language under a heading of `docs/editors.md`.
fn snippet(heading: &str, language: &str) -> String {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/editors.md")).unwrap();
    let section = page.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no heading {heading}")).1;
    let block = section.split_once(&format!("```{language}\n")).unwrap_or_else(|| panic!("no {language}: {heading}")).1;
    block.split_once("```").unwrap().0.to_owned()
}
