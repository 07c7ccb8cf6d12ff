//! What comments suppress: taken out of what was found, and held against it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::budget::Purse;
use crate::finding::Finding;
use crate::outline::Module;
use crate::outline::directives::{self, Reach};
use crate::project::options::Options;
use crate::rules;
use crate::rules::suppressions::{self, Commented, Suppression};
use crate::rules::unused_suppression::{self, UnusedSuppression};

/// A comment, with which of the rules that it names were found where it is for.
struct Comment<'m> {
    suppression: Suppression<'m>,
    used: Vec<bool>,
}

impl<'m> Comment<'m> {
    fn all_of(file: Commented<'m>) -> Vec<Self> {
        let new = |suppression: Suppression<'m>| Self { used: vec![false; suppression.rules.len()], suppression };
        suppressions::of(file).map(new).collect()
    }

    /// What is to be said of rules that are suppressed in vain.
    fn unused(&self, file: Commented<'_>, options: &Options) -> Vec<Finding> {
        let rules = &self.suppression.rules;
        let unused = |&at: &usize| !self.used[at] && rules::runs(rules[at], options);
        let unused: Vec<usize> = (0..rules.len()).filter(unused).collect();
        // What would be found in code that cannot be read is not known, as while somebody is typing it.
        if unused.is_empty() || !file.is_understood(self.suppression.directive.reach) {
            return Vec::new();
        }
        unused.into_iter().map(|at| unused_suppression::finding(file, &self.suppression, at)).collect()
    }
}

/// Takes out of the findings what comments in their files suppress, and returns it.
///
/// Where everything that is found in these files is there (`is_complete`), comments in them that suppress nothing are
/// findings, too. Other files, which are modules, are read from what is found in them.
pub(super) fn suppress<'m>(
    findings: &mut Vec<Finding>,
    files: impl IntoIterator<Item = Commented<'m>>,
    options: &Options,
    is_complete: bool,
) -> Vec<Finding> {
    let files: FxHashMap<&Path, Commented<'_>> = files.into_iter().map(|it| (it.source().path(), it)).collect();
    let others = others(findings, &files);
    let mut comments: BTreeMap<&Path, Vec<Comment<'_>>> = BTreeMap::new();
    for file in files.values().copied().chain(others.iter().map(|module| Commented::Module(module))) {
        let found = Comment::all_of(file);
        if !found.is_empty() {
            comments.insert(file.source().path(), found);
        }
    }
    if comments.is_empty() {
        return Vec::new();
    }
    let mut is_suppressed = vec![false; findings.len()];
    for (path, mut found) in by_files(findings) {
        if let Some(comments) = comments.get_mut(path) {
            found.sort_unstable();
            hold_against(comments, &found, findings, &mut is_suppressed);
        }
    }
    let mut marks = is_suppressed.into_iter();
    let suppressed = findings.extract_if(.., |_| marks.next().unwrap_or(false)).collect();
    if is_complete && rules::runs(&UnusedSuppression, options) {
        for (path, comments) in &comments {
            let Some(&file) = files.get(path) else { continue };
            // What is said of each of them, there is always room for; a fix, not always.
            let told = Purse::of_single(file.source().text().len())
                .spend(|| comments.iter().flat_map(|comment| comment.unused(file, options)).collect::<Vec<_>>());
            findings.extend(told.unwrap_or_default());
        }
    }
    suppressed
}

/// Where findings start and their numbers, by files.
fn by_files(findings: &[Finding]) -> FxHashMap<&Path, Vec<(u32, usize)>> {
    let mut found: FxHashMap<&Path, Vec<(u32, usize)>> = FxHashMap::default();
    for (number, finding) in findings.iter().enumerate() {
        found.entry(finding.place.source.path()).or_default().push((finding.place.span.start, number));
    }
    found
}

