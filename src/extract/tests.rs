//! A made-up server, small enough to read, with every form in which a hook is run or declared.

use std::fs;
use std::path::Path;

use super::*;
use crate::catalog::{Catalog, text};
use crate::catalog::{Hook, Parameter, Scope};
use crate::scratch::Scratch;

const V: Version = Version::new(7, 0, 0);

/// The runners of a server as they are from 6.0.0 on.
const RUNNERS: &str = "
run_hook_for_host_type(Name, undefined, Acc, _Params) ->
    logger:error(Name),
    Acc;
run_hook_for_host_type(Name, HostType, Acc, Params) when is_binary(HostType) ->
    run_fold(Name, HostType, Acc, Params).
run_global_hook(Name, Acc, Params) ->
    run_fold(Name, global, Acc, Params).
run_fold(Name, Tag, Acc, Params) ->
    {_, Result} = gen_hook:run_fold(Name, Tag, Acc, Params),
    Result.
";

fn hooks_of(functions: &str, more: &[(&str, &str)]) -> (Vec<Hook>, Vec<String>) {
    let text = format!("-module(mongoose_hooks).\n{functions}{RUNNERS}");
    let mut files = vec![("src/deep/mongoose_hooks.erl", text.as_str())];
    files.extend(more);
    let extraction = extract(Scratch::of(&files).root(), V).unwrap();
    (extraction.release.hooks, extraction.notes)
}

fn hook(functions: &str) -> Hook {
    let (hooks, notes) = hooks_of(functions, &[]);
    assert_eq!((hooks.len(), notes.as_slice()), (1, &[][..]), "{hooks:?}");
    hooks.into_iter().next().unwrap()
}

fn parameter(key: &str, ty: &str) -> Parameter {
    Parameter { key: key.to_owned(), ty: ty.to_owned(), optional: false }
}

#[test]
fn a_hook_with_a_literal_map() {
    let hook = hook(
        "
%% A comment before it.
-spec order_placed(HostType, Acc, Buyer, Items) -> Result when
    HostType :: server:host_type(),
    Acc :: server:acc(), % the accumulator
    Buyer :: jid(),
    Items :: [item() |
              none],
    Result :: server:acc().
order_placed(HostType, Acc, Buyer, Items) ->
    Params = #{buyer => Buyer, items => Items, count => length(Items)},
    run_hook_for_host_type(order_placed, HostType, Acc, Params).
",
    );
    let expected = Hook {
        name: "order_placed".to_owned(),
        run: "mongoose_hooks:order_placed/4".to_owned(),
        scope: Scope::HostType,
        accumulator: "server:acc()".to_owned(),
        initial: "Acc".to_owned(),
        parameters: vec![parameter("buyer", "jid()"), parameter("items", "[item() | none]"), parameter("count", "")],
        parameters_type: String::new(),
        arguments: Vec::new(),
        result: "server:acc()".to_owned(),
        unwrapped: true,
        at: "src/deep/mongoose_hooks.erl:11".to_owned(),
    };
    assert_eq!(hook, expected);
}

