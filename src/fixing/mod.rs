//! Applying fixes to a project, in memory: which ones, in which order, and whether what comes out is sound.
//!
//! A pass analyses the project, takes all fixes that go together, and analyses the result. What overlapped is taken by the
//! next pass, until there is nothing left to take. Nothing is written here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::check::{Analysis, check};
use crate::finding::{Finding, Mfa, Severity};
use crate::outline::Module;
use crate::project::options::{Earlier, Options};
use crate::project::server_config::ServerConfig;
use crate::prove::{self, Prover};
use crate::rewrite::Fix;
use crate::rewrite::compose::Composition;
use crate::rules;
use crate::rules::unused_suppression::UnusedSuppression;
use crate::rules::wrong_scope::WrongScope;
use crate::source::Source;

pub mod ignores;
mod stages;
pub mod verify;

/// How many times what overlapped is tried again.
const MAX_PASSES: usize = 16;

/// What came of it.
pub struct Outcome {
    /// Changed files, sorted by path.
    pub files: Vec<Changed>,
    /// Fixes that were applied, in the order in which they were.
    pub applied: Vec<Applied>,
    /// Fixes whose result did not hold what a fix promises; nothing of them was applied.
    pub failed: Vec<Failed>,
    /// Changed files that the compiler was asked about and could not judge, each with the reason.
    pub unproved: Vec<(PathBuf, String)>,
    /// Warnings of the compiler that the new text gives and the old one did not, as `path:line:column: text`.
    pub new_warnings: Vec<String>,
    /// The project as it was found.
    pub before: Analysis,
    /// The project with all fixes applied.
    pub after: Analysis,
    /// Which of `after.findings` a later run will not find: their modules look now as if they were written for the target
    /// release, where what is meant is what is written.
    pub last_seen: BTreeSet<usize>,
}

impl Outcome {
    /// What is left that matters: errors and warnings, and what has a fix that was not wanted.
    pub fn left(&self) -> impl Iterator<Item = &Finding> {
        self.after.findings.iter().filter(|it| it.severity > Severity::Info || it.fix.is_some())
    }
}

/// A file with its content before and after.
pub struct Changed {
    pub source: Arc<Source>,
    /// The decoded text with all fixes applied.
    pub text: String,
    /// The content on disk when it was read, and what it shall be.
    pub old: Vec<u8>,
    pub new: Arc<[u8]>,
}

/// A fix with the finding that it answers.
pub struct Applied {
    pub finding: Finding,
    pub fix: Fix,
    pub proof: Proof,
}

/// What was seen of a fix's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// No part of the file that could be parsed before cannot be parsed now.
    Parses,
    /// The finding is gone, too, and no new one came.
    Clean,
    /// The compiler takes it as well, without warnings that it did not give before.
    Compiles,
}

impl Proof {
    /// In a word or two, for people.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Proof::Parses => "parses; not all of the finding is gone",
            Proof::Clean => "clean",
            Proof::Compiles => "compiles",
        }
    }
}

/// A fix that had to be taken back.
pub struct Failed {
    pub finding: Finding,
    pub fix: Fix,
    pub why: String,
}

/// What makes a finding the same one in the next pass.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rule: &'static str,
    path: PathBuf,
    hook: Option<String>,
    handler: Option<Mfa>,
}

impl Key {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule,
            path: finding.place.source.path().to_path_buf(),
            hook: finding.hook.clone(),
            handler: finding.handler.clone(),
        }
    }
}

