%%% Stand-in: how the server runs the hooks of a release that are not run by the session itself.
-module(mongoose_hooks).

-include("jlib.hrl").
-include("mod_privacy.hrl").

-export([privacy_check_packet/5, privacy_get_user_list/2, privacy_updated_list/3,
         filter_packet/1, filter_local_packet/1, filter_room_packet/3,
         check_bl_c2s/1, session_opening_allowed_for_user/2, forbidden_session_hook/3,
         sm_register_connection_hook/4, sm_remove_connection_hook/5,
         set_presence_hook/3, unset_presence_hook/3,
         xmpp_send_element/3, xmpp_stanza_dropped/4, user_ping_response/5]).

-ifdef(RELEASE_6_1_0).
-export([extend_inbox_result/3, get_pep_recipients/2, filter_pep_recipient/3, privacy_list_push/5]).
-else.
-export([user_send_packet/4, user_receive_packet/6,
         c2s_preprocessing_hook/3, c2s_presence_in/4, c2s_update_presence/2, c2s_unauthenticated_iq/4,
         c2s_remote_hook/5, c2s_broadcast_recipients/4, c2s_filter_packet/4,
         extend_inbox_message/3, sm_broadcast/5, user_ping_timeout/2, user_sent_keep_alive/2]).
-endif.

privacy_check_packet(Acc, Jid, List, What, Direction) ->
    Params = #{jid => Jid, privacy_list => List, from_to_name_type => What, dir => Direction},
    Allowed = mongoose_acc:set(hook, result, allow, Acc),
    run(privacy_check_packet, mongoose_acc:host_type(Acc), Allowed, Params).

