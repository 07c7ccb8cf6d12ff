//! The configuration file, `hookshift.toml`.
//!
//! It is read by hand off the parsed TOML and not by deriving, so that every mistake is told with its line, an
//! unknown key gets a suggestion, and one run tells all mistakes.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::bounds::Bounds;
use super::files::Excludes;
use super::options::{CustomHook, RuleSelection};
use crate::catalog::{Catalog, Scope, Version, VersionError};
use crate::finding::Severity;
use crate::suggest::did_you_mean;

/// The file's name.
pub const FILE_NAME: &str = "hookshift.toml";

/// What a configuration file says. Paths in it are relative to its directory, and resolved here.
#[derive(Debug, Default)]
pub struct Config {
    /// The file itself.
    pub path: PathBuf,
    pub from: Option<Version>,
    pub to: Option<Version>,
    pub exclude: Excludes,
    pub include_paths: Vec<PathBuf>,
    /// The configurations of the servers on which the modules run.
    pub mongooseim_toml: Vec<PathBuf>,
    /// The file of known findings, which need not be there.
    pub baseline: Option<PathBuf>,
    pub select: Option<Vec<String>>,
    pub ignore: Vec<String>,
    /// `None` stands for `off`.
    pub severity: BTreeMap<String, Option<Severity>>,
    pub hooks: Vec<CustomHook>,
    /// The directory with the project's own files about releases, and what is known together with them.
    pub catalog_directory: Option<PathBuf>,
    pub catalog: Option<Arc<Catalog>>,
    pub macros: BTreeMap<String, String>,
    /// Paths in it that lead out of the project, and so are not followed.
    pub refused: Vec<Mistake>,
}

/// Everything that is wrong with a configuration file.
#[derive(Debug)]
pub struct ConfigError {
    pub path: PathBuf,
    pub mistakes: Vec<Mistake>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// 1-based line and column, or `None` for the file as a whole.
    pub at: Option<(usize, usize)>,
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{}", self.path.display())?;
            if let Some((line, column)) = mistake.at {
                write!(f, ":{line}:{column}")?;
            }
            write!(f, ": {}", mistake.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// The configuration file that is in force in a directory: its own, or the nearest above it. It may be something that
/// cannot be read: passing over it would let settings seem to be in force that are not.
#[must_use]
pub fn find(directory: &Path) -> Option<PathBuf> {
    directory.ancestors().map(|directory| directory.join(FILE_NAME)).find(|path| path.symlink_metadata().is_ok())
}

impl Config {
    /// Reads a configuration file. `rules` are the names that it may use for rules, `bounds` is where it may lead.
    ///
    /// # Errors
    /// The file cannot be read, is no TOML, or says something that is not understood.
    pub fn read(path: &Path, rules: &[&str], bounds: &Bounds) -> Result<Self, ConfigError> {
        let text = if bounds.hold(path) { read_text(path) } else { Err(OUTSIDE.to_owned()) };
        let text = text.map_err(|message| ConfigError {
            path: path.to_path_buf(),
            mistakes: vec![Mistake { at: None, message }],
        })?;
        Self::parse(path, &text, rules, bounds)
    }

    /// What is known of releases.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        match &self.catalog {
            Some(catalog) => catalog,
            None => Catalog::embedded(),
        }
    }

    /// The rules that it wants.
    #[must_use]
    pub fn rules(&self) -> RuleSelection {
        let set = |names: &[String]| names.iter().cloned().collect();
        let mut rules = RuleSelection {
            select: self.select.as_deref().map(set),
            ignore: set(&self.ignore),
            severity: BTreeMap::new(),
        };
        self.severity.iter().for_each(|(rule, level)| rules.set(rule, *level));
        rules
    }

    /// Reads a text as the content of a configuration file at a path.
    ///
    /// # Errors
    /// It is no TOML, or says something that is not understood.
    pub fn parse(path: &Path, text: &str, rules: &[&str], bounds: &Bounds) -> Result<Self, ConfigError> {
        let mut reader = Reader { path, text, rules, bounds, mistakes: Vec::new(), refused: Vec::new() };
        let mut config = match DeTable::parse(text) {
            Ok(table) => reader.config(table.get_ref()),
            Err(error) => {
                // A whole list of expected tokens helps nobody: the first line says it.
                let message = error.message().lines().next().unwrap_or("is no TOML");
                reader.mistake(error.span().unwrap_or(0..0), message);
                Config::default()
            }
        };
        if reader.mistakes.is_empty() {
            reader.refused.sort_by_key(|mistake| mistake.at);
            config.refused = reader.refused;
            Ok(config)
        } else {
            // Tables come sorted by key; people read from top to bottom.
            reader.mistakes.sort_by_key(|mistake| mistake.at);
            Err(ConfigError { path: path.to_path_buf(), mistakes: reader.mistakes })
        }
    }
}

