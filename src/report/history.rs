//! All hooks of all releases on one page: in which they are, and with which they changed.

use super::document::{Block, code, markdown};
use super::explain::reference_name;
use crate::catalog::{Catalog, ChangeKind, Upgrade, UpgradeError, Version};

/// The page, as Markdown, with links to the pages of all steps.
///
/// # Errors
/// A step of the catalog leads nowhere.
pub fn page(catalog: &Catalog) -> Result<String, UpgradeError> {
    let steps: Vec<Upgrade> = catalog.steps().map(|(from, to)| catalog.upgrade(from, to)).collect::<Result<_, _>>()?;
    let releases: Vec<Version> = catalog.releases().collect();
    let row = |name: &&str| vec![code(name), span(&releases, &catalog.releases_with(name)), changes(&steps, name)];
    let head = ["Hook", "In", "What happened"].map(str::to_owned);
    let blocks = [
        Block::Heading(1, "All hooks".to_owned()),
        Block::Paragraph(
            "Every hook that a release of MongooseIM runs, and with which releases something about it changed. \
             `hookshift explain HOOK --from RELEASE --to RELEASE` puts what happened between any two of them together. This \
             page is generated from the catalog."
                .to_owned(),
        ),
        Block::Table(head.to_vec(), catalog.hook_names().iter().map(row).collect()),
    ];
    let mut text = markdown(&blocks);
    // Paragraphs have no links.
    text.push_str("\n## Step by step\n\n");
    for step in &steps {
        text.push_str(&format!("* [{} to {}]({})\n", step.from(), step.to(), reference_name(step)));
    }
    Ok(text)
}

/// The releases that have a hook, neighbours as one.
fn span(all: &[Version], with: &[Version]) -> String {
    let at = |release: &Version| all.iter().position(|known| known == release);
    let mut runs: Vec<(Version, Version)> = Vec::new();
    for &release in with {
        match runs.last_mut() {
            Some((_, last)) if at(last).map(|at| at + 1) == at(&release) => *last = release,
            _ => runs.push((release, release)),
        }
    }
    let runs = runs.into_iter().map(|(first, last)| match (Some(&first) == all.first(), Some(&last) == all.last()) {
        (true, true) => "all".to_owned(),
        (false, true) => format!("from {first}"),
        (true, false) => format!("up to {last}"),
        (false, false) if first == last => first.to_string(),
        (false, false) => format!("{first} to {last}"),
    });
    runs.collect::<Vec<_>>().join(", ")
}

fn changes(steps: &[Upgrade], name: &str) -> String {
    let told = steps.iter().filter_map(|step| {
        let (_, change) = step.history(name).next()?;
        let what = match (change.kind, change.replacements.first()) {
            (ChangeKind::Removed, Some(first)) => format!("became {}", code(&first.hook)),
            (ChangeKind::Removed, None) => "removed".to_owned(),
            (ChangeKind::Added, _) => "added".to_owned(),
            (ChangeKind::Changed, _) => "another contract".to_owned(),
            (ChangeKind::Meaning, _) => "another meaning".to_owned(),
        };
        Some(format!("{}: {what}", step.to()))
    });
    told.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::testing::catalog;

    #[test]
    fn every_hook_has_a_line_with_its_life() {
        let text = page(&catalog()).unwrap();
        let line = |name: &str| {
            let start = format!("| `{name}` |");
            text.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{text}")).to_owned()
        };
        assert_eq!(line("stable"), "| `stable` | all |  |");
        assert_eq!(line("packet"), "| `packet` | all | 1.1.0: another contract; 1.2.0: another meaning |");
        assert!(line("new_hook").starts_with("| `new_hook` | 1.1.0 | 1.1.0: added; "));
        assert!(
            text.ends_with(
                "* [1.0.0 to 1.1.0](hooks-1.0.0-to-1.1.0.md)\n* [1.1.0 to 1.2.0](hooks-1.1.0-to-1.2.0.md)\n"
            )
        );
        assert!(line("old_hook").starts_with("| `old_hook` | up to 1.0.0, from 1.2.0 | "));
    }
}
