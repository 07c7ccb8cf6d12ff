//! Messages of an editor, one a line.

use serde_json::{Value, json};

use super::{Draft, Kind};
use crate::dice::Dice;
use crate::seeds::Pool;
use crate::words;

const NAMES: [&str; 5] = ["src/mod_a.erl", "src/mod_b.erl", "include/a.hrl", "mongooseim.toml", "src/mod_new.erl"];

const REQUESTS: [&str; 11] = [
    "textDocument/codeAction",
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/codeLens",
    "textDocument/diagnostic",
    "workspace/diagnostic",
    "workspace/executeCommand",
    "codeAction/resolve",
    "textDocument/formatting",
];

pub fn change(draft: &mut Draft<'_>) {
    let mut lines: Vec<Value> = draft.text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let at = draft.dice.below(lines.len() + 1);
    match draft.dice.below(12) {
        0 if at < lines.len() => drop(lines.remove(at)),
        1 if at < lines.len() => {
            let (copy, to) = (lines[at].clone(), draft.dice.below(lines.len() + 1));
            lines.insert(to, copy);
        }
        2 if at < lines.len() => {
            let to = draft.dice.below(lines.len());
            lines.swap(at, to);
        }
        3 => {
            let others: Vec<Value> = draft.other.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            let from = draft.dice.below(others.len() + 1);
            lines.splice(at..at, others.into_iter().skip(from).take(6));
        }
        4 | 5 if at < lines.len() => damage(&mut lines[at], draft.dice),
        6 | 7 => {
            let request = request(draft.dice);
            lines.insert(at, request);
        }
        8 => {
            let opened = open(draft.dice);
            lines.insert(at, opened);
        }
        9 if draft.dice.one_in(4) => lines.insert(at, other(draft.dice)),
        _ => {
            let change = edit(draft.dice);
            lines.insert(at, change);
        }
    }
    // What stands behind the most that is looked at would be changed in vain.
    lines.truncate(60);
    draft.text = lines.iter().map(|line| format!("{line}\n")).collect();
}

fn uri(dice: &mut Dice) -> String {
    match dice.below(40) {
        0 => "untitled:Untitled-1".to_owned(),
        1 => "file:///nonexistent/x.erl".to_owned(),
        2 => "git:/x.erl".to_owned(),
        at => format!("$ROOT/{}", NAMES[if at < 24 { at % 2 } else { at % NAMES.len() }]),
    }
}

fn position(dice: &mut Dice) -> Value {
    let far = dice.one_in(20);
    let number = |dice: &mut Dice, end: usize| match far {
        true => u32::MAX as usize - dice.below(2),
        false => dice.below(end),
    };
    json!({"line": number(dice, 14), "character": number(dice, 60)})
}

fn range(dice: &mut Dice) -> Value {
    let (mut start, end) = (position(dice), position(dice));
    // Most edits are small.
    if dice.one_in(2) {
        start = end.clone();
        let column = start["character"].as_u64().unwrap_or(0).saturating_sub(dice.below(6) as u64);
        start["character"] = json!(column);
    }
    json!({"start": start, "end": end})
}

fn edit(dice: &mut Dice) -> Value {
    let changes: Vec<Value> = (0..=dice.below(3))
        .map(|_| match dice.one_in(12) {
            true => json!({"text": whole(dice)}),
            false => json!({"range": range(dice), "text": typed(dice)}),
        })
        .collect();
    let document = json!({"uri": uri(dice), "version": dice.below(100)});
    json!({"method": "textDocument/didChange", "params": {"textDocument": document, "contentChanges": changes}})
}

/// What somebody types or pastes.
fn typed(dice: &mut Dice) -> String {
    let typed = [
        "",
        "",
        "x",
        " ",
        ",",
        ".",
        ".\n",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "%",
        "$",
        "?",
        "\n",
        "\r\n",
        "\r",
        "->",
        ";",
        "\u{e9}",
        "\u{1f980}",
        "\0",
        "end",
        "fun ?MODULE:f/3",
        "gen_hook:add_handler(user_send_packet, H, fun ?MODULE:f/3, #{}, 5),",
        "f(Acc, #{}, _) -> {stop, Acc}.\n",
        "-export([f/3]).\n",
        "%% hookshift: ignore[removed-hook] so\n",
        "-include(\"a.hrl\").\n",
        "<<<<<<< a\n",
        "-define(SENT, c2s_presence_in).\n",
        "[modules.mod_b]\n",
    ];
    match dice.one_in(6) {
        true => dice.one_of(words::all()).clone(),
        false => (*dice.one_of(&typed)).to_owned(),
    }
}

