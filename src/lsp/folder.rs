//! One workspace folder: its settings, and its project in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::catalog::Version;
use crate::check::{Change, Workspace};
use crate::finding::Severity;
use crate::outline::Module;
use crate::project::bounds::{self, Bounds};
use crate::project::config::{self, Mistake};
use crate::project::files::{self, Excludes, Files};
use crate::project::options::{Options, RuleSelection};
use crate::project::server_config::{ServerConfig, ServerConfigError};
use crate::project::settings::{Settings, SettingsError};
use crate::source::Source;
use crate::suggest::did_you_mean;

/// What a client wants that it is not for the configuration file to say: as options of the command line, it wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wishes {
    from: Option<Version>,
    to: Option<Version>,
    select: Vec<String>,
    ignore: Vec<String>,
    severity: Vec<(String, Option<Severity>)>,
    /// Follow paths out of the project.
    trust: bool,
}

impl Wishes {
    /// Reads `{"from": ..., "to": ..., "rules": {"select": [...], "ignore": [...], "severity": {...}}}`, and says what is
    /// not understood of it.
    pub fn read(value: &Value) -> (Self, Vec<String>) {
        let mut wishes = Self::default();
        let mut complaints = Vec::new();
        let mut release = |key: &str| {
            let text = value.get(key).filter(|it| !it.is_null())?;
            let text = text.as_str().map(str::trim)?;
            if text.is_empty() {
                return None;
            }
            let version = text.parse().ok();
            if version.is_none() {
                complaints.push(format!("hookshift.{key}: `{text}` is not a release number such as 6.1.0"));
            }
            version
        };
        (wishes.from, wishes.to) = (release("from"), release("to"));
        wishes.trust = value.get("trust").and_then(Value::as_bool).unwrap_or_default();
        let names = crate::rules::names();
        let mut known = |key: &str, rule: &str| {
            let is_known = names.contains(&rule);
            if !is_known {
                let hint = did_you_mean(rule, names.iter().copied());
                complaints.push(format!("hookshift.rules.{key}: there is no rule `{rule}`{hint}"));
            }
            is_known
        };
        let mut list = |key: &str| -> Vec<String> {
            let list = value.pointer(&format!("/rules/{key}")).and_then(Value::as_array);
            let names = list.into_iter().flatten().filter_map(Value::as_str);
            names.filter(|rule| known(key, rule)).map(str::to_owned).collect()
        };
        (wishes.select, wishes.ignore) = (list("select"), list("ignore"));
        let levels = value.pointer("/rules/severity").and_then(Value::as_object);
        let mut odd = Vec::new();
        for (rule, level) in levels.into_iter().flatten() {
            let level = match level.as_str() {
                Some("error") => Some(Severity::Error),
                Some("warning") => Some(Severity::Warning),
                Some("info") => Some(Severity::Info),
                Some("off") => None,
                _ => {
                    odd.push(format!("hookshift.rules.severity: `{level}` is none of error, warning, info and off"));
                    continue;
                }
            };
            if known("severity", rule) {
                wishes.severity.push((rule.clone(), level));
            }
        }
        complaints.extend(odd);
        (wishes, complaints)
    }

    /// The rules of the configuration, changed as the command line's options change them.
    fn rules(&self, mut rules: RuleSelection) -> RuleSelection {
        rules.override_with(&self.select, &self.ignore);
        self.severity.iter().for_each(|(rule, level)| rules.set(rule, *level));
        rules
    }
}

/// A folder of the client's workspace.
pub(super) struct Folder {
    pub root: PathBuf,
    /// Nothing but this file is looked at: it lies in no folder and in no project.
    lone_file: Option<PathBuf>,
    wishes: Wishes,
    project: Option<Project>,
    /// The configuration file in force, and what is wrong with it.
    pub config: Option<PathBuf>,
    pub mistakes: Vec<Mistake>,
    /// The directory with the project's own files about releases.
    catalog: Option<PathBuf>,
    /// What is wrong otherwise, so that nothing can be said of the code.
    pub trouble: Option<String>,
    /// Texts of files that are not on disk, or not yet.
    extra: BTreeSet<PathBuf>,
    /// Configurations of the server as the editor has them.
    configs: BTreeMap<PathBuf, Arc<Source>>,
    /// Those that are no TOML, with where that shows.
    pub unusable: BTreeMap<PathBuf, ServerConfigError>,
    /// Files on disk that are left out, and so are not looked for again at every keystroke in them.
    left_out: BTreeSet<PathBuf>,
}

/// The project of a folder.
struct Project {
    excludes: Excludes,
    /// Configurations of the server.
    configs: BTreeSet<PathBuf>,
    /// The settings say which they are.
    configs_are_named: bool,
    workspace: Workspace,
    /// All files were looked at, at least once.
    scanned: bool,
    dirty: bool,
}

