//! Which modules a server's own configuration, `mongooseim.toml`, enables, and for whom.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// What hookshift wants to know of a `mongooseim.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerConfig {
    pub path: PathBuf,
    /// The sets of modules that are in force somewhere.
    pub enabled: Vec<Enabled>,
}

/// The modules that run for some hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enabled {
    /// The host or host type that has a set of its own; `None` for all the others.
    pub host: Option<String>,
    pub modules: BTreeSet<String>,
}

/// Why a `mongooseim.toml` could not be used.
#[derive(Debug)]
pub struct ServerConfigError {
    path: PathBuf,
    /// 1-based line, when the mistake has one.
    line: Option<usize>,
    message: String,
}

impl fmt::Display for ServerConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for ServerConfigError {}

impl ServerConfig {
    /// Reads a `mongooseim.toml`.
    ///
    /// # Errors
    /// The file cannot be read, or is no TOML. Options that hookshift does not need are not looked at.
    pub fn read(path: &Path) -> Result<Self, ServerConfigError> {
        let error = |line, message| ServerConfigError { path: path.to_path_buf(), line, message };
        let text = std::fs::read_to_string(path).map_err(|it| error(None, it.to_string()))?;
        let table: Table = text.parse().map_err(|it: toml::de::Error| {
            let line = it.span().map(|span| 1 + text.get(..span.start).unwrap_or("").matches('\n').count());
            error(line, it.message().lines().next().unwrap_or("is no TOML").to_owned())
        })?;
        Ok(Self { path: path.to_path_buf(), enabled: enabled(&table) })
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

fn enabled(table: &Table) -> Vec<Enabled> {
    let general = Enabled { host: None, modules: modules_of(table).unwrap_or_default() };
    let configs = table.get("host_config").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let own: Vec<Enabled> = configs
        .iter()
        .filter_map(|config| {
            let config = config.as_table()?;
            let host = config.get("host_type").or_else(|| config.get("host"))?.as_str()?;
            // A host without a table of modules has those of all.
            Some(Enabled { host: Some(host.to_owned()), modules: modules_of(config)? })
        })
        .collect();
    let hosts = hosts(table);
    let has_own = |host: &String| own.iter().any(|set| set.host.as_ref() == Some(host));
    let general_is_used = hosts.is_empty() || !hosts.iter().all(has_own);
    general_is_used.then_some(general).into_iter().chain(own).collect()
}

fn modules_of(table: &Table) -> Option<BTreeSet<String>> {
    Some(table.get("modules")?.as_table()?.keys().cloned().collect())
}

fn hosts(table: &Table) -> Vec<String> {
    let general = table.get("general").and_then(Value::as_table);
    let lists = ["hosts", "host_types"].iter().filter_map(|key| general?.get(*key)?.as_array());
    lists.flatten().filter_map(|host| host.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> ServerConfig {
        ServerConfig { path: PathBuf::new(), enabled: enabled(&text.parse().unwrap()) }
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
    fn what_is_no_toml_is_told_with_its_line() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("mongooseim.toml");
        std::fs::write(&path, "[general]\nhosts = [{{{hosts}}}]\n").unwrap();
        let error = ServerConfig::read(&path).unwrap_err().to_string();
        assert!(error.contains("mongooseim.toml:2: "), "{error}");
        assert!(ServerConfig::read(&root.path().join("none.toml")).is_err());
    }
}
