//! `hookshift fix`.

use super::Outcome;
use super::output::Output;
use super::project_args::{Project, ProjectArgs};
use crate::finding::Finding;
use crate::fixing::{self, Applied};
use crate::project::options::RuleSelection;
use crate::rewrite::Fix;

/// Rewrite hook handlers for the target release
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    project: ProjectArgs,

    /// Only these rules, whatever the configuration says (may be repeated, or be a list with commas)
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = super::check::parse_rule)]
    select: Vec<String>,

    /// Not these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = super::check::parse_rule)]
    ignore: Vec<String>,

    /// Apply the fixes instead of showing them
    #[arg(long)]
    write: bool,

    /// Include fixes that a person has to look at
    #[arg(long = "unsafe")]
    unsafe_too: bool,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let project = Project::open(&args.project)?;
    let files = project.files();
    project.warn_of_no_files(&files);
    let options = project.options(&args.project, files.paths.clone(), args.rules(&project))?;
    let mut wanted = |_: &Finding, fix: &Fix| args.unsafe_too || fix.is_safe();
    let done = fixing::run(&options, &mut wanted)?;
    project.tell_unreadable(&done.before.skipped);
    if args.write {
        for file in &done.files {
            std::fs::write(file.source.path(), &file.new)?;
        }
    } else {
        output.write(|out| {
            for file in &done.files {
                let path = project.shown.show(file.source.path());
                let diff = similar::TextDiff::from_lines(file.source.text(), &file.text);
                write!(out, "{}", diff.unified_diff().header(&format!("a/{path}"), &format!("b/{path}")))?;
            }
            Ok(())
        })?;
    }
    tell(&project, &done);
    Ok(if done.before.failed() || !done.failed.is_empty() {
        Outcome::Failure
    } else if done.after.findings.is_empty() && (args.write || done.files.is_empty()) {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

fn tell(project: &Project, done: &fixing::Outcome) {
    for failed in &done.failed {
        let at = place(project, &failed.finding);
        super::say("bug", &format!("{at}: {}: {}", failed.fix.title, failed.why));
    }
    for Applied { finding, fix, .. } in &done.applied {
        let at = place(project, finding);
        let reasons =
            if fix.reasons.is_empty() { String::new() } else { format!(" (look: {})", fix.reasons.join("; ")) };
        super::say("fixed", &format!("{at}: [{}] {}{reasons}", finding.rule, fix.title));
    }
    for finding in &done.after.findings {
        let at = place(project, finding);
        match (&finding.fix, &finding.no_fix) {
            (Some(fix), _) => {
                super::say("left", &format!("{at}: [{}] {}: {}", finding.rule, fix.title, fix.reasons.join("; ")));
            }
            (None, Some(why)) => super::say("left", &format!("{at}: [{}] {why}", finding.rule)),
            (None, None) => super::say("left", &format!("{at}: [{}] {}", finding.rule, finding.message)),
        }
    }
}

fn place(project: &Project, finding: &Finding) -> String {
    let at = finding.place.source.position(finding.place.span.start);
    format!("{}:{}:{}", project.shown.show(finding.place.source.path()), at.line, at.column)
}

impl Args {
    fn rules(&self, project: &Project) -> RuleSelection {
        let mut rules = project.configured_rules();
        if !self.select.is_empty() {
            rules.select = Some(self.select.iter().cloned().collect());
            rules.ignore.clear();
        }
        rules.ignore.extend(self.ignore.iter().cloned());
        rules
    }
}