impl Folder {
    pub fn new(root: PathBuf, lone_file: Option<PathBuf>, wishes: Wishes) -> Self {
        Self {
            root,
            lone_file,
            wishes,
            project: None,
            config: None,
            mistakes: Vec::new(),
            catalog: None,
            trouble: None,
            extra: BTreeSet::new(),
            configs: BTreeMap::new(),
            unusable: BTreeMap::new(),
            left_out: BTreeSet::new(),
        }
    }

    pub fn has(&self, path: &Path) -> bool {
        match &self.lone_file {
            Some(file) => file == path,
            None => path.starts_with(&self.root),
        }
    }

    pub fn workspace(&self) -> Option<&Workspace> {
        self.project.as_ref().map(|project| &project.workspace)
    }

    /// Whether all files were looked at.
    pub fn is_scanned(&self) -> bool {
        self.project.as_ref().is_none_or(|project| project.scanned)
    }

    pub fn is_dirty(&self) -> bool {
        self.project.as_ref().is_some_and(|project| project.dirty)
    }

    /// Takes other wishes of the client. Returns whether they are other ones.
    pub fn set_wishes(&mut self, wishes: Wishes) -> bool {
        let changed = self.wishes != wishes;
        self.wishes = wishes;
        changed
    }

    /// Reads the settings and lists the files, and so forgets what was known. With settings that are wrong, what was in
    /// force before stays so.
    pub fn open(&mut self) {
        let directory = files::canonical(&self.root);
        self.config = config::find(&directory);
        self.mistakes = Vec::new();
        self.trouble = None;
        self.left_out.clear();
        let found =
            Settings::find(&[directory], self.wishes.from, self.wishes.to, &crate::rules::names(), self.trusts())
                .map_err(|error| *error);
        match found {
            Ok(settings) => {
                self.catalog.clone_from(&settings.config.catalog_directory);
                self.mistakes.clone_from(&settings.config.refused);
                match self.open_with(&settings) {
                    Ok(project) => self.project = Some(project),
                    Err(error) => self.trouble = Some(format!("{error:#}")),
                }
            }
            Err(SettingsError::Config(error)) => self.mistakes = error.mistakes,
            Err(SettingsError::NotOlder { from, to }) => {
                self.trouble = Some(format!("there is no way from {from} to {to}: `from` must be older than `to`"));
            }
            Err(SettingsError::TwoProjects(..)) => {}
        }
    }

    fn open_with(&mut self, settings: &Settings) -> anyhow::Result<Project> {
        let excludes = settings.config.exclude.clone();
        let files = self.list(&excludes, &settings.bounds);
        let mut options = settings.options(files.paths, self.wishes.rules(settings.config.rules()));
        let named = &settings.config.mongooseim_toml;
        let configs = if named.is_empty() { files.server_configs } else { named.clone() };
        options.template_vars = files.template_vars;
        self.unusable.clear();
        for path in &configs {
            let read = match self.configs.get(path) {
                Some(source) => ServerConfig::of(source),
                None => ServerConfig::read(path),
            };
            match read {
                Ok(config) => options.server_configs.push(config),
                Err(error) => drop(self.unusable.insert(path.clone(), error)),
            }
        }
        let configs = configs.into_iter().collect();
        Ok(Project {
            excludes,
            configs,
            configs_are_named: !named.is_empty(),
            workspace: Workspace::open(options)?,
            scanned: false,
            dirty: true,
        })
    }

    fn trusts(&self) -> bool {
        self.wishes.trust || bounds::environment_trusts()
    }

    /// Where the settings may lead.
    pub fn bounds_of_config(&self, config: &Path) -> Bounds {
        match self.trusts() {
            true => Bounds::default(),
            false => Bounds::around(std::slice::from_ref(&self.root)).and(config.parent().unwrap_or(&self.root)),
        }
    }

    fn list(&self, excludes: &Excludes, bounds: &Bounds) -> Files {
        let mut files = match &self.lone_file {
            Some(file) => Files { paths: vec![file.clone()], ..Files::default() },
            None => files::find(std::slice::from_ref(&self.root), excludes, bounds),
        };
        let extra: Vec<PathBuf> = self.extra.iter().filter(|path| !files.paths.contains(path)).cloned().collect();
        files.paths.extend(extra);
        files.paths.sort();
        files
    }

    /// Whether a file is one of the project's own about releases. With settings that are wrong, any TOML file may be.
    pub fn has_catalog_file(&self, path: &Path) -> bool {
        let is_toml = path.extension().is_some_and(|extension| extension == "toml");
        let known = match &self.catalog {
            Some(directory) => path.starts_with(directory),
            None => !self.mistakes.is_empty() && self.has(path),
        };
        is_toml && known
    }

    /// Whether a file is a configuration of the server that is looked at here.
    pub fn has_server_config(&self, path: &Path) -> bool {
        self.project.as_ref().is_some_and(|project| project.configs.contains(path))
    }

