%%% Closed for maintenance: nobody may connect.
-module(kept_all_closed).
-behaviour(gen_mod).
-export([start/2, stop/1, closed/3]).

start(_HostType, _Opts) -> gen_hook:add_handler(check_bl_c2s, global, fun ?MODULE:closed/3, #{}, 1).

stop(_HostType) -> gen_hook:delete_handler(check_bl_c2s, global, fun ?MODULE:closed/3, #{}, 1).

closed(_Acc, _Params, _Extra) ->
    acme_probe:note(closed),
    {stop, true}.
