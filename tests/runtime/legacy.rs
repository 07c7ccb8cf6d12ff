//! Modules that register with `ejabberd_hooks` (`corpus/legacy`): as they were for their release, as a stage for the
//! release in between, and as they are in the end.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use hookshift::catalog::Catalog;

use crate::cases::{Applicability, Case, Tool, cases_in};
use crate::generated::{self, Generated};
use crate::trace::{
    Difference, Job, NO_HANDLERS, Texts, Trace, What, beyond_the_servers, differences, drive_all, servers,
    traces_between,
};
use crate::{
    AFTER, ALL_HOOKS, BEFORE, LEGACY, OLDEST, called, fixed_alone, fixed_together, groups_of_drawn, problems_between,
};

pub fn legacy_cases() -> Vec<Case> {
    cases_in("corpus/legacy")
}

/// The release that a case was written for.
fn from(case: &Case) -> &str {
    case.sidecar.from.as_deref().unwrap_or(LEGACY)
}

fn is_unsafe(case: &Case) -> bool {
    case.sidecar.applicability == Some(Applicability::Unsafe)
}

#[test]
fn every_case_says_what_it_is() {
    for case in legacy_cases() {
        let sidecar = &case.sidecar;
        let said = [sidecar.applicability.is_some(), sidecar.tool.is_some(), sidecar.kept.is_none()];
        assert_eq!(said, [case.after.is_some(); 3], "{}", case.name);
        assert!([OLDEST, LEGACY].contains(&from(&case)), "{}: nobody drives {}", case.name, from(&case));
    }
}

#[test]
fn the_servers_up_to_6_0_0_do_the_same_by_themselves() {
    for release in [OLDEST, LEGACY] {
        assert_eq!(servers(release, BEFORE), [], "{release}");
    }
}

#[test]
fn hooks_are_run_in_the_same_order_up_to_6_0_0() {
    let module = [Texts { before: ALL_HOOKS, after: ALL_HOOKS, drive: None }];
    let (legacy, before) = traces_between([LEGACY, BEFORE], &module).remove(0);
    for (old, new) in legacy.events.iter().zip(&before.events) {
        assert_eq!(called(old), called(new), "{}", old.name);
    }
}

/// A handler for every hook that is driven, which notes how many arguments come with it.
const COUNTS_ARGUMENTS: &str = "-module(mod_counts_arguments).
-behaviour(gen_mod).
-export([start/2, stop/1, note/3]).

start(HostType, _Opts) -> gen_hook:add_handlers(handlers(HostType)).

stop(HostType) -> gen_hook:delete_handlers(handlers(HostType)).