/// Applies the fixes that `wanted` takes. It is asked once about each. With a `prover`, changed modules are compiled,
/// and those that do not compile any more stay as they were.
///
/// # Errors
/// Those of [`check`], and a file that cannot be read any more.
pub fn run(
    options: &Options,
    prover: Option<&Prover>,
    wanted: &mut dyn FnMut(&Finding, &Fix) -> bool,
) -> anyhow::Result<Outcome> {
    let options = Options { fixes: true, ..options.clone() };
    let before = analyse_whole(&options, &Earlier::default())?.0;
    let options = with_release_of(&options, &before);
    let mut asked = BTreeMap::new();
    let mut refused = Vec::new();
    let mut left = BTreeMap::new();
    let mut failed = Vec::new();
    loop {
        let earlier = Earlier { written_for: before.written_for.clone(), settled: BTreeSet::new() };
        let mut session = Session {
            asked: std::mem::take(&mut asked),
            refused: std::mem::take(&mut refused),
            left: std::mem::take(&mut left),
            failed: std::mem::take(&mut failed),
            completes_stages: true,
            ..Session::new(options.clone(), earlier)
        };
        let mut after = session.analyse()?;
        for _ in 0..MAX_PASSES {
            match session.pass(&after, wanted)? {
                Some(next) => after = next,
                None => break,
            }
        }
        let files = session.files()?;
        let proved = prover.map(|prover| Proved::of(prover, &files)).unwrap_or_default();
        if proved.broken.is_empty() {
            session.mark_compiled(&proved);
            session.tell_left(&mut after);
            let last_seen = if files.is_empty() { BTreeSet::new() } else { session.last_seen(&after)? };
            let Session { applied, failed, .. } = session;
            let Proved { unproved, new_warnings, .. } = proved;
            return Ok(Outcome { files, applied, failed, unproved, new_warnings, before, after, last_seen });
        }
        // From the start once more, without what went into files that do not compile.
        let taken = std::mem::take(&mut session.applied);
        session.take_back(taken.into_iter().map(|it| (it.finding, it.fix)).collect(), &proved.broken);
        Session { asked, refused, left, failed, .. } = session;
    }
}

/// What the compiler said about changed files.
#[derive(Default)]
struct Proved {
    compiled: BTreeSet<PathBuf>,
    broken: Vec<(PathBuf, String)>,
    unproved: Vec<(PathBuf, String)>,
    new_warnings: Vec<String>,
}

impl Proved {
    fn of(prover: &Prover, files: &[Changed]) -> Self {
        let judged: Vec<_> = files
            .par_iter()
            .filter(|file| !is_toml(file.source.path()))
            .map(|file| (file.source.path().to_path_buf(), prover.prove(file.source.path(), &file.old, &file.new)))
            .collect();
        let mut found = Self::default();
        for (path, proof) in judged {
            match proof {
                prove::Proof::Compiles { new_warnings } => {
                    found.new_warnings.extend(new_warnings);
                    found.compiled.insert(path);
                }
                prove::Proof::Fails { errors } => {
                    found.broken.push((path, format!("the result does not compile: {}", errors.join("; "))));
                }
                prove::Proof::NotProvable { why } => found.unproved.push((path, why)),
            }
        }
        found
    }
}

/// Analyses a project, and completes the fixes that are stages on the way (see [`stages`]). Returns, too, what will be
/// found when these are made.
fn analyse_whole(options: &Options, earlier: &Earlier) -> anyhow::Result<(Analysis, BTreeSet<Key>)> {
    let mut analysis = analyse(options)?;
    let expected = stages::complete(options, earlier, &mut analysis)?;
    Ok((analysis, expected))
}

/// Analyses a project as [`crate::check::check`] does, with fixes that lead to the target release.
///
/// # Errors
/// Those of [`crate::check::check`].
pub fn check_with_fixes(options: &Options) -> anyhow::Result<Analysis> {
    let options = Options { fixes: true, ..options.clone() };
    let mut analysis = check(&options)?;
    stages::complete(&options, &Earlier::default(), &mut analysis)?;
    Ok(analysis)
}

/// The same question about code of the release that was found: what shows it may be gone once fixes are made.
fn with_release_of(options: &Options, analysis: &Analysis) -> Options {
    let from = analysis.from.map_or_else(|| options.from.clone(), |from| from.to_string());
    Options { from, from_is_guess: false, ..options.clone() }
}

