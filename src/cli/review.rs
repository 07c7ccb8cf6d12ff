//! `hookshift review`.

use std::env;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use serde_json::Value;

use super::ci::{self, Ci};
use super::finding_args::FindingArgs;
use super::formats::Wanted;
use super::git::Repository;
use super::output::Output;
use super::{Outcome, say};
use crate::report::{Run, uri};
use crate::review::comment::count;
use crate::review::github::GitHub;
use crate::review::gitlab::GitLab;
use crate::review::http::{Auth, Client, Error, Method, Settings, SystemClock, Token};
use crate::review::{self, Annotated, Checkout, Done, Review};

/// Tell what `check` finds on the lines that a pull request changes, as a review with suggestions
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The token is taken from HOOKSHIFT_TOKEN, or else from GITHUB_TOKEN or GITLAB_TOKEN, and from nowhere else. What is said once is \
not said again: run it on every push. Where the token may only read, as for pull requests from forks, findings are \
printed for the service that runs this instead.

Exit codes: 0 when nothing is found, 1 when something is, 2 when the job could not be done, or not for all files.")]
pub struct Args {
    #[command(flatten)]
    findings: FindingArgs,

    /// Where the pull request is [default: as the service that runs this has it]
    #[arg(long, value_enum, help_heading = "Pull request")]
    platform: Option<PlatformName>,

    /// The address of the platform's interface [default: $GITHUB_API_URL or $CI_API_V4_URL]
    #[arg(long, value_name = "URL", help_heading = "Pull request")]
    base_url: Option<String>,

    /// The repository, as OWNER/NAME, or the number of a GitLab project [default: $GITHUB_REPOSITORY or $CI_PROJECT_ID]
    #[arg(long, value_name = "REPOSITORY", help_heading = "Pull request")]
    repository: Option<String>,

    /// The number of the pull request or merge request [default: the one for which this runs]
    #[arg(long, value_name = "N", visible_alias = "merge-request", help_heading = "Pull request")]
    pull_request: Option<u64>,

    /// Tells several reviews of one pull request apart, as of two projects in one repository
    #[arg(long, value_name = "NAME", default_value = "hookshift", value_parser = parse_name)]
    name: String,

    /// Print the requests that would change something, each as a line of JSON, instead of sending them
    #[arg(long)]
    dry_run: bool,

    /// How long to wait for rate limits and after faults, in all
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    max_wait: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum PlatformName {
    #[value(name = "github")]
    GitHub,
    #[value(name = "gitlab")]
    GitLab,
}

fn parse_name(text: &str) -> Result<String, String> {
    let is_name = review::marker::is_name(text);
    is_name.then(|| text.to_owned()).ok_or_else(|| "a name is made of letters, digits, `-`, `_` and `.`".to_owned())
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let environment = |name: &str| env::var(name).ok().filter(|it| !it.trim().is_empty());
    let place = Place::find(args, Ci::detect().as_ref(), &environment)?;
    let token = place.platform.token(&environment);
    if token.is_none() && !args.dry_run {
        bail!("there is no token: set HOOKSHIFT_TOKEN or {}", place.platform.token_variable());
    }
    let asked = &args.findings;
    let project = asked.open()?;
    ensure!(project.stdin_name().is_none(), "review works on files; `-` is for check");
    let (rules, files) = (asked.rules(&project), asked.files(&project));
    project.warn_of_no_files(&files);
    let (_, analysis) = asked.question(&project, &files, &rules)?.answer(true)?;
    let (from, to) = (project.taken_from(&analysis).to_string(), project.settings.to.0.to_string());
    let files_url = ci::files_url();
    let run = Run {
        from: &from,
        to: &to,
        analysis: &analysis,
        paths: &project.shown,
        repository_paths: &project.shown_in_repository,
        files_url: files_url.as_deref(),
        plan: None,
        statistics: false,
        color: false,
        width: None,
    };
    let checkout = GitCheckout::here();
    let review = Review { run: &run, name: &args.name, exit_zero: asked.exit_zero, checkout: &checkout };
    match place.review(args, token, &review, output)? {
        Ok(done) => tell(&place, args, &done),
        Err(why) => instead(&why, &run, output)?,
    }
    Ok(asked.outcome(&analysis))
}

/// The pull request that is meant.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    platform: PlatformName,
    /// Without a slash at its end.
    base_url: String,
    repository: String,
    number: u64,
}

