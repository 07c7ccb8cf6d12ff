%%% Stand-in: how the server runs the hooks of a release that are not run by the session itself. Handlers get a map of
%%% parameters; up to 5.1.0 they get arguments, which stand behind it here.
-module(mongoose_hooks).

-include("hook_names.hrl").
-include("jlib.hrl").
-include("mod_privacy.hrl").

-export([privacy_check_packet/5, privacy_get_user_list/2, privacy_updated_list/3,
         filter_packet/1, filter_local_packet/1, filter_room_packet/3,
         check_bl_c2s/1, session_opening_allowed_for_user/2, ?forbidden_session/3,
         ?sm_register_connection/4, ?sm_remove_connection/5,
         ?set_presence/3, ?unset_presence/3,
         xmpp_send_element/3, xmpp_stanza_dropped/4, user_ping_response/5,
         register_user/3, remove_user/3, ?anonymous_purge/3, auth_failed/3, set_vcard/3,
         ?offline_message/4, ?resend_offline_messages/2,
         roster_get/2, roster_in_subscription/5, roster_get_versioning_feature/1,
         disco_local_features/1, disco_local_items/1, disco_sm_features/2, c2s_stream_features/2, s2s_allow_host/2,
         mam_archive_id/2, mam_archive_message/2, join_room/5, forget_room/3]).

-ifdef(RELEASE_6_1_0).
-export([extend_inbox_result/3, get_pep_recipients/2, filter_pep_recipient/3, privacy_list_push/5,
         caps_recognised/3]).
-else.
-export([user_send_packet/4, user_receive_packet/6,
         c2s_preprocessing_hook/3, c2s_presence_in/4, c2s_update_presence/2, c2s_unauthenticated_iq/4,
         c2s_remote_hook/5, c2s_broadcast_recipients/4, c2s_filter_packet/4,
         extend_inbox_message/3, sm_broadcast/5, user_ping_timeout/2, user_sent_keep_alive/2]).
-endif.

privacy_check_packet(Acc, Jid, List, What, Direction) ->
    Params = #{jid => Jid, privacy_list => List, from_to_name_type => What, dir => Direction},
    Allowed = mongoose_acc:set(hook, result, allow, Acc),
    run(privacy_check_packet, mongoose_acc:host_type(Acc), Allowed, Params, [Jid, List, What, Direction]).

