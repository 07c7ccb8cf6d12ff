%%% Listens to commands that are registered, which no release tells any more.
-module(kept_removed_hook).
-behaviour(gen_mod).
-export([start/2, stop/1, command/1]).

start(_HostType, _Opts) -> ejabberd_hooks:add(register_command, global, ?MODULE, command, 50).

stop(_HostType) -> ejabberd_hooks:delete(register_command, global, ?MODULE, command, 50).

command(Command) ->
    acme_probe:note({command, Command}),
    drop.
