%%% What goes to the socket is counted by name.
-module(plain_output).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([sent/3, dropped/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    hooks(HostType, [{xmpp_send_element, sent}, {xmpp_stanza_dropped, dropped}]).

hooks(HostType, Handlers) ->
    [{Hook, HostType, fun ?MODULE:Function/3, #{}, 50} || {Hook, Function} <- Handlers].

sent(Acc, #{el := #xmlel{name = Name}}, _Extra) ->
    {ok, mongoose_acc:set(output, name, Name, Acc)}.

dropped(Acc, #{from := From, to := To}, _Extra) ->
    acme_probe:note({dropped, jid:to_binary(From), jid:to_binary(To)}),
    {ok, Acc}.
