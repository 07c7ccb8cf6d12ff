use super::*;
use crate::source::Source;

/// What a module, the first of the given files, registers: a line for each.
fn registered(files: &[(&str, &str)]) -> Vec<String> {
    registered_knowing(files, &[])
}

fn registered_knowing(files: &[(&str, &str)], known: &[(&str, &str, usize)]) -> Vec<String> {
    let modules = Modules::new(files.iter().map(|(path, _)| (*path).into()), &[], &[]);
    let mut first = None;
    for (path, text) in files {
        let source = Source::from_bytes((*path).into(), text.as_bytes().to_vec()).unwrap();
        let module = Arc::new(Module::new(Arc::new(source)));
        modules.insert(&module);
        first.get_or_insert(module);
    }
    let known = known.iter().map(|&(m, f, a)| (m.into(), f.into(), a)).collect();
    let found = find(&modules, &first.unwrap(), &known);
    let open = found.open.iter().map(|((m, f, a), _)| format!("open {m}:{f}/{a}"));
    found.registrations.iter().map(line).chain(open).collect()
}

fn line(registration: &Registration) -> String {
    let action = if registration.action == Action::Add { "add" } else { "delete" };
    let hook = registration.hook.as_deref().unwrap_or("?");
    let handler = match &registration.handler {
        HandlerRef::External { module, function, arity } => format!("{module}:{function}/{arity}"),
        HandlerRef::Local { function, arity } => format!("local {function}/{arity}"),
        HandlerRef::Inline => "inline".to_owned(),
        HandlerRef::Unknown => "?".to_owned(),
    };
    let at = registration.place.source.position(registration.place.span.start).line;
    format!("{action} {hook} {} {handler} {} @{at}", registration.tag, registration.priority)
}

fn one(text: &str) -> Vec<String> {
    registered(&[("mod_a.erl", text)])
}

#[test]
fn a_list_from_a_function() {
    let text = "start(HostType, _) -> gen_hook:add_handlers(hooks(HostType)).\n\
                stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).\n\
                hooks(HostType) ->\n  [{h1, HostType, fun ?MODULE:f/3, #{}, 50},\n   {h2, global, fun other:g/3, #{}, 1}].\n";
    assert_eq!(
        one(text),
        [
            "add h1 HostType mod_a:f/3 50 @4",
            "delete h1 HostType mod_a:f/3 50 @4",
            "add h2 global other:g/3 1 @5",
            "delete h2 global other:g/3 1 @5",
        ]
    );
}

#[test]
fn lists_put_together() {
    let text = "start(H, _) ->\n gen_hook:add_handlers([one(H) | more(H)] ++ lists:append([even(H), []])).\n\
                one(H) -> {a, H, fun ?MODULE:f/3, #{}, 1}.\n\
                more(H) -> [{b, H, fun ?MODULE:f/3, #{}, 2}].\n\
                even(H) -> [{c, H, fun ?MODULE:f/3, #{}, 3}].\n";
    assert_eq!(one(text), ["add a H mod_a:f/3 1 @3", "add b H mod_a:f/3 2 @4", "add c H mod_a:f/3 3 @5"]);
}

#[test]
fn lists_in_lists_made_flat() {
    let text = "start(H, _) ->\n gen_hook:add_handlers(lists:flatten([one(H), [[more(H)], []],\n\
                case H of x -> [[d(H)]]; _ -> d(H) end, rest()])).\n\
                one(H) -> {a, H, fun ?MODULE:f/3, #{}, 1}.\n\
                more(H) -> [{b, H, fun ?MODULE:f/3, #{}, 2}, [{c, H, fun ?MODULE:f/3, #{}, 3}]].\n\
                d(H) -> {d, H, fun ?MODULE:f/3, #{}, 4}.\n";
    let found = one(text);
    assert_eq!(
        found[1..],
        ["add a H mod_a:f/3 1 @4", "add b H mod_a:f/3 2 @5", "add c H mod_a:f/3 3 @5", "add d H mod_a:f/3 4 @6"]
    );
    // What `rest/0` returns is not known.
    assert!(found[0].starts_with("add ? "), "{found:?}");
    // Without end, it comes to one.
    let endless = one("start(H, _) -> gen_hook:add_handlers(lists:flatten(more([H]))).\nmore(L) -> more([L, [L]]).\n");
    assert!(endless.iter().all(|it| it.starts_with("add ? ")), "{endless:?}");
}

