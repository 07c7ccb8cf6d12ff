%%% Stand-in: starts and stops modules. From 6.1.0 on it registers what `hooks/1' says by itself.
-module(gen_mod).

-callback start(HostType :: binary(), Opts :: map()) -> any().
-callback stop(HostType :: binary()) -> any().

-export([start_module/3, stop_module/2, get_module_opt/3, get_module_opt/4, get_module_opts/2,
         get_module_proc/2, is_loaded/2]).

start_module(HostType, Module, Opts) ->
    Module:start(HostType, Opts),
    for_hooks(HostType, Module, fun gen_hook:add_handlers/1),
    gen_hook:reload_hooks().

stop_module(HostType, Module) ->
    for_hooks(HostType, Module, fun gen_hook:delete_handlers/1),
    Module:stop(HostType),
    gen_hook:reload_hooks().

-ifdef(RELEASE_6_1_0).
for_hooks(HostType, Module, Do) ->
    case erlang:function_exported(Module, hooks, 1) of
        true -> Do(Module:hooks(HostType));
        false -> ok
    end.
-else.
for_hooks(_HostType, _Module, _Do) -> ok.
-endif.

get_module_opt(HostType, Module, Key) -> maps:get(Key, get_module_opts(HostType, Module)).

get_module_opt(HostType, Module, Key, Default) -> maps:get(Key, get_module_opts(HostType, Module), Default).

get_module_opts(_HostType, _Module) -> server:options().

get_module_proc(HostType, Module) -> binary_to_atom(<<(atom_to_binary(Module))/binary, "_", HostType/binary>>).

is_loaded(_HostType, Module) -> code:is_loaded(Module) =/= false.
