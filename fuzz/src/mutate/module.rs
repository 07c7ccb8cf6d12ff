//! Erlang code, changed as people and merges change it, and as somebody would who wants to break what reads it.

use std::ops::Range;

use hookshift::syntax::scan::{self, Token};

use super::{Draft, WINDOW};
use crate::words;

const QUOTES: &[&str] = &["\"", "'", "$", "\"\"\"", "~\"", "~b(", "$\\", "\"\"\"\"", "\\", "`"];

/// What opens and closes around an expression.
const AROUND: &[(&str, &str)] = &[
    ("[", "]"),
    ("{", "}"),
    ("(", ")"),
    ("begin ", " end"),
    ("#{a => ", "}"),
    ("<<", ">>"),
    ("fun() -> ", " end"),
    ("f(", ")"),
    ("case x of _ -> ", " end"),
    ("if true -> ", " end"),
    ("try ", " catch _:_ -> x end"),
    ("?M(", ")"),
    ("[x | ", "]"),
    ("#r{a = ", "}"),
    ("not ", ""),
    ("- ", ""),
    ("x + ", ""),
    ("catch ", ""),
    ("X = ", ""),
    ("a ++ ", ""),
    ("", " ++ b"),
    ("maybe ", " end"),
    ("", "#{a => 1}"),
    ("x andalso ", ""),
    ("receive x -> ", " end"),
    ("[Y || Y <- ", "]"),
    ("", ", ok"),
    ("ok, ", ""),
];

const COMMENTS: &[&str] = &[
    "% a note\n",
    "%% \"quoted\n",
    "%\n",
    "%% hookshift: ignore[removed-hook] as we know\n",
    "%% hookshift: ignore-file[changed-params] for now\n",
    "%% hookshift: ignore[] x\n",
    "%% hookshift: ignore[changed-stop, legacy-handler, untagged-result] see the wiki\n",
    "%% hookshift: \n",
    "%% hookshift ignore[unknown-hook]\n",
    "% end.\n",
    "%% -module(x).\n",
    "%% \u{e9}\u{1f980}\u{202e}\n",
];

const SNIPPETS: &[&str] = &[
    "gen_hook:add_handlers(hooks(H)),",
    "gen_hook:delete_handlers(hooks(HostType)),",
    "gen_hook:add_handler(HOOK, HostType, fun ?MODULE:f/3, #{}, 50),",
    "{HOOK, HostType, fun ?MODULE:f/3, #{}, 50}",
    "ejabberd_hooks:add(HOOK, Host, ?MODULE, f, 10),",
    "ejabberd_hooks:delete(HOOK, Host, fun f/3, 10),",
    "-include(\"a.hrl\").\n",
    "-define(HOOKS, gen_hook).\n",
    "-export([hooks/1, f/3]).\n",
    "-compile(export_all).\n",
    "-behaviour(gen_mod).\n",
    "\nf(Acc, #{from := From, to := To}, _Extra) -> {stop, Acc}.\n",
    "\nf(_Acc, _From, _To, _Packet) -> drop.\n",
    "\nhooks(HostType) -> [{HOOK, HostType, fun ?MODULE:f/3, #{}, 50}].\n",
    "\nstart(HostType, _) -> gen_hook:add_handlers(hooks(HostType)), ok.\n",
    "{stop, drop}",
    "{ok, drop}",
    "{ok, Acc}",
    "Pid ! {broadcast, X},",
    "gen_hook:run_fold(HOOK, HostType, ok, #{}),",
    "[f(X) || X <- L, X > 1]",
    "lists:foreach(fun({N, F}) -> gen_hook:add_handler(N, global, F, #{}, 1) end, hooks(x)),",
    "apply(gen_hook, add_handler, [HOOK, H, fun f/3, #{}, 1]),",
    "#{host_type := HostType} = Extra",
    "fun(Acc, _, _) -> {ok, Acc} end",
    "-ifdef(TEST).\n",
    "-else.\n",
    "-endif.\n",
    "%% ",
    ".\n",
    ". ",
    "->",
    "when true",
    ";\n",
    "..",
    "||",
];

