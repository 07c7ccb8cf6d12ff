//! Where the compiler looks for headers, and for code if it may run any.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ProveOptions;
use crate::project::bounds::{APPLICATION, TOP};

/// The server's application, whatever the directory with its source tree is called.
const SERVER: &str = "mongooseim";

/// All paths are absolute.
pub struct SearchPath {
    /// For headers; the first one wins.
    pub include: Vec<PathBuf>,
    /// Compiled code.
    pub code: Vec<PathBuf>,
}

impl SearchPath {
    /// For the module at a path. Headers of the project come first, then those that the options name, the
    /// server's, and those of the project's dependencies: these include the server of the release that the project comes
    /// from, which does not count when another one is named. In `directory`, links are made.
    pub fn of(path: &Path, options: &ProveOptions, directory: &Path) -> io::Result<Self> {
        let path = path.canonicalize().or_else(|_| std::path::absolute(path))?;
        let own = path.parent().unwrap_or(&path);
        let project: Vec<_> = within_project(own).map(Path::to_path_buf).collect();
        let mut this = Self { include: vec![own.to_path_buf()], code: Vec::new() };
        let mut links = Links { directory: directory.join("applications") };
        for directory in &project {
            this.application(directory);
            links.add(directory, None)?;
        }
        this.include.extend(options.include_dirs.iter().cloned());
        if let Some(server) = &options.server {
            this.application(server);
            links.add(server, Some(SERVER))?;
            this.include.push(links.directory.clone());
            this.dependencies(server, false);
        } else {
            this.include.push(links.directory.clone());
        }
        for directory in &project {
            this.dependencies(directory, options.server.is_some());
        }
        let mut seen = std::collections::HashSet::new();
        this.include.retain(|it| it.is_dir() && seen.insert(it.clone()));
        this.code.retain(|it| it.is_dir());
        Ok(this)
    }

    /// The places in an application, or above several of them.
    fn application(&mut self, directory: &Path) {
        self.include.extend([directory.join("include"), directory.join("src"), directory.to_path_buf()]);
        self.code.push(directory.join("ebin"));
    }

    /// What a build put below a directory.
    fn dependencies(&mut self, directory: &Path, without_server: bool) {
        let mut profiles = children(&directory.join("_build"));
        // Others are for tests and releases.
        profiles.sort_by_key(|it| !it.ends_with("default"));
        let built = profiles.into_iter().map(|it| it.join("lib"));
        for libraries in built.chain([directory.join("_checkouts"), directory.join("deps")]) {
            for library in children(&libraries) {
                if without_server && library.ends_with(SERVER) {
                    continue;
                }
                self.include.push(library.join("include"));
                self.code.push(library.join("ebin"));
            }
            // For `-include_lib("application/include/header.hrl")`.
            self.include.push(libraries);
        }
    }
}

/// The directories from a module's own up to the top of its project.
fn within_project(own: &Path) -> impl Iterator<Item = &Path> {
    let has = |directory: &Path, names: &[&str]| names.iter().any(|name| directory.join(name).exists());
    let depth = |names: &[&str]| own.ancestors().position(|it| has(it, names));
    // In a directory without any sign, a sibling `include` is still looked at.
    let depth = depth(&TOP).or_else(|| depth(&APPLICATION)).unwrap_or(1);
    own.ancestors().take(depth + 1)
}

/// Sorted.
fn children(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|it| it.path()).filter(|it| it.is_dir()).collect();
    paths.sort();
    paths
}

/// A directory in which applications stand under their own names, as `-include_lib` wants them.
struct Links {
    directory: PathBuf,
}

impl Links {
    /// Adds the application whose top the directory is, if it is one, or has a name given.
    fn add(&mut self, top: &Path, name: Option<&str>) -> io::Result<()> {
        let resources = fs::read_dir(top.join("src")).into_iter().flatten().flatten();
        let names = resources.filter_map(|it| Some(it.file_name().to_str()?.strip_suffix(".app.src")?.to_owned()));
        for name in names.chain(name.map(str::to_owned)) {
            fs::create_dir_all(&self.directory)?;
            match link(top, &self.directory.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    // Links to directories need a privilege there.
    Ok(())
}
