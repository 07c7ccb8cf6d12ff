%%% Tells a push service about messages for users who are away, and clears the badge when they are back.
-module(plain_notify).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([store/3, back/3, away/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{offline_message, HostType, fun ?MODULE:store/3, #{}, 30},
     {user_available, HostType, fun ?MODULE:back/3, #{}, 50},
     %% Also when the connection is lost.
     {unset_presence, HostType, fun ?MODULE:away/3, #{}, 50}].

store(Acc, #{from := From, to := To, packet := Packet}, _Extra) ->
    Text = exml_query:path(Packet, [{element, <<"body">>}, cdata], <<>>),
    acme_probe:note({push, jid:to_bare_binary(From), jid:to_bare_binary(To), Text}),
    {ok, Acc}.

back(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({back, jid:to_bare_binary(Jid)}),
    {ok, Acc}.

away(Acc, #{jid := Jid, status := Status}, #{host_type := HostType}) ->
    acme_probe:note({away, HostType, jid:to_bare_binary(Jid), Status}),
    {ok, Acc}.