#[test]
fn a_spec_may_name_its_arguments_or_not() {
    let hook = hook(
        "
-spec opened(HostType :: binary(), acc(), Who :: jid()) -> Result :: acc().
opened(HostType, {A, _} = Acc, _Who = Jid) ->
    run_hook_for_host_type(opened, HostType, Acc, #{who => Jid, a => A}).
",
    );
    assert_eq!(hook.accumulator, "acc()");
    assert_eq!(hook.result, "acc()");
    assert_eq!(hook.parameters, [parameter("who", "jid()"), parameter("a", "")]);
}

#[test]
fn without_a_spec_types_are_empty() {
    let hook = hook("f(Acc, X) -> run_global_hook(f, Acc, #{x => X}).\n");
    assert_eq!((hook.scope, hook.accumulator.as_str(), hook.result.as_str()), (Scope::Global, "", ""));
    assert_eq!(hook.parameters, [parameter("x", "")]);
}

#[test]
fn a_literal_accumulator_has_the_type_of_the_result() {
    let accumulator = |initial: &str, result: &str| {
        let text = format!("-spec f() -> {result}.\nf() -> run_global_hook(f, {initial}, #{{}}).\n");
        let hook = hook(&text);
        assert_eq!(hook.initial, initial);
        hook.accumulator
    };
    assert_eq!(accumulator("[]", "[item()]"), "[item()]");
    assert_eq!(accumulator("false", "boolean()"), "boolean()");
    // The result is not used: what is certain is the value that the first handler gets.
    assert_eq!(accumulator("ok", "any()"), "ok");
    assert_eq!(accumulator("#{a => []}", "term()"), "#{a => []}");
}

#[test]
fn a_local_variable_is_what_it_was_bound_to() {
    let acc = "-module(acc).\n-type t() :: map().\n-spec set(atom(), t()) -> t().\nset(_, A) -> A.\n";
    let (hooks, notes) = hooks_of(
        "
-spec f(Acc) -> any() when Acc :: any().
f(Acc) ->
    Marked = acc:set(mark,
                     Acc),
    run_global_hook(f, Marked, #{}).
-spec g() -> ok | {error, any()}.
g() ->
    Default = {error, none},
    run_global_hook(g, Default, #{}).
",
        &[("src/acc.erl", acc)],
    );
    assert_eq!(notes, Vec::<String>::new());
    assert_eq!((hooks[0].accumulator.as_str(), hooks[0].initial.as_str()), ("acc:t()", "acc:set(mark, Acc)"));
    assert_eq!((hooks[1].accumulator.as_str(), hooks[1].initial.as_str()), ("ok | {error, any()}", "{error, none}"));
}

#[test]
fn a_map_of_the_caller_has_the_keys_of_its_type() {
    let archive = "-module(archive).\n-type params() :: alias().\n-type id() :: integer().\n\
                   -type alias() :: #{id := id(), owner => server:jid(), _ => _}.\n";
    let (hooks, notes) = hooks_of(
        "
-type own() :: #{x := y()}.
-type y() :: atom().
-spec a(P) -> any() when P :: archive:params().
a(Params) -> run_global_hook(a, ok, Params).
-spec b(own()) -> any().
b(Params) -> run_global_hook(b, ok, Params#{z => 1}).
-spec c(#{in := line()}) -> any().
c(Params) -> run_global_hook(c, ok, Params).
",
        &[("src/archive.erl", archive)],
    );
    assert_eq!(notes, Vec::<String>::new());
    let owner = Parameter { optional: true, ..parameter("owner", "server:jid()") };
    assert_eq!(hooks[0].parameters, [parameter("id", "archive:id()"), owner]);
    assert_eq!(hooks[0].parameters_type, "archive:params()");
    assert_eq!(hooks[1].parameters, [parameter("x", "y()"), parameter("z", "")]);
    assert_eq!(hooks[1].parameters_type, "mongoose_hooks:own()");
    assert_eq!(hooks[2].parameters, [parameter("in", "line()")]);
    assert_eq!(hooks[2].parameters_type, "#{in := line()}");
}

#[test]
fn where_the_caller_hands_over_any_map_the_servers_handlers_are_asked() {
    let module = "-module(mod_a).\n-export([f/3, g/3]).\n-type params() :: #{k := v}.\n\
                  start(H) -> gen_hook:add_handlers([{f, H, fun ?MODULE:f/3, #{}, 50}, {g, H, fun ?MODULE:g/3, #{}, 50}]).\n\
                  -spec f(Acc, Params, Extra) -> {ok, Acc} when Acc :: any(), Params :: params(), Extra :: map().\n\
                  f(Acc, _, _) -> {ok, Acc}.\n\
                  -spec g(any(), #{read := any()}, map()) -> {ok, any()}.\n\
                  g(Acc, _, _) -> {ok, Acc}.\n";
    let (hooks, notes) = hooks_of(
        "
-spec f(binary(), map()) -> any().
f(HostType, Params) -> run_hook_for_host_type(f, HostType, ok, Params).
-spec g(binary(), map()) -> any().
g(HostType, Params) -> run_hook_for_host_type(g, HostType, ok, Params).
",
        &[("src/mod_a.erl", module)],
    );
    assert_eq!(
        (hooks[0].parameters_type.as_str(), &hooks[0].parameters[..]),
        ("mod_a:params()", &[parameter("k", "v")][..])
    );
    assert_eq!((hooks[1].parameters_type.as_str(), hooks[1].parameters.len()), ("map()", 0));
    assert_eq!(
        notes,
        [
            "src/deep/mongoose_hooks.erl:4: hook `f` takes map(); mod_a:params() is taken from the spec of mod_a:f/3",
            "src/deep/mongoose_hooks.erl:6: which parameters hook `g` has is not known: it takes map()",
        ]
    );
}

#[test]
fn positional_arguments_of_older_servers() {
    let (hooks, notes) = hooks_of(
        "
-spec f(Acc, Jid) -> Acc when Acc :: acc(), Jid :: jid().
f(Acc, Jid) -> run_hook_for_host_type(f, host_type(Acc), Acc, [Jid, {Jid, x}]).
-spec g(Node :: node()) -> map().
g(Node) ->
    Params = #{node => Node},
    Args = [Node],
    WithArgs = ejabberd_hooks:add_args(Params, Args),
    run_old(g, #{}, WithArgs).
run_old(Name, Acc, Args) when is_list(Args) ->
    Params = ejabberd_hooks:add_args(#{}, Args),
    run_fold(Name, global, Acc, Params).
",
        &[("src/ejabberd_hooks.erl", "-module(ejabberd_hooks).\n")],
    );
    assert_eq!(notes, ["the server's own handlers are left out: they are registered through `ejabberd_hooks`"]);
    assert_eq!(hooks[0].arguments, [parameter("Jid", "jid()"), parameter("{Jid, x}", "")]);
    assert!(hooks[0].parameters.is_empty());
    assert_eq!(hooks[1].arguments, [parameter("Node", "node()")]);
    assert_eq!(hooks[1].parameters, [parameter("node", "node()")]);
    assert_eq!(hooks[1].scope, Scope::Global);
}

#[test]
fn helpers_are_followed_by_the_place_of_their_arguments() {
    let sessions = "-module(mongoose_c2s_hooks).\n-import(gen_hook, [run_fold/4]).\n\
                    l(H) -> run_fold(l, H, ok, #{}).\nm(H) -> mongoose_hooks:keep(m, H, ok).\n";
    let (hooks, notes) = hooks_of(
        "
f(Acc, X) -> notify(#{x => X}, Acc, f).
g(HostType, Acc) -> ?MODULE:keep(g, HostType, Acc).
h(HostType) -> case gen_hook:run_fold(h, HostType, ok, #{}) of {ok, A} -> A; {stop, A} -> A end.
i(HostType) -> element(2, gen_hook:run_fold(i, HostType, ok, #{})).
j(HostType) -> Name = j, Tag = HostType, gen_hook:run_fold(Name, Tag, ok, #{}).
k(X) -> told(k, X).
notify(Params, Acc, Name) -> run_global_hook(Name, Acc, Params).
keep(Name, HostType, Acc) -> gen_hook:run_fold(Name, HostType, Acc, #{}).
told(Name, X) -> run_global_hook(Name, told, #{x => X}).
",
        &[("src/mongoose_c2s_hooks.erl", sessions)],
    );
    let brief: Vec<_> = hooks
        .iter()
        .map(|it| (it.run.as_str(), it.scope, it.initial.as_str(), it.parameters.len(), it.unwrapped))
        .collect();
    assert_eq!(
        brief,
        [
            ("mongoose_hooks:f/2", Scope::Global, "Acc", 1, true),
            ("mongoose_hooks:g/2", Scope::HostType, "Acc", 0, false),
            ("mongoose_hooks:h/1", Scope::HostType, "ok", 0, true),
            ("mongoose_hooks:i/1", Scope::HostType, "ok", 0, true),
            ("mongoose_hooks:j/1", Scope::HostType, "ok", 0, false),
            ("mongoose_hooks:k/1", Scope::Global, "told", 0, true),
            ("mongoose_c2s_hooks:l/1", Scope::HostType, "ok", 0, false),
            ("mongoose_c2s_hooks:m/1", Scope::HostType, "ok", 0, false),
        ]
    );
    assert_eq!(
        notes,
        ["src/deep/mongoose_hooks.erl:8: the parameters of hook `k` are not known: a helper makes them, as #{x => X}"]
    );
}

#[test]
fn sessions_hooks_hand_the_whole_result_on() {
    let sessions = "-module(mongoose_c2s_hooks).\n-type params() :: #{data := data(), tag => atom()}.\n\
                    -type result() :: gen_hook:hook_fn_ret(acc()).\n\
                    -spec sent(HostType, Acc, Params) -> Result when HostType :: binary(), Acc :: acc(),\n\
                    Params :: params(), Result :: result().\n\
                    sent(HostType, Acc, Params) ->\n    gen_hook:run_fold(sent, HostType, Acc, Params).\n\
                    -spec fresh(binary(), params()) -> result().\n\
                    fresh(HostType, Params) ->\n    gen_hook:run_fold(fresh, HostType, new, Params).\n";
    let (hooks, notes) =
        hooks_of("f() -> run_global_hook(zero, ok, #{}).\n", &[("src/mongoose_c2s_hooks.erl", sessions)]);
    assert_eq!(notes, Vec::<String>::new());
    let [fresh, sent, _] = &hooks[..] else { panic!("{hooks:?}") };
    assert_eq!(
        (sent.result.as_str(), sent.unwrapped, sent.at.as_str()),
        ("result()", false, "src/mongoose_c2s_hooks.erl:6")
    );
    assert_eq!(sent.parameters_type, "mongoose_c2s_hooks:params()");
    assert_eq!(sent.keys().collect::<Vec<_>>(), ["data", "tag"]);
    assert!(sent.parameters[1].optional);
    assert_eq!(fresh.accumulator, "acc()");
}

#[test]
fn a_hook_that_two_functions_run_is_told_once() {
    let (hooks, notes) = hooks_of(
        "g() -> run_global_hook(x, g, #{}).\nf(a) -> run_global_hook(x, f, #{});\nf(b) -> run_global_hook(x, b, #{}).\n\
         h(N) -> run_global_hook(list_to_atom(N), ok, #{}).\n",
        &[],
    );
    assert_eq!((hooks.len(), hooks[0].run.as_str(), hooks[0].initial.as_str()), (1, "mongoose_hooks:f/1", "f"));
    assert_eq!(
        notes,
        [
            "src/deep/mongoose_hooks.erl:5 runs a hook whose name is not written there",
            "hook `x` is run by mongoose_hooks:f/1 and by mongoose_hooks:g/0: the first is taken",
        ]
    );
}

const HOOKS: (&str, &str) =
    ("src/mongoose_hooks.erl", "-module(mongoose_hooks).\nf() -> gen_hook:run_fold(f, x, ok, #{}).\n");

#[test]
fn the_servers_own_handlers() {
    let root = Scratch::of(&[
        HOOKS,
        ("include/prio.hrl", "-define(LATE, 90).\n"),
        (
            "src/mod_a.erl",
            "-module(mod_a).\n-include(\"prio.hrl\").\n-export([hooks/1]).\nhooks(H) ->\n    [{f, H, fun ?MODULE:late/3, #{}, ?LATE},\n     {f, H, fun ?MODULE:early/3, #{}, 10}].\n\
             stop(H) -> gen_hook:delete_handler(f, H, fun ?MODULE:other/3, #{}, 5).\n",
        ),
        (
            "src/lib.erl",
            "-module(lib).\n-export([add/2]).\nadd(Hook, H) -> gen_hook:add_handler(Hook, H, fun lib:g/3, #{}, 50).\n",
        ),
        ("src/mod_b.erl", "-module(mod_b).\nstart(H) ->\n    lib:add(e, H).\n"),
        (
            "src/mod_c.erl",
            "-module(mod_c).\nstart(H, P) -> gen_hook:add_handler(f, H, fun ?MODULE:c/3, #{}, p(P)).\np(P) -> P * 2.\n",
        ),
    ]);
    let extraction = extract(root.root(), V).unwrap();
    let handlers: Vec<_> = extraction
        .release
        .handlers
        .iter()
        .map(|it| format!("{} {} {}:{} {}", it.hook, it.priority, it.module, it.function, it.at))
        .collect();
    assert_eq!(
        handlers,
        ["e 50 lib:g src/mod_b.erl:3", "f 10 mod_a:early src/mod_a.erl:6", "f 90 mod_a:late src/mod_a.erl:5"]
    );
    assert_eq!(extraction.notes, ["src/mod_c.erl:2: a handler is left out: its priority P * 2 is not known"]);
}

#[test]
fn exports_and_headers() {
    let root = Scratch::of(&[
        HOOKS,
        (
            "src/a/one.erl",
            "-module(one).\n-export([g/1, f/2]).\n-export(['a b'/0, f/1, f/1]).\nf(_) -> 1.\nhidden() -> 2.\n",
        ),
        ("src/two.erl", "-module(two).\n-compile(export_all).\ng() -> 1.\nf(_, _) -> 2.\n"),
        (
            "include/x.hrl",
            "-ifndef(X).\n-define(X, 1).\n-endif.\n-define(A(B), B).\n-record(r, {a, b = 1 :: integer(), c :: d}).\n-record(q, {}).\n",
        ),
        ("include/sub/y.hrl", "%% nothing\n"),
        ("include/notes.txt", "-define(NOT_ME, 1).\n"),
        ("src/private.hrl", "-define(PRIVATE, 1).\n"),
    ]);
    let api = extract(root.root(), V).unwrap().api;
    let modules: Vec<_> = api.modules.iter().map(|it| format!("{}: {}", it.name, it.exports)).collect();
    assert_eq!(modules, ["mongoose_hooks: ", "one: f/1 f/2 g/1", "two: f/2 g/0"]);
    let headers: Vec<_> = api.headers.iter().map(|it| format!("{}: {}", it.name, it.macros)).collect();
    assert_eq!(headers, ["sub/y.hrl: ", "x.hrl: A/1 X"]);
    let records: Vec<_> = api.headers[1].records.iter().map(|it| format!("{} {}", it.name, it.fields)).collect();
    assert_eq!(records, ["r a b c", "q "]);
}

#[test]
fn what_is_no_source_tree_is_told_by_what_is_missing() {
    let message = |root: &Path| extract(root, V).unwrap_err().to_string().replace(root.to_str().unwrap(), "DIR");
    let empty = Scratch::of(&[("src/other.erl", "-module(other).\n")]);
    assert_eq!(
        message(empty.root()),
        "DIR: no source tree of MongooseIM: there is no `mongoose_hooks.erl` below `DIR/src`"
    );
    assert_eq!(message(&empty.root().join("nowhere")), "DIR: no such directory");
    let without = Scratch::of(&[("src/mongoose_hooks.erl", "-module(mongoose_hooks).\nf() -> ok.\n")]);
    assert_eq!(message(without.root()), "DIR/src: no function here runs a hook");
    let binary = Scratch::of(&[HOOKS, ("src/bin.erl", "a\0b")]);
    assert_eq!(message(binary.root()), "DIR/src/bin.erl: is a binary file (a zero byte at offset 1)");
}

#[test]
fn the_release_is_in_a_file_of_the_tree() {
    assert_eq!(release_of(Scratch::of(&[("VERSION", "7.0.0\n")]).root()), Some(V));
    assert_eq!(release_of(Scratch::of(&[("VERSION", "master\n")]).root()), None);
    assert_eq!(release_of(Scratch::of(&[]).root()), None);
}

/// `catalog verify` writes the built-in data anew and compares that, so the files must be just what is written.
#[test]
fn the_files_of_the_catalog_are_as_they_would_be_written() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog/releases");
    let catalog = Catalog::embedded();
    assert!(catalog.releases().len() > 0);
    for version in catalog.releases() {
        let file = |name: String| fs::read_to_string(directory.join(name)).unwrap();
        let release = text::release(catalog.release(version).unwrap());
        assert_eq!(text::first_difference(&file(format!("{version}.toml")), &release), None);
        let api = text::api(catalog.api(version).unwrap());
        assert_eq!(text::first_difference(&file(format!("{version}.api.toml")), &api), None);
    }
}