#[test]
fn comprehensions_over_names_and_tuples() {
    let text = "start(H, _) ->\n\
                gen_hook:add_handlers([{N, H, fun ?MODULE:f/3, #{}, 1} || N <- [a, b]]),\n\
                gen_hook:add_handlers([{N, H, fun M:F/3, #{}, P} || {N, M, F, P} <- [{c, x, g, 2}]]).\n";
    assert_eq!(one(text), ["add a H mod_a:f/3 1 @2", "add b H mod_a:f/3 1 @2", "add c H x:g/3 2 @3"]);
}

#[test]
fn funs_called_for_each() {
    let text = "start(H, _) ->\n\
                lists:foreach(fun({N, F}) -> gen_hook:add_handler(N, H, fun ?MODULE:F/3, #{}, 5) end,\n\
                [{a, f}, {b, g}]),\n\
                F = fun(N) -> {N, H, fun ?MODULE:f/3, #{}, 6} end,\n\
                gen_hook:add_handlers(lists:map(F, [c])).\n";
    assert_eq!(one(text), ["add a H mod_a:f/3 5 @3", "add b H mod_a:g/3 5 @3", "add c H mod_a:f/3 6 @5"]);
}

#[test]
fn a_variable_stands_for_what_registers() {
    let text = "start(H, _) ->\n\
                Add = fun(L) -> gen_hook:add_handlers(L) end,\n\
                Each = fun(N) -> Add([{N, H, fun ?MODULE:f/3, #{}, 5}]) end,\n\
                lists:foreach(Each, [a, b]),\n\
                Plain = fun gen_hook:add_handlers/1,\n\
                Plain([{c, H, fun ?MODULE:f/3, #{}, 6}]).\n";
    assert_eq!(one(text), ["add a H mod_a:f/3 5 @4", "add b H mod_a:f/3 5 @4", "add c H mod_a:f/3 6 @6"]);
}

#[test]
fn a_helper_that_calls_itself() {
    let text = "start(H, _) -> add(H, [{a, f}, {b, g}]).\n\
                add(_, []) -> ok;\n\
                add(H, [{N, F} | Rest]) ->\n gen_hook:add_handler(N, H, fun ?MODULE:F/3, #{}, 7),\n add(H, Rest).\n";
    assert_eq!(one(text), ["add a H mod_a:f/3 7 @1", "add b H mod_a:g/3 7 @1"]);
}

#[test]
fn macros_for_parts_tuples_and_calls() {
    let text = "-define(PRIO, 50).\n-define(MOD, other).\n-define(HOOK(N, F), {N, HostType, fun ?MODULE:F/3, #{}, ?PRIO}).\n\
                -define(ADD(N), gen_hook:add_handler(N, HostType, fun ?MOD:f/3, #{}, ?PRIO + 1)).\n\
                start(HostType, _) ->\n  gen_hook:add_handlers([?HOOK(a, f)]),\n  ?ADD(b).\n";
    assert_eq!(one(text), ["add a HostType mod_a:f/3 50 @6", "add b HostType other:f/3 51 @7"]);
}

#[test]
fn macros_of_headers() {
    let header = "-define(PRIO, 20).\n-define(NAMES, [a]).\n";
    let text = "-include(\"my.hrl\").\nstart(H, _) ->\n gen_hook:add_handlers([{N, H, fun ?MODULE:f/3, #{}, ?PRIO} || N <- ?NAMES]).\n";
    assert_eq!(registered(&[("src/mod_a.erl", text), ("include/my.hrl", header)]), ["add a H mod_a:f/3 20 @3"]);
}

