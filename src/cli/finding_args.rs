//! What `check` and `review` have in common: which findings are meant, and how they are found.

use super::Outcome;
use super::baseline::{KnownArgs, compared};
use super::check::{analyse, options};
use super::project_args::{Project, ProjectArgs};
use super::rule_args::RuleArgs;
use super::server_args::ServerArgs;
use super::since::{Branch, SinceArgs};
use crate::baseline::Baseline;
use crate::check::Analysis;
use crate::finding::Severity;
use crate::project::files::Files;
use crate::project::options::{Options, RuleSelection};

#[derive(Debug, clap::Args)]
pub struct FindingArgs {
    #[command(flatten)]
    pub project: ProjectArgs,

    #[command(flatten)]
    rules: RuleArgs,

    #[command(flatten)]
    pub server: ServerArgs,

    /// The least severity that is shown
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = Severity::Info)]
    severity: Severity,

    #[command(flatten)]
    known: KnownArgs,

    #[command(flatten)]
    since: SinceArgs,

    /// Exit with 0 even when something is found
    #[arg(long)]
    pub exit_zero: bool,
}

impl FindingArgs {
    /// Finds the settings.
    ///
    /// # Errors
    /// Those of [`Project::open`].
    pub fn open(&self) -> anyhow::Result<Project> {
        let mut project = Project::open(&self.project)?;
        self.server.name(&mut project);
        Ok(project)
    }

    /// Finds the files.
    pub fn files(&self, project: &Project) -> Files {
        let mut files = project.files();
        self.server.add_to(project, &mut files);
        files
    }

    pub fn rules(&self, project: &Project) -> RuleSelection {
        self.rules.selection(project)
    }

    /// Everything that is asked, with what is wrong with it told before anybody has waited.
    ///
    /// # Errors
    /// The baseline cannot be read, or Git does not know the branch.
    pub fn question<'a>(
        &'a self,
        project: &'a Project,
        files: &'a Files,
        rules: &'a RuleSelection,
    ) -> anyhow::Result<Question<'a>> {
        let (baseline, branch) = (self.known.read(project)?, self.since.branch(project)?);
        Ok(Question { args: self, project, files, rules, baseline, branch })
    }

    /// How a run with this result has gone.
    pub fn outcome(&self, analysis: &Analysis) -> Outcome {
        if analysis.failed() {
            Outcome::Failure
        } else if analysis.findings.is_empty() || self.exit_zero {
            Outcome::Clean
        } else {
            Outcome::Findings
        }
    }
}

/// Which findings of which files are meant.
pub struct Question<'a> {
    args: &'a FindingArgs,
    project: &'a Project,
    files: &'a Files,
    rules: &'a RuleSelection,
    baseline: Option<Baseline>,
    branch: Option<Branch>,
}

impl Question<'_> {
    /// Analyses the files, and leaves of what is found what is to be shown. What cannot be read is told.
    ///
    /// # Errors
    /// Those of the analysis, of standard input, and of Git.
    pub fn answer(self, with_fixes: bool) -> anyhow::Result<(Options, Analysis)> {
        let Self { args, project, files, rules, baseline, branch } = self;
        let (options, skipped) = options(project, &args.project, files, rules)?;
        let mut analysis = analyse(&options, skipped, with_fixes)?;
        project.tell_unreadable(&analysis.skipped);
        if let Some(baseline) = &baseline {
            analysis.take_known(compared(baseline, &analysis, project, files, rules));
        }
        if let Some(branch) = branch {
            branch.take_untouched(&mut analysis)?;
        }
        analysis.hide_below(args.severity);
        Ok((options, analysis))
    }
}