impl Place {
    /// What options say, else what the environment does.
    fn find(args: &Args, ci: Option<&Ci>, environment: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let by_service = ci.map(|ci| match ci {
            Ci::GithubActions { .. } => PlatformName::GitHub,
            Ci::GitlabCi => PlatformName::GitLab,
        });
        let platform = args.platform.or(by_service).ok_or_else(|| {
            anyhow!("nothing tells where the pull request is: give --platform, --repository and --pull-request")
        })?;
        let [url, repository] = platform.variables();
        let base_url =
            args.base_url.clone().or_else(|| environment(url)).unwrap_or_else(|| platform.public().to_owned());
        let base_url = base_url.trim_end_matches('/').to_owned();
        let scheme = base_url.split_once("://").map(|(scheme, _)| scheme);
        ensure!(matches!(scheme, Some("https" | "http")), "`{base_url}` is no address: it has to begin with https://");
        if scheme == Some("http") && !is_here(&base_url) {
            say("warning", &format!("{base_url} is not encrypted: whoever is on the way can read the token"));
        }
        let repository = args.repository.clone().or_else(|| environment(repository));
        let repository =
            repository.ok_or_else(|| anyhow!("nothing tells which repository is meant: give --repository"))?;
        let number = match args.pull_request {
            Some(number) => Some(number),
            None => platform.number(environment)?,
        };
        let number = number.ok_or_else(|| {
            anyhow!("this does not run for a pull request: give --pull-request, or run it for the event `pull_request`")
        })?;
        if platform == PlatformName::GitHub {
            let is_part = |it: &str| !it.is_empty() && uri::of_part(it) == it && it != "." && it != "..";
            let is_repository = repository.split_once('/').is_some_and(|(owner, name)| is_part(owner) && is_part(name));
            ensure!(is_repository, "`{repository}` is no repository: OWNER/NAME is expected");
        }
        Ok(Self { platform, base_url, repository, number })
    }

    /// Makes the review; what keeps it from being made, when that is only that nothing may be written.
    fn review(
        &self,
        args: &Args,
        token: Option<Token>,
        review: &Review<'_>,
        output: Output,
    ) -> anyhow::Result<Result<Done, Error>> {
        let auth = match self.platform {
            PlatformName::GitHub => Auth::Bearer,
            PlatformName::GitLab => Auth::PrivateToken,
        };
        let headers = if self.platform == PlatformName::GitHub { review::github::HEADERS } else { &[] };
        let max_wait = Duration::from_secs(args.max_wait);
        let settings = Settings { base_url: self.base_url.clone(), token, auth, headers, max_wait };
        let note = |text: &str| say("note", text);
        let mut result = None;
        output.write(|out| {
            let client = Client::new(settings, &SystemClock, args.dry_run.then_some(out), &note);
            let again = |error| client.wait_after(error);
            let done = match self.platform {
                PlatformName::GitHub => {
                    review::review(&GitHub::new(&client, &self.repository, self.number), review, &again)
                }
                PlatformName::GitLab => {
                    review::review(&GitLab::new(&client, &self.repository, self.number), review, &again)
                }
            };
            match done {
                Err(Error::Output(error)) => Err(error),
                other => {
                    result = Some(other);
                    Ok(())
                }
            }
        })?;
        match result {
            Some(Ok(done)) => Ok(Ok(done)),
            Some(Err(error)) if error.is_forbidden() && !is_reading(&error) => Ok(Err(error)),
            Some(Err(error)) => Err(anyhow::Error::new(error).context(format!("cannot review {self}"))),
            // Nobody reads what is printed in a dry run.
            None => bail!("cannot review {self}: nobody reads the requests"),
        }
    }
}

/// Whether an address is this machine's own.
fn is_here(base_url: &str) -> bool {
    let host = base_url.trim_start_matches("http://").split(['/', ':']).next();
    matches!(host, Some("localhost" | "127.0.0.1"))
}

fn is_reading(error: &Error) -> bool {
    matches!(error, Error::Refused { method: Method::Get, .. })
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.platform == PlatformName::GitHub { '#' } else { '!' };
        write!(f, "{}{sign}{}", self.repository, self.number)
    }
}

