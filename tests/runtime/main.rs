//! What rewrites do when they run: the modules of `corpus/fixes` before and after, each driven by stand-ins for the
//! server of its release (`corpus/runtime`), and their traces compared. All modules of a release share one
//! Erlang VM.

mod cases;
mod generated;
mod legacy;
mod project;
mod steps;
mod trace;

use hookshift::finding::Finding;
use hookshift::project::Options;
use hookshift::rewrite::Fix;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use cases::{Applicability, Case, Explained, cases};
use trace::{
    Difference, Event, Job, SERVERS, Texts, Trace, What, beyond_the_servers, compare, differences, drive_both,
    module_name, servers, traces_of_texts,
};

/// A release before handlers had accumulators.
const OLDEST: &str = "2.0.1";
/// The last release with `ejabberd_hooks`.
const LEGACY: &str = "5.1.0";
const BEFORE: &str = "6.0.0";
const AFTER: &str = "6.1.0";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_recipe_has_a_plain_case_a_nasty_one_and_one_to_be_kept() {
    let mut kinds: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for case in cases() {
        let (recipe, name) = case.name.split_once('/').unwrap();
        let kind = match case.after {
            None => "kept",
            Some(_) if name.starts_with("nasty") => "nasty",
            Some(_) => "plain",
        };
        kinds.entry(recipe.to_owned()).or_default().insert(kind);
        assert_eq!(what_is_said(&case), (case.after.is_some(), case.after.is_none()), "{}", case.name);
    }
    let recipes: Vec<&str> = kinds.keys().map(String::as_str).collect();
    for number in 1..=14 {
        let prefix = format!("r{number:02}_");
        assert!(recipes.iter().any(|recipe| recipe.starts_with(&prefix)), "nothing for recipe {number}");
    }
    for (recipe, kinds) in kinds {
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["kept", "nasty", "plain"], "{recipe}");
    }
}

/// Whether a case says how its rewrite is applied, and whether it says why it must be kept.
fn what_is_said(case: &Case) -> (bool, bool) {
    (case.sidecar.applicability.is_some(), case.sidecar.kept.is_some())
}

#[test]
fn every_case_behaves_as_is_said() {
    let cases = cases();
    let runs_in = |case: &Case, release: &str| {
        case.sidecar.releases.as_ref().is_none_or(|releases| releases.iter().any(|it| it == release))
    };
    let job = |case: &Case, path: &Path| Job {
        name: case.name.clone(),
        what: What::Module(path.to_owned()),
        drive: case.sidecar.drive.clone(),
    };
    let before =
        cases.iter().filter(|case| runs_in(case, BEFORE)).map(|case| job(case, &case.before)).collect::<Vec<_>>();
    let after = cases.iter().filter(|case| runs_in(case, AFTER));
    let after: Vec<Job> = after.map(|case| job(case, case.after.as_ref().unwrap_or(&case.before))).collect();
    let (before, after) = drive_both(&before, &after);
    let problems: String =
        cases.iter().map(|case| problems(case, before.get(&case.name), after.get(&case.name))).collect();
    assert!(problems.is_empty(), "{problems}");
}

/// What a case does otherwise than is said beside it.
fn problems(case: &Case, before: Option<&Trace>, after: Option<&Trace>) -> String {
    problems_between(case, [(BEFORE, before), (AFTER, after)], &case.sidecar.differences)
}

/// What a case does otherwise in a second release than in a first, beyond what is explained.
fn problems_between(case: &Case, sides: [(&str, Option<&Trace>); 2], explained: &[Explained]) -> String {
    let mut problems = String::new();
    let [(first, before), (second, after)] = sides;
    for (release, trace) in sides {
        // A module that is not touched may call what is gone.
        let excused = case.after.is_none() && release == second;
        if let Some(trace) = trace.filter(|_| !excused) {
            let said = trace.warnings.iter().chain(&trace.not_compiled);
            said.for_each(|said| writeln!(problems, "{} in {release}: {said}", case.name).unwrap());
        }
    }
    let (Some(before), Some(after)) = (before, after) else { return problems };
    let found = beyond_the_servers(differences(before, after), &servers(first, second));
    for difference in found.iter().filter(|found| !explained.iter().any(|it| it.is(found))) {
        writeln!(problems, "{} has a difference in {second} that its sidecar does not:\n{difference}", case.name)
            .unwrap();
    }
    for it in explained {
        if !found.iter().any(|found| it.is(found)) {
            writeln!(problems, "{} does not differ in {} as its sidecar says", case.name, it.event).unwrap();
        }
        if it.why.is_empty() {
            writeln!(problems, "{} does not say why it differs in {}", case.name, it.event).unwrap();
        }
    }
    problems
}

