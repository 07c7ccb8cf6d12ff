%%% Looks at messages, and leaves it to others what attributes are.
-module(kept_attributes).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([look/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:look/3, #{}, 50}].

look(Acc, _Params, _Extra) ->
    {From, To, Packet} = mongoose_acc:packet(Acc),
    Found = [{Name, exml_query:attr(Packet, Name, none)} || Name <- [<<"id">>, <<"type">>]],
    acme_probe:note({attributes, lists:keyfind(<<"id">>, 1, Found), proplists:get_value(<<"type">>, Found)}),
    {ok, mongoose_acc:update_stanza(#{from_jid => From, to_jid => To, element => bare(Packet)}, Acc)}.

bare(#xmlel{name = Name, attrs = Attrs, children = Els}) ->
    #xmlel{name = Name, attrs = Attrs, children = [El || #xmlel{} = El <- Els]}.
