%%% What goes to the socket is counted by name.
-module(plain_output).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([sent/2, dropped/4]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(hooks(HostType)).

stop(HostType) ->
    ejabberd_hooks:delete(hooks(HostType)).

hooks(HostType) ->
    hooks(HostType, [{xmpp_send_element, sent}, {xmpp_stanza_dropped, dropped}]).

hooks(HostType, Handlers) ->
    [{Hook, HostType, ?MODULE, Function, 50} || {Hook, Function} <- Handlers].

sent(Acc, #xmlel{name = Name}) ->
    mongoose_acc:set(output, name, Name, Acc).

dropped(Acc, From, To, _Packet) ->
    acme_probe:note({dropped, jid:to_binary(From), jid:to_binary(To)}),
    Acc.
