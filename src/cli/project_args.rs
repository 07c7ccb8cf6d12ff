//! What `check` and `handlers` have in common: which code, between which releases, with which settings.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};

use crate::catalog::{Catalog, Upgrade, UpgradeError, Version};
use crate::check::analysis::{Analysis, SkipKind, Skipped};
use crate::finding::Place;
use crate::project::config::{self, Config};
use crate::project::files::{self, Files, canonical};
use crate::project::options::{Options, Progress, RuleSelection, StdinFile};
use crate::project::release::{Detected, detect};
use crate::report::paths::Shown;
use crate::source::MAX_FILE_BYTES;

/// The releases that are meant when nothing says otherwise.
pub const DEFAULT_FROM: Version = Version::new(6, 0, 0);
pub const DEFAULT_TO: Version = Version::new(6, 1, 0);

#[derive(Debug, clap::Args)]
pub struct ProjectArgs {
    /// Files and directories to read; `-` reads a file from standard input
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// The release that the code is written for [default: as rebar.lock or rebar.config have it, else 5.1.0 where handlers are registered with ejabberd_hooks, else 6.0.0]
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub from: Option<Version>,

    /// The release that it shall run on [default: 6.1.0]
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub to: Option<Version>,

    /// The name of the file that is read from standard input
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,

    /// How many threads to use [default: one per processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// Look closely at every file, also at those without any word of the hook API
    #[arg(long, hide = true)]
    pub no_prefilter: bool,
}

/// Reads a release number for an option.
pub fn parse_release(text: &str) -> Result<Version, String> {
    text.parse().map_err(|_| "a release number such as 6.1.0 is expected".to_owned())
}

/// Where a setting comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    CommandLine,
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
    found: Detected,
    why: WhyNot,
}

/// Why a release that build files name says nothing about where code comes from.
#[derive(Clone, Debug)]
enum WhyNot {
    /// Once the build files name the target, the code is being moved to it right now.
    NotOlder,
    /// What changed since that release is not in the catalog.
    NoWay(UpgradeError),
}

/// Where code is, and what is known about it before any of it is read.
pub struct Project {
    pub shown: Shown,
    pub config: Config,
    pub from: (Version, Origin),
    pub to: (Version, Origin),
    /// The server's configuration, when one is named.
    pub mongooseim_toml: Option<PathBuf>,
    /// Paths without the `-` of standard input.
    roots: Vec<PathBuf>,
    stdin: Option<PathBuf>,
}

impl Project {
    /// Finds the settings.
    ///
    /// # Errors
    /// Options contradict each other, or the configuration file is wrong.
    pub fn open(args: &ProjectArgs) -> anyhow::Result<Self> {
        let directory = std::env::current_dir().context("there is no current directory")?;
        let (roots, stdin) = roots(args)?;
        let directories = starting_points(&roots, stdin.as_deref());
        let shown = Shown::relative_to(directory);
        let config = configuration(&directories, &shown)?;
        let to = match (args.to, config.to) {
            (Some(to), _) => (to, Origin::CommandLine),
            (None, Some(to)) => (to, Origin::Config),
            (None, None) => (DEFAULT_TO, Origin::Default(None)),
        };
        let from = match (args.from, config.from) {
            (Some(from), _) => (from, Origin::CommandLine),
            (None, Some(from)) => (from, Origin::Config),
            (None, None) => detected(&directories, to.0),
        };
        if let (version, Origin::Default(Some(passed_over))) = &from {
            passed_over.tell(*version, &shown);
        }
        let from = (stand_in(from.0, &from.1, &shown), from.1);
        ensure!(from.0 < to.0, "there is no way from {} to {}: --from must be older than --to", from.0, to.0);
        let mongooseim_toml = config.mongooseim_toml.clone();
        Ok(Self { shown, config, from, to, mongooseim_toml, roots, stdin })
    }

    /// The release that the code was taken to be written for, once it was looked at.
    pub fn taken_from(&self, analysis: &Analysis) -> Version {
        analysis.from.unwrap_or(self.from.0)
    }

    /// Looks at the code for what the settings leave open: from which release it is.
    ///
    /// # Errors
    /// Those of the analysis.
    pub fn settle_release(&mut self, args: &ProjectArgs) -> anyhow::Result<()> {
        // Standard input is read once, by who analyses it.
        if !matches!(self.from.1, Origin::Default(_)) || self.stdin.is_some() {
            return Ok(());
        }
        let none = RuleSelection { select: Some(BTreeSet::new()), ..RuleSelection::default() };
        let analysis = crate::check::check(&self.options(args, self.files().paths, none)?)?;
        if let (Some(from), Some(place)) = (analysis.from.filter(|from| *from != self.from.0), analysis.older) {
            self.from = (from, Origin::Code(place));
        }
        Ok(())
    }

