use super::*;
use crate::scratch::Scratch;

struct Tree {
    root: Scratch,
}

impl Tree {
    fn new(files: &[&str]) -> Self {
        Self { root: Scratch::of_same(files, "") }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path(path)
    }

    fn write(&self, path: &str, text: &str) {
        self.root.write(path, text);
    }

    fn names<'p>(&self, paths: impl IntoIterator<Item = &'p PathBuf>) -> Vec<String> {
        let below = |path: &PathBuf| {
            let path = path.strip_prefix(self.root.root()).unwrap();
            path.to_str().unwrap().to_owned()
        };
        paths.into_iter().map(below).collect()
    }

    fn find(&self, roots: &[&str], excludes: &Excludes) -> Vec<String> {
        let roots: Vec<_> = roots.iter().map(|root| self.path(root)).collect();
        let files = find(&roots, excludes, &Bounds::default());
        assert_eq!(files.problems, []);
        self.names(&files.paths)
    }

    fn excludes(&self, globs: &[&str]) -> Excludes {
        let mut excludes = Excludes::new(&canonical(self.root.root()));
        for glob in globs {
            excludes.add(glob).unwrap();
        }
        excludes
    }
}

#[test]
fn paths_are_ordered_by_component() {
    let names = ["a", "a/b", "a/b.erl", "a-b/c", "a.erl", "a/b-c", "ab", "a/b/c", "a b/c", "b"];
    let mut fast: Vec<PathBuf> = names.iter().map(PathBuf::from).collect();
    let mut slow = fast.clone();
    fast.sort_by(|a, b| by_component(a, b));
    slow.sort();
    assert_eq!(fast, slow);
}

#[test]
fn erlang_files_are_found_in_order() {
    let tree = Tree::new(&["src/b.erl", "src/a.erl", "a.hrl", "x.escript", "src/a.app.src", "c.ex"]);
    assert_eq!(tree.find(&[""], &Excludes::default()), ["a.hrl", "src/a.erl", "src/b.erl", "x.escript"]);
}

#[test]
fn what_is_put_into_templates_is_found() {
    let tree = Tree::new(&["rel/vars-toml.config", "rel/a.vars-toml.config", "rel/app.config", "src/b.erl"]);
    let files = find(&[tree.path("")], &Excludes::default(), &Bounds::default());
    assert_eq!(tree.names(&files.template_vars), ["rel/a.vars-toml.config", "rel/vars-toml.config"]);
    assert_eq!(tree.names(&files.paths), ["src/b.erl"]);
}

#[test]
fn what_build_tools_keep_is_left_out_unless_it_is_named() {
    let tree = Tree::new(&[
        "rebar.config",
        "src/a.erl",
        "_build/default/lib/x/src/x.erl",
        "_checkouts/y/src/y.erl",
        "deps/z/src/z.erl",
        "lib/deps/w.erl",
    ]);
    assert_eq!(tree.find(&[""], &Excludes::default()), ["lib/deps/w.erl", "src/a.erl"]);
    assert_eq!(
        tree.find(&["_build", "deps"], &Excludes::default()),
        ["_build/default/lib/x/src/x.erl", "deps/z/src/z.erl"]
    );
}

#[test]
fn ignore_files_count_without_a_repository_and_not_for_named_files() {
    let tree = Tree::new(&["src/a.erl", "gen/b.erl", ".hidden/c.erl", "src/.d.erl"]);
    tree.write(".gitignore", "gen/\n");
    assert_eq!(tree.find(&[""], &Excludes::default()), ["src/a.erl"]);
    assert_eq!(tree.find(&["gen/b.erl"], &Excludes::default()), ["gen/b.erl"]);
}

#[test]
fn excludes_are_relative_to_the_configuration() {
    let tree = Tree::new(&["a/src/x.erl", "a/gen/y.erl", "b/src/z_SUITE.erl", "b/src/z.erl"]);
    let excludes = tree.excludes(&["/a/gen", "*_SUITE.erl"]);
    assert_eq!(tree.find(&[""], &excludes), ["a/src/x.erl", "b/src/z.erl"]);
    assert_eq!(tree.find(&["a"], &excludes), ["a/src/x.erl"]);
    assert_eq!(tree.find(&["a/gen"], &excludes), ["a/gen/y.erl"]);
}

#[test]
fn a_file_is_found_once_however_often_it_is_named() {
    let tree = Tree::new(&["src/a.erl", "src/b.erl"]);
    assert_eq!(tree.find(&["src", "src/a.erl", "src/../src/b.erl"], &Excludes::default()).len(), 2);
}

