-module(plain_seen_once).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, delivered/3]).

start(HostType, _) ->
    gen_hook:add_handler(user_receive_packet, HostType, fun ?MODULE:delivered/3, #{}, 85).

stop(HostType) ->
    gen_hook:delete_handler(user_receive_packet, HostType, fun ?MODULE:delivered/3, #{}, 85).

%% A device was shown a presence
delivered(Acc, #{jid := Device}, #{host_type := HostType}) ->
    {From, _To, El} = mongoose_acc:packet(Acc),
    case El of
        #xmlel{name = <<"presence">>} ->
            acme_probe:note({shown, HostType, jid:to_binary(From), jid:to_binary(Device)});
        _ ->
            ok
    end,
    {ok, Acc}.
