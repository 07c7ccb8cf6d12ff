%%% What happens to acme besides what happens to every session: hooks that the session does not run, what comes from
%%% other processes, and what would take minutes.
-module(acme_events).

-include("jlib.hrl").
-include("world.hrl").
-include("mod_roster.hrl").

-export([events/0, shown/1]).

%% When somebody was active depends on the run.
shown(Time) when is_integer(Time) -> a_time;
shown(Kept) -> Kept.

events() ->
    accounts() ++ rosters() ++ markers() ++ pushes() ++ pings() ++ rooms() ++ guards() ++ pubsub() ++ others() ++
        limits() ++ idling().

accounts() ->
    [{register_user, hook(register_user, ok, #{jid => new_user()})},
     {remove_user, hook(remove_user, acc(), #{jid => new_user()})},
     {auth_failed, hook(auth_failed, ok, #{username => <<"bob">>, server => ?DOMAIN})},
     {vcard_without_name, hook(vcard_set, ok, #{jid => new_user(), vcard => drive:xmlel(<<"vCard">>, [], [])})},
     {stream_features, hook(c2s_stream_features, [], #{lserver => ?DOMAIN})},
     {disco_features, hook(disco_local_features, #{host_type => ?HOST_TYPE, result => []}, #{})},
     {account_iq, fun() -> gen_iq_handler:ask(acc(), account_iq(get)) end},
     {account_iq_set, fun() -> gen_iq_handler:ask(acc(), account_iq(set)) end},
     {account_iq_before_login,
      fun() ->
              server:connect(tcp, ?ADDRESS),
              server:from_client(jlib:replace_from_to(new_user(), jid:make_noprep(<<>>, ?DOMAIN, <<>>),
                                                      jlib:iq_to_xml(account_iq(get))))
      end},
     {other_iq_before_login,
      fun() ->
              Query = drive:xmlel(<<"query">>, [{<<"xmlns">>, ?NS_REGISTER}], []),
              server:from_client(drive:xmlel(<<"iq">>, [{<<"type">>, <<"get">>}, {<<"id">>, <<"r1">>}], [Query]))
      end},
     {logged_in_again, fun drive:open_session/0}].

rosters() ->
    Item = drive:xmlel(<<"item">>, [{<<"jid">>, <<"bob@acme.example">>}], []),
    Set = drive:xmlel(<<"query">>, [{<<"xmlns">>, ?NS_ROSTER}], [Item]),
    Entry = #roster{jid = {<<"bob">>, ?DOMAIN, <<>>}, groups = [<<"friends">>]},
    In = #{to => server:user(), from => bob(), type => subscribe, reason => <<>>},
    [{roster_set, hook(roster_set, ok, #{from => server:user(), to => server:user(), sub_el => Set})},
     {roster_push, hook(roster_push, ok, #{from => server:user(), item => Entry})},
     {roster_in, fun() -> run(roster_in_subscription, acc(), In) end},
     {roster_out, fun() -> run(roster_out_subscription, acc(bob()), out(bob())) end},
     {roster_out_blocked, fun() -> run(roster_out_subscription, acc(mallory()), out(mallory())) end},
     {roster_broadcast, fun() -> server:broadcast({item, {<<"bob">>, ?DOMAIN, <<>>}, remove}) end}].

out(To) -> #{from => server:user(), to => To, type => subscribe}.

markers() ->
    Marker = drive:xmlel(<<"displayed">>, [{<<"xmlns">>, ?NS_CHAT_MARKERS}, {<<"id">>, <<"m1">>}], []),
    Request = drive:xmlel(<<"request">>, [{<<"xmlns">>, ?NS_RECEIPTS}], []),
    Bob = <<"bob@acme.example/desk">>,
    Asking = drive:xmlel(<<"message">>, [{<<"to">>, jid:to_binary(server:user())}], [Request]),
    [{marker_sent, drive:sent(drive:xmlel(<<"message">>, [{<<"to">>, Bob}], [Marker]))},
     {receipt_wanted, drive:arriving(Asking, Bob)}].

%% Alice has a tablet, too, whose session is another process; then it is awake, and the phone is told.
pushes() ->
    El = drive:message(<<"hello">>, jid:to_binary(server:user())),
    Offline = #{from => bob(), to => server:user(), packet => El},
    [{offline_message, hook(offline_message_hook, acc(), Offline)},
     {message_to_phone, drive:arriving(El, <<"bob@acme.example/desk">>)},
     {offline_message_again, hook(offline_message_hook, acc(), Offline)},
     {not_acknowledged, fun() -> run(unacknowledged_message, acc(server:user(), El), #{jid => server:user()}) end},
     {message_to_tablet, fun() -> elsewhere(fun() -> received_by(tablet(), El) end) end},
     {many_unread, hook(inbox_unread_count, mongoose_acc:set(inbox, unread_count, 120, acc()),
                        #{user => server:user()})}].

pings() ->
    [{slow_pong, fun() -> pong(5000) end}].

rooms() ->
    Lobby = jid:from_binary(<<"lobby@rooms.acme.example">>),
    Said = #{from_nick => <<"al">>, from_jid => server:user(), jid => Lobby},
    Help = drive:message(<<"!help me">>, <<"lobby@rooms.acme.example">>),
    [{guest_speaks, fun() -> drive:in_room(drive:message(<<"hi">>, <<"x">>), #{affiliation => none}) end},
     {join_room, hook(join_room, ok, #{room => <<"lobby">>, host => <<"rooms.acme.example">>, jid => bob(),
                                       muc_jid => Lobby})},
     {join_room_of_blocker, hook(join_room, ok, #{room => <<"lobby">>, host => <<"rooms.acme.example">>,
                                                  jid => server:user(), muc_jid => Lobby})},
     {room_command, hook(room_packet, ok, Said#{packet => Help})},
     {room_chat, hook(room_packet, ok, Said#{packet => drive:message(<<"hi">>, <<"x">>)})}].

%% Twenty failures are not too many, one more is.
guards() ->
    Guess = fun() -> [ets:update_counter(acme_auth_failures, {<<"guest">>, ?DOMAIN}, 21,
                                         {{<<"guest">>, ?DOMAIN}, 0})] end,
    LogIn = fun(Listener) ->
                    fun() ->
                            server:connect(Listener, ?ADDRESS),
                            server:authenticate(jid:make_noprep(<<"guest">>, ?DOMAIN, <<"pad">>)),
                            Session = drive:xmlel(<<"session">>, [{<<"xmlns">>, ?NS_SESSION}], []),
                            server:from_client(drive:xmlel(<<"iq">>, [{<<"type">>, <<"set">>}], [Session]))
                    end
            end,
    [{ban_ip, fun() -> mod_acme_session_guard:ban_ip({198, 51, 100, 1}) end},
     {connect_from_banned_ip, fun() -> server:connect(tcp, {{198, 51, 100, 1}, 50000}) end},
     {failures_of_guest, Guess},
     {open_session_after_failures, LogIn(tcp)},
     {open_websocket_session_after_failures, LogIn(websocket)},
     {session_after_refusal, fun drive:open_session/0}].

others() ->
    [{remember_note, fun() -> mod_acme_retention:note(server:user(), <<"likes tea">>) end},
     {get_personal_data, hook(get_personal_data, [], #{jid => server:user()})},
     {remove_domain, hook(remove_domain, #{failed => []}, #{domain => ?DOMAIN})},
     {get_personal_data_again, hook(get_personal_data, [], #{jid => server:user()})},
     {to_other_server, fun() -> run(s2s_send_packet, global, acc(), #{from => server:user(), to => carol(),
                                                                      packet => drive:xmlel(<<"message">>, [], [])})
                       end},
     {node_down, fun() -> run(node_cleanup, global, #{}, #{node => 'other@acme'}) end}].

%% The limit is reached without sending what it takes, and the limiter does not reset its counters meanwhile.
limits() ->
    Flood = fun(Count) ->
                    fun() ->
                            ets:insert(counters(), {jid:to_lus(server:user()), Count}),
                            server:from_client(drive:message(<<"once more">>, <<"bob@acme.example/desk">>))
                    end
            end,
    [{limiter_sleeps, fun() -> sys:suspend(limiter()) end},
     {at_the_limit, Flood(499)},
     {just_over_the_limit, Flood(500)},
     {over_the_limit, Flood(501)},
     {limiter_wakes, fun() -> ets:delete_all_objects(counters()), sys:resume(limiter()) end}].

limiter() -> gen_mod:get_module_proc(?HOST_TYPE, mod_acme_limiter).

counters() -> element(4, sys:get_state(limiter())).

idling() ->
    [{idle_check, fun idle_check/0},
     {idle_for_too_long, fun() -> application:set_env(acme, idle_limit, -1), idle_check() end},
     {after_idling, fun() -> application:unset_env(acme, idle_limit), drive:open_session() end}].

-ifdef(RELEASE_6_1_0).
%% Their hooks are gone.
pubsub() -> [{Event, fun() -> ok end} || Event <- [node_created, item_published, keep_alive]].

%% What the timer does when it is due.
idle_check() -> mongoose_c2s:cast(self(), acme_idle, check).

received_by(Jid, El) ->
    Data = mongoose_c2s:create_data(#{host_type => ?HOST_TYPE, jid => Jid}),
    Params = mongoose_c2s:hook_arg(Data, session_established, info, El, route),
    mongoose_c2s_hooks:user_receive_packet(?HOST_TYPE, acc(Jid, El), Params).

pong(Millis) ->
    El = drive:xmlel(<<"iq">>, [{<<"type">>, <<"result">>}], []),
    mongoose_hooks:user_ping_response(?HOST_TYPE, #{}, server:user(), El, Millis).
-else.
pubsub() ->
    Title = drive:xmlel(<<"title">>, [], [drive:text(<<"News">>)]),
    Item = #{node_id => <<"news">>, item_id => <<"1">>, publisher => bob(), service_jid => bob(),
             payload => [drive:xmlel(<<"entry">>, [], [Title])]},
    Node = #{pub_sub_host => <<"pubsub.acme.example">>, node_id => <<"news">>, node_idx => 1, node_options => []},
    [{node_created, hook(pubsub_create_node, ok, Node)},
     {item_published, hook(pubsub_publish_item, ok, Item)},
     {keep_alive, fun() -> mongoose_hooks:user_sent_keep_alive(?HOST_TYPE, server:user()) end}].

idle_check() -> self() ! {run_remote_hook, acme_idle, check}.

received_by(Jid, El) ->
    mongoose_hooks:user_receive_packet(?HOST_TYPE, acc(Jid, El), Jid, bob(), Jid, El).

pong(Millis) ->
    mongoose_hooks:user_ping_response(?HOST_TYPE, acc(), server:user(), #iq{type = result}, Millis).
-endif.

hook(Hook, Acc, Params) -> fun() -> run(Hook, Acc, Params) end.

run(Hook, Acc, Params) -> run(Hook, ?HOST_TYPE, Acc, Params).

run(Hook, Tag, Acc, Params) ->
    acme_probe:record({came_to, Hook, gen_hook:run_fold(Hook, Tag, Acc, Params)}).

elsewhere(Fun) ->
    {_, Monitor} = spawn_monitor(Fun),
    receive {'DOWN', Monitor, process, _, _} -> ok end.

account_iq(Type) ->
    #iq{id = <<"a1">>, type = Type, xmlns = <<"urn:acme:account:1">>,
        sub_el = drive:xmlel(<<"account">>, [{<<"xmlns">>, <<"urn:acme:account:1">>}], [])}.

acc() -> acc(bob()).

acc(To) -> acc(To, drive:message(<<"hello">>, jid:to_binary(To))).

acc(To, El) ->
    mongoose_acc:new(#{host_type => ?HOST_TYPE, lserver => ?DOMAIN, location => #{}, element => El,
                       from_jid => server:user(), to_jid => To}).

new_user() -> jid:make_noprep(<<"dora">>, ?DOMAIN, <<>>).
bob() -> jid:make_noprep(<<"bob">>, ?DOMAIN, <<"desk">>).
carol() -> jid:make_noprep(<<"carol">>, <<"elsewhere.example">>, <<>>).
mallory() -> jid:make_noprep(<<"mallory">>, ?DOMAIN, <<"den">>).
tablet() -> jid:replace_resource(server:user(), <<"tablet">>).
