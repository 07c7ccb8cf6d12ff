%%% Asks the library about stanzas, which is the same in both releases.
-module(kept_by_query).
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
    Body = exml_query:path(Packet, [{element, <<"body">>}, cdata], <<>>),
    acme_probe:note({body, exml_query:attr(Packet, <<"type">>, <<"normal">>), Body}),
    {ok, Acc}.