fn analyse(options: &Options) -> anyhow::Result<Analysis> {
    let mut analysis = check(options)?;
    analysis.settle(|rule, own| options.rules.severity(rule, own), Severity::Info);
    Ok(analysis)
}

struct Session {
    /// With the texts so far.
    options: Options,
    earlier: Earlier,
    /// The answers, by finding, title and reasons: who wants what is safe need not want what is called the same and is not.
    asked: BTreeMap<(Key, String, Vec<String>), bool>,
    /// Fixes that failed, by finding and title.
    refused: Vec<(Key, String)>,
    /// Those among them that nothing is wrong with but where they would leave comments, with what is to be said.
    left: BTreeMap<(Key, String), String>,
    applied: Vec<Applied>,
    failed: Vec<Failed>,
    /// Changed files as they are on disk.
    sources: BTreeMap<PathBuf, Arc<Source>>,
    /// What was applied in each pass.
    history: Vec<Composition>,
    /// What the fixes that are there are known to lead to.
    expected: BTreeSet<Key>,
    completes_stages: bool,
}

impl Session {
    fn new(options: Options, earlier: Earlier) -> Self {
        Self {
            options,
            earlier,
            asked: BTreeMap::new(),
            refused: Vec::new(),
            left: BTreeMap::new(),
            applied: Vec::new(),
            failed: Vec::new(),
            sources: BTreeMap::new(),
            history: Vec::new(),
            expected: BTreeSet::new(),
            completes_stages: false,
        }
    }

    fn analyse(&mut self) -> anyhow::Result<Analysis> {
        self.options.earlier = Some(Arc::new(self.earlier.clone()));
        let mut analysis = if self.completes_stages {
            let (analysis, expected) = analyse_whole(&self.options, &self.earlier)?;
            self.expected.extend(expected);
            analysis
        } else {
            analyse(&self.options)?
        };
        self.keep_suppressions(&mut analysis)?;
        Ok(analysis)
    }

    /// What this run knows of handlers that it has rewritten lets rules be silent about them. Somebody who does not know it may
    /// find what a comment suppresses, and then needs the comment.
    fn keep_suppressions(&self, analysis: &mut Analysis) -> anyhow::Result<()> {
        let is_unused = |finding: &Finding| finding.rule == UnusedSuppression::NAME;
        let is_first = self.sources.is_empty() && self.earlier.settled.is_empty();
        if is_first || !analysis.findings.iter().any(is_unused) {
            return Ok(());
        }
        let mut fresh = analyse(&Options { earlier: None, fixes: false, ..self.options.clone() })?.findings;
        fresh.retain(is_unused);
        let is_known = |finding: &Finding| fresh.iter().any(|it| it.sort_key() == finding.sort_key());
        let before = analysis.findings.len();
        analysis.findings.retain(|finding| !is_unused(finding) || is_known(finding));
        if analysis.findings.len() < before {
            analysis.settle(|_, own| Some(own), Severity::Info);
        }
        Ok(())
    }

    /// What would not be found by somebody who knows nothing of this run.
    fn last_seen(&self, after: &Analysis) -> anyhow::Result<BTreeSet<usize>> {
        let found = counted(&analyse(&Options { earlier: None, fixes: false, ..self.options.clone() })?.findings);
        let matters = after.findings.iter().enumerate().filter(|(_, it)| it.severity > Severity::Info);
        Ok(matters.filter(|(_, it)| !found.contains_key(&Key::of(it))).map(|(at, _)| at).collect())
    }