/// A whole text: a module of the pool, as it is or changed.
fn whole(dice: &mut Dice) -> String {
    let pool = Pool::shared();
    let seed = dice.one_of(pool.of(Kind::Module)).bytes.clone();
    let bytes = match dice.one_in(2) {
        true => super::mutate(Kind::Module, &seed, pool, dice, 4_000),
        false => seed,
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text[..text.floor_char_boundary(4_000)].to_owned()
}

fn open(dice: &mut Dice) -> Value {
    let language = if dice.one_in(10) { "plaintext" } else { "erlang" };
    let document = json!({"uri": uri(dice), "languageId": language, "version": dice.below(9), "text": whole(dice)});
    match dice.one_in(3) {
        true => json!({"method": "textDocument/didClose", "params": {"textDocument": {"uri": document["uri"]}}}),
        false => json!({"method": "textDocument/didOpen", "params": {"textDocument": document}}),
    }
}

fn request(dice: &mut Dice) -> Value {
    let method = *dice.one_of(&REQUESTS);
    let mut params = json!({"textDocument": {"uri": uri(dice)}, "position": position(dice), "range": range(dice),
        "context": {"diagnostics": [], "includeDeclaration": true}, "previousResultIds": []});
    if dice.one_in(4) {
        params["context"]["only"] =
            json!([*dice.one_of(&["quickfix", "source.fixAll", "source.fixAll.hookshift", "refactor"])]);
    }
    if method == "workspace/executeCommand" {
        params = json!({"command": "hookshift.explain", "arguments": [dice.one_of(words::all())]});
    }
    json!({"id": 0, "method": method, "params": params})
}

/// What comes seldom.
fn other(dice: &mut Dice) -> Value {
    let settings = json!({"hookshift": {"from": *dice.one_of(&["6.0.0", "5.1.0", "x"]), "to": *dice.one_of(&["6.1.0", "6.8.0", ""])}});
    match dice.below(5) {
        0 => json!({"method": "$/cancelRequest", "params": {"id": dice.below(12)}}),
        1 => json!({"method": "workspace/didChangeConfiguration", "params": {"settings": settings}}),
        2 => {
            let change = json!({"uri": uri(dice), "type": 1 + dice.below(3)});
            json!({"method": "workspace/didChangeWatchedFiles", "params": {"changes": [change]}})
        }
        3 => {
            let folder = json!([{"uri": "$ROOT", "name": "project"}]);
            let none = json!([]);
            let (added, removed) = if dice.one_in(2) { (&folder, &none) } else { (&none, &folder) };
            json!({"method": "workspace/didChangeWorkspaceFolders", "params": {"event": {"added": added, "removed": removed}}})
        }
        _ => json!({"method": "textDocument/didSave", "params": {"textDocument": {"uri": uri(dice)}}}),
    }
}

/// Something else in the place of one of the values in a message.
fn damage(value: &mut Value, dice: &mut Dice) {
    let mut at = value;
    loop {
        // Deeper, as long as there is something and the dice say so.
        let length = at.as_object().map_or(0, serde_json::Map::len).max(at.as_array().map_or(0, Vec::len));
        if length == 0 || dice.one_in(6) {
            break;
        }
        let number = dice.below(length);
        at = match at {
            Value::Object(fields) => fields.iter_mut().nth(number).map(|(_, it)| it),
            Value::Array(items) => items.get_mut(number),
            _ => None,
        }
        .expect("there are that many");
    }
    let text = typed(dice);
    let values = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(u32::MAX),
        json!(u64::MAX),
        json!(1.5),
        json!([]),
        json!({}),
        json!(""),
        json!(text),
        json!([[[]]]),
        json!({"line": 0}),
    ];
    // Numbers and texts are changed to others more often than to something else.
    *at = match at {
        Value::Number(_) if !dice.one_in(3) => json!(dice.below(30)),
        Value::String(old) if !dice.one_in(3) => json!(format!("{old}{text}")),
        _ => dice.one_of(&values).clone(),
    };
}
