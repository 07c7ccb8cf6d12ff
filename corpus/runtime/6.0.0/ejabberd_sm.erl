%%% Stand-in: sessions, and what is routed to all of a user's.
-module(ejabberd_sm).

-include("jlib.hrl").
-include("mongoose.hrl").

-export([route/3, route/4, store_info/3, remove_info/2, get_session_pid/1, get_user_present_pids/2]).

route(From, To, What) ->
    Params = #{host_type => server:host_type(), lserver => server:domain(), location => ?LOCATION},
    route(From, To, mongoose_acc:new(Params), What).

route(From, #jid{luser = LUser, lserver = LServer, lresource = <<>>} = To, Acc, {broadcast, _} = Broadcast) ->
    Pids = get_user_present_pids(LUser, LServer),
    Acc1 = mongoose_hooks:sm_broadcast(Acc, From, To, Broadcast, length(Pids)),
    [Pid ! Broadcast || {_, Pid} <- Pids],
    Acc1;
route(From, To, Acc, #xmlel{} = El) ->
    routing:route(From, To, Acc, El).

store_info(Jid, Key, Value) ->
    acme_probe:record({session_info, acme_probe:jid_text(Jid), Key, Value}),
    {ok, Key}.

remove_info(Jid, Key) ->
    acme_probe:record({session_info_removed, acme_probe:jid_text(Jid), Key}),
    ok.

get_session_pid(Jid) ->
    case server:is_user(Jid) of
        true -> acme_probe:session();
        false -> none
    end.

get_user_present_pids(LUser, LServer) ->
    [{0, acme_probe:session()} || server:is_user(#jid{luser = LUser, lserver = LServer})].
