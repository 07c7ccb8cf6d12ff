//! Which files are read: the walk over the given paths.
//!
//! A path that is given by name is always taken. Below a directory, files that look like Erlang are, except for
//! what ignore files or the configuration leave out, hidden files, and what build tools put there
//! ([`left_out`] tells the whole list with reasons).

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder};

use super::bounds::Bounds;
use super::server_config::is_named_as_vars;

/// What the walk found.
#[derive(Debug, Default)]
pub struct Files {
    /// Sorted, each file once, spelled as the paths that were given are.
    pub paths: Vec<PathBuf>,
    /// Configurations of servers among them, sorted.
    pub server_configs: Vec<PathBuf>,
    /// What releases put into templates of them, sorted.
    pub template_vars: Vec<PathBuf>,
    /// Texts in which metrics are named, which nobody looks for: somebody names them.
    pub metrics: Vec<PathBuf>,
    /// Paths and directories that could not be read.
    pub problems: Vec<Problem>,
    /// Symbolic links that lead out of the project, and so are not followed.
    pub leading_out: Vec<PathBuf>,
}

/// A file or directory that could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub path: PathBuf,
    pub reason: String,
}

/// A file or directory that is left out on purpose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    pub path: PathBuf,
    pub reason: String,
}

/// Globs of the configuration file, with the meaning that they have in a `.gitignore` in its directory.
#[derive(Clone, Debug, Default)]
pub struct Excludes {
    directory: PathBuf,
    globs: Vec<String>,
    /// Compiled when the first path is held against it; most projects have no globs.
    matcher: OnceLock<Gitignore>,
}

/// How many globs there can be: to compile them takes far longer than to read them.
const MAX_GLOBS: usize = 500;

impl Excludes {
    /// No globs yet; those that are added are relative to `directory`.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_path_buf(), ..Self::default() }
    }

    /// Adds a glob.
    ///
    /// # Errors
    /// It is not well-formed, or there are too many; the error says why.
    pub fn add(&mut self, glob: &str) -> Result<(), String> {
        if self.globs.len() >= MAX_GLOBS {
            return Err(format!("there are more than {MAX_GLOBS} globs"));
        }
        self.matcher_of([glob])?;
        self.globs.push(glob.to_owned());
        self.matcher = OnceLock::new();
        Ok(())
    }

    fn matcher_of<'g>(&self, globs: impl IntoIterator<Item = &'g str>) -> Result<Gitignore, String> {
        let mut builder = GitignoreBuilder::new(&self.directory);
        // Git takes a lone bracket for itself. Here it is more likely a slip.
        builder.allow_unclosed_class(false);
        for glob in globs {
            builder.add_line(None, glob).map_err(reason)?;
        }
        builder.build().map_err(reason)
    }

    /// The globs as they were written.
    #[must_use]
    pub fn globs(&self) -> &[String] {
        &self.globs
    }

    /// `path` must be spelled as the directory is: both canonical.
    fn exclude(&self, path: &Path, is_directory: bool) -> bool {
        if self.globs.is_empty() {
            return false;
        }
        // Each of them was compiled before, alone.
        let compile = || self.matcher_of(self.globs.iter().map(String::as_str)).unwrap_or_else(|_| Gitignore::empty());
        let matcher = self.matcher.get_or_init(compile);
        path.starts_with(&self.directory) && matcher.matched(path, is_directory).is_ignore()
    }
}

/// Finds all files to read below the given paths.
#[must_use]
pub fn find(roots: &[PathBuf], excludes: &Excludes, bounds: &Bounds) -> Files {
    let mut search = Search { excludes: Arc::new(excludes.clone()), bounds: bounds.clone(), ..Search::default() };
    for root in roots {
        search.root(root);
    }
    search.finish(roots)
}

/// Finds all files below the given paths, whatever they are called, but hidden and ignored ones.
#[must_use]
pub fn texts(roots: &[PathBuf], bounds: &Bounds) -> Files {
    let mut search = Search { bounds: bounds.clone(), ..Search::default() };
    for root in roots {
        match std::fs::metadata(root) {
            Err(error) => search.problem(root, explain(&error)),
            Ok(it) if !it.is_dir() => search.found.push(root.clone()),
            Ok(_) => {
                for entry in walker(root, &search.excludes).build() {
                    match entry {
                        Err(error) => {
                            let (path, reason) = path_and_reason(error, root);
                            search.problem(&path, reason);
                        }
                        Ok(entry) => search.file(&entry),
                    }
                }
            }
        }
    }
    search.finish(roots)
}

