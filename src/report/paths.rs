//! Paths as they are shown: relative to the current directory when they lie below it, with forward slashes.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// Shows paths of one run.
#[derive(Clone, Debug)]
pub struct Shown {
    directory: PathBuf,
    /// Where paths start that are not absolute, when they are followed.
    start: Option<PathBuf>,
}

impl Shown {
    /// Paths below `directory`, which must be absolute, are shown relative to it.
    #[must_use]
    pub fn relative_to(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), start: None }
    }

    /// Paths are relative to `root`, through whatever links they lead there; those that are not absolute start in
    /// `directory`. Both must be absolute, and `root` canonical.
    #[must_use]
    pub fn below(root: impl Into<PathBuf>, directory: impl Into<PathBuf>) -> Self {
        Self { directory: root.into(), start: Some(directory.into()) }
    }

    /// Where relative paths start.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The path as text. Bytes that are no text become U+FFFD.
    #[must_use]
    pub fn show(&self, path: &Path) -> String {
        let path = self.start.as_ref().map_or(Cow::Borrowed(path), |start| Cow::Owned(followed(&start.join(path))));
        let below = match path.strip_prefix(&self.directory) {
            Ok(rest) if !rest.as_os_str().is_empty() => rest,
            _ => &path,
        };
        // `./a` is `a`; a lone `.` stays.
        let below = match below.strip_prefix(Component::CurDir) {
            Ok(rest) if !rest.as_os_str().is_empty() => rest,
            _ => below,
        };
        let text = below.to_string_lossy();
        if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
    }
}

/// Where a path leads. The name of what does not exist, as what came from standard input, stays as it is.
fn followed(path: &Path) -> PathBuf {
    if let Ok(path) = path.canonicalize() {
        return path;
    }
    let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
    match (parent, path.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_repository_start_at_its_root() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("lib/a b")).unwrap();
        std::fs::write(root.join("lib/a b/x.erl"), "").unwrap();
        let shown = Shown::below(&root, root.join("lib"));
        for (path, text) in [
            ("a b/x.erl", "lib/a b/x.erl"),
            ("./a b/x.erl", "lib/a b/x.erl"),
            ("../lib/a b/x.erl", "lib/a b/x.erl"),
            ("a b/gone.erl", "lib/a b/gone.erl"),
            ("<stdin>", "lib/<stdin>"),
        ] {
            assert_eq!(shown.show(Path::new(path)), text);
        }
        assert_eq!(shown.show(&root.join("lib/a b/x.erl")), "lib/a b/x.erl");
        assert_eq!(shown.show(Path::new("/none/x.erl")), "/none/x.erl");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_within_a_repository() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        std::fs::write(root.join("x.erl"), "").unwrap();
        std::os::unix::fs::symlink(root.join("x.erl"), root.join("y.erl")).unwrap();
        assert_eq!(Shown::below(&root, &root).show(Path::new("y.erl")), "x.erl");
    }

    #[test]
    fn paths_below_the_directory_are_relative() {
        let shown = Shown::relative_to("/home/me/acme");
        for (path, text) in [
            ("/home/me/acme/src/a.erl", "src/a.erl"),
            ("src/a.erl", "src/a.erl"),
            ("./src/a.erl", "src/a.erl"),
            ("../b/a.erl", "../b/a.erl"),
            ("/home/me/acme2/a.erl", "/home/me/acme2/a.erl"),
            (".", "."),
            ("-", "-"),
        ] {
            assert_eq!(shown.show(Path::new(path)), text);
        }
    }
}
