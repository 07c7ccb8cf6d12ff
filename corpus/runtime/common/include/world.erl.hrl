%% What both releases' `server' answers alike.
-export([host_type/0, domain/0, options/0, user/0, timers/0, contacts/0, is_user/1, is_local/1, blocked_list/0,
         answers_ping/2, answer_privacy_iq/1, privacy_push/1, timestamp/0, started_timer/1]).

-include("mod_privacy.hrl").

host_type() -> ?HOST_TYPE.

domain() -> ?DOMAIN.

%% What is configured for the modules under test; each takes what it knows.
options() ->
    #{iqdisc => no_queue, sign_up_url => <<"https://acme.example/join">>, staff_domain => <<"staff.acme.example">>,
      pinned => [<<"bob@acme.example">>], slow_after => 2000, text => <<"Welcome!">>, stanzas_per_second => 500,
      phrase => <<"casino">>, phrases => [<<"casino">>, <<"lottery">>], limit => 2, delay => 10, tag => <<"acme">>,
      domain => <<"acme.example">>, blocked_ips => [{198, 51, 100, 1}], backend => ets}.

user() -> jid:make_noprep(<<"alice">>, ?DOMAIN, <<"phone">>).

%% Who sees the user's presence.
contacts() -> [jid:make_noprep(<<"bob">>, ?DOMAIN, <<>>)].

is_user(Jid) -> jid:are_bare_equal(Jid, user()).

is_local(#jid{lserver = Server}) -> lists:member(Server, [?DOMAIN, <<"rooms.acme.example">>]).

blocked_list() -> #userlist{name = <<"blocked">>, list = [<<"mallory@acme.example">>]}.

answers_ping(#jid{luser = <<>>, lserver = ?DOMAIN}, #xmlel{name = <<"iq">>} = El) ->
    exml_query:attr(El, <<"id">>) =:= ?PING_ID;
answers_ping(_To, _El) ->
    false.

answer_privacy_iq(Acc) ->
    {From, To, El} = mongoose_acc:packet(Acc),
    routing:route(To, From, Acc, jlib:make_result_iq_reply(El)),
    Acc.

privacy_push(Name) ->
    List = #xmlel{name = <<"list">>, attrs = ?ATTRS([{<<"name">>, Name}])},
    Query = #xmlel{name = <<"query">>, attrs = ?ATTRS([{<<"xmlns">>, ?NS_PRIVACY}]), children = [List]},
    #xmlel{name = <<"iq">>, attrs = ?ATTRS([{<<"type">>, <<"set">>}, {<<"id">>, <<"push">>}]), children = [Query]}.

timestamp() -> erlang:system_time(microsecond).

%% The driver waits for timers that are still running.
started_timer(Timer) -> put(timers, [Timer | timers()]).

timers() ->
    case get(timers) of
        undefined -> [];
        Timers -> [Timer || Timer <- Timers, erlang:read_timer(Timer) =/= false]
    end.

%% IQs for the bare JID are answered by the server.
is_for_session(To, #xmlel{name = Name}) ->
    is_user(To) andalso (To#jid.lresource =/= <<>> orelse Name =/= <<"iq">>).

inbox_entries() ->
    [inbox_entry(<<"bob@acme.example">>, 0, <<"inbox">>), inbox_entry(<<"rooms.acme.example">>, 3, <<"archive">>)].

-ifdef(RELEASE_6_1_0).
inbox_entry(Remote, Unread, Box) -> (plain_entry(Remote, Unread, Box))#{extra => []}.
-else.
inbox_entry(Remote, Unread, Box) -> plain_entry(Remote, Unread, Box).
-endif.

plain_entry(Remote, Unread, Box) ->
    #{remote_jid => Remote, msg_id => <<"m1">>, msg => #xmlel{name = <<"message">>}, timestamp => 1000000,
      muted_until => 0, unread_count => Unread, box => Box}.
