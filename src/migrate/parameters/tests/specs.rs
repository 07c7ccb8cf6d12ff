//! Specs.

use super::*;

#[test]
fn a_type_of_the_module() {
    received(
        r"
-type params() :: #{jid := jid:jid()}.
-spec got(mongoose_acc:t(), params(), gen_hook:extra()) -> {ok, mongoose_acc:t()};
         (mongoose_acc:t(), Params, map()) -> {ok, mongoose_acc:t()} when Params :: #{jid := jid:jid()}.
got(Acc, #{jid := Jid}, _Extra) ->
    {ok, mark(Acc, Jid)}.
",
        r"
-type params() :: mongoose_c2s_hooks:params().
-spec got(mongoose_acc:t(), params(), gen_hook:extra()) -> {ok, mongoose_acc:t()};
         (mongoose_acc:t(), Params, map()) -> {ok, mongoose_acc:t()} when Params :: mongoose_c2s_hooks:params().
got(Acc, #{c2s_data := C2SData}, _Extra) ->
    {ok, mark(Acc, mongoose_c2s:get_jid(C2SData))}.
",
    );
}

#[test]
fn a_type_that_others_name_and_specs_that_stay() {
    received(
        r"
-type params() :: #{jid := jid:jid()}.
-spec got(mongoose_acc:t(), Params :: params(), gen_hook:extra()) -> {ok, mongoose_acc:t()}.
got(Acc, #{jid := Jid}, _Extra) ->
    {ok, mark(Acc, Jid)}.

-spec other(params()) -> ok.
other(_) -> ok.
",
        r"
-type params() :: #{jid := jid:jid()}.
-spec got(mongoose_acc:t(), Params :: mongoose_c2s_hooks:params(), gen_hook:extra()) -> {ok, mongoose_acc:t()}.
got(Acc, #{c2s_data := C2SData}, _Extra) ->
    {ok, mark(Acc, mongoose_c2s:get_jid(C2SData))}.

-spec other(params()) -> ok.
other(_) -> ok.
",
    );
    received(
        "-spec got(term(), gen_hook:hook_params(), map()) -> {ok, term()}.\ngot(Acc, #{jid := Jid}, _) ->\n    {ok, mark(Acc, Jid)}.\n",
        "-spec got(term(), gen_hook:hook_params(), map()) -> {ok, term()}.\ngot(Acc, #{c2s_data := C2SData}, _) ->\n    {ok, mark(Acc, mongoose_c2s:get_jid(C2SData))}.\n",
    );
}