#[test]
fn every_branch_is_taken() {
    let text = "start(H, Opts) ->\n gen_hook:add_handlers(hooks(H, Opts)).\n\
                hooks(H, #{x := true}) -> [{a, H, fun ?MODULE:f/3, #{}, 1}];\n\
                hooks(H, _) -> case os:type() of {unix, _} -> [{b, H, fun ?MODULE:f/3, #{}, 2}]; _ -> [] end.\n";
    assert_eq!(one(text), ["add a H mod_a:f/3 1 @3", "add b H mod_a:f/3 2 @4"]);
}

#[test]
fn calls_by_way_of_rpc_and_apply() {
    let text = "t() -> rpc(mim(), gen_hook, add_handler, [a, <<\"h\">>, fun ?MODULE:f/3, #{}, 1]),\n\
                erlang:apply(gen_hook, add_handlers, [[{b, global, fun ?MODULE:f/3, #{}, 2}]]).\n";
    assert_eq!(one(text), ["add a <<\"h\">> mod_a:f/3 1 @1", "add b global mod_a:f/3 2 @2"]);
}

#[test]
fn funs_that_cannot_be_registered() {
    let text = "start(H, _) -> gen_hook:add_handlers([{a, H, fun f/3, #{}, 1},\n {b, H, fun(A, _, _) -> {ok, A} end, #{}, 2}]).\n";
    assert_eq!(one(text), ["add a H local f/3 1 @1", "add b H inline 2 @2"]);
}

#[test]
fn the_callback_alone() {
    let text = "-export([hooks/1]).\nhooks(HostType) -> [{a, HostType, fun ?MODULE:f/3, #{}, 1}].\n";
    assert_eq!(one(text), ["add a HostType mod_a:f/3 1 @2"]);
    assert_eq!(one("hooks(HostType) -> [{a, HostType, fun ?MODULE:f/3, #{}, 1}].\n"), [""; 0]);
    // A module that still deletes by itself is registered by the server all the same.
    let text = format!("{text}stop(H) -> gen_hook:delete_handlers(hooks(H)).\n");
    assert_eq!(one(&text), ["add a HostType mod_a:f/3 1 @2", "delete a H mod_a:f/3 1 @2"]);
}

#[test]
fn what_cannot_be_followed_is_said() {
    let text = "start(H, Opts) ->\n gen_hook:add_handlers(maps:get(hooks, Opts)),\n gen_hook:add_handlers([{a, H, fun ?MODULE:f/3, #{}, 1} | conf:more()]).\n";
    assert_eq!(one(text), ["add ?  ?  @2", "add a H mod_a:f/3 1 @3", "add ?  ?  @3"]);
}

#[test]
fn a_wrapper_stays_open_until_a_caller_is_known() {
    let wrapper =
        "-export([add/2]).\nadd(H, L) -> [gen_hook:add_handler(N, H, fun M:F/3, #{}, 3) || {N, M, F} <- L].\n";
    let caller = "start(H, _) ->\n wrap:add(H, [{a, mod_b, f}]).\n";
    assert_eq!(registered(&[("wrap.erl", wrapper)]), ["open wrap:add/2"]);
    let files = [("mod_b.erl", caller), ("wrap.erl", wrapper)];
    assert_eq!(registered_knowing(&files, &[("wrap", "add", 2)]), ["add a H mod_b:f/3 3 @2"]);
}

#[test]
fn handlers_by_module_and_name() {
    let text = "start(Host, _) -> ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 50).\n\
                stop(Host) -> ejabberd_hooks:delete(remove_user, Host, ?MODULE, gone, 50).\n\
                gone(Acc, _, _) -> Acc.\n";
    assert_eq!(one(text), ["add remove_user Host mod_a:gone/3 50 @1", "delete remove_user Host mod_a:gone/3 50 @2"]);
}