pub fn change(draft: &mut Draft<'_>) {
    let ways: [fn(&mut Draft<'_>); 20] = [
        stray_quote,
        lose_a_token,
        lose_a_token,
        change_forms,
        change_forms,
        conflict,
        nest,
        grow,
        splice,
        name,
        name,
        name,
        other_token,
        macro_around,
        either_or,
        comment,
        comment,
        repeat_tokens,
        snippet,
        layout,
    ];
    draft.dice.one_of(&ways)(draft);
}

fn stray_quote(draft: &mut Draft<'_>) {
    let at = draft.border();
    let quote = draft.dice.one_of(QUOTES);
    draft.insert(at, quote);
}

/// A bracket, an `end`, a dot, an arrow, a comma, or something else.
fn lose_a_token(draft: &mut Draft<'_>) {
    let closing = draft.dice.one_in(2);
    let is_closing = |text: &str| ["end", ")", "}", "]", ".", ">", ",", ";", "of", "|"].contains(&text);
    if let Some(at) = draft.token(|_, text| !closing || is_closing(text)) {
        draft.text.replace_range(at, "");
    }
}

fn forms(text: &str) -> Vec<Range<usize>> {
    // Where there is too much of it, the first part is changed.
    let text = &text[..text.floor_char_boundary(4 * WINDOW)];
    scan::split(text).forms.iter().map(|form| form.span.range()).collect()
}

/// Drops a form, doubles it, or moves it.
fn change_forms(draft: &mut Draft<'_>) {
    let forms = forms(&draft.text);
    if forms.is_empty() {
        return;
    }
    let at = draft.dice.one_of(&forms).clone();
    let form = format!("{}\n", &draft.text[at.clone()]);
    match draft.dice.below(3) {
        0 => draft.text.replace_range(at, ""),
        1 => {
            let to = draft.dice.one_of(&forms).start;
            draft.insert(to, &form);
        }
        _ => {
            let other = draft.dice.one_of(&forms).clone();
            let new = draft.text[other].to_owned();
            draft.replace(at, &new);
        }
    }
}

/// As a merge leaves it.
fn conflict(draft: &mut Draft<'_>) {
    let lines = Draft::lines(&draft.text);
    if lines.is_empty() {
        return;
    }
    let first = draft.dice.below(lines.len());
    let middle = (first + draft.dice.below(5)).min(lines.len() - 1);
    let last = (middle + draft.dice.below(5)).min(lines.len() - 1);
    let (first, middle, last) = (lines[first].start, lines[middle].end, lines[last].end);
    draft.insert(last, ">>>>>>> theirs\n");
    draft.insert(middle, "=======\n");
    draft.insert(first, "<<<<<<< ours\n");
}

/// Brackets, blocks or operators around some tokens, seldom very many of them.
fn nest(draft: &mut Draft<'_>) {
    let (open, close) = *draft.dice.one_of(AROUND);
    let depth = draft.many(open.len() + close.len());
    if let Some(at) = draft.run_of_tokens(6) {
        let inner = draft.text[at.clone()].to_owned();
        let open_again = if draft.dice.one_in(10) { "" } else { open };
        draft.replace(at, &format!("{}{inner}{}", open_again.repeat(depth), close.repeat(depth)));
    }
}

/// A part, or something within a literal, over and over again.
fn grow(draft: &mut Draft<'_>) {
    if draft.dice.one_in(2) {
        repeat(draft, 12);
        return;
    }
    let times = draft.many(1);
    let long = |part: &str| part.repeat(times / part.len().max(1));
    let at = draft.border();
    let new = match draft.dice.below(6) {
        0 => format!("\"{}\"", long("x")),
        1 => format!("'{}'", long("a")),
        2 => format!("%{}\n", long(" x")),
        3 => long("\n"),
        4 => format!("[{}x]", long("x,")),
        _ => long("a"),
    };
    draft.insert(at, &new);
}

fn repeat_tokens(draft: &mut Draft<'_>) {
    let Some(from) = draft.run_of_tokens(8) else { return };
    match draft.dice.below(3) {
        0 => draft.text.replace_range(from, ""),
        1 => repeat(draft, 3),
        _ => {
            let new = format!(" {} ", &draft.text[from]);
            let to = draft.border();
            draft.insert(to, &new);
        }
    }
}

fn repeat(draft: &mut Draft<'_>, most: usize) {
    if let Some(at) = draft.run_of_tokens(most) {
        let part = format!("{} ", &draft.text[at.clone()]);
        let times = draft.many(part.len());
        draft.insert(at.start, &part.repeat(times));
    }
}

/// Forms of another module, or its second half.
fn splice(draft: &mut Draft<'_>) {
    let others = forms(&draft.other);
    if others.is_empty() {
        return;
    }
    if draft.dice.one_in(3) {
        let (own, other) = (draft.border(), draft.dice.one_of(&others).start);
        draft.text.truncate(own);
        let rest = draft.other[other..].to_owned();
        draft.insert(own, &rest);
        return;
    }
    let first = draft.dice.below(others.len());
    let last = (first + draft.dice.below(4)).min(others.len() - 1);
    let new = format!("{}\n", &draft.other[others[first].start..others[last].end]);
    let own = forms(&draft.text);
    let at = if own.is_empty() { 0 } else { draft.dice.one_of(&own).start };
    draft.insert(at, &new);
}

fn word(draft: &mut Draft<'_>) -> String {
    let word = draft.dice.one_of(words::all());
    match word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':') {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', "")),
    }
}

