%%% The handler is exported with two arities, and which one is meant is not said.
-module(kept_variadic).
-behaviour(gen_mod).
-export([start/2, stop/1, event/2, event/4]).

start(HostType, _Opts) ->
    [ejabberd_hooks:add(Hook, HostType, ?MODULE, event, 50) || Hook <- [acme_opened, acme_closed]],
    ok.

stop(HostType) ->
    [ejabberd_hooks:delete(Hook, HostType, ?MODULE, event, 50) || Hook <- [acme_opened, acme_closed]],
    ok.

event(Acc, _Door) -> Acc.

event(Acc, _Door, _By, _When) -> Acc.