#[test]
fn handlers_as_funs() {
    let text = "init([Host]) ->\n\
                ejabberd_hooks:add(a, Host, fun f/4, 1),\n\
                ejabberd_hooks:add(b, global, fun ?MODULE:g/2, 2),\n\
                ejabberd_hooks:add(c, Host, fun(Acc, _) -> Acc end, 3),\n\
                ejabberd_hooks:add(d, Host, ?MODULE, fun h/1, 4).\n\
                terminate(_, Host) -> ejabberd_hooks:delete(a, Host, fun f/4, 1).\n";
    assert_eq!(
        one(text),
        [
            "add a Host local f/4 1 @2",
            "add b global mod_a:g/2 2 @3",
            "add c Host inline 3 @4",
            "add d Host local h/1 4 @5",
            "delete a Host local f/4 1 @6",
        ]
    );
}

#[test]
fn lists_of_old_tuples() {
    let text = "-define(PRIO, 75).\n-define(HOOK(N, F), {N, Host, ?MODULE, F, ?PRIO}).\n\
                start(Host, _) -> ejabberd_hooks:add(hooks(Host)).\n\
                stop(Host) -> ejabberd_hooks:delete(hooks(Host)).\n\
                hooks(Host) ->\n [?HOOK(a, f) | [{N, Host, ?MODULE, g, 5} || N <- [b, c]]].\n\
                f(A) -> A.\ng(A, _) -> A.\n";
    assert_eq!(
        one(text),
        [
            "add a Host mod_a:f/1 75 @6",
            "delete a Host mod_a:f/1 75 @6",
            "add b Host mod_a:g/2 5 @6",
            "delete b Host mod_a:g/2 5 @6",
            "add c Host mod_a:g/2 5 @6",
            "delete c Host mod_a:g/2 5 @6",
        ]
    );
}

#[test]
fn one_by_one_for_hooks_and_hosts() {
    let text = "start(_, _) ->\n\
                [ejabberd_hooks:add(N, H, ?MODULE, f, 9) || N <- [a, b], H <- hosts()],\n\
                lists:foreach(fun({N, F}) -> ejabberd_hooks:add(N, global, ?MODULE, F, 9) end, [{c, f}]),\n\
                lists:foreach(fun ejabberd_hooks:add/1, [[{d, <<\"h\">>, ?MODULE, f, 9}]]).\n\
                f(A) -> A.\n";
    assert_eq!(
        one(text),
        [
            "add a hosts() mod_a:f/1 9 @2",
            "add b hosts() mod_a:f/1 9 @2",
            "add c global mod_a:f/1 9 @3",
            "add d <<\"h\">> mod_a:f/1 9 @4",
        ]
    );
}

#[test]
fn one_helper_that_adds_and_deletes() {
    for call in [
        "ejabberd_hooks:Action(N, Host, ?MODULE, F, P)",
        "apply(ejabberd_hooks, Action, [N, Host, ?MODULE, F, P])",
        "erlang:apply(ejabberd_hooks, Action, [N, Host, ?MODULE, F, P])",
        "apply(ejabberd_hooks, Action, tuple_to_list({N, Host, ?MODULE, F, P}))",
        "case Action of add -> ejabberd_hooks:add(N, Host, ?MODULE, F, P); _ -> ejabberd_hooks:delete(N, Host, ?MODULE, F, P) end",
    ] {
        let text = format!(
            "start(Host, _) -> hooks(add, Host).\nstop(Host) -> hooks(delete, Host).\n\
             hooks(Action, Host) -> [{call}\n || {{N, F, P}} <- [{{a, f, 1}}, {{b, g, 2}}]].\nf(A) -> A.\ng(A, _) -> A.\n"
        );
        let mut found = one(&text);
        found.iter_mut().for_each(|line| line.truncate(line.rfind(" @").unwrap()));
        found.sort();
        let expected = [
            "add a Host mod_a:f/1 1",
            "add b Host mod_a:g/2 2",
            "delete a Host mod_a:f/1 1",
            "delete b Host mod_a:g/2 2",
        ];
        assert_eq!(found, expected, "{call}");
    }
}

