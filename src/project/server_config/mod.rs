//! A server's own configuration, `mongooseim.toml`: what is written in it, which modules it enables, and for whom.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod document;
mod keys;
mod layout;
mod secrets;
mod template;
mod vars;

pub use document::{Entry, Form, Kind, SyntaxError};
pub use keys::{Naming, namings};
pub use layout::TomlLayout;
pub use template::{Template, Without, variables};
pub use vars::{Vars, is_named_as_vars, vars_for};

use crate::catalog::config_path::{Bound, OF_HOST, below, bind};
use crate::outline::directives::{self, Directive};
use crate::source::{Place, Source, Span};

/// What a `mongooseim.toml` says.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    pub source: Arc<Source>,
    /// The first of the tags that make it a template.
    pub first_tag: Option<Span>,
    /// What a template has between two tags that belong together, with the tags.
    pub sections: Arc<[Span]>,
    /// What is there only under a condition of the template.
    conditional: Arc<[Span]>,
    /// Each table before what is in it.
    pub entries: Arc<[Entry]>,
    /// The sets of modules that are in force somewhere.
    pub enabled: Vec<Enabled>,
    directives: Arc<[Directive]>,
}

/// The modules that run for some hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enabled {
    /// The host or host type that has a set of its own; `None` for all the others.
    pub host: Option<String>,
    pub modules: BTreeSet<String>,
    /// Those among them that are there only under a condition of a template.
    pub perhaps: BTreeSet<String>,
    /// Where the set is: the header of the host, or the start of the file.
    pub at: Span,
}

/// Why a `mongooseim.toml` could not be used.
#[derive(Debug)]
pub struct ServerConfigError {
    pub path: PathBuf,
    /// Where the mistake is, when it has a place.
    pub place: Option<Place>,
    pub message: String,
}

impl fmt::Display for ServerConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(place) = &self.place {
            write!(f, ":{}", place.source.position(place.span.start).line)?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for ServerConfigError {}

impl ServerConfig {
    /// Reads a `mongooseim.toml`, or a template of one.
    ///
    /// # Errors
    /// The file cannot be read, or is no TOML.
    pub fn read(path: &Path) -> Result<Self, ServerConfigError> {
        let source = Source::read(path).map_err(|error| {
            let message = error.to_string();
            let message = message.strip_prefix(&format!("{}: ", path.display())).unwrap_or(&message).to_owned();
            ServerConfigError { path: path.to_path_buf(), place: None, message }
        })?;
        Self::of(&Arc::new(source))
    }

    /// Reads a configuration that is there already.
    ///
    /// # Errors
    /// It is no TOML.
    pub fn of(source: &Arc<Source>) -> Result<Self, ServerConfigError> {
        let template = Template::of(source.text());
        let entries = document::entries(&template.text).map_err(|error| ServerConfigError {
            path: source.path().to_path_buf(),
            place: Some(Place::new(source, error.span)),
            message: error.message,
        })?;
        let enabled = enabled(&entries, &template);
        let directives = match directives::may_have(source.text()) {
            true => directives::of(source, &TomlLayout::of(source, &template, &entries)),
            false => Box::default(),
        };
        let Template { sections, conditional, first_tag, .. } = template;
        Ok(Self {
            source: Arc::clone(source),
            first_tag,
            sections: sections.into(),
            conditional: conditional.into(),
            entries: entries.into(),
            enabled,
            directives: directives.into(),
        })
    }

    /// The comments that are meant for hookshift.
    #[must_use]
    pub fn directives(&self) -> &[Directive] {
        &self.directives
    }

    /// Where comments and options are.
    #[must_use]
    pub fn layout(&self) -> TomlLayout {
        TomlLayout::of(&self.source, &Template::of(self.source.text()), &self.entries)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        self.source.path()
    }

    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        Place::new(&self.source, span)
    }

    /// Whether another one enables and names the same modules for the same hosts.
    #[must_use]
    pub fn enables_the_same(&self, other: &Self) -> bool {
        let sets = |it: &Self| it.enabled.iter().map(|set| (set.host.clone(), set.modules.clone())).collect::<Vec<_>>();
        let names = |it: &Self| it.named_modules().map(|(name, _)| name.to_owned()).collect::<BTreeSet<_>>();
        sets(self) == sets(other) && names(self) == names(other)
    }