impl PlatformName {
    /// Where the interface is, and which repository it is about.
    fn variables(self) -> [&'static str; 2] {
        match self {
            Self::GitHub => ["GITHUB_API_URL", "GITHUB_REPOSITORY"],
            Self::GitLab => ["CI_API_V4_URL", "CI_PROJECT_ID"],
        }
    }

    fn public(self) -> &'static str {
        match self {
            Self::GitHub => "https://api.github.com",
            Self::GitLab => "https://gitlab.com/api/v4",
        }
    }

    fn token_variable(self) -> &'static str {
        match self {
            Self::GitHub => "GITHUB_TOKEN",
            Self::GitLab => "GITLAB_TOKEN",
        }
    }

    fn token(self, environment: &dyn Fn(&str) -> Option<String>) -> Option<Token> {
        let text = environment("HOOKSHIFT_TOKEN").or_else(|| environment(self.token_variable()))?;
        Token::new(&text)
    }

    /// The pull request for which a service runs this.
    fn number(self, environment: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Option<u64>> {
        if self == Self::GitLab {
            let number = environment("CI_MERGE_REQUEST_IID");
            return number.map(|it| it.parse().context("CI_MERGE_REQUEST_IID is no number")).transpose();
        }
        let of_ref = |text: String| text.strip_prefix("refs/pull/")?.split('/').next()?.parse().ok();
        match environment("GITHUB_EVENT_PATH") {
            Some(path) => {
                let number = number_of_event(Path::new(&path)).with_context(|| format!("GITHUB_EVENT_PATH: {path}"))?;
                Ok(number.or_else(|| of_ref(environment("GITHUB_REF")?)))
            }
            None => Ok(environment("GITHUB_REF").and_then(of_ref)),
        }
    }
}

/// The pull request of an event: its own, or that of a comment in its conversation.
fn number_of_event(path: &Path) -> anyhow::Result<Option<u64>> {
    let event: Value = serde_json::from_slice(&fs::read(path)?)?;
    let number = event.pointer("/pull_request/number");
    let of_comment = || event.pointer("/issue/pull_request").and_then(|_| event.pointer("/issue/number"));
    Ok(number.or_else(of_comment).and_then(Value::as_u64))
}

/// The work tree around the current directory.
struct GitCheckout(Option<Repository>);

impl GitCheckout {
    fn here() -> Self {
        let found = env::current_dir().ok().and_then(|directory| Repository::of(&directory).ok()?);
        Self(found)
    }
}

impl Checkout for GitCheckout {
    fn blob(&self, path: &str) -> Option<String> {
        self.0.as_ref()?.blob(path)
    }

    fn blob_in(&self, commit: &str, path: &str) -> Option<String> {
        self.0.as_ref()?.blob_in(commit, path)
    }
}

/// Says what was done, in a line.
fn tell(place: &Place, args: &Args, done: &Done) {
    for path in &done.stale {
        say(
            "warning",
            &format!(
                "{path}: is another one than in {}, the newest commit of the pull request, so nothing is said on its lines: \
                 check out that commit",
                done.head.get(..12).unwrap_or(&done.head)
            ),
        );
    }
    for trouble in &done.trouble {
        say("warning", &format!("a comment of an earlier run stays as it is: {trouble}"));
    }
    if let Annotated::Forbidden(why) = &done.annotated {
        say("note", &format!("there is no check run with annotations, as the token may not make one: {why}"));
    }
    let mut parts = vec![format!("{} made", count(done.posted, "comment"))];
    let more = [(done.updated, "changed"), (done.taken_back, "taken back"), (done.left, "left to those who replied")];
    parts.extend(more.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")));
    let told = format!("{} told in comments, {} in the summary", count(done.told, "finding"), done.in_summary);
    let verb = if args.dry_run { "would review" } else { "reviewed" };
    say(&format!("{verb} {place}"), &format!("{}; {told}", parts.join(", ")));
}

/// Tells everything to the service that runs this, when nothing may be written on the platform.
fn instead(why: &Error, run: &Run<'_>, output: Output) -> anyhow::Result<()> {
    say(
        "warning",
        &format!(
            "the token may not write reviews, as it is with pull requests from forks, so findings are told here instead: {why}"
        ),
    );
    let wanted = Ci::detect().map_or_else(Wanted::default, |ci| Wanted::of_service(&ci));
    let written = wanted.write_files(run);
    wanted.print(run, output)?;
    written
}