    /// Finds the files.
    pub fn files(&self) -> Files {
        let mut files = files::find(&self.roots, &self.config.exclude);
        if let Some(stdin) = &self.stdin {
            // What comes through standard input is newer than what is on disk.
            files.paths.retain(|path| !same_file(path, stdin));
        }
        files
    }

    /// What is left out below the paths.
    pub fn left_out(&self, files: &Files) -> Vec<files::LeftOut> {
        let mut left_out = files::left_out(&self.roots, &self.config.exclude, files);
        if let Some(stdin) = &self.stdin {
            left_out.retain(|it| !same_file(&it.path, stdin));
        }
        left_out
    }

    pub fn stdin_name(&self) -> Option<&Path> {
        self.stdin.as_deref()
    }

    /// Warns when the paths hold no Erlang at all, which is rarely what was meant.
    pub fn warn_of_no_files(&self, files: &Files) {
        if files.paths.is_empty() && files.problems.is_empty() && self.stdin.is_none() {
            let roots = self.roots.iter().map(|path| self.shown.show(path));
            let roots = roots.collect::<Vec<_>>().join(", ");
            super::say("warning", &format!("no Erlang files in {roots}"));
        }
    }

    /// Tells what could not be read.
    pub fn tell_unreadable(&self, skipped: &[Skipped]) {
        let unreadable = |it: &&Skipped| it.kind == SkipKind::Unreadable;
        for it in skipped.iter().filter(unreadable) {
            let path = self.shown.show(&it.path);
            super::say("error", &format!("{path}: {}", it.reason));
        }
    }

    /// Whether nothing of what was asked for could be read, so that a summary would only hide the error.
    pub fn nothing_to_do(&self, files: &Files) -> bool {
        files.paths.is_empty() && !files.problems.is_empty() && self.stdin.is_none()
    }

    /// Everything that the analysis needs. Reads standard input.
    ///
    /// # Errors
    /// Standard input cannot be read.
    pub fn options(&self, args: &ProjectArgs, files: Vec<PathBuf>, rules: RuleSelection) -> anyhow::Result<Options> {
        let stdin = self.stdin.as_ref().map(|path| anyhow::Ok(StdinFile { path: path.clone(), bytes: read_stdin()? }));
        Ok(Options {
            files,
            stdin: stdin.transpose()?,
            from: self.from.0.to_string(),
            from_is_guess: matches!(self.from.1, Origin::Default(_)),
            to: self.to.0.to_string(),
            rules,
            hooks: self.config.hooks.clone(),
            macros: self.config.macros.clone(),
            include_paths: self.config.include_paths.clone(),
            server_config: None,
            threads: args.threads,
            no_prefilter: args.no_prefilter,
            progress: Arc::new(Progress::default()),
            ..Options::default()
        })
    }

    /// The rules that the configuration wants.
    pub fn configured_rules(&self) -> RuleSelection {
        let mut rules = RuleSelection {
            select: self.config.select.as_deref().map(set),
            ignore: set(&self.config.ignore),
            severity: BTreeMap::new(),
        };
        for (rule, level) in &self.config.severity {
            match level {
                Some(level) => drop(rules.severity.insert(rule.clone(), *level)),
                None => drop(rules.ignore.insert(rule.clone())),
            }
        }
        rules
    }
}

fn set(names: &[String]) -> BTreeSet<String> {
    names.iter().cloned().collect()
}

const STDIN: &str = "-";

fn roots(args: &ProjectArgs) -> anyhow::Result<(Vec<PathBuf>, Option<PathBuf>)> {
    let is_stdin = |path: &PathBuf| path.as_os_str() == STDIN;
    let wants_stdin = args.paths.iter().any(is_stdin);
    if args.stdin_filename.is_some() && !wants_stdin {
        bail!("--stdin-filename names what `-` reads, and there is no `-` among the paths");
    }
    let roots = args.paths.iter().filter(|path| !is_stdin(path)).cloned();
    let stdin = wants_stdin.then(|| match &args.stdin_filename {
        Some(name) => name.strip_prefix(".").unwrap_or(name).to_path_buf(),
        None => PathBuf::from("<stdin>"),
    });
    Ok((roots.collect(), stdin))
}

