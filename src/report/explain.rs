//! Explanations of hooks and rules, and the reference of a whole upgrade.

use std::borrow::Cow;
use std::io::{self, Write};

use super::arguments;
use super::document::{Block, code, markdown, parse_markdown, write_text};
use super::hooks::{accumulator, order};
use crate::catalog::{
    Hook, HookChange, HookFate, HookStatus, Parameter, ParameterChange, ParameterFate, Release, RewriteClass,
    Successor, Upgrade, Version,
};

/// Explains a hook: before and after, what happens, what to write, with the evidence. Returns whether there was
/// anything to explain; when no release knows the hook, nothing is written.
///
/// # Errors
/// Those of the stream.
pub fn write_hook(out: &mut dyn Write, upgrade: &Upgrade, name: &str, width: usize) -> io::Result<bool> {
    let fate = upgrade.fate(name);
    if fate.status == HookStatus::Unknown {
        let releases = upgrade.catalog().releases_with(name);
        if releases.is_empty() {
            return Ok(false);
        }
        write_text(out, &elsewhere(upgrade, name, &releases), width)?;
    } else {
        write_text(out, &hook_blocks(upgrade, name, &fate, 1), width)?;
    }
    Ok(true)
}

/// Explains a rule from its documentation.
///
/// # Errors
/// Those of the stream.
pub fn write_rule(out: &mut dyn Write, name: &str, documentation: &str, width: usize) -> io::Result<()> {
    write_text(out, &rule_blocks(name, documentation), width)
}

/// What [`write_hook`] writes, as Markdown; `None` when no release knows the hook.
#[must_use]
pub fn hook_page(upgrade: &Upgrade, name: &str) -> Option<String> {
    let fate = upgrade.fate(name);
    if fate.status != HookStatus::Unknown {
        return Some(markdown(&hook_blocks(upgrade, name, &fate, 1)));
    }
    let releases = upgrade.catalog().releases_with(name);
    (!releases.is_empty()).then(|| markdown(&elsewhere(upgrade, name, &releases)))
}

/// A rule's page for `docs/rules/`, as Markdown.
#[must_use]
pub fn rule_page(name: &str, documentation: &str) -> String {
    markdown(&rule_blocks(name, documentation))
}

/// Documentation whose own title is missing gets the rule's name, and one that has it is not given two.
fn rule_blocks(name: &str, documentation: &str) -> Vec<Block> {
    let mut blocks = parse_markdown(&without_comment_blanks(documentation));
    if !matches!(blocks.first(), Some(Block::Heading(1, _))) {
        blocks.insert(0, Block::Heading(1, name.to_owned()));
    }
    blocks
}

/// Documentation that was a doc comment has the blank behind `///` before each of its lines, which would indent code.
pub(super) fn without_comment_blanks(documentation: &str) -> Cow<'_, str> {
    let mut lines = documentation.lines().filter(|line| !line.is_empty());
    if !lines.all(|line| line.starts_with(' ')) {
        return Cow::Borrowed(documentation);
    }
    let lines: Vec<_> = documentation.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    Cow::Owned(lines.join("\n"))
}

/// The file name of an upgrade's reference below `docs/`.
#[must_use]
pub fn reference_name(upgrade: &Upgrade) -> String {
    format!("hooks-{}-to-{}.md", upgrade.from(), upgrade.to())
}

/// The reference of all hooks that an upgrade changes, as Markdown: a table of all, then a section for each.
#[must_use]
pub fn reference(upgrade: &Upgrade) -> String {
    let (from, to) = (upgrade.from(), upgrade.to());
    let mut changes = upgrade.changes();
    changes.sort_by_key(|fate| order(fate.status));
    let mut blocks = vec![
        Block::Heading(1, format!("Hooks from MongooseIM {from} to {to}")),
        Block::Paragraph(format!(
            "Every hook that is not the same in both releases: {}. All others, {} of them, are unchanged. The \
             same facts are shown by `hookshift explain HOOK`. This page is generated from the catalog.",
            counts(&changes),
            unchanged(upgrade),
        )),
    ];
    blocks.extend(arguments::interface(upgrade).map(Block::Paragraph));
    blocks.push(summary_table(&changes));
    for status in [HookStatus::Removed, HookStatus::Changed, HookStatus::Meaning, HookStatus::Added] {
        let of_status: Vec<&HookFate<'_>> = changes.iter().filter(|fate| fate.status == status).collect();
        if of_status.is_empty() {
            continue;
        }
        blocks.push(Block::Heading(2, group_title(status).to_owned()));
        for fate in of_status {
            if let Some(hook) = fate.hook() {
                blocks.extend(hook_blocks(upgrade, &hook.name, fate, 3));
            }
        }
    }
    blocks.extend(arguments::reference(upgrade, 2));
    markdown(&blocks)
}