    /// What a path of the catalog names, as in `listen.c2s[].zlib` or `outgoing_pools.*.*.host`, wherever it is written. What is
    /// set for some hosts is the same as what is set for all.
    pub fn at<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| bind(path, &entry.path).is_some())
    }

    /// What has to change where a path is not right any more: as [`Self::at`], but a list between brackets is one entry, and a
    /// list of tables need not be told from a table.
    pub fn naming<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a Entry, Bound<'a>)> {
        let is_list = path.ends_with("[]");
        let plain = path.trim_end_matches("[]");
        self.entries.iter().filter_map(move |entry| {
            let has_header = !matches!(entry.form, Form::Option(_) | Form::Inline(_));
            match entry.path.strip_suffix("[]") {
                Some(of) if has_header => Some((entry, bind(plain, of)?)),
                Some(_) => None,
                None if is_list && has_header => None,
                None => Some((entry, bind(plain, &entry.path)?)),
            }
        })
    }

    /// The innermost table of a list that something is in, itself included.
    #[must_use]
    pub fn element(&self, entry: &Entry) -> Option<&Entry> {
        let is_around = |it: &&Entry| {
            it.path.ends_with("[]") && it.extent.contains(entry.name) && below(&entry.path, &it.path).is_some()
        };
        self.entries.iter().filter(is_around).max_by_key(|it| it.path.len())
    }

    /// The modules and services for which there is a table, each with the entry that names it.
    pub fn named_modules(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().filter_map(|entry| {
            let path = entry.path.strip_prefix(OF_HOST).unwrap_or(&entry.path);
            let service = || path.strip_prefix("services.").filter(|rest| !rest.contains('.'));
            Some((module_of(path).or_else(service)?, entry))
        })
    }

    /// The innermost condition under which something is there.
    #[must_use]
    pub fn condition(&self, offset: u32) -> Option<Span> {
        self.conditional.iter().copied().find(|span| (span.start..span.end).contains(&offset))
    }

    /// The sets in which none of these modules is enabled. When `of` is enabled in some sets, only these count: a module
    /// that does not run somewhere lacks nothing there.
    #[must_use]
    pub fn lacking(&self, modules: &[String], of: &str) -> Vec<&Enabled> {
        let runs_somewhere = self.enabled.iter().any(|set| set.modules.contains(of));
        let counts = |set: &&Enabled| !runs_somewhere || set.modules.contains(of);
        let lacks = |set: &&Enabled| !modules.iter().any(|module| set.modules.contains(module));
        self.enabled.iter().filter(counts).filter(lacks).collect()
    }
}

impl Enabled {
    fn new(host: Option<String>, at: Span) -> Self {
        Self { host, modules: BTreeSet::new(), perhaps: BTreeSet::new(), at }
    }

    /// Whether a module is enabled whatever a template is filled with.
    #[must_use]
    pub fn surely(&self, module: &str) -> bool {
        self.modules.contains(module) && !self.perhaps.contains(module)
    }

    fn note(&mut self, entry: &Entry, module: &str, template: &Template) {
        self.modules.insert(module.to_owned());
        if template.is_conditional(entry.name.start) {
            self.perhaps.insert(module.to_owned());
        }
    }
}

fn enabled(entries: &[Entry], template: &Template) -> Vec<Enabled> {
    let mut general = Enabled::new(None, Span::default());
    let (mut own, mut hosts): (Vec<(Enabled, bool)>, Vec<String>) = (Vec::new(), Vec::new());
    for entry in entries {
        if let Some(module) = module_of(&entry.path) {
            general.note(entry, module, template);
        } else if matches!(entry.path.as_str(), "general.hosts" | "general.host_types") {
            hosts.extend(entry.strings.iter().cloned());
        } else if entry.path == "host_config[]" {
            own.push((Enabled::new(None, entry.name), false));
        } else if let (Some(rest), Some((set, has_modules))) = (entry.path.strip_prefix(OF_HOST), own.last_mut()) {
            if matches!(rest, "host" | "host_type") {
                set.host = entry.strings.first().cloned();
            }
            // A host without a table of modules has those of all.
            *has_modules |= rest == "modules";
            if let Some(module) = module_of(rest) {
                set.note(entry, module, template);
            }
        }
    }
    let own: Vec<Enabled> =
        own.into_iter().filter(|(set, has_modules)| *has_modules && set.host.is_some()).map(|(set, _)| set).collect();
    let has_own = |host: &String| own.iter().any(|set| set.host.as_ref() == Some(host));
    let general_is_used = hosts.is_empty() || !hosts.iter().all(has_own);
    general_is_used.then_some(general).into_iter().chain(own).collect()
}