fn same_file(one: &Path, other: &Path) -> bool {
    one == other || (one.file_name() == other.file_name() && canonical(one) == canonical(other))
}

/// The directories from which settings are looked for upwards.
fn starting_points(roots: &[PathBuf], stdin: Option<&Path>) -> Vec<PathBuf> {
    let mut directories = Vec::new();
    for path in roots.iter().map(PathBuf::as_path).chain(stdin) {
        let directory = if path.is_dir() { canonical(path) } else { canonical(path.parent().unwrap_or(Path::new(""))) };
        if !directories.contains(&directory) {
            directories.push(directory);
        }
    }
    directories
}

fn configuration(directories: &[PathBuf], shown: &Shown) -> anyhow::Result<Config> {
    let mut found: Vec<_> = directories.iter().filter_map(|directory| config::find(directory)).collect();
    found.dedup();
    match found.as_slice() {
        [] => Ok(Config::default()),
        [path] => Config::read(path, &crate::rules::names()).map_err(|mut error| {
            error.path = shown.show(path).into();
            error.into()
        }),
        [one, other, ..] => bail!(
            "the paths belong to different projects: one has the settings of {}, another those of {}",
            shown.show(one),
            shown.show(other)
        ),
    }
}

/// The release that the build files name, where something can be said about what changed since.
fn detected(directories: &[PathBuf], to: Version) -> (Version, Origin) {
    let Some(found) = directories.iter().find_map(|it| detect(it)) else {
        return (DEFAULT_FROM, Origin::Default(None));
    };
    let why = if found.version >= to {
        WhyNot::NotOlder
    } else {
        match (Upgrade::between(Catalog::embedded().stands_for(found.version), to), Upgrade::between(DEFAULT_FROM, to))
        {
            (Err(error), Ok(_)) => WhyNot::NoWay(error),
            // With a target that nothing leads to, the default is no better.
            _ => return (found.version, Origin::Detected(found)),
        }
    };
    (DEFAULT_FROM, Origin::Default(Some(PassedOver { found, why })))
}

/// The release that stands for the named one, with a word about it when that is another one.
fn stand_in(named: Version, origin: &Origin, shown: &Shown) -> Version {
    let taken = Catalog::embedded().stands_for(named);
    if taken != named {
        let origin = origin.describe(shown);
        let text = format!(
            "{named} ({origin}): what changed up to {taken} is not described, and the code is taken to be written for {taken}"
        );
        super::say("note", &text);
    }
    taken
}

fn read_stdin() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).context("cannot read standard input")?;
    let fits = bytes.len() as u64 <= MAX_FILE_BYTES;
    ensure!(fits, "standard input is larger than {MAX_FILE_BYTES} bytes");
    Ok(bytes)
}

/// Files and directories that could not be read, as part of the result.
pub fn unreadable(files: &Files) -> Vec<Skipped> {
    let problems = files.problems.iter();
    problems.map(|it| Skipped::unreadable(it.path.clone(), it.reason.clone())).collect()
}

impl PassedOver {
    /// Says that the default is taken although the project is built against an older release. That the build files name
    /// the target is as it should be, and needs no words.
    fn tell(&self, taken: Version, paths: &Shown) {
        if let WhyNot::NoWay(_) = self.why {
            let text = format!("the code is taken to be written for {taken}: {}", self.describe(paths));
            super::say("note", &text);
        }
    }

    fn describe(&self, paths: &Shown) -> String {
        let Detected { version, .. } = self.found;
        let place = place(&self.found, paths);
        match &self.why {
            WhyNot::NotOlder => format!("{place} names {version}, which is not older than the target"),
            WhyNot::NoWay(error) => format!("{place} names {version}, but {error}"),
        }
    }
}

fn place(found: &Detected, paths: &Shown) -> String {
    format!("{}:{}", paths.show(&found.path), found.line)
}

impl Origin {
    /// In a few words.
    pub fn describe(&self, paths: &Shown) -> String {
        match self {
            Origin::CommandLine => "command line".to_owned(),
            Origin::Config => config::FILE_NAME.to_owned(),
            Origin::Detected(found) => place(found, paths),
            Origin::Code(place) => {
                let line = place.source.position(place.span.start).line;
                format!("{}:{line} calls ejabberd_hooks", paths.show(place.source.path()))
            }
            Origin::Default(None) => "default".to_owned(),
            Origin::Default(Some(passed_over)) => format!("default: {}", passed_over.describe(paths)),
        }
    }
}
