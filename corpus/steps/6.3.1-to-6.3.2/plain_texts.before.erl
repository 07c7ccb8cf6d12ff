%%% Keeps a text in several languages.
-module(plain_texts).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([texts/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{disco_local_items, HostType, fun ?MODULE:texts/3, #{}, 50}].

texts(Acc = #{lang := Lang}, _Params, _Extra) ->
    Texts = lists:map(fun(Text) -> translate:translate(Lang, Text) end, [<<"Users">>, <<"Rooms">>]),
    acme_probe:note({texts, Texts}),
    {ok, Acc}.
