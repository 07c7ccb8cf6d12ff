//! What `check` and `handlers` have in common: which code, between which releases, with which settings.

use std::collections::BTreeSet;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};

use super::ci::repository_root;
use crate::catalog::Version;
use crate::check::analysis::{Analysis, SkipKind, Skipped};
use crate::project::bounds::{self, Bounds};
use crate::project::config::{self, Config, OUTSIDE};
use crate::project::files::{self, Files, canonical};
use crate::project::options::{Options, RuleSelection, StdinFile};
use crate::project::release::Detected;
use crate::project::server_config::ServerConfig;
use crate::project::settings::{Origin, PassedOver, Settings, SettingsError, WhyNot};
use crate::report::paths::Shown;
use crate::source::MAX_FILE_BYTES;

#[derive(Debug, clap::Args)]
pub struct ProjectArgs {
    /// Files and directories to read; `-` reads a file from standard input
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// The release that the code is written for [default: as rebar.lock, rebar.config or the tag of a container image have it, else 5.1.0 where handlers are registered with ejabberd_hooks, else 6.0.0]
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub from: Option<Version>,

    /// The release that it shall run on [default: 6.1.0]
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    pub to: Option<Version>,

    /// The name of the file that is read from standard input
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,

    /// Trust the project: follow its includes, links and settings out of it, and let compilers and Git run what it brings
    #[arg(long)]
    trust: bool,

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

/// The configuration file that is in force in the current directory; an empty one when there is none.
///
/// # Errors
/// It is wrong.
pub fn config_here() -> anyhow::Result<Config> {
    let directory = std::env::current_dir().context("there is no current directory")?;
    let Some(path) = config::find(&directory) else { return Ok(Config::default()) };
    let bounds = match bounds::environment_trusts() {
        true => Bounds::default(),
        false => Bounds::around(std::slice::from_ref(&directory)).and(path.parent().unwrap_or(&directory)),
    };
    let shown = Shown::relative_to(directory);
    let read = Config::read(&path, &crate::rules::names(), &bounds);
    let config = read.map_err(|error| told(SettingsError::Config(error), &shown))?;
    tell_refused(&config, &shown);
    Ok(config)
}

/// Where code is, and what is known about it before any of it is read.
pub struct Project {
    /// From the current directory.
    pub shown: Shown,
    /// From the root of the repository around the current directory.
    pub shown_in_repository: Shown,
    pub settings: Settings,
    /// The server's configurations that are named.
    pub mongooseim_toml: Vec<PathBuf>,
    /// Paths without the `-` of standard input.
    roots: Vec<PathBuf>,
    stdin: Option<PathBuf>,
}

impl ProjectArgs {
    /// Whether code and settings may name what lies outside of the project, and code of it may run.
    pub fn trust(&self) -> bool {
        self.trust || bounds::environment_trusts()
    }
}

impl Project {
    /// Finds the settings.
    ///
    /// # Errors
    /// Options contradict each other, or the configuration file is wrong.
    pub fn open(args: &ProjectArgs) -> anyhow::Result<Self> {
        let directory = std::env::current_dir().context("there is no current directory")?;
        if args.trust() {
            super::git::trust_repositories();
        }
        let (roots, stdin) = roots(args)?;
        let directories = starting_points(&roots, stdin.as_deref());
        let shown_in_repository = Shown::below(repository_root(&directory), &directory);
        let shown = Shown::relative_to(directory);
        let settings = Settings::find(&directories, args.from, args.to, &crate::rules::names(), args.trust())
            .map_err(|error| told(*error, &shown))?;
        tell(&settings, &shown);
        let mongooseim_toml = settings.config.mongooseim_toml.clone();
        Ok(Self { shown, shown_in_repository, settings, mongooseim_toml, roots, stdin })
    }

    /// The release that the code was taken to be written for, once it was looked at.
    pub fn taken_from(&self, analysis: &Analysis) -> Version {
        analysis.from.unwrap_or(self.settings.from.0)
    }

    /// Looks at the code for what the settings leave open: from which release it is.
    ///
    /// # Errors
    /// Those of the analysis.
    pub fn settle_release(&mut self, args: &ProjectArgs) -> anyhow::Result<()> {
        // Standard input is read once, by who analyses it.
        if !matches!(self.settings.from.1, Origin::Default(_)) || self.stdin.is_some() {
            return Ok(());
        }
        let none = RuleSelection { select: Some(BTreeSet::new()), ..RuleSelection::default() };
        let analysis = crate::check::check(&self.options(args, self.files().paths, none)?)?;
        if let (Some(from), Some(place)) = (analysis.from.filter(|from| *from != self.settings.from.0), analysis.older)
        {
            self.settings.from = (from, Origin::Code(place));
        }
        Ok(())
    }

    /// Finds the files.
    pub fn files(&self) -> Files {
        let mut files = files::find(&self.roots, &self.settings.config.exclude, &self.settings.bounds);
        if let Some(stdin) = &self.stdin {
            // What comes through standard input is newer than what is on disk.
            files.paths.retain(|path| !same_file(path, stdin));
        }
        files
    }

    /// What is left out below the paths.
    pub fn left_out(&self, files: &Files) -> Vec<files::LeftOut> {
        let mut left_out = files::left_out(&self.roots, &self.settings.config.exclude, files);
        if let Some(stdin) = &self.stdin {
            left_out.retain(|it| !same_file(&it.path, stdin));
        }
        left_out
    }