    /// Lets a configuration of the server be what the editor shows; without a text, what is on disk.
    pub fn set_server_config(&mut self, path: &Path, text: Option<&str>) {
        let source = text.map(|text| Source::from_text(path.to_path_buf(), text.to_owned()).map(Arc::new));
        let source = source.and_then(Result::ok);
        let config = match &source {
            Some(source) => ServerConfig::of(source),
            None => ServerConfig::read(path),
        };
        match source {
            Some(source) => drop(self.configs.insert(path.to_path_buf(), source)),
            None => drop(self.configs.remove(path)),
        }
        self.unusable.remove(path);
        let Some(project) = self.project.as_mut().filter(|project| project.configs.contains(path)) else { return };
        let config = config.map_err(|error| self.unusable.insert(path.to_path_buf(), error)).ok();
        // While somebody types, what was known of it is still the best guess for the code.
        if config.is_some() || text.is_none() {
            project.workspace.set_server_config(path, config);
        }
        project.dirty = true;
    }

    /// Lists the files again. When they are other ones, everything is looked at anew.
    pub fn list_again(&mut self) {
        self.left_out.clear();
        let Some(project) = &self.project else { return self.open() };
        let Files { paths: files, server_configs, template_vars, .. } =
            self.list(&project.excludes, &project.workspace.options().bounds);
        let is_new = |path: &PathBuf| !project.configs.contains(path) && !project.configs_are_named;
        if server_configs.iter().any(is_new) {
            return self.distrust();
        }
        if files == project.workspace.options().files && template_vars == project.workspace.options().template_vars {
            return;
        }
        let options = Options { files, template_vars, ..project.workspace.options().clone() };
        // What names the files is the same; only they are others.
        if let (Ok(workspace), Some(project)) = (Workspace::open(options), &mut self.project) {
            let old = std::mem::replace(&mut project.workspace, workspace);
            for document in old.documents() {
                if let Some(file) = project.workspace.index_of(document.source().path()) {
                    project.workspace.set_document(file, document);
                }
            }
            project.dirty = true;
        }
    }

    /// The number of a file that is looked at.
    fn file(&self, path: &Path) -> Option<usize> {
        self.workspace()?.index_of(path)
    }

    /// Lets a file be what the editor shows. What is on disk and left out is left alone.
    pub fn set_document(&mut self, module: &Arc<Module>) {
        let path = module.source().path();
        if self.file(path).is_none() && !self.left_out.contains(path) {
            // A file that was made just now is found; one that is not on disk at all is taken as it is.
            if !path.exists() {
                self.extra.insert(path.to_path_buf());
            }
            self.list_again();
            if self.file(path).is_none() {
                self.left_out.insert(path.to_path_buf());
            }
        }
        if let (Some(file), Some(project)) = (self.file(path), &mut self.project) {
            project.workspace.set_document(file, module);
            project.dirty = true;
        }
    }

    pub fn close_document(&mut self, path: &Path) {
        if self.extra.remove(path) {
            if let (Some(file), Some(project)) = (self.file(path), &mut self.project) {
                project.workspace.close_document(file);
            }
            return self.list_again();
        }
        if let (Some(file), Some(project)) = (self.file(path), &mut self.project) {
            project.workspace.close_document(file);
            project.dirty = true;
        }
    }

    /// A file has changed on disk.
    pub fn reload(&mut self, path: &Path) {
        if let (Some(file), Some(project)) = (self.file(path), &mut self.project) {
            project.workspace.reload(file);
            project.dirty = true;
        }
    }

    /// Brings the project up to date. Returns the files for which something else may be found.
    pub fn refresh(&mut self) -> Change {
        let Some(project) = &mut self.project else { return Change::default() };
        project.dirty = false;
        project.scanned = true;
        match project.workspace.refresh() {
            Ok(change) => change,
            Err(error) => {
                self.trouble = Some(format!("{error:#}"));
                Change::default()
            }
        }
    }

    /// Everything that is known may be wrong: something went wrong in the middle of a run.
    pub fn distrust(&mut self) {
        let documents: Vec<_> = self.workspace().into_iter().flat_map(Workspace::documents).cloned().collect();
        self.open();
        documents.iter().for_each(|document| self.set_document(document));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wishes_are_read_with_care() {
        let value = json!({"from": "6.0.0", "to": "", "rules": {"select": ["removed-hook", "remove-hook", 1],
            "severity": {"changed-stop": "off", "removed-hook": "loud"}}, "path": "x"});
        let (wishes, complaints) = Wishes::read(&value);
        assert_eq!((wishes.from, wishes.to), (Some(Version::new(6, 0, 0)), None));
        assert_eq!(wishes.select, ["removed-hook"]);
        assert_eq!(wishes.severity, [("changed-stop".to_owned(), None)]);
        assert_eq!(complaints.len(), 2, "{complaints:?}");
        assert!(complaints[0].contains("did you mean `removed-hook`"), "{complaints:?}");
        for odd in [json!(null), json!(1), json!({"from": 6, "rules": []}), json!({"rules": {"select": "x"}})] {
            assert_eq!(Wishes::read(&odd), (Wishes::default(), vec![]), "{odd}");
        }
    }
}