    /// Applies what goes together. `None` when there is nothing to apply.
    fn pass(
        &mut self,
        analysis: &Analysis,
        wanted: &mut dyn FnMut(&Finding, &Fix) -> bool,
    ) -> anyhow::Result<Option<Analysis>> {
        loop {
            let (composition, taken) = self.take(analysis, wanted);
            if composition.is_empty() {
                return Ok(None);
            }
            let (overlay, earlier) = (self.options.overlay.clone(), self.earlier.clone());
            let (mut broken, mut uncovered): (Vec<(PathBuf, String)>, _) = (Vec::new(), Vec::new());
            for (source, text) in composition.texts() {
                match written(source, &text) {
                    Ok(bytes) => {
                        let path = source.path().to_path_buf();
                        self.sources.entry(path.clone()).or_insert_with(|| Arc::clone(source));
                        self.options.overlay.insert(path, bytes);
                    }
                    Err(why) => broken.push((source.path().to_path_buf(), why)),
                }
            }
            for (_, fix) in &taken {
                self.earlier.settled.extend(fix.settles.iter().cloned());
            }
            let mut next = None;
            if broken.is_empty() {
                let checked = self.analyse()?;
                uncovered = self::uncovered(analysis, &taken, &checked);
                broken = appeared(analysis, &taken, &self.expected, &checked);
                next = Some(checked);
            }
            if let Some(next) = next.filter(|_| broken.is_empty() && uncovered.is_empty()) {
                self.note(taken, analysis, &next);
                self.history.push(composition);
                return Ok(Some(next));
            }
            self.options.overlay = overlay;
            self.earlier = earlier;
            if uncovered.is_empty() {
                self.take_back(taken, &broken);
            } else {
                self.leave(taken, &uncovered);
            }
        }
    }

    /// The fixes that are wanted and go together: those that others build on before all, then the safe ones.
    fn take(
        &mut self,
        analysis: &Analysis,
        wanted: &mut dyn FnMut(&Finding, &Fix) -> bool,
    ) -> (Composition, Vec<(Finding, Fix)>) {
        let order = rules::names();
        let rank = |finding: &Finding| order.iter().position(|name| *name == finding.rule);
        let mut fixable: Vec<(&Finding, &Fix)> =
            analysis.findings.iter().filter_map(|finding| Some((finding, finding.fix.as_ref()?))).collect();
        fixable.sort_by_key(|(finding, fix)| (!fix.comes_first, fix.applicability, rank(finding)));
        // Which comments are in vain shows when everything else is done.
        fixable.sort_by_key(|(finding, _)| finding.rule == UnusedSuppression::NAME);
        let mut composition = Composition::default();
        let mut taken: Vec<(Finding, Fix)> = Vec::new();
        for (finding, fix) in fixable {
            let comes_last = finding.rule == UnusedSuppression::NAME;
            if comes_last && taken.iter().any(|(finding, _)| finding.rule != UnusedSuppression::NAME) {
                break;
            }
            let key = (Key::of(finding), fix.title.clone());
            if self.refused.contains(&key) {
                continue;
            }
            let question = (key.0, key.1, fix.reasons.clone());
            let wanted = *self.asked.entry(question).or_insert_with(|| wanted(finding, fix));
            if wanted && composition.add(fix).is_ok() {
                taken.push((finding.clone(), fix.clone()));
            }
        }
        (composition, taken)
    }

    fn note(&mut self, taken: Vec<(Finding, Fix)>, before: &Analysis, next: &Analysis) {
        // Findings that are about no handler differ only in their places, which move; each fix has to leave one less.
        let (before, left) = (counted(&before.findings), counted(&next.findings));
        let answered = counted(taken.iter().map(|(finding, _)| finding));
        let count = |counts: &BTreeMap<Key, usize>, key: &Key| counts.get(key).copied().unwrap_or(0);
        for (finding, fix) in taken {
            let key = Key::of(&finding);
            let is_gone = count(&left, &key) + count(&answered, &key) <= count(&before, &key);
            let proof = if is_gone { Proof::Clean } else { Proof::Parses };
            self.applied.push(Applied { finding, fix, proof });
        }
    }