/// Marks what comments of one file suppress, and which of them do; all that do are used, however many there are. The file's
/// findings are in the order of places. Comments for the same code look at it once, so that many of both are no matter.
fn hold_against(
    comments: &mut [Comment<'_>],
    found: &[(u32, usize)],
    findings: &[Finding],
    is_suppressed: &mut [bool],
) {
    let mut of_reach: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    for (number, comment) in comments.iter().enumerate() {
        let (start, end) = match comment.suppression.directive.reach {
            Reach::Within(span) => (span.start, span.end),
            Reach::File => (0, u32::MAX),
            Reach::Nothing => continue,
        };
        of_reach.entry((start, end)).or_default().push(number);
    }
    for ((start, end), numbers) in of_reach {
        let inside = &found[found.partition_point(|it| it.0 < start)..found.partition_point(|it| it.0 < end)];
        let is_found: FxHashSet<&str> = inside.iter().map(|&(_, number)| findings[number].rule).collect();
        let mut is_named: FxHashSet<&str> = FxHashSet::default();
        for number in numbers {
            let comment = &mut comments[number];
            for (rule, used) in comment.suppression.rules.iter().zip(&mut comment.used) {
                is_named.insert(rule.name());
                *used |= is_found.contains(rule.name());
            }
        }
        for &(_, number) in inside {
            is_suppressed[number] |= is_named.contains(findings[number].rule);
        }
    }
}

/// The other files in which something is found: headers that are only looked up, for example.
fn others(findings: &[Finding], files: &FxHashMap<&Path, Commented<'_>>) -> Vec<Arc<Module>> {
    let mut others: BTreeMap<&Path, Arc<Module>> = BTreeMap::new();
    for finding in findings {
        let source = &finding.place.source;
        if !files.contains_key(source.path()) && directives::may_have(source.text()) {
            others.entry(source.path()).or_insert_with(|| Arc::new(Module::new(Arc::clone(source))));
        }
    }
    others.into_values().collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::check::Workspace;
    use crate::source::Source;

    const REGISTERING: &str = "-module(mod_a).\n\
        start(H, _) -> gen_hook:add_handler(remove_user, H, fun mod_b:f/3, #{}, 50).\n";
    const HANDLER: &str = "-module(mod_b).\n-export([f/3]).\n\
        f(Acc, _, _) -> Acc. %% hookshift: ignore[untagged-result] never comes back\n";

    /// A project that is kept, with these files.
    fn kept(files: &[&str]) -> (tempfile::TempDir, Workspace, Vec<PathBuf>) {
        let root = tempfile::tempdir().unwrap();
        let names = ["mod_a.erl", "mod_b.erl"].iter().zip(files);
        let write = |(name, text): (&&str, &&str)| {
            let path = root.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let paths: Vec<PathBuf> = names.map(write).collect();
        let (from, to) = ("6.0.0".to_owned(), "6.1.0".to_owned());
        let options = Options { files: paths.clone(), from, to, ..Options::default() };
        let mut workspace = Workspace::open(options).unwrap();
        workspace.refresh().unwrap();
        (root, workspace, paths)
    }

    fn set(workspace: &mut Workspace, file: usize, path: &Path, text: &str) {
        let source = Source::from_text(path.to_path_buf(), text.to_owned()).unwrap();
        workspace.set_document(file, &Arc::new(Module::new(Arc::new(source))));
    }

    fn rules(findings: &[Finding]) -> Vec<&'static str> {
        findings.iter().map(|it| it.rule).collect()
    }

    #[test]
    fn a_project_that_is_kept_follows_its_comments() {
        let (_root, mut workspace, paths) = kept(&[REGISTERING, HANDLER]);
        let [a, b] = &paths[..] else { unreachable!() };
        assert!(workspace.files_with_findings().is_empty());
        assert_eq!(rules(&workspace.findings_in(b)), [""; 0]);
        // What another file registers decides whether a comment is used.
        set(&mut workspace, 0, a, "-module(mod_a).\n");
        let change = workspace.refresh().unwrap();
        assert!(change.files.contains(b), "{change:?}");
        assert_eq!(rules(&workspace.findings_in(b)), ["unused-suppression"]);
        assert!(workspace.files_with_findings().contains(b));
        let fixes = workspace.fixes_in(b);
        assert!(fixes[0].fix.is_some(), "{fixes:?}");
        // Without the comment the file has no word that matters.
        set(&mut workspace, 1, b, "-module(mod_b).\n");
        assert!(workspace.refresh().unwrap().files.contains(b));
        assert_eq!(rules(&workspace.findings_in(b)), [""; 0]);
        set(&mut workspace, 1, b, "-module(mod_b).\n%% hookshift: ignore[changed-stop] x\n");
        assert!(workspace.refresh().unwrap().files.contains(b));
        assert_eq!(rules(&workspace.findings_in(b)), ["unused-suppression"]);
    }

    #[test]
    fn who_fixes_gets_nothing_for_what_is_suppressed() {
        let (_root, mut workspace, paths) = kept(&[REGISTERING, HANDLER]);
        assert_eq!(rules(&workspace.fixes_in(&paths[1])), [""; 0]);
        set(&mut workspace, 1, &paths[1], &HANDLER.replace("never comes back", "<why>"));
        workspace.refresh().unwrap();
        let found = rules(&workspace.fixes_in(&paths[1])).join(" ");
        assert_eq!(found, "untagged-result malformed-suppression");
    }

    #[test]
    fn at_a_glance_no_comment_is_in_vain() {
        let (_root, mut workspace, paths) = kept(&["-module(mod_a).\n", HANDLER]);
        set(&mut workspace, 1, &paths[1], HANDLER);
        assert_eq!(rules(&workspace.glance(1)), [""; 0]);
        let unknown = "-module(mod_b).\nstart(H, _) -> gen_hook:add_handler(auth_faild, H, fun ?MODULE:f/3, #{}, 50).\n\
            f(Acc, _, _) -> {ok, Acc}.\n-export([f/3]).\n";
        set(&mut workspace, 1, &paths[1], unknown);
        assert!(rules(&workspace.glance(1)).contains(&"unknown-hook"));
        set(&mut workspace, 1, &paths[1], &format!("%% hookshift: ignore-file[unknown-hook] ours\n{unknown}"));
        assert!(!rules(&workspace.glance(1)).contains(&"unknown-hook"));
    }
}
