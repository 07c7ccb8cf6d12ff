%%% The server of 6.0.0 as the driver sees it.
-module(server).

-include("jlib.hrl").
-include("world.hrl").

-export([boot/0, connect/2, authenticate/1, from_client/1, handle/1, disconnect/0, module_state/0]).
-export([api_send/3, ping_answered/1, ping_timeout/0, other_event/0, inbox/2, broadcast/1,
         pep_publish/2, pep_item/3]).
-export([arrived/3]).

-include("world.erl.hrl").

%% Privacy, presence and pings need no handlers here: the session does them.
boot() ->
    gen_hook:add_handlers(server_modules:hooks(?HOST_TYPE)).

%% Sessions of all listeners are alike.
connect(_Listener, Address) -> ejabberd_c2s:connect(Address).

authenticate(Jid) -> ejabberd_c2s:authenticate(Jid).

from_client(El) -> ejabberd_c2s:from_client(El).

handle(Message) -> ejabberd_c2s:handle(Message).

%% The client closes its stream.
disconnect() -> ejabberd_c2s:terminate(normal).

module_state() -> ejabberd_c2s:module_state().

api_send(From, To, El) ->
    Params = #{host_type => ?HOST_TYPE, lserver => ?DOMAIN, location => #{},
               from_jid => From, to_jid => To, element => El},
    Acc = mongoose_hooks:user_send_packet(mongoose_acc:new(Params), From, To, El),
    routing:route(From, To, Acc).

%% The answer goes the way of every IQ; the router hands it to who asked.
ping_answered(El) -> from_client(El).

%% Two hooks: one in the session's process, one in a process that was started for it.
ping_timeout() ->
    Jid = ejabberd_c2s_state:jid(ejabberd_c2s:state()),
    elsewhere(fun() -> mongoose_hooks:user_ping_response(?HOST_TYPE, undefined, Jid, timeout, 0) end),
    mongoose_hooks:user_ping_timeout(?HOST_TYPE, Jid).

elsewhere(Fun) ->
    {_, Monitor} = spawn_monitor(Fun),
    receive {'DOWN', Monitor, process, _, _} -> ok end.

arrived(From, To, Acc) ->
    El = mongoose_acc:element(Acc),
    case answers_ping(To, El) of
        true ->
            IQ = jlib:iq_query_or_response_info(El),
            mongoose_hooks:user_ping_response(?HOST_TYPE, Acc, From, IQ, 0);
        false ->
            [acme_probe:session() ! {route, From, To, Acc} || is_for_session(To, El)]
    end.

other_event() -> ejabberd_c2s:run_remote_hook(self(), mod_ping, init).

%% Each entry by itself.
inbox(Acc, IQ) ->
    Extended = [{Remote, mongoose_hooks:extend_inbox_message(Acc, Entry, IQ)}
                || #{remote_jid := Remote} = Entry <- inbox_entries()],
    [acme_probe:record({inbox_entry, Remote, [acme_probe:to_text(El) || El <- Extra]}) || {Remote, Extra} <- Extended].

broadcast(Payload) ->
    Bare = jid:to_bare(user()),
    ejabberd_sm:route(Bare, Bare, {broadcast, Payload}).

pep_publish(Feature, El) ->
    State = ejabberd_c2s:state(),
    From = jid:to_bare(user()),
    Recipients = mongoose_hooks:c2s_broadcast_recipients(State, {pep_message, Feature}, From, El),
    [routing:route(From, jid:make_noprep(U, S, R), El) || {U, S, R} <- lists:usort(Recipients)].

pep_item(Feature, To, El) ->
    ejabberd_c2s:send_filtered(self(), {pep_message, Feature}, jid:to_bare(user()), To, El).
