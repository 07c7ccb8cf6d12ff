//! What an editor shows about one name: a hook, a parameter, a function of the server. Markdown, shorter than `explain`.

use super::arguments;
use super::document::{Block, code, markdown};
use super::explain::{
    contract_blocks, difference_items, list, parameter, parameter_items, precondition_items, replacement_item,
    stop_items, title, without_entry,
};
use crate::catalog::{ApiChange, FunctionStatus, Hook, HookFate, HookStatus, Release, Upgrade};

/// What a hook is in both releases. With a priority, this is where a handler with it stands among the server's own.
/// `None` when no release has the hook.
#[must_use]
pub fn hook(upgrade: &Upgrade, name: &str, priority: Option<i64>) -> Option<String> {
    let fate = upgrade.fate(name);
    if fate.status == HookStatus::Unknown {
        let releases = upgrade.catalog().releases_with(name);
        let known: Vec<String> = releases.iter().map(ToString::to_string).collect();
        return (!known.is_empty()).then(|| {
            format!(
                "### `{name}`\n\nNeither MongooseIM {} nor {} runs this hook; it is known from {}.\n",
                upgrade.from(),
                upgrade.to(),
                known.join(", ")
            )
        });
    }
    let mut blocks = vec![Block::Heading(3, title(upgrade, name, &fate))];
    let history: Vec<_> = upgrade.history(name).collect();
    if history.is_empty() {
        blocks.push(Block::Paragraph(without_entry(upgrade, fate.status)));
    }
    for (step, change) in history {
        blocks.push(Block::Paragraph(change.summary.trim().to_owned()));
        if !change.advice.trim().is_empty() {
            blocks.push(Block::Paragraph(format!("What to do: {}", change.advice.trim())));
        }
        let mut items = parameter_items(change);
        items.extend(stop_items(step, change).into_iter().map(|item| format!("`stop`: {item}")));
        items.extend(difference_items(step, change));
        items.extend(precondition_items(step, change));
        blocks.extend(list(items));
    }
    let replacements: Vec<String> = fate.replacements.iter().map(replacement_item).collect();
    if !replacements.is_empty() {
        let removed = fate.status == HookStatus::Removed;
        blocks.push(Block::Paragraph(if removed { "Replaced by:" } else { "May fit better:" }.to_owned()));
        blocks.extend(list(replacements));
    }
    blocks.extend(contract_blocks(upgrade, &fate));
    blocks.extend(arguments::blocks(upgrade, name, 4));
    if let Some(priority) = priority {
        blocks.extend(list(neighbours(upgrade, &fate, name, priority)));
    }
    Some(markdown(&blocks))
}

/// The server's own handlers around a priority: on the hook in both releases, and on the first that takes its place.
fn neighbours(upgrade: &Upgrade, fate: &HookFate<'_>, name: &str, priority: i64) -> Vec<String> {
    let (old, new) = (upgrade.old_release(), upgrade.new_release());
    let mut sides: Vec<(&Release, &str)> = Vec::new();
    sides.extend(fate.before.map(|_| (old, name)));
    sides.extend(fate.after.map(|_| (new, name)));
    if fate.after.is_none() {
        sides.extend(fate.replacements.first().map(|it| (new, it.hook.name.as_str())));
    }
    sides.into_iter().map(|(release, hook)| neighbours_in(release, hook, priority)).collect()
}

fn neighbours_in(release: &Release, hook: &str, priority: i64) -> String {
    let all = release.handlers_of(hook);
    let named = |at: i64| {
        let there = all.iter().filter(|it| i64::from(it.priority) == at);
        there.map(|it| code(&format!("{}:{}", it.module, it.function))).collect::<Vec<_>>().join(", ")
    };
    let priorities = || all.iter().map(|it| i64::from(it.priority));
    let before = priorities().filter(|&it| it < priority).max();
    let behind = priorities().filter(|&it| it > priority).min();
    let mut parts = Vec::new();
    parts.extend(before.map(|at| format!("behind {} ({at})", named(at))));
    if priorities().any(|it| it == priority) {
        parts.push(format!("beside {} ({priority})", named(priority)));
    }
    parts.extend(behind.map(|at| format!("before {} ({at})", named(at))));
    let place = if parts.is_empty() { "the server has no handler of its own".to_owned() } else { parts.join(", ") };
    format!("Priority {priority} on {} in {}: {place}", code(hook), release.release)
}

/// What a parameter of a hook is in both releases, and how its value is had. `None` when no release knows it.
#[must_use]
pub fn parameter_of(upgrade: &Upgrade, hook: &str, key: &str) -> Option<String> {
    let fate = upgrade.fate(hook);
    let has = |side: Option<&Hook>| side.is_some_and(|it| it.parameters.iter().any(|known| known.key == key));
    let changes = || upgrade.history(hook).flat_map(|(_, change)| &change.parameters).filter(|it| it.key == key);
    if !has(fate.before) && !has(fate.after) && changes().next().is_none() {
        return None;
    }
    let mut items = Vec::new();
    for (release, side) in [(upgrade.from(), fate.before), (upgrade.to(), fate.after)] {
        items.push(match side {
            Some(it) if has(side) => format!("{release}: {}", parameter(&it.parameters, key)),
            Some(it) if it.is_positional() => format!("{release}: handlers take positional arguments"),
            Some(it) if it.parameters.is_empty() && !it.parameters_type.is_empty() => {
                format!("{release}: a key of {}", code(&it.parameters_type))
            }
            Some(_) => format!("{release}: no such key"),
            None => format!("{release}: the hook is not run"),
        });
    }
    for (_, change) in upgrade.history(hook) {
        let prefix = code(key);
        items.extend(parameter_items(change).into_iter().filter(|item| item.starts_with(&prefix)));
    }
    let title = Block::Heading(3, format!("{} of {}", code(key), code(hook)));
    Some(markdown(&[title, Block::List(items)]))
}

