%%% Company news: what is published at the PubSub service also goes to the search index.
-module(mod_acme_feed).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").

-export([start/2, stop/1, supported_features/0]).
-export([node_created/3, item_published/3, forget_user/3]).

-define(FEED_HOOKS, [{pubsub_create_node, node_created, 50},
                     {pubsub_publish_item, item_published, 50},
                     {remove_user, forget_user, 60}]).

start(HostType, _) -> gen_hook:add_handlers(hooks(HostType)).

stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).

supported_features() -> [dynamic_domains].

hooks(HostType) ->
    [{Hook, HostType, fun ?MODULE:Function/3, #{}, Prio}
     || {Hook, Function, Prio} <- ?FEED_HOOKS].

%% pubsub_create_node: only the service has news, nodes of users (PEP) are tuples
node_created(Acc, #{pub_sub_host := Host, node_id := NodeId}, #{host_type := HostType})
  when is_binary(Host) ->
    index(HostType, <<"/nodes">>, NodeId, <<>>),
    {ok, Acc};
node_created(Acc, _Params, _Extra) ->
    {ok, Acc}.

%% pubsub_publish_item
-spec item_published(any(), map(), gen_hook:extra()) -> {ok, any()}.
item_published(Acc, #{node_id := NodeId, item_id := ItemId, payload := [#xmlel{} = Payload | _],
                      publisher := Publisher}, #{host_type := HostType}) ->
    Text = exml_query:path(Payload, [{element, <<"title">>}, cdata], <<>>),
    index(HostType, <<"/items/", ItemId/binary>>, NodeId, Text),
    ?LOG_DEBUG(#{what => acme_feed_item, publisher => jid:to_binary(Publisher)}),
    {ok, Acc};
item_published(Acc, _NoPayload, _Extra) ->
    {ok, Acc}.

forget_user(Acc, #{jid := Jid}, #{host_type := HostType}) ->
    index(HostType, <<"/forget">>, jid:to_bare_binary(Jid), <<>>),
    {ok, Acc}.

index(HostType, Path, NodeId, Text) ->
    Body = iolist_to_binary([<<"node=">>, uri_string:quote(NodeId),
                             <<"&text=">>, uri_string:quote(Text)]),
    case mongoose_http_client:post(HostType, acme_search, Path, [], Body) of
        {ok, _} -> ok;
        {error, Reason} -> ?LOG_WARNING(#{what => acme_index_failed, reason => Reason})
    end.
