%%% Refuses connections from low ports.
-module(kept_port).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([check/3]).

start(_HostType, _Opts) ->
    gen_hook:add_handlers(hooks()).

stop(_HostType) ->
    gen_hook:delete_handlers(hooks()).

hooks() ->
    [{check_bl_c2s, global, fun ?MODULE:check/3, #{}, 50}].

check(_Acc, #{ip := {_IP, Port}}, _Extra) ->
    {ok, Port < 1024}.
