%%% Stand-in for the session of 6.0.0. The process that drives the world is the session's process: its
%%% state is in the process dictionary, and what is sent to its pid comes through `handle/1'.
-module(ejabberd_c2s).

-include("jlib.hrl").
-include("mongoose.hrl").
-include("ejabberd_c2s.hrl").
-include("world.hrl").

%% For handlers.
-export([get_aux_field/2, set_aux_field/3, del_aux_field/2, send_filtered/5,
         run_remote_hook/3, run_remote_hook_after/4, store_session_info/4,
         stop/1, terminate_session/2, get_subscription/2]).
-export_type([state/0]).
%% For the driver.
-export([connect/1, authenticate/1, open/1, from_client/1, handle/1, terminate/1,
         module_state/0, state/0]).

%% --- For handlers ---

get_aux_field(Key, #state{aux_fields = Fields}) ->
    case lists:keyfind(Key, 1, Fields) of
        {Key, Value} -> {ok, Value};
        false -> error
    end.

set_aux_field(Key, Value, #state{aux_fields = Fields} = State) ->
    State#state{aux_fields = lists:keystore(Key, 1, Fields, {Key, Value})}.

del_aux_field(Key, #state{aux_fields = Fields} = State) ->
    State#state{aux_fields = lists:keydelete(Key, 1, Fields)}.

send_filtered(Pid, Feature, From, To, El) ->
    Pid ! {send_filtered, Feature, From, To, El}.

run_remote_hook(Pid, Tag, Args) ->
    Pid ! {run_remote_hook, Tag, Args}.

run_remote_hook_after(Delay, Pid, Tag, Args) ->
    Timer = erlang:send_after(Delay, Pid, {run_remote_hook, Tag, Args}),
    server:started_timer(Timer),
    Timer.

store_session_info(Pid, Jid, Key, Value) ->
    Pid ! {store_session_info, Jid, Key, Value, self()}.

stop(Pid) ->
    Pid ! closed,
    ok.

terminate_session(Pid, Reason) when is_pid(Pid) ->
    Pid ! {exit, Reason};
terminate_session(_, _) ->
    no_session.

get_subscription(#jid{luser = <<"bob">>}, #state{}) -> both;
get_subscription(#jid{}, #state{}) -> none.

%% --- For the driver ---

connect({IP, _Port} = Address) ->
    case mongoose_hooks:check_bl_c2s(IP) of
        true ->
            acme_probe:record({connection, refused});
        false ->
            acme_probe:record({connection, accepted}),
            put_state(wait_for_feature_before_auth,
                      #state{host_type = ?HOST_TYPE, server = ?DOMAIN, ip = Address, streamid = <<"stream">>})
    end.

authenticate(#jid{luser = User, lresource = Resource} = Jid) ->
    put_state(wait_for_session_or_sm, (state())#state{jid = Jid, user = User, resource = Resource}).

%% Everything that asks for a session is asked here, wherever it comes from.
open(#xmlel{} = El) ->
    #state{host_type = HostType, jid = Jid} = State = state(),
    Acc = origin_acc(El, State),
    case mongoose_hooks:session_opening_allowed_for_user(HostType, Jid) of
        allow ->
            send(Acc, jlib:make_result_iq_reply(El), State),
            Sid = {server:timestamp(), self()},
            mongoose_hooks:sm_register_connection_hook(HostType, Sid, Jid, #{ip => State#state.ip}),
            acme_probe:record(session_opened),
            List = mongoose_hooks:privacy_get_user_list(HostType, Jid),
            put_state(session_established, State#state{sid = Sid, privacy_list = List, conn = c2s});
        _Deny ->
            Forbidden = mongoose_hooks:forbidden_session_hook(HostType, Acc, Jid),
            acme_probe:record(session_refused),
            send(Forbidden, jlib:make_error_reply(El, mongoose_xmpp_errors:not_allowed()), State)
    end.

from_client(#xmlel{name = Name} = El) ->
    case {get(state_name), jlib:iq_query_info(El)} of
        {session_established, _} -> established(Name, El);
        {wait_for_session_or_sm, #iq{type = set, xmlns = ?NS_SESSION}} -> open(El);
        {_, IQ} -> unauthenticated(IQ, El)
    end.

handle({route, From, To, Acc}) ->
    incoming(mongoose_acc:stanza_name(Acc), From, To, Acc, state());
handle({run_remote_hook, Tag, Args}) ->
    #state{host_type = HostType, handlers = Handlers} = State = state(),
    Old = maps:get(Tag, Handlers, empty_state),
    case mongoose_hooks:c2s_remote_hook(HostType, Tag, Args, Old, State) of
        {error, _} -> acme_probe:record({logged, c2s_remote_hook_failed});
        New -> put_state(State#state{handlers = Handlers#{Tag => New}})
    end;
handle({send_filtered, Feature, From, To, El}) ->
    filtered(Feature, From, To, El, state());
handle({broadcast, Payload}) ->
    broadcast(Payload, state());
handle({store_session_info, Jid, Key, Value, _}) ->
    ejabberd_sm:store_info(Jid, Key, Value);
handle(closed) ->
    terminate(normal);
handle({exit, _Reason}) ->
    terminate(normal);
handle(_Other) ->
    acme_probe:record({logged, unexpected_message}).

terminate(Reason) ->
    #state{sid = Sid, jid = Jid} = State = state(),
    case get(state_name) of
        session_established ->
            Acc = new_acc(State, #{}),
            Acc1 = mongoose_hooks:sm_remove_connection_hook(Acc, Sid, Jid, #{ip => State#state.ip}, Reason),
            [mongoose_hooks:unset_presence_hook(Acc1, Jid, <<>>) || State#state.pres_last =/= undefined];
        _ ->
            ok
    end,
    acme_probe:record(session_closed),
    put_state(closed, State).

%% What handlers keep in the session, without the names that they keep it under.
module_state() ->
    #state{aux_fields = Fields, handlers = Handlers} = state(),
    [Value || {_Key, Value} <- Fields] ++
        [Value || {Tag, Value} <- maps:to_list(Handlers), Value =/= empty_state, Tag =/= mod_ping].

state() -> get(state_data).

put_state(Name, State) ->
    put(state_name, Name),
    put_state(State).

put_state(State) ->
    put(state_data, State),
    State.

%% --- What the client sends ---

%% Stream management and client state come before all hooks.
established(Name, _El) when Name =:= <<"enable">>; Name =:= <<"a">>; Name =:= <<"r">>;
                            Name =:= <<"inactive">>; Name =:= <<"active">> ->
    ok;
established(Name, El) ->
    #state{host_type = HostType} = State = state(),
    Acc = origin_acc(jlib:remove_delay_tags(El), State),
    Preprocessed = mongoose_hooks:c2s_preprocessing_hook(HostType, Acc, State),
    case mongoose_acc:get(hook, result, undefined, Preprocessed) of
        drop -> ok;
        _ -> outgoing(Name, Preprocessed, State)
    end.

outgoing(<<"message">>, Acc, State) ->
    check_privacy_and_route(user_send_packet(Acc), State);
outgoing(<<"iq">>, Acc, State) ->
    case mongoose_iq:xmlns(Acc) of
        {Namespace, Acc1} when Namespace =:= ?NS_PRIVACY; Namespace =:= ?NS_BLOCKING ->
            server:answer_privacy_iq(Acc1);
        {_, Acc1} ->
            check_privacy_and_route(user_send_packet(Acc1), State)
    end;
outgoing(<<"presence">>, Acc, #state{host_type = HostType} = State) ->
    {From, To, _} = mongoose_acc:packet(Acc),
    Updated = mongoose_hooks:c2s_update_presence(HostType, Acc),
    Sent = user_send_packet(Updated),
    case jid:are_bare_equal(From, To) of
        true -> update_presence(mongoose_acc:stanza_type(Sent), Sent, State);
        false -> check_privacy_and_route(Sent, State)
    end;
outgoing(_Other, _Acc, _State) ->
    ok.

user_send_packet(Acc) ->
    {From, To, El} = mongoose_acc:packet(Acc),
    mongoose_hooks:user_send_packet(Acc, From, To, El).

update_presence(<<"unavailable">>, Acc, #state{jid = Jid} = State) ->
    Acc1 = mongoose_hooks:unset_presence_hook(Acc, Jid, <<>>),
    to_contacts(Acc1),
    put_state(State#state{pres_last = undefined});
update_presence(undefined, Acc, #state{jid = Jid} = State) ->
    El = mongoose_acc:element(Acc),
    Acc1 = mongoose_hooks:set_presence_hook(Acc, Jid, El),
    to_contacts(Acc1),
    put_state(State#state{pres_last = El});
update_presence(_Other, _Acc, _State) ->
    ok.

to_contacts(Acc) ->
    {From, _, El} = mongoose_acc:packet(Acc),
    [routing:route(From, To, Acc, El) || To <- server:contacts()].

check_privacy_and_route(Acc, #state{jid = Jid, privacy_list = List}) ->
    To = mongoose_acc:to_jid(Acc),
    {Acc1, Decision} = mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, out),
    {From, To, El} = mongoose_acc:packet(Acc1),
    case Decision of
        allow -> routing:route(From, To, Acc1, El);
        deny -> send_back(mongoose_xmpp_errors:not_acceptable_cancel(), From, To, Acc1);
        block -> send_back(mongoose_xmpp_errors:not_acceptable_blocked(), From, To, Acc1)
    end.

send_back(Error, From, To, Acc) ->
    {Acc1, Reply} = jlib:make_error_reply(Acc, Error),
    routing:route(To, From, Acc1, Reply).

unauthenticated(#iq{sub_el = SubEl} = IQ, _El) ->
    #state{host_type = HostType, server = Server, ip = Address} = State = state(),
    case mongoose_hooks:c2s_unauthenticated_iq(HostType, Server, IQ, Address) of
        empty ->
            Error = IQ#iq{type = error, sub_el = [mongoose_xmpp_errors:service_unavailable()]},
            _ = SubEl,
            send(new_acc(State, #{}), jlib:iq_to_xml(Error), State);
        Response ->
            send(new_acc(State, #{element => Response, from_jid => undefined, to_jid => undefined}), Response, State)
    end;
unauthenticated(_NotIq, _El) ->
    ok.

%% --- What comes in ---

incoming(<<"message">>, From, To, Acc, State) ->
    case privacy_in(To, Acc, State) of
        {Acc1, allow} -> ship(From, To, mongoose_acc:element(Acc1), Acc1, State);
        {Acc1, _} -> send_back(mongoose_xmpp_errors:service_unavailable(), From, To, Acc1)
    end;
incoming(<<"iq">>, From, To, Acc, State) ->
    {#iq{type = Type}, Acc1} = mongoose_iq:info(Acc),
    case privacy_in(To, Acc1, State) of
        {Acc2, allow} -> ship(From, To, mongoose_acc:element(Acc2), Acc2, State);
        {Acc2, _} when Type =:= get; Type =:= set ->
            send_back(mongoose_xmpp_errors:service_unavailable(), From, To, Acc2);
        {_, _} -> ok
    end;
incoming(<<"presence">>, From, To, Acc, State0) ->
    El = mongoose_acc:element(Acc),
    State = put_state(mongoose_hooks:c2s_presence_in(State0, From, To, El)),
    case mongoose_acc:stanza_type(Acc) of
        <<"probe">> ->
            answer_probe(From, To, Acc, State);
        <<"error">> ->
            ship(From, To, El, Acc, State);
        _ ->
            case privacy_in(To, Acc, State) of
                {Acc1, allow} -> ship(From, To, El, Acc1, State);
                {_, _} -> ok
            end
    end;
incoming(_Other, _From, _To, _Acc, _State) ->
    ok.

answer_probe(_From, _To, _Acc, #state{pres_last = undefined}) ->
    ok;
answer_probe(From, To, Acc, #state{pres_last = Last}) ->
    routing:route(To, From, Acc, Last).

privacy_in(To, Acc, #state{jid = Jid, privacy_list = List}) ->
    mongoose_privacy:privacy_check_packet(Acc, Jid, List, To, in).

%% Whatever handlers do to the stanza: what is shipped was fixed before they were asked.
ship(From, To, El, Acc, #state{host_type = HostType, jid = Jid} = State) ->
    Fixed = jlib:replace_from_to(From, To, El),
    Acc1 = with_fixed(#{element => Fixed, from_jid => From, to_jid => To}, Acc),
    Acc2 = mongoose_hooks:user_receive_packet(HostType, Acc1, Jid, From, To, Fixed),
    send(Acc2, Fixed, State).

%% Up to 5.1.0 only the argument is.
-ifdef(UP_TO_5_1_0).
with_fixed(_Stanza, Acc) -> Acc.
-else.
with_fixed(Stanza, Acc) -> mongoose_acc:update_stanza(Stanza, Acc).
-endif.

send(Acc, El, #state{host_type = HostType}) ->
    Acc1 = mongoose_hooks:xmpp_send_element(HostType, Acc, El),
    acme_probe:record({received, acme_probe:to_text(El), acme_probe:own_keys(Acc1)}).

%% --- What modules of the server send to the session ---

filtered(Feature, From, To, El, #state{jid = Jid} = State) ->
    case mongoose_hooks:c2s_filter_packet(State, Feature, To, El) of
        true ->
            acme_probe:record({pep, acme_probe:jid_text(To), dropped});
        false when To =:= Jid ->
            acme_probe:record({pep, acme_probe:jid_text(To), sent}),
            Acc = new_acc(State, #{from_jid => From, to_jid => To, element => El}),
            case privacy_in(To, Acc, State) of
                {_, allow} -> send(Acc, jlib:replace_from_to(From, To, El), State);
                {_, _} -> ok
            end;
        false ->
            acme_probe:record({pep, acme_probe:jid_text(To), sent}),
            routing:route(From, To, jlib:replace_from_to(From, To, El))
    end.

broadcast({privacy_list, List, Name}, #state{host_type = HostType, jid = Jid} = State) ->
    case mongoose_hooks:privacy_updated_list(HostType, State#state.privacy_list, List) of
        false ->
            ok;
        NewList ->
            Push = jlib:replace_from_to(jid:to_bare(Jid), Jid, server:privacy_push(Name)),
            send(new_acc(State, #{}), Push, State),
            put_state(State#state{privacy_list = NewList})
    end;
broadcast({blocking, List, _Action, _Jids}, State) ->
    put_state(State#state{privacy_list = List});
broadcast(_Other, _State) ->
    ok.

origin_acc(El, #state{sid = Sid, jid = Jid} = State) ->
    To = case exml_query:attr(El, <<"to">>) of
             undefined -> #{to_jid => jid:to_bare(Jid)};
             _ -> #{}
         end,
    Acc = new_acc(State, To#{element => El, from_jid => Jid}),
    mongoose_acc:set_permanent(c2s, [{origin_sid, Sid}, {origin_jid, Jid}], Acc).

new_acc(#state{host_type = HostType, server = Server}, Params) ->
    mongoose_acc:new(Params#{host_type => HostType, lserver => Server, location => ?LOCATION}).
