//! Drafts for the step between two made-up servers.

use std::fmt::Write as _;

use super::super::{config_options, extract};
use super::*;
use crate::catalog::{ApiKind, ChangeKind, Changes, ConfigKind, HookChange, Parts, Version};
use crate::scratch::Scratch;

const RUNNER: &str = "
-spec run_hook(atom(), any(), Acc, map()) -> Acc.
run_hook(Name, HostType, Acc, Params) ->
    {_, Result} = gen_hook:run_fold(Name, HostType, Acc, Params),
    Result.
";

fn server(hooks: &[(&str, &str)], files: &[(&str, &str)]) -> Scratch {
    let mut text = String::from("-module(mongoose_hooks).\n");
    for (name, parameters) in hooks {
        let _ = writeln!(text, "{name}(HostType, Acc, A, B) ->\n    run_hook({name}, HostType, Acc, {parameters}).");
    }
    text.push_str(RUNNER);
    let root = Scratch::of(files);
    root.write("src/mongoose_hooks.erl", &text);
    root
}

const OLD: [(&str, &str); 5] = [
    ("room_closed_hook", "#{room => A, by => B}"),
    ("order_sent", "#{order => A, at => B}"),
    ("shelf_emptied", "#{shelf => A, item => B}"),
    ("seen", "#{by => A}"),
    ("kept", "#{by => A}"),
];
const NEW: [(&str, &str); 4] = [
    ("room_closed", "#{room => A, by => B}"),
    ("order_sent", "#{order => A, place => B}"),
    ("quite_another", "#{}"),
    ("kept", "#{by => A}"),
];

const OLD_CONFIG: &str = "
-module(mod_shop).
-export([config_spec/0, price/1, lost/0, total/1]).
config_spec() ->
    #section{items = maps:merge(base(), #{<<\"gone\">> => #option{type = string},
                                          <<\"sizes\">> => #list{items = #section{items = #{<<\"unit\">> => #option{type = atom}}}},
                                          <<\"cache\">> => #section{items = #{<<\"ttl\">> => #option{type = integer}}}}),
             defaults = #{<<\"limit\">> => 10}}.
base() ->
    #{<<\"limit\">> => #option{type = integer}, <<\"mode\">> => #option{type = atom}}.
price(X) -> X.
lost() -> ok.
total(X) -> X.
";
const NEW_CONFIG: &str = "
-module(mod_shop).
-export([config_spec/0, total/2]).
config_spec() ->
    Items = #{<<\"limit\">> => #option{type = integer}, <<\"mode\">> => #option{type = binary},
              <<\"sizes\">> => #list{items = #section{items = #{}}},
              <<\"fresh\">> => #section{items = #{<<\"inner\">> => #option{type = integer}}},
              <<\"store\">> => #section{items = #{<<\"size\">> => #option{type = integer}}}},
    #section{items = Items, defaults = #{<<\"limit\">> => 20}}.
total(X, Y) -> {X, Y}.
";

fn drafted() -> (Draft, Changes) {
    let old = server(&OLD, &[("src/mod_shop.erl", OLD_CONFIG)]);
    let prices = "-module(shop_prices).\n-export([price/1]).\nprice(X) -> X.\n";
    let new = server(&NEW, &[("src/mod_shop.erl", NEW_CONFIG), ("src/shop_prices.erl", prices)]);
    let before = extract(old.root(), Version::new(7, 0, 0)).unwrap();
    let after = extract(new.root(), Version::new(7, 1, 0)).unwrap();
    let (a, b) = (config_options(old.root()).unwrap(), config_options(new.root()).unwrap());
    let draft = draft(Side { extraction: &before, config: &a }, Side { extraction: &after, config: &b });
    // It is what a change file has to be.
    let files = Scratch::new();
    for (name, text) in [
        ("releases/7.0.0.toml", crate::catalog::text::release(&before.release)),
        ("releases/7.1.0.toml", crate::catalog::text::release(&after.release)),
        ("releases/7.0.0.api.toml", crate::catalog::text::api(&before.api)),
        ("releases/7.1.0.api.toml", crate::catalog::text::api(&after.api)),
        ("changes/7.0.0-to-7.1.0.toml", draft.text.clone()),
    ] {
        files.write(name, &text);
    }
    let parts = Parts::read(files.root()).unwrap_or_else(|errors| panic!("{errors:#?}\n{}", draft.text));
    (draft, parts.changes.into_iter().next().unwrap().1)
}

