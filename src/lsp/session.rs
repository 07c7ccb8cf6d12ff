//! Everything that the server knows: the client, the folders, the documents.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gen_lsp_types::{Diagnostic, Location, TextEdit, Uri};
use serde_json::Value;

use super::client::Client;
use super::convert::{Converter, path_of};
use super::diagnostics::{Told, of_mistakes};
use super::document::Document;
use super::folder::{Folder, Wishes};
use super::params::{ContentChange, Opened};
use crate::check::Workspace;
use crate::finding::{Finding, Place};
use crate::outline::Module;
use crate::project::bounds::Bounds;
use crate::project::config::{self, Config, Mistake};
use crate::project::release;
use crate::source::Span;

pub(super) struct Session {
    pub client: Client,
    pub folders: Vec<Folder>,
    /// The client named no folders: each project in which a file is opened is one.
    finds_folders: bool,
    /// By their paths.
    pub documents: BTreeMap<PathBuf, Document>,
    pub told: Told,
    /// Documents that have changed since something was told about them.
    changed: BTreeSet<PathBuf>,
    wishes: Wishes,
}

/// What a project's own directory has.
const PROJECT_FILES: [&str; 5] = [config::FILE_NAME, "rebar.config", "erlang.mk", "mix.exs", ".git"];

/// What is found for one file, to be told.
pub(super) struct News {
    pub path: PathBuf,
    pub diagnostics: Vec<Diagnostic>,
    /// It is something else than was told last.
    pub is_new: bool,
    /// It has been edited since.
    pub is_edited: bool,
}

impl Session {
    pub fn new(client: Client, roots: Vec<PathBuf>, wishes: Wishes) -> Self {
        let finds_folders = roots.is_empty();
        let folders = roots.into_iter().map(|root| Folder::new(root, None, wishes.clone())).collect();
        Self {
            client,
            folders,
            finds_folders,
            documents: BTreeMap::new(),
            told: Told::default(),
            changed: BTreeSet::new(),
            wishes,
        }
    }

    /// Reads settings and lists files.
    pub fn open_folders(&mut self) {
        self.folders.iter_mut().for_each(Folder::open);
        self.hand_over_all();
    }

    pub fn add_folder(&mut self, root: PathBuf) {
        if self.folders.iter().any(|folder| folder.root == root) {
            return;
        }
        let mut folder = Folder::new(root, None, self.wishes.clone());
        folder.open();
        self.folders.push(folder);
        self.move_documents();
    }

    pub fn remove_folder(&mut self, root: &Path) {
        self.folders.retain(|folder| folder.root != root);
        self.move_documents();
    }

    /// Documents belong to the innermost folder, which may be another one now.
    fn move_documents(&mut self) {
        let paths: Vec<PathBuf> = self.documents.keys().cloned().collect();
        for path in paths {
            let own = self.folder_of(&path);
            for (at, folder) in self.folders.iter_mut().enumerate() {
                if Some(at) != own {
                    folder.close_document(&path);
                }
            }
            self.hand_over_document(&path);
        }
    }

    fn folder_of(&self, path: &Path) -> Option<usize> {
        let around = self.folders.iter().enumerate().filter(|(_, folder)| folder.has(path));
        around.max_by_key(|(_, folder)| folder.root.components().count()).map(|(at, _)| at)
    }

    pub fn workspace_of(&self, path: &Path) -> Option<&Workspace> {
        self.folders[self.folder_of(path)?].workspace()
    }

    /// The path under which a document is known.
    pub fn path(&self, uri: &Uri) -> Option<PathBuf> {
        match uri.scheme() {
            "file" => path_of(uri),
            // A buffer without a file stands in the first folder, under a name that no file has.
            "untitled" => {
                let name: String = uri.path().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
                Some(self.folders.first()?.root.join(format!("untitled: {name}.erl")))
            }
            _ => None,
        }
    }

    pub fn document(&self, uri: &Uri) -> Option<&Document> {
        self.documents.get(&self.path(uri)?)
    }

    pub fn open(&mut self, opened: Opened) {
        let Some(path) = self.path(&opened.uri) else { return };
        let is_erlang = is_erlang(&path, &opened.language_id);
        if !is_erlang && !is_config(&path) && !self.is_server_config(&path) {
            return;
        }
        if is_erlang && self.finds_folders && self.folder_of(&path).is_none() {
            self.find_folder(&path);
        }
        let document = Document::new(opened.uri, path.clone(), opened.version, is_erlang, opened.text);
        self.changed.insert(path.clone());
        self.documents.insert(path.clone(), document);
        self.hand_over_document(&path);
    }

    /// The project in which a file lies, by what stands in the directories above it; else the file alone.
    fn find_folder(&mut self, path: &Path) {
        let has = |directory: &&Path| PROJECT_FILES.iter().any(|name| directory.join(name).exists());
        let root = path.ancestors().skip(1).find(has);
        let mut folder = match root {
            Some(root) => Folder::new(root.to_path_buf(), None, self.wishes.clone()),
            None => {
                let directory = path.parent().unwrap_or(path).to_path_buf();
                Folder::new(directory, Some(path.to_path_buf()), self.wishes.clone())
            }
        };
        folder.open();
        self.folders.push(folder);
    }

