%%% Offers what a desk can be asked for, in the language of who asks.
-module(plain_phrases).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([offers/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{disco_local_items, HostType, fun ?MODULE:offers/3, #{}, 50}].

offers(Acc = #{lang := Lang}, _Params, _Extra) ->
    acme_probe:note({offers, Lang, [translate:translate(Lang, <<"Call me back">>), translate:translate(Lang, <<"Close">>)]}),
    {ok, Acc}.
