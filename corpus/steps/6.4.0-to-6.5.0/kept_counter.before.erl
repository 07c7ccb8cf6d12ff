%%% Counts what is sent.
-module(kept_counter).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([sent/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:sent/3, #{}, 50}].

sent(Acc, _Params, #{host_type := HostType}) ->
    acme_probe:note({sent, HostType, mongoose_acc:stanza_name(Acc)}),
    {ok, Acc}.
