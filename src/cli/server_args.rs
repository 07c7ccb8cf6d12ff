//! What `check`, `plan` and `baseline` have in common: what belongs to a server beside the code of its modules.

use std::path::PathBuf;

use super::project_args::Project;
use crate::project::files::{self, Files};

#[derive(Debug, clap::Args)]
pub struct ServerArgs {
    /// The server's configuration, checked as well, and for hooks that are run only with certain modules (may be repeated) [default: what is named mongooseim*.toml among the paths]
    #[arg(long, value_name = "FILE")]
    mongooseim_toml: Vec<PathBuf>,

    /// Look for metrics that went or changed in this file, or in all files of this directory: dashboards, rules for alerts, any text (may be repeated)
    #[arg(long, value_name = "PATH")]
    metrics: Vec<PathBuf>,
}

impl ServerArgs {
    /// Lets a project have the configurations that are named here.
    pub fn name(&self, project: &mut Project) {
        if !self.mongooseim_toml.is_empty() {
            project.mongooseim_toml.clone_from(&self.mongooseim_toml);
        }
    }

    /// Adds what is to be read besides code to the files that were found.
    pub fn add_to(&self, project: &Project, files: &mut Files) {
        if !project.mongooseim_toml.is_empty() {
            files.server_configs.clone_from(&project.mongooseim_toml);
        }
        let texts = files::texts(&self.metrics, &project.settings.bounds);
        files.metrics = texts.paths;
        files.problems.extend(texts.problems);
        files.leading_out.extend(texts.leading_out);
    }
}