fn counts(changes: &[HookFate<'_>]) -> String {
    let count = |status| changes.iter().filter(|fate| fate.status == status).count();
    format!(
        "{} are removed, {} have another contract, {} have the same contract and another meaning, and {} are new",
        count(HookStatus::Removed),
        count(HookStatus::Changed),
        count(HookStatus::Meaning),
        count(HookStatus::Added),
    )
}

fn unchanged(upgrade: &Upgrade) -> usize {
    let hooks = upgrade.old_release().hooks.iter();
    hooks.filter(|hook| upgrade.fate(&hook.name).status == HookStatus::Unchanged).count()
}

fn group_title(status: HookStatus) -> &'static str {
    match status {
        HookStatus::Removed => "Removed",
        HookStatus::Changed => "Changed contract",
        HookStatus::Meaning => "Same contract, other meaning",
        HookStatus::Added => "Added",
        HookStatus::Unchanged => "Unchanged",
        HookStatus::Unknown => "Unknown",
    }
}

fn summary_table(changes: &[HookFate<'_>]) -> Block {
    let head = ["Hook", "Change", "Replacement", "Rewrite", "What it means"];
    let rows = changes.iter().filter_map(|fate| {
        let hook = fate.hook()?;
        let replacements: Vec<String> = fate.replacements.iter().map(|s| code(&s.hook.name)).collect();
        let change = fate.change();
        Some(vec![
            code(&hook.name),
            fate.status.to_string(),
            replacements.join(", "),
            change.map(|change| change.rewrite.to_string()).unwrap_or_default(),
            change.map(|change| change.summary.trim().to_owned()).unwrap_or_default(),
        ])
    });
    Block::Table(head.map(str::to_owned).to_vec(), rows.collect())
}

/// What is known of a hook that neither release of the upgrade has.
fn elsewhere(upgrade: &Upgrade, name: &str, releases: &[Version]) -> Vec<Block> {
    let list: Vec<String> = releases.iter().map(Version::to_string).collect();
    let mut blocks = vec![
        Block::Heading(1, code(name)),
        Block::Paragraph(format!(
            "Neither MongooseIM {} nor {} runs this hook; it is known from {}. A handler for it is never called.",
            upgrade.from(),
            upgrade.to(),
            list.join(", "),
        )),
    ];
    for release in releases.iter().filter_map(|&release| upgrade.catalog().release(release)) {
        if let Some(hook) = release.hook(name) {
            blocks.push(contract_table(&[(&release.release, hook)]));
        }
    }
    blocks
}

/// Everything about one hook, under a heading of the given level.
fn hook_blocks(upgrade: &Upgrade, name: &str, fate: &HookFate<'_>, level: usize) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(level, title(upgrade, name, fate))];
    let history: Vec<_> = upgrade.history(name).collect();
    if history.is_empty() {
        blocks.push(Block::Paragraph(without_entry(upgrade, fate.status)));
    }
    blocks.extend(arguments::interface(upgrade).map(Block::Paragraph).filter(|_| fate.before.is_some()));
    for (step, change) in &history {
        if history.len() > 1 {
            blocks.push(Block::Heading(level + 1, format!("{} to {}: {}", step.0, step.1, change.kind)));
        }
        blocks.extend(change_blocks(*step, change, level + 1));
    }
    blocks.extend(replacement_blocks(fate, level + 1));
    blocks.extend(arguments::blocks(upgrade, name, level + 1));
    blocks.push(Block::Heading(level + 1, "Contract".to_owned()));
    blocks.extend(contract_blocks(upgrade, fate));
    blocks.extend(handler_blocks(upgrade, name, fate, level + 1));
    blocks.extend(evidence_blocks(&history, level + 1));
    blocks
}

pub(super) fn title(upgrade: &Upgrade, name: &str, fate: &HookFate<'_>) -> String {
    let (from, to) = (upgrade.from(), upgrade.to());
    let name = code(name);
    match fate.status {
        HookStatus::Unchanged if from == to => format!("{name} in {to}"),
        HookStatus::Unchanged => format!("{name}: the same in {from} and {to}"),
        HookStatus::Changed => format!("{name}: changed in {to}"),
        HookStatus::Removed => format!("{name}: removed in {to}"),
        HookStatus::Meaning => format!("{name}: same contract, other meaning in {to}"),
        HookStatus::Added => format!("{name}: new in {to}"),
        HookStatus::Unknown => name,
    }
}

/// What can be said when nobody has written anything down.
pub(super) fn without_entry(upgrade: &Upgrade, status: HookStatus) -> String {
    let (from, to) = (upgrade.from(), upgrade.to());
    match status {
        HookStatus::Removed => {
            format!("MongooseIM {to} no longer runs this hook: a handler for it is never called.")
        }
        HookStatus::Added => format!("MongooseIM {from} does not have this hook."),
        _ if from == to => format!("MongooseIM {to} runs this hook."),
        _ if upgrade.first_with_maps().is_some() => "The hook itself is the same.".to_owned(),
        _ => "Handlers need no change.".to_owned(),
    }
}

/// What one step says about a hook.
fn change_blocks(step: (Version, Version), change: &HookChange, level: usize) -> Vec<Block> {
    let mut blocks = vec![Block::Paragraph(change.summary.trim().to_owned())];
    let mut section = |title: &str, content: Vec<Block>| {
        if !content.is_empty() {
            blocks.push(Block::Heading(level, title.to_owned()));
            blocks.extend(content);
        }
    };
    section("What to do", advice(change));
    section("Before", example(&change.before));
    section("After", example(&change.after));
    section("Around a handler that stays as it is", adapter(change));
    section("Parameters that changed", list(parameter_items(change)));
    section("What `stop` does", list(stop_items(step, change)));
    section("Now also called with", paragraph(&change.more_calls));
    section("What else is different", list(difference_items(step, change)));
    section("When it runs", list(precondition_items(step, change)));
    blocks
}

fn advice(change: &HookChange) -> Vec<Block> {
    let mut blocks = paragraph(&change.advice);
    if change.rewrite != RewriteClass::None {
        blocks.push(Block::Paragraph(change.rewrite.describe().to_owned()));
    }
    if !change.conditions.is_empty() {
        blocks.push(Block::Paragraph("Conditions:".to_owned()));
    }
    blocks.extend(list(change.conditions.iter().map(|condition| condition.describe().to_owned()).collect()));
    blocks
}

/// The function that `fix` puts between the hook and the old handler.
fn adapter(change: &HookChange) -> Vec<Block> {
    let code = example(&change.adapter);
    if code.is_empty() {
        return code;
    }
    let when = if change.adapter_only {
        "`hookshift fix` registers"
    } else {
        "Where the handler itself cannot be rewritten, `hookshift fix` registers"
    };
    let text = format!("{when} a function like `new_handler`, which calls the handler as it is, `old_handler`:");
    [Block::Paragraph(text)].into_iter().chain(code).collect()
}

fn example(text: &str) -> Vec<Block> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    vec![Block::Code("erlang".to_owned(), text.trim_matches('\n').to_owned())]
}