#[test]
fn a_path_that_does_not_exist_is_a_problem() {
    let tree = Tree::new(&["a.erl"]);
    let files = find(&[tree.path("nope.erl"), tree.path("a.erl")], &Excludes::default(), &Bounds::default());
    assert_eq!(tree.names(&files.paths), ["a.erl"]);
    assert_eq!(files.problems[0].path, tree.path("nope.erl"));
    assert_eq!(files.problems[0].reason, "no such file or directory");
}

#[test]
fn what_is_left_out_is_told_with_reasons() {
    let tree = Tree::new(&["src/a.erl", "_build/x.erl", ".git/config", "gen/b.erl", "gen/b.txt", "old/c.erl"]);
    tree.write(".gitignore", "gen/\n");
    let excludes = tree.excludes(&["old/"]);
    let roots = [tree.root.root().to_path_buf()];
    let out = left_out(&roots, &excludes, &find(&roots, &excludes, &Bounds::default()));
    assert_eq!(tree.names(out.iter().map(|it| &it.path)), [".git", "_build", "gen/b.erl", "old"]);
    let reasons: Vec<_> = out.iter().map(|it| it.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["hidden", "build output", "ignored by a .gitignore or .ignore file", "excluded by the configuration"]
    );
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    #[test]
    fn linked_files_are_read_once_and_linked_directories_are_not_entered() {
        let tree = Tree::new(&["src/a.erl", "other/b.erl"]);
        symlink(tree.path("src/a.erl"), tree.path("src/a_too.erl")).unwrap();
        symlink(tree.path("other/b.erl"), tree.path("src/b.erl")).unwrap();
        symlink(tree.path("src"), tree.path("src/loop")).unwrap();
        symlink(tree.path("other/b.erl"), tree.path("src/b_again.erl")).unwrap();
        assert_eq!(tree.find(&["src"], &Excludes::default()), ["src/a.erl", "src/b.erl"]);
        assert_eq!(tree.find(&["src", "other"], &Excludes::default()), ["other/b.erl", "src/a.erl"]);
        assert_eq!(tree.find(&["src/loop"], &Excludes::default()).len(), 2);
    }

    #[test]
    fn links_out_of_the_project_are_not_followed() {
        let (tree, outside) = (Tree::new(&["src/a.erl", "src/b.erl"]), Tree::new(&["secret.erl"]));
        for (to, name) in [("secret.erl", "c.erl"), ("secret.erl", "vars-toml.config"), ("none", "d.erl")] {
            symlink(outside.path(to), tree.path("src").join(name)).unwrap();
        }
        symlink("a.erl", tree.path("src/e.erl")).unwrap();
        let roots = [tree.root.root().to_path_buf()];
        let files = find(&roots, &Excludes::default(), &Bounds::around(&roots));
        assert_eq!(tree.names(&files.paths), ["src/a.erl", "src/b.erl"]);
        assert_eq!(tree.names(&files.leading_out), ["src/c.erl", "src/vars-toml.config"]);
        assert!(files.template_vars.is_empty());
        let trusted = find(&roots, &Excludes::default(), &Bounds::default());
        assert_eq!((trusted.paths.len(), trusted.template_vars.len()), (3, 1));
        // Who names a file means it.
        assert_eq!(find(&[tree.path("src/c.erl")], &Excludes::default(), &Bounds::around(&roots)).paths.len(), 1);
    }

    #[test]
    fn links_that_lead_nowhere_are_problems() {
        let tree = Tree::new(&["a.erl"]);
        symlink(tree.path("self.erl"), tree.path("self.erl")).unwrap();
        symlink(tree.path("gone"), tree.path("gone.erl")).unwrap();
        let files = find(&[tree.root.root().to_path_buf()], &Excludes::default(), &Bounds::default());
        assert_eq!(tree.names(&files.paths), ["a.erl"]);
        let failed = tree.names(files.problems.iter().map(|it| &it.path));
        assert_eq!(failed, ["gone.erl", "self.erl"]);
    }

    #[test]
    fn names_need_not_be_text() {
        let tree = Tree::new(&[]);
        let name = tree.root.root().join(OsStr::from_bytes(b"mod_\xff.erl"));
        std::fs::write(&name, "").unwrap();
        let files = find(&[tree.root.root().to_path_buf()], &Excludes::default(), &Bounds::default());
        assert_eq!(files.paths, [name]);
    }
}