/// The module whose table a path names.
fn module_of(path: &str) -> Option<&str> {
    path.strip_prefix("modules.").filter(|rest| !rest.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> ServerConfig {
        ServerConfig::of(&Arc::new(Source::from_text("mongooseim.toml".into(), text.to_owned()).unwrap())).unwrap()
    }

    fn shown(text: &str) -> Vec<String> {
        let show = |set: &Enabled| {
            let modules: Vec<_> = set.modules.iter().map(String::as_str).collect();
            format!("{}: {}", set.host.as_deref().unwrap_or("*"), modules.join(" "))
        };
        config(text).enabled.iter().map(show).collect()
    }

    #[test]
    fn a_hosts_modules_replace_those_of_all() {
        let text = r#"
            [general]
            hosts = ["a", "b"]
            host_types = ["t"]
            [modules.mod_ping]
            [modules.mod_privacy]
              backend = "rdbms"
            [[host_config]]
              host = "a"
              [host_config.modules.mod_presence]
            [[host_config]]
              host_type = "t"
              [host_config.auth.http]
        "#;
        assert_eq!(shown(text), ["*: mod_ping mod_privacy", "a: mod_presence"]);
    }

    #[test]
    fn where_every_host_has_its_own_the_general_ones_run_nowhere() {
        let text = "general.hosts = ['a']\n[modules.mod_ping]\n[[host_config]]\nhost = 'a'\nmodules = {}\n";
        assert_eq!(shown(text), ["a: "]);
        assert_eq!(shown(""), ["*: "]);
    }

    #[test]
    fn a_module_lacks_nothing_where_it_does_not_run() {
        let config = config(
            "[modules.mod_ping]\n[[host_config]]\nhost = 'a'\n[host_config.modules.mod_acme]\n\
             [[host_config]]\nhost = 'b'\n[host_config.modules]\nmod_acme = {}\nmod_ping = {}\n",
        );
        let lacking = |of: &str| {
            let lacking = config.lacking(&["mod_ping".to_owned(), "mod_pong".to_owned()], of);
            lacking.iter().map(|set| set.host.clone().unwrap_or_default()).collect::<Vec<_>>()
        };
        assert_eq!(lacking("mod_acme"), ["a"]);
        assert_eq!(lacking("mod_other"), ["a"]);
        assert!(config.lacking(&["mod_acme".to_owned()], "mod_acme").is_empty());
    }

    #[test]
    fn what_a_template_may_leave_out_is_not_surely_there() {
        let config = config(
            "[general]\nhosts = [{{{hosts}}}]\n[modules.mod_a]\n{{#b}}\n[modules.mod_b]\n{{{b}}}\n{{/b}}\n{{{more}}}\n",
        );
        let [set] = &config.enabled[..] else { panic!("{:?}", config.enabled) };
        assert!(set.surely("mod_a") && !set.surely("mod_b") && !set.surely("mod_c"));
        assert!(set.modules.contains("mod_b"));
        let b = config.at("modules.mod_b").next().unwrap();
        assert!(config.condition(b.name.start).is_some());
        assert!(config.first_tag.is_some());
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("mongooseim.toml");
        std::fs::write(&path, "[general]\nhosts = [\n").unwrap();
        let error = ServerConfig::read(&path).unwrap_err().to_string();
        assert!(error.contains("mongooseim.toml:"), "{error}");
        assert!(ServerConfig::read(&root.path().join("none.toml")).is_err());
    }
}
