//! Registrations before and after.

use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::rewrite;
use crate::catalog::{Upgrade, Version};
use crate::migrate::legacy::{NewHandlers, Rewritten, subjects};
use crate::migrate::serving::Context;
use crate::outline::Module;
use crate::project::eval::Style;
use crate::project::modules::Modules;
use crate::project::options::Options;
use crate::project::registrations::{self, Index, Registration};
use crate::prove::{Proof, ProveOptions, Prover};
use crate::rewrite::Fix;
use crate::rewrite::compose::Composition;
use crate::rules::testing::files;
use crate::source::Source;

/// Some files of a project.
struct Project {
    modules: Modules,
    own: Vec<Arc<Module>>,
}

impl Project {
    fn new(files: &[(String, String)]) -> Self {
        let modules = Modules::new(files.iter().map(|(path, _)| path.into()), &[], &[]);
        let module = |(path, text): &(String, String)| {
            let source = Source::from_bytes(path.into(), text.as_bytes().to_vec()).unwrap();
            let module = Arc::new(Module::new(Arc::new(source)));
            modules.insert(&module);
            module
        };
        let own = files.iter().map(module).collect();
        Self { modules, own }
    }

    fn registrations(&self) -> Vec<Registration> {
        let (mut found, mut open) = (Vec::new(), FxHashSet::default());
        let modules = || self.own.iter().filter(|it| it.source().path().extension().is_some_and(|it| it == "erl"));
        for module in modules() {
            let one = registrations::find(&self.modules, module, &FxHashSet::default());
            found.extend(one.registrations);
            open.extend(one.open.into_iter().map(|(wrapper, _)| wrapper));
        }
        for module in modules() {
            let others = open.iter().filter(|(owner, ..)| owner != module.name()).cloned().collect();
            found.extend(registrations::find(&self.modules, module, &others).registrations);
        }
        registrations::deduplicate(found)
    }

    /// Rewrites everything. Functions whose names start with `old_` have new ones that start with `new_`, but in `mod_c`.
    fn rewrite(&self) -> Result<Rewritten, String> {
        let found = self.registrations();
        let upgrade = Upgrade::between(Version::new(6, 0, 0), Version::new(6, 1, 0)).unwrap();
        let options = Options::default();
        let context = Context::new(&upgrade, &self.modules, &options, Index::new(&found));
        let legacy: Vec<&Registration> = found.iter().filter(|it| it.style == Style::EjabberdHooks).collect();
        let mut new = NewHandlers::default();
        for subject in subjects(&legacy) {
            for hook in &subject.hooks {
                let prefix = if subject.module == "mod_c" { "old_" } else { "new_" };
                let name = subject.function.replace("old_", prefix);
                new.insert(&subject, hook, name.as_str().into());
            }
        }
        rewrite(&context, &legacy, &new)
    }
}

struct Done {
    files: Vec<(String, String)>,
    reasons: Vec<String>,
}

fn run(before: &str) -> Result<Done, String> {
    let mut texts = files(before);
    let done = Project::new(&texts).rewrite()?;
    let mut composition = Composition::default();
    composition.add(&Fix::new("register with `gen_hook`", done.edits)).expect("edits that contradict each other");
    for (source, new) in composition.texts() {
        let file = texts.iter_mut().find(|(path, _)| Path::new(path) == source.path()).unwrap();
        compiles(source.path(), &file.1, &new);
        file.1 = new;
    }
    let left = Project::new(&texts).registrations();
    let left: Vec<_> = left.iter().filter(|it| it.style == Style::EjabberdHooks).map(|it| it.place.clone()).collect();
    assert!(left.is_empty(), "still registered with ejabberd_hooks: {left:#?}\n{texts:#?}");
    Ok(Done { files: texts, reasons: done.reasons })
}

#[track_caller]
fn compiles(path: &Path, before: &str, after: &str) {
    let name = path.file_stem().unwrap().to_string_lossy();
    let whole = |text: &str| match text.contains("-module(") {
        true => text.to_owned(),
        false => format!("-module({name}).\n-compile([export_all, nowarn_export_all]).\n{text}"),
    };
    let proof = Prover::new(ProveOptions::default()).prove(path, whole(before).as_bytes(), whole(after).as_bytes());
    assert!(!matches!(proof, Proof::Fails { .. }), "{proof:?}\n{after}");
}

