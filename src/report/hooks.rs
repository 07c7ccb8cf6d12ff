//! The hooks of a release, and the changes between two releases, as a table and as JSON.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;

use super::table::{Cell, Table};
use crate::catalog::{Hook, HookFate, HookStatus, Release, Scope, Upgrade};

/// One hook, as `hooks --format json` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HookEntry {
    pub name: String,
    /// The module of the function that runs the hook.
    pub module: String,
    /// The function that runs it, as in `mongoose_hooks:user_send_packet/4`.
    pub run: String,
    /// Under which tag a handler must be registered.
    #[schemars(with = "String", extend("enum" = ["host-type", "global"]))]
    pub scope: Scope,
    /// The accumulator's type; empty when the specification does not say.
    pub accumulator: String,
    /// The initial accumulator, as an expression.
    pub initial: String,
    /// The keys of the parameter map.
    pub parameters: Vec<String>,
    /// Positional arguments after the accumulator, in releases that have no parameter map.
    pub arguments: Vec<String>,
    /// The result type of the function that runs it.
    pub result: String,
    /// Whether that function takes the result out of `{ok | stop, Result}`.
    pub unwrapped: bool,
    /// The release that all of this is true of.
    pub release: String,
    /// Path and 1-based line in that release's source tree.
    pub at: String,
    /// What became of the hook, when two releases are compared.
    #[serde(flatten)]
    pub change: Option<ChangeEntry>,
}

/// What became of a hook from one release to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangeEntry {
    #[schemars(extend("enum" = ["added", "removed", "changed", "meaning"]))]
    pub change: HookStatus,
    /// Hooks of the new release that take its place, the first one first.
    pub replacements: Vec<String>,
    /// For an added hook: the hooks of the old release whose place it takes.
    pub replaces: Vec<String>,
    /// What it means for an existing handler.
    pub summary: String,
    /// What to do.
    pub advice: String,
    /// Server modules of the new release one of which must be enabled for the hook to run.
    pub requires: Vec<String>,
    /// The hook in the old release, when both have it.
    pub before: Option<Contract>,
}

/// What a handler is called with, and what it must return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Contract {
    pub module: String,
    pub accumulator: String,
    pub parameters: Vec<String>,
    pub arguments: Vec<String>,
    pub result: String,
}

/// All hooks of a release.
#[must_use]
pub fn entries(release: &Release) -> Vec<HookEntry> {
    let entry = |hook| hook_entry(hook, &release.release);
    release.hooks.iter().map(entry).collect()
}

/// All hooks that are not the same in both releases, in the order of their names.
#[must_use]
pub fn change_entries(upgrade: &Upgrade) -> Vec<HookEntry> {
    let changes = upgrade.changes();
    changes.iter().filter_map(|fate| change_entry(upgrade, fate)).collect()
}

/// Writes an array of entries as JSON.
///
/// # Errors
/// Those of the stream.
pub fn write_json(out: &mut dyn Write, entries: &[HookEntry]) -> io::Result<()> {
    super::json::write_pretty(&entries, out)
}

/// The JSON Schema of what [`write_json`] writes.
#[must_use]
pub fn schema() -> Schema {
    schema_for!(Vec<HookEntry>)
}

/// Writes the hooks of a release as a table in lines of at most `width` characters.
///
/// # Errors
/// Those of the stream.
pub fn write_release(out: &mut dyn Write, release: &Release, width: usize) -> io::Result<()> {
    let mut table = Table::new(["HOOK", "SCOPE", "RUN BY", "ACCUMULATOR", "PARAMETERS", "RESULT"]);
    for hook in &release.hooks {
        table.row(vec![
            hook.name.as_str().into(),
            hook.scope.to_string().into(),
            hook.module().into(),
            accumulator(hook).into(),
            parameters(hook).into(),
            hook.result.as_str().into(),
        ]);
    }
    table.write(out, width)?;
    writeln!(out, "\n{} hooks in MongooseIM {}", release.hooks.len(), release.release)
}

/// Writes the changes between two releases as a table in lines of at most `width` characters: what is gone first,
/// then what is different, then what is new.
///
/// # Errors
/// Those of the stream.
pub fn write_changes(out: &mut dyn Write, upgrade: &Upgrade, width: usize) -> io::Result<()> {
    let mut changes = upgrade.changes();
    if changes.is_empty() {
        return writeln!(out, "No hook changes from MongooseIM {} to {}.", upgrade.from(), upgrade.to());
    }
    changes.sort_by_key(|fate| order(fate.status));
    let mut table = Table::new(["CHANGE", "HOOK", "SCOPE", "ACCUMULATOR", "PARAMETERS", "INSTEAD"]);
    for fate in &changes {
        table.row(change_row(fate));
    }
    table.write(out, width)?;
    let count = |status| changes.iter().filter(|fate| fate.status == status).count();
    writeln!(
        out,
        "\nMongooseIM {} to {}: {} removed, {} changed, {} with another meaning, {} added",
        upgrade.from(),
        upgrade.to(),
        count(HookStatus::Removed),
        count(HookStatus::Changed),
        count(HookStatus::Meaning),
        count(HookStatus::Added),
    )
}

