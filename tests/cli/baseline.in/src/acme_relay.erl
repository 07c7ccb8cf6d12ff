-module(acme_relay).
-export([start/2, stop/1, relay/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{acme_relayed, HostType, fun ?MODULE:relay/3, #{}, 50},
     {acme_returned, HostType, fun ?MODULE:relay/3, #{}, 50},
     {c2s_update_presence, HostType, fun ?MODULE:relay/3, #{}, 50}].

relay(Acc, _Params, _Extra) ->
    {ok, Acc}.
