use super::*;
use crate::finding::Severity;

/// What a comment with a reason `why` makes of a text, for rules found where a needle is.
fn commented(text: &str, needles: &[(&str, &[&str])]) -> String {
    commented_in(&Options::default(), "src/mod_a.erl", text, needles)
}

/// The same for a configuration.
fn configured(text: &str, needles: &[(&str, &[&str])]) -> String {
    let source = Arc::new(Source::from_text("mongooseim.toml".into(), text.to_owned()).unwrap());
    let server_configs = vec![ServerConfig::of(&source).unwrap()];
    commented_in(&Options { server_configs, ..Options::default() }, "mongooseim.toml", text, needles)
}

fn commented_in(options: &Options, path: &str, text: &str, needles: &[(&str, &[&str])]) -> String {
    let source = Arc::new(Source::from_text(path.into(), text.to_owned()).unwrap());
    let code = Code::of(options, &source).unwrap();
    let mut edits = Vec::new();
    for (needle, rules) in needles {
        let at = Span::new(text.find(needle).unwrap(), 0).start;
        match code.comment(source.line_index(at), rules, "why") {
            Ok((edit, in_whole_form)) => {
                edits.push(edit);
                assert!(!in_whole_form || text.contains("whole"), "{text}");
            }
            Err(why) => return why,
        }
    }
    let mut composition = Composition::default();
    composition.add(&Fix::new("", edits)).unwrap();
    let (_, new) = composition.texts().next().unwrap();
    same_code(options, &source, &new).unwrap();
    written(&source, &new).unwrap();
    new
}

const RULE: &[&str] = &["removed-hook"];

#[test]
fn within_a_form_it_stands_above_the_line() {
    assert_eq!(
        commented("f() ->\n    [{gone, x},\n\t {also, y}].\n", &[("gone", RULE), ("also", &["a-rule", "b-rule"])]),
        "f() ->\n    % hookshift: ignore[removed-hook] why\n    [{gone, x},\n\
         \t % hookshift: ignore[a-rule, b-rule] why\n\t {also, y}].\n"
    );
    assert_eq!(
        commented("f(a) ->\n    a;\nf(gone) ->\n    b.\n", &[("gone", RULE)]),
        "f(a) ->\n    a;\n%% hookshift: ignore[removed-hook] why\nf(gone) ->\n    b.\n"
    );
}

#[test]
fn in_the_first_line_of_a_form_it_stands_behind_the_code() {
    assert_eq!(
        commented("f(gone) ->\n    a.\n", &[("gone", RULE)]),
        "f(gone) -> %% hookshift: ignore[removed-hook] why\n    a.\n"
    );
    assert_eq!(
        commented("f() -> gone. \r\n", &[("gone", RULE)]),
        "f() -> gone. %% hookshift: ignore[removed-hook] why \r\n"
    );
    assert_eq!(
        commented("f() ->\r\n  gone.\r\n", &[("gone", RULE)]),
        "f() ->\r\n  % hookshift: ignore[removed-hook] why\r\n  gone.\r\n"
    );
    assert_eq!(commented("f() -> gone.", &[("gone", RULE)]), "f() -> gone. %% hookshift: ignore[removed-hook] why");
}

#[test]
fn where_a_comment_is_already_it_is_for_the_whole_form() {
    assert_eq!(
        commented("f(gone) -> % whole\n    a.\n", &[("gone", RULE)]),
        "%% hookshift: ignore[removed-hook] why\nf(gone) -> % whole\n    a.\n"
    );
    assert_eq!(
        commented("-export([gone/3, % whole\n  b/3]).\n", &[("gone", RULE)]),
        "%% hookshift: ignore[removed-hook] why\n-export([gone/3, % whole\n  b/3]).\n"
    );
}

#[test]
fn what_suppresses_for_the_same_reason_gets_one_more_name() {
    for text in [
        "f() ->\n    % hookshift: ignore[changed-stop] why\n    gone.\n",
        "f() ->\n    gone. % hookshift: ignore[changed-stop] why\n",
        "f(gone) -> % hookshift: ignore[changed-stop] why\n    a.\n",
        "%% hookshift: ignore[changed-stop] why\nf() -> gone.\n",
    ] {
        let expected = text.replace("[changed-stop]", "[changed-stop, removed-hook]");
        assert_eq!(commented(text, &[("gone", RULE)]), expected);
    }
}

#[test]
fn what_suppresses_for_another_reason_stays_as_it_is() {
    assert_eq!(
        commented("f(gone) -> % hookshift: ignore[changed-stop] other\n    a.\n", &[("gone", RULE)]),
        "f(gone) -> % hookshift: ignore[changed-stop] other %% hookshift: ignore[removed-hook] why\n    a.\n"
    );
    assert_eq!(
        commented("%% hookshift: ignore[changed-stop] why\nf(gone) ->\n    a.\n", &[("gone", RULE)]),
        "%% hookshift: ignore[changed-stop] why\nf(gone) -> %% hookshift: ignore[removed-hook] why\n    a.\n"
    );
}

