%%% Push to phones, and the badge counter that goes with it.
%%%
%%% The badge of a user is the number of messages that are waiting for her. When a device gets
%%% something the badge is cleared, and the other devices are told so.
-module(mod_acme_push).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").
-include("acme.hrl").

-export([start/2, stop/1, supported_features/0]).
-export([device_active/3, waiting/3, not_acked/3]).

-define(TABLE, acme_push_badges).

start(HostType, _Opts) ->
    ensure_table(),
    lists:foreach(fun({Hook, Handler, Prio}) ->
                          gen_hook:add_handler(Hook, HostType, Handler, #{}, Prio)
                  end, handlers()).

stop(HostType) ->
    lists:foreach(fun({Hook, Handler, Prio}) ->
                          gen_hook:delete_handler(Hook, HostType, Handler, #{}, Prio)
                  end, handlers()).

supported_features() -> [dynamic_domains].

handlers() ->
    [{user_receive_packet, fun ?MODULE:device_active/3, 65},
     {offline_message_hook, fun ?MODULE:waiting/3, ?ACME_PRIO},
     {unacknowledged_message, fun ?MODULE:not_acked/3, ?ACME_PRIO}].

%% Whatever it is that goes to the device: it is awake, its user will see the rest.
-spec device_active(mongoose_acc:t(), map(), gen_hook:extra()) -> {ok, mongoose_acc:t()}.
device_active(Acc, Params, #{host_type := HostType}) ->
    Jid = maps:get(jid, Params),
    case ets:take(?TABLE, jid:to_lus(Jid)) of
        [{_, Count}] when Count > 0 ->
            tell_other_devices(HostType, Jid);
        _ ->
            ok
    end,
    {ok, Acc}.

%% offline_message_hook; mod_offline is at 50 and stops
waiting(Acc, #{to := To, packet := Packet}, #{host_type := HostType}) ->
    case exml_query:subelement(Packet, <<"body">>) of
        undefined -> ok;
        _Body -> push(HostType, To)
    end,
    {ok, Acc}.

%% The phone lost its connection with this one in the stream management buffer
not_acked(Acc, #{jid := Jid}, #{host_type := HostType}) ->
    case {mongoose_acc:stanza_name(Acc), mongoose_acc:stanza_type(Acc)} of
        {<<"message">>, Type} when Type =/= <<"error">> -> push(HostType, Jid);
        _ -> ok
    end,
    {ok, Acc}.

push(HostType, Jid) ->
    Key = jid:to_lus(Jid),
    Badge = ets:update_counter(?TABLE, Key, 1, {Key, 0}),
    Body = <<"user=", (jid:to_bare_binary(Jid))/binary, "&badge=",
             (integer_to_binary(Badge))/binary>>,
    case mongoose_http_client:post(HostType, acme_push, <<"/notify">>, [], Body) of
        {ok, _} -> ok;
        {error, Reason} -> ?LOG_ERROR(#{what => acme_push_failed, reason => Reason})
    end.

tell_other_devices(HostType, #jid{luser = LUser, lserver = LServer} = Jid) ->
    From = jid:make_noprep(<<>>, LServer, <<>>),
    Bare = jid:to_bare(Jid),
    El = #xmlel{name = <<"message">>,
                attrs = [{<<"from">>, LServer}, {<<"to">>, jid:to_binary(Bare)},
                         {<<"type">>, <<"headline">>}],
                children = [#xmlel{name = <<"badge">>, attrs = [{<<"count">>, <<"0">>}]}]},
    Acc = mongoose_acc:new(#{location => ?LOCATION, host_type => HostType, lserver => LServer,
                             from_jid => From, to_jid => Bare, element => El}),
    %% straight to the sessions, a badge is nothing to archive
    [Pid ! {route, From, Bare, Acc}
     || {_Prio, Pid} <- ejabberd_sm:get_user_present_pids(LUser, LServer), Pid =/= self()],
    ok.

ensure_table() ->
    case ets:info(?TABLE) of
        undefined ->
            Heir = whereis(ejabberd_sup),
            ets:new(?TABLE, [named_table, public, {heir, Heir, ?MODULE}]);
        _ ->
            ?TABLE
    end.
