%%% Hands an attribute on as it was found.
-module(kept_passed_on).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([note/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:note/3, #{}, 50}].

note(Acc, _Params, _Extra) ->
    Found = xml:get_tag_attr(<<"id">>, mongoose_acc:element(Acc)),
    acme_probe:note({id, Found}),
    {ok, Acc}.