#[test]
fn strings_are_left_alone() {
    assert_eq!(
        commented("f() ->\n    g(\"a\n b\", gone,\n  c).\n", &[("gone", RULE)]),
        "f() ->\n    g(\"a\n b\", gone, %% hookshift: ignore[removed-hook] why\n  c).\n"
    );
    let triple = "f() ->\n    g(\"\"\"\n    %\n    \"\"\", gone, \"\"\"\n    %\n    \"\"\").\n";
    assert!(commented(triple, &[("gone", RULE)]).starts_with("there is no place for a comment"));
    assert_eq!(
        commented("f(gone) -> \"\n whole\n\".\n", &[("gone", RULE)]),
        "%% hookshift: ignore[removed-hook] why\nf(gone) -> \"\n whole\n\".\n"
    );
    // The blank behind the dollar is the character.
    assert_eq!(
        commented("f(gone) -> $ \n whole.\n", &[("gone", RULE)]),
        "f(gone) -> $  %% hookshift: ignore[removed-hook] why\n whole.\n"
    );
    assert_eq!(
        commented("f(gone) -> $%.\n", &[("gone", RULE)]),
        "f(gone) -> $%. %% hookshift: ignore[removed-hook] why\n"
    );
}

#[test]
fn in_a_configuration_it_stands_above_the_option() {
    assert_eq!(
        configured("[[listen.c2s]]\r\n  zlib = 1\r\n", &[("zlib", RULE)]),
        "[[listen.c2s]]\r\n  # hookshift: ignore[removed-hook] why\r\n  zlib = 1\r\n"
    );
    assert_eq!(
        configured("{{#zlib}}\nzlib = {{{zlib}}}{{/zlib}}", &[("zlib =", RULE)]),
        "{{#zlib}}\n# hookshift: ignore[removed-hook] why\nzlib = {{{zlib}}}{{/zlib}}"
    );
    assert_eq!(
        configured("a = [\n  {b = 1},\n  {b = 2}\n]\n", &[("{b = 2", RULE)]),
        "a = [\n  {b = 1},\n  # hookshift: ignore[removed-hook] why\n  {b = 2}\n]\n"
    );
    assert_eq!(
        configured("# hookshift: ignore[changed-stop] why\na = 1\n", &[("a =", RULE)]),
        "# hookshift: ignore[changed-stop, removed-hook] why\na = 1\n"
    );
}

#[test]
fn in_a_configuration_what_has_several_lines_is_commented_in_the_first() {
    assert_eq!(configured("[a]\n  b = 1\n", &[("[a]", RULE)]), "[a] # hookshift: ignore[removed-hook] why\n  b = 1\n");
    assert_eq!(
        configured("a = [ \n '#' ]\n", &[("a =", RULE)]),
        "a = [ # hookshift: ignore[removed-hook] why \n '#' ]\n"
    );
    assert_eq!(
        configured("[a] # whole\nb = 1\n", &[("[a]", RULE)]),
        "# hookshift: ignore[removed-hook] why\n[a] # whole\nb = 1\n"
    );
    // Behind the first line would be in the string.
    assert_eq!(
        configured("a = \"\"\"\nwhole\"\"\"\n", &[("a =", RULE)]),
        "# hookshift: ignore[removed-hook] why\na = \"\"\"\nwhole\"\"\"\n"
    );
    let listed = "a = [\"\"\"\nx\"\"\", {b = 1}, \"\"\"\n\"\"\"]\n";
    assert!(configured(listed, &[("{b", RULE)]).starts_with("there is no place for a comment"));
}

#[test]
fn a_comment_that_would_make_a_template_is_not_written() {
    let source = Arc::new(Source::from_text("mongooseim.toml".into(), "a = 1\n".to_owned()).unwrap());
    let options = Options { server_configs: vec![ServerConfig::of(&source).unwrap()], ..Options::default() };
    let same = |text: &str| same_code(&options, &source, text);
    assert_eq!(same("a = 1 # x\n"), Ok(()));
    assert!(same("a = 1 # {{x}}\n").is_err());
    assert!(same("a = 1 # x\nb = 1\n").is_err());
    assert!(same("a = \n").is_err());
}

/// A finding wherever a needle is.
fn findings(source: &Arc<Source>, needle: &str) -> Vec<Finding> {
    let places = source.text().match_indices(needle).map(|(at, it)| Span::new(at, at + it.len()));
    let finding = |span| Finding::new("removed-hook", Severity::Error, Place::new(source, span), "x");
    places.map(finding).collect()
}