fn paragraph(text: &str) -> Vec<Block> {
    match text.trim() {
        "" => Vec::new(),
        text => vec![Block::Paragraph(text.to_owned())],
    }
}

pub(super) fn list(items: Vec<String>) -> Vec<Block> {
    if items.is_empty() { Vec::new() } else { vec![Block::List(items)] }
}

pub(super) fn parameter_items(change: &HookChange) -> Vec<String> {
    let item = |parameter: &ParameterChange| {
        let (what, otherwise) = match parameter.change {
            ParameterFate::Gone => ("is gone", ": there is no way to the same value"),
            ParameterFate::Retyped => ("has another type", ""),
            ParameterFate::Revalued => ("takes other values", ""),
        };
        let now = match parameter.now.trim() {
            "" => otherwise.to_owned(),
            now => format!(": now {}", code(now)),
        };
        let key = code(&parameter.key);
        format!("{key} {what}{now}{}", note(&parameter.note))
    };
    change.parameters.iter().map(item).collect()
}

/// A remark behind a fact, as a sentence of its own; nothing when there is none.
fn note(text: &str) -> String {
    match text.trim() {
        "" => String::new(),
        text => format!(". {text}"),
    }
}

pub(super) fn stop_items((from, to): (Version, Version), change: &HookChange) -> Vec<String> {
    [(from, &change.stop_before), (to, &change.stop)]
        .into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(release, text)| format!("In {release}: {}", text.trim()))
        .collect()
}

