//! Forms: they lie one behind another, all code is in one of them, and what is declared does not depend on whether a file is
//! parsed form by form, as a whole, or again after an edit.

use std::sync::Arc;

use hookshift::migrate::code::text::atom;
use hookshift::outline::Module;
use hookshift::source::{Source, Span};
use hookshift::syntax::declarations::{Declared, declarations};
use hookshift::syntax::scan::{self, Form, FormKind, Forms, Tokens};
use hookshift::syntax::{self, MAX_FORM_BYTES, MAX_NESTING, Refused};

use super::source;
use crate::dice::Dice;

pub fn run(data: &[u8]) {
    let Some(source) = source("src/mod_a.erl", data) else { return };
    let text = source.text();
    let split = scan::split(text);
    covers(text, &split);
    let module = Module::new(Arc::clone(&source));
    declares(text, &split, &module);
    trees(&module);
    edits(&source, module, data);
}

/// Between forms is nothing but blanks, comments and what is told as a conflict.
fn covers(text: &str, split: &Forms) {
    let mut parts: Vec<Span> =
        split.forms.iter().map(|form| form.span).chain(split.conflicts.iter().copied()).collect();
    parts.sort();
    let mut done = match text.starts_with("#!") {
        true => text.find('\n').unwrap_or(text.len()),
        false => 0,
    };
    for part in parts {
        assert!(part.start as usize >= done, "{part:?} overlaps what ends at {done}");
        assert!(!part.is_empty(), "{part:?} is empty");
        is_void(&text[done..part.start as usize], done);
        // On a boundary of characters, or this panics.
        let _ = &text[part.range()];
        done = part.end as usize;
    }
    is_void(&text[done..], done);
    for (_, token) in Tokens::new(text, 0) {
        assert!(text.get(token.range()).is_some(), "the token at {token:?} parts a character");
    }
    for form in &split.forms {
        assert!(form.span.contains(form.name), "{form:?} has its name elsewhere");
    }
    for broken in &split.broken {
        assert!(split.forms.iter().any(|form| form.span == *broken), "{broken:?} is no form");
    }
}

/// Blanks are all characters up to 32, and the no-break space.
fn is_void(between: &str, at: usize) {
    for line in between.split('\n') {
        let code = line.split('%').next().unwrap_or_default();
        let blank = |c: char| c <= ' ' || c == '\u{a0}';
        assert!(code.chars().all(blank), "{code:?} at or behind {at} is in no form");
    }
}

/// Longer texts are not parsed as a whole, which nothing but this target does.
const MOST_BYTES_AS_A_WHOLE: usize = 256 * 1024;

/// With more forms that are not understood, a text is not parsed as a whole, either.
const MOST_WITH_ERRORS: usize = 8;

/// Parsed as a whole and form by form, code that is understood declares the same.
fn declares(text: &str, split: &Forms, module: &Module) {
    let is_parsed = |code: &str| code.len() <= MAX_FORM_BYTES && scan::nesting(code) <= MAX_NESTING;
    let codes: Vec<&str> = split.forms.iter().map(|form| &text[form.span.range()]).collect();
    for code in codes.iter().filter(|code| is_parsed(code)) {
        assert_ne!(syntax::is_read_alike(code), Some(false), "read otherwise than the grammar does:\n{code}");
    }
    for (_, function) in module.functions() {
        let _ = module.uses_in(function.form);
    }
    // The grammar understands an expression between forms as well, and takes what follows its dot for a part of it.
    // So it does a keyword where a name would stand, for which it depends on what is before.
    let has_name = |form: &Form| {
        let name = &text[form.name.range()];
        name.starts_with('\'') || atom(name) == name || matches!(name, "if" | "else")
    };
    let is_code =
        split.conflicts.is_empty() && split.forms.iter().all(|form| form.kind != FormKind::Other && has_name(form));
    if text.len() > MOST_BYTES_AS_A_WHOLE || !is_code || !codes.iter().all(|code| is_parsed(code)) {
        return;
    }
    // Nothing bounds the steps of these questions but that the forms are analysed at all.
    if module.forms().any(|(form, _)| module.ast(form).is_err()) {
        return;
    }
    let (mut by_form, mut with_errors) = (Declared::default(), 0);
    for form in &split.forms {
        let declared = declarations(&text[form.span.range()], form.span.start as usize);
        by_form.declarations.extend(declared.declarations);
        by_form.errors |= declared.errors;
        with_errors += usize::from(declared.errors);
    }
    // The grammar goes back to the beginning for each error, which takes time that grows with the square of the text.
    if with_errors > MOST_WITH_ERRORS {
        return;
    }
    let whole = declarations(text, 0);
    if whole.errors {
        return;
    }
    // What is no form, the grammar takes for an expression, and a dash before `catch` or `not` for either, as it comes.
    if whole.declarations.iter().chain(&by_form.declarations).any(|it| it.kind.ends_with("_expr")) {
        return;
    }
    assert!(!by_form.errors, "a form is not understood, and the whole file is");
    assert_eq!(by_form.declarations, whole.declarations);
}

/// Nodes lie within their forms, and what is too deep or too long is refused.
fn trees(module: &Module) {
    for (index, form) in module.forms() {
        let code = module.text_of(index);
        match module.ast(index) {
            Err(Refused::TooLong { .. }) => assert!(code.len() > MAX_FORM_BYTES),
            Err(Refused::TooDeep { .. }) => assert!(scan::nesting(code) > MAX_NESTING),
            // Code that means nothing can be taken in too many ways.
            Err(Refused::TooInvolved { .. }) => {}
            Ok(ast) => {
                for (_, node) in ast.nodes() {
                    assert!(form.span.contains(node.span), "{node:?} lies outside of {form:?}");
                    let _ = &module.source().text()[node.span.range()];
                }
            }
        }
    }
}

/// After an edit, what was kept of the forms is what would be read now.
fn edits(source: &Arc<Source>, module: Module, data: &[u8]) {
    let mut dice = Dice::new(data.iter().fold(0, |sum, &byte| sum * 31 % 1_000_003 + u64::from(byte)));
    let mut text = source.text().to_owned();
    let mut edited = module;
    for _ in 0..2 {
        let start = text.floor_char_boundary(dice.below(text.len() + 1));
        let end = text.floor_char_boundary((start + dice.below(40)).min(text.len())).max(start);
        text.replace_range(
            start..end,
            dice.one_of::<&str>(&["", "\"", ".\n", "x", "a() -> b.\n", "%", "\n", "'", "$"]),
        );
        let Ok(source) = Source::from_text(source.path().to_path_buf(), text.clone()) else { return };
        let source = Arc::new(source);
        edited = edited.edited(Arc::clone(&source));
        let fresh = Module::for_editor(source);
        let forms = |module: &Module| -> Vec<String> {
            module
                .forms()
                .map(|(index, form)| format!("{form:?} {:?} {:?}", module.ast(index), module.uses_in(index)))
                .collect()
        };
        assert_eq!(forms(&edited), forms(&fresh), "after an edit at {start}");
        assert_eq!((edited.broken(), edited.conflicts()), (fresh.broken(), fresh.conflicts()));
    }
}
