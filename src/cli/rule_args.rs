//! What `check` and `fix` have in common: which rules are meant.

use super::project_args::Project;
use crate::project::options::RuleSelection;
use crate::suggest::did_you_mean;

#[derive(Debug, clap::Args)]
pub struct RuleArgs {
    /// Only these rules, whatever the configuration says (may be repeated, or be a list with commas)
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = parse_rule)]
    select: Vec<String>,

    /// Not these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = parse_rule)]
    ignore: Vec<String>,
}

impl RuleArgs {
    /// What is selected here replaces what the configuration wants; what is ignored is ignored besides.
    pub fn selection(&self, project: &Project) -> RuleSelection {
        let mut rules = project.settings.config.rules();
        rules.override_with(&self.select, &self.ignore);
        rules
    }
}

fn parse_rule(name: &str) -> Result<String, String> {
    let rules = crate::rules::names();
    if rules.contains(&name) {
        Ok(name.to_owned())
    } else {
        Err(format!("there is no such rule{}", did_you_mean(name, rules)))
    }
}
