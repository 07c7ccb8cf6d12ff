//! The settings under which a project's code is looked at, put together from what was asked for, the configuration file and
//! the build files.

use std::path::{Path, PathBuf};

use super::bounds::Bounds;
use super::config::{self, Config, ConfigError};
use super::options::{Options, RuleSelection};
use super::release::{Detected, detect};
use crate::catalog::{Catalog, UpgradeError, Version};
use crate::finding::Place;

/// The releases that are meant when nothing says otherwise.
pub const DEFAULT_FROM: Version = Version::new(6, 0, 0);
pub const DEFAULT_TO: Version = Version::new(6, 1, 0);

/// Where a setting comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// Whoever called: the command line, or an editor.
    Caller,
    Config,
    Detected(Detected),
    /// With what the build files say instead.
    Default(Option<PassedOver>),
    /// Where a handler is registered as it was then.
    Code(Place),
}

/// A release that build files name and that is not taken.
#[derive(Clone, Debug)]
pub struct PassedOver {
    pub found: Detected,
    pub why: WhyNot,
}

/// Why a release that build files name says nothing about where code comes from.
#[derive(Clone, Debug)]
pub enum WhyNot {
    /// Once the build files name the target, the code is being moved to it right now.
    NotOlder,
    /// What changed since that release is not in the catalog.
    NoWay(UpgradeError),
}

/// The settings of one project.
#[derive(Debug)]
pub struct Settings {
    pub config: Config,
    pub from: (Version, Origin),
    pub to: (Version, Origin),
    /// What `from` stands for, when the catalog does not have the release that was named.
    pub stands_for: Option<Version>,
    /// Where code of the project may lead.
    pub bounds: Bounds,
}

/// Why there are no settings.
#[derive(Debug)]
pub enum SettingsError {
    Config(ConfigError),
    /// The directories have different configuration files.
    TwoProjects(PathBuf, PathBuf),
    NotOlder {
        from: Version,
        to: Version,
    },
}

impl Settings {
    /// Puts the settings together for code in these directories. Releases that the caller names win; `rules` are the
    /// names that a configuration file may use for rules. What the project names outside of itself is read when there is `trust`.
    ///
    /// # Errors
    /// The configuration file is wrong, or there are two, or the target is not newer.
    pub fn find(
        directories: &[PathBuf],
        from: Option<Version>,
        to: Option<Version>,
        rules: &[&str],
        trust: bool,
    ) -> Result<Self, Box<SettingsError>> {
        let bounds = if trust { Bounds::default() } else { Bounds::around(directories) };
        let config = configuration(directories, rules, &bounds)?;
        // Settings may stand above the project, where it could not have put them.
        let bounds = config.include_paths.iter().fold(bounds, |bounds, directory| bounds.and(directory));
        let to = match (to, config.to) {
            (Some(to), _) => (to, Origin::Caller),
            (None, Some(to)) => (to, Origin::Config),
            (None, None) => (DEFAULT_TO, Origin::Default(None)),
        };
        let (named, origin) = match (from, config.from) {
            (Some(from), _) => (from, Origin::Caller),
            (None, Some(from)) => (from, Origin::Config),
            (None, None) => detected(directories, to.0, config.catalog()),
        };
        let from = config.catalog().stands_for(named);
        if from >= to.0 {
            return Err(Box::new(SettingsError::NotOlder { from, to: to.0 }));
        }
        Ok(Self { config, from: (from, origin), to, stands_for: (from != named).then_some(named), bounds })
    }

    /// What the analysis needs to know of them.
    #[must_use]
    pub fn options(&self, files: Vec<PathBuf>, rules: RuleSelection) -> Options {
        Options {
            files,
            from: self.from.0.to_string(),
            from_is_guess: matches!(self.from.1, Origin::Default(_)),
            to: self.to.0.to_string(),
            rules,
            catalog: self.config.catalog.clone(),
            hooks: self.config.hooks.clone(),
            macros: self.config.macros.clone(),
            include_paths: self.config.include_paths.clone(),
            bounds: self.bounds.clone(),
            ..Options::default()
        }
    }
}

fn configuration(directories: &[PathBuf], rules: &[&str], bounds: &Bounds) -> Result<Config, Box<SettingsError>> {
    let mut found: Vec<_> = directories.iter().filter_map(|directory| config::find(directory)).collect();
    found.dedup();
    match found.as_slice() {
        [] => Ok(Config::default()),
        [path] => {
            let bounds = bounds.clone().and(path.parent().unwrap_or(Path::new("")));
            Config::read(path, rules, &bounds).map_err(|error| Box::new(SettingsError::Config(error)))
        }
        [one, other, ..] => Err(Box::new(SettingsError::TwoProjects(one.clone(), other.clone()))),
    }
}

/// The release that the build files name, where something can be said about what changed since.
fn detected(directories: &[PathBuf], to: Version, catalog: &Catalog) -> (Version, Origin) {
    let Some(found) = directories.iter().find_map(|it: &PathBuf| detect(Path::new(it))) else {
        return (DEFAULT_FROM, Origin::Default(None));
    };
    let why = if found.version >= to {
        WhyNot::NotOlder
    } else {
        match (catalog.upgrade(catalog.stands_for(found.version), to), catalog.upgrade(DEFAULT_FROM, to)) {
            (Err(error), Ok(_)) => WhyNot::NoWay(error),
            // With a target that nothing leads to, the default is no better.
            _ => return (found.version, Origin::Detected(found)),
        }
    };
    (DEFAULT_FROM, Origin::Default(Some(PassedOver { found, why })))
}