#[derive(Default)]
struct Search {
    excludes: Arc<Excludes>,
    bounds: Bounds,
    found: Vec<PathBuf>,
    server_configs: Vec<PathBuf>,
    template_vars: Vec<PathBuf>,
    /// Symbolic links that are named like Erlang files. Links to directories are not followed: they make loops,
    /// and second names of files that are read anyway.
    links: Vec<PathBuf>,
    leading_out: Vec<PathBuf>,
    problems: Vec<Problem>,
}

impl Search {
    fn root(&mut self, root: &Path) {
        match std::fs::metadata(root) {
            Err(error) => self.problem(root, explain(&error)),
            Ok(it) if !it.is_dir() && extension(root) == Some("toml") => self.server_configs.push(root.to_path_buf()),
            Ok(it) if !it.is_dir() => self.found.push(root.to_path_buf()),
            Ok(_) => self.directory(root),
        }
    }

    fn directory(&mut self, root: &Path) {
        for entry in walker(root, &self.excludes).build() {
            match entry {
                Err(error) => {
                    let (path, reason) = path_and_reason(error, root);
                    self.problem(&path, reason);
                }
                Ok(entry) => match extension(entry.path()) {
                    Some("erl" | "hrl" | "escript") => self.file(&entry),
                    Some("toml") if is_server_config(&entry) => self.server_configs.push(without_dot(entry.path())),
                    Some("config") if is_named_as_vars(entry.path()) => {
                        if !entry.path_is_symlink() || self.bounds.hold(entry.path()) {
                            self.template_vars.push(without_dot(entry.path()));
                        } else {
                            self.leading_out.push(without_dot(entry.path()));
                        }
                    }
                    _ => {}
                },
            }
        }
    }

    fn file(&mut self, entry: &DirEntry) {
        let path = without_dot(entry.path());
        match entry.file_type() {
            Some(it) if it.is_file() => self.found.push(path),
            Some(it) if it.is_symlink() => self.links.push(path),
            _ => {}
        }
    }

    fn problem(&mut self, path: &Path, reason: String) {
        self.problems.push(Problem { path: without_dot(path), reason });
    }

    /// Sorts, and leaves each file in once. Names can only differ for the same file when there are links or
    /// several roots, so only then is the price of looking it up paid.
    fn finish(mut self, roots: &[PathBuf]) -> Files {
        let mut links = std::mem::take(&mut self.links);
        // Of several links to one file the first is taken, whatever order the file system has.
        links.sort();
        let mut linked = Vec::new();
        for link in links {
            match std::fs::metadata(&link) {
                Err(error) => self.problem(&link, explain(&error)),
                Ok(_) if !self.bounds.hold(&link) => self.leading_out.push(without_dot(&link)),
                Ok(it) if it.is_file() => linked.push(link),
                Ok(_) => {}
            }
        }
        if let [root] = roots {
            self.found.sort_unstable_by(|a, b| by_component(a, b));
            let others = linked_from_elsewhere(root, linked, &self.found);
            if !others.is_empty() {
                self.found.extend(others);
                self.found.sort_unstable_by(|a, b| by_component(a, b));
            }
        } else {
            self.found.sort();
            self.found.dedup();
            // Links last, so that a file goes by its own name.
            self.found = each_file_once(self.found.into_iter().chain(linked));
            self.found.sort();
        }
        self.problems.sort();
        self.problems.dedup();
        self.leading_out.sort();
        self.leading_out.dedup();
        self.server_configs.sort();
        self.server_configs.dedup();
        self.template_vars.sort();
        self.template_vars.dedup();
        Files {
            paths: self.found,
            server_configs: self.server_configs,
            template_vars: self.template_vars,
            metrics: Vec::new(),
            problems: self.problems,
            leading_out: self.leading_out,
        }
    }
}

