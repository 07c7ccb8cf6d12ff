%%% Stamps everything that a client sends, before anything else sees it.
-module(plain_stamp).
-behaviour(gen_mod).
-include("mongoose.hrl").
-export([start/2, stop/1]).
-export([stamp/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_packet, HostType, fun ?MODULE:stamp/3, #{}, 5}].

stamp(Acc, _Params, #{host_type := HostType}) ->
    {ok, mongoose_acc:set(stamp, by, HostType, Acc)}.