    /// Leaves out, from now on, the fixes that changed a file which did not come out well.
    fn take_back(&mut self, taken: Vec<(Finding, Fix)>, broken: &[(PathBuf, String)]) {
        for (finding, fix, why) in guilty(taken, broken) {
            self.refused.push((Key::of(&finding), fix.title.clone()));
            self.failed.push(Failed { finding, fix, why });
        }
    }

    /// Leaves out, from now on, the fixes that are right but for the comments around them.
    fn leave(&mut self, taken: Vec<(Finding, Fix)>, uncovered: &[(PathBuf, String)]) {
        for (finding, fix, why) in guilty(taken, uncovered) {
            let key = (Key::of(&finding), fix.title);
            self.refused.push(key.clone());
            self.left.insert(key, why);
        }
    }

    /// Says of what is left by [`Session::leave`] why it is.
    fn tell_left(&self, analysis: &mut Analysis) {
        for finding in &mut analysis.findings {
            let Some(fix) = &finding.fix else { continue };
            if let Some(why) = self.left.get(&(Key::of(finding), fix.title.clone())) {
                finding.fix = None;
                finding.no_fix = Some(why.clone());
            }
        }
    }

    /// Says of fixes all of whose files compile that they do.
    fn mark_compiled(&mut self, proved: &Proved) {
        for applied in self.applied.iter_mut().filter(|applied| applied.proof == Proof::Clean) {
            let mut paths = applied.fix.edits.iter().map(|edit| edit.place.source.path());
            if paths.all(|path| proved.compiled.contains(path)) {
                applied.proof = Proof::Compiles;
            }
        }
    }

    fn files(&self) -> anyhow::Result<Vec<Changed>> {
        let mut files = Vec::new();
        for (path, source) in &self.sources {
            let Some(new) = self.options.overlay.get(path).cloned() else { continue };
            let old = source.encode(source.text()).unwrap_or_default();
            if *old == *new {
                continue;
            }
            let text = Source::from_bytes(path.clone(), new.to_vec())?.text().to_owned();
            files.push(Changed { source: Arc::clone(source), text, old, new });
        }
        Ok(files)
    }
}

/// The fixes that changed a file which did not come out well, each with the reason; where no fix changed it, all.
fn guilty(taken: Vec<(Finding, Fix)>, broken: &[(PathBuf, String)]) -> Vec<(Finding, Fix, String)> {
    let touches = |fix: &Fix, path: &Path| fix.edits.iter().any(|edit| edit.place.source.path() == path);
    let why = |fix: &Fix| broken.iter().find(|(path, _)| touches(fix, path));
    let nobody = !taken.iter().any(|(_, fix)| why(fix).is_some());
    let with_why = |(finding, fix): (Finding, Fix)| {
        let (_, why) = why(&fix).or(broken.first().filter(|_| nobody))?;
        Some((finding, fix, why.clone()))
    };
    taken.into_iter().filter_map(with_why).collect()
}

/// The bytes of a changed file, when every part of it can be parsed that could be before.
fn written(source: &Arc<Source>, text: &str) -> Result<Vec<u8>, String> {
    let bytes = source.encode(text).ok_or("the file's encoding lacks a character of the new text")?;
    let after = Source::from_bytes(source.path().to_path_buf(), bytes.clone()).map_err(|error| error.to_string())?;
    if after.text() != text {
        return Err("the new text would not be read back as it is written".to_owned());
    }
    let after = Arc::new(after);
    if is_toml(source.path()) {
        return ServerConfig::of(&after).map(|_| bytes).map_err(|error| error.to_string());
    }
    let count = |source: Arc<Source>| damage(&Module::new(source));
    if count(after) > count(Arc::clone(source)) {
        return Err("the new text cannot be parsed".to_owned());
    }
    Ok(bytes)
}

/// Whether a file is a configuration of the server, and no Erlang.
fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "toml")
}

/// How many places of a module cannot be parsed.
fn damage(module: &Module) -> usize {
    let errors: usize = module.forms().map(|(form, _)| module.ast(form).map_or(1, |ast| ast.errors.len())).sum();
    errors + module.broken().len()
}

