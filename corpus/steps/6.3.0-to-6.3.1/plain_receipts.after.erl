%%% Notes which messages ask for a receipt.
-module(plain_receipts).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([note/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:note/3, #{}, 50}].

note(Acc, _Params, _Extra) ->
    Packet = mongoose_acc:element(Acc),
    Id = exml_query:attr(Packet, <<"id">>, <<>>),
    Body = exml_query:path(Packet, [{element, <<"body">>}, cdata], <<>>),
    case exml_query:subelement(Packet, <<"request">>, false) of
        false -> ok;
        Request -> acme_probe:note({receipt, Id, Body, exml_query:cdata(Request)})
    end,
    {ok, Acc}.
