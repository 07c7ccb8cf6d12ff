%%% Refuses addresses that are on a list.
-module(plain_blocklist).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([check/3]).

start(_HostType, _Opts) ->
    gen_hook:add_handlers(hooks()).

stop(_HostType) ->
    gen_hook:delete_handlers(hooks()).

hooks() ->
    [{check_bl_c2s, global, fun ?MODULE:check/3, #{}, 50}].

check(_Acc, #{ip := IP}, _Extra) ->
    acme_probe:note({peer, IP}),
    {ok, IP =:= {192, 0, 2, 1}}.