    /// Files and directories in which is looked for files, as they were given.
    pub fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    pub fn stdin_name(&self) -> Option<&Path> {
        self.stdin.as_deref()
    }

    /// Warns when the paths hold no Erlang at all, which is rarely what was meant.
    pub fn warn_of_no_files(&self, files: &Files) {
        if files.paths.is_empty() && files.problems.is_empty() && self.stdin.is_none() {
            super::hints::tell_of_no_files(self, files);
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

    /// Reads the server's configurations. What of those that were found cannot be understood is told in the result.
    ///
    /// # Errors
    /// One that is named cannot be read, or is no TOML.
    pub fn server_configs(&self, files: &Files) -> anyhow::Result<(Vec<ServerConfig>, Vec<Skipped>)> {
        let (mut configs, mut skipped) = (Vec::new(), Vec::new());
        for path in &files.server_configs {
            match ServerConfig::read(path) {
                Ok(config) => configs.push(config),
                Err(error) if self.mongooseim_toml.contains(path) => return Err(error.into()),
                Err(error) => skipped.push(Skipped::unusable_config(error)),
            }
        }
        Ok((configs, skipped))
    }

    /// Everything that the analysis needs. Reads standard input.
    ///
    /// # Errors
    /// Standard input cannot be read.
    pub fn options(&self, args: &ProjectArgs, files: Vec<PathBuf>, rules: RuleSelection) -> anyhow::Result<Options> {
        let stdin = self.stdin.as_ref().map(|path| anyhow::Ok(StdinFile { path: path.clone(), bytes: read_stdin()? }));
        Ok(Options {
            stdin: stdin.transpose()?,
            threads: args.threads,
            no_prefilter: args.no_prefilter,
            ..self.settings.options(files, rules)
        })
    }
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

/// What is wrong with the settings, with paths as they are shown.
fn told(error: SettingsError, shown: &Shown) -> anyhow::Error {
    match error {
        SettingsError::Config(mut error) => {
            error.path = shown.show(&error.path).into();
            error.into()
        }
        SettingsError::TwoProjects(one, other) => anyhow!(
            "the paths belong to different projects: one has the settings of {}, another those of {}",
            shown.show(&one),
            shown.show(&other)
        ),
        SettingsError::NotOlder { from, to } => {
            anyhow!("there is no way from {from} to {to}: --from must be older than --to")
        }
    }
}

/// Says which paths in the settings are not followed.
fn tell_refused(config: &Config, shown: &Shown) {
    for refused in &config.refused {
        let (line, column) = refused.at.unwrap_or((1, 1));
        super::say("note", &format!("{}:{line}:{column}: {}", shown.show(&config.path), refused.message));
    }
}

/// Says what is taken in place of something else.
fn tell(settings: &Settings, shown: &Shown) {
    tell_refused(&settings.config, shown);
    let (taken, origin) = &settings.from;
    // That the build files name the target is as it should be, and needs no words.
    if let Origin::Default(Some(passed_over @ PassedOver { why: WhyNot::NoWay(_), .. })) = origin {
        let named = settings.stands_for.unwrap_or(*taken);
        let why = describe_passed_over(passed_over, shown);
        super::say("note", &format!("the code is taken to be written for {named}: {why}"));
    }
    if let Some(named) = settings.stands_for {
        let origin = describe(origin, shown);
        let why = match named < *taken {
            true => format!("what changed up to {taken} is not described"),
            false => "this patch release is not described by itself".to_owned(),
        };
        let text = format!("{named} ({origin}): {why}, and the code is taken to be written for {taken}");
        super::say("note", &text);
    }
}

fn read_stdin() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).context("cannot read standard input")?;
    let fits = bytes.len() as u64 <= MAX_FILE_BYTES;
    ensure!(fits, "standard input is larger than {MAX_FILE_BYTES} bytes");
    Ok(bytes)
}

/// Files and directories that could not be read, or must not be, as part of the result.
pub fn unreadable(files: &Files) -> Vec<Skipped> {
    let problems = files.problems.iter().map(|it| Skipped::unreadable(it.path.clone(), it.reason.clone()));
    let out = files.leading_out.iter().map(|path| {
        let reason = format!("is a link that {OUTSIDE}");
        Skipped { path: path.clone(), place: None, reason, kind: SkipKind::NotAnalysed }
    });
    problems.chain(out).collect()
}

fn describe_passed_over(PassedOver { found, why }: &PassedOver, paths: &Shown) -> String {
    let place = place(found, paths);
    let version = found.version;
    match why {
        WhyNot::NotOlder => format!("{place} names {version}, which is not older than the target"),
        WhyNot::NoWay(error) => format!("{place} names {version}, but {error}"),
    }
}

fn place(found: &Detected, paths: &Shown) -> String {
    format!("{}:{}", paths.show(&found.path), found.line)
}

/// Where a setting comes from, in a few words.
pub fn describe(origin: &Origin, paths: &Shown) -> String {
    match origin {
        Origin::Caller => "command line".to_owned(),
        Origin::Config => config::FILE_NAME.to_owned(),
        Origin::Detected(found) => place(found, paths),
        Origin::Code(place) => {
            let line = place.source.position(place.span.start).line;
            format!("{}:{line} calls ejabberd_hooks", paths.show(place.source.path()))
        }
        Origin::Default(None) => "default".to_owned(),
        Origin::Default(Some(passed_over)) => format!("default: {}", describe_passed_over(passed_over, paths)),
    }
}
