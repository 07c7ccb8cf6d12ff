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
    hooks(HostType, [{xmpp_send_element, fun ?MODULE:sent/3}, {xmpp_stanza_dropped, fun ?MODULE:dropped/3}]).

hooks(HostType, Handlers) ->
    [{Hook, HostType, Function, #{}, 50} || {Hook, Function} <- Handlers].

sent(Acc, #{el := #xmlel{name = Name}}, _Extra) ->
    {ok, mongoose_acc:set(output, name, Name, Acc)}.

dropped(Acc, #{from := From, to := To}, _Extra) ->
    acme_probe:note({dropped, jid:to_binary(From), jid:to_binary(To)}),
    {ok, Acc}.