pub(super) fn difference_items((from, to): (Version, Version), change: &HookChange) -> Vec<String> {
    let mut items = Vec::new();
    if let Some(accumulator) = &change.accumulator {
        items.push(format!(
            "Accumulator: {} in {from}, {} in {to}{}",
            code(&accumulator.before),
            code(&accumulator.after),
            note(&accumulator.note)
        ));
    }
    if let Some(drop) = &change.drop {
        items.push(format!(
            "To drop the stanza: {} in {from}, {} in {to}{}",
            code(&drop.before),
            code(&drop.after),
            note(&drop.note)
        ));
    }
    let meanings = change.meanings.iter();
    items.extend(meanings.map(|meaning| format!("{}: {}", capital(&meaning.aspect.to_string()), meaning.text.trim())));
    items
}

pub(super) fn precondition_items((_, to): (Version, Version), change: &HookChange) -> Vec<String> {
    let names: Vec<String> = change.requires.iter().map(|module| code(module)).collect();
    match names.as_slice() {
        [] => Vec::new(),
        [name] => vec![format!("In {to} only with the server module {name} enabled")],
        names => vec![format!("In {to} only with one of these server modules enabled: {}", names.join(", "))],
    }
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn replacement_blocks(fate: &HookFate<'_>, level: usize) -> Vec<Block> {
    let items: Vec<String> = fate.replacements.iter().map(replacement_item).collect();
    let replaces = fate.change().map_or(&[][..], |change| &change.replaces);
    let mut blocks = Vec::new();
    if !items.is_empty() {
        let title = if fate.status == HookStatus::Removed { "Replaced by" } else { "Hooks that may fit better" };
        blocks.push(Block::Heading(level, title.to_owned()));
        blocks.push(Block::List(items));
    }
    if !replaces.is_empty() {
        blocks.push(Block::Heading(level, "Takes the place of".to_owned()));
        blocks.push(Block::List(replaces.iter().map(|name| code(name)).collect()));
    }
    blocks
}

pub(super) fn replacement_item(successor: &Successor<'_>) -> String {
    let mut item = code(&successor.hook.name);
    if !successor.serves.is_empty() {
        item.push_str(&format!(", for handlers that serve {}", code(successor.serves)));
    }
    if let Some(priority) = successor.priority {
        item.push_str(&format!(", with priority {priority}"));
    }
    item.push_str(&note(successor.note));
    for later in &successor.later {
        item.truncate(item.trim_end_matches('.').len());
        item.push_str(&format!(". Later: {}", later.summary.trim().trim_end_matches('.')));
    }
    item
}

/// What a hook is called with and must return, in those of the two releases that have it.
pub(super) fn contract_blocks(upgrade: &Upgrade, fate: &HookFate<'_>) -> Vec<Block> {
    let (old, new) = (upgrade.old_release(), upgrade.new_release());
    let sides = [(old, fate.before), (new, fate.after)];
    let sides: Vec<(&str, &Hook)> =
        sides.into_iter().filter_map(|(release, hook)| Some((release.release.as_str(), hook?))).collect();
    // From a release to itself one side says it all.
    vec![contract_table(if upgrade.from() == upgrade.to() { &sides[..1] } else { &sides })]
}

/// The contract of a hook in one or two releases, side by side, with a row for each parameter.
fn contract_table(sides: &[(&str, &Hook)]) -> Block {
    let mut head = vec![String::new()];
    head.extend(sides.iter().map(|(release, _)| (*release).to_owned()));
    let row = |label: &str, of: &dyn Fn(&Hook) -> String| {
        let mut row = vec![label.to_owned()];
        row.extend(sides.iter().map(|(_, hook)| of(hook)));
        row
    };
    let mut rows = vec![
        row("run by", &|hook| code(&hook.run)),
        row("defined at", &|hook| hook.at.clone()),
        row("scope", &|hook| hook.scope.to_string()),
        row("accumulator", &|hook| code(accumulator(hook))),
        row("initially", &|hook| code(&hook.initial)),
        row("result", &|hook| code(&hook.result)),
        row("the caller sees", &|hook| if hook.unwrapped { "the result" } else { "`{ok | stop, Result}`" }.to_owned()),
        row("parameters", &parameters_form),
    ];
    for key in all_keys(sides, |hook| &hook.parameters) {
        let label = code(key);
        rows.push(row(&label, &|hook| parameter(&hook.parameters, key)));
    }
    for key in all_keys(sides, |hook| &hook.arguments) {
        let label = code(key);
        rows.push(row(&label, &|hook| parameter(&hook.arguments, key)));
    }
    Block::Table(head, rows)
}

/// What the rows of single parameters are parts of.
fn parameters_form(hook: &Hook) -> String {
    if !hook.parameters_type.is_empty() {
        code(&hook.parameters_type)
    } else if hook.is_positional() {
        "positional arguments".to_owned()
    } else if hook.parameters.is_empty() {
        "none".to_owned()
    } else {
        "a map".to_owned()
    }
}

/// The keys of all sides, in the order in which they first occur.
fn all_keys<'a>(sides: &[(&str, &'a Hook)], of: fn(&Hook) -> &[Parameter]) -> Vec<&'a str> {
    let mut keys = Vec::new();
    for (_, hook) in sides {
        for parameter in of(hook) {
            if !keys.contains(&parameter.key.as_str()) {
                keys.push(parameter.key.as_str());
            }
        }
    }
    keys
}

