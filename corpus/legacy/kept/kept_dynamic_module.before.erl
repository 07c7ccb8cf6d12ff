%%% Registers for plugins that nobody sees here.
-module(kept_dynamic_module).
-behaviour(gen_mod).
-export([start/2, stop/1]).

start(HostType, Opts) ->
    [ejabberd_hooks:add(remove_user, HostType, Plugin, remove_user, 50) || Plugin <- plugins(Opts)],
    ok.

stop(HostType) ->
    Opts = gen_mod:get_module_opts(HostType, ?MODULE),
    [ejabberd_hooks:delete(remove_user, HostType, Plugin, remove_user, 50) || Plugin <- plugins(Opts)],
    ok.

plugins(Opts) -> maps:get(plugins, Opts, []).
