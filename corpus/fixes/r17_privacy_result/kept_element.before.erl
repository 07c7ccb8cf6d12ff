%%% Takes the decision out of the tuple by its place.
-module(kept_element).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("mod_privacy.hrl").
-export([start/2, stop/1, check/3]).

start(HostType, _Opts) -> gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:check/3, #{}, 42}]).

stop(HostType) -> gen_hook:delete_handlers([{filter_local_packet, HostType, fun ?MODULE:check/3, #{}, 42}]).

check({_From, #jid{luser = <<"alice">>} = To, Acc, #xmlel{name = <<"message">>}} = Packet, _Params, _Extra) ->
    Result = mongoose_privacy:privacy_check_packet(Acc, To, #userlist{}, To, in),
    acme_probe:note({decision, lists:member(allow, tuple_to_list(Result))}),
    {ok, Packet};
check(Packet, _Params, _Extra) ->
    {ok, Packet}.
