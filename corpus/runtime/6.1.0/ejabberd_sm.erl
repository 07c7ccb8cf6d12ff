%%% Stand-in: sessions. What is kept about one needs its SID.
-module(ejabberd_sm).

-include("jlib.hrl").

-export([route/3, route/4, store_info/4, remove_info/3, terminate_session/2, get_session_pid/1,
         get_user_present_pids/2]).

route(From, To, What) -> routing:route(From, To, What).

route(From, To, Acc, El) -> routing:route(From, To, Acc, El).

store_info(Jid, {_, _}, Key, Value) ->
    acme_probe:record({session_info, acme_probe:jid_text(Jid), Key, Value}),
    ok.

remove_info(Jid, {_, _}, Key) ->
    acme_probe:record({session_info_removed, acme_probe:jid_text(Jid), Key}),
    ok.

terminate_session(Pid, Reason) when is_pid(Pid) -> mongoose_c2s:exit(Pid, Reason);
terminate_session(_, _) -> no_session.

get_session_pid(Jid) ->
    case server:is_user(Jid) of
        true -> acme_probe:session();
        false -> none
    end.

get_user_present_pids(LUser, LServer) ->
    [{0, acme_probe:session()} || server:is_user(#jid{luser = LUser, lserver = LServer})].
