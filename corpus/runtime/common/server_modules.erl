%%% Handlers that modules of the server have in both releases. From 6.1.0 on those of the filters no
%%% longer know what to do with `drop': whoever drops is expected to stop.
-module(server_modules).

-include("hook_names.hrl").
-include("jlib.hrl").
-include("mod_privacy.hrl").

-export([hooks/1, archive/3, count/3, check_packet/3, get_user_list/3, updated_list/3,
         store/3, last/3]).

hooks(HostType) ->
    [{filter_local_packet, HostType, fun ?MODULE:archive/3, #{}, 60},
     {filter_packet, global, fun ?MODULE:count/3, #{}, 60},
     {?offline_message, HostType, fun ?MODULE:store/3, #{}, 50},
     {privacy_check_packet, HostType, fun ?MODULE:check_packet/3, #{}, 50},
     {privacy_get_user_list, HostType, fun ?MODULE:get_user_list/3, #{}, 50},
     {privacy_updated_list, HostType, fun ?MODULE:updated_list/3, #{}, 50},
     {s2s_allow_host, global, fun ?MODULE:last/3, #{}, 99}
     | [{Hook, HostType, fun ?MODULE:last/3, #{}, 99} || Hook <- told()]].

%% Modules of the server are told, too, unless somebody stops.
told() ->
    [register_user, remove_user, ?anonymous_purge, auth_failed, set_vcard, roster_in_subscription,
     mam_archive_id, mam_archive_message, forget_room].

-ifdef(RELEASE_6_1_0).
archive({_From, _To, _Acc, _El} = Packet, _Params, _Extra) -> {ok, Packet}.

count({_From, _To, _Acc, _El} = Packet, _Params, _Extra) -> {ok, Packet}.
-else.
archive(drop, _Params, _Extra) -> {ok, drop};
archive({_From, _To, _Acc, _El} = Packet, _Params, _Extra) -> {ok, Packet}.

count(drop, _Params, _Extra) -> {ok, drop};
count({_From, _To, _Acc, _El} = Packet, _Params, _Extra) -> {ok, Packet}.
-endif.

%% Errors in messages pass; all else to and from who is on the list does not.
check_packet(Acc, #{privacy_list := #userlist{list = Blocked}, dir := Direction,
                    from_to_name_type := {From, To, Name, Type}}, _Extra) ->
    Peer = case Direction of
               in -> From;
               out -> To
           end,
    Result = case lists:member(jid:to_bare_binary(Peer), Blocked) of
                 false -> allow;
                 true when Name =:= <<"message">>, Type =:= <<"error">> -> allow;
                 true when Name =:= <<"message">> -> block;
                 true -> deny
             end,
    {ok, mongoose_acc:set(hook, result, Result, Acc)}.

%% Everybody has the same list, but for those who are not logged in.
get_user_list(_Acc, #{jid := #jid{}}, _Extra) -> {ok, server:blocked_list()}.

updated_list(_Acc, #{new_list := New}, _Extra) -> {ok, New}.

store(Acc, #{to := To, packet := El}, _Extra) ->
    acme_probe:record({stored, acme_probe:jid_text(To), acme_probe:to_text(El)}),
    {ok, Acc}.

last(Acc, _Params, #{hook_name := Hook}) ->
    acme_probe:record({told, without_suffix(Hook)}),
    {ok, Acc}.

%% What a hook is named since 6.3.0.
without_suffix(Hook) -> list_to_atom(re:replace(atom_to_list(Hook), "_hook$", "", [{return, list}])).
