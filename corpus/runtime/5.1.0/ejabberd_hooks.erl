%%% Stand-in for the interface to hooks that modules used up to 5.1.0. A handler is called with the accumulator and the
%%% arguments of the hook; `stop' and `{stop, New}' stop the fold, and anything else is the new accumulator.
%%% Functions in place of names, and hooks that modules run themselves, were gone in 5.0.0; modules that are older use them.
-module(ejabberd_hooks).

-export([add/1, add/4, add/5, delete/1, delete/4, delete/5, run/2, run/3, run_fold/3, run_fold/4]).
%% For `gen_hook'.
-export([handle/3, name/1]).

add(Hooks) -> for_all(fun add/4, fun add/5, Hooks).

add(Hook, Tag, Fun, Priority) when is_function(Fun) -> add_handler(Hook, Tag, Fun, Priority).

add(Hook, Tag, Module, Function, Priority) -> add_handler(Hook, Tag, {Module, Function}, Priority).

delete(Hooks) -> for_all(fun delete/4, fun delete/5, Hooks).

delete(Hook, Tag, Fun, Priority) when is_function(Fun) -> delete_handler(Hook, Tag, Fun, Priority).

delete(Hook, Tag, Module, Function, Priority) -> delete_handler(Hook, Tag, {Module, Function}, Priority).

run(Hook, Args) -> run(Hook, global, Args).

run(Hook, Tag, Args) -> run_fold(Hook, Tag, ok, Args).

run_fold(Hook, Acc, Args) -> run_fold(Hook, global, Acc, Args).

run_fold(Hook, Tag, Acc, Args) ->
    {_, Result} = gen_hook:run_fold(Hook, Tag, Acc, #{args => Args}),
    Result.

for_all(Four, Five, Hooks) ->
    lists:foreach(fun({Hook, Tag, Fun, Priority}) -> Four(Hook, Tag, Fun, Priority);
                     ({Hook, Tag, Module, Function, Priority}) -> Five(Hook, Tag, Module, Function, Priority)
                  end, Hooks).

add_handler(Hook, Tag, Function, Priority) ->
    gen_hook:add_handler(Hook, Tag, fun ?MODULE:handle/3, #{legacy => Function}, Priority).

delete_handler(Hook, Tag, Function, Priority) ->
    gen_hook:delete_handler(Hook, Tag, fun ?MODULE:handle/3, #{legacy => Function}, Priority).

handle(Acc, #{args := Args}, #{legacy := Function, hook_name := Hook}) ->
    tagged(call(Function, takes_accumulator(Hook), Acc, Args)).

call({Module, Function}, true, Acc, Args) -> apply(Module, Function, [Acc | Args]);
call(Fun, true, Acc, Args) -> apply(Fun, [Acc | Args]);
call({Module, Function}, false, Acc, Args) -> kept(Acc, apply(Module, Function, Args));
call(Fun, false, Acc, Args) -> kept(Acc, apply(Fun, Args)).

kept(Acc, stop) -> {stop, Acc};
kept(Acc, _Result) -> Acc.

tagged(stop) -> {stop, stopped};
tagged({stop, Acc}) -> {stop, Acc};
tagged(Acc) -> {ok, Acc}.

%% Before there were accumulators, hooks that only tell of something called their handlers with the arguments alone.
-ifdef(UP_TO_2_0_1).
takes_accumulator(Hook) ->
    not lists:member(Hook, [register_user, remove_user, anonymous_purge_hook, auth_failed, forbidden_session_hook,
                            user_send_packet, user_receive_packet, set_presence_hook, unset_presence_hook,
                            sm_remove_connection_hook, offline_message_hook]).
-else.
takes_accumulator(_Hook) -> true.
-endif.

name({Module, Function}) ->
    {Module, Function};
name(Fun) ->
    {module, Module} = erlang:fun_info(Fun, module),
    {name, Name} = erlang:fun_info(Fun, name),
    {Module, written_name(atom_to_list(Name))}.

%% `fun f/2' becomes a function of its own, which is called after the one that was meant.
written_name("-fun." ++ Rest) -> list_to_atom(hd(string:lexemes(Rest, "/")));
written_name(Name) -> list_to_atom(Name).
