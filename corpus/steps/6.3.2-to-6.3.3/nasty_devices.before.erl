%%% Keeps account of devices that come and go.
-module(nasty_devices).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([closed/3, ended/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{sm_remove_connection, HostType, fun ?MODULE:closed/3, #{}, 60},
     {user_terminate, HostType, fun ?MODULE:ended/3, #{}, 40}].

closed(Acc, #{jid := Jid, reason := Reason}, _Extra) ->
    What = case Reason of
               <<"Replaced by new connection">> -> replaced;
               <<"User removed">> -> forgotten;
               normal -> left;
               _ -> lost
           end,
    acme_probe:note({closed, What, jid:to_binary(Jid)}),
    {ok, Acc}.

ended(Acc, #{reason := {shutdown, <<"Replaced by new connection">>}}, _Extra) ->
    acme_probe:note({ended, replaced}),
    {ok, Acc};
ended(Acc, _Params, _Extra) ->
    acme_probe:note({ended, otherwise}),
    {ok, Acc}.