/// How many findings there are of each kind.
fn counted<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> BTreeMap<Key, usize> {
    let mut counts = BTreeMap::new();
    findings.into_iter().for_each(|finding| *counts.entry(Key::of(finding)).or_insert(0) += 1);
    counts
}

/// Files with errors and warnings that were not there before.
fn appeared(
    before: &Analysis,
    taken: &[(Finding, Fix)],
    expected: &BTreeSet<Key>,
    after: &Analysis,
) -> Vec<(PathBuf, String)> {
    let mut known = counted(&before.findings);
    known.extend(expected.iter().map(|key| (key.clone(), usize::MAX)));
    // What was found about a handler may be found about the one that takes its place.
    for (finding, fix) in taken {
        for (hook, handler) in &fix.settles {
            let about = |key: &&Key| key.handler.is_some() && key.handler == finding.handler;
            let moved: Vec<Key> = known.keys().filter(about).cloned().collect();
            for key in moved {
                let handler = Some(handler.clone());
                known.insert(Key { hook: Some(hook.clone()), handler: handler.clone(), ..key.clone() }, usize::MAX);
                known.insert(Key { handler, ..key }, usize::MAX);
            }
        }
    }
    let is_revealed = |it: &Finding| {
        let by = |(finding, fix): &(Finding, Fix)| {
            let is_its = it.handler.is_none() || it.handler == finding.handler;
            let is_near = it.place.source.path() == finding.place.source.path();
            fix.reveals.is_some() && fix.reveals == it.hook && (is_its || is_near)
        };
        taken.iter().any(by)
    };
    // Of hooks that are gone nobody says whether they were for a host type, and of what takes their place one does.
    let is_scope_of_moved = |it: &Finding| {
        let is_it = |(hook, handler): &(String, Mfa)| {
            Some(hook) == it.hook.as_ref() && it.handler.as_ref().is_none_or(|it| it == handler)
        };
        it.rule == WrongScope::NAME && taken.iter().any(|(_, fix)| fix.settles.iter().any(is_it))
    };
    let new = after.findings.iter().filter(|it| {
        let count = known.get_mut(&Key::of(it)).map(|left| std::mem::replace(left, left.saturating_sub(1)));
        let is_fine = it.severity < Severity::Warning
            // What was fixed may have been what a comment is for; the comment goes next.
            || it.rule == UnusedSuppression::NAME
            || is_revealed(it)
            || is_scope_of_moved(it);
        !is_fine && count.is_none_or(|left| left == 0)
    });
    let new = new.map(|it| {
        let why = format!("the result has a finding that was not there before: [{}] {}", it.rule, it.message);
        (it.place.source.path().to_path_buf(), why)
    });
    new.collect()
}

/// Files in which a comment no longer suppresses what it did, though it is still found: the comment stands elsewhere now, or
/// what is found does.
fn uncovered(before: &Analysis, taken: &[(Finding, Fix)], after: &Analysis) -> Vec<(PathBuf, String)> {
    let was_suppressed = counted(&before.suppressed);
    if was_suppressed.is_empty() {
        return Vec::new();
    }
    let (is_suppressed, found, left) =
        (counted(&after.suppressed), counted(&before.findings), counted(&after.findings));
    let answered = counted(taken.iter().map(|(finding, _)| finding));
    let count = |counts: &BTreeMap<Key, usize>, key: &Key| counts.get(key).copied().unwrap_or(0);
    let uncovered = was_suppressed.into_iter().filter(|(key, number)| {
        let expected = count(&found, key).saturating_sub(count(&answered, key));
        count(&is_suppressed, key) < *number && count(&left, key) > expected
    });
    let why =
        |rule: &str| format!("the comment that suppresses `{rule}` would stand in another line than what it is for");
    uncovered.map(|(key, _)| (key.path, why(key.rule))).collect()
}
