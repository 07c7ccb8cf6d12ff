%%% Shows the notes of a user to contacts.
-module(kept_items).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([items/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{disco_sm_items, HostType, fun ?MODULE:items/3, #{}, 50}].

items(Acc, #{presence_subscribed := true}, _Extra) ->
    {ok, mongoose_disco:add_items([#{jid => <<"notes.acme.example">>}], Acc)};
items(Acc, _Params, _Extra) ->
    {ok, Acc}.
