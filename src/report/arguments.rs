//! What became of positional arguments: of one hook, and of all hooks of a release.

use std::collections::BTreeMap;

use super::document::{Block, code};
use crate::catalog::{ArgumentFate, EarlierForm, Positional, Upgrade};

/// What is different for the handlers of all hooks when the way leads away from positional arguments.
pub(super) fn interface(upgrade: &Upgrade) -> Option<String> {
    let with_maps = upgrade.first_with_maps()?;
    Some(format!(
        "Since {with_maps} there is no `ejabberd_hooks`: handlers are registered with `gen_hook`, take three arguments, which \
         are the accumulator, a map of parameters and a map with `host_type`, and return `{{ok, Acc}}` or `{{stop, Acc}}`. \
         In {} they took the accumulator and positional arguments, and returned the new accumulator, or `{{stop, Acc}}`.",
        upgrade.from(),
    ))
}

/// What became of the arguments of one hook.
pub(super) fn blocks(upgrade: &Upgrade, hook: &str, level: usize) -> Vec<Block> {
    let (Some(entry), Some(arguments)) = (upgrade.positional_entry(hook), upgrade.arguments(hook)) else {
        return Vec::new();
    };
    let mut blocks = Vec::new();
    if !arguments.is_empty() {
        blocks.push(argument_table(upgrade, &arguments));
    }
    if !entry.note.is_empty() {
        blocks.push(Block::Paragraph(entry.note.clone()));
    }
    if !entry.earlier.is_empty() {
        blocks.push(Block::Paragraph("Handlers of still older releases:".to_owned()));
        blocks.push(Block::List(entry.earlier.iter().map(earlier_item).collect()));
    }
    if !blocks.is_empty() {
        blocks.insert(0, Block::Heading(level, "Arguments behind the accumulator".to_owned()));
    }
    blocks
}

fn argument_table(upgrade: &Upgrade, arguments: &[ArgumentFate]) -> Block {
    let with_maps = upgrade.first_with_maps().filter(|&release| release != upgrade.to());
    let mut head = vec![upgrade.from().to_string()];
    head.extend(with_maps.map(|release| release.to_string()));
    head.push(upgrade.to().to_string());
    let row = |argument: &ArgumentFate| {
        let mut row = vec![code(&argument.name)];
        row.extend(with_maps.map(|_| argument.with_maps.as_deref().map_or_else(|| "-".to_owned(), code)));
        row.push(match &argument.now {
            Ok(expression) => code(expression),
            Err(why) => why.clone(),
        });
        row
    };
    Block::Table(head, arguments.iter().map(row).collect())
}

fn earlier_item(form: &EarlierForm) -> String {
    let mut item = format!("until {}: {}", form.until, code(&head(&form.arguments)));
    if !form.stuck.is_empty() {
        item.push_str(&format!(". It cannot be rewritten by its arguments alone: {}", form.stuck));
    }
    if !form.note.is_empty() {
        item.push_str(&format!(". {}", form.note));
    }
    item
}

fn head(arguments: &[String]) -> String {
    format!("({})", arguments.join(", "))
}

/// What handlers of all hooks took, and what they take in the first release with maps.
pub(super) fn reference(upgrade: &Upgrade, level: usize) -> Vec<Block> {
    let entries = upgrade.positional_entries();
    let Some(with_maps) = upgrade.first_with_maps() else { return Vec::new() };
    let from = upgrade.from();
    let titles =
        ["Hook".to_owned(), from.to_string(), "Parameters".to_owned(), "Extra".to_owned(), "Values".to_owned()];
    let mut blocks = vec![
        Block::Heading(level, "Positional arguments".to_owned()),
        Block::Paragraph(format!(
            "What a handler took in {from}, and with which heads and matches it is given the same values in {with_maps}."
        )),
        Block::Table(titles.to_vec(), entries.iter().map(reference_row).collect()),
    ];
    let notes = entries.iter().filter(|entry| !entry.note.is_empty());
    let notes: Vec<String> = notes.map(|entry| format!("{}: {}", code(&entry.hook), entry.note)).collect();
    if !notes.is_empty() {
        blocks.push(Block::List(notes));
    }
    let earlier: Vec<Vec<String>> = entries.iter().flat_map(earlier_rows).collect();
    if !earlier.is_empty() {
        let titles = ["Hook", "Until", "Handler", ""];
        blocks.extend([
            Block::Heading(level, "Handlers of still older releases".to_owned()),
            Block::Paragraph(
                "What handlers took before. Where there is no accumulator, what they returned was of no matter, except \
                 for `stop`."
                    .to_owned(),
            ),
            Block::Table(titles.map(str::to_owned).to_vec(), earlier),
        ]);
    }
    blocks
}

