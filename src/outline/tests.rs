use super::*;

fn module(text: &str) -> Module {
    let source = Source::from_bytes("src/mod_x.erl".into(), text.as_bytes().to_vec()).unwrap();
    Module::new(Arc::new(source))
}

#[test]
fn attributes_are_read_without_parsing() {
    let module = module(
        "-module(mod_y).\n-behaviour(gen_mod).\n-include(\"jlib.hrl\").\n-include_lib(\"a/include/b.hrl\").\n\
         -define(PRIO, 50).\n-define(ADD(A, B), {A, B}).\n-export([f/1, 'g h'/2]).\n-import(lists, [map/2]).\n\
         -record(state, {a}).\nf(X) -> X.\n",
    );
    assert_eq!(module.name(), "mod_y");
    let header = module.header();
    assert_eq!(header.exports, [("f".into(), 1), ("g h".into(), 2)]);
    assert_eq!(header.imports, [("map".into(), 2, "lists".into())]);
    assert_eq!(header.behaviours, ["gen_mod"]);
    assert_eq!(header.records[0].0, "state");
    let includes: Vec<_> = header.includes.iter().map(|i| (i.path.as_str(), i.lib)).collect();
    assert_eq!(includes, [("jlib.hrl", false), ("a/include/b.hrl", true)]);
    let defines: Vec<_> = header.defines.iter().map(|d| (d.name.as_str(), d.arity)).collect();
    assert_eq!(defines, [("PRIO", None), ("ADD", Some(2))]);
    assert_eq!(module.parsed_bytes(), 0);
    assert!(module.exports("f", 1) && !module.exports("f", 2));
}

fn edited(old: &Module, text: &str) -> Module {
    old.edited(Arc::new(Source::from_text("src/mod_x.erl".into(), text.to_owned()).unwrap()))
}

fn parse_all(module: &Module) -> Vec<String> {
    module.forms().map(|(form, _)| format!("{:?}", module.ast(form))).collect()
}

#[test]
fn after_an_edit_only_what_is_different_is_parsed_again() {
    let text = "-module(m).\nf(A) -> g(A).\ng(B) -> {B, \"x\"}.\nh(C) -> [C].\n";
    let mut module = module(text);
    parse_all(&module);
    for (old, new) in
        [("g(A)", "g(g(A))"), ("{B", "{B, B"), ("f(A)", "%% \u{1f980}\nff(A)"), ("[C]", "C"), ("h(C)", "\"")]
    {
        let text = module.source().text().replacen(old, new, 1);
        let forms = |module: &Module| module.split_so_far().filter(|form| form.is_parsed()).count();
        let next = edited(&module, &text);
        assert_eq!(forms(&next), next.forms().count() - 1, "{text}");
        // Through several edits, too, before anybody looks.
        let twice = edited(&edited(&next, &format!("\n\n{text}")), &text);
        let fresh = parse_all(&super::Module::new(Arc::clone(next.source())));
        assert_eq!(parse_all(&next), fresh, "{text}");
        assert_eq!(parse_all(&twice), fresh, "{text}");
        module = next;
    }
}

#[test]
fn text_that_repeats_itself_is_not_taken_twice() {
    let mut module = module("f() -> a.\nf() -> a.\n");
    parse_all(&module);
    for text in ["f() -> a.\n", "f() -> a.\nf() -> a.\nf() -> a.\n", "", "f() -> a.\nf() -> a.\n"] {
        module = edited(&module, text);
        assert_eq!(parse_all(&module), parse_all(&super::Module::new(Arc::clone(module.source()))), "{text}");
    }
}

#[test]
fn functions_are_found_by_name_and_arity() {
    let module =
        module("f(A) -> A;\nf(_) -> b.\nf(A, B) -> {A, B}.\n-ifdef(T).\ng() -> 1.\n-else.\ng() -> 2.\n-endif.\n");
    assert_eq!(module.clauses("f", 1).len(), 2);
    assert_eq!(module.arities("f"), [1, 2]);
    assert_eq!(module.clauses("g", 0).len(), 2);
    assert!(!module.defines("h", 0));
}

#[test]
fn a_function_behind_a_missing_dot_is_found() {
    let module = module("f(A) -> A\n\ng(B) ->\n    B.\n");
    assert_eq!(module.clauses("g", 1).len(), 1);
    assert_eq!(module.clauses("f", 1).len(), 1);
}

#[test]
fn the_declared_name_is_found_wherever_it_stands() {
    for text in ["-module(a).", "%% -module(b).\n%%% x\n- module ( 'a' ) .", "-x(\"-module(b)\").\n-module(a).\n"] {
        assert_eq!(module(text).name(), "a", "{text}");
    }
    for text in ["%-module(a).", "-module_x(a).", "-module(?NAME).", "f() -> module(a)."] {
        assert_eq!(module(text).name(), "mod_x", "{text}");
    }
}

#[test]
fn the_name_comes_from_the_file_when_none_is_declared() {
    assert_eq!(module("f() -> ok.").name(), "mod_x");
}

/// Code of a plain shape has a tree, even where the grammar makes none; other code need not be asked for again.
#[test]
fn what_the_grammar_refuses_is_told_whatever_is_known_besides() {
    let refused = Refused::TooInvolved { bytes: 1 };
    for (code, has_tree) in [("f(X) -> g(X).\n", true), ("f(X) -> g(16#ff).\n", false)] {
        let told = |is_asked_first: bool, unread: Unread| {
            let module = module(code);
            let form = module.forms().next().unwrap().0;
            assert!(!is_asked_first || module.ast(form).is_ok());
            let _ = module.split().forms[0].unread.set(unread);
            (module.ast(form).is_ok(), module.trouble().map(|it| it.1).collect::<Vec<_>>())
        };
        let trouble = vec![Trouble::Refused(refused)];
        assert_eq!(told(false, Unread::NoTree(refused)), (has_tree, trouble.clone()), "{code}");
        let trouble = vec![Trouble::Unsearched { bytes: code.trim_end().len() }];
        assert_eq!(told(false, Unread::TooMuch), (true, trouble.clone()), "{code}");
        assert_eq!(told(true, Unread::TooMuch), (true, trouble), "{code}");
    }
}
