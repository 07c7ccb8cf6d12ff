%%% Sends copies with the function that takes whole stanzas.
-module(kept_addresses).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([copy/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:copy/3, #{}, 50}].

copy(Acc, _Params, _Extra) ->
    {From, To, Packet} = mongoose_acc:packet(Acc),
    Archive = jid:make(<<"archive">>, To#jid.lserver, <<>>),
    acme_probe:note({copy, jlib:replace_from_to(From, Archive, Packet)}),
    {ok, Acc}.