/// A rewrite that somebody could get wrong: the case, and what is replaced in its module after the rewrite.
const WRONG: [(&str, &str, &str); 16] = [
    // Stopping where the old handler did not, and not stopping where it dropped.
    ("r01_user_send_message/plain_audit", "{ok, mongoose_acc:set", "{stop, mongoose_acc:set"),
    ("r03_user_receive_packet/plain_unread", "{ok, Acc};", "{stop, Acc};"),
    ("r04_preprocessing/plain_filter", "{stop, Acc}", "{ok, Acc}"),
    ("r07_remote_hook/plain_tick", "{stop, mongoose_c2s_acc", "{ok, mongoose_c2s_acc"),
    ("r13_filter_packet/plain_spam", "{stop, drop}", "{ok, drop}"),
    ("r14_open_session/plain_guard", "{stop, Acc}", "{ok, Acc}"),
    // The old hook, or the old priority.
    ("r03_user_receive_packet/plain_unread", "[{user_receive_message,", "[{user_receive_packet,"),
    ("r09_ping_timeout/plain_alarm", "[{user_ping_response,", "[{user_ping_timeout,"),
    ("r05_presence_in/plain_last_seen", "#{}, 5}", "#{}, 60}"),
    // The handler stays registered when the module is stopped.
    (
        "r14_open_session/nasty_curfew",
        "delete_handler(user_open_session",
        "delete_handler(session_opening_allowed_for_user",
    ),
    // The old parameter, and the place of the old one.
    ("r03_user_receive_packet/plain_seen_once", "#{c2s_data := C2SData}", "#{jid := C2SData}"),
    ("r17_privacy_result/nasty_case", "{Decision, _} when", "{_, Decision} when"),
    // Called for more than it was made for.
    ("r09_ping_timeout/plain_alarm", "#{response := timeout, jid := Jid}", "#{jid := Jid}"),
    // No tag.
    ("r16_update_presence/plain_mood", "{ok, mongoose_acc:update_stanza", "{mongoose_acc:update_stanza"),
    // What the handler made is lost.
    ("r10_inbox/plain_labels", "maps:get(extra, Entry) ++ Elements", "maps:get(extra, Entry) ++ tl(Elements)"),
    ("r08_unauthenticated_iq/plain_signup", "socket_send, Response", "socket_send, [Response, Response]"),
];

#[test]
fn wrong_rewrites_are_seen() {
    let cases = cases();
    let wrong = WRONG.map(|(name, right, wrong)| {
        let case = cases.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("there is no {name}"));
        let before = std::fs::read_to_string(&case.before).unwrap();
        let after = std::fs::read_to_string(case.after.as_ref().unwrap()).unwrap();
        assert_eq!(after.matches(right).count(), 1, "{name} does not have {right:?} once");
        (case, before, after.replace(right, wrong))
    });
    let modules =
        wrong.each_ref().map(|(case, before, after)| Texts { before, after, drive: case.sidecar.drive.as_deref() });
    for ((name, _, mistake), ((case, ..), (before, after))) in
        WRONG.iter().zip(wrong.iter().zip(traces_of_texts(&modules)))
    {
        assert_eq!((&after.not_compiled, &after.warnings), (&Vec::new(), &Vec::new()), "{name} with {mistake:?}");
        let problems = problems(case, Some(&before), Some(&after));
        assert!(!problems.is_empty(), "nobody sees that {name} has {mistake:?}");
    }
}

/// Modules that behave the same in both releases even if nobody rewrites them: what their sidecars say of them is what
/// they do either way.
const SAME_ANYWAY: [&str; 1] = ["r01_user_send_message/nasty_shortener"];

#[test]
fn no_module_could_have_been_left_as_it_was() {
    let cases: Vec<Case> = cases().into_iter().filter(|case| case.after.is_some()).collect();
    let jobs: Vec<Job> = cases
        .iter()
        .map(|case| Job {
            name: case.name.clone(),
            what: What::Module(case.before.clone()),
            drive: case.sidecar.drive.clone(),
        })
        .collect();
    let (before, after) = drive_both(&jobs, &jobs);
    let same: Vec<&str> = cases
        .iter()
        .filter(|case| problems(case, before.get(&case.name), after.get(&case.name)).is_empty())
        .map(|case| case.name.as_str())
        .collect();
    assert_eq!(same, SAME_ANYWAY);
}

