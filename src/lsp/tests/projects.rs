//! Settings, folders and files, among them the server's configuration.

use super::*;

#[test]
fn settings_come_from_the_file_and_from_the_client() {
    let config = "ignore = [\"drop-result\"]\n";
    let files = [("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES), ("hookshift.toml", config)];
    let mut editor = Editor::new(&files, able());
    editor.open("src/mod_a.erl");
    let rules =
        |found: &Value| brief(found).iter().map(|it| it.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<_>>();
    let found = editor.settled("src/mod_a.erl");
    assert!(!rules(&found).contains(&"drop-result".to_owned()), "{found}");
    // The file is watched.
    editor.write("hookshift.toml", "");
    let event = json!({"uri": editor.uri("hookshift.toml"), "type": 2});
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    let found = editor.published("src/mod_a.erl", None);
    assert!(rules(&found).contains(&"drop-result".to_owned()), "{found}");
    // A bad one is told at its line, and what was in force stays so.
    editor.write("hookshift.toml", "\nignor = []\n");
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    let found = editor.published("hookshift.toml", None);
    assert_eq!(found[0]["range"]["start"], json!({"line": 1, "character": 0}), "{found}");
    assert!(found[0]["message"].as_str().unwrap().contains("did you mean `ignore`"), "{found}");
    // Open, it is judged as it is typed.
    let document =
        json!({"uri": editor.uri("hookshift.toml"), "languageId": "toml", "version": 1, "text": "ignore = []\n"});
    editor.notify("textDocument/didOpen", json!({"textDocument": document}));
    assert_eq!(editor.published("hookshift.toml", None), json!([]));
    editor.write("hookshift.toml", "ignore = []\n");
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    // What the client wants wins.
    let settings = json!({"settings": {"hookshift": {"rules": {"select": ["drop-result"]}}}});
    editor.notify("workspace/didChangeConfiguration", settings);
    let found = editor.published("src/mod_a.erl", None);
    assert!(rules(&found).iter().all(|it| it == "drop-result"), "{found}");
    editor.end();
}

#[test]
fn a_teams_own_hooks_are_known_and_followed() {
    let hooks = |hook: &str| {
        format!(
            "[[hooks]]\nname = '{hook}'\nrun = 'shop:placed/2'\nscope = 'host-type'\naccumulator = 'ok'\n\
             parameters = [{{ key = 'order' }}]\n"
        )
    };
    let code = "-module(mod_a).\n-export([start/2, f/3]).\nstart(H, _) ->\n    \
                gen_hook:add_handler(shop_placed, H, fun ?MODULE:f/3, #{}, 9).\nf(Acc, #{}, _) -> {ok, Acc}.\n";
    let config = "select = [\"unknown-hook\"]\n[catalog]\ndirectory = \"shop\"\n";
    let own = hooks("shop_placed");
    let files = [("src/mod_a.erl", code), ("hookshift.toml", config), ("shop/hooks.toml", own.as_str())];
    let mut editor = Editor::new(&files, able());
    editor.open("src/mod_a.erl");
    assert_eq!(editor.settled("src/mod_a.erl"), json!([]));
    let at = json!({"textDocument": {"uri": editor.uri("src/mod_a.erl")}, "position": {"line": 3, "character": 28}});
    let hover = editor.ask("textDocument/hover", at).unwrap().to_string();
    assert!(hover.contains("shop:placed/2") && hover.contains("order"), "{hover}");
    let at = json!({"textDocument": {"uri": editor.uri("src/mod_a.erl")}, "position": {"line": 3, "character": 30}});
    let items = editor.ask("textDocument/completion", at).unwrap().to_string();
    assert!(items.contains("shop_placed"), "{items}");
    // The files are watched: without the hook, its name is unknown again.
    editor.write("shop/hooks.toml", &hooks("shop_paid"));
    let event = json!({"uri": editor.uri("shop/hooks.toml"), "type": 2});
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    let found = editor.published("src/mod_a.erl", None);
    assert!(found[0]["message"].as_str().unwrap().contains("shop_placed"), "{found}");
    // What is wrong with them is told where they are named.
    editor.write("shop/hooks.toml", "[[hooks]]\nnam = 1\n");
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    let found = editor.published("hookshift.toml", None);
    assert_eq!(found[0]["range"]["start"]["line"], 2, "{found}");
    assert!(found[0]["message"].as_str().unwrap().contains("shop/hooks.toml:2:1: unknown field `nam`"), "{found}");
    editor.write("shop/hooks.toml", &own);
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    assert_eq!(editor.published("hookshift.toml", None), json!([]));
    assert_eq!(editor.published("src/mod_a.erl", None), json!([]));
    editor.end();
}

#[test]
fn each_folder_has_its_own_configuration() {
    let files = [
        ("one/src/mod_a.erl", REGISTERS),
        ("one/src/mod_b.erl", HANDLES),
        ("one/hookshift.toml", "select = [\"removed-hook\"]\n"),
        ("two/src/mod_a.erl", REGISTERS),
        ("two/src/mod_b.erl", HANDLES),
        ("two/hookshift.toml", "select = [\"drop-result\"]\n"),
        ("three/src/mod_a.erl", REGISTERS),
    ];
    let mut editor = Editor::silent(&files, able());
    let folders = json!([{"uri": editor.uri("one"), "name": "one"}, {"uri": editor.uri("two"), "name": "two"}]);
    editor.initialize(folders, Value::Null);
    let rules =
        |found: &Value| brief(found).iter().map(|it| it.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(rules(&editor.published("one/src/mod_a.erl", None)), ["removed-hook"]);
    assert!(rules(&editor.published("two/src/mod_a.erl", None)).iter().all(|it| it == "drop-result"));
    // Outside of the folders nothing is said, until it is one.
    editor.open("three/src/mod_a.erl");
    assert_eq!(editor.settled("three/src/mod_a.erl"), json!([]));
    let event = json!({"added": [{"uri": editor.uri("three"), "name": "three"}], "removed": [{"uri": editor.uri("two"), "name": "two"}]});
    editor.notify("workspace/didChangeWorkspaceFolders", json!({"event": event}));
    assert_eq!(editor.published("two/src/mod_a.erl", None), json!([]));
    assert!(!rules(&editor.published("three/src/mod_a.erl", None)).is_empty());
    editor.end();
}

const SERVER: &str = "\
[[listen.c2s]]
  port = 5222
  zlib = 4096
[modules.mod_roster]
[modules.mod_acme]
";

#[test]
fn the_configuration_of_the_server_is_looked_at_as_it_is_typed() {
    let mut editor =
        Editor::new(&[("etc/mongooseim.toml", SERVER), ("src/mod_acme.erl", "-module(mod_acme).\n")], able());
    let path = "etc/mongooseim.toml";
    let told = editor.published(path, None);
    assert_eq!(brief(&told), ["2:2 config-removed-option", "4:0 config-missing-module"].map(str::to_owned), "{told}");
    editor.open(path);
    editor.settled(path);
    // What it says goes away with the line.
    let range = json!({"start": {"line": 2, "character": 4}, "end": {"line": 2, "character": 4}});
    let actions = editor.actions(path, &range, &["quickfix"]);
    assert!(titles(&actions).contains(&"delete `listen.c2s.zlib`"), "{actions:?}");
    let resolved = editor.ask("codeAction/resolve", actions[0].clone()).unwrap();
    let edited = applied(&editor, &resolved["edit"], crate::source::Unit::Utf16);
    assert_eq!(edited, [(path.to_owned(), SERVER.replace("  zlib = 4096\n", ""))]);
    editor.change(path, 2, [2, 0, 3, 0], "");
    assert_eq!(brief(&editor.published(path, Some(2))), ["3:0 config-missing-module".to_owned()]);
    // Half of a line is no TOML.
    editor.change(path, 3, [2, 0, 2, 0], "[modules.\n");
    let broken = editor.published(path, Some(3));
    assert!(broken[0]["message"].as_str().unwrap().starts_with("no TOML: "), "{broken}");
    editor.change(path, 4, [2, 0, 3, 0], "[modules.mod_presence]\n");
    assert_eq!(brief(&editor.published(path, Some(4))), [""; 0]);
    // Closed without being saved, it is what is on disk.
    editor.notify("textDocument/didClose", json!({"textDocument": {"uri": editor.uri(path)}}));
    assert_eq!(brief(&editor.published(path, None)).len(), 2);
    editor.end();
}

#[test]
fn comments_in_the_configuration_of_the_server_suppress() {
    let server = "[[listen.c2s]]\n  zlib = 4096\n[modules.mod_presence]\n";
    let mut editor = Editor::new(&[("etc/mongooseim.toml", server), ("src/mod_a.erl", "-module(mod_a).\n")], able());
    let path = "etc/mongooseim.toml";
    editor.open(path);
    assert_eq!(brief(&editor.settled(path)), ["1:2 config-removed-option".to_owned()]);
    let range = json!({"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 4}});
    let actions = editor.actions(path, &range, &["quickfix"]);
    let suppress = actions.iter().find(|it| it["title"].as_str().unwrap().starts_with("Suppress ")).unwrap();
    let edited = applied(&editor, &suppress["edit"], crate::source::Unit::Utf16);
    let comment = "  # hookshift: ignore[config-removed-option] <why>\n";
    assert_eq!(edited, [(path.to_owned(), server.replace("  zlib", &format!("{comment}  zlib")))]);
    // As long as nobody says why, it suppresses nothing.
    editor.change(path, 2, [1, 0, 1, 0], comment);
    let found = brief(&editor.published(path, Some(2)));
    assert_eq!(found, ["1:2 malformed-suppression", "2:2 config-removed-option"].map(str::to_owned));
    editor.change(path, 3, [1, 45, 1, 50], "still on 6.0.0");
    assert_eq!(brief(&editor.published(path, Some(3))), [""; 0]);
    // Without the option it is in vain.
    editor.change(path, 4, [2, 0, 3, 0], "");
    assert_eq!(brief(&editor.published(path, Some(4))), ["1:2 unused-suppression".to_owned()]);
    let range = json!({"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 4}});
    let actions = editor.actions(path, &range, &["quickfix"]);
    assert!(!titles(&actions).iter().any(|it| it.starts_with("Suppress ")), "{actions:?}");
    let resolved = editor.ask("codeAction/resolve", actions[0].clone()).unwrap();
    let edited = applied(&editor, &resolved["edit"], crate::source::Unit::Utf16);
    assert_eq!(edited, [(path.to_owned(), server.replace("  zlib = 4096\n", ""))]);
    editor.end();
}
