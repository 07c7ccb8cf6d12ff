%% Forwards nothing that would not be let in.
-module(nasty_case).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("mod_privacy.hrl").
-export([start/2, stop/1, forward/3]).

start(HostType, _Opts) -> gen_hook:add_handler(filter_local_packet, HostType, fun ?MODULE:forward/3, #{}, 45).

stop(HostType) -> gen_hook:delete_handler(filter_local_packet, HostType, fun ?MODULE:forward/3, #{}, 45).

forward({From, To, Acc, #xmlel{name = Name} = El} = Packet, _Params, _Extra)
  when Name =:= <<"message">>; Name =:= <<"presence">> ->
    case mongoose_privacy:privacy_check_packet({Acc, El}, To, list(), From, To, in) of
        {Acc1, allow} ->
            {ok, {From, To, mongoose_acc:set_permanent(forward, allowed, Name, Acc1), El}};
        %% messages and the rest
        {_, Decision} when Decision =:= block; Decision =:= deny ->
            acme_probe:note({not_forwarded, jid:to_binary(From), Decision}),
            {ok, Packet}
    end;
forward(Packet, _Params, _Extra) ->
    {ok, Packet}.

list() -> #userlist{list = [<<"mallory@acme.example">>]}.