/// The statuses in the order of what they do to existing handlers.
pub(super) fn order(status: HookStatus) -> usize {
    match status {
        HookStatus::Removed => 0,
        HookStatus::Changed => 1,
        HookStatus::Meaning => 2,
        HookStatus::Added => 3,
        HookStatus::Unchanged => 4,
        HookStatus::Unknown => 5,
    }
}

/// The colour in which a status is shown.
#[must_use]
pub fn status_style(status: HookStatus) -> Style {
    match status {
        HookStatus::Removed => AnsiColor::Red.on_default().bold(),
        HookStatus::Changed => AnsiColor::Yellow.on_default().bold(),
        HookStatus::Meaning => AnsiColor::Yellow.on_default(),
        HookStatus::Added => AnsiColor::Green.on_default(),
        HookStatus::Unchanged | HookStatus::Unknown => Style::new(),
    }
}

/// The accumulator as one reads it: its type, or the initial value when the type is not known.
pub(super) fn accumulator(hook: &Hook) -> &str {
    if hook.accumulator.is_empty() { &hook.initial } else { &hook.accumulator }
}

fn change_row(fate: &HookFate<'_>) -> Vec<Cell> {
    let hook = fate.hook();
    let text = |of: fn(&Hook) -> String| hook.map(of).unwrap_or_default();
    let (accumulator, parameters) = match (fate.before, fate.after) {
        (Some(before), Some(after)) => {
            (if_changed(accumulator(before), accumulator(after)), if_changed(&parameters(before), &parameters(after)))
        }
        _ => (text(|hook| accumulator(hook).to_owned()), text(parameters)),
    };
    vec![
        Cell::styled(fate.status.to_string(), status_style(fate.status)),
        text(|hook| hook.name.clone()).into(),
        text(|hook| hook.scope.to_string()).into(),
        accumulator.into(),
        parameters.into(),
        instead(fate).into(),
    ]
}

fn if_changed(before: &str, after: &str) -> String {
    if before == after { after.to_owned() } else { format!("{before} -> {after}") }
}

fn parameters(hook: &Hook) -> String {
    if hook.is_positional() {
        let names: Vec<&str> = hook.arguments.iter().map(|argument| argument.key.as_str()).collect();
        return format!("({})", names.join(", "));
    }
    let keys: Vec<&str> = hook.keys().collect();
    format!("{{{}}}", keys.join(", "))
}

fn instead(fate: &HookFate<'_>) -> String {
    let names = names(fate);
    match fate.status {
        HookStatus::Added => match replaces(fate) {
            [] => String::new(),
            replaced => format!("(for {})", replaced.join(", ")),
        },
        HookStatus::Removed if names.is_empty() => "-".to_owned(),
        _ => names.join(", "),
    }
}

/// The replacements' names, each once: one hook may serve several kinds of stanza.
fn names(fate: &HookFate<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for successor in &fate.replacements {
        if !names.contains(&successor.hook.name) {
            names.push(successor.hook.name.clone());
        }
    }
    names
}

fn replaces<'u>(fate: &HookFate<'u>) -> &'u [String] {
    fate.change().map_or(&[], |change| &change.replaces)
}

fn hook_entry(hook: &Hook, release: &str) -> HookEntry {
    let contract = contract(hook);
    HookEntry {
        name: hook.name.clone(),
        module: contract.module,
        run: hook.run.clone(),
        scope: hook.scope,
        accumulator: contract.accumulator,
        initial: hook.initial.clone(),
        parameters: contract.parameters,
        arguments: contract.arguments,
        result: contract.result,
        unwrapped: hook.unwrapped,
        release: release.to_owned(),
        at: hook.at.clone(),
        change: None,
    }
}

fn contract(hook: &Hook) -> Contract {
    let arguments = hook.arguments.iter().map(|argument| argument.key.clone());
    Contract {
        module: hook.module().to_owned(),
        accumulator: hook.accumulator.clone(),
        parameters: hook.keys().map(str::to_owned).collect(),
        arguments: arguments.collect(),
        result: hook.result.clone(),
    }
}

