%%% Starts a world, a module under test in it, and lets happen what happens to a session. The trace
%%% says of each event what could be seen.
-module(drive).

-include("hook_names.hrl").
-include("jlib.hrl").
-include("world.hrl").
-include("mod_privacy.hrl").

-export([run/2, run_project/3, groups/0]).
%% For events of projects.
-export([message/2, typed/2, xmlel/3, text/1, sent/1, arriving/2, in_room/2, open_session/0]).

%% What a module is driven with when nothing else is asked for.
groups() -> [messages, iqs, presences, elements, others, api, pings, rooms, inbox, broadcasts, pep, login, ending].

%% The trace of a module: `{event, Name}' comes before what was seen in it. Each module has a process of
%% its own, which is the session's, too.
run(Module, Groups) -> in_own_process(fun() -> in_world(Module, Groups) end).

%% The trace of a project: all of its modules in one world. Its own events module says what happens besides
%% (`events/0'), and how what a session keeps is shown (`shown/1').
run_project(Modules, Events, Groups) -> in_own_process(fun() -> project_in_world(Modules, Events, Groups) end).

in_own_process(Trace) ->
    {World, Monitor} = spawn_monitor(fun() -> exit({trace, Trace()}) end),
    receive
        {'DOWN', Monitor, process, _, {trace, Entries}} -> Entries;
        {'DOWN', Monitor, process, _, Reason} -> [{event, world}, {world_failed, Reason}]
    after 60000 ->
        exit(World, kill),
        receive {'DOWN', Monitor, process, _, _} -> ok end,
        [{event, world}, {world_failed, timeout}]
    end.

in_world(Module, Groups) ->
    acme_probe:start(self()),
    gen_hook:start_link(),
    server:boot(),
    event(setup, fun open_session/0),
    event(start, fun() -> gen_mod:start_module(?HOST_TYPE, Module, server:options()) end),
    [event(Name, Do) || Group <- Groups, {Name, Do} <- events(Group, Module)],
    event(stop, fun() -> gen_mod:stop_module(?HOST_TYPE, Module) end),
    acme_probe:record({handlers_left, gen_hook:registered_functions(Module)}),
    event(after_stop, fun() -> server:from_client(message(<<"after_stop">>, <<"bob@acme.example/desk">>)) end),
    acme_probe:entries().

%% Timers of a project are minutes long: nobody waits for them, events say what happens when they are due.
project_in_world(Modules, Events, Groups) ->
    put(project_events, Events),
    acme_probe:start(self()),
    gen_hook:start_link(),
    ejabberd_sup:start_link(),
    acme_probe:watch_log(),
    server:boot(),
    event(setup, fun open_session/0),
    [event({start, Module}, fun() -> gen_mod:start_module(?HOST_TYPE, Module, server:options()) end)
     || Module <- Modules],
    [event(Name, Do) || Group <- Groups, {Name, Do} <- events(Group, Events)],
    [event(Name, Do) || {Name, Do} <- Events:events()],
    [event({stop, Module}, fun() -> gen_mod:stop_module(?HOST_TYPE, Module) end) || Module <- lists:reverse(Modules)],
    [acme_probe:record({handlers_left, Module, gen_hook:registered_functions(Module)}) || Module <- Modules],
    event(after_stop, fun() -> server:from_client(message(<<"after_stop">>, <<"bob@acme.example/desk">>)) end),
    acme_probe:leave_log(),
    ejabberd_sup:stop(),
    forget_timers(),
    acme_probe:entries().

%% What `timer' still waits for would be waited for by everybody who comes later.
forget_timers() ->
    [timer:cancel({once, Ref}) || Table <- timer_tables(), {Ref, _} <- ets:tab2list(Table), is_reference(Ref)].

event(Name, Do) ->
    acme_probe:record({event, Name}),
    Before = module_state(),
    try
        Do(),
        settle(30)
    catch
        Class:Reason ->
            %% The session is gone, with all that was kept in it; the client comes back.
            acme_probe:record({session_crashed, Class, acme_probe:tag(Reason)}),
            open_session()
    end,
    case module_state() of
        Before -> ok;
        After -> acme_probe:record({session_state, After})
    end.

module_state() ->
    case get(state_data) of
        undefined -> [];
        _ -> lists:sort(shown(server:module_state()))
    end.

shown(Kept) ->
    case get(project_events) of
        undefined -> Kept;
        Events -> [Events:shown(Value) || Value <- Kept]
    end.

%% Handles what was sent to the session, and waits for what was started. Timers that start themselves anew
%% are not followed for ever.
settle(0) ->
    ok;
settle(Left) ->
    receive
        Message ->
            server:handle(Message),
            settle(Left - 1)
    after patience() ->
        ok
    end.

patience() ->
    case get(project_events) =:= undefined andalso (server:timers() =/= [] orelse timer_server_is_busy()) of
        true -> 5000;
        false -> quiet_time()
    end.

%% `timer' starts a process for what is due; that has to be waited for without being seen.
timer_server_is_busy() ->
    Busy = lists:any(fun(Table) -> ets:info(Table, size) > 0 end, timer_tables()),
    [put(timer_used, true) || Busy],
    Busy.

