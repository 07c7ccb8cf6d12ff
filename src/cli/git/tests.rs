use super::*;
use crate::scratch::Scratch;
use std::fs;

/// A repository with two committed modules.
struct Tree {
    directory: Scratch,
}

impl Tree {
    fn new() -> Self {
        let tree = Self { directory: Scratch::new() };
        tree.git(&["init", "-q", "-b", "main"]);
        tree.git(&["config", "user.name", "Ada"]);
        tree.git(&["config", "user.email", "ada@example.com"]);
        tree.git(&["config", "commit.gpgsign", "false"]);
        tree.git(&["config", "core.hooksPath", ".git/hooks"]);
        tree.write("src/mod_a.erl", "a.\n");
        tree.write("src/mod_b.erl", "b.\n");
        tree.git(&["add", "."]);
        tree.git(&["commit", "-q", "-m", "first"]);
        tree
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        self.directory.write(name, text)
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        for variable in REDIRECTIONS {
            git.env_remove(variable);
        }
        let output = git.arg("-C").arg(self.directory.root()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn hook(&self, name: &str, script: &str) {
        let path = self.write(&format!(".git/hooks/{name}"), script);
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
        fs::set_permissions(path, permissions).unwrap();
    }

    fn repository(&self) -> Repository {
        Repository::of(&self.path("src/mod_a.erl")).unwrap().unwrap()
    }

    fn dirty(&self, names: &[&str]) -> Vec<(String, State)> {
        let files: Vec<_> = names.iter().map(|name| self.path(name)).collect();
        let dirty = self.repository().dirty(&files).unwrap();
        let name = |it: &Dirty| it.path.strip_prefix(self.directory.root()).unwrap().to_str().unwrap().to_owned();
        dirty.iter().map(|it| (name(it), it.state)).collect()
    }

    fn committed(&self) -> String {
        self.git(&["show", "--format=%B", "--name-only", "HEAD"])
    }
}

#[test]
fn a_repository_is_found_from_any_depth_and_through_links() {
    let tree = Tree::new();
    let root = tree.directory.root().canonicalize().unwrap();
    assert_eq!(tree.repository().root(), root);
    assert_eq!(Repository::of(&tree.path("src")).unwrap().unwrap().root(), root);
    let outside = tempfile::tempdir().unwrap();
    assert_eq!(Repository::of(outside.path()).unwrap(), None);
    assert_eq!(Repository::of(&outside.path().join("nope")).unwrap(), None);
    let link = outside.path().join("mod_a.erl");
    std::os::unix::fs::symlink(tree.path("src/mod_a.erl"), &link).unwrap();
    assert_eq!(Repository::of(&link).unwrap().unwrap().root(), root);
    assert_eq!(tree.repository().dirty(std::slice::from_ref(&link)).unwrap(), []);
    tree.write("src/mod_a.erl", "changed.\n");
    assert_eq!(tree.repository().dirty(std::slice::from_ref(&link)).unwrap()[0].path, link);
}

#[test]
fn files_of_several_repositories_are_told_apart() {
    let (one, two) = (Tree::new(), Tree::new());
    let nested = one.write("deps/inner/src/mod_c.erl", "c.\n");
    fs::create_dir(one.path("deps/inner/.git")).unwrap();
    assert_eq!(Repository::of(&nested).unwrap(), Some(one.repository()), "an empty directory is no repository");
    one.git(&["init", "-q", "deps/inner"]);
    assert_eq!(Repository::of(&nested).unwrap().unwrap().root(), one.repository().root().join("deps/inner"));
    fs::write(one.path("deps/inner/.git/config"), "no configuration").unwrap();
    let error = Repository::of(&nested).unwrap_err();
    assert!(error.to_string().starts_with("`git rev-parse` failed: "), "{error}");
    let outside = tempfile::NamedTempFile::new().unwrap();
    let (a, b, c) = (one.path("src/mod_a.erl"), two.path("src/mod_a.erl"), one.path("src/mod_b.erl"));
    let files = [a.clone(), b.clone(), c.clone(), outside.path().to_path_buf(), one.path("nope.erl")];
    let found = Repository::around(&files).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[&one.repository()], [a, c]);
    assert_eq!(found[&two.repository()], [b]);
}

#[test]
fn only_the_files_in_question_can_be_dirty() {
    let tree = Tree::new();
    tree.write("src/mod_b.erl", "changed.\n");
    tree.write("notes.txt", "new");
    assert_eq!(tree.dirty(&["src/mod_a.erl"]), []);
    assert_eq!(tree.dirty(&[]), []);
    let all = ["src/mod_b.erl", "src/mod_a.erl"];
    assert_eq!(tree.dirty(&all), [("src/mod_b.erl".to_owned(), State::Modified)]);
}

#[test]
fn every_way_to_differ_from_the_last_commit_is_dirty() {
    let tree = Tree::new();
    let state = |name: &str| tree.dirty(&[name]).into_iter().map(|(_, state)| state).collect::<Vec<_>>();
    tree.write("src/mod_a.erl", "staged.\n");
    tree.git(&["add", "src/mod_a.erl"]);
    assert_eq!(state("src/mod_a.erl"), [State::Staged]);
    tree.write("src/mod_a.erl", "a.\n");
    assert_eq!(state("src/mod_a.erl"), [State::Modified], "the work tree is as committed, the index is not");
    tree.write("src/[x]* y.erl", "new.\n");
    assert_eq!(state("src/[x]* y.erl"), [State::Untracked]);
    tree.git(&["mv", "src/mod_b.erl", "src/mod_c.erl"]);
    assert_eq!(state("src/mod_c.erl"), [State::Staged]);
    tree.write(".gitignore", "gen/\n");
    tree.write("gen/deep/mod_g.erl", "g.\n");
    assert_eq!(state("gen/deep/mod_g.erl"), [State::Ignored]);
}

#[test]
fn a_conflict_is_told() {
    let tree = Tree::new();
    tree.git(&["checkout", "-q", "-b", "other"]);
    tree.write("src/mod_a.erl", "theirs.\n");
    tree.git(&["commit", "-qam", "theirs"]);
    tree.git(&["checkout", "-q", "main"]);
    tree.write("src/mod_a.erl", "ours.\n");
    tree.git(&["commit", "-qam", "ours"]);
    let _ = Command::new("git").arg("-C").arg(tree.directory.root()).args(["merge", "-q", "other"]).output();
    assert_eq!(tree.dirty(&["src/mod_a.erl"]), [("src/mod_a.erl".to_owned(), State::Conflicting)]);
    tree.write("src/mod_b.erl", "changed.\n");
    let error = tree.repository().commit(&[tree.path("src/mod_b.erl")], "no").unwrap_err();
    assert!(error.to_string().starts_with("`git commit` failed: "), "{error}");
}

#[test]
fn a_commit_holds_the_files_and_nothing_else() {
    let tree = Tree::new();
    let odd = tree.write("src/:(top)*.erl", "odd.\n");
    tree.write("staged.txt", "old");
    tree.git(&["add", "--all"]);
    tree.git(&["commit", "-qm", "second"]);
    tree.write("staged.txt", "staged");
    tree.git(&["add", "staged.txt"]);
    tree.write("src/mod_b.erl", "not to be committed.\n");
    let a = tree.write("src/mod_a.erl", "new.\n");
    tree.write("src/:(top)*.erl", "odd and new.\n");
    tree.repository().commit(&[a, odd], "Rename a hook\n\n# not a comment").unwrap();
    let expected = "Rename a hook\n\n# not a comment\n\n\nsrc/:(top)*.erl\nsrc/mod_a.erl\n";
    assert_eq!(tree.committed(), expected);
    assert_eq!(tree.git(&["status", "--porcelain"]), " M src/mod_b.erl\nM  staged.txt\n");
}

#[test]
fn contents_are_known_by_their_names() {
    let tree = Tree::new();
    let (repository, head) = (tree.repository(), tree.git(&["rev-parse", "HEAD"]).trim().to_owned());
    let committed = repository.blob_in(&head, "src/mod_a.erl");
    assert!(committed.is_some());
    assert_eq!(repository.blob("src/mod_a.erl"), committed);
    tree.write("src/mod_a.erl", "other.\n");
    assert_ne!(repository.blob("src/mod_a.erl"), committed);
    assert_eq!(repository.blob_in(&head, "src/mod_a.erl"), committed);
    assert_eq!(repository.blob("nope.erl"), None);
    assert_eq!(repository.blob_in(&head, "nope.erl"), None);
    assert_eq!(repository.blob_in(&"0".repeat(40), "src/mod_a.erl"), None);
    assert_eq!(repository.blob_in("--all", "src/mod_a.erl"), None);
}

#[test]
fn a_detached_head_is_fine() {
    let tree = Tree::new();
    tree.git(&["checkout", "-q", "--detach"]);
    let a = tree.write("src/mod_a.erl", "new.\n");
    tree.repository().commit(&[a], "detached").unwrap();
    assert_eq!(tree.committed(), "detached\n\n\nsrc/mod_a.erl\n");
}

#[test]
fn hooks_run_and_may_refuse() {
    let tree = Tree::new();
    tree.hook("pre-commit", "#!/bin/sh\necho 'no tabs please' >&2\nexit 1\n");
    let a = tree.write("src/mod_a.erl", "new.\n");
    let error = tree.repository().commit(std::slice::from_ref(&a), "refused").unwrap_err();
    let expected = "`git commit` failed (the repository has hooks: pre-commit): no tabs please";
    assert_eq!(error.to_string(), expected);
    assert_eq!(tree.git(&["status", "--porcelain"]), " M src/mod_a.erl\n");
    tree.hook("pre-commit", "#!/bin/sh\n");
    tree.hook("commit-msg", "#!/bin/sh\necho 'Signed-off' >> \"$1\"\n");
    tree.repository().commit(&[a], "taken").unwrap();
    assert_eq!(tree.committed(), "taken\nSigned-off\n\n\nsrc/mod_a.erl\n");
}

#[test]
fn what_cannot_be_committed_is_said() {
    let tree = Tree::new();
    let repository = tree.repository();
    let new = tree.write("src/mod_n.erl", "n.\n");
    let error = repository.commit(std::slice::from_ref(&new), "x").unwrap_err();
    assert!(matches!(&error, GitError::NotTracked { path } if *path == new), "{error}");
    let error = repository.commit(&[tree.path("src/mod_a.erl")], "x").unwrap_err();
    assert!(error.to_string().starts_with("`git commit` failed: "), "nothing changed: {error}");
    let outside = tempfile::NamedTempFile::new().unwrap();
    let error = repository.commit(&[outside.path().to_path_buf()], "x").unwrap_err();
    assert!(error.to_string().contains("is not in the Git repository"), "{error}");
    tree.git(&["config", "user.name", ""]);
    let a = tree.write("src/mod_a.erl", "new.\n");
    // Only these go before the configuration.
    if ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(std::env::var_os).iter().all(Option::is_none) {
        let error = repository.commit(&[a], "x").unwrap_err();
        assert!(matches!(error, GitError::NoIdentity { .. }), "{error}");
    }
}

#[test]
fn many_files_are_one_commit() {
    let tree = Tree::new();
    let names: Vec<_> = (0..450).map(|it| format!("src/many/mod_{it}.erl")).collect();
    names.iter().for_each(|name| drop(tree.write(name, "old.\n")));
    tree.git(&["add", "."]);
    tree.git(&["commit", "-qm", "many"]);
    let files: Vec<_> = names.iter().map(|name| tree.write(name, "newer.\n")).collect();
    assert_eq!(tree.repository().dirty(&files).unwrap().len(), 450);
    tree.repository().commit(&files, "all").unwrap();
    assert_eq!(tree.repository().dirty(&files).unwrap(), []);
    assert_eq!(tree.git(&["rev-list", "--count", "HEAD"]).trim(), "3");
}
