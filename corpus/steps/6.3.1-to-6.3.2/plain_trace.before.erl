%%% Marks messages with where they came from, and forwards those of rooms to the archive.
-module(plain_trace).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([mark/3]).
-define(NS_TRACE, <<"urn:acme:trace">>).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:mark/3, #{}, 50}].

mark(Acc, _Params, _Extra) ->
    {From, To, #xmlel{attrs = Attrs, children = Els} = Packet} = mongoose_acc:packet(Acc),
    Id = proplists:get_value(<<"id">>, Attrs, <<"none">>),
    Kind = case lists:keyfind(<<"type">>, 1, Attrs) of
               {_, Type} -> Type;
               false -> <<"normal">>
           end,
    acme_probe:note({trace, Id, Kind, size_of(Packet)}),
    Trace = el(<<"trace">>, [{<<"xmlns">>, ?NS_TRACE}, % ours
                             {<<"id">>, Id} | kind(Kind)],
               [el(<<"from">>, [], [])]),
    NewAttrs = lists:keystore(<<"id">>, 1, lists:keydelete(<<"type">>, 1, Attrs), {<<"id">>, <<"t-", Id/binary>>}),
    Marked = Packet#xmlel{attrs = [{<<"type">>, Kind} | NewAttrs], children = [Trace | Els]},
    {ok, mongoose_acc:update_stanza(#{from_jid => From, to_jid => To, element => Marked}, Acc)}.

kind(<<"normal">>) -> [];
kind(Kind) -> [{<<"kind">>, Kind}].

size_of(#xmlel{attrs = []}) -> nothing;
size_of(#xmlel{attrs = Attrs}) -> length(Attrs).

-spec el(binary(), [{binary(), binary()}], [exml:element()]) -> exml:element().
el(Name, Attrs, Children) ->
    #xmlel{name = Name, attrs = Attrs, children = Children}.
