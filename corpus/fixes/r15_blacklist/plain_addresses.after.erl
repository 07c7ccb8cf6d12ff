%%% Addresses that may not connect.
-module(plain_addresses).
-behaviour(gen_mod).
-export([start/2, stop/1, check_bl_c2s/3]).

start(_HostType, _Opts) ->
    gen_hook:add_handler(check_bl_c2s, global, fun ?MODULE:check_bl_c2s/3, #{}, 50).

stop(_HostType) ->
    gen_hook:delete_handler(check_bl_c2s, global, fun ?MODULE:check_bl_c2s/3, #{}, 50).

check_bl_c2s(Acc, #{ip := {IP, _Port}}, _Extra) ->
    {ok, Acc orelse lists:member(IP, [{198, 51, 100, 1}, {198, 51, 100, 2}])}.