privacy_get_user_list(HostType, Jid) ->
    run(privacy_get_user_list, HostType, #userlist{}, #{jid => Jid}).

privacy_updated_list(HostType, Old, New) ->
    run(privacy_updated_list, HostType, false, #{old_list => Old, new_list => New}).

filter_packet(Packet) ->
    run(filter_packet, global, Packet, #{}).

filter_local_packet({_From, _To, Acc, _El} = Packet) ->
    run(filter_local_packet, mongoose_acc:host_type(Acc), Packet, #{}).

check_bl_c2s(Address) ->
    run(check_bl_c2s, global, false, #{ip => Address}).

session_opening_allowed_for_user(HostType, Jid) ->
    run(session_opening_allowed_for_user, HostType, allow, #{jid => Jid}).

forbidden_session_hook(HostType, Acc, Jid) ->
    run(forbidden_session_hook, HostType, Acc, #{jid => Jid}).

sm_register_connection_hook(HostType, Sid, Jid, Info) ->
    run(sm_register_connection_hook, HostType, ok, #{sid => Sid, jid => Jid, info => Info}).

sm_remove_connection_hook(Acc, Sid, Jid, Info, Reason) ->
    Params = #{sid => Sid, jid => Jid, info => Info, reason => Reason},
    run(sm_remove_connection_hook, mongoose_acc:host_type(Acc), Acc, Params).

set_presence_hook(Acc, Jid, Presence) ->
    run(set_presence_hook, mongoose_acc:host_type(Acc), Acc, #{jid => Jid, presence => Presence}).

unset_presence_hook(Acc, Jid, Status) ->
    run(unset_presence_hook, mongoose_acc:host_type(Acc), Acc, #{jid => Jid, status => Status}).

xmpp_send_element(HostType, Acc, El) ->
    run(xmpp_send_element, HostType, Acc, #{el => El}).

xmpp_stanza_dropped(Acc, From, To, El) ->
    Params = #{from => From, to => To, packet => El},
    run(xmpp_stanza_dropped, mongoose_acc:host_type(Acc), Acc, Params).

user_ping_response(HostType, Acc, Jid, Response, TimeDelta) ->
    Params = #{jid => Jid, response => Response, time_delta => TimeDelta},
    run(user_ping_response, HostType, Acc, Params).

-ifdef(RELEASE_6_1_0).

%% What happens in a room is the parameter itself.
filter_room_packet(HostType, Packet, EventData) ->
    run(filter_room_packet, HostType, Packet, EventData).

extend_inbox_result(MongooseAcc, Entries, IQ) ->
    Params = #{mongoose_acc => MongooseAcc, iq => IQ},
    run(extend_inbox_result, mongoose_acc:host_type(MongooseAcc), Entries, Params).

get_pep_recipients(C2SData, Feature) ->
    Params = #{c2s_data => C2SData, feature => Feature},
    run(get_pep_recipients, mongoose_c2s:get_host_type(C2SData), [], Params).

filter_pep_recipient(C2SData, Feature, To) ->
    Params = #{c2s_data => C2SData, feature => Feature, to => To},
    run(filter_pep_recipient, mongoose_c2s:get_host_type(C2SData), true, Params).

privacy_list_push(HostType, LUser, LServer, Item, SessionCount) ->
    Params = #{luse => LUser, lserver => LServer, item => Item, session_count => SessionCount},
    run(privacy_list_push, HostType, ok, Params).

-else.

filter_room_packet(HostType, Packet, EventData) ->
    run(filter_room_packet, HostType, Packet, #{packet => Packet, event_data => EventData}).

user_send_packet(Acc, _From, _To, _El) ->
    run(user_send_packet, mongoose_acc:host_type(Acc), Acc, #{}).

user_receive_packet(HostType, Acc, Jid, _From, _To, _El) ->
    run(user_receive_packet, HostType, Acc, #{jid => Jid}).

c2s_preprocessing_hook(HostType, Acc, State) ->
    run(c2s_preprocessing_hook, HostType, Acc, #{state => State}).

c2s_presence_in(State, From, To, El) ->
    Params = #{from => From, to => To, packet => El},
    run(c2s_presence_in, ejabberd_c2s_state:host_type(State), State, Params).

c2s_update_presence(HostType, Acc) ->
    run(c2s_update_presence, HostType, Acc, #{}).

c2s_unauthenticated_iq(HostType, Server, IQ, Address) ->
    run(c2s_unauthenticated_iq, HostType, empty, #{server => Server, iq => IQ, ip => Address}).

c2s_remote_hook(HostType, Tag, Args, HandlerState, State) ->
    Params = #{tag => Tag, hook_args => Args, c2s_state => State},
    run(c2s_remote_hook, HostType, HandlerState, Params).

c2s_broadcast_recipients(State, Type, From, El) ->
    Params = #{state => State, type => Type, from => From, packet => El},
    run(c2s_broadcast_recipients, ejabberd_c2s_state:host_type(State), [], Params).

c2s_filter_packet(State, Feature, To, El) ->
    Params = #{state => State, feature => Feature, to => To, packet => El},
    run(c2s_filter_packet, ejabberd_c2s_state:host_type(State), true, Params).

extend_inbox_message(MongooseAcc, Entry, IQ) ->
    Params = #{mongoose_acc => MongooseAcc, inbox_res => Entry, iq => IQ},
    run(extend_inbox_message, mongoose_acc:host_type(MongooseAcc), [], Params).

sm_broadcast(Acc, From, To, Broadcast, SessionCount) ->
    Params = #{from => From, to => To, broadcast => Broadcast, session_count => SessionCount},
    run(sm_broadcast, mongoose_acc:host_type(Acc), Acc, Params).

user_ping_timeout(HostType, Jid) ->
    run(user_ping_timeout, HostType, ok, #{jid => Jid}).

user_sent_keep_alive(HostType, Jid) ->
    run(user_sent_keep_alive, HostType, ok, #{jid => Jid}).

-endif.

run(Hook, Tag, Acc, Params) ->
    {_, Result} = gen_hook:run_fold(Hook, Tag, Acc, Params),
    Result.
