//! What has to hold for every input. Each target is a function that panics where it does not.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use hookshift::catalog::Catalog;
use hookshift::project::options::{Options, Ways};
use hookshift::source::Source;

use crate::mutate::Kind;

mod check;
mod fix;
mod lsp;
mod positions;
mod split;
mod suppressions;
mod toml;

/// Something that can be tried with any bytes.
pub struct Target {
    pub name: &'static str,
    /// What inputs are made as.
    pub kind: Kind,
    pub run: fn(&[u8]),
}

pub const TARGETS: [Target; 7] = [
    Target { name: "split", kind: Kind::Module, run: split::run },
    Target { name: "check", kind: Kind::Module, run: check::run },
    Target { name: "fix", kind: Kind::Module, run: fix::run },
    Target { name: "positions", kind: Kind::Module, run: positions::run },
    Target { name: "toml", kind: Kind::Config, run: toml::run },
    Target { name: "suppressions", kind: Kind::Module, run: suppressions::run },
    Target { name: "lsp", kind: Kind::Session, run: lsp::run },
];

impl Target {
    /// The target of that name; there must be one.
    pub fn named(name: &str) -> &'static Self {
        TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("there is no target {name}"))
    }
}

/// A directory that does not exist: what is tried stands in memory.
const ROOT: &str = "/nonexistent/project";

fn path(name: &str) -> PathBuf {
    Path::new(ROOT).join(name)
}

/// The file of that content, if it is one that is read at all.
fn source(name: &str, data: &[u8]) -> Option<Arc<Source>> {
    Source::from_bytes(path(name), data.to_vec()).ok().map(Arc::new)
}

/// What is found out about the ways between releases is kept from input to input; it would be most of the work.
static WAYS: LazyLock<Ways> = LazyLock::new(Ways::default);

/// The questions that are asked: a single step, all steps from code of an unknown age, and those behind the largest change.
fn upgrades() -> [(&'static str, bool, String); 3] {
    let newest = Catalog::embedded().newest().map_or_else(String::new, |version| version.to_string());
    [("6.0.0", false, "6.1.0".to_owned()), ("6.0.0", true, newest.clone()), ("6.1.0", false, newest)]
}

/// A project of one module that stands in memory, for each of the questions.
fn projects(name: &str, data: &[u8]) -> impl Iterator<Item = Options> {
    upgrades().into_iter().map(move |(from, from_is_guess, to)| {
        let mut options = Options {
            files: vec![path(name)],
            from: from.to_owned(),
            from_is_guess,
            to,
            inventory: true,
            ways: WAYS.clone(),
            // Starting threads takes longer than a module.
            threads: std::num::NonZeroUsize::new(1),
            ..Options::default()
        };
        options.overlay.insert(path(name), data);
        options
    })
}