fn change_entry(upgrade: &Upgrade, fate: &HookFate<'_>) -> Option<HookEntry> {
    let release = if fate.after.is_some() { upgrade.new_release() } else { upgrade.old_release() };
    let change = fate.change();
    Some(HookEntry {
        change: Some(ChangeEntry {
            change: fate.status,
            replacements: names(fate),
            replaces: replaces(fate).to_vec(),
            summary: change.map(|change| change.summary.clone()).unwrap_or_default(),
            advice: change.map(|change| change.advice.clone()).unwrap_or_default(),
            requires: change.map(|change| change.requires.clone()).unwrap_or_default(),
            before: fate.before.filter(|_| fate.after.is_some()).map(contract),
        }),
        ..hook_entry(fate.hook()?, &release.release)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::catalog::testing::{V1_0, V1_1, V1_2, catalog};

    fn text(write: impl Fn(&mut dyn Write) -> io::Result<()>) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        write(&mut out).unwrap();
        String::from_utf8(out.into_inner()).unwrap()
    }

    fn json(entries: &[HookEntry]) -> Value {
        let mut out = Vec::new();
        write_json(&mut out, entries).unwrap();
        let value = serde_json::from_slice(&out).unwrap();
        let schema = serde_json::to_value(schema()).unwrap();
        jsonschema::validate(&schema, &value).unwrap();
        value
    }

    #[test]
    fn a_release_as_a_table() {
        let catalog = catalog();
        let release = catalog.release(V1_1).unwrap();
        assert_eq!(
            text(|out| write_release(out, release, usize::MAX)),
            "\
HOOK      SCOPE      RUN BY     ACCUMULATOR  PARAMETERS   RESULT
login     host-type  hooks      boolean()    {user}       boolean()
new_hook  host-type  c2s_hooks  acc()        {data, tag}  result()
packet    host-type  c2s_hooks  acc()        {data, to}   result()
stable    global     hooks      ok           {}           ok

4 hooks in MongooseIM 1.1.0
"
        );
    }

    #[test]
    fn changes_as_a_table() {
        let upgrade = catalog().upgrade(V1_0, V1_1).unwrap();
        assert_eq!(
            text(|out| write_changes(out, &upgrade, usize::MAX)),
            "\
CHANGE   HOOK      SCOPE      ACCUMULATOR  PARAMETERS                INSTEAD
removed  old_hook  host-type  state()      {state}                   new_hook, packet
changed  packet    host-type  acc()        {from, to} -> {data, to}
meaning  login     host-type  boolean()    {user}
added    new_hook  host-type  acc()        {data, tag}               (for old_hook)

MongooseIM 1.0.0 to 1.1.0: 1 removed, 1 changed, 1 with another meaning, 1 added
"
        );
        let same = catalog().upgrade(V1_1, V1_1).unwrap();
        assert_eq!(
            text(|out| write_changes(out, &same, usize::MAX)),
            "No hook changes from MongooseIM 1.1.0 to 1.1.0.\n"
        );
    }

    #[test]
    fn a_release_as_json() {
        let catalog = catalog();
        let value = json(&entries(catalog.release(V1_1).unwrap()));
        assert_eq!(value.as_array().unwrap().len(), 4);
        assert_eq!(
            value[1],
            json!({
                "name": "new_hook", "module": "c2s_hooks", "run": "c2s_hooks:new_hook/3",
                "scope": "host-type", "accumulator": "acc()", "initial": "Acc",
                "parameters": ["data", "tag"], "arguments": [], "result": "result()",
                "unwrapped": false, "release": "1.1.0", "at": "src/c2s_hooks.erl:8",
            })
        );
    }

    #[test]
    fn changes_as_json() {
        let upgrade = catalog().upgrade(V1_0, V1_1).unwrap();
        let value = json(&change_entries(&upgrade));
        let brief: Vec<_> = value
            .as_array()
            .unwrap()
            .iter()
            .map(|e| (e["name"].as_str().unwrap(), e["change"].as_str().unwrap(), e["release"].as_str().unwrap()))
            .collect();
        assert_eq!(
            brief,
            [
                ("login", "meaning", "1.1.0"),
                ("new_hook", "added", "1.1.0"),
                ("old_hook", "removed", "1.0.0"),
                ("packet", "changed", "1.1.0"),
            ]
        );
        assert_eq!(value[2]["replacements"], json!(["new_hook", "packet"]));
        assert_eq!(value[2]["before"], Value::Null);
        assert_eq!(value[3]["before"]["parameters"], json!(["from", "to"]));
        assert_eq!(value[0]["requires"], json!(["mod_auth", "mod_token"]));
        assert_eq!(value[1]["replaces"], json!(["old_hook"]));
    }

    #[test]
    fn the_schema_refuses_another_scope_or_change() {
        let schema = serde_json::to_value(schema()).unwrap();
        let upgrade = catalog().upgrade(V1_0, V1_2).unwrap();
        let good = json(&change_entries(&upgrade));
        for (key, wrong) in [("scope", "host_type"), ("change", "unknown")] {
            let mut value = good.clone();
            value[0][key] = json!(wrong);
            assert!(jsonschema::validate(&schema, &value).is_err(), "{key}");
        }
    }
}
