//! What specs say.

use super::becomes;

fn module(arity: usize, code: &str) -> String {
    format!(
        "-module(mod_a).\n-export([start/2, set/{arity}]).\n-type card() :: tuple().\n-export_type([card/0]).\n\
         start(H, _) -> ejabberd_hooks:add(set_vcard, H, ?MODULE, set, 50).\n{code}\n"
    )
}

#[track_caller]
fn says(before: &str, after: &str) {
    becomes(&module(4, before), &module(3, after));
}

#[test]
fn types_are_taken_over() {
    says(
        "-spec set(mongoose_acc:t(), mongooseim:host_type(), jid:jid(), Card :: card()) -> mongoose_acc:t().\n\
         set(Acc, _, _, Card) -> mongoose_acc:set(mod_a, card, Card, Acc).",
        "-spec set(Acc, Params, Extra) -> {ok, Acc} when\n      Acc :: mongoose_acc:t(),\n      \
         Params :: #{vcard := card()},\n      Extra :: gen_hook:extra().\n\
         set(Acc, #{vcard := Card}, _Extra) -> {ok, mongoose_acc:set(mod_a, card, Card, Acc)}.",
    );
}

#[test]
fn types_are_where_variables_say() {
    says(
        "-spec set(Acc, H, User, Card) -> Acc | {stop, Acc} when\n    Acc :: ok | {error, any()},\n    H :: binary(),\n    \
         User :: jid:jid(),\n    Card :: card().\n\
         set(Acc, H, User, _) -> case H of <<>> -> {stop, Acc}; _ -> mod_b:f(User), Acc end.",
        "-spec set(Acc, Params, Extra) -> {ok | stop, Acc} when\n      Acc :: ok | {error, any()},\n      \
         Params :: #{user := jid:jid()},\n      Extra :: gen_hook:extra().\n\
         set(Acc, #{user := User}, #{host_type := H}) -> case H of <<>> -> {stop, Acc}; _ -> mod_b:f(User), {ok, Acc} end.",
    );
}

#[test]
fn results_of_other_types() {
    says(
        "-spec set(term(), binary(), jid:jid(), card()) -> [binary()] | stop | {stop, deny}.\n\
         set(_, <<>>, _, _) -> stop;\nset(_, <<\"a\">>, _, _) -> {stop, deny};\nset(_, H, _, _) -> [H].",
        "-spec set(Acc, Params, Extra) -> {ok, [binary()]} | {stop, stopped | deny} when\n      Acc :: term(),\n      \
         Params :: map(),\n      Extra :: gen_hook:extra().\n\
         set(_, _Params, #{host_type := <<>>}) -> {stop, stopped};\nset(_, _Params, #{host_type := <<\"a\">>}) -> {stop, deny};\n\
         set(_, _Params, #{host_type := H}) -> {ok, [H]}.",
    );
}

#[test]
fn what_the_old_spec_did_not_say() {
    // It stops, and the spec has a type that may say so.
    says(
        "-type result() :: [binary()] | {stop, [binary()]}.\n\
         -spec set(list(), binary(), jid:jid(), card()) -> result().\nset(A, H, _, _) -> case H of <<>> -> {stop, A}; _ -> A end.",
        "-type result() :: [binary()] | {stop, [binary()]}.\n\
         -spec set(Acc, Params, Extra) -> {ok, result()} | {stop, term()} when\n      Acc :: list(),\n      \
         Params :: map(),\n      Extra :: gen_hook:extra().\n\
         set(A, _Params, #{host_type := H}) -> case H of <<>> -> {stop, A}; _ -> {ok, A} end.",
    );
}

#[test]
fn variables_that_stand_for_any_type() {
    says(
        "-spec set(T, H, User, Card) -> T when H :: binary(), User :: jid:jid(), Card :: T.\nset(A, _, _, C) -> mod_b:f(C), A.",
        "-spec set(Acc, Params, Extra) -> {ok, Acc} when\n      Acc :: ok | {error, any()},\n      Params :: #{vcard := exml:element()},\n      \
         Extra :: gen_hook:extra().\nset(A, #{vcard := C}, _Extra) -> mod_b:f(C), {ok, A}.",
    );
}

#[test]
fn several_signatures() {
    says(
        "-spec set(a, binary(), jid:jid(), card()) -> a;\n         (b, binary(), jid:jid(), card()) -> b.\n\
         set(A, _, _, C) -> mod_b:f(C), A.",
        "-spec set(Acc, Params, Extra) -> {ok, Acc} when\n      Acc :: a | b,\n      Params :: #{vcard := card()},\n      \
         Extra :: gen_hook:extra().\nset(A, #{vcard := C}, _Extra) -> mod_b:f(C), {ok, A}.",
    );
}

#[test]
fn an_adapter_has_a_spec_where_the_function_has_one() {
    let before = module(4, "-spec set(ok, binary(), % whose\n  jid:jid(), card()) -> ok.\nset(ok, _, _, _) -> ok.");
    let after = before.replace("set/4]", "set/4, set/3]");
    becomes(
        &before,
        &format!(
            "{}\n\n%% Calls set/4 as MongooseIM 5.1.0 did for set_vcard.\n\
             -spec set(Acc, Params, Extra) -> {{ok, Acc}} when\n      Acc :: ok,\n      \
             Params :: #{{user := jid:jid(), vcard := card()}},\n      Extra :: gen_hook:extra().\n\
             set(Acc, #{{user := UserJID, vcard := VCard}}, #{{host_type := HostType}}) ->\n    \
             {{ok, set(Acc, HostType, UserJID, VCard)}}.\n",
            after.trim_end()
        ),
    );
}
