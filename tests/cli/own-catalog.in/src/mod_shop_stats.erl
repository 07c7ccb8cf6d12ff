-module(mod_shop_stats).
-behaviour(gen_mod).

-export([start/2, stop/1, opened/3]).

start(_HostType, _Opts) ->
    gen_hook:add_handler(shop_opened, global, fun ?MODULE:opened/3, #{}, 90).

stop(_HostType) ->
    gen_hook:delete_handler(shop_opened, global, fun ?MODULE:opened/3, #{}, 90).

opened(Acc, #{shop := Shop}, _Extra) ->
    shop_counter:increment(Shop),
    {ok, Acc}.