pub(super) fn parameter(parameters: &[Parameter], key: &str) -> String {
    let Some(parameter) = parameters.iter().find(|parameter| parameter.key == key) else {
        return "-".to_owned();
    };
    let kind = if parameter.ty.is_empty() { "of any type".to_owned() } else { code(&parameter.ty) };
    if parameter.optional { format!("{kind}, may be missing") } else { kind }
}

/// The server's own handlers among which a custom one takes its place: of this hook in both releases, and of its
/// replacements.
fn handler_blocks(upgrade: &Upgrade, name: &str, fate: &HookFate<'_>, level: usize) -> Vec<Block> {
    let (old, new) = (upgrade.old_release(), upgrade.new_release());
    let mut lists: Vec<(&Release, &str)> = vec![(old, name)];
    if upgrade.from() != upgrade.to() {
        lists.push((new, name));
    }
    for successor in &fate.replacements {
        if !lists.contains(&(new, successor.hook.name.as_str())) {
            lists.push((new, &successor.hook.name));
        }
    }
    let rows: Vec<Vec<String>> = lists
        .into_iter()
        .flat_map(|(release, hook)| release.handlers_of(hook).iter().map(move |handler| (release, handler)))
        .map(|(release, handler)| {
            vec![
                release.release.clone(),
                code(&handler.hook),
                handler.priority.to_string(),
                code(&format!("{}:{}", handler.module, handler.function)),
                handler.at.clone(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let head = ["Release", "Hook", "Priority", "Handler", "Registered at"];
    vec![
        Block::Heading(level, "The server's own handlers".to_owned()),
        Block::Table(head.map(str::to_owned).to_vec(), rows),
    ]
}

fn evidence_blocks(history: &[((Version, Version), &HookChange)], level: usize) -> Vec<Block> {
    let evidence = history.iter().flat_map(|(_, change)| &change.evidence);
    let items: Vec<String> = evidence.map(ToString::to_string).collect();
    if items.is_empty() {
        return Vec::new();
    }
    vec![Block::Heading(level, "Evidence".to_owned()), Block::List(items)]
}

#[cfg(test)]
mod tests;
