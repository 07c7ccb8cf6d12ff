%%% Counts devices that do not answer.
-module(plain_silent).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, timeout/2]).

start(HostType, _Opts) ->
    ejabberd_hooks:add([{user_ping_timeout, HostType, ?MODULE, timeout, 50}]).

stop(HostType) ->
    ejabberd_hooks:delete([{user_ping_timeout, HostType, ?MODULE, timeout, 50}]).

timeout(Acc, #jid{lresource = Resource} = Jid) ->
    acme_probe:note({silent, Resource, jid:to_bare_binary(Jid)}),
    Acc.