fn entry<'a>(changes: &'a Changes, hook: &str) -> &'a HookChange {
    changes.hooks.iter().find(|it| it.hook == hook).unwrap()
}

#[test]
fn hooks_that_differ_have_entries_and_others_have_none() {
    let (draft, changes) = drafted();
    let kinds: Vec<_> = changes.hooks.iter().map(|it| (it.hook.as_str(), it.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("order_sent", ChangeKind::Changed),
            ("quite_another", ChangeKind::Added),
            ("room_closed", ChangeKind::Added),
            ("room_closed_hook", ChangeKind::Removed),
            ("seen", ChangeKind::Removed),
            ("shelf_emptied", ChangeKind::Removed),
        ]
    );
    let order = entry(&changes, "order_sent");
    assert_eq!(order.parameters.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["at"]);
    assert!(order.summary.starts_with("TODO: `at` is gone; `place` is new."), "{}", order.summary);
    assert_eq!(order.evidence.len(), 2);
    let counts = draft.counts;
    assert_eq!((counts.removed, counts.renamed, counts.changed, counts.added), (3, 1, 1, 2));
    assert_eq!(counts.todos, draft.text.matches("TODO").count());
}

#[test]
fn a_hook_that_was_probably_renamed_is_proposed_and_another_is_not() {
    let (_, changes) = drafted();
    let replaced = |hook: &str| entry(&changes, hook).replacements.iter().map(|it| it.hook.clone()).collect::<Vec<_>>();
    assert_eq!(replaced("room_closed_hook"), ["room_closed"]);
    assert_eq!(entry(&changes, "room_closed").replaces, ["room_closed_hook"]);
    assert!(replaced("shelf_emptied").is_empty() && replaced("seen").is_empty());
}

#[test]
fn functions_are_looked_for_elsewhere() {
    let (_, changes) = drafted();
    let api: Vec<_> =
        changes.api.iter().map(|it| (it.kind, it.name.as_str(), it.was.as_str(), it.instead.as_str())).collect();
    assert_eq!(
        api,
        [
            (ApiKind::RemovedFunction, "mod_shop:price/1", "mod_shop:price(Arg1)", "shop_prices:price(Arg1)"),
            (ApiKind::RemovedFunction, "mod_shop:total/1", "", ""),
        ]
    );
    assert!(changes.api[1].note.contains("`mod_shop:total/2`"));
}

#[test]
fn options_are_compared() {
    let (_, changes) = drafted();
    let config: Vec<_> = changes.config.iter().map(|it| (it.path.as_str(), it.kind)).collect();
    assert_eq!(
        config,
        [
            ("modules.mod_shop.cache", ConfigKind::RemovedOption),
            ("modules.mod_shop.gone", ConfigKind::RemovedOption),
            ("modules.mod_shop.sizes[].unit", ConfigKind::RemovedOption),
            ("modules.mod_shop.limit", ConfigKind::ChangedDefault),
            ("modules.mod_shop.mode", ConfigKind::ChangedType),
            ("modules.mod_shop.fresh", ConfigKind::NewOption),
            ("modules.mod_shop.store", ConfigKind::NewOption),
        ]
    );
}

#[test]
fn equal_trees_have_nothing_to_say() {
    let old = server(&OLD, &[("src/mod_shop.erl", OLD_CONFIG)]);
    let config = config_options(old.root()).unwrap();
    let before = extract(old.root(), Version::new(7, 0, 0)).unwrap();
    let after = extract(old.root(), Version::new(7, 0, 1)).unwrap();
    let draft = draft(Side { extraction: &before, config: &config }, Side { extraction: &after, config: &config });
    assert_eq!(draft.counts, Counts { todos: 1, ..Counts::default() });
    assert!(!draft.text.contains("[["), "{}", draft.text);
}