    pub fn change(&mut self, uri: &Uri, version: Option<i32>, changes: Vec<ContentChange>) {
        let unit = self.client.unit;
        let Some(path) = self.path(uri) else { return };
        let Some(document) = self.documents.get_mut(&path) else { return };
        document.version = version.unwrap_or(document.version);
        document.change(changes, unit);
        self.changed.insert(path.clone());
        self.hand_over_document(&path);
    }

    pub fn close(&mut self, uri: &Uri) {
        let Some(path) = self.path(uri) else { return };
        if self.documents.remove(&path).is_none() {
            return;
        }
        self.changed.insert(path.clone());
        if let Some(folder) = self.folder_of(&path) {
            match self.folders[folder].has_server_config(&path) {
                true => self.folders[folder].set_server_config(&path, None),
                false => self.folders[folder].close_document(&path),
            }
        }
    }

    fn hand_over_all(&mut self) {
        let paths: Vec<PathBuf> = self.documents.keys().cloned().collect();
        paths.iter().for_each(|path| self.hand_over_document(path));
    }

    /// Hands a document over to the folder that it lies in.
    fn hand_over_document(&mut self, path: &Path) {
        let (Some(document), Some(folder)) = (self.documents.get(path), self.folder_of(path)) else { return };
        let folder = &mut self.folders[folder];
        match document.analysed() {
            Some(module) => folder.set_document(module),
            None if folder.has_server_config(path) => folder.set_server_config(path, Some(document.text())),
            None => {}
        }
    }

    fn is_server_config(&self, path: &Path) -> bool {
        self.folder_of(path).is_some_and(|folder| self.folders[folder].has_server_config(path))
    }

    /// Takes what the client wants for one folder, or for all.
    pub fn set_wishes(&mut self, folder: Option<usize>, wishes: &Wishes) {
        if folder.is_none() {
            self.wishes = wishes.clone();
        }
        let mut changed = false;
        for (at, it) in self.folders.iter_mut().enumerate() {
            if folder.is_none_or(|folder| folder == at) && it.set_wishes(wishes.clone()) {
                it.open();
                changed = true;
            }
        }
        if changed {
            self.hand_over_all();
        }
    }

