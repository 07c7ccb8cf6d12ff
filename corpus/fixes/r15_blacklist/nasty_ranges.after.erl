%% Whole ranges, and exceptions from them.
-module(nasty_ranges).
-behaviour(gen_mod).
-export([start/2, stop/1, blocked/3]).

start(_HostType, _Opts) -> gen_hook:add_handlers(hooks()).

stop(_HostType) -> gen_hook:delete_handlers(hooks()).

hooks() -> [{Hook, global, fun ?MODULE:blocked/3, #{}, 20} || Hook <- [check_bl_c2s]].

%% our own probes
blocked(_, #{ip := {{192, 0, _, _}, _Port}}, _) -> {ok, false};
blocked(Acc, #{ip := {{198, 51, 100, Last} = IP, _Port}} = _Params, _) when Last < 128 ->
    acme_probe:note({blocked, inet:ntoa(IP)}),
    {stop, Acc =:= false};
blocked(Acc, _, _) -> {ok, Acc}.