privacy_get_user_list(HostType, Jid) ->
    run(privacy_get_user_list, HostType, #userlist{}, #{jid => Jid}, [HostType, Jid]).

privacy_updated_list(HostType, Old, New) ->
    run(privacy_updated_list, HostType, false, #{old_list => Old, new_list => New}, [Old, New]).

filter_packet(Packet) ->
    run(filter_packet, global, Packet, #{}, []).

filter_local_packet({_From, _To, Acc, _El} = Packet) ->
    run(filter_local_packet, mongoose_acc:host_type(Acc), Packet, #{}, []).

-ifdef(SINCE_6_4_0).
check_bl_c2s({Address, _Port}) ->
    run(check_bl_c2s, global, false, #{ip => Address}, none).
-else.
check_bl_c2s(Address) ->
    run(check_bl_c2s, global, false, #{ip => Address}, [Address]).
-endif.

session_opening_allowed_for_user(HostType, Jid) ->
    run(session_opening_allowed_for_user, HostType, allow, #{jid => Jid}, [Jid]).

?forbidden_session(HostType, Acc, Jid) ->
    run(?forbidden_session, HostType, Acc, #{jid => Jid}, [Jid]).

?sm_register_connection(HostType, Sid, Jid, Info) ->
    Params = #{sid => Sid, jid => Jid, info => Info},
    run(?sm_register_connection, HostType, ok, Params, [HostType, Sid, Jid, Info]).

?sm_remove_connection(Acc, Sid, Jid, Info, Reason) ->
    Params = #{sid => Sid, jid => Jid, info => Info, reason => Reason},
    run(?sm_remove_connection, mongoose_acc:host_type(Acc), Acc, Params, [Sid, Jid, Info, Reason]).

?set_presence(Acc, #jid{luser = LUser, lserver = LServer, lresource = LResource} = Jid, Presence) ->
    Params = #{jid => Jid, presence => Presence},
    run(?set_presence, mongoose_acc:host_type(Acc), Acc, Params, [LUser, LServer, LResource, Presence]).

?unset_presence(Acc, #jid{luser = LUser, lserver = LServer, lresource = LResource} = Jid, Status) ->
    Params = #{jid => Jid, status => Status},
    run(?unset_presence, mongoose_acc:host_type(Acc), Acc, Params, [LUser, LServer, LResource, Status]).

xmpp_send_element(HostType, Acc, El) ->
    run(xmpp_send_element, HostType, Acc, #{el => El}, [El]).

-ifdef(SINCE_6_3_0).
xmpp_stanza_dropped(_Acc, _From, _To, _El) -> ok.
-else.
xmpp_stanza_dropped(Acc, From, To, El) ->
    Params = #{from => From, to => To, packet => El},
    run(xmpp_stanza_dropped, mongoose_acc:host_type(Acc), Acc, Params, [From, To, El]).
-endif.

user_ping_response(HostType, Acc, Jid, Response, TimeDelta) ->
    Params = #{jid => Jid, response => Response, time_delta => TimeDelta},
    run(user_ping_response, HostType, Acc, Params, [HostType, Jid, Response, TimeDelta]).

register_user(HostType, LServer, LUser) ->
    run(register_user, HostType, ok, #{jid => jid:make_bare(LUser, LServer)}, [LUser, LServer]).

remove_user(Acc, LServer, LUser) ->
    Params = #{jid => jid:make_bare(LUser, LServer)},
    run(remove_user, mongoose_acc:host_type(Acc), Acc, Params, [LUser, LServer]).

?anonymous_purge(LServer, Acc, LUser) ->
    Params = #{jid => jid:make_bare(LUser, LServer)},
    run(?anonymous_purge, mongoose_acc:host_type(Acc), Acc, Params, [LUser, LServer]).

auth_failed(HostType, Server, Username) ->
    run(auth_failed, HostType, ok, #{username => Username, server => Server}, [Username, Server]).

set_vcard(HostType, Jid, VCard) ->
    Params = #{user => Jid, vcard => VCard},
    run(set_vcard, HostType, {error, no_handler_defined}, Params, [HostType, Jid, VCard]).

?offline_message(Acc, From, To, El) ->
    Params = #{from => From, to => To, packet => El},
    run(?offline_message, mongoose_acc:host_type(Acc), Acc, Params, [From, To, El]).

?resend_offline_messages(Acc, Jid) ->
    run(?resend_offline_messages, mongoose_acc:host_type(Acc), Acc, #{jid => Jid}, [Jid]).

-ifdef(SINCE_6_2_1).
roster_get(Acc, Jid) ->
    Params = #{jid => Jid, mongoose_acc => Acc, show_full_roster => true},
    run(roster_get, mongoose_acc:host_type(Acc), [], Params, none).
-else.
roster_get(Acc, Jid) ->
    run(roster_get, mongoose_acc:host_type(Acc), Acc, #{jid => Jid}, [Jid]).
-endif.

roster_in_subscription(Acc, To, From, Type, Reason) ->
    Bare = jid:to_bare(To),
    Params = #{to => Bare, from => From, type => Type, reason => Reason},
    run(roster_in_subscription, mongoose_acc:host_type(Acc), Acc, Params, [Bare, From, Type, Reason]).

roster_get_versioning_feature(HostType) ->
    run(roster_get_versioning_feature, HostType, [], #{}, [HostType]).

disco_local_features(#{host_type := HostType} = Acc) ->
    run(disco_local_features, HostType, Acc, #{}, []).

%% Up to 6.7.0 nobody is asked for who is not subscribed to the user's presence.
-ifdef(SINCE_6_8_0).
disco_sm_features(#{host_type := HostType} = Acc, Subscribed) ->
    run(disco_sm_features, HostType, Acc, #{presence_subscribed => Subscribed}, none).
-else.
disco_sm_features(#{host_type := HostType} = Acc, true) -> run(disco_sm_features, HostType, Acc, #{}, []);
disco_sm_features(Acc, false) -> Acc.
-endif.

disco_local_items(#{host_type := HostType} = Acc) ->
    run(disco_local_items, HostType, Acc, #{}, []).

-ifdef(SINCE_6_2_0).
c2s_stream_features(HostType, LServer) ->
    Params = #{lserver => LServer, c2s_data => mongoose_c2s:data()},
    run(c2s_stream_features, HostType, [], Params, none).
-else.
c2s_stream_features(HostType, LServer) ->
    run(c2s_stream_features, HostType, [], #{lserver => LServer}, [HostType, LServer]).
-endif.

s2s_allow_host(Own, Other) ->
    run(s2s_allow_host, global, allow, #{my_host => Own, s2s_host => Other}, [Own, Other]).

mam_archive_id(HostType, Owner) ->
    run(mam_archive_id, HostType, undefined, #{owner => Owner}, [HostType, Owner]).

mam_archive_message(HostType, Params) ->
    run(mam_archive_message, HostType, ok, Params, [HostType, Params]).

join_room(HostType, Room, MucHost, Jid, MucJid) ->
    Params = #{room => Room, host => MucHost, jid => Jid, muc_jid => MucJid},
    run(join_room, HostType, ok, Params, [HostType, Room, MucHost, Jid, MucJid]).

forget_room(HostType, MucHost, Room) ->
    run(forget_room, HostType, #{}, #{muc_host => MucHost, room => Room}, [HostType, MucHost, Room]).

-ifdef(RELEASE_6_1_0).

%% What happens in a room is the parameter itself.
filter_room_packet(HostType, Packet, EventData) ->
    run(filter_room_packet, HostType, Packet, EventData, none).

extend_inbox_result(MongooseAcc, Entries, IQ) ->
    Params = #{mongoose_acc => MongooseAcc, iq => IQ},
    run(extend_inbox_result, mongoose_acc:host_type(MongooseAcc), Entries, Params, none).

-ifdef(SINCE_6_7_0).
%% Nobody is asked any more: mod_caps knows.
get_pep_recipients(_C2SData, _Feature) -> [].

filter_pep_recipient(_C2SData, _Feature, _To) -> false.

caps_recognised(Acc, C2SData, Features) ->
    Params = #{c2s_data => C2SData, features => Features},
    run(caps_recognised, mongoose_acc:host_type(Acc), Acc, Params, none).
-else.
caps_recognised(Acc, C2SData, Features) ->
    Params = #{from => mongoose_c2s:get_jid(C2SData), pid => self(), features => Features},
    run(caps_recognised, mongoose_acc:host_type(Acc), Acc, Params, none).

get_pep_recipients(C2SData, Feature) ->
    Params = #{c2s_data => C2SData, feature => Feature},
    run(get_pep_recipients, mongoose_c2s:get_host_type(C2SData), [], Params, none).

filter_pep_recipient(C2SData, Feature, To) ->
    Params = #{c2s_data => C2SData, feature => Feature, to => To},
    run(filter_pep_recipient, mongoose_c2s:get_host_type(C2SData), true, Params, none).
-endif.

-ifdef(SINCE_6_3_0).
privacy_list_push(_HostType, _LUser, _LServer, _Item, _SessionCount) -> ok.
-else.
privacy_list_push(HostType, LUser, LServer, Item, SessionCount) ->
    Params = #{luse => LUser, lserver => LServer, item => Item, session_count => SessionCount},
    run(privacy_list_push, HostType, ok, Params, none).
-endif.

-else.

filter_room_packet(HostType, Packet, EventData) ->
    run(filter_room_packet, HostType, Packet, #{packet => Packet, event_data => EventData}, [HostType, EventData]).

user_send_packet(Acc, From, To, El) ->
    run(user_send_packet, mongoose_acc:host_type(Acc), Acc, #{}, [From, To, El]).

user_receive_packet(HostType, Acc, Jid, From, To, El) ->
    run(user_receive_packet, HostType, Acc, #{jid => Jid}, [Jid, From, To, El]).

c2s_preprocessing_hook(HostType, Acc, State) ->
    run(c2s_preprocessing_hook, HostType, Acc, #{state => State}, [State]).

c2s_presence_in(State, From, To, El) ->
    Params = #{from => From, to => To, packet => El},
    run(c2s_presence_in, ejabberd_c2s_state:host_type(State), State, Params, [From, To, El]).

c2s_update_presence(HostType, Acc) ->
    run(c2s_update_presence, HostType, Acc, #{}, []).

c2s_unauthenticated_iq(HostType, Server, IQ, Address) ->
    Params = #{server => Server, iq => IQ, ip => Address},
    run(c2s_unauthenticated_iq, HostType, empty, Params, [HostType, Server, IQ, Address]).

c2s_remote_hook(HostType, Tag, Args, HandlerState, State) ->
    Params = #{tag => Tag, hook_args => Args, c2s_state => State},
    run(c2s_remote_hook, HostType, HandlerState, Params, [Tag, Args, State]).

c2s_broadcast_recipients(State, Type, From, El) ->
    Params = #{state => State, type => Type, from => From, packet => El},
    run(c2s_broadcast_recipients, ejabberd_c2s_state:host_type(State), [], Params, [State, Type, From, El]).

c2s_filter_packet(State, Feature, To, El) ->
    Params = #{state => State, feature => Feature, to => To, packet => El},
    run(c2s_filter_packet, ejabberd_c2s_state:host_type(State), true, Params, [State, Feature, To, El]).

%% This one never had arguments.
extend_inbox_message(MongooseAcc, Entry, IQ) ->
    Params = #{mongoose_acc => MongooseAcc, inbox_res => Entry, iq => IQ},
    run(extend_inbox_message, mongoose_acc:host_type(MongooseAcc), [], Params, none).

sm_broadcast(Acc, From, To, Broadcast, SessionCount) ->
    Params = #{from => From, to => To, broadcast => Broadcast, session_count => SessionCount},
    run(sm_broadcast, mongoose_acc:host_type(Acc), Acc, Params, [From, To, Broadcast, SessionCount]).

user_ping_timeout(HostType, Jid) ->
    run(user_ping_timeout, HostType, ok, #{jid => Jid}, [Jid]).

user_sent_keep_alive(HostType, Jid) ->
    run(user_sent_keep_alive, HostType, ok, #{jid => Jid}, [Jid]).

-endif.

run(Hook, Tag, Acc, Params, Args) ->
    {_, Result} = gen_hook:run_fold(Hook, Tag, Acc, with_arguments(Params, Args)),
    Result.

%% The stand-ins' own handlers take parameters in all releases, so arguments come on top.
-ifdef(UP_TO_5_1_0).
with_arguments(Params, none) -> Params;
with_arguments(Params, Args) -> Params#{args => Args}.
-else.
with_arguments(Params, _Args) -> Params.
-endif.
