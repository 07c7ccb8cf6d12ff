//! Only what a branch touches: findings of which a place lies in lines that changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, ensure};

use super::git::Repository;
use super::project_args::Project;
use crate::check::Analysis;
use crate::patch::Lines;
use crate::source::Place;

#[derive(Debug, clap::Args)]
pub struct SinceArgs {
    /// Only findings with a place in lines that changed since the history left this branch or commit, committed or not
    #[arg(long, value_name = "GIT-REF")]
    since: Option<String>,
}

/// Where the branch in each work tree started.
pub struct Branch {
    reference: String,
    started: BTreeMap<Repository, String>,
}

impl SinceArgs {
    /// The branch that is meant.
    ///
    /// # Errors
    /// Git does not have it, or the paths are not in Git.
    pub fn branch(&self, project: &Project) -> anyhow::Result<Option<Branch>> {
        let Some(reference) = &self.since else { return Ok(None) };
        ensure!(project.stdin_name().is_none(), "--since asks Git about files; what `-` reads is none");
        let mut branch = Branch { reference: reference.clone(), started: BTreeMap::new() };
        for root in project.roots() {
            // What is not there is told by who reads it.
            if root.exists() {
                let repository = Repository::of(root)?.ok_or_else(|| not_in_git(project, root))?;
                branch.start_in(&repository)?;
            }
        }
        Ok(Some(branch))
    }
}

fn not_in_git(project: &Project, path: &Path) -> anyhow::Error {
    anyhow!("--since: {} is not in a Git repository", project.shown.show(path))
}

impl Branch {
    fn start_in(&mut self, repository: &Repository) -> anyhow::Result<&str> {
        if !self.started.contains_key(repository) {
            let commit = repository.fork_point(&self.reference).map_err(|error| anyhow!("--since: {error}"))?;
            self.started.insert(repository.clone(), commit);
        }
        Ok(&self.started[repository])
    }

    /// Leaves only what the branch touches, of a settled result.
    ///
    /// # Errors
    /// Git fails.
    pub fn take_untouched(mut self, analysis: &mut Analysis) -> anyhow::Result<()> {
        let places = analysis.findings.iter().flat_map(|finding| {
            let related = finding.related.iter().map(|label| &label.place);
            std::iter::once(&finding.place).chain(related)
        });
        let files: BTreeSet<&Path> = places.map(|place| place.source.path()).collect();
        let files: Vec<PathBuf> = files.into_iter().map(Path::to_path_buf).collect();
        let mut lines: HashMap<PathBuf, Lines> = HashMap::new();
        // A work tree within another one, as a submodule is, has its own history. What is in none was changed by nobody.
        for (repository, files) in Repository::around(&files)? {
            let commit = self.start_in(&repository)?;
            lines.extend(repository.changed_lines(commit, &files)?);
        }
        analysis.take_untouched(|place| {
            let (first, last) = lines_of(place);
            lines.get(place.source.path()).is_some_and(|changed| changed.touch(first, last))
        });
        Ok(())
    }
}

/// The first and the last line of a place, 1-based.
fn lines_of(place: &Place) -> (usize, usize) {
    let last = place.span.end.saturating_sub(1).max(place.span.start);
    (place.source.line_index(place.span.start) + 1, place.source.line_index(last) + 1)
}