%% How `timer' names its tables depends on the release of Erlang, whose they are does not.
timer_tables() ->
    Server = whereis(timer_server),
    [Table || Server =/= undefined, Table <- ets:all(), ets:info(Table, owner) =:= Server].

quiet_time() ->
    case erase(timer_used) of
        true -> 500;
        undefined -> 0
    end.

open_session() ->
    server:connect(tcp, ?ADDRESS),
    server:authenticate(server:user()),
    server:from_client(session_iq()),
    settle(30),
    server:from_client(xmlel(<<"presence">>, [], [])),
    settle(30).

%% --- What happens ---

events(messages, _) ->
    [{message, sent(message(<<"hello">>, <<"bob@acme.example/desk">>))},
     {message_again, sent(message(<<"casino">>, <<"bob@acme.example/desk">>))},
     {message_to_bare_jid, sent(message(<<"hello">>, <<"bob@acme.example">>))},
     {message_to_self, sent(message(<<"memo">>, <<"alice@acme.example">>))},
     {message_to_other_server, sent(message(<<"hello">>, <<"carol@elsewhere.example">>))},
     {message_without_body, sent(xmlel(<<"message">>, to(<<"bob@acme.example/desk">>), []))},
     {message_with_receipt, sent(with_receipt(message(<<"lottery">>, <<"bob@acme.example/desk">>)))},
     {message_bad_type, sent(typed(<<"bad">>, message(<<"hello">>, <<"bob@acme.example/desk">>)))},
     {message_groupchat, sent(typed(<<"groupchat">>, message(<<"hello">>, <<"lobby@rooms.acme.example">>)))},
     {message_blocked, sent(message(<<"hello">>, <<"mallory@acme.example/den">>))},
     {message_in, arriving(message(<<"hello">>, phone()), <<"bob@acme.example/desk">>)},
     {message_in_again, arriving(message(<<"casino">>, phone()), <<"bob@acme.example/desk">>)},
     {message_in_error, arriving(typed(<<"error">>, message(<<"no">>, phone())), <<"bob@acme.example/desk">>)},
     {message_in_from_other_server, arriving(message(<<"hello">>, phone()), <<"carol@elsewhere.example">>)},
     {message_in_blocked, arriving(message(<<"hello">>, phone()), <<"mallory@acme.example/den">>)}];
events(iqs, _) ->
    [{iq_get, sent(iq(<<"get">>, ?NS_VERSION, <<"bob@acme.example/desk">>))},
     {iq_set, sent(iq(<<"set">>, <<"acme:settings">>, <<"bob@acme.example/desk">>))},
     {iq_result, sent(iq(<<"result">>, ?NS_VERSION, <<"bob@acme.example/desk">>))},
     {iq_to_server, sent(iq(<<"get">>, ?NS_ROSTER, <<"acme.example">>))},
     {iq_privacy, sent(xmlel(<<"iq">>, [{<<"type">>, <<"get">>}, {<<"id">>, <<"p1">>}],
                             [xmlel(<<"query">>, [{<<"xmlns">>, ?NS_PRIVACY}], [])]))},
     {iq_blocked, sent(iq(<<"get">>, ?NS_VERSION, <<"mallory@acme.example/den">>))},
     {iq_in, arriving(iq(<<"get">>, ?NS_VERSION, phone()), <<"bob@acme.example/desk">>)},
     {iq_in_result, arriving(iq(<<"result">>, ?NS_VERSION, phone()), <<"bob@acme.example/desk">>)},
     {iq_in_blocked, arriving(iq(<<"get">>, ?NS_VERSION, phone()), <<"mallory@acme.example/den">>)}];
events(presences, _) ->
    [{presence, sent(xmlel(<<"presence">>, [], [xmlel(<<"show">>, [], [text(<<"away">>)])]))},
     {presence_to_bob, sent(xmlel(<<"presence">>, to(<<"bob@acme.example">>), []))},
     {presence_subscribe, sent(typed(<<"subscribe">>, xmlel(<<"presence">>, to(<<"carol@elsewhere.example">>), [])))},
     {presence_blocked, sent(xmlel(<<"presence">>, to(<<"mallory@acme.example">>), []))},
     {presence_in, arriving(xmlel(<<"presence">>, to(phone()), []), <<"bob@acme.example/desk">>)},
     {presence_in_again, arriving(with_status(xmlel(<<"presence">>, to(phone()), [])), <<"bob@acme.example/desk">>)},
     {presence_in_subscribe, arriving(typed(<<"subscribe">>, xmlel(<<"presence">>, to(phone()), [])),
                                      <<"carol@elsewhere.example">>)},
     {presence_in_probe, arriving(typed(<<"probe">>, xmlel(<<"presence">>, to(phone()), [])),
                                  <<"bob@acme.example">>)},
     {presence_in_unavailable, arriving(typed(<<"unavailable">>, xmlel(<<"presence">>, to(phone()), [])),
                                        <<"bob@acme.example/desk">>)},
     {presence_in_blocked, arriving(xmlel(<<"presence">>, to(phone()), []), <<"mallory@acme.example/den">>)},
     {presence_unavailable, sent(xmlel(<<"presence">>, [{<<"type">>, <<"unavailable">>}], []))},
     {presence_available, sent(xmlel(<<"presence">>, [], []))}];
events(elements, _) ->
    [{element_enable, sent(xmlel(<<"enable">>, [{<<"xmlns">>, ?NS_STREAM_MGNT_3}], []))},
     {element_a, sent(xmlel(<<"a">>, [{<<"xmlns">>, ?NS_STREAM_MGNT_3}, {<<"h">>, <<"1">>}], []))},
     {element_r, sent(xmlel(<<"r">>, [{<<"xmlns">>, ?NS_STREAM_MGNT_3}], []))},
     {element_inactive, sent(xmlel(<<"inactive">>, [{<<"xmlns">>, ?NS_CSI}], []))},
     {element_active, sent(xmlel(<<"active">>, [{<<"xmlns">>, ?NS_CSI}], []))},
     {element_unknown, sent(xmlel(<<"weather">>, [{<<"xmlns">>, <<"acme:weather">>}], []))}];
events(others, Module) ->
    [{poke, fun() -> poke(Module) end},
     {poke_again, fun() -> poke(Module) end},
     {other_event, fun() -> server:other_event() end},
     {stray_message, fun() -> self() ! stray end}];
events(api, _) ->
    [{api_message, fun() -> api(<<"bob@acme.example">>) end}];
events(api_blocked, _) ->
    [{api_message_blocked, fun() -> api(<<"mallory@acme.example">>) end}];
events(pings, _) ->
    [{ping_answered, fun() -> server:ping_answered(ping_answer(<<"result">>)) end},
     {ping_timeout, fun() -> server:ping_timeout() end}];
events(ping_errors, _) ->
    [{ping_answered_with_error, fun() -> server:ping_answered(ping_answer(<<"error">>)) end}];
events(rooms, _) ->
    [{room_message, fun() -> in_room(message(<<"hello">>, <<"lobby@rooms.acme.example">>)) end},
     {room_message_again, fun() -> in_room(message(<<"casino">>, <<"lobby@rooms.acme.example">>)) end},
     {room_subject, fun() -> in_room(xmlel(<<"message">>, [], [xmlel(<<"subject">>, [], [text(<<"topic">>)])])) end}];
events(inbox, _) ->
    [{inbox, fun() -> ask_inbox() end}];
events(broadcasts, _) ->
    [{privacy_list_broadcast, fun() -> server:broadcast({privacy_list, server:blocked_list(), <<"blocked">>}) end},
     {blocking_broadcast, fun() -> server:broadcast({blocking, server:blocked_list(), block,
                                                     [<<"mallory@acme.example">>]}) end}];
events(roster_broadcasts, _) ->
    [{roster_broadcast, fun() -> server:broadcast({item, {<<"bob">>, <<"acme.example">>, <<>>}, both}) end}];
events(pep, _) ->
    [{pep_publish, fun() -> server:pep_publish(<<"urn:xmpp:tune+notify">>, pep_message()) end},
     {pep_publish_other, fun() -> server:pep_publish(<<"urn:xmpp:mood+notify">>, pep_message()) end},
     {pep_item, fun() -> pep_item(<<"urn:xmpp:tune+notify">>, <<"bob@acme.example/desk">>) end},
     {pep_item_other, fun() -> pep_item(<<"urn:xmpp:mood+notify">>, <<"carol@elsewhere.example/web">>) end}];
events(login, _) ->
    [{connect_from_bad_address, fun() -> server:connect(tcp, {{198, 51, 100, 1}, 50000}) end},
     {connect, fun() -> server:connect(tcp, ?ADDRESS) end},
     {iq_before_login, sent(iq(<<"get">>, ?NS_REGISTER, <<"acme.example">>))},
     {iq_set_before_login, sent(iq(<<"set">>, <<"acme:signup">>, <<"acme.example">>))},
     {message_before_login, sent(message(<<"hello">>, <<"bob@acme.example/desk">>))},
     {open_session, log_in(<<"alice">>)},
     {open_session_of_guest, fun() -> server:connect(tcp, ?ADDRESS), (log_in(<<"guest">>))() end},
     {open_websocket_session_of_guest, fun() -> server:connect(websocket, ?ADDRESS), (log_in(<<"guest">>))() end},
     {open_session_again, fun open_session/0}];
events(ending, _) ->
    [{disconnect, fun() -> server:disconnect() end},
     {reconnect, fun open_session/0}];
events(accounts, _) ->
    [{register_user, fun() -> answered(mongoose_hooks:register_user(?HOST_TYPE, ?DOMAIN, <<"dave">>)) end},
     {auth_failed, fun() -> answered(mongoose_hooks:auth_failed(?HOST_TYPE, ?DOMAIN, <<"dave">>)) end},
     {set_vcard, fun() -> answered(mongoose_hooks:set_vcard(?HOST_TYPE, server:user(), vcard(<<"Alice">>))) end},
     {set_vcard_without_name, fun() -> answered(mongoose_hooks:set_vcard(?HOST_TYPE, server:user(),
                                                                         xmlel(<<"vCard">>, [], []))) end},
     {remove_user, fun() -> answered(mongoose_hooks:remove_user(bare_acc(), ?DOMAIN, <<"dave">>)) end},
     {remove_user_again, fun() -> answered(mongoose_hooks:remove_user(bare_acc(), ?DOMAIN, <<"staff">>)) end},
     {anonymous_purge, fun() -> answered(mongoose_hooks:?anonymous_purge(?DOMAIN, bare_acc(), <<"guest">>)) end}];
events(gateways, Module) ->
    [{gateway_opened, fun() -> Module:open(<<"sms.acme.example">>) end},
     {gateway_asked, fun() -> answered(Module:is_open(<<"sms.acme.example">>)) end},
     {gateway_opened_again, fun() -> Module:open(<<"SMS.acme.example">>) end},
     {gateway_of_the_server, fun() -> Module:open(?DOMAIN) end},
     {gateway_asked_for_another, fun() -> answered(Module:is_open(<<"fax.acme.example">>)) end},
     {gateway_of_another_closed, fun() -> Module:close(<<"fax.acme.example">>) end},
     {gateway_closed, fun() -> Module:close(<<"SMS.acme.example">>) end},
     {gateway_asked_again, fun() -> answered(Module:is_open(<<"sms.acme.example">>)) end}];
events(offline, _) ->
    [{offline_message, fun() -> offline(message(<<"hello">>, <<"dave@acme.example">>)) end},
     {offline_message_again, fun() -> offline(message(<<"casino">>, <<"dave@acme.example">>)) end},
     {offline_message_error, fun() -> offline(typed(<<"error">>, message(<<"no">>, <<"dave@acme.example">>))) end},
     {resend_offline, fun() -> answered(mongoose_hooks:?resend_offline_messages(bare_acc(), server:user())) end}];
events(rosters, _) ->
    [{roster_get, fun() -> answered(mongoose_hooks:roster_get(bare_acc(), jid:to_bare(server:user()))) end},
     {roster_subscribe, fun() -> subscription(subscribe, <<"carol@elsewhere.example">>) end},
     {roster_unsubscribed, fun() -> subscription(unsubscribed, <<"carol@elsewhere.example">>) end},
     {roster_subscribe_of_stranger, fun() -> subscription(subscribe, <<"eve@casino.example">>) end},
     {roster_unsubscribed_of_stranger, fun() -> subscription(unsubscribed, <<"eve@casino.example">>) end},
     {roster_subscribe_of_server, fun() -> subscription(subscribe, <<"x.org">>) end},
     {roster_versioning, fun() -> answered(mongoose_hooks:roster_get_versioning_feature(?HOST_TYPE)) end}];
events(discovery, _) ->
    [{disco_features, fun() -> disco(<<>>) end},
     {disco_features_of_node, fun() -> disco(<<"acme:node">>) end},
     {stream_features, fun() -> answered(mongoose_hooks:c2s_stream_features(?HOST_TYPE, ?DOMAIN)) end},
     {other_server_allowed, fun() -> answered(mongoose_hooks:s2s_allow_host(?DOMAIN, <<"elsewhere.example">>)) end},
     {bad_server_allowed, fun() -> answered(mongoose_hooks:s2s_allow_host(?DOMAIN, <<"spam.example">>)) end}];
events(archives, _) ->
    [{archive_id, fun() -> answered(mongoose_hooks:mam_archive_id(?HOST_TYPE, jid:to_bare(server:user()))) end},
     {archive_id_of_other, fun() -> answered(mongoose_hooks:mam_archive_id(?HOST_TYPE, hd(server:contacts()))) end},
     {archive_message, fun() -> archive(message(<<"hello">>, <<"bob@acme.example">>)) end}];
events(memberships, _) ->
    [{join_room, fun() -> answered(mongoose_hooks:join_room(?HOST_TYPE, <<"lobby">>, ?MUC_HOST, server:user(),
                                                             jid:from_binary(<<"lobby@rooms.acme.example/al">>))) end},
     {forget_room, fun() -> answered(mongoose_hooks:forget_room(?HOST_TYPE, ?MUC_HOST, <<"lobby">>)) end}];
events(failed_logins, _) ->
    [{auth_failed_of_nobody, fun() -> answered(mongoose_hooks:auth_failed(?HOST_TYPE, ?DOMAIN, ?NOBODY)) end}];
events(capabilities, _) ->
    [{caps_recognised, fun() -> caps([<<"urn:xmpp:tune+notify">>]) end},
     {caps_recognised_without_any, fun() -> caps([]) end}];
events(items, _) ->
    [{disco_items, fun() -> answered(mongoose_hooks:disco_local_items(question(<<>>))) end}];
events(accounts_of_others, _) ->
    [{disco_of_contact, fun() -> answered(mongoose_hooks:disco_sm_features(question(<<>>), true)) end},
     {disco_of_stranger, fun() -> answered(mongoose_hooks:disco_sm_features(question(<<>>), false)) end}];
events(replacement, _) ->
    [{session_replaced, fun() -> server:handle({'$gen_cast', {exit, ?REPLACED}}) end},
     {reconnect_after_replacement, fun open_session/0}];
events(delays, _) ->
    Delay = xmlel(<<"delay">>, [{<<"xmlns">>, ?NS_DELAY}], []),
    [{message_with_delay, sent(xmlel(<<"message">>, to(<<"bob@acme.example/desk">>), [Delay]))}].

sent(El) -> fun() -> server:from_client(El) end.

arriving(El, From) ->
    fun() ->
            {Sender, To} = {jid:from_binary(From), jid:from_binary(exml_query:attr(El, <<"to">>))},
            routing:route(Sender, To, jlib:replace_from_to(Sender, To, El))
    end.

api(To) ->
    From = server:user(),
    El = message(<<"by phone">>, To),
    server:api_send(From, jid:from_binary(To), jlib:replace_from_to(From, jid:from_binary(To), El)).

%% Modules that send something to their sessions export how.
poke(Module) ->
    case erlang:function_exported(Module, poke, 1) of
        true -> Module:poke(self());
        false -> ok
    end.

ping_answer(Type) ->
    xmlel(<<"iq">>, [{<<"type">>, Type}, {<<"id">>, ?PING_ID}, {<<"to">>, ?DOMAIN}], []).

in_room(El) -> in_room(El, #{}).

in_room(El, Otherwise) ->
    EventData = #{from_nick => <<"al">>, from_jid => server:user(),
                  room_jid => jid:from_binary(<<"lobby@rooms.acme.example">>),
                  affiliation => member, role => participant, timestamp => 1000000},
    Out = mongoose_hooks:filter_room_packet(?HOST_TYPE, El, maps:merge(EventData, Otherwise)),
    acme_probe:record({room, Out}).

ask_inbox() ->
    El = iq(<<"set">>, ?NS_ESL_INBOX, <<"alice@acme.example">>),
    Acc = mongoose_acc:new(#{host_type => ?HOST_TYPE, lserver => ?DOMAIN, location => #{}, element => El,
                             from_jid => server:user(), to_jid => jid:to_bare(server:user())}),
    server:inbox(Acc, jlib:iq_query_info(El)).

pep_item(Feature, To) -> server:pep_item(Feature, jid:from_binary(To), pep_message()).

pep_message() -> xmlel(<<"message">>, [], [xmlel(<<"event">>, [], [])]).

%% What comes out of a hook that the server runs for something that is no stanza.
answered(Result) -> acme_probe:record({answered, Result}).

bare_acc() -> mongoose_acc:new(#{host_type => ?HOST_TYPE, lserver => ?DOMAIN, location => #{}}).

offline(El) ->
    {From, To} = {server:user(), jid:from_binary(exml_query:attr(El, <<"to">>))},
    Acc = mongoose_acc:new(#{host_type => ?HOST_TYPE, lserver => ?DOMAIN, location => #{}, from_jid => From,
                             to_jid => To, element => El}),
    answered(mongoose_hooks:?offline_message(Acc, From, To, El)).

caps(Features) -> answered(mongoose_hooks:caps_recognised(bare_acc(), mongoose_c2s:data(), Features)).

subscription(Type, From) ->
    answered(mongoose_hooks:roster_in_subscription(bare_acc(), server:user(), jid:from_binary(From), Type,
                                                   <<"please">>)).

disco(Node) -> answered(mongoose_hooks:disco_local_features(question(Node))).

question(Node) ->
    #{host_type => ?HOST_TYPE, from_jid => server:user(), to_jid => jid:make_noprep(<<>>, ?DOMAIN, <<>>), node => Node, lang => <<"en">>, result => empty}.

archive(El) ->
    answered(mongoose_hooks:mam_archive_message(?HOST_TYPE, #{message_id => 1, archive_id => 7, direction => outgoing,
                                                              local_jid => server:user(),
                                                              remote_jid => hd(server:contacts()), packet => El})).

vcard(Name) -> xmlel(<<"vCard">>, [], [xmlel(<<"FN">>, [], [text(Name)])]).

log_in(User) ->
    fun() ->
            server:authenticate(jid:make_noprep(User, ?DOMAIN, <<"phone">>)),
            server:from_client(session_iq())
    end.

session_iq() ->
    xmlel(<<"iq">>, [{<<"type">>, <<"set">>}, {<<"id">>, <<"s1">>}],
          [xmlel(<<"session">>, [{<<"xmlns">>, ?NS_SESSION}], [])]).

phone() -> <<"alice@acme.example/phone">>.

message(Body, To) -> xmlel(<<"message">>, [{<<"id">>, <<"m-", Body/binary>>} | to(To)],
                           [xmlel(<<"body">>, [], [text(Body)])]).

with_receipt(#xmlel{children = Children} = El) ->
    El#xmlel{children = Children ++ [xmlel(<<"request">>, [{<<"xmlns">>, ?NS_RECEIPTS}], [])]}.

with_status(El) -> El#xmlel{children = [xmlel(<<"status">>, [], [text(<<"back">>)])]}.

typed(Type, #xmlel{attrs = Attrs} = El) -> El#xmlel{attrs = ?ATTRS([{<<"type">>, Type} | ?PAIRS(Attrs)])}.

iq(Type, Namespace, To) ->
    xmlel(<<"iq">>, [{<<"type">>, Type}, {<<"id">>, <<"q1">>} | to(To)],
          [xmlel(<<"query">>, [{<<"xmlns">>, Namespace}], [])]).

to(Jid) -> [{<<"to">>, Jid}].

xmlel(Name, Attrs, Children) -> #xmlel{name = Name, attrs = ?ATTRS(Attrs), children = Children}.

text(Content) -> #xmlcdata{content = Content}.
