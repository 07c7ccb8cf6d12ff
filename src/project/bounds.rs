//! How far a project reaches. What lies outside is not read because a file of the project says so: an `-include`, a symbolic
//! link or a path in `hookshift.toml` could lead to anything that the user, or a build server, may read, and findings show code.

use std::path::{Component, Path, PathBuf};

use super::config;

/// Files and directories that stand at the top of a project.
pub const TOP: [&str; 5] = [".git", "rebar.lock", "_build", config::FILE_NAME, "erlang.mk"];
/// Those that stand at the top of each application, too.
pub const APPLICATION: [&str; 2] = ["rebar.config", "Makefile"];
/// Directories that are a part of an application, whose headers stand beside them.
const PARTS: [&str; 3] = ["src", "test", "include"];

/// The environment variable with which a user says that projects can be trusted, as by `--trust`.
pub const TRUST: &str = "HOOKSHIFT_TRUST";

/// The directories in which a project may name files to read. By default, everything is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Canonical; `None` for a project that is trusted.
    directories: Option<Vec<PathBuf>>,
}

impl Bounds {
    /// Those of code in these directories: up to the top of the repository or project that they are in.
    #[must_use]
    pub fn around(directories: &[PathBuf]) -> Self {
        let mut tops: Vec<PathBuf> = directories.iter().map(|it| top(&super::files::canonical(it))).collect();
        tops.sort();
        tops.dedup();
        Self { directories: Some(tops) }
    }

    /// These, and a directory more.
    #[must_use]
    pub fn and(mut self, directory: &Path) -> Self {
        if let Some(directories) = &mut self.directories {
            directories.push(super::files::canonical(directory));
        }
        self
    }

    /// Whether everything lies inside, as for a project that is trusted.
    #[must_use]
    pub fn hold_all(&self) -> bool {
        self.directories.is_none()
    }

    /// Whether a file or directory lies inside, wherever symbolic links lead. What is not there would have to be made where the path says.
    #[must_use]
    pub fn hold(&self, path: &Path) -> bool {
        let Some(directories) = &self.directories else { return true };
        let inside = |real: &Path| directories.iter().any(|directory| real.starts_with(directory));
        if let Ok(real) = path.canonicalize() {
            return inside(&real);
        }
        let Ok(path) = std::path::absolute(path) else { return false };
        let there = path.ancestors().find_map(|it| Some((it, it.canonicalize().ok()?)));
        there.is_some_and(|(above, real)| {
            let rest = path.strip_prefix(above).unwrap_or(Path::new(""));
            inside(&real) && rest.components().all(|it| matches!(it, Component::Normal(_)))
        })
    }
}

/// Whether the environment says that projects can be trusted.
#[must_use]
pub fn environment_trusts() -> bool {
    std::env::var_os(TRUST).is_some_and(|value| value == "1")
}

/// The top of what a directory, which must be canonical, is a part of.
fn top(directory: &Path) -> PathBuf {
    let has =
        |directory: &Path, names: &[&str]| names.iter().any(|name| directory.join(name).symlink_metadata().is_ok());
    let above = |names: &[&str]| directory.ancestors().find(|it| has(it, names));
    let is_part = |it: &&Path| PARTS.iter().any(|part| it.ends_with(part));
    let application = || directory.ancestors().take_while(is_part).last().and_then(Path::parent);
    above(&TOP[..1])
        .or_else(|| above(&TOP))
        .or_else(|| above(&APPLICATION))
        .or_else(application)
        .unwrap_or(directory)
        .to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn tree(names: &[&str]) -> Scratch {
        Scratch::of_same(names, "")
    }

    #[test]
    fn a_project_reaches_to_the_top_of_its_repository() {
        let names = ["r/.git/HEAD", "r/lib/a/rebar.config", "r/lib/a/src/a.erl", "r/shared/s.hrl", "other/o.hrl"];
        let tree = tree(&names);
        let bounds = Bounds::around(&[tree.path("r/lib/a/src")]);
        let at = |name: &str| tree.path("r/lib/a/src").join(name);
        assert!(bounds.hold(&at("a.erl")) && bounds.hold(&at("../../../shared/s.hrl")) && bounds.hold(&at("none.hrl")));
        assert!(!bounds.hold(&at("../../../../other/o.hrl")) && !bounds.hold(Path::new("/etc/hostname")));
        assert!(!bounds.hold(&at("none/../../../../../other/o.hrl")), "what is not there must not lead out, either");
        assert!(bounds.clone().and(&tree.path("other")).hold(&at("../../../../other/o.hrl")));
        assert!(Bounds::default().hold(Path::new("/etc/hostname")));
    }

    #[test]
    fn without_a_repository_the_build_files_tell_the_top() {
        let tree = tree(&[
            "p/rebar.lock",
            "p/apps/a/rebar.config",
            "p/apps/a/src/a.erl",
            "q/src/b.erl",
            "q/include/b.hrl",
            "c/c.erl",
        ]);
        for (from, inside, outside) in [
            ("p/apps/a/src", "p/rebar.lock", "q/src/b.erl"),
            ("q/src", "q/include/b.hrl", "c/c.erl"),
            ("c", "c/c.erl", "q/src/b.erl"),
        ] {
            let bounds = Bounds::around(&[tree.path(from)]);
            assert!(bounds.hold(&tree.path(inside)), "{from}");
            assert!(!bounds.hold(&tree.path(outside)), "{from}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_count_as_what_they_lead_to() {
        let tree = tree(&["p/.git/HEAD", "p/a.erl", "secret"]);
        std::os::unix::fs::symlink(tree.path("secret"), tree.path("p/out.erl")).unwrap();
        std::os::unix::fs::symlink(tree.root(), tree.path("p/up")).unwrap();
        std::os::unix::fs::symlink("a.erl", tree.path("p/in.erl")).unwrap();
        let bounds = Bounds::around(&[tree.path("p")]);
        let holds = |name: &str| bounds.hold(&tree.path("p").join(name));
        assert_eq!(
            ["in.erl", "out.erl", "up/secret", "up/none", "up/p/a.erl"].map(holds),
            [true, false, false, false, true]
        );
    }
}