/// A file's text, or why there is none. What is no file is not opened: reading a pipe would wait forever.
fn read_text(path: &Path) -> Result<String, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if metadata.is_dir() {
        return Err("is a directory, not a file".to_owned());
    }
    if !metadata.is_file() {
        return Err("is not a regular file".to_owned());
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

/// Why a path is not followed.
pub const OUTSIDE: &str = "leads out of the project, and is not read without --trust";

type Value<'i> = Spanned<DeValue<'i>>;

const KEYS: [&str; 12] = [
    "from",
    "to",
    "exclude",
    "include-paths",
    "mongooseim-toml",
    "baseline",
    "select",
    "ignore",
    "severity",
    "hooks",
    "catalog",
    "macros",
];
const CATALOG_KEYS: [&str; 1] = ["directory"];
const HOOK_KEYS: [&str; 3] = ["scope", "parameters", "accumulator"];
const LEVELS: [&str; 4] = ["error", "warning", "info", "off"];
const SCOPES: [&str; 2] = ["host-type", "global"];

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    rules: &'a [&'a str],
    bounds: &'a Bounds,
    mistakes: Vec<Mistake>,
    refused: Vec<Mistake>,
}

impl Reader<'_> {
    fn config(&mut self, table: &DeTable<'_>) -> Config {
        let mut config = Config { path: self.path.to_path_buf(), ..Config::default() };
        for (key, value) in table {
            match &**key.get_ref() {
                "from" => config.from = self.release(value),
                "to" => config.to = self.release(value),
                "exclude" => config.exclude = self.excludes(value),
                "include-paths" => config.include_paths = self.paths(value),
                "mongooseim-toml" => config.mongooseim_toml = self.files(value),
                "baseline" => {
                    let name = self.string(value).map(str::to_owned);
                    config.baseline = name.and_then(|name| self.inside(&name, value.span()));
                }
                "select" => config.select = Some(self.rule_list(value)),
                "ignore" => config.ignore = self.rule_list(value),
                "severity" => config.severity = self.severities(value),
                "hooks" => config.hooks = self.hooks(value),
                "catalog" => self.catalog(value, &mut config),
                "macros" => config.macros = self.macros(value),
                unknown => self.unknown("key", unknown, key.span(), &KEYS),
            }
        }
        config
    }

    fn release(&mut self, value: &Value<'_>) -> Option<Version> {
        let text = self.string(value)?;
        match text.parse() {
            Ok(version) => Some(version),
            Err(error) => {
                let error: VersionError = error;
                self.mistake(value.span(), error.to_string());
                None
            }
        }
    }

    fn excludes(&mut self, value: &Value<'_>) -> Excludes {
        let directory = self.directory().to_path_buf();
        let mut excludes = Excludes::new(&directory);
        for (glob, span) in self.strings(value) {
            if let Err(error) = excludes.add(&glob) {
                self.mistake(span, format!("`{glob}` is not a glob: {error}"));
            }
        }
        excludes
    }

    fn paths(&mut self, value: &Value<'_>) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        for (path, span) in self.strings(value) {
            let Some(path) = self.inside(&path, span.clone()) else { continue };
            if !path.is_dir() {
                let message = format!("there is no directory {}", path.display());
                self.mistake(span, message);
            }
            paths.push(path);
        }
        paths
    }

    /// One file, or a list of them.
    fn files(&mut self, value: &Value<'_>) -> Vec<PathBuf> {
        let names = match value.get_ref() {
            DeValue::Array(_) => self.strings(value),
            _ => self.string(value).map(|name| (name.to_owned(), value.span())).into_iter().collect(),
        };
        let mut paths = Vec::new();
        for (name, span) in names {
            let Some(path) = self.inside(&name, span.clone()) else { continue };
            if !path.is_file() {
                let message = format!("there is no file {}", path.display());
                self.mistake(span, message);
            }
            paths.push(path);
        }
        paths
    }

    fn rule_list(&mut self, value: &Value<'_>) -> Vec<String> {
        let named = self.strings(value);
        for (rule, span) in &named {
            self.check_rule(rule, span.clone());
        }
        named.into_iter().map(|(rule, _)| rule).collect()
    }

    fn severities(&mut self, value: &Value<'_>) -> BTreeMap<String, Option<Severity>> {
        let mut severities = BTreeMap::new();
        for (rule, value) in self.table(value) {
            self.check_rule(rule.get_ref(), rule.span());
            let level = match self.string(value) {
                Some("error") => Some(Severity::Error),
                Some("warning") => Some(Severity::Warning),
                Some("info") => Some(Severity::Info),
                Some("off") | None => None,
                Some(unknown) => {
                    self.unknown("severity", unknown, value.span(), &LEVELS);
                    None
                }
            };
            severities.insert(rule.get_ref().clone().into_owned(), level);
        }
        severities
    }

    fn hooks(&mut self, value: &Value<'_>) -> Vec<CustomHook> {
        let entries = self.table(value);
        entries.map(|(name, value)| self.hook(name, value)).collect()
    }

    fn hook(&mut self, name: &Spanned<toml::de::DeString<'_>>, value: &Value<'_>) -> CustomHook {
        let mut hook = CustomHook {
            name: name.get_ref().clone().into_owned(),
            scope: None,
            parameters: None,
            accumulator: None,
            path: self.path.to_path_buf(),
            line: self.position(name.span().start).0,
        };
        for (key, value) in self.table(value) {
            match &**key.get_ref() {
                "scope" => hook.scope = self.scope(value),
                "accumulator" => hook.accumulator = self.string(value).map(str::to_owned),
                "parameters" => {
                    let keys = self.strings(value).into_iter().map(|(key, _)| key);
                    hook.parameters = Some(keys.collect());
                }
                unknown => self.unknown("key", unknown, key.span(), &HOOK_KEYS),
            }
        }
        hook
    }

    fn catalog(&mut self, value: &Value<'_>, config: &mut Config) {
        for (key, value) in self.table(value) {
            match &**key.get_ref() {
                "directory" => {
                    let Some(name) = self.string(value) else { continue };
                    let root = self.directory().to_path_buf();
                    let name = name.to_owned();
                    let Some(directory) = self.inside(&name, value.span()) else { continue };
                    if !directory.is_dir() {
                        let message = format!("there is no directory {}", directory.display());
                        self.mistake(value.span(), message);
                        continue;
                    }
                    match Catalog::embedded().with_own(&directory, &root) {
                        Ok(catalog) => config.catalog = Some(Arc::new(catalog)),
                        Err(errors) => errors.iter().for_each(|error| self.mistake(value.span(), error.to_string())),
                    }
                    config.catalog_directory = Some(directory);
                }
                unknown => self.unknown("key", unknown, key.span(), &CATALOG_KEYS),
            }
        }
    }

    fn scope(&mut self, value: &Value<'_>) -> Option<Scope> {
        match self.string(value)? {
            "host-type" => Some(Scope::HostType),
            "global" => Some(Scope::Global),
            unknown => {
                self.unknown("scope", unknown, value.span(), &SCOPES);
                None
            }
        }
    }

    fn macros(&mut self, value: &Value<'_>) -> BTreeMap<String, String> {
        let mut macros = BTreeMap::new();
        for (name, value) in self.table(value) {
            let replacement = match value.get_ref() {
                DeValue::String(text) => text.clone().into_owned(),
                DeValue::Integer(number) => number.to_string(),
                DeValue::Boolean(truth) => truth.to_string(),
                other => {
                    let message = format!(
                        "a macro is a string of Erlang source, a whole number or a boolean, not {}",
                        kind(other)
                    );
                    self.mistake(value.span(), message);
                    continue;
                }
            };
            macros.insert(name.get_ref().clone().into_owned(), replacement);
        }
        macros
    }

    fn check_rule(&mut self, rule: &str, span: Range<usize>) {
        if !self.rules.contains(&rule) {
            let rules = self.rules;
            self.unknown("rule", rule, span, rules);
        }
    }

    fn string<'v>(&mut self, value: &'v Value<'_>) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.expected("a string", value);
        }
        text
    }

    fn strings(&mut self, value: &Value<'_>) -> Vec<(String, Range<usize>)> {
        let Some(array) = value.get_ref().as_array() else {
            self.expected("an array of strings", value);
            return Vec::new();
        };
        let strings = array.iter().filter_map(|item| {
            let text = self.string(item)?.to_owned();
            Some((text, item.span()))
        });
        strings.collect()
    }

    fn table<'v, 'i>(
        &mut self,
        value: &'v Value<'i>,
    ) -> impl Iterator<Item = (&'v Spanned<toml::de::DeString<'i>>, &'v Value<'i>)> + use<'v, 'i> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.expected("a table", value);
        }
        table.into_iter().flat_map(|table| table.iter())
    }

    fn expected(&mut self, what: &str, value: &Value<'_>) {
        let message = format!("{what} is expected here, not {}", kind(value.get_ref()));
        self.mistake(value.span(), message);
    }

    fn unknown(&mut self, what: &str, name: &str, span: Range<usize>, known: &[&str]) {
        let suggestion = did_you_mean(name, known.iter().copied());
        let list = if suggestion.is_empty() { format!("; known are {}", known.join(", ")) } else { suggestion };
        self.mistake(span, format!("unknown {what} `{name}`{list}"));
    }

    fn mistake(&mut self, span: Range<usize>, message: impl Into<String>) {
        let at = Some(self.position(span.start));
        self.mistakes.push(Mistake { at, message: message.into() });
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = 1 + before.matches('\n').count();
        (line, 1 + before[line_start..].chars().count())
    }

    /// A path that the file names, where it does not lead out of the project.
    fn inside(&mut self, name: &str, span: Range<usize>) -> Option<PathBuf> {
        let path = self.directory().join(name);
        if self.bounds.hold(&path) {
            return Some(path);
        }
        self.refused.push(Mistake { at: Some(self.position(span.start)), message: format!("`{name}` {OUTSIDE}") });
        None
    }

    fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests;
