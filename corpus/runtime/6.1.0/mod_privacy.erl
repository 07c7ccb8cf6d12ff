%%% Stand-in: privacy lists are applied by handlers, at the priorities at which the server has them.
-module(mod_privacy).

-include("jlib.hrl").
-include("world.hrl").

-export([hooks/1, broadcast/3]).
-export([user_send/3, user_send_iq/3, user_receive_message/3, user_receive_presence/3, user_receive_iq/3,
         foreign_event/3]).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:user_send/3, #{}, 10},
     {user_send_presence, HostType, fun ?MODULE:user_send/3, #{}, 10},
     {user_send_iq, HostType, fun ?MODULE:user_send_iq/3, #{}, 50},
     {user_receive_message, HostType, fun ?MODULE:user_receive_message/3, #{}, 10},
     {user_receive_presence, HostType, fun ?MODULE:user_receive_presence/3, #{}, 10},
     {user_receive_iq, HostType, fun ?MODULE:user_receive_iq/3, #{}, 10},
     {foreign_event, HostType, fun ?MODULE:foreign_event/3, #{}, 50}].

%% A new list, for all of the user's sessions.
broadcast(LUser, LServer, Item) ->
    Pids = ejabberd_sm:get_user_present_pids(LUser, LServer),
    mongoose_hooks:privacy_list_push(?HOST_TYPE, LUser, LServer, Item, length(Pids)),
    [mongoose_c2s:cast(Pid, ?MODULE, Item) || {_, Pid} <- Pids].

user_send(Acc, #{c2s_data := Data}, _Extra) -> outgoing(Acc, Data).

user_send_iq(Acc, #{c2s_data := Data}, _Extra) ->
    case mongoose_iq:xmlns(Acc) of
        {Namespace, Acc1} when Namespace =:= ?NS_PRIVACY; Namespace =:= ?NS_BLOCKING ->
            {stop, server:answer_privacy_iq(Acc1)};
        {_, Acc1} ->
            outgoing(Acc1, Data)
    end.

user_receive_message(Acc, #{c2s_data := Data}, _Extra) -> incoming(Acc, Data, true).

user_receive_presence(Acc, #{c2s_data := Data}, _Extra) ->
    case lists:member(mongoose_acc:stanza_type(Acc), [<<"error">>, <<"probe">>, <<"invisible">>]) of
        true -> {ok, Acc};
        false -> incoming(Acc, Data, false)
    end.

user_receive_iq(Acc, #{c2s_data := Data}, _Extra) ->
    Type = mongoose_acc:stanza_type(Acc),
    incoming(Acc, Data, Type =:= <<"get">> orelse Type =:= <<"set">>).

foreign_event(Acc, #{c2s_data := Data, event_type := cast, event_tag := ?MODULE,
                     event_content := {privacy_list, List, Name}}, #{host_type := HostType}) ->
    case mongoose_hooks:privacy_updated_list(HostType, list(Data), List) of
        false ->
            {stop, Acc};
        New ->
            Jid = mongoose_c2s:get_jid(Data),
            Push = #{from_jid => jid:to_bare(Jid), to_jid => Jid, element => server:privacy_push(Name)},
            Requests = [{route, mongoose_acc:update_stanza(Push, Acc)}, {state_mod, {?MODULE, New}}],
            {stop, mongoose_c2s_acc:to_acc_many(Acc, Requests)}
    end;
foreign_event(Acc, #{event_type := cast, event_tag := ?MODULE, event_content := {blocking, List, _, _}}, _Extra) ->
    {stop, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, List})};
foreign_event(Acc, _Params, _Extra) ->
    {ok, Acc}.

outgoing(Acc, Data) ->
    case check(Acc, Data, out) of
        {allow, Acc1} -> {ok, Acc1};
        {block, Acc1} -> {stop, send_back(mongoose_xmpp_errors:not_acceptable_blocked(), Acc1)};
        {deny, Acc1} -> {stop, send_back(mongoose_xmpp_errors:not_acceptable_cancel(), Acc1)}
    end.

incoming(Acc, Data, Answer) ->
    case check(Acc, Data, in) of
        {allow, Acc1} -> {ok, Acc1};
        {_, Acc1} when Answer -> {stop, send_back(mongoose_xmpp_errors:service_unavailable(), Acc1)};
        {_, Acc1} -> {stop, Acc1}
    end.

check(Acc, Data, Direction) ->
    Jid = mongoose_c2s:get_jid(Data),
    mongoose_privacy:privacy_check_packet(Acc, Jid, list(Data), mongoose_acc:to_jid(Acc), Direction).

send_back(Error, Acc) ->
    {From, To, _} = mongoose_acc:packet(Acc),
    {Acc1, Reply} = jlib:make_error_reply(Acc, Error),
    routing:route(To, From, Acc1, Reply),
    Acc1.

list(Data) ->
    case mongoose_c2s:get_mod_state(Data, ?MODULE) of
        {ok, List} -> List;
        {error, not_found} -> mongoose_hooks:privacy_get_user_list(?HOST_TYPE, mongoose_c2s:get_jid(Data))
    end.
