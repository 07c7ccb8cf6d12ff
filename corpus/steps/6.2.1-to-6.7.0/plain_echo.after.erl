%%% Sends back what users write to themselves, and asks for the attributes of what came.
-module(plain_echo).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1, hooks/1]).
-export([sent/3, kept/3]).

start(_HostType, _Opts) -> ok.

stop(_HostType) -> ok.

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:sent/3, #{}, 45},
     {offline_message, HostType, fun ?MODULE:kept/3, #{}, 45}].

sent(Acc, _Params, _Extra) ->
    {From, To, Packet} = mongoose_acc:packet(Acc),
    case jid:are_bare_equal(From, To) of
        true -> mongoose_router:route(mongoose_acc:update(To, From, jlib:append_subtags(Packet, [#xmlel{name = <<"echo">>}]), Acc));
        false -> ok
    end,
    {ok, Acc}.

kept(Acc, #{packet := Packet}, _Extra) ->
    acme_probe:note({kept, exml_query:attr(Packet, <<"id">>, <<>>)}),
    {ok, Acc}.
