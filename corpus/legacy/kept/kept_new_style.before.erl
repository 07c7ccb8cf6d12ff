%%% Written for 5.1.0 with the interface that came then.
-module(kept_new_style).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([pinged/3]).

start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).

stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) -> [{user_ping_response, HostType, fun ?MODULE:pinged/3, #{}, 50}].

pinged(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({pinged, jid:to_binary(Jid)}),
    {ok, Acc}.
