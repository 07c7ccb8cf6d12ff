%%% Sends a copy of each message to an archive.
-module(plain_forward).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([sent/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:sent/3, #{}, 50}].

sent(Acc, _Params, _Extra) ->
    {From, _To, Packet} = mongoose_acc:packet(Acc),
    Archive = jid:from_binary(<<"archive@acme.example">>),
    mongoose_router:route(mongoose_acc:update(From, Archive, Packet, Acc)),
    {ok, Acc}.
