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
    Id = maps:get(<<"id">>, Attrs, <<"none">>),
    Kind = case maps:find(<<"type">>, Attrs) of
               {ok, Type} -> Type;
               error -> <<"normal">>
           end,
    acme_probe:note({trace, Id, Kind, size_of(Packet)}),
    Trace = el(<<"trace">>, (kind(Kind))#{<<"xmlns">> => ?NS_TRACE, % ours
                                          <<"id">> => Id},
               [el(<<"from">>, #{}, [])]),
    NewAttrs = (maps:remove(<<"type">>, Attrs))#{<<"id">> => <<"t-", Id/binary>>},
    Marked = Packet#xmlel{attrs = NewAttrs#{<<"type">> => Kind}, children = [Trace | Els]},
    {ok, mongoose_acc:update_stanza(#{from_jid => From, to_jid => To, element => Marked}, Acc)}.

kind(<<"normal">>) -> #{};
kind(Kind) -> #{<<"kind">> => Kind}.

size_of(#xmlel{attrs = Attrs}) when map_size(Attrs) =:= 0 -> nothing;
size_of(#xmlel{attrs = Attrs}) -> map_size(Attrs).

-spec el(binary(), exml:attrs(), [exml:element()]) -> exml:element().
el(Name, Attrs, Children) ->
    #xmlel{name = Name, attrs = Attrs, children = Children}.
