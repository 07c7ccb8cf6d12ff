%%% Stand-in for the session of 6.1.0. The process that drives the world is the session's process: its
%%% data is in the process dictionary, and what is sent to its pid comes through `handle/1'.
-module(mongoose_c2s).

-include("hook_names.hrl").
-include("jlib.hrl").
-include("mongoose.hrl").
-include("world.hrl").

%% For handlers and for modules of the server.
-export([create_data/1, hook_arg/5, get_socket/1, get_host_type/1, get_lserver/1, get_sid/1, get_jid/1, get_info/1, set_info/2,
         get_ip/1, get_lang/1, get_stream_id/1, get_listener_opts/1,
         get_mod_state/2, merge_mod_state/2, remove_mod_state/2,
         cast/3, call/3, async/3, async_with_state/3, stop/2, exit/2, route/2]).
-export_type([data/0]).
%% For the driver.
-export([connect/2, authenticate/1, from_client/1, handle/1, terminate/1, ask/2, module_state/0, data/0]).

-record(c2s_data, {host_type, lserver = <<"localhost">>, jid, sid, socket, listener_opts, lang = <<>>,
                   streamid = <<"stream">>, state_mod = #{}, info = #{}}).
-opaque data() :: #c2s_data{}.

%% --- For handlers ---

%% Data for a stanza that no session sent: most of it is made up.
create_data(#{host_type := HostType, jid := Jid}) ->
    #c2s_data{host_type = HostType, jid = Jid, sid = {server:timestamp(), self()}}.

hook_arg(Data, C2SState, EventType, #{event_tag := Tag, event_content := Content}, Reason) ->
    (hook_arg(Data, C2SState, EventType, Content, Reason))#{event_tag => Tag};
hook_arg(Data, C2SState, EventType, Content, Reason) ->
    #{c2s_data => Data, c2s_state => C2SState, event_type => EventType, event_content => Content, reason => Reason}.

get_host_type(#c2s_data{host_type = HostType}) -> HostType.
get_lserver(#c2s_data{lserver = LServer}) -> LServer.
get_sid(#c2s_data{sid = Sid}) -> Sid.
get_jid(#c2s_data{jid = Jid}) -> Jid.
get_info(#c2s_data{info = Info}) -> Info.
set_info(#c2s_data{} = Data, Info) -> Data#c2s_data{info = Info}.
%% Without a socket there is no address.
get_ip(#c2s_data{socket = {socket, Address}}) -> Address.
get_lang(#c2s_data{lang = Lang}) -> Lang.
get_stream_id(#c2s_data{streamid = Id}) -> Id.
get_listener_opts(#c2s_data{listener_opts = Opts}) -> Opts.

get_mod_state(#c2s_data{state_mod = States}, Module) ->
    case States of
        #{Module := State} -> {ok, State};
        #{} -> {error, not_found}
    end.

merge_mod_state(#c2s_data{state_mod = States} = Data, New) -> Data#c2s_data{state_mod = maps:merge(States, New)}.

remove_mod_state(#c2s_data{state_mod = States} = Data, Module) ->
    Data#c2s_data{state_mod = maps:remove(Module, States)}.

cast(Pid, Tag, Content) -> to_session(Pid, #{event_tag => Tag, event_content => Content}).

%% A session that calls itself waits for itself.
call(Pid, _Tag, _Content) when Pid =:= self() -> erlang:exit(calling_self).

async(Pid, Fun, Args) -> to_session(Pid, {async, Fun, Args}).

async_with_state(Pid, Fun, Args) -> to_session(Pid, {async_with_state, Fun, Args}).

stop(Pid, Reason) -> to_session(Pid, {stop, Reason}).

exit(Pid, Reason) -> to_session(Pid, {exit, Reason}).

route(Pid, Acc) -> Pid ! {route, Acc}.

to_session(Pid, Event) ->
    Pid ! {'$gen_cast', Event},
    ok.

%% --- For the driver ---

connect(Listener, Address) ->
    case mongoose_hooks:check_bl_c2s(Address) of
        true ->
            acme_probe:record({connection, refused});
        false ->
            acme_probe:record({connection, accepted}),
            put_data({wait_for_feature_before_auth, sasl, 3},
                     #c2s_data{host_type = ?HOST_TYPE, lserver = ?DOMAIN, sid = {server:timestamp(), self()},
                               socket = {socket, Address}, listener_opts = #{listener => Listener}})
    end.

authenticate(Jid) -> put_data(wait_for_session_establishment, (data())#c2s_data{jid = Jid}).

from_client(#xmlel{} = El) ->
    case {get(state_name), jlib:iq_query_info(El)} of
        {session_established, _} -> from_established(El);
        {wait_for_session_establishment, #iq{type = set, xmlns = ?NS_SESSION}} -> establish(El);
        {_, _} -> foreign_packet(El)
    end.

handle({route, Acc}) -> incoming(Acc);
handle(#xmlel{} = El) -> from_established(El);
handle({'$gen_cast', Event}) -> handle_cast(Event);
handle({statem_timeout, Name, Handler}) when is_function(Handler, 2) -> apply_requests(none, Handler(Name, data()));
handle({statem_timeout, Name, Content}) -> foreign_event({timeout, Name}, Content);
handle(Info) -> foreign_event(info, Info).

handle_cast({stop, Reason}) ->
    Params = hook_arg(data(), get(state_name), cast, {stop, Reason}, Reason),
    case mongoose_c2s_hooks:user_stop_request(?HOST_TYPE, new_acc(#{}), Params) of
        {ok, _} -> terminate({shutdown, Reason});
        {stop, Acc} -> after_packet(Acc)
    end;
handle_cast({exit, Reason}) -> terminate({shutdown, Reason});
handle_cast({async, Fun, Args}) -> apply(Fun, Args);
handle_cast({async_with_state, Fun, Args}) -> put_data(apply(Fun, [data() | Args]));
handle_cast(Event) -> foreign_event(cast, Event).

terminate(Reason) ->
    #c2s_data{jid = Jid, sid = Sid, info = Info} = Data = data(),
    Params = hook_arg(Data, get(state_name), terminate, Reason, Reason),
    Acc = mongoose_c2s_hooks:user_terminate(?HOST_TYPE, new_acc(#{}), Params),
    Closed = case get(state_name) of
                 session_established ->
                     mongoose_hooks:?sm_remove_connection(Acc, Sid, Jid, Info, unwrapped(Reason));
                 _ ->
                     Acc
             end,
    mongoose_c2s_hooks:reroute_unacked_messages(?HOST_TYPE, Closed, Params),
    acme_probe:record(session_closed),
    put(state_name, closed).

unwrapped({shutdown, Reason}) -> Reason;
unwrapped(normal) -> normal;
unwrapped(_) -> error.

%% A call of another process, and what it is answered.
ask(Tag, Content) ->
    put(reply, none),
    foreign_event({call, caller}, #{event_tag => Tag, event_content => Content}),
    get(reply).

%% What handlers keep in the session, without the names that they keep it under.
module_state() ->
    #c2s_data{state_mod = States} = data(),
    maps:values(maps:without([mod_presence, mod_privacy, mod_ping], States)).

data() -> get(state_data).

put_data(Name, Data) ->
    put(state_name, Name),
    put_data(Data).

put_data(Data) ->
    put(state_data, Data),
    Data.

%% --- What the client sends ---

%% Everything but IQs, too: also before the session is established.
foreign_packet(El) ->
    Server = jid:make_noprep(<<>>, ?DOMAIN, <<>>),
    Acc = new_acc(#{element => El, from_jid => Server, to_jid => Server}),
    {_, Acc1} = mongoose_c2s_hooks:user_send_xmlel(?HOST_TYPE, Acc, params(El)),
    after_packet(Acc1).

from_established(El) ->
    Params = params(El),
    case mongoose_c2s_hooks:user_send_packet(?HOST_TYPE, origin_acc(El), Params) of
        {ok, Acc} -> after_packet(outgoing(mongoose_acc:stanza_name(Acc), Acc, Params));
        {stop, Acc} -> after_packet(Acc)
    end.

outgoing(<<"message">>, Acc, Params) ->
    route_unless_stopped(mongoose_c2s_hooks:user_send_message(?HOST_TYPE, Acc, Params));
outgoing(<<"iq">>, Acc, Params) ->
    route_unless_stopped(mongoose_c2s_hooks:user_send_iq(?HOST_TYPE, Acc, Params));
outgoing(<<"presence">>, Acc, Params) ->
    {_, Acc1} = mongoose_c2s_hooks:user_send_presence(?HOST_TYPE, Acc, Params),
    Acc1;
outgoing(_Other, Acc, Params) ->
    {_, Acc1} = mongoose_c2s_hooks:user_send_xmlel(?HOST_TYPE, Acc, Params),
    Acc1.

route_unless_stopped({ok, Acc}) ->
    {From, To, El} = mongoose_acc:packet(Acc),
    routing:route(From, To, Acc, El),
    Acc;
route_unless_stopped({stop, Acc}) ->
    Acc.

establish(El) ->
    #c2s_data{jid = Jid} = data(),
    Acc = origin_acc(El),
    Answer = #{from_jid => jid:make_noprep(<<>>, ?DOMAIN, <<>>), to_jid => Jid,
               element => jlib:make_result_iq_reply(El)},
    Requests = mongoose_c2s_acc:new(#{c2s_state => session_established,
                                      route => [mongoose_acc:update_stanza(Answer, Acc)]}),
    Params = params(El),
    {_, Acc1} = mongoose_c2s_hooks:user_send_packet(?HOST_TYPE, mongoose_acc:set_statem_acc(Requests, Acc), Params),
    {_, Acc2} = mongoose_c2s_hooks:user_send_iq(?HOST_TYPE, Acc1, Params),
    case mongoose_c2s_hooks:user_open_session(?HOST_TYPE, Acc2, Params) of
        {ok, Acc3} ->
            #c2s_data{sid = Sid, socket = {socket, Address}} = Data = data(),
            Info = #{ip => Address},
            mongoose_hooks:?sm_register_connection(?HOST_TYPE, Sid, Jid, Info),
            acme_probe:record(session_opened),
            put_data(Data#c2s_data{info = Info}),
            after_packet(Acc3);
        {stop, Acc3} ->
            Forbidden = mongoose_hooks:?forbidden_session(?HOST_TYPE, Acc3, Jid),
            acme_probe:record(session_refused),
            send(jlib:make_error_reply(El, mongoose_xmpp_errors:not_allowed()), Forbidden),
            %% Whoever asks with a session IQ may not try again.
            terminate({shutdown, stream_end})
    end.

%% --- What comes in ---

incoming(Acc) ->
    {From, To, El} = mongoose_acc:packet(Acc),
    Fixed = #{from_jid => From, to_jid => To, element => jlib:replace_from_to(From, To, El)},
    Params = hook_arg(data(), get(state_name), info, El, route),
    Received = mongoose_c2s_hooks:user_receive_packet(?HOST_TYPE, mongoose_acc:update_stanza(Fixed, Acc), Params),
    case of_kind(Received, Params) of
        {ok, Acc1} -> flush(Acc1);
        {stop, Acc1} -> after_packet(Acc1)
    end.

of_kind({stop, Acc}, _Params) ->
    {stop, Acc};
of_kind({ok, Acc}, Params) ->
    case mongoose_acc:stanza_name(Acc) of
        <<"message">> -> mongoose_c2s_hooks:user_receive_message(?HOST_TYPE, Acc, Params);
        <<"iq">> -> mongoose_c2s_hooks:user_receive_iq(?HOST_TYPE, Acc, Params);
        <<"presence">> -> mongoose_c2s_hooks:user_receive_presence(?HOST_TYPE, Acc, Params);
        _ -> mongoose_c2s_hooks:user_receive_xmlel(?HOST_TYPE, Acc, Params)
    end.

%% What is sent is what handlers made of it.
flush(Acc) ->
    Params = hook_arg(data(), get(state_name), info, Acc, flush),
    case mongoose_c2s_hooks:xmpp_presend_element(?HOST_TYPE, Acc, Params) of
        {ok, Acc1} -> after_packet(send(mongoose_acc:element(Acc1), Acc1));
        {stop, Acc1} -> after_packet(Acc1)
    end.

send(El, Acc) ->
    Sent = mongoose_acc:set(c2s, send_result, ok, Acc),
    Acc1 = mongoose_hooks:xmpp_send_element(?HOST_TYPE, Sent, El),
    acme_probe:record({received, acme_probe:to_text(El), acme_probe:own_keys(Acc1)}),
    Acc1.

%% Somebody has to stop the fold: what nobody stopped is lost, with all that was asked of the session.
foreign_event(Type, Content) ->
    Params = hook_arg(data(), get(state_name), Type, Content, undefined),
    case mongoose_c2s_hooks:foreign_event(?HOST_TYPE, new_acc(#{}), Params) of
        {ok, _Acc} -> acme_probe:record({logged, unexpected_message});
        {stop, Acc} -> after_packet(Acc)
    end.

%% --- What handlers asked for ---

after_packet(Acc) -> apply_requests(Acc, mongoose_c2s_acc:get_statem_result(Acc)).

apply_requests(_Acc, #{hard_stop := Reason}) when Reason =/= undefined ->
    terminate({shutdown, Reason});
apply_requests(Acc, #{state_mod := States, actions := Actions, c2s_state := Name, c2s_data := Data,
                      socket_send := Els}) ->
    put_data(or_else(Name, get(state_name)), merge_mod_state(or_else(Data, data()), States)),
    For = case Acc of
              none -> new_acc(#{});
              _ -> Acc
          end,
    [send(El, For) || El <- Els],
    lists:foreach(fun act/1, Actions).

or_else(undefined, Old) -> Old;
or_else(New, _Old) -> New.

act({next_event, info, Message}) -> handle(Message);
act({next_event, cast, Event}) -> handle_cast(Event);
act({next_event, internal, {flush, Acc}}) -> flush(Acc);
act({reply, _From, Reply}) -> put(reply, Reply);
act({{timeout, Name}, cancel}) -> cancel(Name);
act({{timeout, Name}, Delay, Content}) ->
    cancel(Name),
    Timer = erlang:send_after(Delay, self(), {statem_timeout, Name, Content}),
    put({timer, Name}, Timer),
    server:started_timer(Timer).

cancel(Name) ->
    case erase({timer, Name}) of
        undefined -> ok;
        Timer -> erlang:cancel_timer(Timer)
    end.

params(El) -> hook_arg(data(), get(state_name), internal, El, undefined).

origin_acc(El) ->
    #c2s_data{jid = Jid, sid = Sid} = data(),
    To = case exml_query:attr(El, <<"to">>) of
             undefined -> #{to_jid => jid:to_bare(Jid)};
             _ -> #{}
         end,
    Acc = new_acc(To#{element => El, from_jid => Jid}),
    mongoose_acc:set_permanent(c2s, [{module, ?MODULE}, {origin_sid, Sid}, {origin_jid, Jid}], Acc).

new_acc(Params) ->
    mongoose_acc:new(Params#{host_type => ?HOST_TYPE, lserver => ?DOMAIN, location => ?LOCATION}).

get_socket(#c2s_data{socket = Socket}) -> Socket.
