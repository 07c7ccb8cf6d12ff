//! `hookshift fix`.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, ensure};

use super::ask::{self, Answer, Dialog, Question};
use super::git::{Repository, must_have_no_changes};
use super::output::Output;
use super::project_args::{Project, ProjectArgs};
use super::rule_args::RuleArgs;
use super::writing::{self, Unwritten};
use super::{Outcome, progress};
use crate::check::analysis::{SkipKind, Skipped};
use crate::finding::Finding;
use crate::fixing::{self, Changed};
use crate::project::options::Options;
use crate::prove::{ProveOptions, Prover};
use crate::report::diff::for_terminal;
use crate::report::escape;
use crate::report::fixes::Told;
use crate::rewrite::Fix;
use crate::rewrite::compose::Composition;
use crate::rewrite::write::Bounds;
use crate::rewrite::write::unfinished::{self, UnfinishedError};
use crate::rules;
use crate::rules::unused_suppression::UnusedSuppression;

/// Rewrite handlers, registrations and calls for the target release
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without --write, --interactive or --one-commit-per-rule nothing is written: the changes go to standard output as a \
diff, and what they are and what is left to standard error.

A fix is safe when the meaning is kept under conditions that were checked on this very code. --unsafe adds those at \
which a person has to look; the reason is told. What is neither is left, with the reason.

Exit codes: 0 when nothing is left to do, 1 when an error, a warning or a fix is (fixes that were only shown among \
them), 2 when the job \
could not be done, or not for all files.")]
pub struct Args {
    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    rules: RuleArgs,

    /// Show the changes and write nothing, which is what happens without any option
    #[arg(long, conflicts_with_all = ["write", "interactive", "one_commit_per_rule"])]
    diff: bool,

    /// Write the files
    #[arg(long)]
    write: bool,

    /// Include fixes at which a person has to look
    #[arg(long = "unsafe")]
    unsafe_too: bool,

    /// Ask about each fix, safe or not, and write what is wanted
    #[arg(long, conflicts_with_all = ["unsafe_too", "one_commit_per_rule"])]
    interactive: bool,

    /// Write, and make a commit of what each rule changes
    #[arg(long)]
    one_commit_per_rule: bool,

    /// Write also files that have changes which are not committed
    #[arg(long)]
    allow_dirty: bool,

    /// Compile what changes with erlc, and leave files alone that do not compile any more
    #[arg(long)]
    prove: bool,

    /// The source tree of the server to compile for
    #[arg(long, value_name = "DIR", requires = "prove")]
    server: Option<PathBuf>,

    /// How the result is shown
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A diff, and lines about it
    #[default]
    Full,
    /// For programs; `hookshift schema fix` has its schema
    Json,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    if args.interactive {
        ask::must_be_a_terminal()?;
    }
    let project = Project::open(&args.project)?;
    ensure!(project.stdin_name().is_none(), "fix works on files; `-` is for check");
    let rules = args.rules.selection(&project);
    let files = project.files();
    project.warn_of_no_files(&files);
    let (options, skipped) = super::check::options(&project, &args.project, &files, &rules)?;
    for it in skipped.iter().filter(|it| it.kind != SkipKind::Unreadable) {
        super::say("note", &format!("{}: {}", project.shown.show(&it.path), it.reason));
    }
    let prover = args.prove.then(|| {
        Prover::new(ProveOptions {
            erlc: None,
            include_dirs: options.include_paths.clone(),
            server: args.server.clone(),
            bounds: options.bounds.clone(),
            trust: args.project.trust(),
        })
    });
    let bounds = Bounds::of(project.roots());
    let writable = options.files.iter().chain(files.server_configs.iter()).cloned().collect();
    let job = Job { args, project: &project, options, skipped, writable, bounds, prover, output };
    job.start()?;
    if args.one_commit_per_rule { job.one_commit_per_rule() } else { job.all_at_once() }
}