#[track_caller]
fn is(done: &Done, after: &str) {
    for (path, expected) in files(after) {
        let (_, found) = done.files.iter().find(|(known, _)| *known == path).expect("the file is not there");
        assert!(found.trim_end() == expected.trim_end(), "{path}: expected:\n{expected}\nfound:\n{found}");
    }
}

/// Asserts that nobody has to look at the rewrite.
#[track_caller]
fn becomes(before: &str, after: &str) {
    let done = run(before).unwrap();
    is(&done, after);
    assert!(done.reasons.is_empty(), "{:?}", done.reasons);
}

/// Asserts that somebody has to look at the rewrite.
#[track_caller]
fn becomes_unsafely(reason: &str, before: &str, after: &str) {
    let done = run(before).unwrap();
    is(&done, after);
    assert!(done.reasons.iter().any(|it| it.contains(reason)), "{:?}", done.reasons);
}

#[track_caller]
fn refused(why: &str, before: &str) {
    match run(before) {
        Ok(done) => panic!("it was rewritten: {:#?}", done.files),
        Err(said) => assert!(said.contains(why), "`{why}` is not in `{said}`"),
    }
}

#[test]
fn calls_that_mirror_each_other_become_one_list() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, stop/1, sent/4, gone/3]).
        -define(PRIORITY, 50).

        -spec start(binary(), map()) -> ok.
        start(HostType, _Opts) ->
            init(),
            ejabberd_hooks:add(user_send_packet, HostType, ?MODULE, sent, ?PRIORITY),
            ejabberd_hooks:add(remove_user, HostType, mod_a, old_gone, 60),
            ok.

        stop(Host) ->
            ejabberd_hooks:delete(remove_user, Host, mod_a, old_gone, 60),
            ejabberd_hooks:delete(user_send_packet, Host, ?MODULE, sent, ?PRIORITY).

        init() -> ok.
        sent(Acc, _From, _To, _Packet) -> Acc.
        gone(Acc, _User, _Server) -> Acc.
        old_gone(Acc, _User, _Server) -> Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, stop/1, sent/4, gone/3]).
        -define(PRIORITY, 50).

        -spec start(binary(), map()) -> ok.
        start(HostType, _Opts) ->
            init(),
            gen_hook:add_handlers(hooks(HostType)),
            ok.

        stop(Host) ->
            gen_hook:delete_handlers(hooks(Host)).

        -spec hooks(mongooseim:host_type()) -> gen_hook:hook_list().
        hooks(HostType) ->
            [{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, ?PRIORITY},
             {remove_user, HostType, fun mod_a:new_gone/3, #{}, 60}].

        init() -> ok.
        sent(Acc, _From, _To, _Packet) -> Acc.
        gone(Acc, _User, _Server) -> Acc.
        old_gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn one_handler_has_a_list_as_well() {
    becomes(
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 60).
        stop(Host) ->
            ejabberd_hooks:delete(remove_user, Host, ?MODULE, gone, 60).
        gone(Acc, _User, _Server) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            gen_hook:add_handlers(hooks(Host)).
        stop(Host) ->
            gen_hook:delete_handlers(hooks(Host)).

        hooks(Host) ->
            [{remove_user, Host, fun ?MODULE:gone/3, #{}, 60}].
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn one_by_one_where_additions_and_deletions_differ() {
    becomes(
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 60),
            ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 20).
        stop(Host) ->
            ejabberd_hooks:delete(remove_user, Host, ?MODULE, gone, 60),
            ejabberd_hooks:delete(user_send_packet, Host, ?MODULE, sent, 50).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            gen_hook:add_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 60),
            gen_hook:add_handler(user_send_packet, Host, fun ?MODULE:sent/3, #{}, 20).
        stop(Host) ->
            gen_hook:delete_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 60),
            gen_hook:delete_handler(user_send_packet, Host, fun ?MODULE:sent/3, #{}, 50).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
    );
}

#[test]
fn one_by_one_where_a_deletion_is_missing_or_comments_stand_between() {
    becomes(
        r#"
        start(Host, _Opts) ->
            %% Accounts
            ejabberd_hooks:add(remove_user, Host, ?MODULE, old_gone, 60),
            %% Traffic
            ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 20). % early
        gone(Acc, _User, _Server) -> Acc.
        old_gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            %% Accounts
            gen_hook:add_handler(remove_user, Host, fun ?MODULE:new_gone/3, #{}, 60),
            %% Traffic
            gen_hook:add_handler(user_send_packet, Host, fun ?MODULE:sent/3, #{}, 20). % early
        gone(Acc, _User, _Server) -> Acc.
        old_gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
    );
    becomes(
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 60), % first
            ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 20).
        stop(Host) ->
            ejabberd_hooks:delete(remove_user, Host, ?MODULE, gone, 60),
            ejabberd_hooks:delete(user_send_packet, Host, ?MODULE, sent, 20).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            gen_hook:add_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 60), % first
            gen_hook:add_handler(user_send_packet, Host, fun ?MODULE:sent/3, #{}, 20).
        stop(Host) ->
            gen_hook:delete_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 60),
            gen_hook:delete_handler(user_send_packet, Host, fun ?MODULE:sent/3, #{}, 20).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
    );
}

#[test]
fn arguments_on_lines_of_their_own_stay_below_each_other() {
    becomes(
        r#"
        init([Host]) ->
            ejabberd_hooks:add(roster_get, Host, ?MODULE,
                               read, 70),
            ejabberd_hooks:add(roster_groups, Host,
                               ?MODULE, groups,
                               70),
            ejabberd_hooks:add(
              user_available_hook,
              Host,
              ?MODULE,
              came,
              75),
            ejabberd_hooks:add(roster_process_item, Host, ?MODULE, % shared
                               old_item, 50).
        read(Acc, _JID) -> Acc.
        groups(Acc, _Server) -> Acc.
        came(Acc, _JID) -> Acc.
        old_item(Acc, _Server) -> Acc.
        "#,
        r#"
        init([Host]) ->
            gen_hook:add_handler(roster_get, Host,
                                 fun ?MODULE:read/3, #{}, 70),
            gen_hook:add_handler(roster_groups, Host,
                                 fun ?MODULE:groups/3, #{},
                                 70),
            gen_hook:add_handler(
              user_available_hook,
              Host,
              fun ?MODULE:came/3, #{},
              75),
            gen_hook:add_handler(roster_process_item, Host, fun ?MODULE: % shared
                                 new_item/3, #{}, 50).
        read(Acc, _JID) -> Acc.
        groups(Acc, _Server) -> Acc.
        came(Acc, _JID) -> Acc.
        old_item(Acc, _Server) -> Acc.
        "#,
    );
}

#[test]
fn lists_of_tuples_wherever_they_are_written() {
    becomes(
        r#"
        start(Host, Opts) ->
            ejabberd_hooks:add(hooks(Host, Opts)).
        stop(Host) ->
            ejabberd_hooks:delete(hooks(Host, #{})).

        -spec hooks(binary(), map()) -> [ejabberd_hooks:hook()].
        hooks(Host, Opts) ->
            [{remove_user, Host, ?MODULE, gone, 60} | more(Host)] ++
                [{Hook, Host, ?MODULE, Function, 40} || {Hook, Function} <- [{user_send_packet, sent},
                                                                            {user_ping_timeout, old_lost}]] ++
                case Opts of
                    #{global := true} -> [{node_cleanup, global, ?MODULE, cleaned, 50}];
                    _ -> []
                end.

        more(Host) ->
            lists:append([[{register_user, Host, mod_b, old_born, 50}], []]).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        old_lost(Acc, _JID) -> Acc.
        cleaned(Acc, _Node) -> Acc.
        //- src/mod_b.erl
        -module(mod_b).
        -export([old_born/3]).
        old_born(Acc, _User, _Server) -> Acc.
        "#,
        r#"
        start(Host, Opts) ->
            gen_hook:add_handlers(hooks(Host, Opts)).
        stop(Host) ->
            gen_hook:delete_handlers(hooks(Host, #{})).

        -spec hooks(binary(), map()) -> gen_hook:hook_list().
        hooks(Host, Opts) ->
            [{remove_user, Host, fun ?MODULE:gone/3, #{}, 60} | more(Host)] ++
                [{Hook, Host, fun ?MODULE:Function/3, #{}, 40} || {Hook, Function} <- [{user_send_packet, sent},
                                                                            {user_ping_timeout, new_lost}]] ++
                case Opts of
                    #{global := true} -> [{node_cleanup, global, fun ?MODULE:cleaned/3, #{}, 50}];
                    _ -> []
                end.

        more(Host) ->
            lists:append([[{register_user, Host, fun mod_b:new_born/3, #{}, 50}], []]).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        old_lost(Acc, _JID) -> Acc.
        cleaned(Acc, _Node) -> Acc.
        "#,
    );
}

#[test]
fn calls_in_loops_over_hooks_and_hosts() {
    becomes(
        r#"
        start(Host, _Opts) ->
            [ejabberd_hooks:add(Hook, Host, ?MODULE, F, Seq) || {Hook, F, Seq} <- handlers()],
            lists:foreach(fun({Hook, F, Seq}) -> ejabberd_hooks:add(Hook, global, ?MODULE, F, Seq) end, cleaners()).
        stop(Host) ->
            lists:foreach(fun(One) -> ejabberd_hooks:delete(hooks(One)) end, [Host]).

        handlers() ->
            [{remove_user, gone, 60},
             {user_send_packet, old_sent, 50}].
        cleaners() -> [{node_cleanup, cleaned, 50}].
        hooks(Host) ->
            [{remove_user, Host, ?MODULE, gone, 60}].
        gone(Acc, _User, _Server) -> Acc.
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        cleaned(Acc, _Node) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            [gen_hook:add_handler(Hook, Host, fun ?MODULE:F/3, #{}, Seq) || {Hook, F, Seq} <- handlers()],
            lists:foreach(fun({Hook, F, Seq}) -> gen_hook:add_handler(Hook, global, fun ?MODULE:F/3, #{}, Seq) end, cleaners()).
        stop(Host) ->
            lists:foreach(fun(One) -> gen_hook:delete_handlers(hooks(One)) end, [Host]).

        handlers() ->
            [{remove_user, gone, 60},
             {user_send_packet, new_sent, 50}].
        cleaners() -> [{node_cleanup, cleaned, 50}].
        hooks(Host) ->
            [{remove_user, Host, fun ?MODULE:gone/3, #{}, 60}].
        gone(Acc, _User, _Server) -> Acc.
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        cleaned(Acc, _Node) -> Acc.
        "#,
    );
}

#[test]
fn funs_local_and_external() {
    becomes(
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, fun gone/3, 60),
            ejabberd_hooks:add(user_send_packet, Host, fun ?MODULE:old_sent/4, 50),
            ejabberd_hooks:add(user_ping_timeout, Host, undefined, fun lost/2, 50).
        gone(Acc, _User, _Server) -> Acc.
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        lost(Acc, _JID) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            gen_hook:add_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 60),
            gen_hook:add_handler(user_send_packet, Host, fun ?MODULE:new_sent/3, #{}, 50),
            gen_hook:add_handler(user_ping_timeout, Host, fun ?MODULE:lost/3, #{}, 50).
        gone(Acc, _User, _Server) -> Acc.
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        lost(Acc, _JID) -> Acc.
        "#,
    );
}

#[test]
fn funs_are_mirrored_as_well() {
    becomes(
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, fun gone/3, 60).
        stop(Host) ->
            ejabberd_hooks:delete(remove_user, Host, fun gone/3, 60),
            ok.
        gone(Acc, _User, _Server) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            gen_hook:add_handlers(hooks(Host)).
        stop(Host) ->
            gen_hook:delete_handlers(hooks(Host)),
            ok.

        hooks(Host) ->
            [{remove_user, Host, fun ?MODULE:gone/3, #{}, 60}].
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn closures_are_refused() {
    refused(
        "is not one function",
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, fun(Acc, U, S) -> io:format("~p", [{U, S, Host}]), Acc end, 60).
        "#,
    );
}

#[test]
fn the_action_is_named_by_callers() {
    becomes(
        r#"
        start(Host, _Opts) -> register_all(add, Host), both(add, Host).
        stop(Host) -> register_all(delete, Host), both(delete, Host).
        register_all(Action, Host) ->
            ejabberd_hooks:Action(remove_user, Host, ?MODULE, gone, 60).
        both(Do, Host) -> apply_to(Do, Host).
        apply_to(Action, Host) ->
            apply(ejabberd_hooks, Action, [[{user_send_packet, Host, ?MODULE, sent, 50}]]).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
        r#"
        start(Host, _Opts) -> register_all(add_handler, Host), both(add_handlers, Host).
        stop(Host) -> register_all(delete_handler, Host), both(delete_handlers, Host).
        register_all(Action, Host) ->
            gen_hook:Action(remove_user, Host, fun ?MODULE:gone/3, #{}, 60).
        both(Do, Host) -> apply_to(Do, Host).
        apply_to(Action, Host) ->
            apply(gen_hook, Action, [[{user_send_packet, Host, fun ?MODULE:sent/3, #{}, 50}]]).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
    );
}

#[test]
fn an_action_that_is_used_otherwise_is_refused() {
    refused(
        "used for other things",
        r#"
        start(Host, _Opts) -> all(add, Host).
        stop(Host) -> all(delete, Host).
        all(Action, Host) ->
            io:format("~p", [Action]),
            ejabberd_hooks:Action(remove_user, Host, ?MODULE, gone, 60).
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
    refused(
        "is called by other modules",
        r#"
        -module(mod_a).
        -export([start/2, all/2, gone/3]).
        start(Host, _Opts) -> all(add, Host).
        all(Action, Host) ->
            ejabberd_hooks:Action(remove_user, Host, ?MODULE, gone, 60).
        gone(Acc, _User, _Server) -> Acc.
        //- src/mod_b.erl
        off(Host) -> mod_a:all(delete, Host).
        "#,
    );
    refused(
        "does not write out",
        r#"
        start(Host, Opts) -> all(add, Host), all(maps:get(action, Opts), Host).
        all(Action, Host) ->
            ejabberd_hooks:Action(remove_user, Host, ?MODULE, gone, 60).
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn own_wrappers() {
    becomes(
        r#"
        start(Host, _Opts) ->
            register_hook(Host, remove_user, gone),
            register_hook(Host, user_send_packet, old_sent).
        register_hook(Host, Hook, Function) ->
            ejabberd_hooks:add(Hook, Host, ?MODULE, Function, 50).
        gone(Acc, _User, _Server) -> Acc.
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            register_hook(Host, remove_user, gone),
            register_hook(Host, user_send_packet, new_sent).
        register_hook(Host, Hook, Function) ->
            gen_hook:add_handler(Hook, Host, fun ?MODULE:Function/3, #{}, 50).
        gone(Acc, _User, _Server) -> Acc.
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
    );
}

#[test]
fn wrappers_in_other_modules() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, old_sent/4]).
        start(Host, _Opts) ->
            acme_hooks:on(Host, user_send_packet, ?MODULE, old_sent),
            acme_hooks:all([{user_ping_timeout, Host, ?MODULE, lost, 50}]).
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        lost(Acc, _JID) -> Acc.
        //- src/acme_hooks.erl
        -module(acme_hooks).
        -export([on/4, all/1]).
        on(Host, Hook, Module, Function) ->
            ejabberd_hooks:add(Hook, Host, Module, Function, 50).
        all(Hooks) -> ejabberd_hooks:add(Hooks).
        "#,
        r#"
        -module(mod_a).
        -export([start/2, old_sent/4]).
        start(Host, _Opts) ->
            acme_hooks:on(Host, user_send_packet, ?MODULE, new_sent),
            acme_hooks:all([{user_ping_timeout, Host, fun ?MODULE:lost/3, #{}, 50}]).
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        lost(Acc, _JID) -> Acc.
        //- src/acme_hooks.erl
        -module(acme_hooks).
        -export([on/4, all/1]).
        on(Host, Hook, Module, Function) ->
            gen_hook:add_handler(Hook, Host, fun Module:Function/3, #{}, 50).
        all(Hooks) -> gen_hook:add_handlers(Hooks).
        "#,
    );
}

#[test]
fn macros_may_be_used_elsewhere() {
    becomes_unsafely(
        "in the macro `?GONE`",
        r#"
        -define(GONE(Host), {remove_user, Host, ?MODULE, old_gone, 60}).
        -define(LOST, lost).
        start(Host, _Opts) ->
            ejabberd_hooks:add([?GONE(Host), {user_ping_timeout, Host, ?MODULE, ?LOST, 50}]).
        old_gone(Acc, _User, _Server) -> Acc.
        lost(Acc, _JID) -> Acc.
        "#,
        r#"
        -define(GONE(Host), {remove_user, Host, fun ?MODULE:new_gone/3, #{}, 60}).
        -define(LOST, lost).
        start(Host, _Opts) ->
            gen_hook:add_handlers([?GONE(Host), {user_ping_timeout, Host, fun ?MODULE:?LOST/3, #{}, 50}]).
        old_gone(Acc, _User, _Server) -> Acc.
        lost(Acc, _JID) -> Acc.
        "#,
    );
    becomes_unsafely(
        "in the macro `?ADD`",
        r#"
        -include("acme.hrl").
        start(Host, _Opts) -> ?ADD(remove_user, Host, gone).
        gone(Acc, _User, _Server) -> Acc.
        //- include/acme.hrl
        -define(ADD(Hook, Host, Function), ejabberd_hooks:add(Hook, Host, ?MODULE, Function, 60)).
        "#,
        r#"
        -include("acme.hrl").
        start(Host, _Opts) -> ?ADD(remove_user, Host, gone).
        gone(Acc, _User, _Server) -> Acc.
        //- include/acme.hrl
        -define(ADD(Hook, Host, Function), gen_hook:add_handler(Hook, Host, fun ?MODULE:Function/3, #{}, 60)).
        "#,
    );
}

#[test]
fn names_that_are_written_once_for_several_handlers() {
    refused(
        "written once for several handlers",
        r#"
        start(Host, _Opts) ->
            lists:foreach(fun(Handler) -> ejabberd_hooks:add(remove_user, Host, mod_a, Handler, 50) end, [old_gone]),
            [ejabberd_hooks:add(Hook, Host, Module, old_gone, 50) || {Hook, Module} <- [{remove_user, mod_a},
                                                                                      {register_user, mod_c}]].
        old_gone(Acc, _User, _Server) -> Acc.
        //- src/mod_c.erl
        old_gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn priorities_that_gen_hook_refuses() {
    refused(
        "the priority 0 in line 2 of `mod_a.erl` is none for `gen_hook`",
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 0).
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn what_cannot_be_followed_is_refused() {
    refused(
        "could not be followed",
        r#"
        start(Host, Opts) ->
            ejabberd_hooks:add(maps:get(hooks, Opts)),
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 50).
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
    refused(
        "cannot stand in a fun",
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, backend(), gone, 50).
        backend() -> mod_a.
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
    refused(
        "what is done with the name `ejabberd_hooks` in line 3",
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 50),
            interface(ejabberd_hooks).
        interface(Module) -> Module:start_link().
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn tuples_that_are_taken_apart_are_refused() {
    refused(
        "is taken apart",
        r#"
        start(Host, _Opts) -> ejabberd_hooks:add(hooks(Host)).
        stop(Host) -> [ejabberd_hooks:delete(H, T, M, F, P) || {H, T, M, F, P} <- hooks(Host)].
        hooks(Host) -> [{remove_user, Host, ?MODULE, gone, 50}].
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn lists_that_go_elsewhere() {
    becomes_unsafely(
        "is also used in line 2 of `mod_b.erl`",
        r#"
        -module(mod_a).
        -export([start/2, hooks/1, gone/3]).
        start(Host, _Opts) ->
            Hooks = hooks(Host),
            ejabberd_hooks:add(Hooks).
        hooks(Host) -> [{remove_user, Host, ?MODULE, gone, 50}].
        gone(Acc, _User, _Server) -> Acc.
        //- src/mod_b.erl
        count(Host) ->
            length(mod_a:hooks(Host)).
        "#,
        r#"
        -module(mod_a).
        -export([start/2, hooks/1, gone/3]).
        start(Host, _Opts) ->
            Hooks = hooks(Host),
            gen_hook:add_handlers(Hooks).
        hooks(Host) -> [{remove_user, Host, fun ?MODULE:gone/3, #{}, 50}].
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn types_imports_funs_and_mocks() {
    becomes_unsafely(
        "mocks `ejabberd_hooks`",
        r#"
        -import(ejabberd_hooks, [add/1, delete/5]).
        -type handler() :: ejabberd_hooks:hook().
        -spec hooks(binary()) -> [ejabberd_hooks:hook(), ...].
        hooks(Host) -> [{remove_user, Host, ?MODULE, gone, 50}].
        start(Host, _Opts) -> add(hooks(Host)), lists:foreach(fun ejabberd_hooks:delete/1, [hooks(Host)]).
        stop(Host) -> delete(remove_user, Host, ?MODULE, gone, 50).
        test() -> meck:new(ejabberd_hooks, [passthrough]).
        gone(Acc, _User, _Server) -> Acc.
        "#,
        r#"
        -import(gen_hook, [add_handlers/1, delete_handler/5]).
        -type handler() :: {atom(), mongooseim:host_type() | global, gen_hook:hook_fn(), map(), pos_integer()}.
        -spec hooks(binary()) -> gen_hook:hook_list().
        hooks(Host) -> [{remove_user, Host, fun ?MODULE:gone/3, #{}, 50}].
        start(Host, _Opts) -> add_handlers(hooks(Host)), lists:foreach(fun gen_hook:delete_handlers/1, [hooks(Host)]).
        stop(Host) -> delete_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 50).
        test() -> meck:new(ejabberd_hooks, [passthrough]).
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

/// Rewrites a whole tree that the environment names, each module for itself, and says what came of it.
#[test]
#[ignore = "scratch"]
fn scratch_tree() {
    let root = std::path::PathBuf::from(std::env::var("LEGACY_TREE").unwrap());
    let out = std::path::PathBuf::from(std::env::var("LEGACY_OUT").unwrap());
    let mut all = Vec::new();
    let mut stack = vec![root.clone()];
    while let Some(dir) = stack.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { stack.push(path); continue }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name == "ejabberd_hooks.erl" || name == "gen_hook.erl" { continue }
            if name.ends_with(".erl") || name.ends_with(".hrl") {
                let bytes = std::fs::read(&path).unwrap();
                all.push((path.strip_prefix(&root).unwrap().to_string_lossy().into_owned(), String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
    }
    all.sort();
    let project = Project::new(&all);
    let found = project.registrations();
    let upgrade = Upgrade::between(Version::new(6, 0, 0), Version::new(6, 1, 0)).unwrap();
    let options = Options::default();
    let context = Context::new(&upgrade, &project.modules, &options, Index::new(&found));
    let legacy: Vec<&Registration> = found.iter().filter(|it| it.style == Style::EjabberdHooks).collect();
    let mut new = NewHandlers::default();
    for subject in subjects(&legacy) {
        for hook in &subject.hooks {
            new.insert(&subject, hook, subject.function.clone());
        }
    }
    let mut modules: Vec<_> = legacy.iter().map(|it| it.module.name().clone()).collect();
    modules.sort(); modules.dedup();
    let (mut safe, mut unsafe_, mut refused) = ((0, 0), (0, 0), (0, 0));
    for module in modules {
        let own = crate::migrate::legacy::together(&context, &module);
        let n = own.iter().filter(|it| it.module.name() == &module).count();
        match rewrite(&context, &own, &new) {
            Err(why) => { refused.0 += 1; refused.1 += n; println!("REFUSED {module} ({n}): {why}"); }
            Ok(done) => {
                if done.reasons.is_empty() { safe.0 += 1; safe.1 += n } else { unsafe_.0 += 1; unsafe_.1 += n; println!("UNSAFE {module} ({n}): {:?}", done.reasons); }
                let mut composition = Composition::default();
                if composition.add(&Fix::new("x", done.edits)).is_err() { println!("CLASH {module}"); continue }
                for (source, text) in composition.texts() {
                    let path = out.join(source.path());
                    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                    std::fs::write(path, text).unwrap();
                }
            }
        }
    }
    println!("TOTAL modules/registrations: safe {safe:?} unsafe {unsafe_:?} refused {refused:?} all {}", legacy.len());
}
