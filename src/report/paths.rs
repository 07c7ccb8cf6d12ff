//! Paths as they are shown: relative to the current directory when they lie below it, with forward slashes.

use std::path::{Component, Path, PathBuf};

/// Shows paths of one run.
#[derive(Clone, Debug)]
pub struct Shown {
    directory: PathBuf,
}

impl Shown {
    /// Paths below `directory`, which must be absolute, are shown relative to it.
    #[must_use]
    pub fn relative_to(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// The path as text. Bytes that are no text become U+FFFD.
    #[must_use]
    pub fn show(&self, path: &Path) -> String {
        let below = match path.strip_prefix(&self.directory) {
            Ok(rest) if !rest.as_os_str().is_empty() => rest,
            _ => path,
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

#[cfg(test)]
mod tests {
    use super::*;

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