/// The order that paths below one root have, component by component, without taking them apart: where two differ
/// first, the end of a component comes before everything else.
fn by_component(a: &Path, b: &Path) -> Ordering {
    let rank = |byte: u8| if std::path::is_separator(char::from(byte)) { 0 } else { byte };
    let (a, b) = (a.as_os_str().as_encoded_bytes(), b.as_os_str().as_encoded_bytes());
    match a.iter().zip(b).find(|(a, b)| a != b) {
        Some((&a, &b)) => rank(a).cmp(&rank(b)),
        None => a.len().cmp(&b.len()),
    }
}

/// Of links below a root, those to files that were not found under their own names, one for each file. `found` is in
/// order, and has no links in it.
fn linked_from_elsewhere(root: &Path, mut links: Vec<PathBuf>, found: &[PathBuf]) -> Vec<PathBuf> {
    if links.is_empty() {
        return links;
    }
    let real_root = canonical(root);
    let mut seen = HashSet::new();
    links.retain(|link| {
        let file = canonical(link);
        let own_name = file.strip_prefix(&real_root).map(|below| without_dot(&root.join(below)));
        let is_found = own_name.is_ok_and(|own| found.binary_search_by(|known| by_component(known, &own)).is_ok());
        !is_found && seen.insert(file)
    });
    links
}

fn each_file_once(paths: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    // Most files share their directory with others, and only the directory is worth a system call.
    let mut directories = HashMap::new();
    paths.filter(|path| seen.insert(identity(path, &mut directories))).collect()
}

fn identity(path: &Path, directories: &mut HashMap<PathBuf, PathBuf>) -> PathBuf {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return canonical(path);
    };
    if path.is_symlink() {
        return canonical(path);
    }
    let directory = directories.entry(parent.to_path_buf()).or_insert_with(|| canonical(parent));
    directory.join(name)
}

/// The path with all links resolved, or as it is when that cannot be done.
#[must_use]
pub fn canonical(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

fn walker(root: &Path, excludes: &Arc<Excludes>) -> WalkBuilder {
    let mut builder = WalkBuilder::new(root);
    builder
        // An exported tree is ignored in the same way as a clone.
        .require_git(false)
        // What one person's machine ignores in general must not decide what a check sees.
        .git_global(false);
    let real_root = (!excludes.globs.is_empty()).then(|| canonical(root));
    let (root, excludes) = (root.to_path_buf(), Arc::clone(excludes));
    builder.filter_entry(move |entry| {
        is_root(entry)
            || (build_output(entry).is_none()
                && !real_root.as_deref().is_some_and(|real| excluded(entry, &root, real, &excludes)))
    });
    builder
}

/// A directory that is given by name is read, whatever it is called.
fn is_root(entry: &DirEntry) -> bool {
    entry.depth() == 0
}

fn excluded(entry: &DirEntry, root: &Path, real_root: &Path, excludes: &Excludes) -> bool {
    let path = entry.path();
    let real = path.strip_prefix(root).map_or_else(|_| path.to_path_buf(), |below| real_root.join(below));
    excludes.exclude(&real, is_directory(entry))
}

fn is_directory(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|it| it.is_dir())
}

/// Build files that make a `deps` directory beside them one of fetched dependencies.
const FETCHES_DEPS: [&str; 4] = ["rebar.config", "erlang.mk", "mix.exs", "Makefile"];

/// Why a directory is left out because of what build tools keep there.
fn build_output(entry: &DirEntry) -> Option<&'static str> {
    // The name decides nearly always, and costs less than asking for the file type.
    let reason = match entry.file_name().to_str()? {
        "_build" => "build output",
        "_checkouts" => "checked-out dependencies",
        "deps" if fetched(entry.path()) => "fetched dependencies (beside a build file)",
        _ => return None,
    };
    let linked = || entry.file_type().is_some_and(|it| it.is_symlink());
    (is_directory(entry) || linked()).then_some(reason)
}

fn fetched(directory: &Path) -> bool {
    let Some(parent) = directory.parent() else {
        return false;
    };
    FETCHES_DEPS.iter().any(|name| parent.join(name).is_file())
}

fn extension(path: &Path) -> Option<&str> {
    path.extension().and_then(OsStr::to_str)
}

/// Modules, headers and scripts. `*.app.src` and `*.config` are Erlang terms, and register nothing.
fn looks_like_erlang(path: &Path) -> bool {
    matches!(extension(path), Some("erl" | "hrl" | "escript"))
}

/// Whether a file is a header by its name.
#[must_use]
pub fn is_header(path: &Path) -> bool {
    extension(path) == Some("hrl")
}