struct Job<'a> {
    args: &'a Args,
    project: &'a Project,
    options: Options,
    /// What could not be read before anything was analysed, or must not be.
    skipped: Vec<Skipped>,
    /// The files that may be rewritten.
    writable: Vec<PathBuf>,
    bounds: Bounds,
    prover: Option<Prover>,
    output: Output,
}

impl Job<'_> {
    fn writes(&self) -> bool {
        self.args.write || self.args.interactive || self.args.one_commit_per_rule
    }

    /// Settles what a run left that was killed; without leave to write, says that there is something.
    fn start(&self) -> anyhow::Result<()> {
        let Some(directory) = self.directory() else { return Ok(()) };
        if !self.writes() {
            if unfinished::exists(&directory) {
                super::say("note", "a run was killed here while it wrote: what follows is about what it left");
            }
            return Ok(());
        }
        writing::clean_leftovers(&self.writable, self.project.roots(), &self.project.shown);
        let Some((job, kept)) = unfinished::find(&directory)? else { return Ok(()) };
        let Some(left) = job.left(&directory, &self.writable) else {
            kept.done();
            return Ok(());
        };
        let (number, all) = (left.len(), job.len());
        ensure!(
            job.question == self.question(),
            "`{}` was killed here when {number} of {all} files were not written yet: run it again to have them written, or take back \
             what it wrote (nothing was written now)",
            escape::one_line(&job.command),
        );
        let bytes = left.iter().map(|it| (it.path.as_path(), it.old.as_slice(), it.new.as_slice()));
        let unwritten = writing::write_bytes(bytes, &self.bounds, &self.project.shown);
        kept.done();
        let written = number - unwritten.len();
        super::say("note", &format!("{written} of {all} files written that a killed run of the same command had left"));
        ensure!(unwritten.is_empty(), "{} of them could not be written", unwritten.len());
        Ok(())
    }

    /// Where a run keeps what it is about to write.
    fn directory(&self) -> Option<PathBuf> {
        self.project.roots().first().map(|root| writing::directory_of(root))
    }

    /// What decides what is written, beside the code and its settings.
    fn question(&self) -> String {
        let Args { project, rules, unsafe_too, interactive, .. } = self.args;
        format!(
            "{} {:?} {:?} {:?} {rules:?} {unsafe_too} {interactive}",
            env!("CARGO_PKG_VERSION"),
            self.bounds,
            project.from,
            project.to
        )
    }

    fn all_at_once(&self) -> anyhow::Result<Outcome> {
        let done = if self.args.interactive { self.asking()? } else { self.fixed(&self.options)? };
        let writes = self.writes();
        let mut unwritten = Unwritten::new();
        if writes {
            self.must_be_clean(&done.files)?;
            unwritten = self.write(&done.files)?;
        }
        self.tell(&done, writes, &unwritten)?;
        Ok(if unwritten.is_empty() { outcome(&done, writes) } else { Outcome::Failure })
    }

    fn fixed(&self, options: &Options) -> anyhow::Result<fixing::Outcome> {
        let mut wanted = |_: &Finding, fix: &Fix| self.args.unsafe_too || fix.is_safe();
        let done = progress::with_bar(&options.progress, || fixing::run(options, self.prover.as_ref(), &mut wanted))?;
        Ok(self.with_skipped(done))
    }

    fn with_skipped(&self, mut done: fixing::Outcome) -> fixing::Outcome {
        done.before.skipped.extend(self.skipped.iter().cloned());
        done
    }

    /// Asks about each fix when its turn comes.
    fn asking(&self) -> anyhow::Result<fixing::Outcome> {
        let width = self.output.terminal_width().unwrap_or(100);
        let mut dialog = Dialog::new(io::stdin().lock(), io::stdout(), self.output.color(), width);
        let mut trouble = None;
        let mut wanted = |finding: &Finding, fix: &Fix| match self.ask(&mut dialog, finding, fix) {
            Ok(answer) => answer == Answer::Apply,
            Err(error) => {
                trouble.get_or_insert(error);
                false
            }
        };
        let done = fixing::run(&self.options, self.prover.as_ref(), &mut wanted)?;
        match trouble {
            Some(error) => Err(error).context("cannot ask"),
            None => Ok(self.with_skipped(done)),
        }
    }

    fn ask<R: io::BufRead, W: Write>(
        &self,
        dialog: &mut Dialog<R, W>,
        finding: &Finding,
        fix: &Fix,
    ) -> io::Result<Answer> {
        let shown = &self.project.shown;
        let at = finding.place.source.position(finding.place.span.start);
        let place = format!("{}:{}", shown.show(finding.place.source.path()), at.line);
        let mut alone = Composition::default();
        if alone.add(fix).is_err() {
            return Ok(Answer::Skip);
        }
        let diff: String = alone
            .texts()
            .map(|(source, text)| for_terminal(&shown.show(source.path()), source.text(), &text))
            .collect();
        let reason = fix.reasons.join("\n");
        dialog.ask(&Question {
            rule: finding.rule,
            documentation: rules::documentation(finding.rule).unwrap_or_default(),
            title: &fix.title,
            applicability: fix.applicability,
            reason: (!reason.is_empty()).then_some(reason.as_str()),
            place: &place,
            diff: &diff,
        })
    }

    /// Fixes what one rule finds, commits it, and goes on with the next one.
    fn one_commit_per_rule(&self) -> anyhow::Result<Outcome> {
        let all = self.fixed(&self.options)?;
        let paths: Vec<PathBuf> = all.files.iter().map(|file| file.source.path().to_path_buf()).collect();
        let inside: usize = Repository::around(&paths)?.values().map(Vec::len).sum();
        ensure!(inside == paths.len(), "--one-commit-per-rule: not all files that change are in a Git repository");
        // What is not committed yet would be committed with it.
        self.must_have_no_changes(&all.files, "--one-commit-per-rule commits whole files")?;
        let (mut outcome_so_far, mut last) = (Outcome::Clean, None);
        let enabled: Vec<&str> = rules::all()
            .iter()
            .map(|rule| rule.name())
            .filter(|rule| all.applied.iter().any(|applied| applied.finding.rule == *rule))
            .collect();
        for rule in enabled {
            let done = self.fixed_alone(rule)?;
            if !done.files.is_empty() {
                let unwritten = writing::write_all(&done.files, &self.bounds, &self.project.shown);
                ensure!(
                    unwritten.is_empty(),
                    "{rule}: {} of {} files could not be written, so there is no commit of the others",
                    unwritten.len(),
                    done.files.len()
                );
                self.commit(rule, &done)?;
            }
            if outcome(&done, true) == Outcome::Failure {
                outcome_so_far = Outcome::Failure;
            }
            self.tell_of(rule, &done);
            last = Some(rule);
        }
        if last.is_none() {
            super::say("note", "there is nothing to fix");
        }
        let after = self.fixed(&self.options)?;
        if outcome_so_far == Outcome::Clean && after.left().next().is_some() {
            outcome_so_far = Outcome::Findings;
        }
        self.tell(&after, false, &Unwritten::new())?;
        Ok(outcome_so_far)
    }

    /// Fixes what one rule finds.
    fn fixed_alone(&self, rule: &str) -> anyhow::Result<fixing::Outcome> {
        if rule == UnusedSuppression::NAME {
            // What comments suppress is known when all the others are asked.
            let mut wanted =
                |finding: &Finding, fix: &Fix| finding.rule == rule && (self.args.unsafe_too || fix.is_safe());
            return fixing::run(&self.options, self.prover.as_ref(), &mut wanted);
        }
        let mut options = self.options.clone();
        options.rules.select = Some([rule.to_owned()].into());
        self.fixed(&options)
    }

    fn tell_of(&self, rule: &str, done: &fixing::Outcome) {
        let files = done.files.len();
        if files > 0 {
            super::say("committed", &format!("{rule}: {files} file{}", if files == 1 { "" } else { "s" }));
        }
    }

    fn commit(&self, rule: &str, done: &fixing::Outcome) -> anyhow::Result<()> {
        let paths: Vec<PathBuf> = done.files.iter().map(|file| file.source.path().to_path_buf()).collect();
        let mut message = format!(
            "{rule}: MongooseIM {} to {}\n\nWritten by hookshift {}:\n",
            self.project.taken_from(&done.before),
            self.project.settings.to.0,
            env!("CARGO_PKG_VERSION"),
        );
        for applied in &done.applied {
            message.push_str(&format!("\n* {}", escape::one_line(&applied.fix.title)));
            for reason in &applied.fix.reasons {
                message.push_str(&format!("\n  look: {}", escape::one_line(reason)));
            }
        }
        for (repository, files) in Repository::around(&paths)? {
            repository.commit(&files, &message)?;
        }
        Ok(())
    }

    /// Refuses files whose last state is not committed, unless that is allowed.
    fn must_be_clean(&self, files: &[Changed]) -> anyhow::Result<()> {
        if self.args.allow_dirty {
            return Ok(());
        }
        self.must_have_no_changes(files, "commit them first, or write with --allow-dirty")
    }

    fn must_have_no_changes(&self, files: &[Changed], advice: &str) -> anyhow::Result<()> {
        let paths: Vec<PathBuf> = files.iter().map(|file| file.source.path().to_path_buf()).collect();
        must_have_no_changes(&paths, &self.project.shown, advice)
    }

    /// Writes all files, in such a way that a second run can go on where this one is killed.
    fn write(&self, files: &[Changed]) -> anyhow::Result<Unwritten> {
        let mut kept = None;
        // One alone is written or not.
        if let (Some(directory), true) = (self.directory(), files.len() > 1) {
            let bytes = files.iter().map(|file| (file.source.path(), file.old.as_slice(), file.new.as_ref()));
            let command: Vec<_> = std::env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
            let job =
                unfinished::Job::new(self.question(), format!("hookshift {}", command.join(" ")), &directory, bytes);
            match job.keep(&directory) {
                Ok(it) => kept = Some(it),
                // It came while this one was looking at the code.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    return Err(UnfinishedError::Alive { directory }.into());
                }
                Err(error) => super::say(
                    "warning",
                    &format!(
                        "nothing can be kept in {} for the case that this run is killed: {}",
                        self.project.shown.show(&directory),
                        error.kind()
                    ),
                ),
            }
        }
        let unwritten = writing::write_all(files, &self.bounds, &self.project.shown);
        kept.into_iter().for_each(unfinished::Kept::done);
        Ok(unwritten)
    }

    fn tell(&self, done: &fixing::Outcome, written: bool, unwritten: &Unwritten) -> anyhow::Result<()> {
        let project = self.project;
        project.tell_unreadable(&done.before.skipped);
        let (from, to) = (project.taken_from(&done.before).to_string(), project.settings.to.0.to_string());
        let told = Told {
            from: &from,
            to: &to,
            outcome: done,
            paths: &project.shown,
            written,
            unwritten,
            unsafe_too: self.args.unsafe_too || self.args.interactive,
        };
        if self.args.format == Format::Json {
            return self.output.write(|out| told.write_json(out));
        }
        if !written {
            let terminal = io::stdout().is_terminal() || self.output.color();
            if terminal {
                self.output.write(|out| out.write_all(told.diff_for_terminal().as_bytes()))?;
            } else {
                self.output.write_raw(&told.diff())?;
            }
        }
        let mut text = Vec::new();
        told.write(&mut text)?;
        super::say_lines(&String::from_utf8_lossy(&text));
        Ok(())
    }
}

fn outcome(done: &fixing::Outcome, written: bool) -> Outcome {
    if done.before.failed() || !done.failed.is_empty() {
        Outcome::Failure
    } else if done.left().next().is_none() && (written || done.files.is_empty()) {
        Outcome::Clean
    } else {
        Outcome::Findings
    }
}
