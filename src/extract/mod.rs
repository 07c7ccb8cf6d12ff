//! Builds a release's data from a server's source tree, with the parser that reads custom modules too.
//!
//! The catalog itself looks at no Erlang; this stands on the parts that read projects. A run of hookshift that checks
//! code needs none of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use crate::catalog::{Api, Release, Version};
use crate::outline::Module;
use crate::project::modules::Modules;
use crate::source::{ReadError, Source};

mod api;
mod config;
pub mod draft;
mod handlers;
mod hooks;
mod runs;
#[cfg(test)]
mod tests;
mod types;

/// The modules whose functions run the hooks. Forks put their own hooks there too.
const HOOK_MODULES: [&str; 2] = ["mongoose_hooks", "mongoose_c2s_hooks"];

/// What a source tree says about its release.
#[derive(Debug)]
pub struct Extraction {
    pub release: Release,
    pub api: Api,
    /// What was left out or had to be decided, each in one sentence.
    pub notes: Vec<String>,
}

pub use config::{ConfigOption, ConfigOptions};

/// Reads which options the configuration of the source tree at `root` has.
///
/// # Errors
/// Those of [`extract`].
pub fn config_options(root: &Path) -> Result<ConfigOptions, ExtractError> {
    Ok(config::of(&Tree::read(root)?))
}

/// Why there is nothing to be had from a directory.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    #[error("{}: no such directory", .0.display())]
    NoDirectory(PathBuf),
    #[error("{}: no source tree of MongooseIM: there is no `{}.erl` below `{}`", .0.display(), HOOK_MODULES[0], .0.join("src").display())]
    NoHookModule(PathBuf),
    #[error("{}: no function here runs a hook", .0.display())]
    NoHooks(PathBuf),
    #[error("{}: {error}", path.display())]
    Walk { path: PathBuf, error: walkdir::Error },
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Reads the source tree at `root`, which is the one of `release`.
///
/// # Errors
/// There is no such directory, it has no `mongoose_hooks.erl`, or a source file cannot be read.
pub fn extract(root: &Path, release: Version) -> Result<Extraction, ExtractError> {
    let tree = Tree::read(root)?;
    let mut notes = Vec::new();
    let handlers = handlers::of(&tree, &mut notes);
    let hooks = hooks::of(&tree, &handlers, &mut notes)?;
    let release = release.to_string();
    Ok(Extraction { api: api::of(&tree, &release, &mut notes), release: Release { release, hooks, handlers }, notes })
}

/// The release that a tree says it is of, in its file `VERSION`.
#[must_use]
pub fn release_of(root: &Path) -> Option<Version> {
    std::fs::read_to_string(root.join("VERSION")).ok()?.trim().parse().ok()
}

/// A server's source files, all read.
struct Tree {
    root: PathBuf,
    /// In the order of their paths.
    modules: Vec<Arc<Module>>,
    /// In the order of their paths.
    headers: Vec<Arc<Module>>,
    /// The same files by name.
    index: Modules,
}

impl Tree {
    fn read(root: &Path) -> Result<Self, ExtractError> {
        if !root.is_dir() {
            return Err(ExtractError::NoDirectory(root.to_path_buf()));
        }
        let sources = files(&root.join("src"), "erl")?;
        let is_hook_module = |path: &PathBuf| crate::outline::stem(path) == HOOK_MODULES[0];
        if !sources.iter().any(is_hook_module) {
            return Err(ExtractError::NoHookModule(root.to_path_buf()));
        }
        let headers = files(&root.join("include"), "hrl")?;
        let private_headers = files(&root.join("src"), "hrl")?;
        let all = sources.iter().chain(&headers).chain(&private_headers).cloned();
        let index = Modules::new(all, &[], &[]);
        Ok(Self { root: root.to_path_buf(), modules: read(&sources, &index)?, headers: read(&headers, &index)?, index })
    }

    /// A file's path in the tree, with slashes on every system.
    fn path_of(&self, source: &Source) -> String {
        slashes(source.path().strip_prefix(&self.root).unwrap_or(source.path()))
    }

    /// Path and line of an offset in a file of the tree.
    fn at(&self, source: &Source, offset: u32) -> String {
        format!("{}:{}", self.path_of(source), source.position(offset).line)
    }

    /// A module of the server by name.
    fn module(&self, name: &str) -> Option<Arc<Module>> {
        self.index.module(name, &self.root)
    }
}

fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// The files with an extension below a directory, in the order of their paths; none when there is no directory.
fn files(directory: &Path, extension: &str) -> Result<Vec<PathBuf>, ExtractError> {
    let mut found = Vec::new();
    if !directory.is_dir() {
        return Ok(found);
    }
    for entry in WalkDir::new(directory).sort_by_file_name() {
        let entry = entry.map_err(|error| ExtractError::Walk { path: directory.to_path_buf(), error })?;
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|it| it == extension) {
            found.push(entry.into_path());
        }
    }
    Ok(found)
}

fn read(paths: &[PathBuf], index: &Modules) -> Result<Vec<Arc<Module>>, ExtractError> {
    let mut modules = Vec::with_capacity(paths.len());
    for path in paths {
        let module = Arc::new(Module::new(Arc::new(Source::read(path)?)));
        index.insert(&module);
        modules.push(module);
    }
    Ok(modules)
}
