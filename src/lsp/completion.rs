//! Names of hooks where one is registered or run, and keys of the parameter map in a handler's head.
//!
//! Code that is being written cannot be parsed, so what is asked for is found on the tokens before the cursor.

use std::sync::Arc;

use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemLabelDetails, CompletionItemTag, CompletionItemTextEdit,
    Documentation, MarkupContent, MarkupKind, TextEdit,
};

use super::site::{form_at, hooks_of, mfa};
use crate::catalog::{Hook, HookStatus};
use crate::check::Workspace;
use crate::outline::Module;
use crate::report::cards;
use crate::source::Span;
use crate::syntax::scan::{Token, Tokens};

/// What can be written at a place.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Hook,
    /// A key of the parameters of this function.
    Key {
        function: String,
        arity: usize,
    },
}

/// What can be written at a byte offset, and the span of the word that it takes the place of.
pub(super) fn items(
    workspace: &Workspace,
    module: &Arc<Module>,
    offset: usize,
    edit: &dyn Fn(Span, String) -> TextEdit,
) -> Vec<CompletionItem> {
    let Some((wanted, word)) = wanted(module, offset) else { return Vec::new() };
    match wanted {
        Wanted::Hook => hooks(workspace).into_iter().map(|item| item.into_item(word, edit)).collect(),
        Wanted::Key { function, arity } => {
            let hooks = hooks_of(workspace, &mfa(module, &function, arity));
            keys(workspace, &hooks).into_iter().map(|item| item.into_item(word, edit)).collect()
        }
    }
}

/// One thing to write.
struct Item {
    name: String,
    /// What stands behind the name, small.
    detail: String,
    documentation: Option<String>,
    is_gone: bool,
    is_key: bool,
}

impl Item {
    fn into_item(self, word: Span, edit: &dyn Fn(Span, String) -> TextEdit) -> CompletionItem {
        let Self { name, detail, documentation, is_gone, is_key } = self;
        let text = if is_key { format!("{name} := ") } else { name.clone() };
        CompletionItem {
            // What the target release lacks comes last.
            sort_text: Some(format!("{}{name}", if is_gone { '1' } else { '0' })),
            label: name,
            label_details: Some(CompletionItemLabelDetails { detail: None, description: Some(detail) }),
            kind: Some(if is_key { CompletionItemKind::Field } else { CompletionItemKind::Event }),
            tags: is_gone.then(|| vec![CompletionItemTag::Deprecated]),
            documentation: documentation
                .map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })),
            text_edit: Some(CompletionItemTextEdit::TextEdit(edit(word, text))),
            ..CompletionItem::default()
        }
    }
}

fn hooks(workspace: &Workspace) -> Vec<Item> {
    let upgrade = workspace.upgrade();
    let mut names: Vec<&str> = Vec::new();
    for hook in upgrade.new_release().hooks.iter().chain(&upgrade.old_release().hooks) {
        names.push(&hook.name);
    }
    names.sort_unstable();
    names.dedup();
    let served = names.into_iter().map(|name| {
        let fate = upgrade.fate(name);
        let detail = match fate.status {
            HookStatus::Removed => format!("removed in {}", upgrade.to()),
            HookStatus::Added => format!("new in {}", upgrade.to()),
            HookStatus::Changed | HookStatus::Meaning => format!("changed in {}", upgrade.to()),
            HookStatus::Unchanged | HookStatus::Unknown => String::new(),
        };
        Item {
            name: name.to_owned(),
            detail,
            documentation: Some(cards::fate_in_a_line(upgrade, name)),
            is_gone: fate.status == HookStatus::Removed,
            is_key: false,
        }
    });
    let own = workspace.options().hooks.iter().map(|hook| Item {
        name: hook.name.clone(),
        detail: "of this project".to_owned(),
        documentation: None,
        is_gone: false,
        is_key: false,
    });
    served.chain(own).collect()
}

