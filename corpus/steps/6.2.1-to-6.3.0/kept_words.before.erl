%%% Counts what happens under names of its own, some of which are those that hooks once had.
-module(kept_words).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([count/3, name/1]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:count/3, #{counter => offline_message_hook}, 50}].

count(Acc, _Params, #{counter := Counter}) ->
    acme_probe:note({count, name(Counter)}),
    {ok, Acc}.

name(offline_message_hook) -> <<"offline">>;
name(user_available_hook) -> <<"available">>;
name(Other) -> atom_to_binary(Other).