fn reference_row(entry: &Positional) -> Vec<String> {
    let mut handler = vec!["Acc".to_owned()];
    handler.extend(entry.arguments.iter().cloned());
    let taken = entry.computed.iter().flat_map(|it| &it.take);
    let keys: Vec<(&String, &String)> = taken.chain(in_order(entry, &entry.keys)).collect();
    let parameters = if entry.whole.is_empty() { map_pattern(&keys) } else { code(&entry.whole) };
    let extra: Vec<(&String, &String)> = in_order(entry, &entry.extra).collect();
    let values = entry.computed.iter().map(|it| code(&format!("{} = {}", it.pattern, it.value)));
    vec![
        code(&entry.hook),
        if entry.map_only { "never called".to_owned() } else { code(&head(&handler)) },
        parameters,
        map_pattern(&extra),
        values.collect::<Vec<_>>().join(", "),
    ]
}

/// The keys of a map with the arguments that are had from them, in the order of the arguments.
fn in_order<'a>(
    entry: &'a Positional,
    keys: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = (&'a String, &'a String)> {
    entry.arguments.iter().filter_map(move |argument| Some((keys.get(argument)?, argument)))
}

fn map_pattern(keys: &[(&String, &String)]) -> String {
    let fields: Vec<String> = keys.iter().map(|(key, pattern)| format!("{key} := {pattern}")).collect();
    if fields.is_empty() { String::new() } else { code(&format!("#{{{}}}", fields.join(", "))) }
}

fn earlier_rows(entry: &Positional) -> impl Iterator<Item = Vec<String>> {
    let row = |form: &EarlierForm| {
        let remarks = [&form.stuck, &form.note].into_iter().filter(|text| !text.is_empty());
        let remarks: Vec<&str> = remarks.map(|text| text.trim_end_matches('.')).collect();
        vec![code(&entry.hook), form.until.clone(), code(&head(&form.arguments)), remarks.join(". ")]
    };
    entry.earlier.iter().map(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Version;
    use crate::catalog::testing::{V0_9, V1_0, V1_1, positional_catalog};
    use crate::report::document::markdown;
    use crate::report::explain;

    fn explained(from: Version, to: Version, hook: &str) -> String {
        let catalog = positional_catalog();
        let upgrade = catalog.upgrade(from, to).unwrap();
        let mut out = anstream::StripStream::new(Vec::new());
        assert!(explain::write_hook(&mut out, &upgrade, hook, 88).unwrap());
        String::from_utf8(out.into_inner()).unwrap()
    }

    #[test]
    fn each_argument_is_followed_through_the_releases() {
        let text = explained(V0_9, V1_1, "packet");
        let section = text.split_once("Arguments behind the accumulator\n").unwrap().1;
        let section = section.split_once("\nContract").unwrap().0;
        snapbox::assert_data_eq!(
            section,
            snapbox::str![[r#"
0.9.0  1.0.0                   1.1.0
From   maps:get(from, Params)  sender(Acc)
To     maps:get(to, Params)    maps:get(to, Params)
Size   size(Acc)               size(Acc)

Handlers of still older releases:

* until 0.8.0: `(Acc, Sender, To)`
* until 0.7.1: `(Stanza)`. It cannot be rewritten by its arguments alone: its
  accumulator was another one

"#]]
        );
        assert!(text.contains("Since 1.0.0 there is no `ejabberd_hooks`"), "{text}");
    }

    #[test]
    fn one_step_has_one_column() {
        let text = explained(V0_9, V1_0, "old_hook");
        assert!(text.contains("0.9.0  1.0.0\nState  maps:get(state, Params)\n"), "{text}");
        assert!(text.contains("The hook itself is the same."), "{text}");
    }

    #[test]
    fn between_releases_with_maps_nothing_is_said_about_arguments() {
        let text = explained(V1_0, V1_1, "packet");
        assert!(!text.contains("Arguments behind the accumulator"), "{text}");
        assert!(!text.contains("ejabberd_hooks"), "{text}");
        let upgrade = positional_catalog().upgrade(V1_0, V1_1).unwrap();
        assert!(reference(&upgrade, 2).is_empty());
    }

    #[test]
    fn the_reference_has_a_row_for_each_hook() {
        let upgrade = positional_catalog().upgrade(V0_9, V1_0).unwrap();
        let text = markdown(&reference(&upgrade, 2));
        for row in [
            "| Hook | 0.9.0 | Parameters | Extra | Values |",
            "| `login` | `(Acc, LUser, HostType)` | `#{user := JID}` | `#{host_type := HostType}` | `LUser = luser(JID)` |",
            "| `stable` | `(Acc)` |  |  |  |",
            "| `packet` | 0.8.0 | `(Acc, Sender, To)` |  |",
            "| `packet` | 0.7.1 | `(Stanza)` | its accumulator was another one |",
        ] {
            assert!(text.contains(row), "{row}\n{text}");
        }
    }
}