fn keys(workspace: &Workspace, hooks: &[String]) -> Vec<Item> {
    let upgrade = workspace.upgrade();
    let mut items: Vec<Item> = Vec::new();
    for name in hooks {
        let fate = upgrade.fate(name);
        let own = workspace.options().hooks.iter().find(|hook| &hook.name == name);
        let declared = own.into_iter().flat_map(|hook| hook.parameters.iter().flatten());
        let of = |hook: Option<&Hook>| -> Vec<(String, String)> {
            let parameters = hook.into_iter().flat_map(|hook| &hook.parameters);
            parameters.map(|it| (it.key.clone(), it.ty.clone())).collect()
        };
        let now = of(fate.after);
        let before = of(fate.before).into_iter().filter(|(key, _)| !now.iter().any(|(known, _)| known == key));
        let before: Vec<_> = before.map(|it| (it, true)).collect();
        let all = now.iter().cloned().map(|it| (it, false)).chain(before);
        let all = all.chain(declared.map(|key| ((key.clone(), String::new()), false)));
        for ((key, ty), is_gone) in all {
            if items.iter().any(|item| item.name == key) {
                continue;
            }
            let detail = if is_gone { format!("not in {}", upgrade.to()) } else { ty };
            let documentation = cards::parameter_of(upgrade, name, &key);
            items.push(Item { name: key, detail, documentation, is_gone, is_key: true });
        }
    }
    items
}

/// The functions that take a hook's name first.
const INTERFACES: [&str; 2] = ["gen_hook", "ejabberd_hooks"];

/// One bracket that is open before the cursor.
struct Open<'t> {
    bracket: u8,
    /// How many commas stand behind it so far.
    commas: usize,
    /// What stands right before it.
    before: Option<&'t str>,
    is_map: bool,
    is_call_of_interface: bool,
    /// It opens the arguments of a function's clause.
    is_head: bool,
}

fn wanted(module: &Module, offset: usize) -> Option<(Wanted, Span)> {
    let text = module.source().text();
    let offset = text.floor_char_boundary(offset);
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '@';
    let start =
        text[..offset].rfind(|c| !is_name(c)).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let end = offset + text[offset..].find(|c| !is_name(c)).unwrap_or(text.len() - offset);
    let word = Span::new(start, end);
    let at = u32::try_from(start).ok()?;
    let form = form_at(module, at)?;
    let form_span = module.form(form).span;
    let before = text.get(form_span.start as usize..start)?;
    let tokens: Vec<(Token, &str)> =
        Tokens::new(before, 0).map(|(token, span)| (token, &before[span.range()])).collect();
    // In a string or comment, nothing is wanted.
    if in_literal(before) || text[start..].starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let stack = open_brackets(&tokens);
    let inner = stack.last()?;
    if inner.is_map && stack.len() == 2 && stack[0].is_head && stack[0].commas == 1 && at_key(&tokens) {
        let function = stack[0].before?.trim_matches('\'').to_owned();
        return Some((Wanted::Key { function, arity: 3 }, word));
    }
    let registers = || INTERFACES.iter().any(|name| text.contains(name)) || text.contains("hooks(");
    let first_of_tuple = inner.bracket == b'{' && !inner.is_map && inner.commas == 0;
    let in_list = stack.len() >= 2 && matches!(stack[stack.len() - 2].bracket, b'[' | b'(');
    let first_of_call = inner.is_call_of_interface && inner.commas == 0;
    let is_first = matches!(tokens.last(), Some((Token::Punct(b'{' | b'('), _)));
    (is_first && (first_of_call || first_of_tuple && in_list && registers())).then_some((Wanted::Hook, word))
}

/// Whether the text ends inside a string, a quoted atom or a comment.
fn in_literal(text: &str) -> bool {
    let Some((token, span)) = Tokens::new(text, 0).last() else { return text.contains('%') };
    let last = &text[span.range()];
    let closes = |quote: char| last.len() > 1 && last.ends_with(quote);
    let is_open = match token {
        Token::String => span.end as usize == text.len() && !closes('"'),
        Token::Atom => last.starts_with('\'') && !closes('\''),
        _ => false,
    };
    // Behind the last token there are only blanks and comments, and a comment ends with its line.
    is_open || text[span.end as usize..].rsplit('\n').next().is_some_and(|line| line.contains('%'))
}

fn at_key(tokens: &[(Token, &str)]) -> bool {
    matches!(tokens.last(), Some((Token::Punct(b'{' | b','), _)))
}

