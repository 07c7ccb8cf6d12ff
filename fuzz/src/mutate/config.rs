//! Configurations and other texts in lines, most of them TOML or JSON.

use hookshift::syntax::scan::Token;

use super::Draft;
use crate::words;

/// Values of every kind, and what is none.
const VALUES: &[&str] = &[
    "true",
    "false",
    "0",
    "-1",
    "9223372036854775808",
    "1.5",
    "inf",
    "nan",
    "\"\"",
    "\"x\"",
    "'x'",
    "\"\"\"\nx\n\"\"\"",
    "[]",
    "[1, [2, [3]]]",
    "{}",
    "{ a = 1, b.c = 2 }",
    "1979-05-27T07:32:00Z",
    "07:32:00",
    "{{{hosts}}}",
    "\"{{host}}\"",
    "{{#x}}1{{/x}}",
    "\"rdbms\"",
    "\"mnesia\"",
    "[\"localhost\"]",
    "\"\\u00e9\"",
    "\"\\uD800\"",
    "null",
    "{\"a\": 1}",
    "1e400",
    "0x1F",
    "1_000",
    "\u{1f980}",
];

const LINES: &[&str] = &[
    "[modules.NAME]\n",
    "[[listen.c2s]]\n",
    "[modules.NAME.iqdisc]\n",
    "[general]\n",
    "[outgoing_pools.rdbms.default]\n",
    "[auth.NAME]\n",
    "NAME = true\n",
    "[[host_config]]\n",
    "a.b.\"c.d\" = 1\n",
    "# hookshift: ignore[removed-option] known\n",
    "# hookshift: ignore-file[changed-default] known\n",
    "# a note\n",
    "{{#if x}}\n",
    "{{/x}}\n",
    "{{{config}}}\n",
    "{{> NAME}}\n",
    "[\"NAME\"]\n",
    "[modules]\n  NAME.backend = \"rdbms\"\n",
    "[[[\n",
    "\"\"\"\n",
    "'''\n",
    "@@ -1,2 +3 @@\n",
    "@@ -0,0 +18446744073709551615,2 @@\n",
    "@@ -1,18446744073709551615 +1,9 @@ f() ->\n",
    "diff --git a/x b/x\n",
    "+++ b/x.erl\n",
    "+++ \"b/\\303\\244\\\n",
    "-a\n",
    "+b\n",
    " c\n",
    "Binary files a/x and b/x differ\n",
    "rename to y z\n",
    "[[hooks]]\nname = \"NAME\"\n",
    "since = \"6.1.0\"\n",
    "{hosts, \"localhost\"}.\n",
    "<<<<<<< ours\n",
    "=======\n",
    ">>>>>>> theirs\n",
    "FROM erlangsolutions/mongooseim:6.1.0\n",
];

pub fn change(draft: &mut Draft<'_>) {
    let ways: [fn(&mut Draft<'_>); 12] = [
        |draft| draft.change_lines(),
        |draft| draft.change_lines(),
        line,
        line,
        value,
        value,
        name,
        name,
        lose_a_token,
        stray,
        nest,
        half,
    ];
    draft.dice.one_of(&ways)(draft);
}

/// A part of a dotted name, or all of it, or with something behind it.
fn word(draft: &mut Draft<'_>) -> String {
    let word = draft.dice.one_of(words::all()).replace("[]", "").replace('*', "x");
    match draft.dice.below(3) {
        0 => word,
        1 => word.rsplit('.').next().unwrap_or_default().to_owned(),
        _ => word.split('.').next().unwrap_or_default().to_owned(),
    }
}

fn line(draft: &mut Draft<'_>) {
    let name = word(draft);
    let new = draft.dice.one_of(LINES).replace("NAME", &name);
    let lines = Draft::lines(&draft.text);
    let at = if lines.is_empty() { 0 } else { draft.dice.one_of(&lines).start };
    draft.insert(at, &new);
}

/// What stands behind an equals sign or a colon up to the end of the line.
fn value(draft: &mut Draft<'_>) {
    let Some(sign) = draft.token(|_, text| text == "=" || text == ":") else { return };
    let length = draft.text[sign.end..].find('\n').unwrap_or(draft.text.len() - sign.end);
    let new = format!(" {}", draft.dice.one_of(VALUES));
    draft.replace(sign.end..sign.end + length, &new);
}

fn name(draft: &mut Draft<'_>) {
    let Some(at) = draft.token(|token, _| token == Token::Atom || token == Token::String) else { return };
    let is_string = draft.text[at.clone()].starts_with('"');
    let word = word(draft);
    draft.replace(at, &if is_string { format!("\"{word}\"") } else { word });
}

fn lose_a_token(draft: &mut Draft<'_>) {
    if let Some(at) = draft.run_of_tokens(4) {
        draft.text.replace_range(at, "");
    }
}

fn stray(draft: &mut Draft<'_>) {
    let at = draft.border();
    let strays = [
        "\"",
        "'",
        "\"\"\"",
        "[",
        "]",
        "{",
        "}",
        "{{",
        "}}",
        "{{#",
        "{{/",
        "=",
        ".",
        ",",
        "#",
        "\n",
        "\r",
        "\u{e9}",
        "\u{1f980}",
        "\u{0}",
        "\\",
        "-",
        ":",
    ];
    let new = *draft.dice.one_of(&strays);
    draft.insert(at, new);
}

fn nest(draft: &mut Draft<'_>) {
    let around = [
        ("[", "]"),
        ("{ a = ", " }"),
        ("{\"a\":", "}"),
        ("{{#x}}", "{{/x}}"),
        ("a.", ""),
        ("\n[[a]]", "\n"),
        ("\"", "\""),
        ("-", ""),
    ];
    let (open, close) = *draft.dice.one_of(&around);
    let depth = draft.many(open.len() + close.len());
    if let Some(at) = draft.run_of_tokens(3) {
        let inner = draft.text[at.clone()].to_owned();
        draft.replace(at, &format!("{}{inner}{}", open.repeat(depth), close.repeat(depth)));
    }
}

/// The second half of another file behind the first one of this.
fn half(draft: &mut Draft<'_>) {
    let (own, others) = (Draft::lines(&draft.text), Draft::lines(&draft.other));
    if own.is_empty() || others.is_empty() {
        return;
    }
    let (at, from) = (draft.dice.one_of(&own).start, draft.dice.one_of(&others).start);
    draft.text.truncate(at);
    let rest = draft.other[from..].to_owned();
    draft.insert(at, &rest);
}
