%%% Tells operators about messages that come back, and about what is dropped.
-module(kept_bounces).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([bounced/3, dropped/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{xmpp_bounce_message, HostType, fun ?MODULE:bounced/3, #{}, 50},
     {xmpp_stanza_dropped, HostType, fun ?MODULE:dropped/3, #{}, 50}].

bounced(Acc, _Params, _Extra) ->
    acme_probe:note({bounced, jid:to_bare_binary(mongoose_acc:from_jid(Acc))}),
    {ok, Acc}.

dropped(Acc, #{from := From, to := To}, _Extra) ->
    acme_probe:note({dropped, jid:to_bare_binary(From), jid:to_bare_binary(To)}),
    {ok, Acc}.