fn open_brackets<'t>(tokens: &[(Token, &'t str)]) -> Vec<Open<'t>> {
    let mut stack: Vec<Open<'t>> = Vec::new();
    let mut function: Option<&str> = None;
    for (at, &(token, _)) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| tokens[at]);
        match token {
            Token::Punct(bracket @ (b'(' | b'[' | b'{')) => {
                let name = before.filter(|(token, _)| *token == Token::Atom).map(|(_, text)| text);
                let starts = at == 1 || function.is_some() && at >= 2 && tokens[at - 2].0 == Token::Punct(b';');
                let is_head = stack.is_empty() && bracket == b'(' && starts && (function.is_none() || name == function);
                if is_head {
                    function = name;
                }
                let interface = at
                    .checked_sub(3)
                    .is_some_and(|at| INTERFACES.contains(&tokens[at].1) && tokens[at + 1].0 == Token::Punct(b':'));
                stack.push(Open {
                    bracket,
                    commas: 0,
                    before: name,
                    is_map: before.is_some_and(|(token, _)| token == Token::Punct(b'#')),
                    is_call_of_interface: bracket == b'(' && interface,
                    is_head,
                });
            }
            Token::Punct(b')' | b']' | b'}') => {
                stack.pop();
            }
            Token::Punct(b',') => {
                if let Some(open) = stack.last_mut() {
                    open.commas += 1;
                }
            }
            _ => {}
        }
    }
    stack
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    /// What is wanted where `|` stands.
    fn at(text: &str) -> Option<(Wanted, String)> {
        let offset = text.find('|').unwrap();
        let text = text.replacen('|', "", 1);
        let source = Source::from_text("mod_x.erl".into(), text.clone()).unwrap();
        let (wanted, word) = wanted(&Module::new(Arc::new(source)), offset)?;
        Some((wanted, text[word.range()].to_owned()))
    }

    #[test]
    fn hooks_are_wanted_where_they_are_registered_or_run() {
        for text in [
            "hooks(H) -> [{|",
            "hooks(H) -> [{user_|, H, fun ?MODULE:f/3, #{}, 50}].",
            "hooks(H) -> [{a, H, fun ?MODULE:f/3, #{}, 50},\n    {user|",
            "start(H, _) -> gen_hook:add_handler(|, H, fun ?MODULE:f/3, #{}, 50).",
            "start(H, _) -> gen_hook:add_handlers([{us|}]).",
            "start(H, _) -> ejabberd_hooks:add(user|",
            "f(H) -> gen_hook:run_fold(|",
        ] {
            assert_eq!(at(text).map(|it| it.0), Some(Wanted::Hook), "{text}");
        }
        assert_eq!(at("hooks(H) -> [{user_s|end, H}].").unwrap().1, "user_send");
    }

    #[test]
    fn elsewhere_nothing_is_wanted() {
        for text in [
            "f(A) -> {|",
            "f(A) -> [{|",
            "hooks(H) -> [{a, |",
            "hooks(H) -> [{\"us|",
            "hooks(H) -> [{ %% us|",
            "hooks(H) -> [{U|",
            "f(A) -> lists:map(|",
            "hooks(H) -> #{|",
            "|",
            "-module(|",
        ] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn keys_are_wanted_in_the_second_argument_of_a_head() {
        let key = || Some(Wanted::Key { function: "f".to_owned(), arity: 3 });
        for text in [
            "f(Acc, #{|}, _Extra) -> ok.",
            "f(Acc, #{fr|om := From}, _Extra) -> ok.",
            "f(Acc, #{from := From, |",
            "f({a, b}, #{|",
            "f(A, #{a := 1}, _) -> ok;\nf(A, #{|",
            "f(A, #{a := 1}, _) ->\n    case A of\n        1 -> 2;\n        3 -> 4\n    end;\nf(A, #{|",
        ] {
            assert_eq!(at(text).map(|it| it.0), key(), "{text}");
        }
        for text in [
            "f(#{|",
            "f(Acc, #{from := |",
            "f(Acc, P, #{|",
            "f(Acc, P, _) -> g(Acc, #{|",
            "f(Acc, P, _) -> #{|",
            "f(Acc, #{from := #{|",
            "f(Acc, [#{|",
        ] {
            assert_eq!(at(text).filter(|it| it.0 != Wanted::Hook), None, "{text}");
        }
    }
}
