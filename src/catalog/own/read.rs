//! Reading a team's own files: each by itself.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::super::files::{ReleaseFile, changes_file, file_name, release_file, same_release};
use super::super::{check, model::Changes};
use super::{File, Files, OwnError, position};

const HOOKS: &str = "hooks.toml";

/// Reads all files below a directory.
pub(super) fn all(directory: &Path, root: &Path) -> Result<Files, Vec<OwnError>> {
    let mut reader = Reader { root, files: Files::default(), errors: Vec::new() };
    let mut read = 0;
    for path in reader.list(directory) {
        read += 1;
        if file_name(&path) == HOOKS {
            reader.files.hooks = reader.file(&path);
        } else {
            let cause =
                "a file here is named hooks.toml; those of releases and changes stand in releases/ and changes/";
            reader.error(&path, cause);
        }
    }
    for path in reader.list(&directory.join("releases")) {
        read += 1;
        reader.release(&path);
    }
    for path in reader.list(&directory.join("changes")) {
        read += 1;
        reader.changes(&path);
    }
    if read == 0 && reader.errors.is_empty() {
        let cause = "no hooks.toml is here, and no TOML file in releases/ or changes/ below";
        reader.error(directory, cause);
    }
    if reader.errors.is_empty() { Ok(reader.files) } else { Err(reader.errors) }
}

struct Reader<'a> {
    root: &'a Path,
    files: Files,
    errors: Vec<OwnError>,
}

impl Reader<'_> {
    /// The TOML files in a directory, in the order of their names; none when there is no directory.
    fn list(&mut self, directory: &Path) -> Vec<PathBuf> {
        if !directory.exists() {
            return Vec::new();
        }
        let list =
            || -> std::io::Result<Vec<PathBuf>> { fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect() };
        let mut paths = list().unwrap_or_else(|error| {
            self.error(directory, error.to_string());
            Vec::new()
        });
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.sort();
        paths
    }

    fn release(&mut self, path: &Path) {
        match release_file(file_name(path)) {
            Err(cause) => self.error(path, cause),
            Ok(ReleaseFile::Hooks(version)) => {
                let Some(file) = self.file::<super::OwnRelease>(path) else { return };
                self.same(path, same_release(version, &file.content.release));
                self.files.releases.insert(version, file);
            }
            Ok(ReleaseFile::Api(version)) => {
                let Some(mut file) = self.file::<super::super::model::Api>(path) else { return };
                self.same(path, same_release(version, &file.content.release));
                let wrong = check::api(&file.content);
                self.errors.extend(wrong.into_iter().map(|cause| file.blame(cause)));
                file.content.modules.sort_by(|a, b| a.name.cmp(&b.name));
                self.files.apis.insert(version, file);
            }
        }
    }

    fn changes(&mut self, path: &Path) {
        let (from, to) = match changes_file(file_name(path)) {
            Ok(step) => step,
            Err(cause) => return self.error(path, cause),
        };
        let Some(mut file) = self.file::<Changes>(path) else { return };
        mark_own(&mut file.content);
        self.same(path, same_release(from, &file.content.from).and_then(|()| same_release(to, &file.content.to)));
        let wrong = check::changes(&file.content).into_iter().chain(not_taken(&file.content));
        self.errors.extend(wrong.map(|cause| file.blame(cause)));
        self.files.changes.insert((from, to), file);
    }

    fn file<T: DeserializeOwned>(&mut self, path: &Path) -> Option<File<T>> {
        let shown = self.shown(path);
        // Reading a pipe would wait forever.
        let text = match fs::metadata(path).map(|it| it.is_file()) {
            Ok(true) if leads_out(path) => Err("is a link out of this directory, which is not followed".to_owned()),
            Ok(true) => fs::read_to_string(path).map_err(|error| error.to_string()),
            Ok(false) => Err("is not a regular file".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        let text = text.map_err(|cause| self.error(path, cause)).ok()?;
        match toml::from_str(&text) {
            Ok(content) => Some(File { path: shown, text, content }),
            Err(error) => {
                // A whole list of expected tokens helps nobody: the first line says it.
                let cause = error.message().lines().next().unwrap_or("is no TOML").to_owned();
                let at = error.span().map(|span| position(&text, span.start));
                self.errors.push(OwnError { path: shown, at, cause });
                None
            }
        }
    }

    fn same(&mut self, path: &Path, same: Result<(), String>) {
        if let Err(cause) = same {
            self.error(path, cause);
        }
    }

    fn error(&mut self, path: &Path, cause: impl Into<String>) {
        self.errors.push(OwnError { path: self.shown(path), at: None, cause: cause.into() });
    }

    fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.root).unwrap_or(path).to_path_buf()
    }
}

/// Lets reports know that what is cited does not stand in MongooseIM's source.
fn mark_own(changes: &mut Changes) {
    let Changes { hooks, api, config, metrics, tasks, .. } = changes;
    let hooks = hooks.iter_mut().map(|it| &mut it.evidence).chain(api.iter_mut().map(|it| &mut it.evidence));
    let config = config.iter_mut().map(|it| &mut it.evidence).chain(metrics.iter_mut().map(|it| &mut it.evidence));
    let tasks = tasks.iter_mut().map(|it| &mut it.evidence);
    hooks.chain(config).chain(tasks).flatten().for_each(|it| it.own = true);
}

/// What a team's file may not say: it is about the server as all have it, and is asked for where no project is known.
fn not_taken(changes: &Changes) -> Option<String> {
    let positional = changes.positional.first().map(|it| it.hook.as_str());
    let named = positional.or(changes.never_stop.first().map(String::as_str))?;
    Some(format!("`{named}`: what became of positional arguments can be told of MongooseIM's own releases only"))
}

/// A link would let what is wrong with any file be told.
fn leads_out(path: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    path.is_symlink() && real(path).as_deref().and_then(Path::parent) != path.parent().and_then(real).as_deref()
}