#[test]
fn another_run_shows_what_a_comment_does() {
    let text = "f() ->\n    [gone, gone].\ng() ->\n    gone.\n";
    let source = Arc::new(Source::from_text("mod_a.erl".into(), text.to_owned()).unwrap());
    let before = findings(&source, "gone");
    let options = Options { files: vec!["mod_a.erl".into()], ..Options::default() };
    let planned = plan(&options, &before[..1], "why");
    let mut composition = Composition::default();
    composition.add(&Fix::new("", planned.files[Path::new("mod_a.erl")].edits())).unwrap();
    let new = composition.texts().next().unwrap().1;
    let after = findings(&Arc::new(Source::from_text("mod_a.erl".into(), new).unwrap()), "gone");
    let analysis = |findings: &[Finding], suppressed: &[Finding]| Analysis {
        findings: findings.to_vec(),
        suppressed: suppressed.to_vec(),
        ..Analysis::default()
    };
    let seen = |findings: &[Finding], suppressed: &[Finding]| {
        let seen = Seen::of(&planned, &composition, &analysis(&before, &[]), &analysis(findings, suppressed));
        (seen.wrong.into_values().collect::<Vec<_>>(), seen.vain.into_values().flatten().collect::<Vec<_>>(), seen.more)
    };
    // The comment suppresses both of its line.
    assert_eq!(seen(&after[2..], &after[..2]), (vec![], vec![], 1));
    assert_eq!(seen(&after[1..], &after[..1]), (vec![], vec![], 0));
    // It suppresses nothing, or what it suppresses is another one.
    assert_eq!(seen(&after, &[]).0, ["`removed-hook` would still be found"]);
    assert_eq!(seen(&after[..1], &after[1..]).0, ["`removed-hook` would still be found"]);
    // It is not found any more, and not suppressed.
    assert_eq!(seen(&after[1..], &[]), (vec![], vec![1], 0));
    assert_eq!(seen(&after[2..], &after[1..2]), (vec![], vec![1], 0));
}

#[test]
fn no_comment_changes_what_is_made_of_broken_code() {
    let text = "g() ->\n    mod_bosh:start().\ne(0\nmod_bosh:e()?M";
    let path = PathBuf::from("mod_a.erl");
    let (from, to) = ("6.0.0".to_owned(), "6.8.0".to_owned());
    let mut options = Options { files: vec![path.clone()], from, to, ..Options::default() };
    options.overlay.insert(path, text.as_bytes());
    let found = analyse(&options).unwrap().findings;
    assert_eq!(found.len(), 2, "{found:?}");
    let done = ignore(&options, &found, "why").unwrap();
    assert_eq!(
        done.files[0].text,
        text.replace("    mod_bosh", "    % hookshift: ignore[removed-function] why\n    mod_bosh")
    );
    assert_eq!(done.suppressed.len(), 1);
    let [(_, why)] = done.left.as_slice() else { panic!("one is left") };
    assert!(why.contains("cannot be parsed"), "{why}");
}

#[test]
fn what_is_about_a_whole_configuration_has_no_line() {
    let source = Arc::new(Source::from_text("mongooseim.toml".into(), "a = 1\n".to_owned()).unwrap());
    let options = Options { server_configs: vec![ServerConfig::of(&source).unwrap()], ..Options::default() };
    let finding = |span| Finding::new("config-missing-module", Severity::Warning, Place::new(&source, span), "x");
    let planned = plan(&options, &[finding(Span::default())], "why");
    assert!(planned.files.is_empty());
    assert_eq!(planned.alone[&0], "it is about the whole file, and only `ignore-file` would suppress it");
    let planned = plan(&options, &[finding(Span::new(0, 1))], "why");
    assert_eq!(planned.files.len(), 1);
}

#[test]
fn files_that_are_not_checked_are_not_written_to() {
    let source = Arc::new(Source::from_text("include/x.hrl".into(), "-define(A, gone).\n".to_owned()).unwrap());
    let planned = plan(&Options::default(), &findings(&source, "gone"), "why");
    assert!(planned.files.is_empty());
    assert_eq!(planned.alone[&0], "its file is not among those that are checked");
}

#[test]
fn reasons_say_something_and_are_nothing_else() {
    assert_eq!(check_reason("  our fork runs it, 100 % sure [sic] ").unwrap(), "our fork runs it, 100 % sure [sic]");
    for reason in ["", " ", "--", "<why>", "<why> --"] {
        assert_eq!(check_reason(reason).unwrap_err(), "it has to say why", "{reason}");
    }
    assert!(check_reason("a %% hookshift: ignore[changed-stop] b").is_err());
    assert!(check_reason("a # hookshift: ignore[changed-stop] b").is_err());
    assert_eq!(check_reason("a\nb").unwrap_err(), "it has to stand in one line");
    for reason in ["a\u{202e}b", "a\u{7}b"] {
        assert!(check_reason(reason).unwrap_err().contains("nobody sees"));
    }
}