#[test]
fn what_to_do_is_said_by_nobody() {
    let text = "hooks(Action, Host) ->\n ejabberd_hooks:Action(a, Host, ?MODULE, f, 1).\nf(A) -> A.\n";
    assert_eq!(one(text), ["open mod_a:hooks/2"]);
}

#[test]
fn own_wrappers_around_the_old_interface() {
    let text = "-define(HOOKS, ejabberd_hooks).\nstart(Host, _) ->\n add_hook(Host, a, f, 10),\n add_hook(Host, b, g).\n\
                add_hook(Host, Hook, F) -> add_hook(Host, Hook, F, 50).\n\
                add_hook(Host, Hook, F, P) -> ?HOOKS:add(Hook, Host, ?MODULE, F, P).\nf(A) -> A.\ng(A) -> A.\n";
    assert_eq!(one(text), ["add a Host mod_a:f/1 10 @3", "add b Host mod_a:g/1 50 @4"]);
}

#[test]
fn imported_functions_of_the_old_interface() {
    let text = "-import(ejabberd_hooks, [add/5, delete/1]).\n\
                start(H, _) -> add(a, H, ?MODULE, f, 1), delete([{b, H, ?MODULE, f, 1}]), delete(x, H, y, z, 1).\n\
                f(A) -> A.\n";
    assert_eq!(one(text), ["add a H mod_a:f/1 1 @2", "delete b H mod_a:f/1 1 @2"]);
}

#[test]
fn tags_of_the_old_interface() {
    let text = "start(Host, Opts) ->\n\
                Sub = gen_mod:get_opt_subhost(Host, Opts, mod_muc:default_host()),\n\
                ejabberd_hooks:add(a, Sub, ?MODULE, f, 1),\n\
                ejabberd_hooks:add(b, gen_mod:get_module_opt_host(Host, mod_muc, <<\"x\">>), ?MODULE, f, 1),\n\
                ejabberd_hooks:add(c, everywhere, ?MODULE, f, 1).\nf(A) -> A.\n";
    assert_eq!(
        one(text),
        [
            "add a gen_mod:get_opt_subhost(Host, Opts, mod_muc:default_host()) mod_a:f/1 1 @3",
            "add b gen_mod:get_module_opt_host(Host, mod_muc, <<\"x\">>) mod_a:f/1 1 @4",
            "add c everywhere mod_a:f/1 1 @5",
        ]
    );
}

#[test]
fn the_arity_is_that_of_the_hook_where_there_are_several() {
    let text = "start(H, _) -> ejabberd_hooks:add(remove_user, H, ?MODULE, gone, 5),\n\
                ejabberd_hooks:add(remove_user, H, mod_b, gone, 6),\n\
                ejabberd_hooks:add(nobodys_hook, H, ?MODULE, gone, 7).\n\
                gone(A) -> A.\ngone(A, _, _) -> A.\n";
    assert_eq!(
        one(text),
        [
            "add remove_user H mod_a:gone/3 5 @1",
            "add remove_user H mod_b:gone/3 6 @2",
            "add nobodys_hook H mod_a:gone/-1 7 @3",
        ]
    );
}

#[test]
fn the_arity_of_an_older_form_comes_next() {
    let text = "start(H, _) -> ejabberd_hooks:add(set_vcard, H, ?MODULE, f, 5).\n\
                f(A) -> A.\nf(A, _, _) -> A.\n";
    assert_eq!(one(text), ["add set_vcard H mod_a:f/3 5 @1"]);
}

#[test]
fn what_the_old_interface_is_not_told() {
    let text = "start(H, Opts) ->\n ejabberd_hooks:add(maps:get(hooks, Opts)),\n\
                ejabberd_hooks:add(a, H, maps:get(module, Opts), f, 1).\n";
    assert_eq!(one(text), ["add ?  ?  @2", "add a H ? 1 @3"]);
}