/// Another name in the place of an atom: one that means something, or one of the module's own.
fn name(draft: &mut Draft<'_>) {
    let is_atom = |token, _: &str| token == Token::Atom;
    let Some(at) = draft.token(is_atom) else { return };
    let new = match draft.dice.one_in(3) {
        true => draft.token(is_atom).map(|at| draft.text[at].to_owned()).unwrap_or_default(),
        false => word(draft),
    };
    draft.replace(at, &new);
}

/// A token in the place of another one.
fn other_token(draft: &mut Draft<'_>) {
    let (Some(at), Some(from)) = (draft.token(|_, _| true), draft.token(|_, _| true)) else { return };
    let copy = draft.text[from].to_owned();
    let fixed = [
        "_", "Acc", "X", "0", "1.5e3", "16#ff", "$a", "ok", "\"s\"", "<<>>", "[]", "?MODULE", "?X", "...", "fun f/3",
        "stop", "drop",
    ];
    let new = if draft.dice.one_in(2) { copy } else { (*draft.dice.one_of(&fixed)).to_owned() };
    draft.replace(at, &new);
}

/// A macro in the place of some tokens, which it stands for or not.
fn macro_around(draft: &mut Draft<'_>) {
    let Some(at) = draft.run_of_tokens(6) else { return };
    let inner = draft.text[at.clone()].to_owned();
    let (used, defined) = match draft.dice.below(4) {
        0 => ("?M".to_owned(), format!("-define(M, {inner}).\n")),
        1 => (format!("?M({inner})"), "-define(M(X), X).\n".to_owned()),
        2 => (format!("?M({inner})"), "-define(M(X), ?M(X)).\n".to_owned()),
        _ => (format!("?{inner}"), String::new()),
    };
    draft.replace(at, &used);
    draft.insert(0, &defined);
}

/// A form that is there only under a condition, with another one or with none.
fn either_or(draft: &mut Draft<'_>) {
    let forms = forms(&draft.text);
    if forms.is_empty() {
        return;
    }
    let at = draft.dice.one_of(&forms).clone();
    let form = draft.text[at.clone()].to_owned();
    let parts = [format!("-ifdef(X).\n{form}\n"), "-else.\n".to_owned(), format!("{form}\n"), "-endif.\n".to_owned()];
    // Sometimes one of them is forgotten.
    let forgotten = draft.dice.below(2 * parts.len());
    let new: String =
        parts.iter().enumerate().filter(|(number, _)| *number != forgotten).map(|(_, part)| &**part).collect();
    draft.replace(at, &new);
}

fn comment(draft: &mut Draft<'_>) {
    let at = draft.border();
    let comment = *draft.dice.one_of(COMMENTS);
    let comment = if draft.dice.one_in(2) { comment.to_owned() } else { format!("\n{comment}") };
    draft.insert(at, &comment);
}

fn snippet(draft: &mut Draft<'_>) {
    let at = draft.border();
    let hook = word(draft);
    let snippet = draft.dice.one_of(SNIPPETS).replace("HOOK", &hook);
    draft.insert(at, &snippet);
}

/// What stands between tokens, and letters that few have.
fn layout(draft: &mut Draft<'_>) {
    if draft.dice.one_in(3) {
        return draft.change_lines();
    }
    let at = draft.border();
    let between = [
        "\n",
        " ",
        "\t",
        "\r\n",
        "\r",
        "\u{a0}",
        "\u{c}",
        "\u{feff}",
        "\u{2028}",
        "\u{202e}",
        "\u{1f980}",
        "\u{e9}",
        "\u{301}",
        "\u{7f}",
        "\u{1b}[31m",
    ];
    let new = *draft.dice.one_of(&between);
    draft.insert(at, new);
}
