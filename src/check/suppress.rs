//! What comments suppress: taken out of what was found, and held against it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::finding::Finding;
use crate::outline::Module;
use crate::outline::directives;
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

    /// Whether it suppresses a finding of its file. All comments that do are used, however many there are.
    fn takes(&mut self, finding: &Finding) -> bool {
        if !self.suppression.directive.reach.covers(finding.place.span.start) {
            return false;
        }
        let mut takes = false;
        for (rule, used) in self.suppression.rules.iter().zip(&mut self.used) {
            if rule.name() == finding.rule {
                *used = true;
                takes = true;
            }
        }
        takes
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
    let is_suppressed = |finding: &mut Finding| {
        let of_file = comments.get_mut(finding.place.source.path()).into_iter().flatten();
        // Every one is asked, also behind the first that takes it.
        of_file.filter_map(|comment| comment.takes(finding).then_some(())).count() > 0
    };
    let suppressed = findings.extract_if(.., is_suppressed).collect();
    if is_complete && rules::runs(&UnusedSuppression, options) {
        for (path, comments) in &comments {
            let Some(&file) = files.get(path) else { continue };
            findings.extend(comments.iter().flat_map(|comment| comment.unused(file, options)));
        }
    }
    suppressed
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