#[test]
fn what_registers_nothing_with_the_old_interface() {
    for text in [
        "t() -> meck:expect(ejabberd_hooks, add, fun(_) -> ok end).",
        "t() -> meck:new(ejabberd_hooks, [passthrough]).",
        "f(H) -> ejabberd_hooks:run(a, H, []), ejabberd_hooks:run_fold(a, H, ok, []).",
        "f(P, A) -> ejabberd_hooks:add_args(P, A).",
        "f() -> {ejabberd_hooks, {ejabberd_hooks, start_link, []}, permanent}.",
        "-spec hooks(binary()) -> [ejabberd_hooks:hook()].\nhooks(_) -> [].",
        "f() -> ok. %% ejabberd_hooks:add(a, H, ?MODULE, f, 1)",
        "f() -> io:format(\"ejabberd_hooks:add(~p)\", [a]).",
        "f(H) -> my_hooks:add(a, H, ?MODULE, f, 1).",
        "f(H) -> timer:tc(ejabberd_hooks, run_fold, [a, H, []]).",
        "-ifdef(NEVER).\nadd(_, _, _, _, _) -> ok.\n-endif.\nf(H) -> add(a, H, ?MODULE, f, 1).",
    ] {
        assert_eq!(one(&format!("{text}\n")), [""; 0], "{text}");
    }
}

#[test]
fn code_that_only_starts_gen_hook_or_runs_hooks_is_not_followed() {
    for text in [
        "init(_) -> gen_hook:start_link().",
        "f(H) -> gen_hook : run_fold(a, H, ok, #{}).",
        "init(_) -> [{gen_hook, start_link, []}].",
        "f() -> fun gen_hook:run_fold/4.",
    ] {
        assert!(!may_register(text), "{text}");
    }
    for text in [
        "f(H) -> gen_hook:add_handlers(hooks(H)).",
        "f(H) -> gen_hook:start_link(), rpc(gen_hook, add_handlers, [hooks(H)]).",
        "f(Action, H) -> gen_hook:Action(hooks(H)).",
        "f(H) -> M = gen_hook, M:add_handlers(hooks(H)).",
        "f(H) -> gen_hook:run_folder(hooks(H)).",
        "f(H) -> gen_hook: % why\n run_fold(a, H, ok, #{}).",
    ] {
        assert!(may_register(text), "{text}");
    }
}

#[test]
fn mocks_and_other_uses_register_nothing() {
    let text = "t() -> meck:expect(gen_hook, add_handlers, fun(_) -> ok end), gen_hook:run_fold(a, global, ok, #{}).\n\
                -spec g(gen_hook:extra()) -> ok.\ng(_) -> ok.\n";
    assert_eq!(one(text), [""; 0]);
}

#[test]
fn lists_that_hold_themselves_end() {
    for inner in [
        "hooks(H)",
        "[hooks(H)]",
        "[{b, H, fun ?MODULE:f/3, #{}, 2}, hooks(H)]",
        "{hook(H), H, fun ?MODULE:f/3, #{}, 1}",
    ] {
        let text = format!(
            "start(H, _) -> gen_hook:add_handlers(hooks(H)).\n\
             hooks(H) -> [case H of a -> {{a, H, fun ?MODULE:f/3, #{{}}, 1}}; _ -> {inner} end].\n\
             hook(H) -> case H of a -> a; b -> hook(H) end.\n"
        );
        assert!(one(&text).iter().any(|line| line.starts_with("add a H mod_a:f/3 1")), "{text}");
    }
}

#[test]
fn broken_forms_cost_themselves_only() {
    let text = "g() -> \"stray.\n\nh( -> .\nstart(H, _) -> gen_hook:add_handlers([{a, H, fun ?MODULE:f/3, #{}, 1}]).\n";
    assert_eq!(one(text), ["add a H mod_a:f/3 1 @4"]);
}
