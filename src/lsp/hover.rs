//! What is known about the word under the cursor.

use super::site::{Site, hooks_of};
use crate::check::Workspace;
use crate::report::cards;

/// Markdown, or nothing when nothing is known that concerns hooks.
pub(super) fn text(workspace: &Workspace, site: &Site) -> Option<String> {
    let upgrade = workspace.upgrade();
    match site {
        Site::Hook { name, priority } => cards::hook(upgrade, name, *priority).or_else(|| own_hook(workspace, name)),
        Site::Parameter { key, hooks } => {
            let cards: Vec<String> = hooks.iter().filter_map(|hook| cards::parameter_of(upgrade, hook, key)).collect();
            (!cards.is_empty()).then(|| cards.join("\n"))
        }
        Site::Function { module, function, arity } => cards::function(upgrade, module, function, *arity),
        Site::Handler(handler) => {
            let hooks = hooks_of(workspace, handler);
            let lines: Vec<String> =
                hooks.iter().map(|hook| format!("* {}", cards::fate_in_a_line(upgrade, hook))).collect();
            (!lines.is_empty()).then(|| format!("### Serves hooks\n\n{}\n", lines.join("\n")))
        }
    }
}

/// A hook that the configuration declares.
fn own_hook(workspace: &Workspace, name: &str) -> Option<String> {
    let hook = workspace.options().hooks.iter().find(|hook| hook.name == name)?;
    let mut text = format!("### `{name}`\n\nA hook of this project, declared in its configuration.\n");
    if let Some(keys) = &hook.parameters {
        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        text.push_str(&format!("\n* Parameters: {}\n", keys.join(", ")));
    }
    if let Some(accumulator) = &hook.accumulator {
        text.push_str(&format!("\n* Accumulator: `{accumulator}`\n"));
    }
    Some(text)
}