/// What became of a function of the server. `None` when nothing did.
#[must_use]
pub fn function(upgrade: &Upgrade, module: &str, function: &str, arity: usize) -> Option<String> {
    let fate = upgrade.function_fate(module, function, arity)?;
    let (name, to) = (code(&format!("{module}:{function}/{arity}")), upgrade.to());
    let what = match fate.status {
        FunctionStatus::ModuleRemoved => format!("there is no module {} in {to}", code(module)),
        FunctionStatus::Removed => format!("not exported any more in {to}"),
        FunctionStatus::Changed => format!("another function under the same name in {to}"),
    };
    let mut blocks = vec![Block::Heading(3, format!("{name}: {what}"))];
    for ApiChange { was, instead, result, note, stuck, .. } in fate.entries {
        if !instead.trim().is_empty() {
            let old = if was.trim().is_empty() { String::new() } else { format!("%% {}\n", was.trim()) };
            blocks.push(Block::Code("erlang".to_owned(), format!("{old}{}", instead.trim())));
        }
        if !result.trim().is_empty() {
            blocks.push(Block::Paragraph(format!("The result is {} now.", code(result))));
        }
        for text in [note, stuck] {
            if !text.trim().is_empty() {
                blocks.push(Block::Paragraph(text.trim().to_owned()));
            }
        }
    }
    Some(markdown(&blocks))
}

/// What becomes of a hook, in a line for people who see its handler.
#[must_use]
pub fn fate_in_a_line(upgrade: &Upgrade, hook: &str) -> String {
    let fate = upgrade.fate(hook);
    let to = upgrade.to();
    let mut successors: Vec<&str> = Vec::new();
    for successor in &fate.replacements {
        if !successors.contains(&successor.hook.name.as_str()) {
            successors.push(&successor.hook.name);
        }
    }
    match fate.status {
        HookStatus::Removed if successors.is_empty() => format!("{hook}: removed in {to}"),
        HookStatus::Removed => format!("{hook}: removed in {to}, see {}", successors.join(", ")),
        HookStatus::Changed => format!("{hook}: changed in {to}"),
        HookStatus::Meaning => format!("{hook}: other meaning in {to}"),
        HookStatus::Added => format!("{hook}: new in {to}"),
        HookStatus::Unchanged => format!("{hook}: the same in {to}"),
        HookStatus::Unknown => format!("{hook}: not a hook of the server"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Version;

    fn upgrade() -> Upgrade {
        Upgrade::between(Version::new(6, 0, 0), Version::new(6, 1, 0)).unwrap()
    }

    #[test]
    fn a_hook_with_its_neighbours() {
        let card = hook(&upgrade(), "user_send_packet", Some(55)).unwrap();
        for expected in [
            "### `user_send_packet`: changed in 6.1.0\n",
            "What to do: ",
            "`stop`: In 6.1.0: ",
            "May fit better:",
            "`mongoose_c2s_hooks:user_send_packet/3`",
            "Priority 55 on `user_send_packet` in 6.0.0: ",
            "Priority 55 on `user_send_packet` in 6.1.0: behind `mongoose_metrics_hooks:user_send_packet` (50),",
        ] {
            assert!(card.contains(expected), "{expected}\n{card}");
        }
    }

    #[test]
    fn a_hook_that_is_gone_stands_beside_its_successor() {
        let card = hook(&upgrade(), "c2s_remote_hook", Some(10)).unwrap();
        assert!(card.contains("Replaced by:"), "{card}");
        assert!(
            card.contains("in 6.1.0: the server has no handler of its own") || card.contains("in 6.1.0: be"),
            "{card}"
        );
    }

    #[test]
    fn nothing_is_said_of_what_nobody_knows() {
        assert_eq!(hook(&upgrade(), "acme_sent", None), None);
        assert_eq!(parameter_of(&upgrade(), "user_send_packet", "acme"), None);
        assert_eq!(parameter_of(&upgrade(), "acme_sent", "from"), None);
        assert_eq!(function(&upgrade(), "lists", "map", 2), None);
    }

    #[test]
    fn parameters_and_functions() {
        let card = parameter_of(&upgrade(), "user_receive_packet", "jid").unwrap();
        assert!(card.contains("* 6.0.0: ") && card.contains("* 6.1.0: "), "{card}");
        let card = function(&upgrade(), "mongoose_privacy", "privacy_check_packet", 5).unwrap();
        assert!(card.contains("another function under the same name in 6.1.0") && card.contains("Decision"), "{card}");
    }
}