/// A handler for every hook, which notes that it was called.
const ALL_HOOKS: &str = "-module(mod_all_hooks).
-behaviour(gen_mod).
-export([start/2, stop/1, note/3]).

start(HostType, _Opts) -> gen_hook:add_handlers(handlers(HostType)).

stop(HostType) -> gen_hook:delete_handlers(handlers(HostType)).

handlers(HostType) ->
    [{Hook, global, fun ?MODULE:note/3, #{}, 1} || Hook <- [check_bl_c2s, filter_packet]] ++
    [{Hook, HostType, fun ?MODULE:note/3, #{}, 1}
     || Hook <- [c2s_preprocessing_hook, c2s_update_presence, c2s_presence_in, c2s_unauthenticated_iq,
                 user_send_packet, user_send_message, user_send_iq, user_send_presence, user_send_xmlel,
                 user_receive_packet, user_receive_message, user_receive_iq, user_receive_presence,
                 user_receive_xmlel, xmpp_presend_element, xmpp_send_element, privacy_check_packet,
                 filter_local_packet, user_ping_timeout, user_ping_response, sm_broadcast, privacy_list_push,
                 session_opening_allowed_for_user, user_open_session, forbidden_session_hook,
                 sm_register_connection_hook, sm_remove_connection_hook, set_presence_hook, unset_presence_hook,
                 user_terminate, extend_inbox_message, extend_inbox_result, c2s_remote_hook, foreign_event,
                 c2s_broadcast_recipients, get_pep_recipients, c2s_filter_packet, filter_pep_recipient,
                 filter_room_packet]].

note(Acc, _Params, #{hook_name := Hook}) ->
    acme_probe:note(Hook),
    {ok, Acc}.
";

/// The hooks of an event in both releases, in their order.
const ORDER: [(&str, &str, &str); 24] = [
    (
        "message",
        "c2s_preprocessing_hook user_send_packet privacy_check_packet filter_packet filter_local_packet",
        "user_send_packet user_send_message privacy_check_packet filter_packet filter_local_packet",
    ),
    (
        "message_blocked",
        "c2s_preprocessing_hook user_send_packet privacy_check_packet filter_packet filter_local_packet \
         privacy_check_packet user_receive_packet xmpp_send_element",
        "user_send_packet user_send_message privacy_check_packet filter_packet filter_local_packet user_receive_packet \
         user_receive_message privacy_check_packet xmpp_presend_element xmpp_send_element",
    ),
    (
        "message_in",
        "filter_packet filter_local_packet privacy_check_packet user_receive_packet xmpp_send_element",
        "filter_packet filter_local_packet user_receive_packet user_receive_message privacy_check_packet \
         xmpp_presend_element xmpp_send_element",
    ),
    (
        "message_in_blocked",
        "filter_packet filter_local_packet privacy_check_packet filter_packet filter_local_packet",
        "filter_packet filter_local_packet user_receive_packet user_receive_message privacy_check_packet filter_packet \
         filter_local_packet",
    ),
    (
        "iq_get",
        "c2s_preprocessing_hook user_send_packet privacy_check_packet filter_packet filter_local_packet",
        "user_send_packet user_send_iq privacy_check_packet filter_packet filter_local_packet",
    ),
    (
        "iq_privacy",
        "c2s_preprocessing_hook filter_packet filter_local_packet privacy_check_packet user_receive_packet \
         xmpp_send_element",
        "user_send_packet user_send_iq filter_packet filter_local_packet user_receive_packet user_receive_iq \
         privacy_check_packet xmpp_presend_element xmpp_send_element",
    ),
    (
        "presence",
        "c2s_preprocessing_hook c2s_update_presence user_send_packet set_presence_hook filter_packet \
         filter_local_packet",
        "user_send_packet user_send_presence privacy_check_packet set_presence_hook filter_packet filter_local_packet",
    ),
    (
        "presence_in",
        "filter_packet filter_local_packet c2s_presence_in privacy_check_packet user_receive_packet xmpp_send_element",
        "filter_packet filter_local_packet user_receive_packet user_receive_presence privacy_check_packet \
         xmpp_presend_element xmpp_send_element",
    ),
    (
        "presence_in_probe",
        "filter_packet filter_local_packet c2s_presence_in filter_packet filter_local_packet",
        "filter_packet filter_local_packet user_receive_packet user_receive_presence filter_packet filter_local_packet",
    ),
    ("element_r", "", "user_send_packet user_send_xmlel"),
    ("element_unknown", "c2s_preprocessing_hook", "user_send_packet user_send_xmlel"),
    ("other_event", "c2s_remote_hook", "foreign_event"),
    ("stray_message", "", "foreign_event"),
    (
        "api_message",
        "user_send_packet filter_packet filter_local_packet",
        "user_send_packet user_send_message privacy_check_packet filter_packet filter_local_packet",
    ),
    (
        "ping_answered",
        "c2s_preprocessing_hook user_send_packet privacy_check_packet filter_packet filter_local_packet \
         user_ping_response",
        "user_send_packet user_send_iq privacy_check_packet user_ping_response",
    ),
    ("ping_timeout", "user_ping_response user_ping_timeout", "user_ping_response"),
    ("room_message", "filter_room_packet", "filter_room_packet"),
    ("inbox", "extend_inbox_message extend_inbox_message", "extend_inbox_result"),
    (
        "privacy_list_broadcast",
        "sm_broadcast xmpp_send_element",
        "privacy_list_push foreign_event user_receive_packet user_receive_iq privacy_check_packet \
         xmpp_presend_element xmpp_send_element",
    ),
    ("pep_publish", "c2s_broadcast_recipients", "foreign_event get_pep_recipients"),
    ("pep_item", "c2s_filter_packet", "foreign_event filter_pep_recipient"),
    ("iq_before_login", "c2s_unauthenticated_iq xmpp_send_element", "user_send_xmlel"),
    (
        "open_session",
        "session_opening_allowed_for_user xmpp_send_element sm_register_connection_hook",
        "user_send_packet user_send_iq privacy_check_packet user_open_session session_opening_allowed_for_user \
         sm_register_connection_hook user_receive_packet user_receive_iq privacy_check_packet xmpp_presend_element \
         xmpp_send_element",
    ),
    (
        "disconnect",
        "sm_remove_connection_hook unset_presence_hook",
        "user_terminate unset_presence_hook sm_remove_connection_hook",
    ),
];

#[test]
fn hooks_are_run_in_the_order_of_their_release() {
    let traces = traces_of_texts(&[Texts { before: ALL_HOOKS, after: ALL_HOOKS, drive: None }]);
    let (before, after) = &traces[0];
    let mut wrong = String::new();
    for (event, expected_before, expected_after) in ORDER {
        for (release, trace, expected) in [(BEFORE, before, expected_before), (AFTER, after, expected_after)] {
            let found = trace.events.iter().find(|it| it.name == event).map_or(Vec::new(), called);
            if found.join(" ") != expected {
                writeln!(wrong, "{event} in {release}:\n  {expected}\n  {}", found.join(" ")).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The hooks that were noted.
fn called(event: &Event) -> Vec<&str> {
    let notes = event.seen.iter().filter_map(|line| {
        let rest = line.strip_prefix("{note,").or_else(|| line.strip_prefix("{note_elsewhere,"))?;
        rest.strip_suffix('}')
    });
    notes.collect()
}

#[test]
fn the_servers_differ_by_themselves_only_where_that_is_known() {
    let events: Vec<&str> = SERVERS.iter().map(|difference| difference.event.as_str()).collect();
    let known = [
        // The answer to the session IQ comes through the hooks, from the server.
        "setup",
        // What mod_privacy stops is routed all the same.
        "api_message_blocked",
        // Nobody answers what no module answers.
        "iq_before_login",
        "iq_set_before_login",
        "open_session",
        "open_session_of_guest",
        "open_websocket_session_of_guest",
        "open_session_again",
        "reconnect",
        // Delays that clients claim are no longer taken out.
        "message_with_delay",
    ];
    assert_eq!(events, known);
}

/// How many modules are drawn for each recipe.
const SEEDS: u64 = 12;

/// What drawn modules are driven with.
fn groups_of_drawn() -> Vec<String> {
    ["messages", "presences", "elements", "api", "pings", "rooms", "login"].map(str::to_owned).to_vec()
}

#[test]
fn drawn_handlers_of_mechanical_recipes_behave_the_same() {
    let drawn = generated::modules(SEEDS);
    let groups = groups_of_drawn();
    let modules: Vec<Texts> =
        drawn.iter().map(|it| Texts { before: &it.before, after: &it.after, drive: Some(&groups) }).collect();
    for (module, found) in drawn.iter().zip(compare(&modules)) {
        let unexpected: Vec<&Difference> =
            found.iter().filter(|found| !module.may_differ.contains(&found.event.as_str())).collect();
        let (recipe, before, after) = (module.recipe, &module.before, &module.after);
        assert!(unexpected.is_empty(), "{recipe}\n{before}\n{after}\n{unexpected:#?}");
    }
}

#[test]
fn drawn_handlers_that_nobody_rewrites_are_seen_for_every_recipe() {
    let drawn = generated::modules(SEEDS);
    let groups = groups_of_drawn();
    let modules: Vec<Texts> =
        drawn.iter().map(|it| Texts { before: &it.before, after: &it.before, drive: Some(&groups) }).collect();
    let mut seen: BTreeMap<&str, usize> = drawn.iter().map(|module| (module.recipe, 0)).collect();
    for (module, found) in drawn.iter().zip(compare(&modules)) {
        let differs = found.iter().any(|found| !module.may_differ.contains(&found.event.as_str()));
        *seen.get_mut(module.recipe).unwrap() += usize::from(differs);
    }
    // A handler in front of mod_privacy that serves messages alone does the same under the old hook.
    seen.retain(|recipe, _| !recipe.starts_with("user_send_packet"));
    let blind: Vec<_> = seen.iter().filter(|(_, seen)| **seen < 3).collect();
    assert!(blind.is_empty(), "{blind:?}");
}

#[test]
fn the_tool_finds_nothing_to_mend_where_everything_is_mended() {
    let directory = tempfile::tempdir().unwrap();
    for case in cases().into_iter().chain(legacy::legacy_cases()) {
        let Some(after) = case.after else { continue };
        let text = std::fs::read_to_string(after).unwrap();
        std::fs::write(directory.path().join(format!("{}.erl", module_name(&text))), text).unwrap();
    }
    let output = Command::new(snapbox::cmd::cargo_bin!("hookshift"))
        .current_dir(directory.path())
        .args(["check", "--from", BEFORE, "--to", AFTER, "--format", "json", "."])
        .output()
        .unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = found["findings"].as_array().unwrap().iter();
    let to_mend: Vec<_> = findings
        .filter(|finding| finding["severity"] == "error" || finding["rewrite"] == "mechanical")
        .map(|finding| format!("{}: {}: {}", finding["path"], finding["rule"], finding["message"]))
        .collect();
    assert!(to_mend.is_empty(), "{to_mend:#?}");
}

/// What `hookshift fix` makes of modules, each of them a project of its own.
fn fixed(modules: &[&str], unsafe_too: bool) -> Vec<String> {
    modules.iter().map(|module| fixed_alone(module, unsafe_too)).collect()
}

fn fixed_alone(module: &str, unsafe_too: bool) -> String {
    fixed_together(&[module], BEFORE, unsafe_too).remove(0)
}

/// What `hookshift fix` makes of the modules of one project.
fn fixed_together(modules: &[&str], from: &str, unsafe_too: bool) -> Vec<String> {
    fixed_between(modules, [from, AFTER], unsafe_too)
}

/// The same for any two releases.
fn fixed_between(modules: &[&str], [from, to]: [&str; 2], unsafe_too: bool) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = |module: &str| directory.path().join(format!("{}.erl", module_name(module)));
    modules.iter().for_each(|module| std::fs::write(path(module), module).unwrap());
    let options = Options {
        files: modules.iter().map(|module| path(module)).collect(),
        from: from.to_owned(),
        to: to.to_owned(),
        threads: std::num::NonZeroUsize::new(1),
        ..Options::default()
    };
    let mut wanted = |_: &Finding, fix: &Fix| unsafe_too || fix.is_safe();
    let outcome = hookshift::fixing::run(&options, None, &mut wanted).unwrap();
    let taken_back: Vec<&str> = outcome.failed.iter().map(|it| it.why.as_str()).collect();
    assert!(taken_back.is_empty(), "{taken_back:#?}\n{modules:#?}");
    let text = |module: &&str| {
        let changed = outcome.files.iter().find(|file| file.source.path() == path(module));
        changed.map_or_else(|| (*module).to_owned(), |file| file.text.clone())
    };
    modules.iter().map(text).collect()
}

/// Cases that the tool does not rewrite, though they could be.
const NOT_REWRITTEN: [&str; 2] = ["r02_user_send_packet/nasty_journal", "r02_user_send_packet/plain_meter"];

/// Cases that do something else than is said once the tool has rewritten them, and what.
const OTHERWISE: [(&str, &str); 3] = [
    (
        "r03_user_receive_packet/nasty_maps_get",
        "the handler stays on user_receive_packet, which is run for what the privacy lists block afterwards, too",
    ),
    (
        "r05_presence_in/nasty_devices",
        "only the include of a header that is gone goes; the handler stays, and is not called",
    ),
    ("r08_unauthenticated_iq/nasty_routed", "the answer goes to the socket at once, as it did, and through no hooks"),
];

/// The cases of an applicability, with their texts before and as the tool rewrites them.
fn rewritten_by_the_tool(cases: &[Case], applicability: Applicability) -> Vec<(&Case, String, String)> {
    let befores: Vec<String> = cases.iter().map(|case| std::fs::read_to_string(&case.before).unwrap()).collect();
    let texts: Vec<&str> = befores.iter().map(String::as_str).collect();
    let afters = fixed(&texts, applicability == Applicability::Unsafe);
    let all = cases.iter().zip(befores).zip(afters).map(|((case, before), after)| (case, before, after));
    // Unsafe fixes may touch what has to be kept: a person looks at them.
    let is_meant =
        |case: &Case| case.sidecar.applicability.map_or(applicability == Applicability::Safe, |it| it == applicability);
    all.filter(|(case, ..)| is_meant(case)).collect()
}

#[test]
fn the_tool_rewrites_what_it_may_and_nothing_else() {
    let cases = cases();
    let mut not_rewritten = Vec::new();
    for applicability in [Applicability::Safe, Applicability::Unsafe] {
        for (case, before, after) in rewritten_by_the_tool(&cases, applicability) {
            match (case.after.is_some(), before == after) {
                (true, true) => not_rewritten.push(case.name.clone()),
                (false, false) => panic!("{} is touched:\n{after}", case.name),
                (true, false) | (false, true) => {}
            }
        }
    }
    not_rewritten.sort();
    assert_eq!(not_rewritten, NOT_REWRITTEN);
}

#[test]
fn what_the_tool_rewrites_behaves_as_is_said() {
    let cases = cases();
    let mut wrong: BTreeMap<&str, String> = BTreeMap::new();
    for applicability in [Applicability::Safe, Applicability::Unsafe] {
        let mut rewritten = rewritten_by_the_tool(&cases, applicability);
        rewritten.retain(|(_, before, after)| before != after);
        let modules: Vec<Texts> = rewritten
            .iter()
            .map(|(case, before, after)| Texts { before, after, drive: case.sidecar.drive.as_deref() })
            .collect();
        for ((case, _, text), (before, after)) in rewritten.iter().zip(traces_of_texts(&modules)) {
            let problems = problems(case, Some(&before), Some(&after));
            if !problems.is_empty() {
                wrong.insert(&case.name, format!("{problems}{text}"));
            }
        }
    }
    let known = OTHERWISE.map(|(name, _)| name);
    let unexpected: Vec<&String> =
        wrong.iter().filter(|(name, _)| !known.contains(name)).map(|(_, problems)| problems).collect();
    assert!(unexpected.is_empty(), "{}", unexpected.into_iter().map(String::as_str).collect::<String>());
    assert_eq!(wrong.into_keys().collect::<Vec<_>>(), known);
}

#[test]
fn what_the_tool_makes_of_drawn_handlers_behaves_the_same() {
    let drawn = generated::modules(SEEDS);
    let groups = groups_of_drawn();
    let texts: Vec<&str> = drawn.iter().map(|module| module.before.as_str()).collect();
    let afters = fixed(&texts, false);
    let modules: Vec<Texts> = drawn
        .iter()
        .zip(&afters)
        .map(|(module, after)| Texts { before: &module.before, after, drive: Some(&groups) })
        .collect();
    for ((module, after), found) in drawn.iter().zip(&afters).zip(compare(&modules)) {
        let (recipe, before) = (module.recipe, &module.before);
        let unexpected: Vec<&Difference> =
            found.iter().filter(|found| !module.may_differ.contains(&found.event.as_str())).collect();
        assert!(unexpected.is_empty(), "{recipe}\n{before}\n{after}\n{unexpected:#?}");
    }
}
