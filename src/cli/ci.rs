//! The service that runs the command, as its environment tells.

use std::env;
use std::path::{Path, PathBuf};

/// A service for continuous integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ci {
    GithubActions {
        /// What is appended to it is shown on the page of the job.
        step_summary: Option<PathBuf>,
    },
    GitlabCi,
}

impl Ci {
    /// The service of this process.
    pub fn detect() -> Option<Self> {
        Self::from_variables(|name| env::var(name).ok())
    }

    /// GitHub and the runners that take its workflows set `GITHUB_ACTIONS` to `true`, GitLab's runners `GITLAB_CI`.
    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let is_set = |name| variable(name).is_some_and(|value| value == "true");
        if is_set("GITHUB_ACTIONS") {
            let file = variable("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
            return Some(Self::GithubActions { step_summary: file.map(PathBuf::from) });
        }
        is_set("GITLAB_CI").then_some(Self::GitlabCi)
    }
}

/// The address at which the service's platform shows the files of the commit that this runs on, with a `/` at its end.
pub fn files_url() -> Option<String> {
    files_url_from(|name| env::var(name).ok())
}

fn files_url_from(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let value = |name| variable(name).filter(|value| !value.is_empty());
    match Ci::from_variables(&variable)? {
        Ci::GithubActions { .. } => {
            let (server, repository) = (value("GITHUB_SERVER_URL")?, value("GITHUB_REPOSITORY")?);
            Some(format!("{server}/{repository}/blob/{}/", value("GITHUB_SHA")?))
        }
        Ci::GitlabCi => Some(format!("{}/-/blob/{}/", value("CI_PROJECT_URL")?, value("CI_COMMIT_SHA")?)),
    }
}

/// The root of the repository around a directory, as platforms name its files: the nearest one upwards with a `.git`, else
/// the directory itself. Canonical, where it exists.
pub fn repository_root(directory: &Path) -> PathBuf {
    let directory = crate::project::files::canonical(directory);
    let root = directory.ancestors().find(|directory| directory.join(".git").exists());
    root.unwrap_or(&directory).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(variables: &[(&str, &str)]) -> Option<Ci> {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Ci::from_variables(variable)
    }

    #[test]
    fn services_are_known_by_their_variables() {
        assert_eq!(detect(&[]), None);
        assert_eq!(detect(&[("CI", "true"), ("GITHUB_ACTIONS", "")]), None);
        let github = Ci::GithubActions { step_summary: Some("/tmp/s".into()) };
        assert_eq!(detect(&[("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "/tmp/s")]), Some(github));
        let without = Ci::GithubActions { step_summary: None };
        assert_eq!(detect(&[("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "")]), Some(without));
        assert_eq!(detect(&[("GITLAB_CI", "true")]), Some(Ci::GitlabCi));
    }

    #[test]
    fn files_are_shown_by_the_platform() {
        let url = |variables: &[(&str, &str)]| {
            let variable =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            files_url_from(variable)
        };
        let github = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://git.example"),
            ("GITHUB_REPOSITORY", "acme/chat"),
            ("GITHUB_SHA", "abc"),
        ];
        assert_eq!(url(&github).as_deref(), Some("https://git.example/acme/chat/blob/abc/"));
        assert_eq!(url(&github[1..]), None);
        assert_eq!(url(&github[..3]), None);
        let gitlab =
            [("GITLAB_CI", "true"), ("CI_PROJECT_URL", "https://git.example/acme/chat"), ("CI_COMMIT_SHA", "abc")];
        assert_eq!(url(&gitlab).as_deref(), Some("https://git.example/acme/chat/-/blob/abc/"));
    }

    #[test]
    fn the_nearest_repository_counts() {
        let outer = tempfile::tempdir().unwrap();
        let outer = outer.path().canonicalize().unwrap();
        std::fs::create_dir_all(outer.join("a/b")).unwrap();
        std::fs::create_dir(outer.join(".git")).unwrap();
        assert_eq!(repository_root(&outer.join("a/b")), outer);
        // In a work tree of its own it is a file.
        std::fs::write(outer.join("a/.git"), "").unwrap();
        assert_eq!(repository_root(&outer.join("a/b")), outer.join("a"));
    }
}