handlers(HostType) ->
    [{Hook, Tag, fun ?MODULE:note/3, #{}, 1}
     || Hook <- [HOOKS], Tag <- [global, HostType]].

note(Acc, #{args := Args}, #{hook_name := Hook}) ->
    acme_probe:note({Hook, length(Args)}),
    {ok, Acc};
note(Acc, _Params, _Extra) ->
    {ok, Acc}.
";

#[test]
fn hooks_have_as_many_arguments_as_the_catalog_says() {
    let release = Catalog::embedded().release(LEGACY.parse().unwrap()).unwrap();
    let arguments: BTreeMap<&str, usize> =
        release.hooks.iter().map(|hook| (hook.name.as_str(), hook.arguments.len())).collect();
    let hooks: Vec<&str> = arguments.keys().copied().collect();
    let text = COUNTS_ARGUMENTS.replace("HOOKS", &hooks.join(", "));
    let groups = ["default", "ping_errors", "accounts", "offline", "rosters", "discovery", "archives", "memberships"];
    let groups = groups.map(str::to_owned);
    let module = [Texts { before: &text, after: &text, drive: Some(&groups) }];
    let (trace, _) = traces_between([LEGACY, BEFORE], &module).remove(0);
    let noted: BTreeMap<&str, usize> = trace.events.iter().flat_map(called).filter_map(hook_and_count).collect();
    assert!(noted.len() > 30, "{noted:?}");
    for (hook, count) in noted {
        assert_eq!(arguments[hook], count, "{hook}");
    }
}

/// `{hook,2}`, as it was noted.
fn hook_and_count(noted: &str) -> Option<(&str, usize)> {
    let (hook, count) = noted.strip_prefix('{')?.strip_suffix('}')?.split_once(',')?;
    Some((hook, count.parse().ok()?))
}

#[test]
fn every_legacy_case_behaves_as_is_said() {
    let cases = legacy_cases();
    let stage = |case: &Case| case.stage.clone().or_else(|| case.after.clone());
    let driven = [
        drive(OLDEST, &cases, |case| Some(case.before.clone()).filter(|_| from(case) == OLDEST)),
        drive(LEGACY, &cases, |case| Some(case.before.clone()).filter(|_| from(case) == LEGACY)),
        drive(BEFORE, &cases, stage),
        drive(AFTER, &cases, |case| case.after.clone()),
    ];
    let sides = [OLDEST, LEGACY, BEFORE, AFTER];
    let traces = drive_all([0, 1, 2, 3].map(|index| (sides[index], driven[index].as_slice())));
    let mut problems = String::new();
    for case in &cases {
        let [oldest, legacy, stage, after] = traces.each_ref().map(|traces| traces.get(&case.name));
        let before = (from(case), oldest.or(legacy));
        problems += &problems_between(case, [before, (BEFORE, stage)], &[]);
        problems += &problems_between(case, [before, (AFTER, after)], &case.sidecar.differences);
    }
    assert!(problems.is_empty(), "{problems}");
}

/// The cases that have a text for a release and run in it.
fn drive(release: &str, cases: &[Case], text: impl Fn(&Case) -> Option<PathBuf>) -> Vec<Job> {
    let runs =
        |case: &&Case| case.sidecar.releases.as_ref().is_none_or(|releases| releases.iter().any(|it| it == release));
    let job = |case: &Case| {
        let (name, drive) = (case.name.clone(), case.sidecar.drive.clone());
        text(case).map(|path| Job { name, what: What::Module(path), drive })
    };
    cases.iter().filter(runs).filter_map(job).collect()
}

#[test]
fn every_legacy_case_does_something_that_is_seen() {
    let cases = legacy_cases();
    let nothing = tempfile::tempdir().unwrap();
    let path = nothing.path().join("mod_without_handlers.erl");
    std::fs::write(&path, NO_HANDLERS).unwrap();
    for release in [OLDEST, LEGACY] {
        let of_release = |case: &Case| case.after.is_some() && from(case) == release;
        let modules = drive(release, &cases, |case| of_release(case).then(|| case.before.clone()));
        let without = drive(release, &cases, |case| of_release(case).then(|| path.clone()));
        let [modules] = drive_all([(release, modules.as_slice())]);
        let [without] = drive_all([(release, without.as_slice())]);
        for (name, trace) in modules {
            let failed =
                trace.events.iter().flat_map(|event| &event.seen).find(|seen| seen.starts_with("{hook_failed,"));
            assert_eq!(failed, None, "{name}");
            assert_ne!(trace.events, without[&name].events, "{name}");
        }
    }
}

/// A rewrite that somebody could get wrong: the case, and what is replaced in its module after the rewrite.
const WRONG: [(&str, &str, &str); 28] = [
    // The stop is forgotten, one is made up, and its value is another.
    ("results/plain_stop", "{stop, stopped}", "{ok, stopped}"),
    ("results/plain_stop", "{stop, stopped}", "{stop, _Acc}"),
    ("results/plain_servers", "{stop, deny}", "{ok, allow}"),
    ("handlers/plain_offline", "    {ok, Acc};", "    {stop, Acc};"),
    ("handlers/nasty_called", "{stop, NewAcc} -> {stop, NewAcc};", "{stop, NewAcc} -> {ok, NewAcc};"),
    ("results/nasty_backend", "        {stop, NewAcc} -> {stop, NewAcc};\n", ""),
    (
        "first/nasty_old_offline",
        "case store(From, To, Packet) of\n        stop -> {stop, Acc};",
        "case store(From, To, Packet) of\n        stop -> {ok, Acc};",
    ),
    (
        "first/nasty_old_offline",
        "case store(From, To, Packet) of\n        stop -> {stop, Acc};",
        "case store(From, To, Packet) of\n        stop -> {stop, stopped};",
    ),
    // A value that looks like a result is none.
    ("results/nasty_tagged", "{ok, {ok, {jid:to_binary(Jid), Name}}}", "{ok, {jid:to_binary(Jid), Name}}"),
    ("results/nasty_tagged", "{ok, {error, no_name}}", "{error, no_name}"),
    // No tag.
    (
        "registrations/plain_macros",
        "{ok, mongoose_disco:add_features([?NS_ACME], Acc)}",
        "mongoose_disco:add_features([?NS_ACME], Acc)",
    ),
    // One argument for another.
    ("registrations/plain_books", "failed(Acc, #{username := User}, _Extra)", "failed(Acc, #{server := User}, _Extra)"),
    ("registrations/nasty_wrapper", "#{room := Room, host := MucHost}", "#{host := Room, room := MucHost}"),
    (
        "handlers/nasty_words",
        "{From, To, Packet} = mongoose_acc:packet(Acc)",
        "{To, From, Packet} = mongoose_acc:packet(Acc)",
    ),
    (
        "handlers/plain_archive",
        "#{local_jid := Local, remote_jid := Remote}",
        "#{local_jid := Remote, remote_jid := Local}",
    ),
    // The argument was the user's JID in full, or without its resource.
    (
        "handlers/nasty_last",
        "{LUser, LServer, LResource} = jid:to_lower(JID),\n    {ok, seen(Acc, LUser, LServer, LResource, Presence)}",
        "{LUser, LServer, _LResource} = jid:to_lower(JID),\n    {ok, seen(Acc, LUser, LServer, <<>>, Presence)}",
    ),
    // The host type of somebody else.
    ("registrations/nasty_muc_host", "{join_room, MucHost,", "{join_room, HostType,"),
    (
        "results/plain_servers",
        "gen_hook:add_handler(s2s_allow_host, global,",
        "gen_hook:add_handler(s2s_allow_host, <<\"acme.example\">>,",
    ),
    // Added and never deleted, or deleted where it was not.
    (
        "registrations/nasty_local_fun",
        "gen_hook:delete_handlers(hooks(Host))",
        "gen_hook:delete_handlers(tl(hooks(Host)))",
    ),
    ("registrations/nasty_mismatch", "#{}, 60)", "#{}, 50)"),
    ("results/nasty_ways_out", "true -> {stop, stopped}", "true -> {ok, stopped}"),
    ("results/nasty_own_run", "<<\"staff\">> -> {stop, stopped};", "<<\"staff\">> -> {ok, stopped};"),
    // The result of a handler that had none.
    (
        "first/plain_old_meter",
        "    case user_send_packet(From, To, Packet) of\n        stop -> {stop, Acc};\n        _ -> {ok, Acc}\n    end.",
        "    {ok, user_send_packet(From, To, Packet)}.",
    ),
    // The contract of the release in between.
    ("handlers/plain_networks", "#{ip := {IP, _Port}}", "#{ip := IP}"),
    ("handlers/plain_dropper", "_Extra) ->\n    {stop, drop};", "_Extra) ->\n    {ok, drop};"),
    ("sessions/plain_showed_up", "{ok, mongoose_c2s_acc:to_acc", "{stop, mongoose_c2s_acc:to_acc"),
    // What one hook gives is not what the other does.
    (
        "handlers/nasty_three_hooks",
        "{s2s_allow_host, global, fun ?MODULE:s2s_allow_host/3",
        "{s2s_allow_host, global, fun ?MODULE:auth_failed/3",
    ),
    // Called twice: by the server, and by the module.
    (
        "registrations/plain_books",
        "start(_HostType, _Opts) ->\n    ok.",
        "start(HostType, _Opts) ->\n    gen_hook:add_handlers(hooks(HostType)).",
    ),
];

#[test]
fn wrong_rewrites_of_legacy_modules_are_seen() {
    let cases = legacy_cases();
    for release in [OLDEST, LEGACY] {
        let of_release = WRONG.iter().filter_map(|mistake| {
            let case = cases.iter().find(|case| case.name == mistake.0);
            let case = case.unwrap_or_else(|| panic!("there is no {}", mistake.0));
            (from(case) == release).then_some((case, mistake))
        });
        let wrong: Vec<_> = of_release
            .map(|(case, mistake)| {
                let &(name, right, wrong) = mistake;
                let after = read(case.after.as_ref().unwrap());
                assert_eq!(after.matches(right).count(), 1, "{name} does not have {right:?} once");
                (case, mistake, read(&case.before), after.replace(right, wrong))
            })
            .collect();
        let modules: Vec<Texts> = wrong
            .iter()
            .map(|(case, _, before, after)| Texts { before, after, drive: case.sidecar.drive.as_deref() })
            .collect();
        for ((case, (name, _, mistake), ..), (before, after)) in
            wrong.iter().zip(traces_between([release, AFTER], &modules))
        {
            assert_eq!(after.not_compiled, Vec::<String>::new(), "{name} with {mistake:?}");
            // The compiler must not be the one who sees it.
            let after = Trace { warnings: Vec::new(), ..after };
            let sides = [(release, Some(&before)), (AFTER, Some(&after))];
            let problems = problems_between(case, sides, &case.sidecar.differences);
            assert!(!problems.is_empty(), "nobody sees that {name} has {mistake:?}");
        }
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the tool makes of the code for the release in between.
#[test]
fn stages_become_what_is_expected() {
    let mut wrong = String::new();
    for case in legacy_cases() {
        let Some(after) = &case.after else { continue };
        let text = fixed_alone(&read(case.stage.as_ref().unwrap_or(after)), is_unsafe(&case));
        if text != read(after) {
            writeln!(wrong, "{}:\n{text}", case.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_tool_touches_nothing_that_is_kept() {
    for case in legacy_cases().iter().filter(|case| case.after.is_none()) {
        let texts: Vec<String> = std::iter::once(&case.before).chain(&case.beside).map(|path| read(path)).collect();
        let modules: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(fixed_together(&modules, LEGACY, true), texts, "{}", case.name);
    }
}

#[test]
fn the_tool_writes_what_is_said_where_anything_is_said() {
    let cases = legacy_cases();
    let mut wrong = String::new();
    let mut otherwise = Vec::new();
    for case in cases.iter().filter(|case| case.after.is_some()) {
        let (before, expected) = (read(&case.before), read(case.after.as_ref().unwrap()));
        let text = fixed_together(&[&before], LEGACY, is_unsafe(case)).remove(0);
        let found = match &text {
            text if *text == expected => Tool::Exact,
            text if *text == before => Tool::Refuses,
            _ => Tool::Behaves,
        };
        match case.sidecar.tool.unwrap() {
            // Whoever teaches the tool has to say so.
            Tool::Pending if found != Tool::Exact => {}
            said if said == found => otherwise.extend((said == Tool::Behaves).then_some((case, before, text))),
            said => writeln!(wrong, "{}: {found:?} instead of {said:?}:\n{text}", case.name).unwrap(),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    for release in [OLDEST, LEGACY] {
        let of_release: Vec<_> = otherwise.iter().filter(|(case, ..)| from(case) == release).collect();
        let modules: Vec<Texts> = of_release
            .iter()
            .map(|(case, before, after)| Texts { before, after, drive: case.sidecar.drive.as_deref() })
            .collect();
        for ((case, _, text), (before, after)) in of_release.iter().zip(traces_between([release, AFTER], &modules)) {
            let sides = [(release, Some(&before)), (AFTER, Some(&after))];
            let problems = problems_between(case, sides, &case.sidecar.differences);
            assert!(problems.is_empty(), "{problems}{text}");
        }
    }
}

/// How many modules are drawn for each recipe.
const SEEDS: u64 = 6;

/// Drives what is drawn with `ejabberd_hooks`, and what was made of it, and says what is otherwise and should not be.
fn compare_drawn(drawn: &[(Generated, String)]) {
    let groups = groups_of_drawn();
    let modules: Vec<Texts> =
        drawn.iter().map(|(it, after)| Texts { before: &it.legacy, after, drive: Some(&groups) }).collect();
    let servers = servers(LEGACY, AFTER);
    for ((module, after), (before, driven)) in drawn.iter().zip(traces_between([LEGACY, AFTER], &modules)) {
        let found = beyond_the_servers(differences(&before, &driven), &servers);
        let unexpected: Vec<&Difference> =
            found.iter().filter(|found| !module.may_differ.contains(&found.event.as_str())).collect();
        assert!(unexpected.is_empty(), "{}\n{}\n{after}\n{unexpected:#?}", module.recipe, module.legacy);
    }
}

#[test]
fn drawn_legacy_handlers_behave_as_what_they_should_come_to() {
    let with_after = |module: Generated| {
        let after = module.after.clone();
        (module, after)
    };
    compare_drawn(&generated::modules(SEEDS).into_iter().map(with_after).collect::<Vec<_>>());
}

/// How many of the drawn modules the tool rewrites safely. Whoever teaches it more says so.
const DRAWN_THAT_ARE_REWRITTEN: usize = 43;

#[test]
fn what_the_tool_makes_of_drawn_legacy_handlers_behaves_the_same() {
    let made = generated::modules(SEEDS).into_iter().map(|module| {
        let after = fixed_together(&[&module.legacy], LEGACY, false).remove(0);
        (module, after)
    });
    let rewritten: Vec<_> = made.filter(|(module, after)| module.legacy != *after).collect();
    compare_drawn(&rewritten);
    assert_eq!(rewritten.len(), DRAWN_THAT_ARE_REWRITTEN);
}