    /// Something on disk has changed. `listed` says that files came or went.
    pub fn files_changed(&mut self, paths: &[PathBuf], listed: bool) {
        let is_setting = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default();
            name == config::FILE_NAME || name.to_str().is_some_and(|name| release::files().any(|it| it == name))
        };
        let is_catalog = |path: &PathBuf| self.folders.iter().any(|folder| folder.has_catalog_file(path));
        if paths.iter().any(|path| is_setting(path) || is_catalog(path)) {
            return self.open_folders();
        }
        let configs: Vec<&PathBuf> = paths.iter().filter(|path| self.is_server_config(path)).collect();
        for path in configs {
            // What is open is newer than what is on disk.
            if let (Some(folder), false) = (self.folder_of(path), self.documents.contains_key(path)) {
                self.folders[folder].set_server_config(path, None);
                self.changed.insert(path.clone());
            }
        }
        let decides = |path: &PathBuf| path.file_name().is_some_and(|name| name == ".gitignore" || name == ".ignore");
        let listed = listed || paths.iter().any(decides);
        for folder in &mut self.folders {
            if listed {
                folder.list_again();
            }
            paths.iter().for_each(|path| folder.reload(path));
        }
    }

    /// Whether something has to be looked at.
    pub fn is_dirty(&self) -> bool {
        !self.changed.is_empty() || self.folders.iter().any(Folder::is_dirty)
    }

    pub fn is_scanned(&self) -> bool {
        self.folders.iter().all(Folder::is_scanned)
    }

    /// Brings everything up to date, and says what is found in files in which it may be something else now.
    pub fn refresh(&mut self) -> Vec<News> {
        let mut paths = std::mem::take(&mut self.changed);
        let edited = paths.clone();
        let first = !self.is_scanned();
        for folder in &mut self.folders {
            if folder.is_dirty() {
                paths.extend(folder.refresh().files);
            }
        }
        if first {
            // What was said before all files were read may be gone.
            paths.extend(self.told.files().cloned());
            paths.extend(self.folders.iter().flat_map(|folder| folder.unusable.keys().cloned()));
        }
        self.news(paths, &edited)
    }

    /// The same for everything that may be told or was told.
    pub fn everything(&mut self) -> Vec<News> {
        let edited = std::mem::take(&mut self.changed);
        let mut paths: BTreeSet<PathBuf> = self.told.files().cloned().collect();
        paths.extend(self.files_with_diagnostics());
        paths.extend(edited.iter().cloned());
        self.news(paths, &edited)
    }

    fn news(&mut self, paths: BTreeSet<PathBuf>, edited: &BTreeSet<PathBuf>) -> Vec<News> {
        let mut news = Vec::new();
        for path in paths {
            let diagnostics = self.diagnostics(&path);
            let is_new = self.told.note(&path, &diagnostics);
            let is_edited = edited.contains(&path) && self.documents.contains_key(&path);
            if is_new || is_edited {
                news.push(News { path, diagnostics, is_new, is_edited });
            }
        }
        news
    }

    /// Files for which something is found.
    pub fn files_with_diagnostics(&self) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        for folder in &self.folders {
            files.extend(folder.workspace().into_iter().flat_map(Workspace::files_with_findings));
            files.extend(folder.config.iter().filter(|_| !folder.mistakes.is_empty()).cloned());
            files.extend(folder.unusable.keys().cloned());
        }
        files
    }

    pub fn diagnostics(&self, path: &Path) -> Vec<Diagnostic> {
        if is_config(path) {
            return self.diagnostics_of_config(path);
        }
        if let Some(error) = self.folder_of(path).and_then(|folder| self.folders[folder].unusable.get(path)) {
            let at = error.place.as_ref().map(|place| place.source.position(place.span.start));
            let message = format!("no TOML: {}", error.message);
            return of_mistakes(&[Mistake { at: at.map(|at| (at.line, at.column)), message }]);
        }
        self.diagnostics_of(&self.findings(path))
    }

    /// What is found in a file, as far as it is known.
    pub fn findings(&self, path: &Path) -> Vec<Finding> {
        // A file belongs to one folder, whatever others read it.
        self.workspace_of(path).map(|workspace| workspace.findings_in(path)).unwrap_or_default()
    }

    /// What can be said of a document before all files were read.
    pub fn glance(&self, path: &Path) -> Vec<Diagnostic> {
        let findings = self.workspace_of(path).and_then(|it| Some(it.glance(it.index_of(path)?)));
        self.diagnostics_of(&findings.unwrap_or_default())
    }

    fn diagnostics_of(&self, findings: &[Finding]) -> Vec<Diagnostic> {
        self.convert(|converter| findings.iter().map(|it| converter.diagnostic(&self.client, it)).collect())
    }

    /// An open configuration file is judged as it is typed.
    fn diagnostics_of_config(&self, path: &Path) -> Vec<Diagnostic> {
        let in_force = self.folders.iter().find(|folder| folder.config.as_deref() == Some(path));
        if let Some(document) = self.documents.get(path) {
            let bounds = match in_force {
                Some(folder) => folder.bounds_of_config(path),
                None => Bounds::around(&path.parent().map(Path::to_path_buf).into_iter().collect::<Vec<_>>()),
            };
            return match Config::parse(path, document.text(), &crate::rules::names(), &bounds) {
                Ok(config) => of_mistakes(&config.refused),
                Err(error) => of_mistakes(&error.mistakes),
            };
        }
        in_force.map(|folder| of_mistakes(&folder.mistakes)).unwrap_or_default()
    }

    pub fn convert<R>(&self, with: impl FnOnce(&Converter<'_>) -> R) -> R {
        with(&Converter::new(self.client.unit, &self.documents))
    }

    pub fn locations(&self, places: &[Place]) -> Vec<Location> {
        self.convert(|converter| places.iter().filter_map(|place| converter.location(place)).collect())
    }

    /// Replaces a span of an open document.
    pub fn text_edit(&self, module: &Module, span: Span, text: String) -> TextEdit {
        TextEdit { range: self.convert(|converter| converter.range(module.source(), span)), new_text: text }
    }

    /// What is wrong with folders, so that nothing can be said of their code.
    pub fn troubles(&self) -> Vec<String> {
        let of = |folder: &Folder| {
            let trouble = folder.trouble.as_ref()?;
            Some(format!("{}: {trouble}", folder.root.display()))
        };
        self.folders.iter().filter_map(of).collect()
    }

    /// Everything that was found out may be wrong.
    pub fn distrust(&mut self) {
        self.folders.iter_mut().for_each(Folder::distrust);
        self.changed.extend(self.documents.keys().cloned());
    }
}

/// What is called Erlang, by its name or by the client.
fn is_erlang(path: &Path, language: &str) -> bool {
    let extension = path.extension().and_then(|it| it.to_str());
    match extension {
        Some("erl" | "hrl" | "escript") => true,
        // Configurations and application resources are called Erlang, too, and register nothing.
        Some("config" | "src" | "app" | "lock" | "toml") => false,
        _ => language == "erlang",
    }
}

fn is_config(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == config::FILE_NAME)
}

/// Reads what the client wants, and says what is not understood.
pub(super) fn wishes(value: Option<&Value>) -> (Wishes, Vec<String>) {
    value.map(Wishes::read).unwrap_or_default()
}
