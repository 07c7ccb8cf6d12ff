-module(mod_acme_seen).
-behaviour(gen_mod).

-export([start/2, stop/1, supported_features/0]).
-export([seen/3, gone/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(handlers(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(handlers(HostType)).

supported_features() ->
    [dynamic_domains].

handlers(HostType) ->
    [{user_send_packet, HostType, fun ?MODULE:seen/3, #{}, 50},
     {remove_user, HostType, fun ?MODULE:gone/3, #{}, 60}].

seen(Acc, _Params, _Extra) ->
    {ok, Acc}.

gone(Acc, _Params, _Extra) ->
    {ok, Acc}.
