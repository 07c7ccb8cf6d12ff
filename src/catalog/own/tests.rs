//! A team's files over the made-up server of `testing`.

use std::path::Path;

use super::super::testing::{V1_0, V1_1, V1_2, catalog};
use super::super::{Catalog, FunctionStatus, HookStatus, Version};
use crate::scratch::Scratch;

const OWN: Version = Version::new(1, 0, 100);

fn lay(files: &[(&str, &str)]) -> Result<Catalog, Vec<String>> {
    let root = Scratch::new();
    files.iter().for_each(|(name, text)| drop(root.write(&format!("acme/{name}"), text)));
    let all = catalog().with_own(&root.path("acme"), root.root());
    all.map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn laid(files: &[(&str, &str)]) -> Catalog {
    lay(files).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn errors(files: &[(&str, &str)]) -> Vec<String> {
    lay(files).map(|_| Vec::new()).unwrap_or_else(|errors| errors)
}

const SENT: &str = "\
[[hooks]]
name = 'acme_sent'
run = 'acme:sent/2'
scope = 'host-type'
accumulator = 'acc()'
parameters = [{ key = 'from', type = 'jid()' }, { key = 'size' }]
";

const SENT_CHANGED: &str = "\
from = '1.0.0'
to = '1.1.0'
[[hooks]]
hook = 'acme_sent'
kind = 'changed'
summary = 'Its size is gone.'
advice = 'Measure it.'
rewrite = 'advice'
parameters = [{ key = 'size', change = 'gone' }]
evidence = [{ release = '1.1.0', at = 'src/acme.erl:7' }]
";

fn without_size() -> String {
    SENT.replace(", { key = 'size' }", "")
}

#[test]
fn a_hook_of_the_teams_own_is_in_every_release() {
    let catalog = laid(&[("hooks.toml", SENT)]);
    assert_eq!(catalog.releases_with("acme_sent"), [V1_0, V1_1, V1_2]);
    let hook = catalog.release(V1_1).unwrap().hook("acme_sent").unwrap();
    assert_eq!((hook.result.as_str(), hook.initial.as_str(), hook.unwrapped), ("acc()", "Acc", true));
    assert_eq!(hook.at, "acme/hooks.toml:1");
    let upgrade = catalog.upgrade(V1_0, V1_2).unwrap();
    assert_eq!(upgrade.fate("acme_sent").status, HookStatus::Unchanged);
    assert_eq!(upgrade.catalog().releases_with("acme_sent").len(), 3);
    // What ours say stays.
    assert_eq!(upgrade.fate("packet").status, HookStatus::Changed);
    assert_eq!(upgrade.function_fate("c2s", "send", 2).unwrap().status, FunctionStatus::ModuleRemoved);
}

#[test]
fn a_hook_may_come_and_go_with_a_release() {
    let text = format!("{SENT}since = '1.1.0'\nuntil = '1.1.0'\n");
    let catalog = laid(&[("hooks.toml", &text)]);
    assert_eq!(catalog.releases_with("acme_sent"), [V1_1]);
    let two = format!("{SENT}until = '1.0.0'\n{}since = '1.1.0'\n", without_size());
    let catalog = laid(&[("hooks.toml", &two), ("changes/1.0.0-to-1.1.0.toml", SENT_CHANGED)]);
    assert_eq!(catalog.release(V1_0).unwrap().hook("acme_sent").unwrap().keys().len(), 2);
    assert_eq!(catalog.upgrade(V1_0, V1_1).unwrap().fate("acme_sent").status, HookStatus::Changed);
}

#[test]
fn entries_of_a_step_are_added_and_win() {
    let packet = "
[[hooks]]
hook = 'packet'
kind = 'changed'
summary = 'Ours is another one.'
advice = 'Look.'
rewrite = 'advice'
parameters = [{ key = 'from', change = 'gone' }]
evidence = [{ release = '1.1.0', at = 'src/acme.erl:9' }]
";
    let old = format!("release = '1.0.0'\n{SENT}");
    let new = format!("release = '1.1.0'\n{}", without_size());
    let changes = format!("{SENT_CHANGED}{packet}");
    let files = [
        ("releases/1.0.0.toml", old.as_str()),
        ("releases/1.1.0.toml", &new),
        ("changes/1.0.0-to-1.1.0.toml", &changes),
    ];
    let upgrade = laid(&files).upgrade(V1_0, V1_1).unwrap();
    assert_eq!(upgrade.fate("acme_sent").change().unwrap().summary, "Its size is gone.");
    assert_eq!(upgrade.fate("packet").change().unwrap().summary, "Ours is another one.");
    assert_eq!(upgrade.fate("old_hook").status, HookStatus::Removed);
    assert_eq!(
        errors(&files[..2]),
        ["acme/releases/1.1.0.toml:3:1: hook `acme_sent`: its parameters differ, and no entry says so: \
          a file changes/1.0.0-to-1.1.0.toml has to say"]
    );
}

#[test]
fn a_release_of_the_teams_own_stands_between_ours() {
    let release = format!("release = '1.0.100'\nbase = '1.0.0'\nwithout = ['login']\n{SENT}");
    let there = "from = '1.0.0'\nto = '1.0.100'\n
[[hooks]]
hook = 'acme_sent'
kind = 'added'
summary = 'Ours.'
advice = ''
rewrite = 'none'
evidence = [{ release = '1.0.100', at = 'src/acme.erl:7' }]
[[hooks]]
hook = 'login'
kind = 'removed'
summary = 'We have no logins.'
advice = 'Do without.'
rewrite = 'none'
evidence = [{ release = '1.0.0', at = 'src/hooks.erl:7' }]
";
    let back = "from = '1.0.100'\nto = '1.1.0'\n
[[hooks]]
hook = 'acme_sent'
kind = 'removed'
summary = 'Not ours.'
advice = 'Do without.'
rewrite = 'none'
evidence = [{ release = '1.0.100', at = 'src/acme.erl:7' }]
[[hooks]]
hook = 'login'
kind = 'added'
summary = 'Logins are back.'
advice = ''
rewrite = 'none'
evidence = [{ release = '1.1.0', at = 'src/hooks.erl:7' }]
";
    let files = [
        ("releases/1.0.100.toml", release.as_str()),
        ("changes/1.0.0-to-1.0.100.toml", there),
        ("changes/1.0.100-to-1.1.0.toml", back),
    ];
    let catalog = laid(&files);
    let upgrade = catalog.upgrade(V1_0, OWN).unwrap();
    assert_eq!(upgrade.fate("acme_sent").status, HookStatus::Added);
    assert_eq!(upgrade.fate("packet").status, HookStatus::Unchanged);
    assert!(upgrade.api_delta().modules.is_empty());
    // From there on, what is said of its base holds.
    let upgrade = catalog.upgrade(OWN, V1_2).unwrap();
    assert_eq!(upgrade.steps().collect::<Vec<_>>(), [(OWN, V1_1), (V1_1, V1_2)]);
    assert_eq!(upgrade.fate("acme_sent").status, HookStatus::Removed);
    assert_eq!(upgrade.fate("packet").status, HookStatus::Changed);
    assert_eq!(
        catalog.upgrade(OWN, V1_1).unwrap().function_fate("c2s", "send", 2).unwrap().status,
        FunctionStatus::ModuleRemoved
    );
    // Ours have the way that they had.
    assert_eq!(catalog.upgrade(V1_0, V1_1).unwrap().steps().len(), 1);
    assert_eq!(catalog.stands_for(OWN), OWN);
    let missing = [files[0], files[1], ("changes/1.0.100-to-1.1.0.toml", "from = '1.0.100'\nto = '1.1.0'\n")];
    assert_eq!(
        errors(&missing),
        [
            "acme/changes/1.0.100-to-1.1.0.toml: hook `acme_sent`: 1.1.0 does not have it, and no entry says so",
            "acme/changes/1.0.100-to-1.1.0.toml: hook `login`: it is new in 1.1.0, and no entry says so",
        ]
    );
}

#[test]
fn functions_that_are_added_can_be_lost() {
    let api = |release: &str, exports: &str| {
        format!("release = '{release}'\nheaders = []\nmodules = [{{ name = 'lib', exports = '{exports}' }}]\n")
    };
    let (old, new) = (api("1.0.0", "acme/1 acme/2"), api("1.1.0", "acme/2"));
    let catalog = laid(&[("releases/1.0.0.api.toml", &old), ("releases/1.1.0.api.toml", &new)]);
    let upgrade = catalog.upgrade(V1_0, V1_1).unwrap();
    assert!(upgrade.function_fate("lib", "acme", 1).is_some());
    assert!(upgrade.function_fate("lib", "acme", 2).is_none());
    assert!(upgrade.function_fate("lib", "lost", 1).is_some());
}

#[test]
fn mistakes_have_their_file_line_and_cause() {
    let one = |name: &str, text: &str| errors(&[(name, text)]).join("\n");
    assert_eq!(
        one("hooks.toml", "[[hooks]]\nnam = 'a'\n").split(',').next(),
        Some("acme/hooks.toml:2:1: unknown field `nam`")
    );
    assert_eq!(
        one("hooks.toml", &SENT.replace("run = 'acme:sent/2'\n", "")),
        "acme/hooks.toml:1:1: missing field `run`"
    );
    assert!(one("hooks.toml", "hooks = = 1").starts_with("acme/hooks.toml:1:9: "));
    assert_eq!(
        one("hooks.toml", &format!("{SENT}since = 'now'")),
        "acme/hooks.toml:1:1: `now` is not a release number such as 6.1.0"
    );
    assert_eq!(one("hooks.toml", &format!("{SENT}{SENT}")), "acme/hooks.toml:7:1: hook `acme_sent` is there twice");
    assert!(one("hook.toml", "").starts_with("acme/hook.toml: a file here is named hooks.toml"));
    assert!(one("notes.txt", "").starts_with("acme: no hooks.toml is here"));
    assert_eq!(
        one("releases/1.0.0.toml", "release = '1.0.0'\nbase = '1.0.0'"),
        "acme/releases/1.0.0.toml:2:8: 1.0.0 is a release of MongooseIM, to which this file adds: it has no `base`"
    );
    assert_eq!(
        one("releases/1.3.0.toml", "release = '1.3.0'\nbase = '1.4.0'"),
        "acme/releases/1.3.0.toml:2:8: there is no release 1.4.0 before 1.3.0"
    );
    assert_eq!(
        one("releases/1.0.0.toml", "release = '1.0.0'\nwithout = ['lost']"),
        "acme/releases/1.0.0.toml:2:12: there is no hook `lost` to do without"
    );
    assert!(
        one("releases/1.7.0.api.toml", "release = '1.7.0'\nmodules = []\nheaders = []")
            .contains("there is no 1.7.0.toml beside it")
    );
    assert_eq!(
        one("changes/1.0.0-to-1.2.0.toml", "from = '1.0.0'\nto = '1.2.0'"),
        "acme/changes/1.0.0-to-1.2.0.toml: between releases of MongooseIM, files are about the steps of the catalog, \
         which has 1.0.0-to-1.1.0 and 1.1.0-to-1.2.0"
    );
    assert_eq!(
        one("changes/1.0.0-to-1.7.0.toml", "from = '1.0.0'\nto = '1.7.0'"),
        "acme/changes/1.0.0-to-1.7.0.toml: there is no release 1.7.0, neither of MongooseIM nor in releases/"
    );
    let nobody = SENT_CHANGED.replace("acme_sent", "acme_lost");
    assert_eq!(
        one("changes/1.0.0-to-1.1.0.toml", &nobody),
        "acme/changes/1.0.0-to-1.1.0.toml:4:1: hook `acme_lost`: 1.0.0 does not have it\n\
         acme/changes/1.0.0-to-1.1.0.toml:4:1: hook `acme_lost`: 1.1.0 does not have it"
    );
    let no_evidence =
        SENT_CHANGED.replace("evidence = [{ release = '1.1.0', at = 'src/acme.erl:7' }]", "evidence = []");
    assert!(
        one("changes/1.0.0-to-1.1.0.toml", &no_evidence).contains("toml:4:1: hook `acme_sent`: there is no evidence")
    );
}

#[test]
fn what_is_no_directory_of_such_files_is_said() {
    let found = catalog().with_own(Path::new("no/such/place"), Path::new("no"));
    assert!(found.unwrap_err()[0].to_string().starts_with("such/place: no hooks.toml is here"));
}

mod in_code {
    use crate::rules::testing::{Case, check_rule, fixed, untouched};

    const FILES: &str = "
//- hookshift.toml
[catalog]
directory = 'shop'
//- shop/hooks.toml
[[hooks]]
name = 'shop_placed'
run = 'shop:placed/2'
scope = 'host-type'
accumulator = 'ok'
parameters = [{ key = 'order' }]
until = '6.0.0'
[[hooks]]
name = 'shop_accepted'
run = 'shop:accepted/2'
scope = 'host-type'
accumulator = 'ok'
parameters = [{ key = 'order' }]
since = '6.1.0'
//- shop/changes/6.0.0-to-6.1.0.toml
from = '6.0.0'
to = '6.1.0'
[[hooks]]
hook = 'shop_placed'
kind = 'removed'
summary = 'It is called `shop_accepted` now.'
advice = 'Register for `shop_accepted`.'
rewrite = 'mechanical'
replacements = [{ hook = 'shop_accepted' }]
evidence = [{ release = '6.1.0', at = 'src/shop.erl:3' }]
[[hooks]]
hook = 'shop_accepted'
kind = 'added'
summary = 'New.'
advice = ''
rewrite = 'none'
evidence = [{ release = '6.1.0', at = 'src/shop.erl:3' }]
";

    fn with_files(code: &str) -> String {
        format!("{code}{}", FILES.trim_start())
    }

    const OLD: &str = "\
-module(mod_a).
-export([placed/3]).
start(HostType, _) ->
    gen_hook:add_handler(shop_placed, HostType, fun ?MODULE:placed/3, #{}, 50).
stop(HostType) ->
    gen_hook:delete_handler(shop_placed, HostType, fun ?MODULE:placed/3, #{}, 50).
placed(Acc, #{order := Order}, _) ->
    io:format(\"~p~n\", [Order]),
    {ok, Acc}.
";

    #[test]
    fn a_renamed_hook_is_found_and_rewritten() {
        let marked = OLD.replace(
            "#{}, 50).\nstop",
            "#{}, 50).\n%%                       ^^^^^^^^^^^ error[removed-hook]: shop_placed\nstop",
        );
        check_rule("removed-hook", &with_files(&marked));
        fixed("removed-hook", &with_files(OLD), &OLD.replace("shop_placed", "shop_accepted"));
    }

    #[test]
    fn it_is_unknown_without_the_files() {
        let rule = &["unknown-hook"];
        assert_eq!(Case::new(OLD).rules(rule).findings().len(), 1);
        untouched("unknown-hook", &with_files(OLD));
        untouched("unknown-hook", &with_files(&OLD.replace("shop_placed", "shop_accepted")));
    }

    #[test]
    fn code_for_the_new_hook_stays() {
        let new = OLD.replace("shop_placed", "shop_accepted");
        assert!(Case::new(&with_files(&new)).findings().is_empty());
    }
}
