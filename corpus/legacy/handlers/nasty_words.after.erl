%%% Messages with the wrong words are marked before they are sent, and some stay here.
-module(nasty_words).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([user_send_packet/4, user_send_packet/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)),
    ok.

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)),
    ok.

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:user_send_packet/3, #{}, 5}].

user_send_packet(Acc, _From, #jid{lserver = <<"elsewhere.example">>}, #xmlel{name = <<"message">>}) ->
    mongoose_acc:set(words, abroad, true, Acc);
user_send_packet(Acc, From, _To, #xmlel{name = <<"message">>, children = Children}) when Children =/= [] ->
    [#xmlel{children = [#xmlcdata{content = Text}]} | _] = Children,
    acme_probe:note({said, From#jid.luser, Text}),
    marked(Text, Acc);
user_send_packet(Acc, _, _, _) ->
    Acc.

%% Calls user_send_packet/4 as MongooseIM 5.1.0 did for user_send_packet.
user_send_packet(Acc, _Params, _Extra) ->
    {From, To, Packet} = mongoose_acc:packet(Acc),
    {ok, user_send_packet(Acc, From, To, Packet)}.

marked(<<"lottery">>, Acc) -> mongoose_acc:set(words, bad, lottery, Acc);
marked(_, Acc) -> Acc.