fn is_server_config(entry: &DirEntry) -> bool {
    is_named_as_server_config(entry.path()) && entry.file_type().is_some_and(|it| it.is_file())
}

/// `mongooseim.toml`, and what teams call one that is for some place only, as `mongooseim-staging.toml`.
#[must_use]
pub fn is_named_as_server_config(path: &Path) -> bool {
    let is_named = path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with("mongooseim"));
    is_named && extension(path) == Some("toml")
}

/// `./src/a.erl` is `src/a.erl` to everybody.
fn without_dot(path: &Path) -> PathBuf {
    match path.strip_prefix(".") {
        Ok(rest) if !rest.as_os_str().is_empty() => rest.to_path_buf(),
        _ => path.to_path_buf(),
    }
}

/// What is wrong with a glob, without the glob itself.
fn reason(error: ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err,
        other => other.to_string(),
    }
}

fn path_and_reason(error: ignore::Error, root: &Path) -> (PathBuf, String) {
    match error {
        ignore::Error::WithPath { path, err } => {
            let (_, reason) = path_and_reason(*err, &path);
            (path, reason)
        }
        ignore::Error::WithDepth { err, .. } => path_and_reason(*err, root),
        ignore::Error::Io(error) => (root.to_path_buf(), explain(&error)),
        other => (root.to_path_buf(), other.to_string()),
    }
}

/// The operating system's words without its error number.
fn explain(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// Everything below the given directories that is left out, with reasons. Walks once more, without the ignore
/// rules, so it costs more than [`find`] does.
#[must_use]
pub fn left_out(roots: &[PathBuf], excludes: &Excludes, files: &Files) -> Vec<LeftOut> {
    let found: HashSet<&Path> = files.paths.iter().map(PathBuf::as_path).collect();
    let failed: HashSet<&Path> = files.problems.iter().map(|it| it.path.as_path()).collect();
    let mut out = Vec::new();
    for root in roots.iter().filter(|root| root.is_dir()) {
        out.extend(left_out_below(root, excludes, |path| !found.contains(path) && !failed.contains(path)));
    }
    out.sort();
    out.dedup();
    out
}

fn left_out_below(root: &Path, excludes: &Excludes, missing: impl Fn(&Path) -> bool) -> Vec<LeftOut> {
    let pruned = Arc::new(Mutex::new(Vec::new()));
    let mut builder = WalkBuilder::new(root);
    builder.standard_filters(false);
    let (log, real_root, top, globs) = (Arc::clone(&pruned), canonical(root), root.to_path_buf(), excludes.clone());
    builder.filter_entry(move |entry| match why_pruned(entry, &top, &real_root, &globs) {
        Some(reason) => {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            log.push(LeftOut { path: without_dot(entry.path()), reason: reason.to_owned() });
            false
        }
        None => true,
    });
    let rest: Vec<_> = builder
        .build()
        .flatten()
        .filter(|entry| !is_directory(entry) && looks_like_erlang(entry.path()))
        .filter(|entry| missing(&without_dot(entry.path())))
        .map(|entry| LeftOut {
            path: without_dot(entry.path()),
            reason: if entry.path_is_symlink() {
                "a link to a file that is read under another name, or to a directory".to_owned()
            } else {
                "ignored by a .gitignore or .ignore file".to_owned()
            },
        })
        .collect();
    let mut pruned = pruned.lock().unwrap_or_else(PoisonError::into_inner);
    pruned.extend(rest);
    std::mem::take(&mut pruned)
}

/// Why a whole directory, or a file of its own, is left out before any ignore file is asked.
fn why_pruned(entry: &DirEntry, root: &Path, real_root: &Path, excludes: &Excludes) -> Option<&'static str> {
    if is_root(entry) {
        return None;
    }
    let relevant = is_directory(entry) || looks_like_erlang(entry.path());
    let linked_directory = || entry.path_is_symlink() && entry.path().is_dir();
    if let Some(reason) = build_output(entry) {
        Some(reason)
    } else if linked_directory() {
        Some("a link to a directory; name it to have it read")
    } else if !relevant {
        None
    } else if entry.file_name().as_encoded_bytes().starts_with(b".") {
        Some("hidden")
    } else if excluded(entry, root, real_root, excludes) {
        Some("excluded by the configuration")
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
