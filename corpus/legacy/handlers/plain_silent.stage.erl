%%% Counts devices that do not answer.
-module(plain_silent).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, timeout/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{user_ping_timeout, HostType, fun ?MODULE:timeout/3, #{}, 50}]).

stop(HostType) ->
    gen_hook:delete_handlers([{user_ping_timeout, HostType, fun ?MODULE:timeout/3, #{}, 50}]).

timeout(Acc, #{jid := #jid{lresource = Resource} = Jid}, _Extra) ->
    acme_probe:note({silent, Resource, jid:to_bare_binary(Jid)}),
    {ok, Acc}.
