%%% Greets users in their language.
-module(plain_greeting).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([greet/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_open_session, HostType, fun ?MODULE:greet/3, #{}, 50}].

greet(Acc, #{c2s_data := C2SData}, _Extra) ->
    Lang = mongoose_c2s:get_lang(C2SData),
    acme_probe:note({greeting, translate:translate(Lang, <<"Welcome!">>)}),
    {ok, Acc}.
